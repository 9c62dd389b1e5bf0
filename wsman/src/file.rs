//! Files read up to a size: what a file says about its own size counts for nothing, devices and pipes have none.

use std::fs::File;
use std::io::{Error, ErrorKind, Read, Result};
use std::path::Path;

/// Largest configuration, certificate or key file that is read.
pub const MAX_CONFIG: u64 = 4 << 20;
/// Largest file of classes, and largest request body, that is read.
pub const MAX_DOCUMENT: u64 = 64 << 20;
/// Largest file with a password that is read.
pub const MAX_PASSWORD: u64 = 64 << 10;

/// The bytes of a file of at most `limit` bytes.
///
/// # Errors
/// When it cannot be read or is larger.
pub fn read(path: &Path, limit: u64) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    if u64::try_from(bytes.len()).is_ok_and(|size| size <= limit) {
        Ok(bytes)
    } else {
        Err(Error::new(ErrorKind::FileTooLarge, format!("expected at most {limit} bytes, found more")))
    }
}

/// The text of a file of at most `limit` bytes.
///
/// # Errors
/// When it cannot be read, is larger or is not UTF-8.
pub fn read_text(path: &Path, limit: u64) -> Result<String> {
    String::from_utf8(read(path, limit)?).map_err(|error| Error::new(ErrorKind::InvalidData, error.utf8_error()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_holds_for_files_and_for_what_has_no_size() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), [7; 10]).unwrap();
        assert_eq!(read(file.path(), 10).unwrap(), [7; 10]);
        for (path, limit) in [(file.path(), 9), (Path::new("/dev/zero"), 1000)] {
            let error = read(path, limit).unwrap_err();
            assert_eq!(error.to_string(), format!("expected at most {limit} bytes, found more"));
        }
        std::fs::write(file.path(), b"\xFF").unwrap();
        assert_eq!(read_text(file.path(), 10).unwrap_err().kind(), ErrorKind::InvalidData);
        assert_eq!(read_text(Path::new("/nowhere/at/all"), 10).unwrap_err().kind(), ErrorKind::NotFound);
    }
}
