//! Serial basic mode: IPMB messages between a start and a stop byte, escaped (IPMI 2.0 s14.4). Either end uses it.
//!
//! A0 begins a message and A5 ends it; A0, A5, A6, AA and 1B inside become AA and a code. A6 alone is the packet
//! handshake: the receiver has taken a message and has room for the next.

use super::ipmb::IpmbMessage;
use crate::ParseError;

const START: u8 = 0xA0;
const STOP: u8 = 0xA5;
const ESCAPE: u8 = 0xAA;

/// The packet handshake.
pub const HANDSHAKE: u8 = 0xA6;

/// Bytes that cannot stand for themselves inside a message, and what follows AA in their place (table 14-6). The last
/// one belongs to the terminal: ESC sequences switch a shared line.
const ESCAPED: [(u8, u8); 5] = [(START, 0xB0), (STOP, 0xB5), (HANDSHAKE, 0xB6), (ESCAPE, 0xBA), (0x1B, 0x3B)];

/// Message bytes kept; a longer message is an error, and its bytes are dropped.
pub const MAX_MESSAGE: usize = 320;

/// What came off the line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Item {
    /// A message with right checksums.
    Message(IpmbMessage),
    /// The packet handshake.
    Handshake,
}

/// Takes messages off a byte stream.
///
/// ```
/// use ipmi_core::link::serial_basic::{Decoder, HANDSHAKE, Item, emit};
/// let line = [0xA0, 0x20, 0x18, 0xC8, 0x81, 0x04, 0x01, 0x7A, 0xA5, HANDSHAKE];
/// let mut decoder = Decoder::default();
/// let items: Vec<_> = line.into_iter().filter_map(|byte| decoder.push(byte)).collect();
/// let [Ok(Item::Message(message)), Ok(Item::Handshake)] = items.as_slice() else { panic!() };
/// assert_eq!((message.cmd, message.sequence), (0x01, 1));
/// assert_eq!(emit(message), line[..9]);
/// ```
#[derive(Debug, Clone, Default)]
pub struct Decoder {
    message: Vec<u8>,
    state: State,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum State {
    /// Nothing counts until a start byte.
    #[default]
    Outside,
    Inside,
    Escaped,
    /// The message has gone wrong: skipped to its end.
    Spoilt(ParseError),
}

impl Decoder {
    /// Takes one byte; returns what it ends, or what was wrong with it. A start byte begins a message whatever came
    /// before; bytes outside a message are ignored.
    pub fn push(&mut self, byte: u8) -> Option<Result<Item, ParseError>> {
        match (byte, self.state) {
            (START, _) => {
                self.message.clear();
                self.state = State::Inside;
                None
            }
            // A receiver may send its handshake at any time, even while it is sending a message.
            (HANDSHAKE, _) => Some(Ok(Item::Handshake)),
            (_, State::Outside) => None,
            (STOP, state) => {
                self.state = State::Outside;
                Some(match state {
                    State::Spoilt(error) => Err(error),
                    State::Escaped => Err(bad_escape(STOP)),
                    State::Outside | State::Inside => IpmbMessage::parse(&self.message).map(Item::Message),
                })
            }
            (_, State::Spoilt(_)) => None,
            (byte, State::Escaped) => {
                match ESCAPED.iter().find(|(_, code)| *code == byte) {
                    Some((meant, _)) => self.take(*meant),
                    None => self.state = State::Spoilt(bad_escape(byte)),
                }
                None
            }
            (ESCAPE, State::Inside) => {
                self.state = State::Escaped;
                None
            }
            (byte, State::Inside) => {
                self.take(byte);
                None
            }
        }
    }

    fn take(&mut self, byte: u8) {
        if self.message.len() < MAX_MESSAGE {
            self.message.push(byte);
            self.state = State::Inside;
        } else {
            let (expected, found) = (MAX_MESSAGE, MAX_MESSAGE + 1);
            self.state = State::Spoilt(ParseError::Trailing { field: "basic mode message", expected, found });
        }
    }
}

fn bad_escape(found: u8) -> ParseError {
    let expected = "B0h, B5h, B6h, BAh or 3Bh";
    ParseError::Invalid { field: "basic mode escape", expected, found: found.into() }
}

/// A message as it goes onto the line.
pub fn emit(message: &IpmbMessage) -> Vec<u8> {
    frame(&message.emit())
}

/// The bytes of a message that is an IPMB frame already, between start and stop.
pub fn frame(message: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(message.len() + 8);
    out.push(START);
    for byte in message {
        match ESCAPED.iter().find(|(meant, _)| meant == byte) {
            Some((_, code)) => out.extend([ESCAPE, *code]),
            None => out.push(*byte),
        }
    }
    out.push(STOP);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Lun, NetFn, SlaveAddress};
    use proptest::prelude::*;

    fn decode(bytes: &[u8]) -> Vec<Result<Item, ParseError>> {
        let mut decoder = Decoder::default();
        bytes.iter().filter_map(|byte| decoder.push(*byte)).collect()
    }

    fn message(sequence: u8, data: &[u8]) -> IpmbMessage {
        IpmbMessage {
            responder: SlaveAddress::BMC,
            net_fn: NetFn::APP,
            responder_lun: Lun::BMC,
            requester: SlaveAddress(0x81),
            requester_lun: Lun::BMC,
            sequence,
            cmd: 0x01,
            data: data.to_vec(),
        }
    }

    #[test]
    fn golden_bytes() {
        // As ipmitool sends `raw 6 0x59 0xa0 0xa5 0xa6 0xaa 0x1b`.
        let request = IpmbMessage { cmd: 0x59, ..message(1, &[0xA0, 0xA5, 0xA6, 0xAA, 0x1B]) };
        let line = [
            0xA0, 0x20, 0x18, 0xC8, 0x81, 0x04, 0x59, 0xAA, 0xB0, 0xAA, 0xB5, 0xAA, 0xB6, 0xAA, 0xBA, 0xAA, 0x3B, 0x72,
            0xA5,
        ];
        assert_eq!(emit(&request), line);
        assert_eq!(decode(&line), [Ok(Item::Message(request))]);
    }

    #[test]
    fn noise_a_torn_message_and_handshakes_do_not_hurt_the_next() {
        let good = emit(&message(9, &[]));
        let mut line = vec![0x00, STOP, ESCAPE, 0xB0, b'x'];
        line.extend(&good[..5]);
        line.extend(&good[..4]);
        line.push(HANDSHAKE);
        line.extend(&good[4..]);
        assert_eq!(decode(&line), [Ok(Item::Handshake), Ok(Item::Message(message(9, &[])))]);
    }

    #[test]
    fn bad_messages_err_and_the_next_is_read() {
        let good = emit(&message(9, &[1]));
        let mut long = vec![START];
        long.extend([0; MAX_MESSAGE + 9]);
        for bad in [
            &[START][..],
            &[START, 1, 2, 3],
            &[START, ESCAPE],
            &[START, ESCAPE, 0x00, 1],
            &[START, 0x20, 0x18, 0xC9, 0x81, 0x04, 0x01, 0x7A],
            &[START, 0x20, 0x18, 0xC8, 0x81, 0x04, 0x01, 0x7B],
            &long,
        ] {
            let items = decode(&[bad, &[STOP], good.as_slice()].concat());
            assert!(matches!(items.as_slice(), [Err(_), Ok(Item::Message(_))]), "{bad:02X?}: {items:?}");
        }
    }

    #[test]
    fn no_shorter_prefix_is_a_message() {
        let line = emit(&message(1, &[0xA0, 7]));
        for len in 0..line.len() {
            assert_eq!(decode(&line[..len]), [], "{len}");
        }
    }

    proptest! {
        #[test]
        fn any_message_round_trips(sequence in 0u8..64, data in prop::collection::vec(any::<u8>(), 0..300)) {
            let message = message(sequence, &data);
            prop_assert_eq!(decode(&emit(&message)), vec![Ok(Item::Message(message))]);
        }

        #[test]
        fn any_bytes_are_taken(bytes in prop::collection::vec(any::<u8>(), 0..2000)) {
            let mut decoder = Decoder::default();
            for byte in bytes {
                let _ = decoder.push(byte);
                prop_assert!(decoder.message.len() <= MAX_MESSAGE);
            }
        }
    }
}
