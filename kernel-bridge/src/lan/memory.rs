//! What was learnt about a BMC: the cipher suite that worked, quirks, how many requests it takes at once. Kept for the
//! process, and beyond it in a small file per BMC.
//!
//! Nothing here is believed blindly: a remembered suite that is refused is asked for anew, and one that lets anybody in
//! is none. A file that cannot be read is forgotten.

use std::collections::HashMap;
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock, PoisonError};

use ipmi_core::link::console::Quirks;
use ipmi_core::link::rmcp_plus::cipher_suite::{Algorithms, AuthenticationAlgorithm, CipherSuite};

use crate::url::HostPort;

/// Longest file that is read.
const LONGEST: u64 = 4096;
/// BMCs kept in mind by a process.
const MOST: usize = 65_536;

/// What is known of a BMC.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Learnt {
    /// The cipher suite of the last session for which none was named.
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
            && let Err(error) = write(file, learnt)
        {
            tracing::debug!(file = %file.display(), %error, "what was learnt about a BMC is not kept");
        }
    }
}

/// A name without characters that mean something to a file system.
fn file_name(host: &str) -> String {
    let plain = |character: char| character.is_ascii_alphanumeric() || "-.".contains(character);
    let name: String = host.chars().map(|character| if plain(character) { character } else { '_' }).collect();
    format!("{name}.bmc")
}

fn read(file: &Path) -> Option<Learnt> {
    // Anything else than a file, a pipe for example, could keep the reader for ever.
    if !std::fs::metadata(file).ok()?.is_file() {
        return None;
    }
    let mut text = String::new();
    std::fs::File::open(file).ok()?.take(LONGEST).read_to_string(&mut text).ok()?;
    parse(&text)
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
        // Those left over from interrupted writing have another ending.
        let is_ours = path.extension().is_some_and(|extension| extension == "bmc" || extension == "new");
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

/// A suite that may be used without being named.
fn suite(number: &str) -> Option<CipherSuite> {
    let suite = CipherSuite(number.parse().ok()?);
    let authenticates = |algorithms: Algorithms| algorithms.authentication != AuthenticationAlgorithm::None;
    suite.algorithms().is_some_and(authenticates).then_some(suite)
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

/// Writes a file beside and puts it in place, so that readers see the old one or the new one.
fn write(file: &Path, learnt: &Learnt) -> std::io::Result<()> {
    if let Some(directory) = file.parent() {
        std::fs::create_dir_all(directory)?;
    }
    let beside = file.with_extension(format!("{}.new", std::process::id()));
    let mut out = std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&beside)?;
    out.write_all(emit(learnt).as_bytes())?;
    drop(out);
    std::fs::rename(&beside, file)
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
        for bad in
            ["cipher-suite=300\nend=", "cipher-suite=0\nend=", "quirk=unheard-of\nend=", "colour=red\nend=", "end"]
        {
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
        assert_eq!((clear(directory.path()).unwrap(), clear(directory.path()).unwrap()), (1, 0));
        assert_eq!(read(&file), None);
    }
}
