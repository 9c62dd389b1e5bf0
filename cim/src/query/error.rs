//! Query errors: where in the text, what was expected, what was found.

use crate::{CimError, Status};

/// A place in a query.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) text: &'a str,
    /// Byte offset.
    pub(crate) at: usize,
}

/// A syntax error.
pub(crate) fn invalid(place: Place<'_>, expected: &str, found: &str) -> CimError {
    let column = place.text.get(..place.at).map_or(0, |before| before.chars().count()) + 1;
    CimError::new(Status::InvalidQuery, format!("column {column}: expected {expected}, found {found}"))
}

/// An error in the meaning of a query.
pub(crate) fn unfit(message: impl Into<String>) -> CimError {
    CimError::new(Status::InvalidQuery, message)
}
