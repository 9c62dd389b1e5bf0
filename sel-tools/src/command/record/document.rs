//! The configuration as it is written: values first, tables after them, bytes as hexadecimal digits.

use std::fmt::Write;

/// A TOML document in the making.
pub(super) struct Document {
    values: String,
    tables: String,
}

impl Document {
    pub(super) fn new(name: &str) -> Self {
        let values = format!(
            "# {name} as `ipmi record` found it; for `bmc-sim --config` (docs/bmc-sim.md).\nbase = \"empty\"\n"
        );
        Self { values, tables: String::new() }
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
        let one_line: String = text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
        let _ = writeln!(self.tables, "# {one_line}");
    }

    /// An answer that is given as it was recorded, to requests that begin with `request`.
    pub(super) fn answer(&mut self, owner: u8, net_fn: u8, cmd: u8, request: &[u8], answer: &super::reader::Answer) {
        self.table("[[oem]]").entry("net_fn", byte(net_fn)).entry("cmd", byte(cmd));
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
        format!("{}{}", self.values, self.tables)
    }
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

/// A text as a TOML string.
pub(super) fn text(bytes: &[u8]) -> String {
    let mut quoted = String::from("\"");
    for letter in String::from_utf8_lossy(bytes).chars() {
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
        let mut document = Document::new("lan://h");
        document.table("[sel]").entry("capacity", 3);
        document.value("power", true);
        document.answer(0x2C, 0x30, 1, &[2], &Err(0xC1));
        document.remark("two\nlines");
        assert_eq!(
            document.text().lines().skip(1).collect::<Vec<_>>(),
            [
                "base = \"empty\"",
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
                "# two lines"
            ]
        );
    }

    #[test]
    fn texts_are_quoted() {
        assert_eq!(text(b"a\"b\\c\x07"), r#""a\"b\\c\u0007""#);
    }
}
