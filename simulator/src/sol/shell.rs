//! A system behind the console without a machine: a loopback shell with a few commands, enough to see that what is
//! typed arrives and that what is printed comes back whole.

use super::end::Typed;
use super::system::System;

/// Longest line.
const LINE: usize = 256;
/// Most characters one `flood` prints.
const FLOOD: usize = 64 << 20;
/// Characters printed at once.
const PIECE: usize = 2048;
/// Characters waiting to be printed beyond which nothing typed is taken.
const BACKLOG: usize = 4096;
const PROMPT: &str = "sim# ";
const HELP: &str = "\
echo TEXT    print it\r
flood BYTES  print numbered lines, BYTES characters in all\r
whoami       the name of this system\r
help         this list\r
";

/// A line-editing shell. What is typed is echoed, and a break is told.
///
/// ```
/// let mut shell = simulator::sol::Shell::new("server");
/// shell.type_in(b"echo hi\r");
/// let mut seen = Vec::new();
/// while let Some(printed) = shell.print(4096) {
///     seen.extend(printed);
/// }
/// assert_eq!(String::from_utf8(seen).unwrap(), "echo hi\r\nhi\r\nsim# ");
/// ```
#[derive(Debug)]
pub struct Shell {
    name: String,
    line: Vec<u8>,
    printed: Vec<u8>,
    flood: Option<Flood>,
}

/// Lines `00000000 abcdefghij...`, each with its number, until there are enough characters.
#[derive(Debug)]
struct Flood {
    number: usize,
    left: usize,
}

impl Shell {
    /// A shell of a system with this name.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), line: Vec::new(), printed: Vec::new(), flood: None }
    }

    /// Takes what the console typed.
    pub fn type_in(&mut self, typed: &[u8]) {
        for &byte in typed {
            match byte {
                b'\r' | b'\n' => {
                    self.printed.extend(b"\r\n");
                    let line = std::mem::take(&mut self.line);
                    self.run(&String::from_utf8_lossy(&line));
                }
                // Ctrl-C ends what runs; Backspace takes one character back.
                0x03 => {
                    self.flood = None;
                    self.line.clear();
                    self.printed.extend(format!("^C\r\n{PROMPT}").bytes());
                }
                0x08 | 0x7F if self.line.pop().is_some() => self.printed.extend(b"\x08 \x08"),
                b' '..=b'~' if self.line.len() < LINE => {
                    self.line.push(byte);
                    self.printed.push(byte);
                }
                _ => {}
            }
        }
    }

    fn run(&mut self, line: &str) {
        let (command, words) = line.trim().split_once(' ').unwrap_or((line.trim(), ""));
        match command {
            "" => {}
            "echo" => self.printed.extend(format!("{words}\r\n").bytes()),
            "whoami" => self.printed.extend(format!("{}\r\n", self.name).bytes()),
            "help" => self.printed.extend(HELP.bytes()),
            "flood" => match words.trim().parse::<usize>() {
                Ok(count) if count <= FLOOD => {
                    self.flood = Some(Flood { number: 0, left: count });
                    return;
                }
                _ => self.printed.extend(format!("flood: expected a number up to {FLOOD}\r\n").bytes()),
            },
            other => self.printed.extend(format!("{other}: no such command; try help\r\n").bytes()),
        }
        self.printed.extend(PROMPT.bytes());
    }

    /// Takes up to `room` characters of what it prints; `None` when there is nothing.
    pub fn print(&mut self, room: usize) -> Option<Vec<u8>> {
        while self.printed.len() < room.min(PIECE) {
            let Some(flood) = &mut self.flood else { break };
            let line = format!("{:08} abcdefghijklmnopqrstuvwxyz0123456789 the quick brown fox\r\n", flood.number);
            let count = line.len().min(flood.left);
            self.printed.extend(line.bytes().take(count));
            flood.number += 1;
            flood.left -= count;
            if flood.left == 0 {
                self.flood = None;
                self.printed.extend(format!("\r\n{PROMPT}").bytes());
            }
        }
        let count = room.min(self.printed.len());
        (count > 0).then(|| self.printed.drain(..count).collect())
    }
}

impl System for Shell {
    fn room(&self) -> usize {
        BACKLOG.saturating_sub(self.printed.len())
    }

    fn take(&mut self, typed: &Typed) {
        if typed.sends_break {
            self.printed.extend(b"<break>");
        }
        self.type_in(&typed.characters);
    }

    fn give(&mut self, room: usize) -> Option<Vec<u8>> {
        self.print(room)
    }

    fn discard(&mut self) {
        self.flood = None;
        self.printed.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(shell: &mut Shell, room: usize) -> String {
        let mut seen = Vec::new();
        while let Some(printed) = shell.print(room) {
            assert!(printed.len() <= room);
            seen.extend(printed);
        }
        String::from_utf8(seen).unwrap()
    }

    #[test]
    fn lines_are_edited_and_run() {
        let mut shell = Shell::new("x");
        shell.type_in(b"whoamy\x7Fi\r");
        assert_eq!(all(&mut shell, 3), "whoamy\x08 \x08i\r\nx\r\nsim# ");
        shell.type_in(b"\x1B[A\0rubbish\r");
        assert!(all(&mut shell, 100).contains("no such command"));
        shell.type_in(&[b'a'; 10_000]);
        assert_eq!(all(&mut shell, 100).len(), LINE);
        shell.type_in(b"\x03");
        assert!(all(&mut shell, 100).ends_with(PROMPT));
    }

    #[test]
    fn a_flood_has_as_many_characters_as_asked_for() {
        let mut shell = Shell::new("x");
        shell.type_in(b"flood 100000\r");
        let seen = all(&mut shell, 777);
        let flood = seen.strip_prefix("flood 100000\r\n").unwrap();
        assert!(flood.ends_with("\r\nsim# "));
        assert_eq!(flood.len(), 100_000 + "\r\nsim# ".len());
        for (number, line) in flood[..100_000].split("\r\n").enumerate().filter(|(_, line)| line.len() > 8) {
            assert!(line.starts_with(&format!("{number:08} ")), "{line}");
        }
        shell.type_in(b"flood 99999999999999999999\r");
        assert!(all(&mut shell, 777).contains("expected a number"));
    }
}
