//! Authentication: schemes, what they remember per connection, and who a request is from (RFC 7235).

mod basic;

use std::any::Any;

use cim::Identity;

pub use basic::{Basic, PasswordVerifier, Users};

/// What a connection remembers between requests; made when it is accepted.
#[derive(Default)]
pub struct ConnectionState {
    /// Whether the connection is encrypted.
    pub secure: bool,
    /// Who is at the other end, once a scheme that authenticates connections has said so.
    pub identity: Option<Identity>,
    /// Where a scheme of several steps keeps its step.
    pub scheme: Option<Box<dyn Any + Send>>,
}

/// What an `Authorization` header led to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// This user.
    Authenticated(Identity),
    /// One more round: the value for `WWW-Authenticate`.
    Continue(String),
    /// Nobody.
    Denied,
}

/// An authentication scheme.
pub trait Authenticator: Send + Sync {
    /// Its name in headers.
    fn scheme(&self) -> &'static str;

    /// Its `WWW-Authenticate` value, when it is offered on such a connection.
    fn challenge(&self, connection: &ConnectionState) -> Option<String>;

    /// Judges what follows the scheme's name in `Authorization`.
    fn authenticate(&self, credentials: &str, connection: &mut ConnectionState) -> Outcome;
}

/// Judges an `Authorization` header with the scheme it names. An offer that was not made is denied.
pub fn authenticate(
    schemes: &[Box<dyn Authenticator>],
    authorization: &str,
    connection: &mut ConnectionState,
) -> Outcome {
    let (name, credentials) = authorization.trim().split_once(' ').unwrap_or((authorization.trim(), ""));
    let scheme = schemes
        .iter()
        .filter(|scheme| scheme.challenge(connection).is_some())
        .find(|scheme| scheme.scheme().eq_ignore_ascii_case(name));
    match scheme {
        Some(scheme) => scheme.authenticate(credentials.trim(), connection),
        None => Outcome::Denied,
    }
}
