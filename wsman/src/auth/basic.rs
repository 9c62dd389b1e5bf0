//! The Basic scheme (RFC 7617): name and password in every request.

use std::sync::Arc;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use cim::{Access, Identity};
use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};
use zeroize::Zeroizing;

use super::{Authenticator, ConnectionState, Outcome};

/// Longest name or password.
const MAX_LENGTH: usize = 256;

/// Judges names and passwords.
pub trait PasswordVerifier: Send + Sync {
    /// The user of this name, when the password is right.
    fn verify(&self, user: &str, password: &str) -> Option<Identity>;
}

/// Users from the configuration.
#[derive(Default)]
pub struct Users {
    users: Vec<(Identity, Zeroizing<String>)>,
}

impl Users {
    /// Adds a user.
    pub fn add(&mut self, user: &str, password: Zeroizing<String>, access: Access) {
        self.users.push((Identity { user: user.into(), access }, password));
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.users.is_empty()
    }
}

/// Pads to one length, so that comparing takes the same time for every text.
fn padded(text: &str) -> Zeroizing<[u8; MAX_LENGTH + 4]> {
    let mut bytes = Zeroizing::new([0; MAX_LENGTH + 4]);
    bytes.iter_mut().zip(text.bytes().take(MAX_LENGTH)).for_each(|(place, byte)| *place = byte);
    // The length tells apart texts that differ in trailing zeros, or behind what was compared.
    let length = u32::try_from(text.len()).unwrap_or(u32::MAX).to_le_bytes();
    bytes.iter_mut().skip(MAX_LENGTH).zip(length).for_each(|(place, byte)| *place = byte);
    bytes
}

impl PasswordVerifier for Users {
    fn verify(&self, user: &str, password: &str) -> Option<Identity> {
        if user.len() > MAX_LENGTH || password.len() > MAX_LENGTH {
            return None;
        }
        let (user, password) = (padded(user), padded(password));
        // Every entry is compared, so that the time does not tell which names exist.
        let mut found = u64::MAX;
        for (index, (identity, expected)) in (0_u64..).zip(&self.users) {
            let same: Choice = padded(&identity.user).as_slice().ct_eq(user.as_slice())
                & padded(expected).as_slice().ct_eq(password.as_slice());
            found.conditional_assign(&index, same);
        }
        usize::try_from(found).ok().and_then(|index| self.users.get(index)).map(|(identity, _)| identity.clone())
    }
}

/// The Basic scheme.
pub struct Basic {
    verifier: Arc<dyn PasswordVerifier>,
    allow_unencrypted: bool,
}

impl Basic {
    /// Basic over a verifier; on connections without encryption only when that is allowed.
    pub fn new(verifier: Arc<dyn PasswordVerifier>, allow_unencrypted: bool) -> Self {
        Self { verifier, allow_unencrypted }
    }
}

impl Authenticator for Basic {
    fn scheme(&self) -> &'static str {
        "Basic"
    }

    fn challenge(&self, connection: &ConnectionState) -> Option<String> {
        (connection.secure || self.allow_unencrypted).then(|| "Basic realm=\"WSMAN\"".to_owned())
    }

    fn authenticate(&self, credentials: &str, _connection: &mut ConnectionState) -> Outcome {
        let decoded = BASE64_STANDARD.decode(credentials).map(Zeroizing::new).ok();
        let identity = decoded.as_ref().and_then(|bytes| {
            let (user, password) = std::str::from_utf8(bytes).ok()?.split_once(':')?;
            self.verifier.verify(user, password)
        });
        identity.map_or(Outcome::Denied, Outcome::Authenticated)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::authenticate;

    fn schemes(allow_unencrypted: bool) -> Vec<Box<dyn Authenticator>> {
        let mut users = Users::default();
        users.add("admin", Zeroizing::new("se:cret".to_owned()), Access::Full);
        users.add("guest", Zeroizing::new(String::new()), Access::Read);
        vec![Box::new(Basic::new(Arc::new(users), allow_unencrypted))]
    }

    fn login(text: &str, secure: bool, allow_unencrypted: bool) -> Option<String> {
        let mut connection = ConnectionState { secure, ..ConnectionState::default() };
        match authenticate(&schemes(allow_unencrypted), text, &mut connection) {
            Outcome::Authenticated(identity) => Some(identity.user.to_string()),
            Outcome::Continue(_) | Outcome::Denied => None,
        }
    }

    #[test]
    fn right_and_wrong_passwords() {
        let header =
            |user: &str, password: &str| format!("Basic {}", BASE64_STANDARD.encode(format!("{user}:{password}")));
        assert_eq!(login(&header("admin", "se:cret"), true, false).as_deref(), Some("admin"));
        assert_eq!(login(&header("guest", ""), true, false).as_deref(), Some("guest"));
        for (user, password) in
            [("admin", "se:cre"), ("admin", "se:cret\0"), ("admin", ""), ("Admin", "se:cret"), ("", "")]
        {
            assert_eq!(login(&header(user, password), true, false), None, "{user}:{password}");
        }
        assert_eq!(login(&header("admin", &"x".repeat(300)), true, false), None);
        for text in ["", "Basic", "Basic !", "Basic YQ==", "Digest x", "Bearer YQ=="] {
            assert_eq!(login(text, true, false), None, "{text}");
        }
        assert_eq!(login(&header("admin", "se:cret").replace("Basic", "bAsIc"), true, false).as_deref(), Some("admin"));
    }

    #[test]
    fn not_offered_without_encryption_unless_allowed() {
        let header = format!("Basic {}", BASE64_STANDARD.encode("guest:"));
        assert_eq!(login(&header, false, false), None);
        assert!(login(&header, false, true).is_some());
    }
}
