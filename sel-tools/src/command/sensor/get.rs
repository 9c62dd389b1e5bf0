//! `sensor get`: sensors by name, in full.

use ipmi_core::sdr::SensorRecord;

use super::print_sensor;
use crate::command::CommandRow;
use crate::command::sdr::{complain_about, find, print_record};
use crate::{Failure, Printer, Session, complain, line};

/// `sensor get`.
pub const COMMAND: CommandRow =
    CommandRow { group: "sensor", name: "get", words: "NAME...", about: "Print the sensor with this name", run };

fn run(session: &Session, printer: &mut Printer<'_>, words: &[String]) -> Result<(), Failure> {
    if words.is_empty() || words.first().is_some_and(|word| word == "help") {
        if words.is_empty() {
            complain!(printer, "Not enough parameters given.")?;
        }
        complain!(printer, "sensor get <id> ... [id]")?;
        complain!(printer, "   id        : name of desired sensor")?;
        return if words.is_empty() { Err(Failure::Said) } else { Ok(()) };
    }
    line!(printer, "Locating sensor record...")?;
    let (records, complaints) = session.repository()?.parse();
    let verbose = std::mem::replace(&mut printer.verbose, 1);
    let mut failed = false;
    for name in words {
        match find(&records, name) {
            None => {
                complain!(printer, "Sensor data record \"{name}\" not found!")?;
                failed = true;
            }
            Some(record) => match record.sensor() {
                Some(sensor @ (SensorRecord::Full(_) | SensorRecord::Compact(_))) => {
                    failed |= !print_sensor(session, printer, &sensor)?;
                }
                _ => print_record(session, printer, record)?,
            },
        }
    }
    printer.verbose = verbose;
    printer.end_rows()?;
    complain_about(printer, &complaints)?;
    if failed { Err(Failure::Said) } else { Ok(()) }
}
