//! Clear Message Flags (IPMI 2.0 s22.3).

use std::ops::RangeInclusive;

use super::MessageFlags;
use crate::{Command, NetFn, ParseError, Privilege};

/// Drops what is waiting for system management software. System interface only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClearMessageFlags {
    /// What to clear.
    pub flags: MessageFlags,
}

impl Command for ClearMessageFlags {
    type Response = ();
    const NET_FN: NetFn = NetFn::APP;
    const CMD: u8 = 0x30;
    const NAME: &'static str = "Clear Message Flags";
    const RESPONSE_LEN: RangeInclusive<usize> = 0..=0;
    const PRIVILEGE: Privilege = Privilege::Administrator;

    fn emit(&self, out: &mut Vec<u8>) {
        out.push(self.flags.bits());
    }

    fn parse(_data: &[u8]) -> Result<(), ParseError> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::testing::{check_empty_response, check_request};

    #[test]
    fn golden_bytes() {
        check_request(&ClearMessageFlags { flags: MessageFlags::EVENT_BUFFER }, &[0x02]);
        check_empty_response::<ClearMessageFlags>();
    }
}
