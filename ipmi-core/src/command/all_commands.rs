//! Every command as a row of one table (IPMI 2.0 appendix G), for what runs over all of them. The rows are written
//! with the groups. No bytes make a parser panic, and no two commands share a number.

use std::ops::RangeInclusive;

use super::{Command, app, chassis, sensor, storage, transport};
use crate::{CompletionCode, NetFn, ParseError, Privilege};

/// A command without its types.
#[derive(Debug, Clone)]
pub struct CommandRow {
    /// Name in the specification's words.
    pub name: &'static str,
    /// Network function of the request.
    pub net_fn: NetFn,
    /// Command number.
    pub cmd: u8,
    /// Bytes a successful response may have after the completion code.
    pub response_len: RangeInclusive<usize>,
    /// Lowest privilege level that may send it over a session.
    pub privilege: Privilege,
    /// Reads response data and forgets what it says.
    pub parse: fn(&[u8]) -> Result<(), ParseError>,
    /// Meaning of a command-specific completion code.
    pub code_text: fn(CompletionCode) -> Option<&'static str>,
}

/// The row of a command.
pub(super) const fn row<C: Command>() -> CommandRow {
    CommandRow {
        name: C::NAME,
        net_fn: C::NET_FN,
        cmd: C::CMD,
        response_len: C::RESPONSE_LEN,
        privilege: C::PRIVILEGE,
        parse: |data| C::parse(data).map(drop),
        code_text: C::code_text,
    }
}

/// The rows of every group.
const GROUPS: [&[CommandRow]; 5] =
    [app::COMMANDS, chassis::COMMANDS, sensor::COMMANDS, storage::COMMANDS, transport::COMMANDS];

/// Every command, group by group in the order of their names.
///
/// ```
/// use ipmi_core::command::all_commands;
/// assert_eq!(all_commands::rows().filter(|row| row.name == "Get Device ID").count(), 1);
/// ```
pub fn rows() -> impl Iterator<Item = &'static CommandRow> {
    GROUPS.into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_command_has_a_number_of_its_own() {
        for (index, row) in rows().enumerate() {
            let twin = rows().take(index).find(|other| (other.net_fn, other.cmd) == (row.net_fn, row.cmd));
            assert!(twin.is_none(), "{} and {}", row.name, twin.map_or("", |twin| twin.name));
            assert!(!row.response_len.is_empty() && !row.net_fn.is_response(), "{}", row.name);
        }
    }

    #[test]
    fn command_specific_texts_are_for_command_specific_codes() {
        for row in rows() {
            for code in (0..=0xFF).filter(|code| !(0x80..=0xBE).contains(code)) {
                assert_eq!((row.code_text)(CompletionCode(code)), None, "{} {code:02X}h", row.name);
            }
        }
    }

    proptest! {
        #[test]
        fn any_bytes_parse_or_err(data in prop::collection::vec(any::<u8>(), 0..300)) {
            for row in rows() {
                let parsed = (row.parse)(&data);
                prop_assert!(parsed.is_ok() || data.len() < *row.response_len.start(), "{}: {parsed:?}", row.name);
                prop_assert!(parsed.is_err() || data.len() >= *row.response_len.start(), "{}", row.name);
            }
        }
    }
}
