//! Secrets on this process's command line, hidden from those who list processes.
//!
//! `/proc/PID/cmdline` shows everybody the memory that the arguments were put in; what is written over there cannot be
//! seen any more. Until then the arguments could be: a file or the environment is a better place.

use std::fs::{File, OpenOptions};
use std::io::{Error, ErrorKind};
use std::os::unix::fs::FileExt;

/// Fields of `/proc/self/stat` behind the program's name: where the arguments begin and end.
const ARGUMENTS: [usize; 2] = [45, 46];
/// More arguments than any system takes.
const MOST: usize = 8 << 20;

/// Writes `X` over each of `secrets` in the arguments of this process: as an argument of its own, and at the end of one
/// (`-Psecret`, `--option=secret`, `name:secret`).
/// Where the system does not let it, they stay to be seen.
pub fn hide(secrets: &[&[u8]]) {
    if secrets.iter().any(|secret| !secret.is_empty())
        && let Err(error) = overwrite(secrets)
    {
        tracing::debug!(%error, "the secrets on the command line can be seen");
    }
}

fn overwrite(secrets: &[&[u8]]) -> Result<(), Error> {
    let stat = std::fs::read("/proc/self/stat")?;
    let [start, end] = place(&stat).ok_or_else(|| Error::from(ErrorKind::InvalidData))?;
    let length = usize::try_from(end.saturating_sub(start)).unwrap_or(MOST).min(MOST);
    let mut arguments = vec![0; length];
    // The arguments are copied out of that memory wherever the standard library hands them out: nothing borrows from
    // it.
    let memory: File = OpenOptions::new().read(true).write(true).open("/proc/self/mem")?;
    memory.read_exact_at(&mut arguments, start)?;
    cover(&mut arguments, secrets);
    memory.write_all_at(&arguments, start)
}

/// Where the arguments begin and end.
fn place(stat: &[u8]) -> Option<[u64; 2]> {
    // The name may hold anything, brackets and spaces too.
    let behind = stat.iter().rposition(|byte| *byte == b')')? + 1;
    let text = std::str::from_utf8(stat.get(behind..)?).ok()?;
    let fields: Vec<&str> = text.split_whitespace().collect();
    let [start, end] = ARGUMENTS.map(|field| fields.get(field).and_then(|number| number.parse().ok()));
    Some([start?, end?])
}

fn cover(arguments: &mut [u8], secrets: &[&[u8]]) {
    for argument in arguments.split_mut(|byte| *byte == 0).skip(1) {
        for secret in secrets.iter().filter(|secret| !secret.is_empty()) {
            let Some(before) = argument.strip_suffix(*secret) else { continue };
            let is_its_value = before.is_empty() || before.starts_with(b"-") || before.ends_with(b":");
            if is_its_value {
                let from = before.len();
                argument.iter_mut().skip(from).for_each(|byte| *byte = b'X');
                break;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn covered(arguments: &str, secrets: &[&str]) -> String {
        let mut bytes = arguments.replace(' ', "\0").into_bytes();
        let secrets: Vec<&[u8]> = secrets.iter().map(|secret| secret.as_bytes()).collect();
        cover(&mut bytes, &secrets);
        String::from_utf8(bytes).unwrap().replace('\0', " ")
    }

    #[test]
    fn secrets_are_covered_where_they_are_values() {
        assert_eq!(covered("ipmi -P se -k kg mc info", &["se", "kg"]), "ipmi -P XX -k XX mc info");
        assert_eq!(covered("ipmi -Psecret -U secrets", &["secret", ""]), "ipmi -PXXXXXX -U secrets");
        assert_eq!(covered("cimd --user=a:pw --user b:pw", &["pw"]), "cimd --user=a:XX --user b:XX");
        assert_eq!(covered("se node-se", &["se"]), "se node-se");
    }

    #[test]
    fn the_place_of_the_arguments_is_found() {
        let stat = std::fs::read("/proc/self/stat").unwrap();
        let [start, end] = place(&stat).unwrap();
        assert!(start < end);
        for length in 0..stat.len().min(60) {
            assert_eq!(place(&stat[..length]), None);
        }
        assert_eq!(place(b") 1 2"), None);
        // What is no argument stays.
        overwrite(&[b"no argument of the test program"]).unwrap();
        let shown = std::fs::read("/proc/self/cmdline").unwrap();
        let given = std::env::args().next().unwrap();
        assert!(shown.starts_with(given.as_bytes()));
    }
}
