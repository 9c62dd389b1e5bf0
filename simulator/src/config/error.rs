//! What can be wrong with a configuration.

use std::path::{Path, PathBuf};

/// Why a configuration was not taken.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// A file that cannot be read.
    #[error("{}: {cause}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        cause: std::io::Error,
    },
    /// A line that is wrong.
    #[error("{}:{line}: expected {expected}, found {found}", path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// Line number, from 1.
        line: usize,
        /// What would have been right.
        expected: String,
        /// What is there.
        found: String,
    },
    /// A file that is wrong as a whole.
    #[error("{}: {reason}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
}

impl ConfigError {
    /// A file that cannot be read.
    pub(crate) fn read(path: &Path, cause: std::io::Error) -> Self {
        Self::Read { path: path.to_owned(), cause }
    }

    /// A file that is wrong as a whole.
    pub(crate) fn file(path: &Path, reason: impl Into<String>) -> Self {
        Self::File { path: path.to_owned(), reason: reason.into() }
    }
}
