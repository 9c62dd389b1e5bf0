//! `sensor`: sensors with their thresholds.

pub mod get;
pub mod list;
pub mod reading;
pub mod thresh;

use ipmi_core::sdr::SensorRecord;

use crate::layout::sensor_table;
use crate::row::sensor::{Reading, thresholds};
use crate::{Failure, Printer, Session};

/// Prints a sensor and says whether it could be read.
pub(crate) fn print_sensor(
    session: &Session,
    printer: &mut Printer<'_>,
    record: &SensorRecord<'_>,
) -> Result<bool, Failure> {
    let reading = Reading::get(session, record)?;
    let thresholds = if record.is_threshold() { thresholds(session, record)? } else { None };
    sensor_table::print(printer, session, record, &reading, thresholds)?;
    Ok(reading.valid)
}
