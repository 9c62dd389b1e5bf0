//! The command line: operations and switches.
// The comments here are help texts, where brackets mean "optional" and link to nothing.
#![allow(rustdoc::broken_intra_doc_links)]

use std::convert::Infallible;
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, Parser, Subcommand, ValueEnum};
use zeroize::Zeroizing;

const EXAMPLES: &str = "\
Examples (cimd --simulate serves something to try them on):
  winrm identify -r:http://127.0.0.1:5985
  winrm enumerate wmi/root/hardware/NumericSensor -r:http://127.0.0.1:5985 -u:admin -p:admin -un
  winrm enumerate 'wmi/root/hardware/*' -r:https://HOST:5986 -u:admin -skipCAcheck -format:json \\
      -filter:'SELECT Name, CurrentReading FROM NumericSensor WHERE BaseUnits = 2'
  winrm get 'wmi/root/hardware/RecordLog?InstanceID=IPMI:SEL Log' -r:https://HOST:5986 -u:admin
  winrm invoke ClearLog 'wmi/root/hardware/RecordLog?InstanceID=IPMI:SEL Log' -r:https://HOST:5986 -u:admin

`winrm completions bash` prints completions for a shell, `winrm man` the manual page.";

/// Manages machines through WS-Management, with the syntax of the Windows command.
///
/// Switches may be written as on Windows: -r:HOST -u:USER -p:PASSWORD -a:basic -un -f:json. A password on the command
/// line is seen by every user of this machine; the environment variable WINRM_PASSWORD is not.
#[derive(Debug, Parser)]
#[command(name = "winrm", version, after_help = EXAMPLES, max_term_width = 100)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) operation: Operation,
    #[command(flatten)]
    pub(crate) switches: Switches,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Operation {
    /// Show one instance
    #[command(visible_alias = "g")]
    Get(Target),
    /// Change properties of an instance
    #[command(visible_aliases = ["s", "put", "p"])]
    Set(Input),
    /// Make an instance
    #[command(visible_alias = "c")]
    Create(Input),
    /// Remove an instance
    #[command(visible_alias = "d")]
    Delete(Target),
    /// List instances
    #[command(visible_aliases = ["e", "enum"])]
    Enumerate(Target),
    /// Call a method
    #[command(visible_alias = "i")]
    Invoke {
        /// Method name, or its whole action URI
        action: String,
        #[command(flatten)]
        input: Input,
    },
    /// Show what the service says about itself
    #[command(visible_alias = "id")]
    Identify,
    /// Explain an error number
    Helpmsg {
        /// Decimal, negative or 0x hexadecimal
        #[arg(allow_hyphen_values = true)]
        code: String,
    },
    /// Write the manual page
    #[command(hide = true)]
    Man,
    /// Write shell completions
    #[command(hide = true)]
    Completions {
        /// Shell
        shell: clap_complete::Shell,
    },
}

/// Which resource.
#[derive(Debug, Args)]
pub(crate) struct Target {
    /// Resource URI, e.g. wmi/root/hardware/Sensor?DeviceID=81.0.32+SystemName=x, or wmi/root/hardware/* with -filter
    pub(crate) resource: String,
}

/// Which resource, and values for it.
#[derive(Debug, Args)]
pub(crate) struct Input {
    #[command(flatten)]
    pub(crate) target: Target,
    /// Values: @{Name="x";Other=$null;List={"a","b"}}
    pub(crate) values: Option<String>,
}

/// How to print.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Indented names and values
    Text,
    /// XML as it came
    Xml,
    /// XML, one element per line
    Pretty,
    /// JSON; values are strings, null or nested
    Json,
}

/// Who the user is to the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Authentication {
    /// Nobody
    None,
    /// Name and password in every request
    Basic,
    /// Not built in
    Digest,
    /// Not built in
    Negotiate,
    /// Not built in
    Kerberos,
    /// Not built in
    Certificate,
    /// Not built in
    Credssp,
}

/// Text that is never shown and does not stay in memory.
#[derive(Clone)]
pub(crate) struct Secret(pub(crate) Zeroizing<String>);

impl FromStr for Secret {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self(Zeroizing::new(text.to_owned())))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

/// What the items of an enumeration are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReturnType {
    /// Instances
    Object,
    /// Their addresses
    Epr,
    /// Both
    Objectandepr,
}

/// Switches of every operation.
#[derive(Debug, Args)]
pub(crate) struct Switches {
    /// Service: [http://|https://]HOST[:PORT][/PATH]; port 5985, or 5986 with -usessl, when there is no http:// in
    /// front
    #[arg(long, global = true, default_value = "localhost", hide_default_value = true)]
    pub(crate) remote: String,
    /// User name
    #[arg(long, global = true)]
    pub(crate) username: Option<String>,
    /// Password; better given in the environment
    #[arg(long, global = true, env = "WINRM_PASSWORD", hide_env_values = true)]
    pub(crate) password: Option<Secret>,
    /// Authentication; basic when there is a user name
    #[arg(long, global = true, value_enum, ignore_case = true)]
    pub(crate) authentication: Option<Authentication>,
    /// Thumbprint of a client certificate (not built in)
    #[arg(long, global = true, hide = true)]
    pub(crate) certificate: Option<String>,
    /// Allow requests, and the password in them, to go over the network unencrypted
    #[arg(long, global = true)]
    pub(crate) unencrypted: bool,
    /// HTTPS
    #[arg(long, global = true)]
    pub(crate) usessl: bool,
    /// Accept a certificate of any issuer
    #[arg(long, global = true)]
    pub(crate) skipcacheck: bool,
    /// Accept a certificate for another name
    #[arg(long, global = true)]
    pub(crate) skipcncheck: bool,
    /// Revocation is never checked
    #[arg(long, global = true, hide = true)]
    pub(crate) skiprevocationcheck: bool,
    /// For Kerberos
    #[arg(long, global = true, hide = true)]
    pub(crate) spnport: bool,
    /// For Kerberos
    #[arg(long, global = true, hide = true)]
    pub(crate) defaultcreds: bool,
    /// Longest time an operation may take, in milliseconds
    #[arg(long, global = true, default_value_t = 60_000)]
    pub(crate) timeout: u64,
    /// Character set of requests: utf-8 or utf-16
    #[arg(long, global = true, default_value = "utf-8")]
    pub(crate) encoding: String,
    /// How to print
    #[arg(long, global = true, value_enum, ignore_case = true, default_value = "text")]
    pub(crate) format: Format,
    /// File with the XML of the body, instead of @{...}
    #[arg(long, global = true)]
    pub(crate) file: Option<PathBuf>,
    /// Options of the resource: {Name="value"}
    #[arg(long, global = true)]
    pub(crate) options: Option<String>,
    /// Filter: a WQL query, {Name="x"} for selectors, {Object=CLASS?KEY=VALUE;ResultClassName=X} for associations
    #[arg(long, global = true)]
    pub(crate) filter: Option<String>,
    /// Dialect of the filter: wql, selector, association or a URI
    #[arg(long, global = true)]
    pub(crate) dialect: Option<String>,
    /// With an association filter: the associations instead of the instances they lead to
    #[arg(long, global = true)]
    pub(crate) associations: bool,
    /// Part of the resource to get or set: Property, Property[2], Property/text()
    #[arg(long, global = true)]
    pub(crate) fragment: Option<String>,
    /// What an enumeration returns
    #[arg(long, global = true, value_enum, ignore_case = true, default_value = "object")]
    pub(crate) returntype: ReturnType,
    /// Only instances of the class itself, not of its subclasses
    #[arg(long, global = true)]
    pub(crate) shallow: bool,
    /// Only the properties of the class itself, not of its subclasses
    #[arg(long, global = true)]
    pub(crate) basepropertiesonly: bool,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::switches::to_long;
    use clap::CommandFactory as _;

    #[test]
    fn the_definition_is_sound() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn the_documented_example() {
        let line =
            "winrm enumerate wmi/root/hardware/NumericSensor -r:http://127.0.0.1:5985 -u:admin -p:admin -a:basic -un";
        let arguments = Arguments::try_parse_from(to_long(line.split(' ').map(str::to_owned))).unwrap();
        assert!(
            matches!(&arguments.operation, Operation::Enumerate(target) if target.resource.ends_with("NumericSensor"))
        );
        assert_eq!(arguments.switches.authentication, Some(Authentication::Basic));
        assert!(arguments.switches.unencrypted);
    }
}
