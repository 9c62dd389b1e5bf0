//! `sensor reading`: only the number.

use ipmi_core::sdr::SensorRecord;
use serde_json::json;

use crate::command::CommandRow;
use crate::command::sdr::{complain_about, find};
use crate::output::number::trimmed;
use crate::row::sensor::Reading;
use crate::{Failure, Printer, Session, complain, line};

/// `sensor reading`.
pub const COMMAND: CommandRow =
    CommandRow { group: "sensor", name: "reading", words: "NAME...", about: "Print the reading of a sensor", run };

fn run(session: &Session, printer: &mut Printer<'_>, words: &[String]) -> Result<(), Failure> {
    if words.is_empty() || words.first().is_some_and(|word| word == "help") {
        complain!(printer, "sensor reading <id> ... [id]")?;
        complain!(printer, "   id        : name of desired sensor")?;
        return Err(Failure::Said);
    }
    let (records, complaints) = session.repository()?.parse();
    let mut failed = false;
    for name in words {
        let Some(record) = find(&records, name) else {
            complain!(printer, "Sensor \"{name}\" not found!")?;
            failed = true;
            continue;
        };
        let Some(sensor @ SensorRecord::Full(_)) = record.sensor() else { continue };
        let reading = Reading::get(session, &sensor)?;
        if !reading.valid {
            continue;
        }
        if !reading.analog {
            complain!(printer, "Sensor \"{name}\" is a discrete sensor!")?;
            continue;
        }
        let value = trimmed(reading.number(), 3);
        if printer.row(&json!({ "name": name, "value": reading.value, "units": reading.units })) {
        } else if printer.csv() {
            line!(printer, "{name},{value}")?;
        } else {
            line!(printer, "{name:<16} | {value}")?;
        }
    }
    printer.end_rows()?;
    complain_about(printer, &complaints)?;
    if failed { Err(Failure::Said) } else { Ok(()) }
}
