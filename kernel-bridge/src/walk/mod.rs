//! Reading what a BMC stores: SDR repository, SEL, FRU inventory; and its sensors.
//!
//! Walkers give what could be read together with a list of [`Problem`]s: one bad record does not hide the others. They
//! end on any input: record ids that come round again stop a walk, and every retry is counted.

pub mod ahead;
mod chain;
pub mod fru;
mod guess;
pub mod reading;
pub mod sdr;
pub mod sdr_cache;
mod sdr_record;
pub mod sel;
mod sel_record;
mod skip;

use ipmi_core::command::storage::RecordId;
use ipmi_core::{CompletionCode, Error};

/// Something a walk could not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The record.
    pub record: RecordId,
    /// What is wrong with it.
    pub reason: String,
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "record {}: {}", self.record, self.reason)
    }
}

/// How often a lost reservation is made anew for one record or operation.
const RESERVATION_TRIES: u32 = 8;
/// How often a read that was refused, although the same kind of read works, is asked again.
const REFUSAL_TRIES: u32 = 2;

/// True for the codes that mean "ask for fewer bytes": C6h comes from the Linux driver, whose KCS buffer holds 80
/// bytes; CEh and FFh from BMCs whose own buffer is too small.
fn wants_fewer_bytes(code: CompletionCode) -> bool {
    matches!(
        code,
        CompletionCode::REQUEST_TRUNCATED
            | CompletionCode::REQUEST_LENGTH_INVALID
            | CompletionCode::REQUEST_LENGTH_EXCEEDED
            | CompletionCode::CANNOT_RETURN_REQUESTED_BYTES
            | CompletionCode::CANNOT_RESPOND
            | CompletionCode::UNSPECIFIED
    )
}

fn is_reservation_lost(error: &Error) -> bool {
    error.completion_code() == Some(CompletionCode::RESERVATION_CANCELLED)
}

/// Commands of the SEL and of the SDR repository: an erase is under way.
const ERASE_IN_PROGRESS: CompletionCode = CompletionCode(0x81);

/// True when an error is about the record that was asked for, so that the records behind it may be readable: BMCs
/// refuse a whole command by other codes.
fn concerns_record(error: &Error) -> bool {
    match error.completion_code() {
        Some(code) => !matches!(
            code,
            CompletionCode::INVALID_COMMAND
                | CompletionCode::INVALID_COMMAND_ON_LUN
                | CompletionCode::INSUFFICIENT_PRIVILEGE
                | CompletionCode::NOT_IN_PRESENT_STATE
                | CompletionCode::COMMAND_DISABLED
                | ERASE_IN_PROGRESS
        ),
        None => !is_link_error(error),
    }
}

/// True when the way to the BMC failed, so that asking on makes no sense.
fn is_link_error(error: &Error) -> bool {
    matches!(error, Error::Timeout { .. } | Error::Transport { .. })
}
