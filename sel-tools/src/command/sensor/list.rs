//! `sensor list`.

use ipmi_core::sdr::SensorRecord;

use super::print_sensor;
use crate::command::CommandRow;
use crate::command::sdr::complain_about;
use crate::{Failure, Printer, Session};

/// `sensor list`.
pub const COMMAND: CommandRow =
    CommandRow { group: "sensor", name: "list", words: "", about: "List sensors with their thresholds", run };

fn run(session: &Session, printer: &mut Printer<'_>, _words: &[String]) -> Result<(), Failure> {
    let (records, problems) = session.repository()?.parse();
    for sensor in records.iter().filter_map(|record| record.sensor()) {
        if !matches!(sensor, SensorRecord::EventOnly(_)) {
            print_sensor(session, printer, &sensor)?;
        }
    }
    printer.end_rows()?;
    complain_about(printer, &problems)
}
