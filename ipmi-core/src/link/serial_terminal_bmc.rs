//! Serial terminal mode, BMC end: echo, line editing, escape sequences (IPMI 2.0 s14.7, s25.2 parameter 29).
//!
//! ```text
//! line ──handle_input──▶ messages and texts ──poll_input──▶ BMC
//! line ◀──poll_output─── echo and answers   ◀──respond───── BMC
//! ```

use std::collections::VecDeque;

use super::serial_terminal::{MAX_LINE, TerminalMessage};
use crate::{ParseError, Secret};

const ESC: u8 = 0x1B;
const BACKSPACE: u8 = 0x08;
const DELETE: u8 = 0x7F;

/// Lines kept until the BMC takes them; a console that sends more without waiting loses them.
const MAX_INPUTS: usize = 32;

/// How a terminal is talked to: parameter 29 of the serial configuration.
///
/// ```
/// use ipmi_core::link::serial_terminal_bmc::TerminalConfiguration;
/// let plain = TerminalConfiguration([0x20, 0x51]);
/// assert!(plain.line_editing() && !plain.echo() && !plain.handshake());
/// assert_eq!(plain.output_newline(), "\n");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TerminalConfiguration(pub [u8; 2]);

impl Default for TerminalConfiguration {
    /// Line editing, erasing deletes, echo; CR LF out, CR in.
    fn default() -> Self {
        Self([0x26, 0x11])
    }
}

impl TerminalConfiguration {
    /// Deletes and the like are obeyed.
    pub const fn line_editing(self) -> bool {
        self.0[0] & 0x20 != 0
    }

    /// A delete erases the character on the screen; else it is echoed as it is.
    pub const fn erases(self) -> bool {
        self.0[0] >> 2 & 3 == 1
    }

    /// What comes in is sent back.
    pub const fn echo(self) -> bool {
        self.0[0] & 0x02 != 0
    }

    /// `[SYS]` tells that the next message may come.
    pub const fn handshake(self) -> bool {
        self.0[0] & 0x01 != 0
    }

    /// What ends an output line.
    pub const fn output_newline(self) -> &'static str {
        match self.0[1] >> 4 {
            0 => "",
            2 => "\0",
            3 => "\r",
            4 => "\n\r",
            5 => "\n",
            _ => "\r\n",
        }
    }

    /// True when `byte` ends an input line. A line feed always does, because files piped into a line have no CR.
    const fn ends_input(self, byte: u8) -> bool {
        matches!(byte, b'\r' | b'\n') || byte == 0 && self.0[1] & 0xF == 2
    }
}

/// An ESC sequence (table 14-9).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Escape {
    /// `ESC (`: the line goes to the BMC.
    ToBmc,
    /// `ESC Q`: the line goes to the system.
    ToSystem,
    /// `ESC R ESC r ESC R`: hard reset.
    Reset,
    /// `ESC ^`: power up.
    PowerUp,
}

/// What a console sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// A message.
    Message(TerminalMessage),
    /// What stood between brackets and is no message: a text command. It may hold a password.
    Text(Secret),
    /// A line without its closing bracket, or too long.
    Malformed(ParseError),
    /// An ESC sequence.
    Escape(Escape),
}

/// The BMC end of a line in terminal mode.
#[derive(Default)]
pub struct TerminalBmc {
    /// How the terminal is talked to.
    pub configuration: TerminalConfiguration,
    line: LineBuffer,
    escape: Option<Progress>,
    after_return: bool,
    inputs: VecDeque<Input>,
    output: Vec<u8>,
}

/// Without line and echo: they may hold a password.
impl std::fmt::Debug for TerminalBmc {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TerminalBmc")
            .field("configuration", &self.configuration)
            .field("inputs", &self.inputs)
            .finish_non_exhaustive()
    }
}

/// What is in the line so far.
#[derive(Default)]
struct LineBuffer {
    /// From the opening bracket on.
    text: Vec<u8>,
    overrun: bool,
}

/// How much of a sequence has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Progress {
    /// ESC.
    Escape,
    /// `ESC R`.
    FirstReset,
    /// `ESC R ESC`.
    FirstResetEscape,
    /// `ESC R ESC r`.
    SecondReset,
    /// `ESC R ESC r ESC`.
    SecondResetEscape,
}

impl TerminalBmc {
    /// Takes bytes from the line.
    pub fn handle_input(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.take(*byte);
        }
    }

    /// The next input.
    pub fn poll_input(&mut self) -> Option<Input> {
        self.inputs.pop_front()
    }

    /// Answers an input with lines, and says that the next may come when the configuration wants that.
    pub fn respond<'a>(&mut self, lines: impl IntoIterator<Item = &'a str>) {
        for line in lines {
            self.print(line);
        }
        if self.configuration.handshake() {
            self.print("[SYS]");
        }
    }

    /// Sends a line without being asked: the answer of another controller.
    pub fn print(&mut self, line: &str) {
        self.output.extend_from_slice(line.as_bytes());
        self.output.extend_from_slice(self.configuration.output_newline().as_bytes());
    }

    /// Bytes for the line; empty when there are none.
    pub fn poll_output(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.output)
    }

    fn take(&mut self, byte: u8) {
        let after_return = std::mem::replace(&mut self.after_return, byte == b'\r');
        if byte == ESC || self.escape.is_some() {
            self.escape(byte);
        } else if byte == b'\n' && after_return {
            // The second half of CR LF.
        } else if self.configuration.ends_input(byte) {
            self.echo(self.configuration.output_newline().as_bytes());
            self.end();
        } else if self.configuration.line_editing() && matches!(byte, BACKSPACE | DELETE) {
            if self.line.text.pop().is_some() {
                self.echo(if self.configuration.erases() { b"\x08 \x08" } else { &[DELETE] });
            }
        } else if byte == b'[' || !self.line.text.is_empty() {
            self.echo(&[byte]);
            if byte == b'[' {
                self.line = LineBuffer::default();
            }
            if self.line.text.len() < MAX_LINE {
                self.line.text.push(byte);
            } else {
                self.line.overrun = true;
            }
        }
    }

    fn escape(&mut self, byte: u8) {
        let (next, found) = match (self.escape, byte) {
            (Some(Progress::FirstReset), ESC) => (Some(Progress::FirstResetEscape), None),
            (Some(Progress::SecondReset), ESC) => (Some(Progress::SecondResetEscape), None),
            (_, ESC) => (Some(Progress::Escape), None),
            (Some(Progress::Escape), b'R') => (Some(Progress::FirstReset), None),
            (Some(Progress::FirstResetEscape), b'r') => (Some(Progress::SecondReset), None),
            (Some(Progress::SecondResetEscape), b'R') => (None, Some(Escape::Reset)),
            (Some(Progress::Escape), b'(') => (None, Some(Escape::ToBmc)),
            (Some(Progress::Escape), b'Q') => (None, Some(Escape::ToSystem)),
            (Some(Progress::Escape), b'^') => (None, Some(Escape::PowerUp)),
            _ => (None, None),
        };
        // An escape, whatever follows it, discards the line.
        self.line = LineBuffer::default();
        // What does not go on with a reset sequence is ordinary input again.
        let foreign = matches!(self.escape, Some(Progress::FirstReset | Progress::SecondReset)) && byte != ESC;
        self.escape = next;
        if let Some(found) = found {
            self.push(Input::Escape(found));
        } else if foreign {
            self.take(byte);
        }
    }

    fn echo(&mut self, bytes: &[u8]) {
        if self.configuration.echo() {
            self.output.extend_from_slice(bytes);
        }
    }

    fn end(&mut self) {
        let LineBuffer { text, overrun } = std::mem::take(&mut self.line);
        if text.is_empty() {
            return; // An empty line, or noise without a bracket.
        }
        let inner = text.strip_prefix(b"[").unwrap_or_default();
        let close = inner.iter().position(|byte| *byte == b']');
        self.push(match close.and_then(|close| inner.get(..close)) {
            None if overrun => {
                let (expected, found) = (MAX_LINE, MAX_LINE + 1);
                Input::Malformed(ParseError::Trailing { field: "terminal mode line", expected, found })
            }
            None => Input::Malformed(ParseError::Invalid { field: "terminal mode line", expected: "]", found: 0x0D }),
            Some(inner) => match TerminalMessage::parse(inner) {
                Ok(message) => Input::Message(message),
                Err(_) => Input::Text(Secret::new(inner)),
            },
        });
    }

    fn push(&mut self, input: Input) {
        if self.inputs.len() < MAX_INPUTS {
            self.inputs.push_back(input);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn run(configuration: [u8; 2], bytes: &[u8]) -> (Vec<Input>, String) {
        let configuration = TerminalConfiguration(configuration);
        let mut bmc = TerminalBmc { configuration, ..TerminalBmc::default() };
        bmc.handle_input(bytes);
        let inputs = std::iter::from_fn(|| bmc.poll_input()).collect();
        (inputs, String::from_utf8(bmc.poll_output()).unwrap())
    }

    fn text(words: &str) -> Input {
        Input::Text(Secret::new(words.as_bytes()))
    }

    #[test]
    fn lines_are_echoed_and_taken_apart() {
        let (inputs, echo) = run([0x26, 0x11], b"noise[180401]\r\n[SYS TMODE]\r\r");
        assert_eq!(echo, "[180401]\r\n[SYS TMODE]\r\n\r\n");
        let [Input::Message(message), second] = inputs.as_slice() else { panic!("{inputs:?}") };
        assert_eq!((message.net_fn.get(), message.sequence, message.cmd), (6, 1, 1));
        assert_eq!(*second, text("SYS TMODE"));
        // Without echo nothing is said; other line ends.
        assert_eq!(run([0x20, 0x52], b"[SYS TMODE]\0"), (vec![text("SYS TMODE")], String::new()));
        assert_eq!(run([0x20, 0x11], b"[SYS TMODE]\n"), (vec![text("SYS TMODE")], String::new()));
    }

    #[test]
    fn deletes_edit_the_line_and_escapes_discard_it() {
        let (inputs, echo) = run([0x26, 0x11], b"[SYX\x7FS TMODX\x08E]\r");
        assert_eq!(inputs, [text("SYS TMODE")]);
        assert_eq!(echo, "[SYX\x08 \x08S TMODX\x08 \x08E]\r\n");
        assert_eq!(run([0x22, 0x11], b"[AX\x7F]\r").1, "[AX\x7F]\r\n");
        assert_eq!(run([0x26, 0x11], b"[SYS POWER OFF\x1B\r[SYS TMODE]\r").0, [text("SYS TMODE")]);
        // Without line editing a delete is a character like others.
        assert_eq!(run([0x00, 0x11], b"[A\x7F]\r").0, [text("A\x7F")]);
        assert!(run([0x26, 0x11], b"\x7F\x7F").1.is_empty());
    }

    #[test]
    fn escape_sequences() {
        let sequences = b"\x1B(\x1BQ\x1B^\x1BR\x1Br\x1BR\x1Bx\x1B\x1B(";
        let expected =
            [Escape::ToBmc, Escape::ToSystem, Escape::PowerUp, Escape::Reset, Escape::ToBmc].map(Input::Escape);
        assert_eq!(run([0x26, 0x11], sequences).0, expected);
        // Half a reset is none.
        assert_eq!(run([0x26, 0x11], b"\x1BR\x1Br[SYS TMODE]\r").0, [text("SYS TMODE")]);
        assert_eq!(run([0x26, 0x11], b"\x1BR\x1BR\x1BR").0, []);
    }

    #[test]
    fn bad_lines_are_malformed_and_the_next_is_read() {
        let long = format!("[{}]", "0".repeat(MAX_LINE + 5));
        for bad in ["[", "[18 00 22", long.as_str()] {
            let (inputs, _) = run([0x26, 0x11], format!("{bad}\r[SYS TMODE]\r").as_bytes());
            assert!(matches!(inputs.as_slice(), [Input::Malformed(_), Input::Text(_)]), "{inputs:?}");
        }
        // A second bracket begins anew.
        assert_eq!(run([0x26, 0x11], b"[18 0[SYS TMODE]\r").0, [text("SYS TMODE")]);
    }

    #[test]
    fn answers_end_as_configured_and_the_handshake_follows() {
        for (newline, end) in [(0x01, ""), (0x11, "\r\n"), (0x21, "\0"), (0x31, "\r"), (0x41, "\n\r"), (0x51, "\n")] {
            let mut bmc = TerminalBmc { configuration: TerminalConfiguration([0x21, newline]), ..Default::default() };
            bmc.respond(["[OK]"]);
            assert_eq!(bmc.poll_output(), format!("[OK]{end}[SYS]{end}").into_bytes());
        }
    }

    #[test]
    fn a_password_is_not_shown() {
        let mut bmc = TerminalBmc::default();
        bmc.handle_input(b"[SYS PWD -U admin geheim");
        let bytes = format!("{:?}", b"geheim");
        assert!(!format!("{bmc:?}").contains(bytes.trim_matches(['[', ']'])));
        assert!(!format!("{:?}", text("SYS PWD -U admin geheim")).contains("geheim"));
    }

    proptest! {
        #[test]
        fn any_bytes_are_taken(bytes in prop::collection::vec(any::<u8>(), 0..3000), configuration: [u8; 2]) {
            let configuration = TerminalConfiguration(configuration);
            let mut bmc = TerminalBmc { configuration, ..TerminalBmc::default() };
            bmc.handle_input(&bytes);
            prop_assert!(bmc.line.text.len() <= MAX_LINE && bmc.inputs.len() <= MAX_INPUTS);
            prop_assert!(bmc.output.len() <= bytes.len() * 3);
            // Whatever came, an empty line and the next message gets through once the inputs are taken.
            while bmc.poll_input().is_some() {}
            bmc.handle_input(b"\x1B\r\r[180401]\r");
            let last = std::iter::from_fn(|| bmc.poll_input()).last();
            prop_assert!(matches!(last, Some(Input::Message(_))));
        }
    }
}
