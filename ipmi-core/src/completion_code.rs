//! Completion codes (IPMI 2.0 table 5-2).

use std::fmt;

/// The first byte of every response. Unlisted codes are values too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CompletionCode(pub u8);

macro_rules! completion_codes {
    ($($name:ident = $value:literal, $text:literal;)*) => {
        impl CompletionCode {
            $(#[doc = $text] pub const $name: Self = Self($value);)*
            /// Every generic code with its text, in the order of table 5-2.
            pub const TABLE: &'static [(CompletionCode, &'static str)] = &[$((CompletionCode::$name, $text)),*];
        }
    };
}

// The texts are the ones ipmitool prints, its misspelling of D1h included: scripts match on them.
completion_codes! {
    OK = 0x00, "Command completed normally";
    NODE_BUSY = 0xC0, "Node busy";
    INVALID_COMMAND = 0xC1, "Invalid command";
    INVALID_COMMAND_ON_LUN = 0xC2, "Invalid command on LUN";
    TIMEOUT = 0xC3, "Timeout";
    OUT_OF_SPACE = 0xC4, "Out of space";
    RESERVATION_CANCELLED = 0xC5, "Reservation cancelled or invalid";
    REQUEST_TRUNCATED = 0xC6, "Request data truncated";
    REQUEST_LENGTH_INVALID = 0xC7, "Request data length invalid";
    REQUEST_LENGTH_EXCEEDED = 0xC8, "Request data field length limit exceeded";
    PARAMETER_OUT_OF_RANGE = 0xC9, "Parameter out of range";
    CANNOT_RETURN_REQUESTED_BYTES = 0xCA, "Cannot return number of requested data bytes";
    NOT_PRESENT = 0xCB, "Requested sensor, data, or record not found";
    INVALID_DATA_FIELD = 0xCC, "Invalid data field in request";
    ILLEGAL_FOR_SENSOR = 0xCD, "Command illegal for specified sensor or record type";
    CANNOT_RESPOND = 0xCE, "Command response could not be provided";
    DUPLICATED_REQUEST = 0xCF, "Cannot execute duplicated request";
    SDR_UPDATE_MODE = 0xD0, "SDR Repository in update mode";
    FIRMWARE_UPDATE_MODE = 0xD1, "Device firmeware in update mode";
    BMC_INITIALIZING = 0xD2, "BMC initialization in progress";
    DESTINATION_UNAVAILABLE = 0xD3, "Destination unavailable";
    INSUFFICIENT_PRIVILEGE = 0xD4, "Insufficient privilege level";
    NOT_IN_PRESENT_STATE = 0xD5, "Command not supported in present state";
    COMMAND_DISABLED = 0xD6, "Cannot execute command, command disabled";
    UNSPECIFIED = 0xFF, "Unspecified error";
}

impl fmt::Display for CompletionCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match Self::TABLE.iter().find(|(code, _)| code == self) {
            Some((_, text)) => f.write_str(text),
            None => write!(f, "Unknown (0x{:02X})", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table_is_in_order() {
        assert!(CompletionCode::TABLE.windows(2).all(|pair| pair[0].0 < pair[1].0));
        assert_eq!(CompletionCode(0x83).to_string(), "Unknown (0x83)");
    }
}
