//! The many spellings of a datetime in a condition (WQL reference s5): CIM and ISO 8601 forms, digits alone, month
//! names, and numeric dates, which are read month first unless only another order makes a date.

use crate::DateTime;
use crate::model::{Civil, datetime_range, parse_iso8601};

/// Longest text that can be a date.
const MAX_LENGTH: usize = 64;

/// The lowest and highest moment the text can mean; they differ for the CIM form with `*` fields only.
pub(crate) fn parse(text: &str) -> Option<(DateTime, DateTime)> {
    let text = text.trim();
    if text.len() > MAX_LENGTH {
        return None;
    }
    datetime_range(text).or_else(|| {
        let point = parse_iso8601(text).or_else(|| digits_alone(text)).or_else(|| words(text))?;
        Some((point, point))
    })
}

/// `yyyy`, `yyyyMM`, `yyMMdd`, `yyyyMMdd` or `yyyyMMddHHMMSS`.
fn digits_alone(text: &str) -> Option<DateTime> {
    if !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let number = |start: usize, end: usize| text.get(start..end)?.parse::<u32>().ok();
    let civil = match text.len() {
        4 => date(number(0, 4)?, 1, 1),
        6 => date(number(0, 4)?, number(4, 6)?, 1)
            .or_else(|| date(full_year(number(0, 2)?), number(2, 4)?, number(4, 6)?)),
        8 => date(number(0, 4)?, number(4, 6)?, number(6, 8)?),
        14 => {
            let mut civil = date(number(0, 4)?, number(4, 6)?, number(6, 8)?)?;
            civil.hour = u8::try_from(number(8, 10)?).ok()?;
            civil.minute = u8::try_from(number(10, 12)?).ok()?;
            civil.second = u8::try_from(number(12, 14)?).ok()?;
            Some(civil)
        }
        _ => None,
    };
    civil?.point()
}

/// A date when there is such a day.
fn date(year: u32, month: u32, day: u32) -> Option<Civil> {
    let civil = Civil::date(i32::try_from(year).ok()?, u8::try_from(month).ok()?, u8::try_from(day).ok()?);
    civil.point().map(|_| civil)
}

/// Two-digit years: 00 to 49 are 20xx, 50 to 99 are 19xx.
fn full_year(year: u32) -> u32 {
    match year {
        0..=49 => 2000 + year,
        50..=99 => 1900 + year,
        year => year,
    }
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Piece {
    /// A number and how many digits it was written with.
    Number(u32, usize),
    Month(u32),
    /// AM (0) or PM (12).
    Half(u8),
    Mark(char),
}

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// Splits into numbers, month names, AM/PM and marks; blanks and commas only separate.
fn pieces(text: &str) -> Option<Vec<Piece>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let end = if first.is_ascii_digit() {
            rest.find(|c: char| !c.is_ascii_digit())
        } else if first.is_ascii_alphabetic() {
            rest.find(|c: char| !c.is_ascii_alphabetic())
        } else {
            Some(first.len_utf8())
        };
        let (word, after) = rest.split_at_checked(end.unwrap_or(rest.len()))?;
        rest = after;
        match first {
            ' ' | ',' => {}
            ':' | '/' | '-' | '.' => pieces.push(Piece::Mark(first)),
            '0'..='9' => pieces.push(Piece::Number(word.parse().ok()?, word.len())),
            _ => pieces.push(match word.to_ascii_lowercase().as_str() {
                "am" => Piece::Half(0),
                "pm" => Piece::Half(12),
                word => {
                    let fits = |month: &&str| *month == word || month.get(..3) == Some(word);
                    Piece::Month(u32::try_from(MONTHS.iter().position(fits)? + 1).ok()?)
                }
            }),
        }
    }
    Some(pieces)
}

/// A date with month names or separators, and a time after it.
fn words(text: &str) -> Option<DateTime> {
    let pieces = pieces(text)?;
    // The time begins at the first number that a colon or AM/PM follows.
    let timed = pieces
        .windows(2)
        .position(|pair| matches!(pair, [Piece::Number(..), Piece::Mark(':') | Piece::Half(_)]))
        .unwrap_or(pieces.len());
    let (day, clock) = pieces.split_at_checked(timed)?;
    let mut civil = if day.iter().any(|piece| matches!(piece, Piece::Month(_))) { named(day)? } else { numeric(day)? };
    if !clock.is_empty() {
        time_into(&mut civil, clock)?;
    }
    civil.point()
}

/// A date with its month in letters: the four-digit number is the year, else the day comes first.
fn named(pieces: &[Piece]) -> Option<Civil> {
    let mut month = None;
    let mut numbers = Vec::new();
    for piece in pieces {
        match piece {
            Piece::Month(value) if month.is_none() => month = Some(*value),
            Piece::Number(value, length) => numbers.push((*value, *length)),
            _ => return None,
        }
    }
    let month = month?;
    match *numbers.as_slice() {
        [(year, 4)] => date(year, month, 1),
        [(year, 4), (day, 1 | 2)] | [(day, 1 | 2), (year, 4)] => date(year, month, day),
        [(day, 1 | 2), (year, 2)] => date(full_year(year), month, day).or_else(|| date(full_year(day), month, year)),
        [(year, 2), (day, 1)] => date(full_year(year), month, day),
        _ => None,
    }
}

/// A date of three numbers with the same mark between them.
fn numeric(pieces: &[Piece]) -> Option<Civil> {
    let [
        Piece::Number(a, a_length),
        Piece::Mark(mark),
        Piece::Number(b, b_length),
        Piece::Mark(second),
        Piece::Number(c, c_length),
    ] = *pieces
    else {
        return None;
    };
    let long = |length: usize| length == 4;
    if mark != second || mark == ':' || [a_length, b_length, c_length].iter().any(|length| !matches!(length, 1 | 2 | 4))
    {
        return None;
    }
    match (long(a_length), long(b_length), long(c_length)) {
        (true, false, false) => date(a, b, c).or_else(|| date(a, c, b)),
        (false, true, false) => date(b, a, c).or_else(|| date(b, c, a)),
        (false, false, true) => date(c, a, b).or_else(|| date(c, b, a)),
        (false, false, false) => {
            let (first, last) = (full_year(a), full_year(c));
            date(last, a, b).or_else(|| date(last, b, a)).or_else(|| date(first, b, c)).or_else(|| date(first, c, b))
        }
        _ => None,
    }
}

/// `hh AM`, `hh:mm`, `hh:mm:ss`, `hh:mm:ss:uuu` (minutes east of UTC), each with optional AM/PM.
fn time_into(civil: &mut Civil, pieces: &[Piece]) -> Option<()> {
    let (clock, half) = match pieces {
        [clock @ .., Piece::Half(half)] => (clock, Some(*half)),
        clock => (clock, None),
    };
    let mut numbers = Vec::new();
    for (index, piece) in clock.iter().enumerate() {
        match piece {
            Piece::Number(value, 1..=3) if index % 2 == 0 => numbers.push(*value),
            Piece::Mark(':') if index % 2 == 1 => {}
            _ => return None,
        }
    }
    if numbers.len() > 4 || clock.len() % 2 == 0 {
        return None;
    }
    let mut numbers = numbers.into_iter();
    let hour = u8::try_from(numbers.next()?).ok()?;
    civil.hour = match half {
        Some(half) if (1..=12).contains(&hour) => hour % 12 + half,
        Some(_) => return None,
        None => hour,
    };
    civil.minute = u8::try_from(numbers.next().unwrap_or(0)).ok()?;
    civil.second = u8::try_from(numbers.next().unwrap_or(0)).ok()?;
    civil.offset = i16::try_from(numbers.next().unwrap_or(0)).ok()?;
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_documented_spelling_of_a_day() {
        for text in [
            "20240131",
            "20240131000000",
            "2024-01-31",
            "January 31, 2024",
            "Jan 31 24",
            "January 2024 31",
            "31 January, 2024",
            "31 Jan 24",
            "31 2024 January",
            "2024 January 31",
            "2024 31 Jan",
            "1/31/2024",
            "01-31-24",
            "01.31.2024",
            "31/1/2024",
            "1/2024/31",
            "31/2024/1",
            "2024/31/1",
            "2024/1/31",
            "240131",
            "jan31,2024",
            "1/31/2024 12 AM",
            "Jan 31 2024 0:00",
            "Jan 31 2024 12:00 am",
            "31 Jan 2024 1:00:00:60",
        ] {
            let (low, high) = parse(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(low, high);
            let day = DateTime::parse("2024-01-31").unwrap();
            assert_eq!(low.compare(&day), Some(std::cmp::Ordering::Equal), "{text} is {low}");
        }
    }

    #[test]
    fn years_and_months_begin_with_their_first_day() {
        for (text, day) in [
            ("2024", "2024-01-01"),
            ("202402", "2024-02-01"),
            ("May 1999", "1999-05-01"),
            ("1999 May", "1999-05-01"),
            ("2/3/99", "1999-02-03"),
            ("2/3/49 1:05:09 PM", "2049-02-03T13:05:09Z"),
        ] {
            assert_eq!(parse(text).unwrap().0, DateTime::parse(day).unwrap(), "{text}");
        }
    }

    #[test]
    fn other_text_is_no_date() {
        for bad in [
            "",
            "yesterday",
            "13/28/2024",
            "2/30/2024",
            "1/2-2024",
            "10:20",
            "Jan",
            "Jan Feb 2024",
            "1/31/2024 13 PM",
            "1/31/2024 1:2:3:4:5",
            "1/31/2024 10:",
            "99999999999999999999",
            "5",
            "1:2:2024",
            "é",
        ] {
            assert!(parse(bad).is_none(), "{bad}");
        }
    }
}
