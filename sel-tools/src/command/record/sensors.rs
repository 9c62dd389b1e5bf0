//! The sensors and their owners: readings, thresholds, hysteresis, event enables (IPMI 2.0 s35).
//!
//! An answer that follows from a record and the facts of a `[[reading]]` is written as those; any other, and a refusal
//! that does not follow, is recorded as it is.

use std::collections::{BTreeMap, BTreeSet};

use ipmi_core::{Lun, NetFn, Target};

use super::document::{Document, byte, hex};
use super::identity::INVALID_COMMAND;
use super::inventory::Records;
use super::reader::{Answer, Asked, BMC, Reader, at};
use super::satellites::Satellites;
use crate::Failure;
use crate::progress::Progress;

const GET_HYSTERESIS: u8 = 0x25;
const GET_THRESHOLDS: u8 = 0x27;
const GET_EVENT_ENABLE: u8 = 0x29;
const GET_EVENT_STATUS: u8 = 0x2B;
const GET_READING: u8 = 0x2D;
/// Event/reading type of threshold sensors.
const THRESHOLD: u8 = 0x01;
/// Event message control: events of the whole sensor are switched; there are none.
const WHOLE_SENSOR: u8 = 1;
const NO_EVENTS: u8 = 3;

/// A sensor of a record, with what its commands answered.
struct Sensor {
    owner: u8,
    lun: u8,
    number: u8,
    event_type: u8,
    capabilities: u8,
    reading: Answer,
    thresholds: Answer,
    hysteresis: Answer,
    enable: Answer,
    status: Answer,
}

/// How the BMC answers where the specification leaves room.
struct Rules {
    /// Reserved bits of states are 1.
    reserved: bool,
    /// Completion code for what a sensor does not have.
    unsuitable: Option<u8>,
    /// Get Sensor Event Status is answered.
    status: bool,
}

/// Writes the sensors; the result is the completion code of this BMC for what is not there.
pub(super) fn record(
    reader: &Reader<'_>,
    records: &Records,
    satellites: &Satellites,
    document: &mut Document,
) -> Result<Option<u8>, Failure> {
    let sensors = read(reader, records, satellites)?;
    let absent = unused(&sensors).map(|number| reader.ask(NetFn::SENSOR_EVENT, GET_READING, &[number])).transpose()?;
    let absent = absent.and_then(Result::err);
    let unsuitable = most_common(sensors.iter().flat_map(|sensor| {
        let thresholds = sensor.thresholds.as_ref().err().filter(|_| !sensor.has_thresholds());
        let hysteresis = sensor.hysteresis.as_ref().err().filter(|_| !sensor.has_hysteresis());
        thresholds.into_iter().chain(hysteresis).copied()
    }));
    let marked = sensors.iter().filter(|sensor| sensor.follows(true)).count();
    let reserved = marked >= sensors.iter().filter(|sensor| sensor.follows(false)).count();
    let status = sensors.iter().any(|sensor| sensor.status.is_ok());
    document.table("[behaviour]").entry("reserved_state_bits", reserved).entry("event_status", status);
    for (name, code) in [("absent", absent), ("unsuitable", unsuitable)] {
        if let Some(code) = code {
            document.entry(name, byte(code));
        }
    }
    for sensor in &sensors {
        sensor.write(&Rules { reserved, unsuitable, status }, document);
    }
    Ok(absent)
}

fn read(reader: &Reader<'_>, records: &Records, satellites: &Satellites) -> Result<Vec<Sensor>, Failure> {
    let (mut seen, mut asked) = (BTreeSet::new(), Vec::new());
    for (record, bytes) in records.parsed() {
        let Some(sensor) = super::super::sdr::reading_sensor(&record) else { continue };
        let key = sensor.key();
        let (owner, lun) = (key.owner.0, key.lun);
        if !satellites.answers(owner) || !seen.insert((owner, lun.get(), key.number)) {
            continue;
        }
        let target = Reader::target(owner, key.channel);
        asked.push((owner, lun, key.number, bytes, ask(reader, target, lun, key.number)));
    }
    let mut sensors = Vec::with_capacity(asked.len());
    let mut progress = Progress::new("Sensors");
    let total = asked.len();
    for (owner, lun, number, bytes, [reading, thresholds, hysteresis, enable, status]) in asked {
        progress.at(sensors.len(), Some(total));
        sensors.push(Sensor {
            owner,
            lun: lun.get(),
            number,
            event_type: at(bytes, 13) & 0x7F,
            capabilities: at(bytes, 11),
            reading: reader.wait(reading)?,
            thresholds: reader.wait(thresholds)?,
            hysteresis: reader.wait(hysteresis)?,
            enable: reader.wait(enable)?,
            status: reader.wait(status)?,
        });
    }
    Ok(sensors)
}

fn ask(reader: &Reader<'_>, target: Target, lun: Lun, number: u8) -> [Asked; 5] {
    let ask = |cmd, data: &[u8]| reader.submit(target, lun, NetFn::SENSOR_EVENT, cmd, data);
    [
        ask(GET_READING, &[number]),
        ask(GET_THRESHOLDS, &[number]),
        ask(GET_HYSTERESIS, &[number, 0xFF]),
        ask(GET_EVENT_ENABLE, &[number]),
        ask(GET_EVENT_STATUS, &[number]),
    ]
}

/// A sensor number of the BMC that no record has.
fn unused(sensors: &[Sensor]) -> Option<u8> {
    (0..=0xFE).rev().find(|number| !sensors.iter().any(|sensor| sensor.number == *number))
}

fn most_common(codes: impl Iterator<Item = u8>) -> Option<u8> {
    let mut counts = BTreeMap::<u8, usize>::new();
    codes.for_each(|code| *counts.entry(code).or_default() += 1);
    counts.into_iter().max_by_key(|(_, count)| *count).map(|(code, _)| code)
}

impl Sensor {
    fn is_threshold(&self) -> bool {
        self.event_type == THRESHOLD
    }

    /// The record says that thresholds can be read.
    fn has_thresholds(&self) -> bool {
        self.is_threshold() && matches!(self.capabilities >> 2 & 3, 1 | 2)
    }

    /// The record says that hysteresis can be read.
    fn has_hysteresis(&self) -> bool {
        matches!(self.capabilities >> 4 & 3, 1 | 2)
    }

    fn states(&self, data: &[u8]) -> u16 {
        let [low, high] = [at(data, 2), at(data, 3)];
        if self.is_threshold() { u16::from(low & 0x3F) } else { u16::from_le_bytes([low, high & 0x7F]) }
    }

    /// True when the reading is what a simulated sensor in this state answers.
    fn follows(&self, reserved: bool) -> bool {
        let Ok(data) = &self.reading else { return false };
        let [low, high] = self.states(data).to_le_bytes();
        let (raw, flags) = (at(data, 0), at(data, 1) & 0xE0);
        let expected = match (reserved, self.is_threshold()) {
            (true, true) => vec![raw, flags, low | 0xC0],
            (true, false) => vec![raw, flags, low, high | 0x80],
            (false, _) => vec![raw, flags, low, high],
        };
        *data == expected
    }

    fn write(&self, rules: &Rules, document: &mut Document) {
        let &Rules { reserved, unsuitable, status } = rules;
        let &Self { owner, lun, number, .. } = self;
        document.table("[[reading]]");
        if owner != BMC {
            document.entry("owner", byte(owner));
        }
        if lun != 0 {
            document.entry("lun", lun);
        }
        document.entry("number", byte(number));
        let mut recorded = Vec::new();
        if let Ok(data) = &self.reading {
            document.entry("raw", byte(at(data, 0))).entry("states", format!("{:#06x}", self.states(data)));
            document.entry("flags", byte(at(data, 1)));
        }
        if !self.follows(reserved) {
            recorded.push((GET_READING, &self.reading));
        }
        match &self.thresholds {
            Ok(data) if self.is_threshold() && values(data) == *data => {
                document.entry("thresholds", hex(data));
            }
            Err(code) if !self.has_thresholds() && Some(*code) == unsuitable => {}
            other => recorded.push((GET_THRESHOLDS, other)),
        }
        match &self.hysteresis {
            Ok(data) if data.len() == 2 => {
                document.entry("hysteresis", hex(data));
            }
            Err(code) if !self.has_hysteresis() && Some(*code) == unsuitable => {}
            other => recorded.push((GET_HYSTERESIS, other)),
        }
        match (&self.enable, self.capabilities & 3) {
            (Ok(data), WHOLE_SENSOR) if *data == [at(data, 0) & 0xC0] && self.enable_flags(data) => {}
            (Ok(data), 0 | 2) if data.len() == 5 && at(data, 0) & 0x3F == 0 && self.enable_flags(data) => {
                document.entry("enables", hex(data.get(1..).unwrap_or_default()));
            }
            (Err(code), NO_EVENTS) if Some(*code) == unsuitable => {}
            (other, _) => recorded.push((GET_EVENT_ENABLE, other)),
        }
        match &self.status {
            Ok(data) if data.len() == 5 && self.status_flags(data) => {
                let events = data.get(1..).unwrap_or_default();
                if events.iter().any(|byte| *byte != 0) {
                    document.entry("events", hex(events));
                }
            }
            Err(INVALID_COMMAND) if !status => {}
            other => recorded.push((GET_EVENT_STATUS, other)),
        }
        for (cmd, answer) in recorded {
            document.answer(owner, NetFn::SENSOR_EVENT, cmd, &[number], answer);
        }
    }

    /// Get Sensor Event Status has the flags of Get Sensor Reading.
    fn status_flags(&self, status: &[u8]) -> bool {
        self.reading.as_ref().is_ok_and(|reading| at(reading, 1) & 0xE0 == at(status, 0))
    }

    /// Get Sensor Event Enable has the flags of Get Sensor Reading.
    fn enable_flags(&self, enable: &[u8]) -> bool {
        self.reading.as_ref().is_ok_and(|reading| at(reading, 1) & 0xC0 == at(enable, 0) & 0xC0)
    }
}

/// What a simulated sensor answers that has these thresholds: zero for those that cannot be read.
fn values(data: &[u8]) -> Vec<u8> {
    let mask = at(data, 0) & 0x3F;
    let values = (0..6).map(|bit| if mask >> bit & 1 == 1 { at(data, bit + 1) } else { 0 });
    std::iter::once(mask).chain(values).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sensor(event_type: u8, capabilities: u8, reading: &[u8]) -> Sensor {
        Sensor {
            owner: BMC,
            lun: 0,
            number: 7,
            event_type,
            capabilities,
            reading: Ok(reading.to_vec()),
            thresholds: Ok(vec![0x08, 0, 0, 0, 0x50, 0, 0]),
            hysteresis: Ok(vec![1, 2]),
            enable: Ok(vec![0xC0, 1, 0, 2, 0]),
            status: Ok(vec![0xC0, 8, 0, 0, 0]),
        }
    }

    fn written(sensor: &Sensor, reserved: bool, unsuitable: u8) -> String {
        let mut document = Document::default();
        sensor.write(&Rules { reserved, unsuitable: Some(unsuitable), status: true }, &mut document);
        document.text()
    }

    #[test]
    fn what_follows_from_facts_is_no_recorded_answer() {
        let text = written(&sensor(1, 0x68, &[0x21, 0xC0, 0xC8]), true, 0xCD);
        for line in [
            "raw = 0x21",
            "states = 0x0008",
            "flags = 0xc0",
            "thresholds = \"08000000500000\"",
            "hysteresis = \"0102\"",
            "enables = \"01000200\"",
            "events = \"08000000\"",
        ] {
            assert!(text.contains(line), "{text}");
        }
        assert!(!text.contains("[[oem]]"), "{text}");
    }

    #[test]
    fn what_does_not_follow_is_recorded() {
        let short = sensor(0x6F, 0x03, &[0x00, 0xC0, 0x01]);
        let refused = Sensor { thresholds: Err(0xC1), hysteresis: Err(0xCD), enable: Err(0xCD), ..short };
        let text = written(&refused, true, 0xCD);
        assert!(text.contains("cmd = 0x2d\nrequest = \"07\"\nresponse = \"00c001\""), "{text}");
        assert!(text.contains("cmd = 0x27\nrequest = \"07\"\ncode = 0xc1"), "{text}");
        assert!(!text.contains("cmd = 0x25") && !text.contains("cmd = 0x29"), "{text}");
    }

    #[test]
    fn thresholds_that_cannot_be_read_are_zero() {
        assert_eq!(values(&[0x48, 1, 2, 3, 4, 5, 6]), [0x08, 0, 0, 0, 4, 0, 0]);
        assert_eq!(values(&[]), [0; 7]);
    }
}
