//! `--quirk list`: the deviations of BMCs that can be borne, and how.

use kernel_bridge::quirk::{QUIRKS, Quirk};
use serde::Serialize;

use crate::{Failure, Printer, line};

/// A quirk as JSON.
#[derive(Debug, Serialize)]
struct QuirkRow {
    name: &'static str,
    symptom: &'static str,
    effect: &'static str,
    applied: &'static str,
    seen_on: &'static str,
}

impl From<&Quirk> for QuirkRow {
    fn from(quirk: &Quirk) -> Self {
        let Quirk { name, symptom, effect, applied, seen_on, .. } = *quirk;
        Self { name, symptom, effect, applied: applied.words(), seen_on }
    }
}

/// Prints the table.
///
/// # Errors
/// When the output cannot be written.
pub fn list(printer: &mut Printer<'_>) -> Result<(), Failure> {
    for row in QUIRKS.iter().map(QuirkRow::from) {
        if printer.row(&row) {
            continue;
        }
        if printer.csv() {
            let fields =
                [row.name, row.symptom, row.effect, row.applied, row.seen_on].map(|field| field.replace(',', ";"));
            line!(printer, "{}", fields.join(","))?;
            continue;
        }
        line!(printer, "{:<24} when    {}", row.name, row.symptom)?;
        line!(printer, "{:<24} then    {}", "", row.effect)?;
        line!(printer, "{:<24} applied {}", "", row.applied)?;
        if !row.seen_on.is_empty() {
            line!(printer, "{:<24} seen on {}", "", row.seen_on)?;
        }
    }
    printer.end_rows()
}
