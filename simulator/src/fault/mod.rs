//! Seeded faults: what goes wrong between a BMC and its clients, and inside the BMC, as often as a specification says.
//!
//! ```text
//! Faults             what was asked for: parsed from text, printed as text
//! wire::WireFaults   datagrams and bytes of one direction: drop, delay, reorder, duplicate, corrupt
//! line::DelayLine    datagrams that wait for their time
//! link::FaultyLink   both directions of a datagram link, for a face
//! request::RequestFaults   requests: busy, lost reservations, refused and slow reads, one at a time, lost sessions
//! ```
//!
//! Nothing here waits or knows the time: `now` is an argument, and the same seed with the same calls gives the same
//! faults.

pub mod line;
pub mod link;
pub mod rate;
pub mod request;
pub mod wire;

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use self::rate::Rate;

/// Longest delay and service time a specification may ask for.
const MAX_TIME: Duration = Duration::from_secs(3600);
/// Time a BMC that takes one request at a time needs for it, unless the specification says otherwise.
const SERVICE: Duration = Duration::from_millis(2);
/// The words of a specification, for the messages about wrong ones.
const WORDS: &str = "drop, delay, reorder, duplicate, corrupt, busy, lost-reservation, slow-records, truncate, \
                     session-loss, one-at-a-time, service";

/// Which faults are injected, and how often.
///
/// ```
/// use simulator::fault::Faults;
///
/// let faults: Faults = "drop=1%,delay=5ms..20ms,one-at-a-time".parse().unwrap();
/// assert_eq!(faults.to_string(), "drop=1%,delay=5ms..20ms,one-at-a-time,service=2ms");
/// assert!("drop=101%".parse::<Faults>().is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Faults {
    /// Datagrams, or bytes of a serial line, that are lost.
    pub drop: Rate,
    /// Shortest and longest time a datagram takes. Delays alone keep the order.
    pub delay: Option<(Duration, Duration)>,
    /// Datagrams that those sent after them overtake.
    pub reorder: Rate,
    /// Datagrams that arrive twice.
    pub duplicate: Rate,
    /// Datagrams, or bytes of a serial line, with one bit flipped.
    pub corrupt: Rate,
    /// Requests answered with C0h, node busy.
    pub busy: Rate,
    /// Requests with a reservation that find it cancelled (C5h).
    pub lost_reservation: Rate,
    /// Time a read of an SDR, a SEL record or FRU data takes.
    pub slow_records: Duration,
    /// Reads of SDRs, SEL records and FRU data refused with CAh, cannot return that many bytes.
    pub truncate: Rate,
    /// Requests over a session that the BMC forgets there and then, without a word.
    pub session_loss: Rate,
    /// Requests that arrive while one is under way are lost; each takes this long.
    pub one_at_a_time: Option<Duration>,
}

impl Faults {
    /// Reads a specification: words separated by commas, e.g. `drop=1%,delay=5ms..20ms,busy=5%`.
    ///
    /// # Errors
    /// For an unknown or repeated word or a wrong value; the message names it and what was expected.
    pub fn parse(spec: &str) -> Result<Self, FaultError> {
        let mut faults = Self::default();
        let mut service = None;
        let mut seen = Vec::new();
        for part in spec.split(',').map(str::trim) {
            let (word, value) = part.split_once('=').unwrap_or((part, ""));
            let wrong = |expected: &str| FaultError(format!("{word}: expected {expected}, found `{value}`"));
            let rate = || Rate::parse(value).ok_or_else(|| wrong("a rate from 0% to 100%"));
            let time = || time(value).ok_or_else(|| wrong("a time of at most an hour such as 5ms, 200us or 1s"));
            match word {
                "drop" => faults.drop = rate()?,
                "delay" => {
                    let expected = "a time or a range such as 5ms..20ms";
                    faults.delay = Some(range(value).ok_or_else(|| wrong(expected))?);
                }
                "reorder" => faults.reorder = rate()?,
                "duplicate" => faults.duplicate = rate()?,
                "corrupt" => faults.corrupt = rate()?,
                "busy" => faults.busy = rate()?,
                "lost-reservation" => faults.lost_reservation = rate()?,
                "slow-records" => faults.slow_records = time()?,
                "truncate" => faults.truncate = rate()?,
                "session-loss" => faults.session_loss = rate()?,
                "one-at-a-time" if part == word => faults.one_at_a_time = Some(SERVICE),
                "one-at-a-time" => return Err(wrong("no value")),
                "service" => service = Some(time()?),
                _ => return Err(FaultError(format!("expected one of {WORDS}, found `{part}`"))),
            }
            if seen.contains(&word) {
                return Err(FaultError(format!("{word}: expected once, found twice")));
            }
            seen.push(word);
        }
        if let Some(service) = service {
            let slot = faults.one_at_a_time.as_mut();
            *slot.ok_or_else(|| FaultError("service: expected together with one-at-a-time".into()))? = service;
        }
        Ok(faults)
    }
}

impl FromStr for Faults {
    type Err = FaultError;

    fn from_str(spec: &str) -> Result<Self, FaultError> {
        Self::parse(spec)
    }
}

/// The specification that [`Faults::parse`] reads as the same faults; empty for none.
impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rate = |word: &str, rate: Rate| (!rate.is_never()).then(|| format!("{word}={rate}"));
        let words = [
            rate("drop", self.drop),
            self.delay.map(
                |(from, to)| if from == to { format!("delay={from:?}") } else { format!("delay={from:?}..{to:?}") },
            ),
            rate("reorder", self.reorder),
            rate("duplicate", self.duplicate),
            rate("corrupt", self.corrupt),
            rate("busy", self.busy),
            rate("lost-reservation", self.lost_reservation),
            (!self.slow_records.is_zero()).then(|| format!("slow-records={:?}", self.slow_records)),
            rate("truncate", self.truncate),
            rate("session-loss", self.session_loss),
            self.one_at_a_time.map(|service| format!("one-at-a-time,service={service:?}")),
        ];
        let words: Vec<String> = words.into_iter().flatten().collect();
        f.write_str(&words.join(","))
    }
}

/// What is wrong with a specification.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct FaultError(String);

/// A time with its unit; fractions are allowed, as Debug prints a Duration.
fn time(text: &str) -> Option<Duration> {
    let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.')?;
    let (number, unit) = text.split_at_checked(digits)?;
    let scale = match unit {
        // Debug has no other unit for no time at all.
        "ns" => 1e-9,
        "us" | "\u{b5}s" => 1e-6,
        "ms" => 1e-3,
        "s" => 1.0,
        _ => return None,
    };
    let seconds = number.parse::<f64>().ok()? * scale;
    // Whole microseconds: what is printed is what was read.
    let micros = (seconds * 1e6).round();
    (micros <= MAX_TIME.as_secs_f64() * 1e6).then(|| Duration::from_micros(micros as u64))
}

fn range(text: &str) -> Option<(Duration, Duration)> {
    let (from, to) = match text.split_once("..") {
        Some((from, to)) => (time(from)?, time(to)?),
        None => (time(text)?, time(text)?),
    };
    (from <= to).then_some((from, to))
}

/// Seed of stream number `stream` made of `seed`: streams differ although their seeds are neighbours.
fn stream_seed(seed: u64, stream: u64) -> u64 {
    seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ stream.wrapping_mul(0xD1B5_4A32_D192_ED03)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: &str = "drop=1%,delay=5ms..20ms,reorder=2%,duplicate=1%,corrupt=0.5%,busy=5%,lost-reservation=2%,\
                       slow-records=50ms,truncate=1%,session-loss=0.1%,one-at-a-time,service=2ms";

    #[test]
    fn a_specification_prints_as_it_was_read() {
        let faults = Faults::parse(ALL).unwrap();
        assert_eq!(faults.to_string(), ALL);
        assert_eq!(faults.delay, Some((Duration::from_millis(5), Duration::from_millis(20))));
        for spec in [
            "delay=1.5ms",
            "delay=200us",
            "delay=0ms..20ms",
            "delay=1s..2s",
            "drop=0.0001%",
            "drop=100%",
            "one-at-a-time, service=1ms",
        ] {
            let faults = Faults::parse(spec).unwrap();
            assert_eq!(Faults::parse(&faults.to_string()), Ok(faults), "{spec}");
        }
        assert_eq!(Faults::default().to_string(), "");
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (spec, expected) in [
            ("", "expected one of drop, delay"),
            ("drop", "drop: expected a rate from 0% to 100%, found ``"),
            ("drop=5", "drop: expected a rate"),
            ("drop=101%", "found `101%`"),
            ("drop=-1%", "found `-1%`"),
            ("drop=NaN%", "found `NaN%`"),
            ("drop=1%,drop=2%", "drop: expected once, found twice"),
            ("delay=20ms..5ms", "delay: expected a time or a range"),
            ("slow-records=5", "slow-records: expected a time"),
            ("slow-records=2000000s", "expected a time of at most an hour"),
            ("one-at-a-time=1", "one-at-a-time: expected no value"),
            ("service=1ms", "service: expected together with one-at-a-time"),
            ("drip=1%", "found `drip=1%`"),
        ] {
            let error = Faults::parse(spec).unwrap_err().to_string();
            assert!(error.contains(expected), "{spec}: {error}");
        }
    }
}
