//! Get Message Flags (IPMI 2.0 s22.4).

use std::ops::RangeInclusive;

use crate::command::short;
use crate::{Command, NetFn, ParseError, Privilege};

/// Asks what is waiting for system management software. System interface only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GetMessageFlags;

bitflags::bitflags! {
    /// What is waiting for system management software.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct MessageFlags: u8 {
        /// A message in the receive queue.
        const RECEIVE_QUEUE = 1 << 0;
        /// An event in the event message buffer.
        const EVENT_BUFFER = 1 << 1;
        /// The watchdog's pre-timeout interrupt happened.
        const WATCHDOG_PRE_TIMEOUT = 1 << 3;
        /// OEM 0.
        const OEM_0 = 1 << 5;
        /// OEM 1.
        const OEM_1 = 1 << 6;
        /// OEM 2.
        const OEM_2 = 1 << 7;
        const _ = !0;
    }
}

impl Command for GetMessageFlags {
    type Response = MessageFlags;
    const NET_FN: NetFn = NetFn::APP;
    const CMD: u8 = 0x31;
    const NAME: &'static str = "Get Message Flags";
    const RESPONSE_LEN: RangeInclusive<usize> = 1..=1;
    const PRIVILEGE: Privilege = Privilege::Administrator;

    fn emit(&self, _out: &mut Vec<u8>) {}

    fn parse(data: &[u8]) -> Result<MessageFlags, ParseError> {
        let &[flags, ..] = data else {
            return Err(short::<Self>(data));
        };
        Ok(MessageFlags::from_bits_retain(flags))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::testing::{check_request, check_response};

    #[test]
    fn golden_bytes() {
        check_request(&GetMessageFlags, &[]);
        let flags = check_response::<GetMessageFlags>(&[0x03]);
        assert_eq!(flags, MessageFlags::RECEIVE_QUEUE | MessageFlags::EVENT_BUFFER);
    }
}
