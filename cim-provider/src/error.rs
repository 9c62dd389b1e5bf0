//! The border between the BMC's errors and CIM's: one mapping.

use cim::{CimError, Status};
use ipmi_core::{CompletionCode, Error};

/// A command that failed, and the BMC it was for.
#[derive(Debug)]
pub(crate) struct BmcFailure<'a> {
    /// The BMC, as the operator named it.
    pub(crate) bmc: &'a str,
    /// What happened.
    pub(crate) error: Error,
}

impl From<BmcFailure<'_>> for CimError {
    fn from(BmcFailure { bmc, error }: BmcFailure<'_>) -> Self {
        let status = match error.completion_code() {
            Some(CompletionCode::INSUFFICIENT_PRIVILEGE) => Status::AccessDenied,
            Some(CompletionCode::NOT_PRESENT) => Status::NotFound,
            Some(CompletionCode::INVALID_COMMAND | CompletionCode::INVALID_COMMAND_ON_LUN) => Status::NotSupported,
            Some(CompletionCode::PARAMETER_OUT_OF_RANGE | CompletionCode::INVALID_DATA_FIELD) => {
                Status::ValueOutOfRange
            }
            _ => Status::ProviderFailure,
        };
        let text = error.to_string();
        let message = if text.starts_with(bmc) { text } else { format!("BMC {bmc}: {text}") };
        Self::new(status, message)
    }
}

/// True when the way to the BMC failed, so that asking on makes no sense.
pub(crate) const fn is_link_error(error: &Error) -> bool {
    matches!(error, Error::Timeout { .. } | Error::Transport { .. })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use ipmi_core::NetFn;

    use super::*;

    #[test]
    fn failures_name_the_bmc_and_the_command() {
        let error = Error::Timeout { command: "Get SEL Info", after: Duration::from_secs(5) };
        let cim = CimError::from(BmcFailure { bmc: "open:0", error });
        assert_eq!(cim.status, Status::ProviderFailure);
        assert_eq!(cim.message, "BMC open:0: Get SEL Info: no response from the BMC within 5.0 s");
        let error = Error::Transport { reason: "open:0: /dev/ipmi0: no such file".into() };
        assert_eq!(CimError::from(BmcFailure { bmc: "open:0", error }).message, "open:0: /dev/ipmi0: no such file");
    }

    #[test]
    fn refusals_keep_their_meaning() {
        let refused = |code| Error::Completion { command: "x", net_fn: NetFn::APP, cmd: 1, code, text: None };
        let status = |code| CimError::from(BmcFailure { bmc: "b", error: refused(code) }).status;
        assert_eq!(status(CompletionCode::INSUFFICIENT_PRIVILEGE), Status::AccessDenied);
        assert_eq!(status(CompletionCode::INVALID_COMMAND), Status::NotSupported);
        assert_eq!(status(CompletionCode::NODE_BUSY), Status::ProviderFailure);
    }
}
