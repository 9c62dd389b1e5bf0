//! Errors in MOF text: where, what was expected, what was found.

use crate::{CimError, Status};

/// A place in the text, counted from 1; columns count characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Position {
    pub(crate) line: u32,
    pub(crate) column: u32,
}

/// What is wrong with a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct MofError {
    pub(crate) position: Position,
    pub(crate) status: Status,
    pub(crate) message: String,
}

impl MofError {
    /// A syntax error.
    pub(crate) fn new(position: Position, expected: &str, found: impl std::fmt::Display) -> Self {
        Self::with(position, Status::Failed, format!("expected {expected}, found {found}"))
    }

    /// An error in the meaning of the text.
    pub(crate) fn with(position: Position, status: Status, message: impl Into<String>) -> Self {
        Self { position, status, message: message.into() }
    }

    /// The error with the name of the file.
    pub(crate) fn in_file(self, file: &str) -> CimError {
        let Position { line, column } = self.position;
        CimError::new(self.status, format!("{file}:{line}:{column}: {}", self.message))
    }
}
