//! Set BMC Global Enables (IPMI 2.0 s22.1).

use std::ops::RangeInclusive;

use super::GlobalEnables;
use crate::{Command, NetFn, ParseError, Privilege};

/// Chooses what the BMC does on its own account. System interface only. Read first: all flags are replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SetBmcGlobalEnables {
    /// New flags.
    pub enables: GlobalEnables,
}

impl Command for SetBmcGlobalEnables {
    type Response = ();
    const NET_FN: NetFn = NetFn::APP;
    const CMD: u8 = 0x2E;
    const NAME: &'static str = "Set BMC Global Enables";
    const RESPONSE_LEN: RangeInclusive<usize> = 0..=0;
    const PRIVILEGE: Privilege = Privilege::Administrator;

    fn emit(&self, out: &mut Vec<u8>) {
        out.push(self.enables.bits());
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
        check_request(&SetBmcGlobalEnables { enables: GlobalEnables::SEL_LOGGING }, &[0x08]);
        check_empty_response::<SetBmcGlobalEnables>();
    }
}
