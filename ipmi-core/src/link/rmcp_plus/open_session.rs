//! Open Session Request and Response (IPMI 2.0 s13.17, s13.18, tables 13-9, 13-10).

use super::super::cursor::Cursor;
use super::cipher_suite::{Algorithms, AuthenticationAlgorithm, ConfidentialityAlgorithm, IntegrityAlgorithm};
use super::status::StatusCode;
use crate::{ParseError, Privilege};

/// The privilege level a session may reach; zero leaves it to the BMC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct MaxPrivilege(pub u8);

impl MaxPrivilege {
    /// The highest the cipher suite allows.
    pub const HIGHEST: Self = Self(0);

    /// The level; `None` for [`HIGHEST`](Self::HIGHEST) and reserved numbers.
    pub const fn level(self) -> Option<Privilege> {
        Privilege::from_code(self.0 & 0x0F)
    }
}

impl From<Privilege> for MaxPrivilege {
    fn from(level: Privilege) -> Self {
        Self(level as u8)
    }
}

/// The algorithms proposed; `None` leaves the choice to the BMC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Proposal {
    /// How both ends prove that they know the key.
    pub authentication: Option<AuthenticationAlgorithm>,
    /// How packets are protected against change.
    pub integrity: Option<IntegrityAlgorithm>,
    /// How payloads are kept secret.
    pub confidentiality: Option<ConfidentialityAlgorithm>,
}

impl From<Algorithms> for Proposal {
    fn from(algorithms: Algorithms) -> Self {
        Self {
            authentication: Some(algorithms.authentication),
            integrity: Some(algorithms.integrity),
            confidentiality: Some(algorithms.confidentiality),
        }
    }
}

/// Length of an algorithm block, and what its length byte says.
const BLOCK: u8 = 8;

impl Proposal {
    fn parse(cursor: &mut Cursor<'_>) -> Result<Self, ParseError> {
        Ok(Self {
            authentication: block(cursor, 0, "authentication payload")?.map(AuthenticationAlgorithm::from_code),
            integrity: block(cursor, 1, "integrity payload")?.map(IntegrityAlgorithm::from_code),
            confidentiality: block(cursor, 2, "confidentiality payload")?.map(ConfidentialityAlgorithm::from_code),
        })
    }

    fn emit(&self, out: &mut Vec<u8>) {
        let codes = [
            self.authentication.map(AuthenticationAlgorithm::code),
            self.integrity.map(IntegrityAlgorithm::code),
            self.confidentiality.map(ConfidentialityAlgorithm::code),
        ];
        for (kind, code) in (0..).zip(codes) {
            out.extend([kind, 0, 0, if code.is_some() { BLOCK } else { 0 }, code.unwrap_or(0), 0, 0, 0]);
        }
    }
}

/// One algorithm block: type, length, algorithm; length zero is the null field.
fn block(cursor: &mut Cursor<'_>, kind: u8, field: &'static str) -> Result<Option<u8>, ParseError> {
    let [found_kind, _, _, length, code, _, _, _] = cursor.array()?;
    if found_kind != kind {
        let found = u32::from(found_kind);
        return Err(ParseError::Invalid { field, expected: "types 00h, 01h, 02h in this order", found });
    }
    match length {
        BLOCK => Ok(Some(code)),
        0 => Ok(None),
        _ => Err(ParseError::Invalid { field, expected: "length 0 or 8", found: u32::from(length) }),
    }
}

/// Open Session Request.
///
/// ```
/// use ipmi_core::link::rmcp_plus::cipher_suite::CipherSuite;
/// use ipmi_core::link::rmcp_plus::open_session::{MaxPrivilege, OpenSessionRequest};
/// let request = OpenSessionRequest {
///     tag: 0,
///     max_privilege: MaxPrivilege::HIGHEST,
///     console_session_id: 0xA0A2_A3A4,
///     proposal: CipherSuite(3).algorithms().unwrap().into(),
/// };
/// assert_eq!(request.emit()[..12], [0, 0, 0, 0, 0xA4, 0xA3, 0xA2, 0xA0, 0, 0, 0, 8]);
/// assert_eq!(OpenSessionRequest::parse(&request.emit()), Ok(request));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenSessionRequest {
    /// Comes back in the response.
    pub tag: u8,
    /// The level the session may reach.
    pub max_privilege: MaxPrivilege,
    /// The id by which the BMC addresses the console; not zero.
    pub console_session_id: u32,
    /// Algorithms.
    pub proposal: Proposal,
}

impl OpenSessionRequest {
    /// Reads the payload.
    ///
    /// # Errors
    /// When its length or an algorithm block is wrong.
    pub fn parse(payload: &[u8]) -> Result<Self, ParseError> {
        let mut cursor = Cursor::new("Open Session Request", payload);
        let [tag, max_privilege, _, _] = cursor.array()?;
        let console_session_id = cursor.u32()?;
        let proposal = Proposal::parse(&mut cursor)?;
        cursor.at_most(0)?;
        Ok(Self { tag, max_privilege: MaxPrivilege(max_privilege & 0x0F), console_session_id, proposal })
    }

    /// The payload.
    pub fn emit(&self) -> Vec<u8> {
        let mut out = vec![self.tag, self.max_privilege.0 & 0x0F, 0, 0];
        out.extend(self.console_session_id.to_le_bytes());
        self.proposal.emit(&mut out);
        out
    }
}

/// Open Session Response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OpenSessionResponse {
    /// The BMC opened a session.
    Accepted {
        /// As in the request.
        tag: u8,
        /// The level the session may reach. Some BMCs give back the zero they were asked with.
        max_privilege: MaxPrivilege,
        /// As in the request.
        console_session_id: u32,
        /// The id by which the console addresses the BMC.
        bmc_session_id: u32,
        /// The algorithms chosen.
        algorithms: Algorithms,
    },
    /// It did not.
    Refused {
        /// As in the request.
        tag: u8,
        /// Why.
        status: StatusCode,
        /// As in the request; zero where the BMC left it out (OpenIPMI's simulator does).
        console_session_id: u32,
    },
}

impl OpenSessionResponse {
    /// Reads the payload. After a status other than zero only tag and status must be there.
    ///
    /// # Errors
    /// When its length or an algorithm block is wrong.
    pub fn parse(payload: &[u8]) -> Result<Self, ParseError> {
        let mut cursor = Cursor::new("Open Session Response", payload);
        let [tag, status] = cursor.array()?;
        if status != 0 {
            let console_session_id = cursor.slice(2).and_then(|_| cursor.u32()).unwrap_or(0);
            return Ok(Self::Refused { tag, status: StatusCode(status), console_session_id });
        }
        let [max_privilege, _] = cursor.array()?;
        let (console_session_id, bmc_session_id) = (cursor.u32()?, cursor.u32()?);
        let proposal = Proposal::parse(&mut cursor)?;
        cursor.at_most(0)?;
        let algorithms = Algorithms {
            authentication: proposal.authentication.unwrap_or(AuthenticationAlgorithm::None),
            integrity: proposal.integrity.unwrap_or(IntegrityAlgorithm::None),
            confidentiality: proposal.confidentiality.unwrap_or(ConfidentialityAlgorithm::None),
        };
        let max_privilege = MaxPrivilege(max_privilege & 0x0F);
        Ok(Self::Accepted { tag, max_privilege, console_session_id, bmc_session_id, algorithms })
    }

    /// The payload: 36 bytes, or 8 of a refusal.
    pub fn emit(&self) -> Vec<u8> {
        match *self {
            Self::Accepted { tag, max_privilege, console_session_id, bmc_session_id, algorithms } => {
                let mut out = vec![tag, 0, max_privilege.0 & 0x0F, 0];
                out.extend(console_session_id.to_le_bytes());
                out.extend(bmc_session_id.to_le_bytes());
                Proposal::from(algorithms).emit(&mut out);
                out
            }
            Self::Refused { tag, status, console_session_id } => {
                let mut out = vec![tag, status.0, 0, 0];
                out.extend(console_session_id.to_le_bytes());
                out
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::cipher_suite::CipherSuite;
    use super::*;

    fn accepted() -> OpenSessionResponse {
        OpenSessionResponse::Accepted {
            tag: 7,
            max_privilege: Privilege::Administrator.into(),
            console_session_id: 1,
            bmc_session_id: 2,
            algorithms: CipherSuite(17).algorithms().unwrap(),
        }
    }

    #[test]
    fn golden_response() {
        let golden = [
            7, 0, 4, 0, 1, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 8, 4, 0, 0, 0, 2, 0, 0, 8, 1, 0, 0, 0,
        ];
        assert_eq!(accepted().emit(), golden);
        assert_eq!(OpenSessionResponse::parse(&golden), Ok(accepted()));
    }

    #[test]
    fn every_shorter_prefix_errs_and_a_longer_one_too() {
        let mut response = accepted().emit();
        let proposal = Proposal { authentication: None, integrity: None, confidentiality: None };
        let request = OpenSessionRequest { tag: 1, max_privilege: MaxPrivilege(4), console_session_id: 5, proposal };
        assert_eq!(OpenSessionRequest::parse(&request.emit()), Ok(request));
        let mut request = request.emit();
        for len in 0..response.len() {
            assert!(OpenSessionResponse::parse(&response[..len]).is_err(), "{len}");
        }
        for len in 0..request.len() {
            assert!(OpenSessionRequest::parse(&request[..len]).is_err(), "{len}");
        }
        response.push(0);
        request.push(0);
        assert!(OpenSessionResponse::parse(&response).is_err());
        assert!(OpenSessionRequest::parse(&request).is_err());
    }

    #[test]
    fn refusals_short_and_long() {
        let status = StatusCode::NO_MATCHING_CIPHER_SUITE;
        let refused = OpenSessionResponse::Refused { tag: 3, status, console_session_id: 9 };
        assert_eq!(refused.emit(), [3, 0x11, 0, 0, 9, 0, 0, 0]);
        assert_eq!(OpenSessionResponse::parse(&refused.emit()), Ok(refused));
        let short = OpenSessionResponse::Refused { tag: 3, status, console_session_id: 0 };
        assert_eq!(OpenSessionResponse::parse(&[3, 0x11]), Ok(short));
    }

    proptest! {
        #[test]
        fn any_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            let _ = OpenSessionRequest::parse(&bytes);
            let _ = OpenSessionResponse::parse(&bytes);
        }
    }
}
