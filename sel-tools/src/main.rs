//! The `ipmi` program.
#![forbid(unsafe_code)]

use std::io::{BufWriter, IsTerminal, Write};
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use nix::sys::signal::{SigSet, Signal};

/// What a shell expects of a program ended by a signal: this and the signal's number.
const SIGNALLED: i32 = 128;
/// How long the program waits at its end for BMCs to close its sessions.
const SESSION_END: Duration = Duration::from_millis(600);

fn main() -> ExitCode {
    watch_interrupt();
    restore_terminal_on_panic();
    // IPMI_LOG=trace shows what goes to the BMC and comes back; without it nothing is set up.
    if let Ok(filter) = std::env::var("IPMI_LOG") {
        let logs = tracing_subscriber::fmt().with_writer(std::io::stderr).with_env_filter(filter);
        logs.with_ansi(std::io::stderr().is_terminal()).init();
    }
    let mut out = BufWriter::new(std::io::stdout().lock());
    let status = sel_tools::run(std::env::args().skip(1), &mut out, &mut UntilInterrupted(std::io::stderr()));
    // The status tells about output that could not be written; a closed pipe is no failure.
    let _ = out.flush();
    while INTERRUPTED.load(Ordering::Relaxed) {
        // The program ends as soon as the BMCs have closed the sessions.
        std::thread::park();
    }
    kernel_bridge::lan::finish(SESSION_END);
    ExitCode::from(status)
}

/// Set when a signal has come: requests that fail from then on are no news.
static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// Writes until a signal has come.
struct UntilInterrupted<W>(W);

impl<W: Write> Write for UntilInterrupted<W> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if INTERRUPTED.load(Ordering::Relaxed) { Ok(bytes.len()) } else { self.0.write(bytes) }
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.0.flush()
    }
}

/// A panic puts the terminal back before it is reported, in whichever thread it happens.
fn restore_terminal_on_panic() {
    let report = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        sel_tools::terminal::restore();
        report(panic);
    }));
}

/// Ends the program on Ctrl-C and its like from a thread of its own, so that it works while a BMC keeps silent.
fn watch_interrupt() {
    let mut signals = SigSet::empty();
    for signal in [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP, Signal::SIGQUIT] {
        signals.add(signal);
    }
    // Blocked before any other thread starts, so that all of them leave the signals to this one.
    if signals.thread_block().is_ok() {
        std::thread::spawn(move || {
            if let Ok(signal) = signals.wait() {
                INTERRUPTED.store(true, Ordering::Relaxed);
                sel_tools::terminal::restore();
                sel_tools::farewell::say();
                kernel_bridge::lan::close_all(SESSION_END);
                // Leaves a half-drawn progress bar behind and the prompt on a line of its own. The signal may say that
                // the terminal is gone, and with it stderr.
                let _ = writeln!(std::io::stderr());
                std::process::exit(SIGNALLED + signal as i32);
            }
        });
    }
}
