//! `sensor list`.

use super::print_sensor;
use crate::command::CommandRow;
use crate::command::sdr::{end_listing, prints_blocks, reading_sensor};
use crate::layout::sensor_block::event_questions;
use crate::row::sensor::{Reading, thresholds_question};
use crate::{Failure, Printer, Session};

/// `sensor list`.
pub const COMMAND: CommandRow =
    CommandRow { group: "sensor", name: "list", words: "", about: "List sensors with their thresholds", run };

fn run(session: &Session, printer: &mut Printer<'_>, _words: &[String]) -> Result<(), Failure> {
    let (records, complaints) = session.repository()?.parse();
    let sensors: Vec<_> = records.iter().filter_map(reading_sensor).collect();
    let blocks = prints_blocks(printer);
    session.will_ask(sensors.iter().flat_map(|sensor| {
        let thresholds = sensor.is_threshold().then(|| thresholds_question(sensor));
        let events = (blocks && sensor.is_threshold()).then(|| event_questions(sensor));
        std::iter::once(Reading::question(sensor)).chain(thresholds).chain(events.into_iter().flatten())
    }))?;
    for sensor in &sensors {
        print_sensor(session, printer, sensor)?;
    }
    printer.end_rows()?;
    end_listing(printer, &complaints)
}
