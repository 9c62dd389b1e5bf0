//! `cache list`: which BMCs something is kept about.

use std::time::UNIX_EPOCH;

use kernel_bridge::walk::sdr_cache::describe;
use serde::Serialize;

use crate::command::CommandRow;
use crate::output::json::Timestamp;
use crate::output::text;
use crate::{Failure, Printer, Session, line};

/// `cache list`.
pub const COMMAND: CommandRow =
    CommandRow { group: "cache", name: "list", words: "", about: "List the cached sensor data records", run };

/// A file as JSON.
#[derive(Debug, Serialize)]
struct Row {
    file: String,
    bmc: Option<String>,
    records: Option<usize>,
    size: u64,
    written: Option<Timestamp>,
}

fn run(_session: &Session, printer: &mut Printer<'_>, _words: &[String]) -> Result<(), Failure> {
    let directory = super::directory()?;
    let entries = kernel_bridge::cache::list(&directory)
        .map_err(|error| Failure::Message(format!("{}: {error}", directory.display())))?;
    for entry in entries {
        let age = entry.modified.and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        let seconds = age.and_then(|age| u32::try_from(age.as_secs()).ok());
        let about = entry.content.as_deref().and_then(describe);
        let file = entry.path.display().to_string();
        let bmc = about.as_ref().map(|(bmc, _)| text::from_bytes(bmc.as_bytes()));
        let records = about.map(|(_, records)| records);
        let written = seconds.map(|seconds| Timestamp { seconds, time: printer.clock.iso(seconds) });
        if printer.row(&Row { file: file.clone(), bmc: bmc.clone(), records, size: entry.size, written }) {
            continue;
        }
        let date = seconds.map_or_else(|| "Unspecified".to_owned(), |seconds| printer.clock.numeric(seconds));
        match (bmc, records) {
            (Some(bmc), Some(records)) => line!(printer, "{bmc:<40} | {records:>5} records | {date} | {file}")?,
            _ => line!(printer, "{:<40} | {:>13} | {date} | {file}", "unknown", "unusable")?,
        }
    }
    printer.end_rows()
}
