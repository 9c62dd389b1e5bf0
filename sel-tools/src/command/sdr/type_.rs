//! `sdr type`: sensors of one type.

use ipmi_core::table::SensorType;

use super::print_records;
use crate::args::number;
use crate::command::CommandRow;
use crate::{Failure, Printer, Session, complain, line, put};

/// `sdr type`.
pub const COMMAND: CommandRow = CommandRow {
    group: "sdr",
    name: "type",
    words: "[list|TYPE]",
    about: "List sensors of one type, by name or number",
    run,
};

fn run(session: &Session, printer: &mut Printer<'_>, words: &[String]) -> Result<(), Failure> {
    printer.extended = true;
    let word = match words.first() {
        None => return list_types(printer),
        Some(word) if word.eq_ignore_ascii_case("list") || word.eq_ignore_ascii_case("help") => {
            return list_types(printer);
        }
        Some(word) => word,
    };
    let sensor_type = if word.starts_with("0x") {
        let Some(code) = number::parse::<u8>(word) else {
            let message = format!("Given type of sensor \"{word}\" is either invalid or out of range.");
            return Err(Failure::Message(message));
        };
        SensorType(code)
    } else {
        match SensorType::from_name(word).filter(|sensor_type| *sensor_type != SensorType::RESERVED) {
            Some(sensor_type) => sensor_type,
            None => {
                complain!(printer, "Sensor Type \"{word}\" not found.")?;
                return list_types(printer);
            }
        }
    };
    print_records(session, printer, |record| record.sensor().is_some_and(|sensor| sensor.sensor_type() == sensor_type))
}

fn list_types(printer: &mut Printer<'_>) -> Result<(), Failure> {
    let types = SensorType::TABLE.iter().skip(1);
    if printer.json() {
        for (code, name) in types {
            printer.row(&serde_json::json!({ "sensor_type": code.0, "sensor_type_name": name }));
        }
        return printer.end_rows();
    }
    line!(printer, "Sensor Types:")?;
    for (index, (code, name)) in types.enumerate() {
        if index % 2 == 0 {
            put!(printer, "\t{name:<25} (0x{:02x})", code.0)?;
        } else {
            line!(printer, "   {name:<25} (0x{:02x})", code.0)?;
        }
    }
    Ok(())
}
