//! The `ipmi` command line: ipmitool's options, commands and output, byte for byte, over this project's own driver.
//!
//! ```text
//! args/       command line -> Arguments                  one table of options
//! hosts, fleet  -H with several hosts -> a run for each
//! connect     Arguments -> Bmc                           --bmc URL, IPMI_BMC, -I, -d, -D, -H
//! session     the BMC and its records, read once
//! command/    one file per command, one table of them    words -> requests
//! row/        records and answers -> rows                data; what --json prints
//! layout/     rows -> text and CSV                       ipmitool's words and columns
//! output/     stdout and stderr, numbers, dates, text from a BMC made fit for a terminal
//! ```
#![forbid(unsafe_code)]

pub mod args;
pub mod cache;
pub mod command;
pub mod connect;
pub mod credentials;
pub mod failure;
pub mod farewell;
pub mod file;
pub mod fleet;
pub mod hosts;
pub mod layout;
pub mod oem_types;
pub mod output;
pub mod progress;
pub mod quirks;
pub mod registry;
pub mod repository;
pub mod row;
mod sensor_types;
pub mod session;
pub mod simulated;
pub mod terminal;

use std::io::{ErrorKind, Write};

use args::Arguments;
use output::clock::Clock;
use output::printer::Format;

pub use failure::Failure;
pub use output::Printer;
pub use session::Session;

/// Runs a command line (without the program's name) and returns the exit status.
pub fn run<I: IntoIterator<Item = String>>(words: I, out: &mut dyn Write, err: &mut dyn Write) -> u8 {
    match Arguments::parse(words) {
        Ok(arguments) if arguments.login.lists_quirks() => {
            let mut printer = Printer::new(out, err, Format::of(&arguments));
            match quirks::list(&mut printer).and_then(|()| printer.flush()) {
                Ok(()) => 0,
                Err(failure) => status_of(failure, &mut printer),
            }
        }
        Ok(arguments) if arguments.login.oem_type.as_deref() == Some("list") => {
            // As with ipmitool, on stderr.
            u8::from(oem_types::list(err).is_err())
        }
        Ok(arguments) => {
            credentials::hide(&arguments.login);
            let clock = Clock::new(arguments.utc);
            match fleet::hosts(&arguments) {
                Ok(Some(hosts)) => fleet::run(arguments, &hosts, clock, out, err),
                Ok(None) => run_session(&Session::new(arguments), clock, out, err),
                Err(reason) => {
                    let _ = writeln!(err, "-H: {reason}");
                    1
                }
            }
        }
        Err(error) => {
            // Where stderr is gone there is nobody to tell.
            let _ = writeln!(err, "{error}\nTry 'ipmi --help'.");
            1
        }
    }
}

/// Runs the command of a session, with dates as this clock writes them, and returns the exit status.
pub fn run_session(session: &Session, clock: Clock, out: &mut dyn Write, err: &mut dyn Write) -> u8 {
    let arguments = &session.arguments;
    let mut printer = Printer::new(out, err, Format::of(arguments));
    printer.verbose = arguments.verbose;
    printer.clock = clock;
    let result = command_of(session, &mut printer).and_then(|()| printer.flush());
    if arguments.verbose > 0 {
        for remark in session.remarks() {
            let _ = complain!(printer, "{remark}");
        }
    }
    match result {
        Ok(()) => 0,
        Err(failure) => status_of(failure, &mut printer),
    }
}

fn command_of(session: &Session, printer: &mut Printer<'_>) -> Result<(), Failure> {
    let arguments = &session.arguments;
    if arguments.help {
        return printer.raw(args::cli::help().as_bytes());
    }
    if arguments.version {
        return printer.raw(format!("ipmi version {}\n", env!("CARGO_PKG_VERSION")).as_bytes());
    }
    match arguments.command.first().map(String::as_str) {
        None => {
            complain!(printer, "No command provided!")?;
            complain!(printer, "{}", args::cli::help())?;
            Err(Failure::Said)
        }
        Some("man") => printer.raw(&args::cli::man_page()?),
        Some("completions") => printer.raw(&args::cli::completions(arguments.command.get(1).map(String::as_str))?),
        Some(_) => command::dispatch(session, printer, &arguments.command),
    }
}

fn status_of(failure: Failure, printer: &mut Printer<'_>) -> u8 {
    let told = match failure {
        Failure::Said => Ok(()),
        Failure::Message(message) => complain!(printer, "{message}"),
        // Whoever read the output has seen enough of it.
        Failure::Output(error) if error.kind() == ErrorKind::BrokenPipe => return 0,
        Failure::Output(error) => complain!(printer, "cannot write the output: {error}"),
    };
    // Text printed before the failure still goes out; if it cannot, the status says enough.
    let _ = told.and_then(|()| printer.flush());
    1
}
