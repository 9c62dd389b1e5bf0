//! A sensor with its reading (IPMI 2.0 s35.14), decided the way ipmitool decides it.

use ipmi_core::command::sensor::{
    GetSensorReading, GetSensorReadingFactors, GetSensorThresholds, SensorNumber, SensorReading,
};
use ipmi_core::sdr::SensorRecord;
use ipmi_core::sensor::{ReadingFactors, ThresholdStatus, Thresholds};
use ipmi_core::table::offset;
use ipmi_core::text::Encoding;
use kernel_bridge::quirk::Leniency;
use kernel_bridge::walk::ahead::Question;
use serde::Serialize;

use crate::output::text;
use crate::session::question;
use crate::{Failure, Session};

/// Hewlett-Packard puts analog readings into discrete sensors, and says so in the units.
const HP: u32 = 11;

/// An answer to Get Sensor Reading, with the value it stands for.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Reading {
    /// There is a reading that counts.
    pub valid: bool,
    /// The sensor is not being scanned.
    pub disabled: bool,
    /// The raw reading, 0 when not valid.
    pub raw: u8,
    /// State bytes as they came, 0 when missing.
    pub states: [u8; 2],
    /// The record says that the reading is a number.
    pub analog: bool,
    /// The number, if there is one.
    pub value: Option<f64>,
    /// Units, empty when the reading is no number.
    pub units: String,
}

impl Reading {
    /// Asks the sensor's controller. A refusal is a reading too: there just is none.
    ///
    /// # Errors
    /// When the BMC does not answer.
    pub fn get(session: &Session, record: &SensorRecord<'_>) -> Result<Self, Failure> {
        let command = reading_command(record);
        let GetSensorReading { sensor, lun } = command;
        let Some(answer) = session.ask(record, &command)? else { return Ok(Self::default()) };
        let as_hp = session.bmc()?.leniency().contains(Leniency::DISCRETE_READING);
        let manufacturer = || if as_hp { HP } else { session.manufacturer() };
        Ok(Self::decode(record, &answer, manufacturer, |raw, factors| {
            let answer = session.ask(record, &GetSensorReadingFactors { sensor, lun, raw }).ok()??;
            Some(factors.with_bytes(answer.factors))
        }))
    }

    /// What [`get`](Self::get) asks first.
    pub fn question(record: &SensorRecord<'_>) -> Question {
        question(record, &reading_command(record))
    }

    /// Decodes an answer; `update` asks for the factors of a non-linear sensor at a raw reading.
    pub fn decode(
        record: &SensorRecord<'_>,
        answer: &SensorReading,
        manufacturer: impl FnOnce() -> u32,
        update: impl FnOnce(u8, ReadingFactors) -> Option<ReadingFactors>,
    ) -> Self {
        let mut reading = Self::default();
        if !answer.scanning {
            reading.disabled = true;
            return reading;
        }
        if !answer.unavailable {
            reading.valid = true;
            reading.raw = answer.raw;
        }
        reading.states = [answer.state_1.unwrap_or_default(), answer.state_2.unwrap_or_default()];
        let Some(mut factors) = analog_factors(record, manufacturer) else { return reading };
        if factors.linearization.needs_factors() {
            let Some(updated) = update(reading.raw, factors) else {
                reading.valid = false;
                return reading;
            };
            factors = updated;
        }
        reading.analog = true;
        reading.units = record.units().unwrap_or_default().to_string();
        if reading.valid {
            reading.value = factors.convert(reading.raw);
        }
        reading
    }

    /// The number to print; ipmitool shows 0 for one it does not have.
    pub fn number(&self) -> f64 {
        self.value.unwrap_or_default()
    }

    /// Threshold status, if there is a reading.
    pub fn status(&self) -> Option<ThresholdStatus> {
        let [state, _] = self.states;
        self.valid.then(|| ThresholdStatus::of_state(state))
    }

    /// State bits with the reserved one cleared.
    pub fn state_bits(&self) -> u16 {
        u16::from_le_bytes(self.states) & 0x7FFF
    }
}

/// The factors of a sensor whose reading is a number.
fn analog_factors(record: &SensorRecord<'_>, manufacturer: impl FnOnce() -> u32) -> Option<ReadingFactors> {
    let view = record.full()?;
    let factors = Some(view.reading_factors()).filter(ReadingFactors::is_analog)?;
    let is_number = record.is_threshold() || (record.is_discrete_number() && manufacturer() == HP);
    is_number.then_some(factors)
}

/// The thresholds a sensor's controller reports, if it does.
///
/// # Errors
/// When the BMC does not answer.
pub fn thresholds(session: &Session, record: &SensorRecord<'_>) -> Result<Option<Thresholds>, Failure> {
    session.ask(record, &thresholds_command(record))
}

/// What [`thresholds`] asks.
pub fn thresholds_question(record: &SensorRecord<'_>) -> Question {
    question(record, &thresholds_command(record))
}

fn reading_command(record: &SensorRecord<'_>) -> GetSensorReading {
    let key = record.key();
    GetSensorReading { sensor: SensorNumber(key.number), lun: key.lun }
}

fn thresholds_command(record: &SensorRecord<'_>) -> GetSensorThresholds {
    let key = record.key();
    GetSensorThresholds { sensor: SensorNumber(key.number), lun: key.lun }
}

/// Names of the states set in `bits`, in table order. Refined rows are about events, not states.
pub fn state_names(record: &SensorRecord<'_>, bits: u16) -> impl Iterator<Item = &'static str> + use<> {
    offset::rows(record.event_reading_type(), record.sensor_type())
        .iter()
        .filter(move |row| row.data2.is_none() && row.offset < 15 && bits & 1 << row.offset != 0)
        .map(|row| row.text)
}

/// The name as ipmitool reads it: up to 16 bytes, ended by a zero.
pub fn name(record: &SensorRecord<'_>) -> String {
    id_text(record.id().encoding(), record.id().raw())
}

/// An id string as text. 8-bit ids are printed byte for byte; the packed encodings have to be unpacked to be read.
pub fn id_text(encoding: Encoding, raw: &[u8]) -> String {
    if encoding == Encoding::EightBit || raw.is_empty() {
        let end = raw.iter().position(|byte| *byte == 0).unwrap_or(raw.len()).min(16);
        return text::from_bytes(raw.get(..end).unwrap_or_default());
    }
    let decoded = ipmi_core::text::decode_sdr(encoding, raw);
    let end = decoded.find('\0').unwrap_or(decoded.len());
    text::from_bytes(decoded.get(..end).unwrap_or_default().as_bytes())
}

/// A row of `sdr list` and `sensor list`.
#[derive(Debug, Clone, Serialize, PartialEq)]
pub struct SensorRow {
    /// Name.
    #[serde(serialize_with = "text::serialize_string")]
    pub name: String,
    /// Record id.
    pub record_id: u16,
    /// Record type: full, compact or event-only.
    pub record: &'static str,
    /// Slave address or software id of the owner.
    pub owner: u8,
    /// Sensor number.
    pub number: u8,
    /// Entity id.
    pub entity_id: u8,
    /// Entity instance.
    pub entity_instance: u8,
    /// Entity name.
    pub entity_name: String,
    /// Sensor type.
    pub sensor_type: u8,
    /// Name of the sensor type.
    pub sensor_type_name: String,
    /// Event/reading type.
    pub event_reading_type: u8,
    /// ok, lnc, lcr, lnr, unc, ucr, unr; null when nothing could be read.
    pub status: Option<&'static str>,
    /// Raw reading.
    pub raw: Option<u8>,
    /// The reading as a number.
    pub value: Option<f64>,
    /// Units of the number.
    pub units: Option<String>,
    /// State bits of a discrete sensor.
    pub states: Option<u16>,
    /// Names of those states.
    pub state_names: Vec<&'static str>,
    /// The sensor is not being scanned.
    pub scanning_disabled: bool,
}

impl SensorRow {
    /// A row for a sensor and what was read from it.
    pub fn new(session: &Session, record: &SensorRecord<'_>, reading: &Reading) -> Self {
        let threshold = record.is_threshold();
        let states = (reading.valid && !threshold).then(|| reading.state_bits());
        Self {
            name: name(record),
            record_id: record.header().record_id.get(),
            record: match record {
                SensorRecord::Full(_) => "full",
                SensorRecord::Compact(_) => "compact",
                SensorRecord::EventOnly(_) => "event-only",
            },
            owner: record.identity().owner_id,
            number: record.number(),
            entity_id: record.entity_id().0,
            entity_instance: record.entity_instance(),
            entity_name: record.entity_id().to_string(),
            sensor_type: record.sensor_type().0,
            sensor_type_name: session.sensor_type_name(record.sensor_type()),
            event_reading_type: record.event_reading_type().0,
            status: if threshold {
                reading.status().map(ThresholdStatus::abbreviation)
            } else {
                reading.valid.then_some("ok")
            },
            raw: reading.valid.then_some(reading.raw),
            value: reading.value.filter(|value| value.is_finite()),
            units: reading.value.map(|_| reading.units.clone()),
            states,
            state_names: states.map(|bits| state_names(record, bits).collect()).unwrap_or_default(),
            scanning_disabled: reading.disabled,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ipmi_core::Command;
    use ipmi_core::sdr::{FullSensorBody, SdrRecord, emit};

    fn record(change: impl FnOnce(&mut FullSensorBody)) -> Vec<u8> {
        let mut body = FullSensorBody::default();
        body.setup.event_reading_type = 1;
        body.setup.base_unit = 1;
        body.factors = [1, 0, 0, 0, 0, 0];
        change(&mut body);
        let mut bytes = Vec::new();
        emit(1, &body, "Inlet", &mut bytes);
        bytes
    }

    fn decode(bytes: &[u8], data: &[u8], factors: Option<[u8; 6]>) -> Reading {
        let record = SdrRecord::parse(bytes).unwrap().sensor().unwrap();
        let answer = GetSensorReading::parse(data).unwrap();
        Reading::decode(&record, &answer, || 0, |_, old| Some(old.with_bytes(factors?)))
    }

    #[test]
    fn readings_are_valid_unless_flags_say_otherwise() {
        let bytes = record(|_| {});
        let reading = decode(&bytes, &[24, 0xC0, 0xC0], None);
        assert_eq!((reading.valid, reading.value, reading.units.as_str()), (true, Some(24.0), "degrees C"));
        let unavailable = decode(&bytes, &[24, 0xE0], None);
        assert_eq!((unavailable.valid, unavailable.disabled, unavailable.raw), (false, false, 0));
        assert!(decode(&bytes, &[24, 0x80], None).disabled);
    }

    #[test]
    fn non_linear_sensors_need_factors() {
        let bytes = record(|body| body.linearization = 0x70);
        assert!(!decode(&bytes, &[24, 0xC0], None).valid);
        assert_eq!(decode(&bytes, &[24, 0xC0], Some([2, 0, 0, 0, 0, 0])).value, Some(48.0));
    }

    #[test]
    fn discrete_sensors_have_states_and_no_number() {
        let bytes = record(|body| {
            body.setup.event_reading_type = 0x6F;
            body.setup.sensor_type = 8;
        });
        let reading = decode(&bytes, &[0, 0xC0, 0x09, 0x80], None);
        assert_eq!((reading.value, reading.state_bits()), (None, 9));
        let sensor = SdrRecord::parse(&bytes).unwrap().sensor().unwrap();
        let row = SensorRow::new(&Session::new(crate::args::Arguments::default()), &sensor, &reading);
        assert_eq!(row.state_names, ["Presence detected", "Power Supply AC lost"]);
    }

    #[test]
    fn ids_end_at_a_zero_and_lose_control_bytes() {
        assert_eq!(id_text(Encoding::EightBit, b"CPU\0\0\0"), "CPU");
        assert_eq!(id_text(Encoding::EightBit, b"a\x1b[2J"), "a?[2J");
        assert_eq!(id_text(Encoding::EightBit, b""), "");
    }
}
