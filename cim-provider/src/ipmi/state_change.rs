//! What the RequestStateChange methods have in common: parameter checks and return codes (CIM_EnabledLogicalElement).

use cim::{CimError, DateTime, MethodOutput, Value};
use ipmi_core::{CompletionCode, Error};

use super::Call;
use crate::error::is_link_error;

/// Completed with No Error.
pub(crate) const DONE: u32 = 0;
/// Not Supported.
pub(crate) const NOT_SUPPORTED: u32 = 1;
/// Unknown or Unspecified Error.
pub(crate) const UNSPECIFIED: u32 = 2;
/// Failed.
pub(crate) const FAILED: u32 = 4;
/// Invalid Parameter.
pub(crate) const INVALID_PARAMETER: u32 = 5;
/// Invalid State Transition.
pub(crate) const INVALID_TRANSITION: u32 = 4097;
/// Use of Timeout Parameter Not Supported.
pub(crate) const TIMEOUT_NOT_SUPPORTED: u32 = 4098;
/// Busy.
pub(crate) const BUSY: u32 = 4099;

/// RequestedState values.
pub(crate) mod requested {
    /// Enabled.
    pub(crate) const ENABLED: u16 = 2;
    /// Disabled.
    pub(crate) const DISABLED: u16 = 3;
    /// Shut Down.
    pub(crate) const SHUT_DOWN: u16 = 4;
    /// Reboot.
    pub(crate) const REBOOT: u16 = 10;
    /// Reset.
    pub(crate) const RESET: u16 = 11;
}

/// The state asked for, or the code that refuses the parameters.
pub(crate) fn parameters(inputs: &[Value]) -> Result<u16, u32> {
    let wanted = match inputs.first() {
        Some(Value::Uint16(wanted @ (2 | 3 | 4 | 6..=11))) => *wanted,
        _ => return Err(INVALID_PARAMETER),
    };
    match inputs.get(1) {
        None | Some(Value::Null | Value::DateTime(DateTime::Interval { micros: 0 })) => Ok(wanted),
        Some(Value::DateTime(DateTime::Interval { .. })) => Err(TIMEOUT_NOT_SUPPORTED),
        Some(_) => Err(INVALID_PARAMETER),
    }
}

/// The output of RequestStateChange: there is never a job.
pub(crate) fn output(code: u32) -> MethodOutput {
    MethodOutput { result: code.into(), parameters: vec![("Job".into(), Value::Null)] }
}

/// The return code of a command that ended; a BMC that does not answer is an error of the operation.
pub(crate) fn return_code<T>(call: &Call<'_>, result: Result<T, Error>) -> Result<u32, CimError> {
    match result {
        Ok(_) => Ok(DONE),
        Err(error) if is_link_error(&error) => Err(call.node.failure(error)),
        Err(error) => {
            tracing::info!(bmc = call.node.bmc().name(), %error, "the BMC refused");
            Ok(match error.completion_code() {
                Some(CompletionCode::INVALID_COMMAND | CompletionCode::INVALID_COMMAND_ON_LUN) => NOT_SUPPORTED,
                Some(CompletionCode::NOT_IN_PRESENT_STATE) => INVALID_TRANSITION,
                Some(CompletionCode::NODE_BUSY) => BUSY,
                Some(_) => FAILED,
                None => UNSPECIFIED,
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_checked() {
        let interval = |micros| Value::DateTime(DateTime::Interval { micros });
        assert_eq!(parameters(&[Value::Uint16(2), Value::Null]), Ok(2));
        assert_eq!(parameters(&[Value::Uint16(11), interval(0)]), Ok(11));
        assert_eq!(parameters(&[Value::Uint16(2), interval(1)]), Err(TIMEOUT_NOT_SUPPORTED));
        assert_eq!(parameters(&[Value::Uint16(5), Value::Null]), Err(INVALID_PARAMETER));
        assert_eq!(parameters(&[Value::Null, Value::Null]), Err(INVALID_PARAMETER));
        let point = Value::DateTime(DateTime::Point { micros: 0, offset_minutes: 0 });
        assert_eq!(parameters(&[Value::Uint16(2), point]), Err(INVALID_PARAMETER));
        assert_eq!(parameters(&[]), Err(INVALID_PARAMETER));
    }
}
