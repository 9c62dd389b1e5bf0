//! `sdr entity`: records of one entity.

use ipmi_core::sdr::SdrRecord;
use ipmi_core::table::{EntityId, entity};

use super::print_records;
use crate::command::CommandRow;
use crate::{Failure, Printer, Session, line, put};

/// `sdr entity`.
pub const COMMAND: CommandRow = CommandRow {
    group: "sdr",
    name: "entity",
    words: "ENTITY[.INSTANCE]",
    about: "List records of an entity, by number or name",
    run,
};

fn run(session: &Session, printer: &mut Printer<'_>, words: &[String]) -> Result<(), Failure> {
    printer.extended = true;
    let word = match words.first() {
        None => return list_entities(printer),
        Some(word) if word.eq_ignore_ascii_case("list") || word.eq_ignore_ascii_case("help") => {
            return list_entities(printer);
        }
        Some(word) => word,
    };
    let Some((id, instance)) = parse(word) else { return Err(Failure::Message(format!("Invalid entity: {word}"))) };
    print_records(session, printer, |record| {
        of_record(record).is_some_and(|(at, number)| at == id && instance.is_none_or(|instance| instance == number))
    })
}

/// Entity and instance of a record that has one.
pub(crate) fn of_record(record: &SdrRecord<'_>) -> Option<(EntityId, u8)> {
    let pair = match record {
        SdrRecord::GenericLocator(view) => view.entity,
        SdrRecord::FruLocator(view) => view.entity,
        SdrRecord::McLocator(view) => view.entity,
        other => {
            let sensor = other.sensor()?;
            return Some((sensor.entity_id(), sensor.entity_instance()));
        }
    };
    Some((EntityId(pair.id), pair.instance & 0x7F))
}

/// A number with or without an instance, or a name. Like `sscanf`, numbers end where digits end.
fn parse(word: &str) -> Option<(EntityId, Option<u8>)> {
    let (digits, rest) = word.split_at(word.find(|c: char| !c.is_ascii_digit()).unwrap_or(word.len()));
    if digits.is_empty() {
        return Some((EntityId::from_name(word)?, None));
    }
    let id = EntityId((digits.parse::<u32>().ok()? & 0xFF).try_into().ok()?);
    let instance = rest.strip_prefix('.').and_then(|rest| {
        let digits = rest.split(|c: char| !c.is_ascii_digit()).next()?;
        u8::try_from(digits.parse::<u32>().ok()? & 0x7F).ok()
    });
    // ipmitool means "any" by instance 7Fh.
    Some((id, instance.filter(|instance| *instance != 0x7F)))
}

fn list_entities(printer: &mut Printer<'_>) -> Result<(), Failure> {
    if printer.json() {
        for (id, name) in entity::TABLE {
            printer.row(&serde_json::json!({ "entity_id": id.0, "entity_name": name }));
        }
        return printer.end_rows();
    }
    line!(printer, "\nEntity IDs:\n")?;
    for pair in entity::TABLE.chunks(2) {
        for (column, (id, name)) in pair.iter().enumerate() {
            put!(printer, "{}{:4}  {name:<32}", if column == 0 { "  " } else { "    " }, id.0)?;
        }
        line!(printer)?;
    }
    line!(printer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_names_and_instances() {
        assert_eq!(parse("7"), Some((EntityId(7), None)));
        assert_eq!(parse("7.1"), Some((EntityId(7), Some(1))));
        assert_eq!(parse("7.x"), Some((EntityId(7), None)));
        assert_eq!(parse("system board"), Some((EntityId(7), None)));
        assert_eq!(parse("foo"), None);
    }
}
