//! The configuration as it is written: values first, tables after them, bytes as hexadecimal digits.

use std::fmt::Write;

use ipmi_core::NetFn;

/// The first lines, printed before anything is read: a file that has these and not [`END`] is no whole recording.
pub(super) const BEGIN: &str = "# A BMC as `ipmi record` found it; for `bmc-sim --config` (docs/bmc-sim.md).\n\
                                # A file without `[recording]` at its end broke off and is not served.\n\
                                recorded = true\nbase = \"empty\"\n";
/// The last lines.
const END: &str = "\n[recording]\ncomplete = true\n";

/// A TOML document in the making, after [`BEGIN`].
#[derive(Default)]
pub(super) struct Document {
    values: String,
    tables: String,
    problems: Vec<String>,
}

impl Document {
    /// A line for people, among the values.
    pub(super) fn note(&mut self, text: &str) {
        let _ = writeln!(self.values, "# {}", one_line(text));
    }

    /// What is missing: a line for people here, and one for whoever records.
    pub(super) fn problem(&mut self, text: &str) {
        self.remark(&format!("missing: {text}"));
        self.problems.push(one_line(text));
    }

    /// What is missing so far.
    pub(super) fn problems(&self) -> &[String] {
        &self.problems
    }

    /// The text of a recording that broke off.
    pub(super) fn broken(&self) -> String {
        format!("{}{}\n# The recording broke off here.\n", self.values, self.tables)
    }

    /// A value of the whole BMC.
    pub(super) fn value(&mut self, name: &str, value: impl std::fmt::Display) {
        // Writing into a string does not fail.
        let _ = writeln!(self.values, "{name} = {value}");
    }

    /// Begins a table, or an entry of an array of tables (`[[name]]`).
    pub(super) fn table(&mut self, header: &str) -> &mut Self {
        let _ = writeln!(self.tables, "\n{header}");
        self
    }

    /// A value of the table begun last.
    pub(super) fn entry(&mut self, name: &str, value: impl std::fmt::Display) -> &mut Self {
        let _ = writeln!(self.tables, "{name} = {value}");
        self
    }

    /// A line for people.
    pub(super) fn remark(&mut self, text: &str) {
        let _ = writeln!(self.tables, "# {}", one_line(text));
    }

    /// An answer that is given as it was recorded, to requests that begin with `request`.
    pub(super) fn answer(&mut self, owner: u8, net_fn: NetFn, cmd: u8, request: &[u8], answer: &super::reader::Answer) {
        self.table("[[oem]]").entry("net_fn", byte(net_fn.get())).entry("cmd", byte(cmd));
        if owner != super::reader::BMC {
            self.entry("owner", byte(owner));
        }
        if !request.is_empty() {
            self.entry("request", hex(request));
        }
        match answer {
            Ok(data) => self.entry("response", hex(data)),
            Err(code) => self.entry("code", byte(*code)),
        };
    }

    pub(super) fn text(&self) -> String {
        format!("{}{}{END}", self.values, self.tables)
    }
}

fn one_line(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect()
}

/// A byte as TOML has it.
pub(super) fn byte(byte: u8) -> String {
    format!("{byte:#04x}")
}

/// Bytes as a string of digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("\"{digits}\"")
}

/// A text as a TOML string, not longer than its bytes: those that are no text become question marks.
pub(super) fn text(bytes: &[u8]) -> String {
    let ascii = || bytes.iter().map(|byte| if byte.is_ascii() { char::from(*byte) } else { '?' }).collect();
    let read = std::str::from_utf8(bytes).map_or_else(|_| ascii(), str::to_owned);
    let mut quoted = String::from("\"");
    for letter in read.chars() {
        match letter {
            '"' | '\\' => quoted.extend(['\\', letter]),
            letter if letter.is_control() => {
                let _ = write!(quoted, "\\u{:04x}", u32::from(letter));
            }
            letter => quoted.push(letter),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_come_before_tables() {
        let mut document = Document::default();
        document.table("[sel]").entry("capacity", 3);
        document.value("power", true);
        document.answer(0x2C, NetFn::new(0x30), 1, &[2], &Err(0xC1));
        document.remark("two\nlines");
        assert_eq!(
            document.text().lines().collect::<Vec<_>>(),
            [
                "power = true",
                "",
                "[sel]",
                "capacity = 3",
                "",
                "[[oem]]",
                "net_fn = 0x30",
                "cmd = 0x01",
                "owner = 0x2c",
                "request = \"02\"",
                "code = 0xc1",
                "# two lines",
                "",
                "[recording]",
                "complete = true"
            ]
        );
    }

    #[test]
    fn what_is_missing_is_said_and_a_broken_recording_has_no_end() {
        let mut document = Document::default();
        document.note("from\nnowhere");
        document.problem("FRU 3: gone");
        assert_eq!(document.problems(), ["FRU 3: gone"]);
        assert!(document.text().starts_with("# from nowhere\n# missing: FRU 3: gone\n"));
        assert!(document.broken().contains("# missing: FRU 3: gone") && !document.broken().contains("complete"));
        assert!(BEGIN.lines().any(|line| line == "recorded = true"));
    }

    #[test]
    fn texts_are_quoted() {
        assert_eq!(text(b"a\"b\\c\x07"), r#""a\"b\\c\u0007""#);
        assert_eq!(text(b"\xE9t\xE9"), "\"?t?\"");
        assert_eq!(text("été".as_bytes()), "\"été\"");
    }
}
