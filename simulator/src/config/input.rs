//! Files that describe a BMC, read up to a size: what a file says about its own size counts for nothing, devices and
//! pipes have none.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::Path;

use super::ConfigError;

/// Largest file read where nothing smaller makes sense: the state of a BMC full of records and FRUs.
pub(crate) const MAX_FILE: u64 = 64 << 20;

/// The bytes of a file of at most `limit` bytes.
pub(crate) fn bytes(path: &Path, limit: u64) -> Result<Vec<u8>, ConfigError> {
    let failed = |cause| ConfigError::read(path, cause);
    let mut bytes = Vec::new();
    File::open(path).map_err(failed)?.take(limit.saturating_add(1)).read_to_end(&mut bytes).map_err(failed)?;
    if u64::try_from(bytes.len()).is_ok_and(|size| size <= limit) {
        Ok(bytes)
    } else {
        Err(ConfigError::file(path, format!("expected at most {limit} bytes, found more")))
    }
}

/// The text of a file of at most [`MAX_FILE`] bytes.
pub(crate) fn text(path: &Path) -> Result<String, ConfigError> {
    String::from_utf8(bytes(path, MAX_FILE)?)
        .map_err(|error| ConfigError::read(path, std::io::Error::new(ErrorKind::InvalidData, error.utf8_error())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said<T: std::fmt::Debug>(result: Result<T, ConfigError>) -> String {
        result.unwrap_err().to_string()
    }

    #[test]
    fn the_limit_holds_for_files_and_for_what_has_no_size() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("f");
        std::fs::write(&file, [7; 10]).unwrap();
        assert_eq!(bytes(&file, 10).unwrap(), [7; 10]);
        assert!(said(bytes(&file, 9)).ends_with("f: expected at most 9 bytes, found more"));
        let endless = Path::new("/dev/zero");
        assert_eq!(said(bytes(endless, 1000)), "/dev/zero: expected at most 1000 bytes, found more");
        assert_eq!(said(text(endless)), format!("/dev/zero: expected at most {MAX_FILE} bytes, found more"));
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let missing = folder.path().join("missing");
        assert!(matches!(text(&missing), Err(ConfigError::Read { cause, .. }) if cause.kind() == ErrorKind::NotFound));
        assert!(said(text(folder.path())).contains("directory"));
        std::fs::write(&missing, b"name = \"\xFF\"").unwrap();
        assert!(said(text(&missing)).contains("invalid utf-8"));
    }
}
