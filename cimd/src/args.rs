//! The command line of `cimd`.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Parser, Subcommand};

const EXAMPLES: &str = "\
Examples:
  cimd --simulate                       no hardware needed; prints what to try next
  cimd --https 0.0.0.0:5986 --user admin:SECRET
  IPMI_PASSWORD=SECRET CIMD_USER=admin:SECRET cimd --bmc lanplus://admin@HOST
  cimd check-config ./cimd.toml         cimd/cimd.example.toml has the keys

RUST_LOG=debug shows more on standard error.
`cimd completions bash` prints completions for a shell, `cimd man` the manual page.";

/// Serves what a BMC knows as CIM classes over WS-Management (WinRM-compatible).
///
/// With no flags it serves /dev/ipmi0 as /etc/cimd/cimd.toml says. Once every listener is up it prints one line
/// `ready URL` for each on standard output, then what it found. SIGTERM and SIGINT end it after the requests in flight
/// are answered.
#[derive(Debug, Parser)]
#[command(name = "cimd", version, after_help = EXAMPLES, args_conflicts_with_subcommands = true)]
pub(crate) struct Args {
    /// BMC to serve, by a URL as `ipmi` takes it: open:0, lanplus://USER@HOST, vm:127.0.0.1:9002, sim:FILE... [default:
    /// IPMI_BMC or open:0]; where the way to it has a log-in, its password is in IPMI_PASSWORD or the file that
    /// bmc-password-file of the configuration names. One BMC per daemon in this version
    #[arg(long = "bmc", value_name = "URL", conflicts_with = "simulate")]
    pub(crate) bmc: Vec<String>,

    /// Serve a simulated BMC, reached over serial KCS like a real one; plain HTTP on 127.0.0.1:5985 and user
    /// admin:admin unless told otherwise
    #[arg(long)]
    pub(crate) simulate: bool,

    /// Serve HTTP on this address (port 0: any free one); away from --simulate it needs --allow-unencrypted
    #[arg(long, value_name = "ADDR:PORT")]
    pub(crate) http: Option<SocketAddr>,

    /// Serve HTTPS on this address (port 0: any free one) [default: 0.0.0.0:5986 when neither --http nor --https is
    /// given]
    #[arg(long, value_name = "ADDR:PORT")]
    pub(crate) https: Option<SocketAddr>,

    /// User who may do everything. Other users of this machine can see it for a moment, and shells keep it: prefer
    /// CIMD_USER or password-file in the configuration
    #[arg(long = "user", value_name = "NAME:PASSWORD")]
    pub(crate) users: Vec<String>,

    /// Let clients send passwords and data over plain HTTP
    #[arg(long)]
    pub(crate) allow_unencrypted: bool,

    /// Let clients run commands on this host (not served in this version)
    #[arg(long)]
    pub(crate) enable_shell: bool,

    /// More classes: a MOF file or a directory of *.mof files, compiled into root/hardware
    #[arg(long = "mof", value_name = "FILE|DIR")]
    pub(crate) mof: Vec<PathBuf>,

    /// Configuration file [default: /etc/cimd/cimd.toml if it exists; none with --simulate]
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,

    /// What to do instead of serving.
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// What `cimd` can do besides serving.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Check a configuration file and exit: 0 when cimd would start with it
    CheckConfig {
        /// File to check [default: /etc/cimd/cimd.toml]
        #[arg(value_name = "FILE")]
        file: Option<PathBuf>,
    },
    /// Print completions for a shell
    #[command(hide = true)]
    Completions {
        /// Shell to print them for
        shell: clap_complete::Shell,
    },
    /// Print the manual page
    #[command(hide = true)]
    Man,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn definition_is_consistent() {
        Args::command().debug_assert();
    }

    #[test]
    fn flags_are_as_documented() {
        let args = Args::parse_from([
            "cimd",
            "--bmc",
            "open:0",
            "--http",
            "127.0.0.1:0",
            "--https",
            "[::]:5986",
            "--user",
            "a:b:c",
            "--user",
            "d:e",
            "--allow-unencrypted",
            "--mof",
            "x.mof",
            "--config",
            "f",
        ]);
        assert_eq!((args.bmc.len(), args.users.len(), args.mof.len()), (1, 2, 1));
        assert!(args.allow_unencrypted && !args.simulate && args.command.is_none());
        let check = Args::parse_from(["cimd", "check-config", "f.toml"]);
        assert!(matches!(check.command, Some(Command::CheckConfig { file: Some(_) })));
        assert!(Args::try_parse_from(["cimd", "--simulate", "--bmc", "open:0"]).is_err());
        assert!(Args::try_parse_from(["cimd", "--http", "nowhere"]).is_err());
    }
}
