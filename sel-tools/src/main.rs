//! The `ipmi` program.
#![forbid(unsafe_code)]

use std::io::{BufWriter, Write};
use std::process::ExitCode;

use nix::sys::signal::{SigSet, Signal};

/// What a shell expects of a program ended by Ctrl-C.
const INTERRUPTED: i32 = 128 + 2;

fn main() -> ExitCode {
    watch_interrupt();
    // IPMI_LOG=trace shows what goes to the BMC and comes back; without it nothing is set up.
    if let Ok(filter) = std::env::var("IPMI_LOG") {
        let logs = tracing_subscriber::fmt().with_writer(std::io::stderr).with_env_filter(filter);
        logs.init();
    }
    let mut out = BufWriter::new(std::io::stdout().lock());
    let status = sel_tools::run(std::env::args().skip(1), &mut out, &mut std::io::stderr());
    // The status tells about output that could not be written; a closed pipe is no failure.
    let _ = out.flush();
    ExitCode::from(status)
}

/// Ends the program on Ctrl-C from a thread of its own, so that it works while a BMC keeps silent.
fn watch_interrupt() {
    let mut signals = SigSet::empty();
    signals.add(Signal::SIGINT);
    // Blocked before any other thread starts, so that all of them leave the signal to this one.
    if signals.thread_block().is_ok() {
        std::thread::spawn(move || {
            if signals.wait().is_ok() {
                // Leaves a half-drawn progress bar behind and the prompt on a line of its own.
                eprintln!();
                std::process::exit(INTERRUPTED);
            }
        });
    }
}
