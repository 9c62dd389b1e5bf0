//! Status codes of the RMCP+ handshake (IPMI 2.0 s13.24, table 13-15).

use std::fmt;

/// The status in Open Session Response and the RAKP messages.
///
/// ```
/// use ipmi_core::link::rmcp_plus::status::StatusCode;
/// assert_eq!(StatusCode::UNAUTHORIZED_NAME.to_string(), "unauthorized name");
/// assert_eq!(StatusCode(0x55).to_string(), "unknown status 55h");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct StatusCode(pub u8);

macro_rules! status_codes {
    ($($(#[$doc:meta])* $name:ident = $value:literal, $text:literal;)*) => {
        impl StatusCode {
            $($(#[$doc])* pub const $name: Self = Self($value);)*
            /// Every code with the text ipmitool prints.
            pub const TABLE: &'static [(StatusCode, &'static str)] = &[$((StatusCode::$name, $text)),*];
        }
    };
}

status_codes! {
    /// All is well.
    NO_ERRORS = 0x00, "no errors";
    /// No free session slot.
    INSUFFICIENT_RESOURCES = 0x01, "insufficient resources for session";
    /// The session id is not one that was given out.
    INVALID_SESSION_ID = 0x02, "invalid session ID";
    /// The payload type does not belong here.
    INVALID_PAYLOAD_TYPE = 0x03, "invalid payload type";
    /// The authentication algorithm does not exist or is not offered.
    INVALID_AUTHENTICATION_ALGORITHM = 0x04, "invalid authentication algorithm";
    /// The integrity algorithm does not exist or is not offered.
    INVALID_INTEGRITY_ALGORITHM = 0x05, "invalid integrity algorithm";
    /// None of the authentication algorithms is offered.
    NO_MATCHING_AUTHENTICATION = 0x06, "no matching authentication algorithm";
    /// None of the integrity algorithms is offered.
    NO_MATCHING_INTEGRITY = 0x07, "no matching integrity payload";
    /// The session has ended.
    INACTIVE_SESSION_ID = 0x08, "inactive session ID";
    /// No such privilege level.
    INVALID_ROLE = 0x09, "invalid role";
    /// The user or the suite does not allow this level.
    UNAUTHORIZED_ROLE = 0x0A, "unauthorized role requested";
    /// No slot for this level.
    INSUFFICIENT_RESOURCES_FOR_ROLE = 0x0B, "insufficient resources for role";
    /// The user name is too long.
    INVALID_NAME_LENGTH = 0x0C, "invalid name length";
    /// No such user, or not at this level.
    UNAUTHORIZED_NAME = 0x0D, "unauthorized name";
    /// The GUID is not accepted.
    UNAUTHORIZED_GUID = 0x0E, "unauthorized GUID";
    /// The proof is wrong.
    INVALID_INTEGRITY_CHECK = 0x0F, "invalid integrity check value";
    /// The confidentiality algorithm does not exist or is not offered.
    INVALID_CONFIDENTIALITY_ALGORITHM = 0x10, "invalid confidentiality algorithm";
    /// The three algorithms are no suite the BMC offers.
    NO_MATCHING_CIPHER_SUITE = 0x11, "no matching cipher suite";
    /// Some parameter is not legal.
    ILLEGAL_PARAMETER = 0x12, "illegal parameter";
}

impl StatusCode {
    /// True when the handshake goes on.
    pub const fn is_ok(self) -> bool {
        self.0 == 0
    }
}

impl fmt::Display for StatusCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match Self::TABLE.iter().find(|(code, _)| code == self) {
            Some((_, text)) => f.write_str(text),
            None => write!(f, "unknown status {:02X}h", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table_has_no_gaps() {
        for (index, (code, _)) in StatusCode::TABLE.iter().enumerate() {
            assert_eq!(usize::from(code.0), index);
        }
        assert_eq!(StatusCode::TABLE.len(), 0x13);
    }
}
