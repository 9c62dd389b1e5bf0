//! Passwords and keys from where the command line says they are.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;

use ipmi_core::Secret;
use ipmi_core::text::hex_bytes;

use crate::Failure;
use crate::args::login::{LoginArguments, SecretSource};
use crate::terminal::{Mode, Terminal};

/// Characters of a password file's first line that count, as in ipmitool.
const FILE_PASSWORD: usize = 20;
/// Most bytes of a password file that are read.
const LONGEST_LINE: u64 = 4096;
/// Where `-E` looks; the second one counts without `-E` too.
const PASSWORD_VARIABLES: [&str; 2] = ["IPMITOOL_PASSWORD", "IPMI_PASSWORD"];
const KG_VARIABLE: &str = "IPMI_KGKEY";

/// The password. Without an option for it: `IPMI_PASSWORD`, then the terminal, as long as `wanted` says one is needed,
/// then the empty one.
///
/// # Errors
/// When it cannot be had.
pub fn password(login: &LoginArguments, wanted: bool) -> Result<Secret, Failure> {
    match &login.password {
        Some(SecretSource::Given(secret) | SecretSource::Hex(secret)) => Ok(secret.clone()),
        Some(SecretSource::File(path)) => from_file(path),
        Some(SecretSource::Environment) => match PASSWORD_VARIABLES.iter().find_map(|name| variable(name)) {
            Some(secret) => Ok(secret),
            None => Err(Failure::new("-E: neither IPMITOOL_PASSWORD nor IPMI_PASSWORD is set")),
        },
        Some(SecretSource::Prompt) => prompt("Password: "),
        None => match variable("IPMI_PASSWORD") {
            Some(secret) => Ok(secret),
            // Without a terminal nobody can be asked: some users have no password, and the BMC tells about the others.
            None if wanted && Terminal::exists() => prompt("Password: "),
            None => Ok(Secret::default()),
        },
    }
}

/// Kg, empty when none was given.
///
/// # Errors
/// When it cannot be had, or is no key.
pub fn kg(login: &LoginArguments) -> Result<Secret, Failure> {
    let key = match &login.kg {
        None => return Ok(Secret::default()),
        Some(SecretSource::Given(secret)) => secret.clone(),
        Some(SecretSource::Hex(digits)) => {
            let digits = std::str::from_utf8(digits.as_bytes()).unwrap_or_default();
            let digits = digits.strip_prefix("0x").unwrap_or(digits);
            if digits.len() % 2 == 1 {
                return Err(Failure::new("Number of Kg key characters is not even"));
            }
            Secret::new(hex_bytes(digits).ok_or_else(|| Failure::new("Kg key is not hexadecimal number"))?)
        }
        Some(SecretSource::File(path)) => from_file(path)?,
        Some(SecretSource::Environment) => {
            variable(KG_VARIABLE).ok_or_else(|| Failure::new("-K: IPMI_KGKEY is not set"))?
        }
        Some(SecretSource::Prompt) => prompt("Key: ")?,
    };
    match key.as_bytes().len() {
        0..=20 => Ok(key),
        found => Err(Failure::Message(format!("Kg key: expected at most 20 bytes, found {found}"))),
    }
}

/// Hides what is secret on the command line from those who list processes, as ipmitool does with `-P`.
pub fn hide(login: &LoginArguments) {
    let given = [&login.password, &login.kg].into_iter().flatten().filter_map(|source| match source {
        SecretSource::Given(secret) | SecretSource::Hex(secret) => Some(secret.as_bytes()),
        SecretSource::File(_) | SecretSource::Environment | SecretSource::Prompt => None,
    });
    let secrets: Vec<&[u8]> = given.collect();
    kernel_bridge::command_line::hide(&secrets);
}

fn variable(name: &str) -> Option<Secret> {
    std::env::var(name).ok().map(Secret::new)
}

fn from_file(path: &Path) -> Result<Secret, Failure> {
    let failed = |error| Failure::Message(format!("Unable to open password file {}: {error}", path.display()));
    let mut line = Vec::new();
    let file = std::fs::File::open(path).map_err(failed)?;
    BufReader::new(file.take(LONGEST_LINE)).read_until(b'\n', &mut line).map_err(failed)?;
    while matches!(line.last(), Some(b'\n' | b'\r')) {
        line.pop();
    }
    line.truncate(FILE_PASSWORD);
    Ok(Secret::new(line))
}

fn prompt(question: &str) -> Result<Secret, Failure> {
    let ask = || -> std::io::Result<Secret> {
        let terminal = Terminal::enter(Mode::Silent)?;
        let mut file = terminal.file();
        file.write_all(question.as_bytes())?;
        let mut line = Vec::new();
        let typed = BufReader::new(file.take(LONGEST_LINE)).read_until(b'\n', &mut line)?;
        file.write_all(b"\n")?;
        if typed == 0 {
            // The end of input is no answer; the empty line is.
            return Err(std::io::Error::new(std::io::ErrorKind::UnexpectedEof, "end of input"));
        }
        while matches!(line.last(), Some(b'\n' | b'\r')) {
            line.pop();
        }
        Ok(Secret::new(line))
    };
    ask().map_err(|error| {
        Failure::Message(match error.kind() {
            std::io::ErrorKind::UnexpectedEof => format!("{question}nothing was typed"),
            _ => format!("No terminal to ask for it ({error}): use -f FILE, or -E with IPMI_PASSWORD"),
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn login(password: Option<SecretSource>, kg: Option<SecretSource>) -> LoginArguments {
        LoginArguments { password, kg, ..LoginArguments::default() }
    }

    #[test]
    fn a_file_gives_the_start_of_its_first_line() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "secret\r\nmore\n").unwrap();
        let login = |path: &Path| login(Some(SecretSource::File(path.to_owned())), None);
        assert_eq!(password(&login(file.path()), true).unwrap(), Secret::new(*b"secret"));
        std::fs::write(file.path(), "0123456789012345678901234").unwrap();
        assert_eq!(password(&login(file.path()), true).unwrap().as_bytes().len(), 20);
        let Err(Failure::Message(message)) = password(&login(Path::new("/nowhere")), true) else { panic!() };
        assert!(message.contains("/nowhere"), "{message}");
    }

    #[test]
    fn keys_are_text_or_digits() {
        let hex = |digits: &str| kg(&login(None, Some(SecretSource::Hex(Secret::new(digits)))));
        assert_eq!(hex("0x6b6579").unwrap(), Secret::new(*b"key"));
        assert!(hex("6b657").is_err() && hex("key").is_err());
        let given = |key: &str| kg(&login(None, Some(SecretSource::Given(Secret::new(key)))));
        assert_eq!(given("key").unwrap(), Secret::new(*b"key"));
        assert!(given("123456789012345678901").is_err());
        assert!(kg(&login(None, None)).unwrap().is_empty());
    }
}
