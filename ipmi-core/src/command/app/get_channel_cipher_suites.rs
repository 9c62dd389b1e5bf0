//! Get Channel Cipher Suites (IPMI 2.0 s22.15).

use std::ops::RangeInclusive;

use crate::command::short;
use crate::{ChannelNumber, Command, CompletionCode, NetFn, ParseError, Privilege};

/// Asks for one piece of the list of cipher suites. Works outside a session.
///
/// The pieces are joined by [`SuiteRecordPieces`](crate::link::rmcp_plus::suite_records::SuiteRecordPieces).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GetChannelCipherSuites {
    /// Channel.
    pub channel: ChannelNumber,
    /// Payload type the suites are for; 0 is IPMI.
    pub payload_type: u8,
    /// True for whole suites, false for the algorithms alone.
    pub by_suite: bool,
    /// Which piece, 0-3Fh.
    pub index: u8,
}

/// One piece of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CipherSuitePiece {
    /// Channel the answer is about.
    pub channel: ChannelNumber,
    /// Up to 16 bytes of records.
    pub records: Vec<u8>,
}

impl Command for GetChannelCipherSuites {
    type Response = CipherSuitePiece;
    const NET_FN: NetFn = NetFn::APP;
    const CMD: u8 = 0x54;
    const NAME: &'static str = "Get Channel Cipher Suites";
    const RESPONSE_LEN: RangeInclusive<usize> = 1..=17;
    const PRIVILEGE: Privilege = Privilege::Callback;

    fn emit(&self, out: &mut Vec<u8>) {
        out.extend([self.channel.get(), self.payload_type & 0x3F, u8::from(self.by_suite) << 7 | self.index & 0x3F]);
    }

    fn parse(data: &[u8]) -> Result<CipherSuitePiece, ParseError> {
        let (channel, records) = data.split_first().ok_or_else(|| short::<Self>(data))?;
        Ok(CipherSuitePiece { channel: ChannelNumber::new(*channel), records: records.to_vec() })
    }

    fn code_text(code: CompletionCode) -> Option<&'static str> {
        (code.0 == 0x80).then_some("Payload type not available")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::testing::{check_request, check_response};

    #[test]
    fn golden_bytes() {
        let channel = ChannelNumber::CURRENT;
        let command = GetChannelCipherSuites { channel, payload_type: 0, by_suite: true, index: 1 };
        check_request(&command, &[0x0E, 0x00, 0x81]);
        check_request(&GetChannelCipherSuites { by_suite: false, ..command }, &[0x0E, 0x00, 0x01]);
        let piece = check_response::<GetChannelCipherSuites>(&[1, 0xC0, 3, 1, 0x41, 0x81]);
        assert_eq!((piece.channel.get(), piece.records.len()), (1, 5));
    }
}
