//! Why a command ends with an exit status other than 0.

use std::io;

/// The end of a command that did not do what it should.
#[derive(Debug)]
pub enum Failure {
    /// The reason is on stderr already.
    Said,
    /// One line for stderr.
    Message(String),
    /// Output could not be written.
    Output(io::Error),
}

impl Failure {
    /// A message.
    pub fn new(message: impl Into<String>) -> Self {
        Self::Message(message.into())
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}
