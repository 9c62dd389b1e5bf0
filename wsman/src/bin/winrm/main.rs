//! `winrm`: the WS-Management command of Windows, as a client for any service (wsman reference s15).

mod cli;
mod hash;
mod output;
mod resource;
mod run;
mod switches;

use std::io::Write as _;
use std::process::ExitCode;

use clap::{CommandFactory as _, Parser as _};

use cli::{Arguments, Operation};
use output::printable;
use wsman::client::ClientError;

fn main() -> ExitCode {
    let arguments = Arguments::parse_from(switches::to_long(std::env::args()));
    let result = match &arguments.operation {
        Operation::Helpmsg { code } => helpmsg(code),
        Operation::Man => man(),
        Operation::Completions { shell } => completions(*shell),
        _ => run::run(arguments),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            report(&error);
            ExitCode::FAILURE
        }
    }
}

fn man() -> anyhow::Result<()> {
    clap_mangen::Man::new(Arguments::command()).render(&mut std::io::stdout())?;
    Ok(())
}

fn completions(shell: clap_complete::Shell) -> anyhow::Result<()> {
    // The generator panics when it cannot write; a buffer takes everything.
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "winrm", &mut text);
    std::io::stdout().write_all(&text)?;
    Ok(())
}

fn helpmsg(code: &str) -> anyhow::Result<()> {
    let number = match code.strip_prefix("0x").or_else(|| code.strip_prefix("0X")) {
        Some(hex) => u32::from_str_radix(hex, 16).ok(),
        // The command prints HRESULTs as negative numbers, too.
        None => code.parse::<i64>().ok().and_then(|number| {
            u32::try_from(number).ok().or_else(|| i32::try_from(number).ok().map(i32::cast_unsigned))
        }),
    };
    let number = number.ok_or_else(|| anyhow::anyhow!("{code:?} is not an error number"))?;
    let text = wsman::fault::explain(number)
        .ok_or_else(|| anyhow::anyhow!("error number {number} ({number:#010x}) is not known"))?;
    writeln!(std::io::stdout(), "{text}")?;
    Ok(())
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.downcast_ref::<std::io::Error>().is_some_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe)
}

/// The switch that helps with what stands against a connection.
fn hint(error: &ClientError) -> Option<&'static str> {
    use rustls::{CertificateError as Wrong, Error};
    let ClientError::Connect { source, .. } = error else { return None };
    match source.get_ref()?.downcast_ref()? {
        Error::InvalidCertificate(Wrong::UnknownIssuer) => Some("-skipCAcheck accepts a certificate of any issuer"),
        Error::InvalidCertificate(Wrong::NotValidForName | Wrong::NotValidForNameContext { .. }) => {
            Some("-skipCNcheck accepts a certificate for another name")
        }
        Error::InvalidMessage(_) => Some("for a service without TLS: -r:http://HOST -unencrypted"),
        _ => None,
    }
}

/// Errors as Windows prints them: the fault, its number both ways, the message.
fn report(error: &anyhow::Error) {
    let text = match error.downcast_ref::<ClientError>() {
        Some(ClientError::Fault(fault)) => {
            let block = fault.detail.as_ref().map(|detail| format!("{}\n", output::text(detail)));
            let number = fault
                .number
                .map(|number| format!("Error number:  {} {number:#010X}\n", number.cast_signed()).replace("0X", "0x"));
            format!("{}{}{}", block.unwrap_or_default(), number.unwrap_or_default(), printable(&fault.message))
        }
        refused => {
            let hint = refused.and_then(hint).map(|hint| format!("; {hint}"));
            format!("winrm: {}{}", printable(&format!("{error:#}")), hint.unwrap_or_default())
        }
    };
    // Nothing is left to be done when even that cannot be written.
    let _ = writeln!(std::io::stderr(), "{text}");
}
