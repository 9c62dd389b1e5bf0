//! Activate Payload (IPMI 2.0 s24.1).

use std::ops::RangeInclusive;

use crate::command::short;
use crate::{Command, CompletionCode, NetFn, ParseError, Privilege};

/// Starts a payload, such as SOL, in the session it comes in on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ActivatePayload {
    /// Payload type; 1 is SOL.
    pub payload_type: u8,
    /// Instance, from 1.
    pub instance: u8,
    /// Defined by the payload.
    pub auxiliary: [u8; 4],
}

/// Where and how the payload goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ActivatedPayload {
    /// Defined by the payload; for SOL bit 0 of the first byte is test mode.
    pub auxiliary: [u8; 4],
    /// Longest payload the BMC takes, its own header included.
    pub inbound_size: u16,
    /// Longest payload the BMC sends, its own header included.
    pub outbound_size: u16,
    /// UDP port.
    pub port: u16,
    /// VLAN; FFFFh for none.
    pub vlan: u16,
}

impl Command for ActivatePayload {
    type Response = ActivatedPayload;
    const NET_FN: NetFn = NetFn::APP;
    const CMD: u8 = 0x48;
    const NAME: &'static str = "Activate Payload";
    const RESPONSE_LEN: RangeInclusive<usize> = 12..=12;
    const PRIVILEGE: Privilege = Privilege::User;

    fn emit(&self, out: &mut Vec<u8>) {
        out.extend([self.payload_type & 0x3F, self.instance & 0x0F]);
        out.extend(self.auxiliary);
    }

    fn parse(data: &[u8]) -> Result<ActivatedPayload, ParseError> {
        let &[a0, a1, a2, a3, in0, in1, out0, out1, port0, port1, vlan0, vlan1, ..] = data else {
            return Err(short::<Self>(data));
        };
        Ok(ActivatedPayload {
            auxiliary: [a0, a1, a2, a3],
            inbound_size: u16::from_le_bytes([in0, in1]),
            outbound_size: u16::from_le_bytes([out0, out1]),
            port: u16::from_le_bytes([port0, port1]),
            vlan: u16::from_le_bytes([vlan0, vlan1]),
        })
    }

    fn code_text(code: CompletionCode) -> Option<&'static str> {
        Some(match code.0 {
            0x80 => "Payload already active on another session",
            0x81 => "Payload disabled",
            0x82 => "Payload activation limit reached",
            0x83 => "Cannot activate payload with encryption",
            0x84 => "Cannot activate payload without encryption",
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::testing::{check_request, check_response};

    #[test]
    fn golden_bytes() {
        let command = ActivatePayload { payload_type: 1, instance: 1, auxiliary: [0xC6, 0, 0, 0] };
        check_request(&command, &[1, 1, 0xC6, 0, 0, 0]);
        let golden = [0, 0, 0, 0, 0xF8, 0, 0x04, 0x01, 0x6F, 0x02, 0xFF, 0xFF];
        let activated = check_response::<ActivatePayload>(&golden);
        assert_eq!((activated.inbound_size, activated.outbound_size), (248, 260));
        assert_eq!((activated.port, activated.vlan), (623, 0xFFFF));
    }
}
