//! `sel time`: Get and Set SEL Time (IPMI 2.0 s31.10, s31.11).

use ipmi_core::command::storage::{GetSelTime, SetSelTime};
use ipmi_core::time::Timestamp;
use time::OffsetDateTime;

use crate::command::CommandRow;
use crate::output::clock::Clock;
use crate::output::{LocalTime, json};
use crate::{Failure, Printer, Session, complain, line};

/// `sel time`.
pub const COMMAND: CommandRow = CommandRow {
    group: "sel",
    name: "time",
    words: "get | set \"MM/DD/YY HH:MM:SS\"|now",
    about: "Print or set the clock of the log",
    run,
};

fn run(session: &Session, printer: &mut Printer<'_>, words: &[String]) -> Result<(), Failure> {
    match words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["get", ..] => get(session, printer),
        ["set", text, ..] => set(session, printer, text),
        ["set"] => complain!(printer, "usage: sel time set \"mm/dd/yyyy hh:mm:ss\""),
        _ => complain!(printer, "sel time commands: get set"),
    }
}

fn get(session: &Session, printer: &mut Printer<'_>) -> Result<(), Failure> {
    let Timestamp(seconds) = session.call(&GetSelTime)?;
    let time = printer.clock.iso(seconds);
    if printer.object(&json::Timestamp { seconds, time })? {
        return Ok(());
    }
    line!(printer, "{}", printer.clock.numeric(seconds))
}

fn set(session: &Session, printer: &mut Printer<'_>, text: &str) -> Result<(), Failure> {
    // -Z changes how times are printed, not how they are read.
    let local = Clock::new(false);
    let seconds = if text.len() >= 3 && text.is_char_boundary(3) && text.to_ascii_lowercase().starts_with("now") {
        Some(local.localtime_as_utc(OffsetDateTime::now_utc().unix_timestamp()))
    } else {
        parse(text).and_then(|fields| local.stamp_of(fields)).map(|seconds| {
            let seconds = i64::from(seconds);
            if session.arguments.utc { seconds } else { local.localtime_as_utc(seconds) }
        })
    };
    let Some(seconds) = seconds.and_then(|seconds| u32::try_from(seconds).ok()) else {
        return Err(Failure::new("Specified time could not be parsed"));
    };
    session.call(&SetSelTime { time: Timestamp(seconds) })?;
    get(session, printer)
}

/// `%m/%d/%y %H:%M:%S`, the date and time of the C locale.
fn parse(text: &str) -> Option<LocalTime> {
    let (date, time) = text.trim().split_once(char::is_whitespace)?;
    let [month, day, year] = parts(date, '/')?;
    let [hour, minute, second] = parts(time.trim_start(), ':')?;
    // Two digits, as strptime reads them: 69-99 are the last century.
    let year = i32::from(year) + if year < 69 { 2000 } else { 1900 };
    Some(LocalTime { date: (year, month, day), time: (hour, minute, second) })
}

fn parts(text: &str, separator: char) -> Option<[u8; 3]> {
    let mut parts = text.split(separator).map(|part| {
        let digits = !part.is_empty() && part.len() <= 2 && part.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| part.parse().ok()).flatten()
    });
    let three = [parts.next()??, parts.next()??, parts.next()??];
    parts.next().is_none().then_some(three)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_locale_form_is_understood() {
        let local = LocalTime { date: (2023, 5, 17), time: (8, 30, 0) };
        assert_eq!(parse("05/17/23 08:30:00"), Some(local));
        for text in
            ["05/17/2023 08:30:00", "2023-05-17 08:30:00", "05/17/23", "foo", "05/17/23 08:30:00:00", "+5/17/23 1:1:1"]
        {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
