//! Get BMC Global Enables (IPMI 2.0 s22.2).

use std::ops::RangeInclusive;

use crate::command::short;
use crate::{Command, NetFn, ParseError, Privilege};

/// Asks what the BMC does on its own account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GetBmcGlobalEnables;

bitflags::bitflags! {
    /// What the BMC does on its own account.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct GlobalEnables: u8 {
        /// Interrupt when a message is in the receive queue.
        const RECEIVE_QUEUE_INTERRUPT = 1 << 0;
        /// Interrupt when the event message buffer is full.
        const EVENT_BUFFER_INTERRUPT = 1 << 1;
        /// Event message buffer.
        const EVENT_BUFFER = 1 << 2;
        /// Logging into the SEL.
        const SEL_LOGGING = 1 << 3;
        /// OEM 0.
        const OEM_0 = 1 << 5;
        /// OEM 1.
        const OEM_1 = 1 << 6;
        /// OEM 2.
        const OEM_2 = 1 << 7;
        const _ = !0;
    }
}

impl GlobalEnables {
    /// Flags with the name ipmitool gives them in `bmc getenables` and `bmc setenables`, in the order it prints them.
    pub const NAMES: &'static [(Self, &'static str, &'static str)] = &[
        (Self::RECEIVE_QUEUE_INTERRUPT, "recv_msg_intr", "Receive Message Queue Interrupt"),
        (Self::EVENT_BUFFER_INTERRUPT, "event_msg_intr", "Event Message Buffer Full Interrupt"),
        (Self::EVENT_BUFFER, "event_msg", "Event Message Buffer"),
        (Self::SEL_LOGGING, "system_event_log", "System Event Logging"),
        (Self::OEM_0, "oem0", "OEM 0"),
        (Self::OEM_1, "oem1", "OEM 1"),
        (Self::OEM_2, "oem2", "OEM 2"),
    ];
}

impl Command for GetBmcGlobalEnables {
    type Response = GlobalEnables;
    const NET_FN: NetFn = NetFn::APP;
    const CMD: u8 = 0x2F;
    const NAME: &'static str = "Get BMC Global Enables";
    const RESPONSE_LEN: RangeInclusive<usize> = 1..=1;
    const PRIVILEGE: Privilege = Privilege::User;

    fn emit(&self, _out: &mut Vec<u8>) {}

    fn parse(data: &[u8]) -> Result<GlobalEnables, ParseError> {
        let &[enables, ..] = data else {
            return Err(short::<Self>(data));
        };
        Ok(GlobalEnables::from_bits_retain(enables))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::testing::{check_request, check_response};

    #[test]
    fn golden_bytes() {
        check_request(&GetBmcGlobalEnables, &[]);
        let enables = check_response::<GetBmcGlobalEnables>(&[0x0C]);
        assert_eq!(enables, GlobalEnables::EVENT_BUFFER | GlobalEnables::SEL_LOGGING);
    }

    #[test]
    fn every_named_flag_is_one_bit() {
        assert!(GlobalEnables::NAMES.windows(2).all(|pair| pair[0].0.bits() < pair[1].0.bits()));
        assert!(GlobalEnables::NAMES.iter().all(|(flag, ..)| flag.bits().is_power_of_two()));
    }
}
