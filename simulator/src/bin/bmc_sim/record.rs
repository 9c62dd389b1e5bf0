//! `bmc-sim record`: the program `ipmi` reads a live BMC and prints a configuration that answers as that BMC does.

use std::convert::Infallible;
use std::ffi::{OsStr, OsString};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail};

/// The word that asks for a recording.
pub(crate) const NAME: &str = "record";
/// The program that can reach BMCs.
const PROGRAM: &str = "ipmi";

/// What stands below `bmc-sim record --help`.
pub(crate) const HELP: &str = "\
Reads what IPMI tells of a BMC and changes nothing there: identity, chassis, sensor data records,
sensors, satellite controllers, FRU inventories, event log, parameters (LAN, SOL, PEF, boot,
system info), channels, users, DCMI. `ipmi record` does the work; the program `ipmi` is looked
for beside bmc-sim, then on PATH, and gets every word.

Options are those of `ipmi` (`ipmi --help`), before or after `record`; the most used ones:
  --bmc URL    lanplus://USER@HOST, lan://USER@HOST, open:0 ... (or -I, -H, -U, -p)
  -P PASSWORD, -f FILE, -E, -a
               password: as given, in a file, in IPMI_PASSWORD, from the terminal (the default)
  -C SUITE, -L LEVEL, -k KEY
               cipher suite, privilege level, key of the BMC
  --oem NETFN:CMD[:DATA]
               one more request to record the answer of, e.g. 0x30:0x25:0102; may be repeated

Passwords and keys cannot be read: every user of the recording has the password \"admin\", and
the recording says so. The exit status is 0 when everything was read. Otherwise standard error
and comments in the recording say what is missing; one that broke off is not served.

Example:
  bmc-sim record --bmc lanplus://admin@HOST > node.toml
  bmc-sim --config node.toml --lan 127.0.0.1:9623";

/// True when these words, without the program's name, ask for a recording: `record` is among them, and none of the
/// options of bmc-sim itself before it.
pub(crate) fn is_asked<S: AsRef<OsStr>>(words: &[S], own_options: &[String]) -> bool {
    let Some(position) = words.iter().position(|word| word.as_ref() == NAME) else { return false };
    let is_own = |word: &S| {
        let word = word.as_ref().to_string_lossy();
        let name = word.split('=').next().unwrap_or_default();
        name.strip_prefix("--").is_some_and(|name| own_options.iter().any(|own| own == name))
    };
    !words.iter().take(position).any(is_own)
}

/// True when one of the words asks what they mean.
pub(crate) fn asks_for_help<S: AsRef<OsStr>>(words: &[S]) -> bool {
    words.iter().take_while(|word| word.as_ref() != "--").any(|word| word.as_ref() == "--help" || word.as_ref() == "-h")
}

/// Becomes `ipmi`, with these words.
///
/// # Errors
/// When there is no `ipmi`, or it cannot be started.
pub(crate) fn run(words: &[OsString]) -> anyhow::Result<Infallible> {
    let beside = std::env::current_exe().context("finding bmc-sim itself")?;
    let path = std::env::var_os("PATH").unwrap_or_default();
    let Some(program) = find(beside.parent(), &path) else {
        let folder = beside.parent().unwrap_or(Path::new(".")).display();
        bail!(
            "record: expected the program `{PROGRAM}`, which reads the BMC, in {folder} or on PATH, found none \
             (cargo build --bin {PROGRAM})"
        );
    };
    let error = Command::new(&program).args(words).exec();
    Err(error).with_context(|| format!("record: {}", program.display()))
}

/// Where `ipmi` is: in this folder, else in one of PATH.
fn find(beside: Option<&Path>, path: &OsStr) -> Option<PathBuf> {
    let folders = beside.map(Path::to_owned).into_iter().chain(std::env::split_paths(path));
    folders.map(|folder| folder.join(PROGRAM)).find(|program| program.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_asked_by(line: &str) -> bool {
        let own = ["config".to_owned(), "lan".to_owned(), "user".to_owned()];
        is_asked(&line.split_whitespace().collect::<Vec<_>>(), &own)
    }

    #[test]
    fn options_of_ipmi_may_stand_on_either_side() {
        for line in [
            "record",
            "record --bmc open:0",
            "--bmc lanplus://a@h record",
            "-P x -C 17 record --oem 0x30:1",
            "-I lanplus -H h record -f file",
        ] {
            assert!(is_asked_by(line), "{line}");
        }
    }

    #[test]
    fn a_value_named_record_is_none() {
        for line in ["", "--lan 127.0.0.1:0", "--config record --lan x", "--config=x record", "--user record:x"] {
            assert!(!is_asked_by(line), "{line}");
        }
    }

    #[test]
    fn help_is_asked_for_by_a_word() {
        assert!(asks_for_help(&["record", "--help"]) && asks_for_help(&["-h", "record"]));
        assert!(!asks_for_help(&["record", "-H", "h"]) && !asks_for_help(&["record", "--", "-h"]));
    }

    #[test]
    fn the_program_beside_goes_before_those_on_the_path() {
        let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let path = there.path().as_os_str();
        assert_eq!(find(Some(here.path()), path), None);
        std::fs::write(there.path().join(PROGRAM), "").unwrap();
        assert_eq!(find(Some(here.path()), path), Some(there.path().join(PROGRAM)));
        std::fs::write(here.path().join(PROGRAM), "").unwrap();
        assert_eq!(find(Some(here.path()), path), Some(here.path().join(PROGRAM)));
    }
}
