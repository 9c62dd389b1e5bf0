//! Files that keep what was learnt about a BMC beyond the process: checked when read, replaced as a whole.
//!
//! A file holds a format line, the length of its content, the content, and SHA-256 over all of that. Whatever does not
//! fit (cut, damaged, of another version, somebody else's) counts as absent. A new file is written beside the old one
//! and renamed over it, so that readers and other writers see one or the other.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{Error, ErrorKind, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::SystemTime;

use sha2::{Digest, Sha256};

/// First line of every file; the number changes with the format.
const FORMAT: &[u8] = b"ipmi cache 1\n";
const LENGTH: usize = 4;
const DIGEST: usize = 32;
/// Largest file read or written: the records of the largest repository that makes sense, several times over.
const LARGEST: usize = 4 << 20;
/// Names of the files of this module begin like this, those under construction with a dot before it.
const PREFIX: &str = "sdr-";
/// Bytes of the key's digest that go into a file's name.
const NAME_BYTES: usize = 16;

/// A file of the cache.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Where it is.
    pub path: PathBuf,
    /// Bytes on disk.
    pub size: u64,
    /// When it was written.
    pub modified: Option<SystemTime>,
    /// Its content, when the file is sound.
    pub content: Option<Vec<u8>>,
}

/// The file that belongs to `key`.
pub(crate) fn path(directory: &Path, key: &str) -> PathBuf {
    let digest = Sha256::digest(key);
    let name: String = digest.iter().take(NAME_BYTES).map(|byte| format!("{byte:02x}")).collect();
    directory.join(format!("{PREFIX}{name}"))
}

/// Reads a file; `None` when there is none.
///
/// # Errors
/// In words, when there is one that cannot be used.
pub(crate) fn load(path: &Path) -> Result<Option<Vec<u8>>, String> {
    match read_own(path, LARGEST + 1)? {
        Some(bytes) => open_envelope(&bytes).map(|content| Some(content.to_vec())),
        None => Ok(None),
    }
}

/// The first `most` bytes of a file of this user, whatever its format; `None` when there is none. Links are not
/// followed, and what somebody else has put there is not believed: the directory may be another user's, with `sudo` for
/// example.
///
/// # Errors
/// In words, when there is one that cannot be used.
pub(crate) fn read_own(path: &Path, most: usize) -> Result<Option<Vec<u8>>, String> {
    let file = match OpenOptions::new().read(true).custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK).open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error.to_string()),
    };
    let about = file.metadata().map_err(|error| error.to_string())?;
    if !about.is_file() || about.uid() != nix::unistd::geteuid().as_raw() {
        return Err("not a file of this user".to_owned());
    }
    let mut bytes = Vec::new();
    let limit = u64::try_from(most).unwrap_or(u64::MAX);
    file.take(limit).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    Ok(Some(bytes))
}

/// Replaces a file, with its directory if need be.
///
/// # Errors
/// As the system says.
pub(crate) fn store(path: &Path, content: &[u8]) -> Result<(), Error> {
    replace(path, &envelope(content).ok_or_else(|| Error::from(ErrorKind::FileTooLarge))?)
}

/// Replaces a file of any format, with its directory if need be. It is made under a name that nothing has yet, so that
/// no link leads elsewhere.
///
/// # Errors
/// As the system says.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    static COUNTER: AtomicU32 = AtomicU32::new(0);
    let (Some(directory), Some(name)) = (path.parent(), path.file_name()) else {
        return Err(Error::from(ErrorKind::InvalidFilename));
    };
    DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
    let unique = format!("{}.{}", std::process::id(), COUNTER.fetch_add(1, Ordering::Relaxed));
    let new = directory.join(format!(".{}.{unique}", name.display()));
    let written = write(&new, bytes).and_then(|()| std::fs::rename(&new, path));
    if written.is_err() {
        let _ = std::fs::remove_file(&new);
    }
    written
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    // A file of this name can only be left over from a process of the same number that was killed.
    let _ = std::fs::remove_file(path);
    let mut file: File = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    // Not waited for until it is on the disk: what a crash leaves half written fails the digest and is read anew.
    file.write_all(bytes)
}

fn envelope(content: &[u8]) -> Option<Vec<u8>> {
    if content.len() + FORMAT.len() + LENGTH + DIGEST > LARGEST {
        return None;
    }
    let mut bytes = FORMAT.to_vec();
    bytes.extend(u32::try_from(content.len()).ok()?.to_le_bytes());
    bytes.extend(content);
    let digest = Sha256::digest(&bytes);
    bytes.extend(digest.iter());
    Some(bytes)
}

/// The content of a file, given its bytes.
///
/// # Errors
/// In words, when it is no sound file of the cache.
pub fn open_envelope(bytes: &[u8]) -> Result<&[u8], String> {
    if bytes.len() > LARGEST {
        return Err("too large".to_owned());
    }
    let rest = bytes.strip_prefix(FORMAT).ok_or("of another format")?;
    let (length, rest) = rest.split_first_chunk::<LENGTH>().ok_or("cut short")?;
    let length = usize::try_from(u32::from_le_bytes(*length)).map_err(|_| "too large")?;
    let (content, digest) = rest.split_at_checked(length).ok_or("cut short")?;
    let covered = bytes.get(..FORMAT.len() + LENGTH + length).ok_or("cut short")?;
    let expected = Sha256::digest(covered);
    if expected.iter().ne(digest) {
        return Err("damaged".to_owned());
    }
    Ok(content)
}

/// The files of a cache directory, sound or not, those left over from interrupted writing included.
///
/// # Errors
/// When the directory cannot be read; one that is not there is empty.
pub fn list(directory: &Path) -> Result<Vec<Entry>, Error> {
    let files = match std::fs::read_dir(directory) {
        Ok(files) => files,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut entries = Vec::new();
    for file in files {
        let file = file?;
        let name = file.file_name();
        let name = name.to_string_lossy();
        if !name.strip_prefix('.').unwrap_or(&name).starts_with(PREFIX) {
            continue;
        }
        // Another process may have replaced or removed it meanwhile.
        let Ok(about) = file.metadata() else { continue };
        let path = file.path();
        let content = load(&path).ok().flatten();
        entries.push(Entry { path, size: about.len(), modified: about.modified().ok(), content });
    }
    entries.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(entries)
}

/// Removes the files of a cache directory, what was learnt about BMCs over LAN included; gives how many there were.
///
/// # Errors
/// When one cannot be removed.
pub fn clear(directory: &Path) -> Result<usize, Error> {
    let entries = list(directory)?;
    for entry in &entries {
        match std::fs::remove_file(&entry.path) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(entries.len() + crate::lan::clear_memory(directory)?)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn content_comes_back_and_nobody_else_may_read_it() {
        let directory = tempfile::tempdir().unwrap();
        let path = path(&directory.path().join("new"), "vm:h:1");
        assert_eq!(load(&path), Ok(None));
        for content in [&b""[..], b"one", &[7; 100_000]] {
            store(&path, content).unwrap();
            assert_eq!(load(&path), Ok(Some(content.to_vec())));
        }
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(std::fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
        assert!(store(&path, &vec![0; LARGEST]).is_err());
        assert_eq!(load(&path).unwrap().unwrap().len(), 100_000);
    }

    #[test]
    fn damage_is_seen() {
        let bytes = envelope(b"content").unwrap();
        assert_eq!(open_envelope(&bytes), Ok(&b"content"[..]));
        for length in 0..bytes.len() {
            assert!(open_envelope(&bytes[..length]).is_err(), "{length}");
        }
        for index in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[index] ^= 4;
            assert!(open_envelope(&damaged).is_err(), "{index}");
        }
        let longer = [bytes.as_slice(), &[0]].concat();
        assert!(open_envelope(&longer).is_err());
    }

    #[test]
    fn what_is_no_file_of_ours_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("sdr-x");
        std::fs::create_dir(&path).unwrap();
        assert!(load(&path).is_err());
        let link = directory.path().join("sdr-y");
        std::os::unix::fs::symlink("/etc/passwd", &link).unwrap();
        assert!(load(&link).is_err());
    }

    #[test]
    fn only_our_files_are_listed_and_cleared() {
        let directory = tempfile::tempdir().unwrap();
        let here = directory.path();
        assert_eq!(list(&here.join("nowhere")).unwrap(), []);
        store(&path(here, "a"), b"content").unwrap();
        std::fs::write(here.join(".sdr-left.over"), b"half").unwrap();
        std::fs::write(here.join("letter"), b"keep").unwrap();
        let contents: Vec<_> = list(here).unwrap().into_iter().map(|entry| entry.content).collect();
        assert_eq!(contents, [None, Some(b"content".to_vec())]);
        assert_eq!(clear(here).unwrap(), 2);
        assert_eq!(std::fs::read_dir(here).unwrap().count(), 1);
    }

    #[test]
    fn writers_do_not_mix() {
        let directory = tempfile::tempdir().unwrap();
        let path = path(directory.path(), "a");
        std::thread::scope(|scope| {
            for writer in 0..4_u8 {
                let path = &path;
                scope.spawn(move || {
                    for _ in 0..20 {
                        store(path, &[writer; 5000]).unwrap();
                        let content = load(path).unwrap().unwrap();
                        assert!(content.len() == 5000 && content.iter().all(|byte| *byte == content[0]));
                    }
                });
            }
        });
        assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 1);
    }
}
