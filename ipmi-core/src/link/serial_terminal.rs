//! Serial terminal mode: messages as hexadecimal digits in brackets, text commands and answers (IPMI 2.0 s14.7).
//!
//! The format of messages, and what the console's end makes of a line. The BMC's end, with echo and line editing, is
//! [`super::serial_terminal_bmc`].

use super::system_message::{net_fn_lun, split_net_fn_lun};
use crate::{CompletionCode, Lun, NetFn, ParseError};

/// Most characters between the brackets; a longer line is an error, and its characters are dropped. A message of 320
/// bytes with blanks fits.
pub const MAX_LINE: usize = 960;

/// A message, request or response.
///
/// ```
/// use ipmi_core::{Lun, NetFn, link::serial_terminal::TerminalMessage};
/// let (net_fn, lun) = (NetFn::APP, Lun::BMC);
/// let request = TerminalMessage { net_fn, lun, sequence: 0, bridge: 0, cmd: 0x22, data: vec![] };
/// assert_eq!(request.emit(), "[18 00 22]");
/// assert_eq!(TerminalMessage::parse(b"180022"), Ok(request));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TerminalMessage {
    /// Network function; odd in a response.
    pub net_fn: NetFn,
    /// Logical unit of the BMC.
    pub lun: Lun,
    /// Sequence number, 0-63.
    pub sequence: u8,
    /// Bridge field: 0 to and from the BMC, 1 a message bridged to or from another channel.
    pub bridge: u8,
    /// Command.
    pub cmd: u8,
    /// Data; in a response the completion code comes first.
    pub data: Vec<u8>,
}

impl TerminalMessage {
    /// The line without its end: upper-case pairs with blanks, as the specification prints them.
    pub fn emit(&self) -> String {
        let mut line = String::with_capacity(12 + 3 * self.data.len());
        let first = [net_fn_lun(self.net_fn, self.lun), self.sequence << 2 | self.bridge & 3, self.cmd];
        for byte in first.iter().chain(&self.data) {
            line.push(if line.is_empty() { '[' } else { ' ' });
            push_hex(&mut line, *byte);
        }
        line.push(']');
        line
    }

    /// Reads what is between the brackets: pairs in either case, with or without blanks.
    ///
    /// # Errors
    /// When it is no list of pairs, or fewer than three bytes.
    pub fn parse(inner: &[u8]) -> Result<Self, ParseError> {
        let bytes = parse_hex(inner)?;
        let [first, second, cmd, ref data @ ..] = bytes[..] else {
            return Err(ParseError::Truncated { field: "terminal mode message", expected: 3, found: bytes.len() });
        };
        let (net_fn, lun) = split_net_fn_lun(first);
        Ok(Self { net_fn, lun, sequence: second >> 2, bridge: second & 3, cmd, data: data.to_vec() })
    }

    /// True when `other` answers this request. The bridge field is not compared: an answer that was bridged has
    /// another.
    pub fn is_answered_by(&self, other: &Self) -> bool {
        other.net_fn == self.net_fn.response() && other.cmd == self.cmd && other.sequence == self.sequence
    }
}

/// Appends a byte as two upper-case digits.
pub(super) fn push_hex(text: &mut String, byte: u8) {
    for nibble in [byte >> 4, byte & 0xF] {
        text.push(char::from_digit(nibble.into(), 16).unwrap_or('0').to_ascii_uppercase());
    }
}

/// Reads pairs of hexadecimal digits with blanks between them.
///
/// # Errors
/// For another character, or a digit alone.
pub fn parse_hex(text: &[u8]) -> Result<Vec<u8>, ParseError> {
    let wrong = |found: u8| ParseError::Invalid {
        field: "terminal mode message",
        expected: "pairs of hexadecimal digits",
        found: found.into(),
    };
    let mut bytes = Vec::with_capacity(text.len() / 2);
    let mut high = None;
    for byte in text {
        let digit = char::from(*byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        match (digit, high.take()) {
            (Some(digit), None) => high = Some(digit),
            (Some(digit), Some(high)) => bytes.push(high << 4 | digit),
            (None, None) if byte.is_ascii_whitespace() => {}
            (None, _) => return Err(wrong(*byte)),
        }
    }
    match high {
        None => Ok(bytes),
        Some(digit) => Err(wrong(digit)),
    }
}

/// What the BMC sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line {
    /// A message.
    Message(TerminalMessage),
    /// `[OK]`, or `[OK` and a text`]`.
    Ok,
    /// `[ERR cc]`; without a code when none can be read.
    Error(Option<CompletionCode>),
    /// `[SYS]`: ready for the next message.
    Ready,
}

/// Takes lines off a byte stream, at the console's end.
///
/// ```
/// use ipmi_core::{CompletionCode, link::serial_terminal::{Decoder, Line}};
/// let mut decoder = Decoder::default();
/// let lines: Vec<_> = b"\r\n[ERR C1]\r\n".iter().filter_map(|byte| decoder.push(*byte)).collect();
/// assert_eq!(lines, [Ok(Line::Error(Some(CompletionCode(0xC1))))]);
/// ```
#[derive(Debug, Clone, Default)]
pub struct Decoder {
    inner: Option<Vec<u8>>,
    overrun: bool,
}

impl Decoder {
    /// Takes one byte; returns the line it ends, or what was wrong with it. An opening bracket begins a line whatever
    /// came before; what is not between brackets is ignored.
    pub fn push(&mut self, byte: u8) -> Option<Result<Line, ParseError>> {
        match (byte, &mut self.inner) {
            (b'[', _) => {
                self.inner = Some(Vec::new());
                self.overrun = false;
                None
            }
            (_, None) => None,
            (b']', inner) => {
                let inner = inner.take().unwrap_or_default();
                if self.overrun {
                    let (expected, found) = (MAX_LINE, MAX_LINE + 1);
                    return Some(Err(ParseError::Trailing { field: "terminal mode line", expected, found }));
                }
                Some(read(&inner))
            }
            (byte, Some(inner)) => {
                if inner.len() < MAX_LINE {
                    inner.push(byte);
                } else {
                    self.overrun = true;
                }
                None
            }
        }
    }
}

fn read(inner: &[u8]) -> Result<Line, ParseError> {
    let mut words = inner.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
    let (first, second) = (words.next().unwrap_or_default(), words.next());
    Ok(match first {
        b"OK" => Line::Ok,
        b"ERR" => {
            let code = second.and_then(|word| parse_hex(word).ok());
            Line::Error(code.and_then(|code| code.first().copied()).map(CompletionCode))
        }
        b"SYS" if second.is_none() => Line::Ready,
        _ => Line::Message(TerminalMessage::parse(inner)?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn decode(bytes: &[u8]) -> Vec<Result<Line, ParseError>> {
        let mut decoder = Decoder::default();
        bytes.iter().filter_map(|byte| decoder.push(*byte)).collect()
    }

    fn message() -> TerminalMessage {
        let data = vec![0x00, 0xAB];
        TerminalMessage { net_fn: NetFn::APP.response(), lun: Lun::SMS, sequence: 0x3F, bridge: 1, cmd: 0x34, data }
    }

    #[test]
    fn golden_lines() {
        assert_eq!(message().emit(), "[1E FD 34 00 AB]");
        for line in ["[1EFD3400AB]", "[1efd3400ab]\r\n", " [ 1E FD 34 00 AB ]\n", "[1e fd 34 00 aB]"] {
            assert_eq!(decode(line.as_bytes()), [Ok(Line::Message(message()))], "{line}");
        }
        // As OpenIPMI's simulator prints an answer to Get Device ID.
        let answer = decode(b"[1C040100 00 03 09 08 02 9F 91 12 00 02 0F 00 00 00 00]\n");
        let Ok(Line::Message(answer)) = &answer[0] else { panic!("{answer:?}") };
        assert_eq!((answer.sequence, answer.cmd, answer.data.len()), (1, 1, 16));
    }

    #[test]
    fn texts_are_told_apart() {
        let lines = decode(b"[OK]\r\n[OK TMODE]\r\n[SYS]\r\n[ERR D4]\r\n[ERR]\r\n[ERR ?]\n");
        let expected = [
            Line::Ok,
            Line::Ok,
            Line::Ready,
            Line::Error(Some(CompletionCode(0xD4))),
            Line::Error(None),
            Line::Error(None),
        ];
        assert_eq!(lines, expected.map(Ok));
    }

    #[test]
    fn bad_lines_err_and_the_next_is_read() {
        let good = message().emit();
        let long = format!("[{}", "0".repeat(MAX_LINE + 2));
        for bad in ["[", "[1", "[18 0", "[18 00", "[1 8 00 22", "[18 00 2G", "[SYS TMODE", "[\u{e9}", &long] {
            let lines = decode(format!("{bad}]{good}").as_bytes());
            assert!(matches!(lines.as_slice(), [Err(_), Ok(Line::Message(_))]), "{bad}: {lines:?}");
        }
        // A line that was torn off ends where the next begins.
        assert_eq!(decode(format!("[18 00{good}").as_bytes()), [Ok(Line::Message(message()))]);
    }

    #[test]
    fn no_shorter_prefix_is_a_line() {
        let line = message().emit();
        for len in 0..line.len() {
            assert_eq!(decode(&line.as_bytes()[..len]), [], "{len}");
        }
    }

    #[test]
    fn answers_fit_their_request() {
        let request = TerminalMessage { net_fn: NetFn::APP, ..message() };
        assert!(request.is_answered_by(&TerminalMessage { bridge: 0, ..message() }));
        assert!(!request.is_answered_by(&request));
        assert!(!request.is_answered_by(&TerminalMessage { sequence: 0, ..message() }));
        assert!(!request.is_answered_by(&TerminalMessage { cmd: 0, ..message() }));
    }

    proptest! {
        #[test]
        fn any_message_round_trips(first: u8, sequence in 0u8..64, bridge in 0u8..4, cmd: u8,
                                   data in prop::collection::vec(any::<u8>(), 0..300)) {
            let (net_fn, lun) = split_net_fn_lun(first);
            let message = TerminalMessage { net_fn, lun, sequence, bridge, cmd, data };
            prop_assert_eq!(decode(message.emit().as_bytes()), vec![Ok(Line::Message(message))]);
        }

        #[test]
        fn any_bytes_are_taken(bytes in prop::collection::vec(any::<u8>(), 0..3000)) {
            let mut decoder = Decoder::default();
            for byte in bytes {
                let _ = decoder.push(byte);
                prop_assert!(decoder.inner.as_ref().is_none_or(|inner| inner.len() <= MAX_LINE));
            }
        }
    }
}
