//! `cimd`: serves what a BMC knows as CIM classes over WS-Management. Configuration and wiring; the logic is in the
//! libraries.
#![forbid(unsafe_code)]

mod args;
mod bmc;
mod certificate;
mod config;
mod serve;
mod settings;
mod summary;

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use args::{Args, Command};
use clap::{CommandFactory, Parser};
use settings::{BmcChoice, Settings};

fn main() -> ExitCode {
    let args = Args::parse();
    let passwords = args.users.iter().filter_map(|user| user.split_once(':'));
    kernel_bridge::command_line::hide(&passwords.map(|(_, password)| password.as_bytes()).collect::<Vec<_>>());
    let filter = tracing_subscriber::EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .init();
    match run(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("cimd: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &Args) -> anyhow::Result<()> {
    match &args.command {
        Some(Command::CheckConfig { file }) => {
            check(&file.clone().unwrap_or_else(|| PathBuf::from(config::DEFAULT_PATH)))
        }
        Some(Command::Completions { shell }) => {
            let mut text = Vec::new();
            clap_complete::generate(*shell, &mut Args::command(), "cimd", &mut text);
            print(&text)
        }
        Some(Command::Man) => {
            let mut text = Vec::new();
            clap_mangen::Man::new(Args::command()).render(&mut text)?;
            print(&text)
        }
        None => {
            let settings = Settings::gather(args)?;
            let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
            let result = runtime.block_on(serve::run(settings));
            // A request that still waits for a BMC must not keep the process.
            runtime.shutdown_background();
            result
        }
    }
}

/// Writes to standard output; a reader that has seen enough is no failure.
fn print(text: &[u8]) -> anyhow::Result<()> {
    match std::io::stdout().write_all(text) {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        written => Ok(written?),
    }
}

/// Checks everything about a configuration file that can be checked without serving.
fn check(path: &Path) -> anyhow::Result<()> {
    let settings = Settings::of_file(path)?;
    serve::repository(&settings.mof)?;
    if let certificate::Source::Files { .. } = &settings.certificate {
        settings.certificate.load().context("tls")?;
    }
    let bmc = match &settings.bmc {
        BmcChoice::Url(url) => url.to_string(),
        BmcChoice::Simulated => "simulated".to_owned(),
    };
    println!("{}: ok (BMC {bmc})", path.display());
    for (scheme, address) in [("http", settings.http), ("https", settings.https)] {
        if let Some(address) = address {
            println!("  would listen on {scheme}://{address}/wsman");
        }
    }
    Ok(())
}
