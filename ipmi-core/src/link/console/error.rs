//! Why there is no session, in words an operator can act on.

use std::fmt;

use super::Quirks;
use crate::link::rmcp_plus::SecurityError;
use crate::link::rmcp_plus::cipher_suite::{Algorithms, CipherSuite};
use crate::link::rmcp_plus::status::StatusCode;
use crate::link::session_1_5::AuthType;
use crate::{CompletionCode, Privilege};

/// A message of a log-in that the BMC answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Step {
    /// Get Channel Authentication Capabilities.
    Capabilities,
    /// Get Channel Cipher Suites.
    CipherSuites,
    /// Open Session Request.
    OpenSession,
    /// RAKP message 1.
    Rakp1,
    /// RAKP message 3.
    Rakp3,
    /// Get Session Challenge.
    Challenge,
    /// Activate Session.
    Activate,
    /// Set Session Privilege Level.
    SetPrivilege,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Capabilities => "Get Channel Authentication Capabilities",
            Self::CipherSuites => "Get Channel Cipher Suites",
            Self::OpenSession => "Open Session Request",
            Self::Rakp1 => "RAKP message 1",
            Self::Rakp3 => "RAKP message 3",
            Self::Challenge => "Get Session Challenge",
            Self::Activate => "Activate Session",
            Self::SetPrivilege => "Set Session Privilege Level",
        })
    }
}

/// The reason a BMC gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Refusal {
    /// Status of the RMCP+ handshake.
    Status(StatusCode),
    /// Completion code of a command.
    Code(CompletionCode),
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status(status) => status.fmt(f),
            Self::Code(code) => code.fmt(f),
        }
    }
}

/// Why there is no session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LoginError {
    /// Silence, however often it was tried.
    #[error("no answer to {step}")]
    NoAnswer {
        /// What was not answered.
        step: Step,
    },
    /// The password is wrong: the BMC proves knowledge of another one, or says so, or drops what it authenticates.
    #[error("wrong password")]
    WrongPassword,
    /// The message with the password is not answered: BMCs drop one that is wrong, and networks drop some that are
    /// right.
    #[error("no answer to Activate Session: wrong password, unless packets are lost")]
    PasswordIgnored,
    /// The BMC has proven that it knows the password, and refuses the same proof of ours.
    #[error("the BMC refuses the proof of the password that it has given itself")]
    ProofRefused,
    /// The BMC took the password, but its answers have wrong authentication codes: anybody may have sent them.
    #[error("the answers to {step} have wrong authentication codes")]
    WrongCodes {
        /// What was answered.
        step: Step,
    },
    /// The key of the BMC (Kg) is wrong, missing, or given to a BMC without one.
    #[error("wrong or missing key of the BMC (Kg)")]
    WrongKey,
    /// There is no such user, or not at this level.
    #[error("unknown user, or not allowed on this channel")]
    UnknownUser,
    /// The password or key does not fit the protocol.
    #[error("{secret} of {found} bytes; {} at most", limit)]
    TooLong {
        /// Password or key.
        secret: &'static str,
        /// Longest the protocol allows.
        limit: usize,
        /// Its length.
        found: usize,
    },
    /// The BMC accepts none of the cipher suites that may be used.
    #[error("cipher suite {} refused: {status}", suite.0)]
    RefusedSuite {
        /// The one tried last.
        suite: CipherSuite,
        /// What the BMC said.
        status: StatusCode,
    },
    /// This end does not implement the suite.
    #[error("cipher suite {} is not supported", suite.0)]
    UnsupportedSuite {
        /// The suite.
        suite: CipherSuite,
    },
    /// The BMC goes on with other algorithms than those asked for.
    #[error("cipher suite {} was asked for, and the BMC answered with {answered}", suite.0)]
    OtherSuite {
        /// The one asked for.
        suite: CipherSuite,
        /// What the BMC chose.
        answered: Algorithms,
    },
    /// The BMC refuses every suite that protects, and has taken one before: somebody may have changed what it says.
    #[error("every cipher suite with encryption is refused, and the BMC has taken one before")]
    WeakerThanBefore,
    /// The BMC offers no authentication type that may be used.
    #[error("the BMC does not offer {}", wanted.map_or("any known authentication type", auth_type_name))]
    RefusedAuthType {
        /// The one asked for, if one was.
        wanted: Option<AuthType>,
    },
    /// The BMC says that it offers nothing that keeps the password secret and proves it.
    #[error("the BMC offers nothing better than {}", auth_type_name(*offered))]
    WeakAuthType {
        /// The best it offers.
        offered: AuthType,
    },
    /// The user may not reach the level, or not with this suite.
    #[error("{} privilege refused", privilege_name(*privilege))]
    RefusedPrivilege {
        /// The level asked for.
        privilege: Privilege,
    },
    /// All session slots are taken.
    #[error("no free session slot")]
    NoSlots,
    /// The BMC speaks IPMI 1.5 only.
    #[error("the BMC does not support RMCP+ (IPMI 2.0) sessions")]
    NotSupported,
    /// An answer makes no sense.
    #[error("malformed answer to {step}: {source}")]
    Malformed {
        /// What was answered.
        step: Step,
        /// What is wrong with it.
        source: SecurityError,
    },
    /// Answers came in the new session that are not as agreed, in a way that some BMCs are known for.
    #[error("the answers to {step} are not as agreed ({})", quirk.names().collect::<Vec<_>>().join(", "))]
    Unusable {
        /// What was answered.
        step: Step,
        /// The quirk that bears it.
        quirk: Quirks,
    },
    /// The BMC refused for another reason.
    #[error("{step} refused: {refusal}")]
    BmcRefused {
        /// What was refused.
        step: Step,
        /// What the BMC said.
        refusal: Refusal,
    },
}

fn auth_type_name(auth_type: AuthType) -> &'static str {
    match auth_type {
        AuthType::None => "authentication type none",
        AuthType::Md2 => "authentication type MD2",
        AuthType::Md5 => "authentication type MD5",
        AuthType::StraightPassword => "authentication by straight password",
        AuthType::Oem => "OEM authentication",
        AuthType::RmcpPlus | AuthType::Unknown(_) => "this authentication type",
    }
}

fn privilege_name(privilege: Privilege) -> &'static str {
    match privilege {
        Privilege::Callback => "callback",
        Privilege::User => "user",
        Privilege::Operator => "operator",
        Privilege::Administrator => "administrator",
        Privilege::Oem => "OEM",
    }
}

impl LoginError {
    /// Quirks of a BMC that show as this error, in the order in which they are tried, each by itself: one of them may
    /// let the log-in succeed. Those without which the BMC could be anybody are not among them.
    pub fn remedies(&self) -> Vec<Quirks> {
        let known: &[Quirks] = match self {
            Self::Unusable { quirk, .. } => return vec![*quirk],
            Self::Malformed { step: Step::Rakp1, .. } => &[Quirks::SUPERMICRO20, Quirks::SUN20],
            Self::Malformed { step: Step::Rakp3, .. } => &[Quirks::INTEGRITYCHECKVALUE, Quirks::INTEL20],
            Self::ProofRefused => &[Quirks::INTEL20],
            Self::WrongKey => &[Quirks::AUTHCAP, Quirks::INTEL20],
            Self::UnknownUser => &[Quirks::AUTHCAP, Quirks::INTEL20],
            Self::RefusedAuthType { .. } | Self::WeakAuthType { .. } | Self::NotSupported => &[Quirks::AUTHCAP],
            Self::Malformed { step: Step::Activate, .. } => &[Quirks::IDZERO],
            Self::NoAnswer { step: Step::SetPrivilege } => &[Quirks::FORCEPERMSG],
            Self::BmcRefused { refusal: Refusal::Status(StatusCode::INVALID_NAME_LENGTH), .. } => &[Quirks::INTEL20],
            _ => &[],
        };
        known.to_vec()
    }

    /// What can be done about it.
    pub fn advice(&self) -> Option<&'static str> {
        Some(match self {
            Self::NoAnswer { step: Step::Capabilities | Step::CipherSuites | Step::OpenSession | Step::Challenge } => {
                "check address and port, and that the BMC has IPMI over LAN enabled"
            }
            Self::NoAnswer { .. } => "packets get lost, or the BMC deviates: more time, more tries or a quirk may help",
            Self::WrongPassword | Self::ProofRefused => "check user and password",
            Self::WrongCodes { .. } => {
                "check the password; with a BMC that is known to make wrong ones, --quirk noauthcodecheck"
            }
            Self::WrongKey => "check the key, and give none to a BMC without one",
            Self::UnknownUser => "check the user, and that it may use this channel",
            Self::RefusedSuite { .. } | Self::OtherSuite { .. } | Self::UnsupportedSuite { .. } => {
                "name no suite, or another one"
            }
            Self::WeakerThanBefore => "name a suite if it is meant to be so",
            Self::RefusedAuthType { .. } => "name no authentication type, or use RMCP+ (lanplus)",
            Self::WeakAuthType { .. } => {
                "use RMCP+ (lanplus), or name the authentication type if the network is trusted"
            }
            Self::RefusedPrivilege { .. } => "ask for a lower level",
            Self::NoSlots => "try again when others have logged out",
            Self::NotSupported => "use IPMI 1.5 (lan)",
            _ => return None,
        })
    }

    /// The reason with the advice.
    pub fn explained(&self) -> String {
        self.advice().map_or_else(|| self.to_string(), |advice| format!("{self}; {advice}"))
    }

    /// All quirks that show as this error.
    pub fn symptom(&self) -> Option<Quirks> {
        let all = self.remedies().iter().fold(Quirks::empty(), |all, quirk| all | *quirk);
        let weakening = match self {
            Self::WrongPassword => Quirks::INTEL20 | Quirks::SUPERMICRO20 | Quirks::SUN20 | Quirks::NOAUTHCODECHECK,
            Self::WrongCodes { .. } => Quirks::NOAUTHCODECHECK,
            _ => Quirks::empty(),
        };
        Some(all | weakening).filter(|quirks| !quirks.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts() {
        let text = LoginError::NoAnswer { step: Step::OpenSession }.to_string();
        assert_eq!(text, "no answer to Open Session Request");
        let error = LoginError::TooLong { secret: "password", limit: 20, found: 21 };
        assert_eq!(error.to_string(), "password of 21 bytes; 20 at most");
        let error = LoginError::RefusedAuthType { wanted: Some(AuthType::Md2) };
        assert_eq!(error.to_string(), "the BMC does not offer authentication type MD2");
        let error = LoginError::RefusedSuite { suite: CipherSuite(12), status: StatusCode::NO_MATCHING_CIPHER_SUITE };
        assert_eq!(error.to_string(), "cipher suite 12 refused: no matching cipher suite");
        let error = LoginError::RefusedPrivilege { privilege: Privilege::Operator };
        assert_eq!(error.to_string(), "operator privilege refused");
    }

    #[test]
    fn symptoms_name_quirks() {
        assert!(LoginError::WrongPassword.symptom().is_some_and(|quirks| quirks.contains(Quirks::INTEL20)));
        assert_eq!(LoginError::NoSlots.symptom(), None);
        // Nothing weakens a check because a password seems wrong.
        assert_eq!(LoginError::WrongPassword.remedies(), []);
        let quirk = Quirks::IDZERO;
        assert_eq!(LoginError::Unusable { step: Step::SetPrivilege, quirk }.remedies(), [quirk]);
    }

    #[test]
    fn advice_follows_the_reason() {
        assert_eq!(LoginError::WrongPassword.explained(), "wrong password; check user and password");
        let refusal = Refusal::Status(StatusCode::ILLEGAL_PARAMETER);
        let error = LoginError::BmcRefused { step: Step::Rakp1, refusal };
        assert_eq!(error.explained(), error.to_string());
    }
}
