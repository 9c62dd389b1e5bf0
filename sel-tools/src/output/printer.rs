//! Where output goes: data to stdout, messages to stderr, as text, CSV or JSON.

use std::fmt::Arguments;
use std::io::Write;

use serde::Serialize;
use serde_json::Value;

use super::clock::Clock;
use super::text;
use crate::Failure;

/// How data is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// Text as ipmitool lays it out.
    #[default]
    Text,
    /// Comma separated, as with ipmitool's `-c`.
    Csv,
    /// JSON.
    Json,
}

impl Format {
    /// As the command line says.
    pub fn of(arguments: &crate::args::Arguments) -> Self {
        match (arguments.json, arguments.csv) {
            (true, _) => Self::Json,
            (false, true) => Self::Csv,
            (false, false) => Self::Text,
        }
    }
}

/// Prints what commands say.
pub struct Printer<'a> {
    out: &'a mut dyn Write,
    err: &'a mut dyn Write,
    rows: Vec<Value>,
    /// Text, CSV or JSON.
    pub format: Format,
    /// How often `-v` was given.
    pub verbose: u8,
    /// Extended listings (`elist`).
    pub extended: bool,
    /// How dates are written.
    pub clock: Clock,
}

/// Prints to stdout without a line end; does nothing with JSON.
#[macro_export]
macro_rules! put {
    ($printer:expr, $($arg:tt)*) => { $printer.put(format_args!($($arg)*)) };
}

/// Prints a line to stdout; does nothing with JSON.
#[macro_export]
macro_rules! line {
    ($printer:expr) => { $printer.put(format_args!("\n")) };
    ($printer:expr, $($arg:tt)*) => { $printer.put_line(format_args!($($arg)*)) };
}

/// Prints a line to stderr.
#[macro_export]
macro_rules! complain {
    ($printer:expr, $($arg:tt)*) => { $printer.complain(format_args!($($arg)*)) };
}

impl<'a> Printer<'a> {
    /// A printer for these two streams.
    pub fn new(out: &'a mut dyn Write, err: &'a mut dyn Write, format: Format) -> Self {
        Self { out, err, rows: Vec::new(), format, verbose: 0, extended: false, clock: Clock::default() }
    }

    /// True for comma separated output.
    pub fn csv(&self) -> bool {
        self.format == Format::Csv
    }

    /// True for JSON.
    pub fn json(&self) -> bool {
        self.format == Format::Json
    }

    /// Prints to stdout, unless JSON was asked for: then only [`Self::row`] and [`Self::object`] print.
    pub fn put(&mut self, text: Arguments<'_>) -> Result<(), Failure> {
        if self.json() {
            return Ok(());
        }
        self.out.write_all(&text::to_bytes(&text.to_string()))?;
        Ok(())
    }

    /// Prints a line to stdout, unless JSON was asked for.
    pub fn put_line(&mut self, text: Arguments<'_>) -> Result<(), Failure> {
        self.put(text)?;
        self.put(format_args!("\n"))
    }

    /// Prints a line to stderr.
    pub fn complain(&mut self, text: Arguments<'_>) -> Result<(), Failure> {
        // What was printed before comes first when both streams are one terminal; the line comes even if that fails.
        let flushed = self.out.flush();
        self.err.write_all(&text::to_bytes(&text.to_string()))?;
        self.err.write_all(b"\n")?;
        Ok(flushed?)
    }

    /// Takes a row of a listing when JSON was asked for; returns whether it did.
    pub fn row<T: Serialize>(&mut self, row: &T) -> bool {
        if self.json() {
            // A row of plain data always serialises; one that did not would be a row of nulls, not a lost listing.
            self.rows.push(serde_json::to_value(row).unwrap_or(Value::Null));
        }
        self.json()
    }

    /// Ends a listing: prints the rows taken as a JSON array.
    pub fn end_rows(&mut self) -> Result<(), Failure> {
        if self.json() {
            let rows = std::mem::take(&mut self.rows);
            self.write_json(&Value::Array(rows))?;
        }
        Ok(())
    }

    /// Prints one JSON object when JSON was asked for; returns whether it did.
    pub fn object<T: Serialize>(&mut self, object: &T) -> Result<bool, Failure> {
        if self.json() {
            self.write_json(&serde_json::to_value(object).unwrap_or(Value::Null))?;
        }
        Ok(self.json())
    }

    /// Writes bytes to stdout as they are, whatever the format.
    pub fn raw(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        Ok(self.out.write_all(bytes)?)
    }

    /// Flushes stdout.
    pub fn flush(&mut self) -> Result<(), Failure> {
        Ok(self.out.flush()?)
    }

    fn write_json(&mut self, value: &Value) -> Result<(), Failure> {
        serde_json::to_writer_pretty(&mut *self.out, value).map_err(std::io::Error::from)?;
        self.out.write_all(b"\n")?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_replaces_text() {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let mut printer = Printer::new(&mut out, &mut err, Format::Json);
        line!(printer, "text").unwrap();
        assert!(printer.row(&1));
        printer.end_rows().unwrap();
        complain!(printer, "{}", "message").unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), "[\n  1\n]\n");
        assert_eq!(err, b"message\n");
    }
}
