//! What is typed at a console: characters for the system, and escape sequences at the beginning of a line.

/// What a key means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// It goes to the system.
    Send(u8),
    /// The escape character and this go to the system: together they mean nothing here.
    SendEscaped(u8),
    /// It may begin an escape sequence; the next one tells.
    Wait,
    /// Ends the connection.
    End,
    /// Suspends the program, with the terminal as it was before.
    Suspend,
    /// Suspends the program and leaves the terminal as it is.
    SuspendRaw,
    /// Sends a break.
    Break,
    /// Lists the escape sequences.
    Help,
}

/// Reads keys.
#[derive(Debug)]
pub struct Escapes {
    escape: u8,
    line_start: bool,
    escaped: bool,
}

const CTRL_X: u8 = 0x18;
const CTRL_Z: u8 = 0x1A;

impl Escapes {
    /// A line that begins.
    pub const fn new(escape: u8) -> Self {
        Self { escape, line_start: true, escaped: false }
    }

    /// What the next key means.
    ///
    /// ```
    /// use sel_tools::command::sol::escape::{Escapes, Key};
    /// let mut escapes = Escapes::new(b'~');
    /// assert_eq!(escapes.key(b'~'), Key::Wait);
    /// assert_eq!(escapes.key(b'.'), Key::End);
    /// ```
    pub fn key(&mut self, key: u8) -> Key {
        if std::mem::take(&mut self.escaped) {
            // After a sequence the line still begins.
            return match key {
                b'.' => Key::End,
                CTRL_Z => Key::Suspend,
                CTRL_X => Key::SuspendRaw,
                b'B' => Key::Break,
                b'?' => Key::Help,
                _ => {
                    self.line_start = is_line_end(key);
                    if key == self.escape { Key::Send(key) } else { Key::SendEscaped(key) }
                }
            };
        }
        if self.line_start && key == self.escape {
            self.escaped = true;
            return Key::Wait;
        }
        self.line_start = is_line_end(key);
        Key::Send(key)
    }

    /// The escape character.
    pub const fn character(&self) -> u8 {
        self.escape
    }

    /// The list of sequences.
    pub fn help(&self) -> Vec<String> {
        let escape = char::from(self.escape);
        vec![
            format!("{escape}?"),
            "\tSupported escape sequences:".into(),
            format!("\t{escape}.  - terminate connection"),
            format!("\t{escape}^Z - suspend ipmi"),
            format!("\t{escape}^X - suspend ipmi, but don't restore tty on restart"),
            format!("\t{escape}B  - send break"),
            format!("\t{escape}?  - this message"),
            format!("\t{escape}{escape}  - send the escape character by typing it twice"),
            "\t(Note that escapes are only recognized immediately after newline.)".into(),
        ]
    }
}

const fn is_line_end(key: u8) -> bool {
    matches!(key, b'\r' | b'\n')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(text: &[u8]) -> Vec<Key> {
        let mut escapes = Escapes::new(b'~');
        text.iter().map(|key| escapes.key(*key)).collect()
    }

    #[test]
    fn sequences_are_known_at_the_beginning_of_a_line() {
        assert_eq!(keys(b"a~."), [Key::Send(b'a'), Key::Send(b'~'), Key::Send(b'.')]);
        assert_eq!(keys(b"a\r~."), [Key::Send(b'a'), Key::Send(b'\r'), Key::Wait, Key::End]);
        assert_eq!(keys(b"~B~?"), [Key::Wait, Key::Break, Key::Wait, Key::Help]);
        assert_eq!(keys(b"~\x1A~\x18"), [Key::Wait, Key::Suspend, Key::Wait, Key::SuspendRaw]);
        assert_eq!(keys(b"~~."), [Key::Wait, Key::Send(b'~'), Key::Send(b'.')]);
        assert_eq!(keys(b"~x~."), [Key::Wait, Key::SendEscaped(b'x'), Key::Send(b'~'), Key::Send(b'.')]);
        assert_eq!(keys(b"~\r~."), [Key::Wait, Key::SendEscaped(b'\r'), Key::Wait, Key::End]);
    }
}
