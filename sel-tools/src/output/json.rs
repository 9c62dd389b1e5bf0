//! The JSON output (`--json`): what scripts may rely on.
//!
//! A command that prints one thing prints one object; a command that prints a list prints an array with an object for
//! each row, `[]` when there is none. Names are snake_case. Numbers are numbers, never text; what cannot be read is
//! `null`; codes that have a name come as number and name (`sensor_type`, `sensor_type_name`). Dates are RFC 3339 in
//! UTC beside the raw seconds; a timestamp that counts from the controller's start has no date. Fields may be added,
//! but are not renamed or removed. Messages still go to stderr, and the exit status is that of the text output.

use serde::Serialize;

/// A timestamp of a record.
#[derive(Debug, Clone, Serialize, PartialEq, Eq)]
pub struct Timestamp {
    /// Seconds as the BMC sent them.
    pub seconds: u32,
    /// RFC 3339 in UTC, if the seconds are a date.
    pub time: Option<String>,
}

/// Result of a command that changes something.
#[derive(Debug, Clone, Serialize, PartialEq, Eq)]
pub struct Done<'a> {
    /// What was done.
    pub done: &'a str,
}
