//! What was learnt about a BMC: the cipher suite that worked, quirks, how many requests it takes at once. Kept for the
//! process, and beyond it in a small file per BMC.
//!
//! Nothing here is believed blindly. Only suites that authenticate and encrypt every packet are remembered: whoever
//! made the BMC seem to have none of them once does not gain by it the next time. A file that cannot be read, or is
//! another user's, is forgotten.

use std::collections::HashMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock, PoisonError};

use ipmi_core::link::console::Quirks;
use ipmi_core::link::rmcp_plus::cipher_suite::CipherSuite;

use crate::cache;
use crate::url::HostPort;

/// Longest file that is read.
const LONGEST: usize = 4096;
/// What the names of the files end with.
const ENDING: &str = ".bmc";
/// BMCs kept in mind by a process.
const MOST: usize = 65_536;

/// What is known of a BMC.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Learnt {
    /// The cipher suite of the last session for which none was named, when it protects.
    pub(super) cipher_suite: Option<CipherSuite>,
    /// Quirks that were applied because their symptom showed.
    pub(super) quirks: Quirks,
    /// It takes one request at a time.
    pub(super) one_at_a_time: bool,
}

/// The memory of one BMC.
#[derive(Debug, Clone)]
pub(super) struct Memory {
    host: String,
    file: Option<PathBuf>,
}

fn of_process() -> &'static Mutex<HashMap<String, Learnt>> {
    static KNOWN: OnceLock<Mutex<HashMap<String, Learnt>>> = OnceLock::new();
    KNOWN.get_or_init(Mutex::default)
}

impl Memory {
    /// The memory of the BMC at `host`; with a directory it outlives the process.
    pub(super) fn of(host: &HostPort, directory: Option<&Path>) -> Self {
        let host = host.to_string();
        let file = directory.map(|directory| directory.join("lan").join(file_name(&host)));
        Self { host, file }
    }

    /// What is known.
    pub(super) fn recall(&self) -> Learnt {
        let mut known = of_process().lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(learnt) = known.get(&self.host) {
            return learnt.clone();
        }
        let learnt = self.file.as_deref().and_then(read).unwrap_or_default();
        if known.len() < MOST {
            known.insert(self.host.clone(), learnt.clone());
        }
        learnt
    }

    /// Keeps what is known now.
    pub(super) fn keep(&self, learnt: &Learnt) {
        {
            let mut known = of_process().lock().unwrap_or_else(PoisonError::into_inner);
            if known.len() < MOST || known.contains_key(&self.host) {
                known.insert(self.host.clone(), learnt.clone());
            }
        }
        if let Some(file) = &self.file
            && let Err(error) = cache::replace(file, emit(learnt).as_bytes())
        {
            tracing::debug!(file = %file.display(), %error, "what was learnt about a BMC is not kept");
        }
    }
}

/// A name without characters that mean something to a file system.
fn file_name(host: &str) -> String {
    let plain = |character: char| character.is_ascii_alphanumeric() || "-.".contains(character);
    let name: String = host.chars().map(|character| if plain(character) { character } else { '_' }).collect();
    format!("{name}{ENDING}")
}

fn read(file: &Path) -> Option<Learnt> {
    match cache::read_own(file, LONGEST) {
        Ok(bytes) => parse(&String::from_utf8(bytes?).ok()?),
        Err(reason) => {
            tracing::debug!(file = %file.display(), reason, "what was learnt about a BMC is not believed");
            None
        }
    }
}

/// Removes the memory of every BMC kept in a cache directory; gives how many there were.
pub(crate) fn clear(directory: &Path) -> std::io::Result<usize> {
    let files = match std::fs::read_dir(directory.join("lan")) {
        Ok(files) => files,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(0),
        Err(error) => return Err(error),
    };
    let mut removed = 0;
    for file in files {
        let path = file?.path();
        // Those left over from interrupted writing have something behind it.
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let is_ours = name.strip_suffix(ENDING).is_some() || name.starts_with('.') && name.contains(ENDING);
        if is_ours {
            match std::fs::remove_file(&path) {
                Ok(()) => removed += 1,
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
    }
    Ok(removed)
}

/// A suite that may be remembered.
fn suite(number: &str) -> Option<CipherSuite> {
    Some(CipherSuite(number.parse().ok()?)).filter(|suite| suite.protects())
}

fn parse(text: &str) -> Option<Learnt> {
    let mut learnt = Learnt::default();
    let mut complete = false;
    for line in text.lines() {
        match line.split_once('=') {
            Some(("cipher-suite", number)) => learnt.cipher_suite = Some(suite(number)?),
            Some(("quirk", name)) => learnt.quirks |= Quirks::named(name)?,
            Some(("one-at-a-time", value)) => learnt.one_at_a_time = value == "yes",
            Some(("end", _)) => complete = true,
            _ => return None,
        }
    }
    complete.then_some(learnt)
}

fn emit(learnt: &Learnt) -> String {
    let mut text = String::new();
    if let Some(suite) = learnt.cipher_suite {
        text.push_str(&format!("cipher-suite={}\n", suite.0));
    }
    for name in learnt.quirks.names() {
        text.push_str(&format!("quirk={name}\n"));
    }
    if learnt.one_at_a_time {
        text.push_str("one-at-a-time=yes\n");
    }
    text.push_str("end=\n");
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn learnt() -> Learnt {
        Learnt { cipher_suite: Some(CipherSuite(17)), quirks: Quirks::INTEL20 | Quirks::AUTHCAP, one_at_a_time: true }
    }

    #[test]
    fn text_survives_and_anything_else_is_forgotten() {
        assert_eq!(parse(&emit(&learnt())), Some(learnt()));
        assert_eq!(parse(&emit(&Learnt::default())), Some(Learnt::default()));
        let text = emit(&learnt());
        for len in 0..text.len() - 1 {
            assert_eq!(parse(&text[..len]).filter(|read| *read != learnt()), None, "{len}");
        }
        for bad in [
            "cipher-suite=300\nend=",
            "cipher-suite=0\nend=",
            "cipher-suite=1\nend=",
            "cipher-suite=2\nend=",
            "quirk=unheard-of\nend=",
            "colour=red\nend=",
            "end",
        ] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn files_are_private_and_replaced() {
        let directory = tempfile::tempdir().unwrap();
        let host = HostPort { host: "fe80::1%eth0/..".to_owned(), port: 623 };
        let memory = Memory::of(&host, Some(directory.path()));
        assert_eq!(memory.recall(), Learnt::default());
        memory.keep(&learnt());
        memory.keep(&learnt());
        assert_eq!(memory.recall(), learnt());
        let file = memory.file.unwrap();
        assert_eq!(file.parent(), Some(directory.path().join("lan").as_path()));
        assert_eq!(read(&file), Some(learnt()));
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        std::fs::write(&file, [0xFF; 10]).unwrap();
        assert_eq!(read(&file), None);
        let endless = directory.path().join("endless");
        std::os::unix::fs::symlink("/dev/zero", &endless).unwrap();
        assert_eq!(read(&endless), None);
        std::fs::write(file.with_file_name(".node.bmc.17.0"), "cip").unwrap();
        assert_eq!((clear(directory.path()).unwrap(), clear(directory.path()).unwrap()), (2, 0));
        assert_eq!(read(&file), None);
    }

    /// With `sudo` the directory may be another user's: links in it lead nowhere, and its files are not believed.
    #[test]
    fn links_and_files_of_others_are_not_used() {
        let directory = tempfile::tempdir().unwrap();
        let kept = directory.path().join("kept");
        std::fs::write(&kept, emit(&learnt())).unwrap();
        let host = HostPort { host: "linked".to_owned(), port: 623 };
        let memory = Memory::of(&host, Some(directory.path()));
        let file = memory.file.clone().unwrap();
        std::fs::create_dir(file.parent().unwrap()).unwrap();
        std::os::unix::fs::symlink(&kept, &file).unwrap();
        assert_eq!(read(&file), None);
        let beside = file.with_extension(format!("{}.new", std::process::id()));
        for counter in 0..1000 {
            let name = format!(".linked_623.bmc.{}.{counter}", std::process::id());
            std::os::unix::fs::symlink(&kept, file.with_file_name(name)).unwrap();
        }
        std::os::unix::fs::symlink(&kept, beside).unwrap();
        memory.keep(&Learnt { one_at_a_time: true, ..Learnt::default() });
        assert_eq!(std::fs::read_to_string(&kept).unwrap(), emit(&learnt()));
        assert_eq!(read(&file), Some(Learnt { one_at_a_time: true, ..Learnt::default() }));
        // Only the superuser can give files away.
        if nix::unistd::geteuid().is_root() {
            std::os::unix::fs::chown(&file, Some(65534), None).unwrap();
            assert_eq!(read(&file), None);
        }
    }
}
