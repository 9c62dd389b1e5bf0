//! `sel list` and `sel elist`.

use ipmi_core::sel::SelRecord;

use super::{complain_about, read_log};
use crate::args::number;
use crate::command::CommandRow;
use crate::layout::event;
use crate::row::event::EventTexts;
use crate::{Failure, Printer, Session, complain};

const WORDS: &str = "[[first|last] COUNT]";

/// `sel list`.
pub const LIST: CommandRow = CommandRow {
    group: "sel",
    name: "list",
    words: WORDS,
    about: "List the events, oldest first",
    run: |session, printer, words| run(session, printer, words, false),
};

/// `sel elist`.
pub const ELIST: CommandRow = CommandRow {
    group: "sel",
    name: "elist",
    words: WORDS,
    about: "List the events with sensor names and readings",
    run: |session, printer, words| run(session, printer, words, true),
};

/// Which end of the log to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    All,
    First(usize),
    Last(usize),
}

fn run(session: &Session, printer: &mut Printer<'_>, words: &[String], extended: bool) -> Result<(), Failure> {
    printer.extended = extended;
    let part = part(words)?;
    let log = read_log(session, printer)?;
    let shown = match part {
        Part::All => log.records.as_slice(),
        Part::First(count) => log.records.get(..count).unwrap_or(&log.records),
        Part::Last(count) => log.records.get(log.records.len().saturating_sub(count)..).unwrap_or(&log.records),
    };
    // Names only where they are printed: they cost a walk through the repository.
    let named = !shown.is_empty() && (printer.json() || extended && printer.verbose == 0);
    let repository = if named { session.repository().map(|repository| repository.parse().0) } else { Ok(Vec::new()) };
    let records = match repository {
        Ok(records) => records,
        // The events are worth more than the names of their sensors.
        Err(Failure::Message(message)) => {
            complain!(printer, "{message}")?;
            Vec::new()
        }
        Err(other) => return Err(other),
    };
    let texts = EventTexts::new(session, &records);
    for record in shown {
        match SelRecord::parse(&record.bytes) {
            Ok(record) => event::print(printer, &record, &texts)?,
            Err(error) => complain!(printer, "SEL record {}: {error}", record.id)?,
        }
    }
    printer.end_rows()?;
    complain_about(session, printer, &log)
}

/// `5`, `first 5` and `last 5`; a count of 0 shows everything, a negative one counts from the other end.
fn part(words: &[String]) -> Result<Part, Failure> {
    let (last, count) = match words {
        [] => return Ok(Part::All),
        [count] => (false, count),
        [which, count] if which == "last" => (true, count),
        [which, count] if which == "first" => (false, count),
        [_, _] => return Err(Failure::new("Unknown sel list option")),
        _ => return Ok(Part::All),
    };
    let Some(count) = number::parse::<i32>(count) else {
        return Err(Failure::Message(format!("Numeric argument required; got '{count}'")));
    };
    let entries = usize::try_from(count.unsigned_abs()).unwrap_or(usize::MAX);
    Ok(match (count, last == (count > 0)) {
        (0, _) => Part::All,
        (_, true) => Part::Last(entries),
        (_, false) => Part::First(entries),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_from_either_end() {
        let part = |text: &str| part(&text.split_whitespace().map(str::to_owned).collect::<Vec<_>>()).ok();
        assert_eq!(part(""), Some(Part::All));
        assert_eq!(part("5"), Some(Part::First(5)));
        assert_eq!(part("first 5"), Some(Part::First(5)));
        assert_eq!(part("last 5"), Some(Part::Last(5)));
        assert_eq!(part("-5"), Some(Part::Last(5)));
        assert_eq!(part("0"), Some(Part::All));
        assert_eq!(part("first"), None);
        assert_eq!(part("middle 5"), None);
    }
}
