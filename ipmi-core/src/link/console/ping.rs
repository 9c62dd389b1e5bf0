//! Finding BMCs: the presence ping of ASF and its pong (IPMI 2.0 s13.2.3, s13.2.4).

use crate::link::asf::{AsfMessage, Pong};
use crate::link::rmcp::{RmcpClass, RmcpHeader};

/// The datagram that asks whether somebody is there; `tag` (not FFh, which asks for no answer) comes back.
///
/// ```
/// use ipmi_core::link::console::{pong_in, presence_ping};
/// assert_eq!(presence_ping(1), [6, 0, 0xFF, 6, 0, 0, 0x11, 0xBE, 0x80, 1, 0, 0]);
/// assert_eq!(pong_in(&presence_ping(1), 1), None);
/// ```
pub fn presence_ping(tag: u8) -> Vec<u8> {
    let mut datagram = RmcpHeader::ASF.emit().to_vec();
    datagram.extend(AsfMessage::Ping { tag }.emit());
    datagram
}

/// The pong with this tag in a datagram.
pub fn pong_in(datagram: &[u8], tag: u8) -> Option<Pong> {
    let (header, body) = RmcpHeader::parse(datagram).ok()?;
    if header.class != RmcpClass::Asf || header.is_ack {
        return None;
    }
    match AsfMessage::parse(body).ok()? {
        AsfMessage::Pong { tag: found, pong } if found == tag => Some(pong),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As OpenIPMI's simulator answers.
    #[test]
    fn golden_pong_and_every_prefix() {
        let mut golden = vec![6, 0, 0xFF, 6, 0, 0, 0x11, 0xBE, 0x40, 7, 0, 16];
        golden.extend([0, 0, 0x11, 0xBE, 0, 0, 0, 0, 0x81, 0, 0, 0, 0, 0, 0, 0]);
        assert!(pong_in(&golden, 7).is_some_and(|pong| pong.supports_ipmi()));
        assert_eq!(pong_in(&golden, 8), None);
        for length in 0..golden.len() {
            assert_eq!(pong_in(&golden[..length], 7), None, "{length}");
        }
    }
}
