//! The VM protocol's frames: messages and controls, escaped, with a terminator each (QEMU `ipmi-bmc-extern`,
//! `ipmi_sim` `codec VM`).
//!
//! A frame is its payload followed by A0 (message) or A1 (control); A0, A1 and AA inside become AA and the byte with
//! bit 4 set. Messages are sequence number, NetFn/LUN, command, data, checksum; controls have no checksum.

use super::system_message;
use crate::{ParseError, Request, Response, checksum};

pub use super::vm_control::{Capabilities, ToBmc, ToMachine, VERSION};

const MESSAGE_END: u8 = 0xA0;
const CONTROL_END: u8 = 0xA1;
const ESCAPE: u8 = 0xAA;
const ESCAPE_BIT: u8 = 0x10;

/// Payload bytes kept per frame; a longer frame is an error, and its bytes are dropped.
pub const MAX_FRAME: usize = 1024;

/// A frame taken off the line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Frame {
    /// A request or a response.
    Message {
        /// Sequence number, echoed by the BMC.
        sequence: u8,
        /// NetFn/LUN, command, (completion code,) data; the checksum was right and is gone.
        bytes: Vec<u8>,
    },
    /// A control message: [`ToMachine::parse`] or [`ToBmc::parse`] tell which.
    Control {
        /// What it is.
        id: u8,
        /// Its argument.
        argument: Option<u8>,
    },
}

/// Takes frames off a byte stream. Either end uses it.
///
/// ```
/// use ipmi_core::link::vm::{Decoder, Frame};
/// let mut decoder = Decoder::default();
/// let frames: Vec<_> = [0x1D, 0x18, 0x01, 0xCA, 0xA0].into_iter().filter_map(|byte| decoder.push(byte)).collect();
/// assert_eq!(frames, [Ok(Frame::Message { sequence: 0x1D, bytes: vec![0x18, 0x01] })]);
/// ```
#[derive(Debug, Clone, Default)]
pub struct Decoder {
    payload: Vec<u8>,
    escaped: bool,
    overrun: bool,
}

impl Decoder {
    /// Takes one byte; returns the frame it ends, or what was wrong with it. After an error the next frame is read
    /// as if nothing had happened.
    pub fn push(&mut self, byte: u8) -> Option<Result<Frame, ParseError>> {
        match byte {
            MESSAGE_END | CONTROL_END => {
                let payload = std::mem::take(&mut self.payload);
                let overrun = std::mem::take(&mut self.overrun);
                self.escaped = false;
                if overrun {
                    let found = MAX_FRAME + 1;
                    return Some(Err(ParseError::Trailing { field: "VM frame", expected: MAX_FRAME, found }));
                }
                if payload.is_empty() {
                    return None; // A stray terminator: a host sends one to end whatever was half sent before.
                }
                Some(if byte == MESSAGE_END { message(&payload) } else { control(&payload) })
            }
            ESCAPE => {
                self.escaped = true;
                None
            }
            byte => {
                let byte = if std::mem::take(&mut self.escaped) { byte & !ESCAPE_BIT } else { byte };
                if self.payload.len() < MAX_FRAME {
                    self.payload.push(byte);
                } else {
                    self.overrun = true;
                }
                None
            }
        }
    }
}

fn message(payload: &[u8]) -> Result<Frame, ParseError> {
    let [sequence, bytes @ .., found] = payload else {
        return Err(ParseError::Truncated { field: "VM message", expected: 4, found: payload.len() });
    };
    if bytes.len() < 2 {
        return Err(ParseError::Truncated { field: "VM message", expected: 4, found: payload.len() });
    }
    if !checksum::is_valid(payload) {
        let covered = payload.get(..payload.len() - 1).unwrap_or_default();
        let expected = checksum::checksum(covered);
        return Err(ParseError::BadChecksum { field: "VM message", expected, found: *found });
    }
    Ok(Frame::Message { sequence: *sequence, bytes: bytes.to_vec() })
}

fn control(payload: &[u8]) -> Result<Frame, ParseError> {
    match payload {
        [id] => Ok(Frame::Control { id: *id, argument: None }),
        [id, argument, ..] => Ok(Frame::Control { id: *id, argument: Some(*argument) }),
        [] => Err(ParseError::Truncated { field: "VM control", expected: 1, found: 0 }),
    }
}

/// The frame of a message: NetFn/LUN, command, (completion code,) data.
pub fn emit_message(sequence: u8, bytes: &[u8]) -> Vec<u8> {
    let mut payload = Vec::with_capacity(bytes.len() + 2);
    payload.push(sequence);
    payload.extend_from_slice(bytes);
    payload.push(checksum::checksum(&payload));
    frame(&payload, MESSAGE_END)
}

/// The frame of a request.
pub fn emit_request(sequence: u8, request: &Request) -> Vec<u8> {
    emit_message(sequence, &system_message::emit_request(request))
}

/// The frame of the response to `request`.
pub fn emit_response(sequence: u8, request: &Request, response: &Response) -> Vec<u8> {
    emit_message(sequence, &system_message::emit_response(request, response))
}

/// The frame of a control message for the machine.
pub fn emit_to_machine(control: ToMachine) -> Vec<u8> {
    emit_control(control.parts())
}

/// The frame of a control message for the BMC.
pub fn emit_to_bmc(control: ToBmc) -> Vec<u8> {
    emit_control(control.parts())
}

fn emit_control((id, argument): (u8, Option<u8>)) -> Vec<u8> {
    match argument {
        Some(argument) => frame(&[id, argument], CONTROL_END),
        None => frame(&[id], CONTROL_END),
    }
}

fn frame(payload: &[u8], end: u8) -> Vec<u8> {
    let mut out = Vec::with_capacity(payload.len() + 8);
    for byte in payload {
        match *byte {
            MESSAGE_END | CONTROL_END | ESCAPE => out.extend([ESCAPE, byte | ESCAPE_BIT]),
            byte => out.push(byte),
        }
    }
    out.push(end);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::NetFn;
    use proptest::prelude::*;

    fn decode(bytes: &[u8]) -> Vec<Result<Frame, ParseError>> {
        let mut decoder = Decoder::default();
        bytes.iter().filter_map(|byte| decoder.push(*byte)).collect()
    }

    #[test]
    fn golden_bytes() {
        let request = Request::new(NetFn::APP, 0x01, []);
        assert_eq!(emit_request(0x1D, &request), [0x1D, 0x18, 0x01, 0xCA, 0xA0]);
        assert_eq!(emit_to_bmc(ToBmc::Version(1)), [0xFF, 0x01, 0xA1]);
        assert_eq!(emit_to_bmc(ToBmc::Capabilities(Capabilities::from_bits_retain(0x3F))), [0x08, 0x3F, 0xA1]);
        assert_eq!(emit_to_machine(ToMachine::NoAttention), [0x00, 0xA1]);
        // Every byte that must be escaped, the checksum among them.
        assert_eq!(emit_message(0xA0, &[0xA1, 0xAA]), [0xAA, 0xB0, 0xAA, 0xB1, 0xAA, 0xBA, 0x15, 0xA0]);
        assert_eq!(emit_message(0x00, &[0x30, 0x30]), [0x00, 0x30, 0x30, 0xAA, 0xB0, 0xA0]);
    }

    #[test]
    fn a_control_and_a_message_in_one_read() {
        let mut bytes = emit_to_machine(ToMachine::EnableInterrupt);
        bytes.extend(emit_message(3, &[0x1C, 0x2E, 0x00]));
        let expected = vec![
            Ok(Frame::Control { id: 5, argument: None }),
            Ok(Frame::Message { sequence: 3, bytes: vec![0x1C, 0x2E, 0] }),
        ];
        assert_eq!(decode(&bytes), expected);
    }

    #[test]
    fn bad_frames_err_and_the_next_is_read() {
        let good = emit_message(9, &[0x18, 0x01]);
        for bad in [vec![1, 2, 3, 4, MESSAGE_END], vec![1, MESSAGE_END], vec![0; MAX_FRAME + 9]] {
            let mut bytes = bad.clone();
            if bad.len() > MAX_FRAME {
                bytes.push(MESSAGE_END);
            }
            bytes.extend(&good);
            let frames = decode(&bytes);
            assert_eq!(frames.len(), 2);
            assert!(frames[0].is_err() && frames[1].is_ok());
        }
    }

    #[test]
    fn a_broken_escape_does_not_leak_into_the_next_frame() {
        let mut bytes = vec![0x01, ESCAPE, MESSAGE_END];
        bytes.extend(emit_message(0x10, &[0x18, 0x01]));
        assert_eq!(decode(&bytes)[1], Ok(Frame::Message { sequence: 0x10, bytes: vec![0x18, 0x01] }));
    }

    proptest! {
        #[test]
        fn any_message_round_trips(sequence: u8, bytes in prop::collection::vec(any::<u8>(), 2..300)) {
            prop_assert_eq!(decode(&emit_message(sequence, &bytes)), vec![Ok(Frame::Message { sequence, bytes })]);
        }

        #[test]
        fn any_bytes_are_taken(bytes in prop::collection::vec(any::<u8>(), 0..3000)) {
            let mut decoder = Decoder::default();
            for byte in bytes {
                let _ = decoder.push(byte);
                prop_assert!(decoder.payload.len() <= MAX_FRAME);
            }
        }
    }
}
