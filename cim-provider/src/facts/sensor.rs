//! A sensor as its data record describes it, in the terms the CIM classes need.

use std::collections::HashMap;
use std::sync::Arc;

use ipmi_core::ChannelNumber;
use ipmi_core::sdr::{FullSensorBody, SdrRecord, SensorKey, SensorRecord, SensorSetup};
use ipmi_core::sensor::ReadingFactors;
use ipmi_core::table::{EntityId, EventReadingType, SensorType};

use super::scale::Scale;
use super::state::{self, State};
use super::text::printable;
use crate::map::sensor_type::cim_sensor_type;
use crate::map::unit::{CimUnit, cim_unit};

/// A sensor that can be read.
#[derive(Debug, Clone)]
pub(crate) struct SensorFact {
    /// Owner, channel, LUN, number.
    pub(crate) key: SensorKey,
    /// `number.lun.owner`, with an ordinal after it where records repeat a sensor.
    pub(crate) device_id: Arc<str>,
    /// The id string of its record.
    pub(crate) name: Arc<str>,
    /// Entity it watches.
    pub(crate) entity: EntityId,
    /// Instance of that entity, 0-7Fh.
    pub(crate) entity_instance: u8,
    /// IPMI sensor type.
    pub(crate) sensor_type: SensorType,
    /// SensorType of CIM.
    pub(crate) cim_type: u16,
    /// Event/reading type.
    pub(crate) event_type: EventReadingType,
    /// Masks and capabilities.
    pub(crate) setup: SensorSetup,
    /// Figures of a threshold sensor with a full record.
    pub(crate) numeric: Option<NumericFact>,
    /// States a discrete sensor can report.
    pub(crate) states: Vec<State>,
}

/// What a full record of a threshold sensor adds.
#[derive(Debug, Clone)]
pub(crate) struct NumericFact {
    /// Raw readings to values.
    pub(crate) factors: ReadingFactors,
    /// Values to figures.
    pub(crate) scale: Scale,
    /// Unit in CIM terms.
    pub(crate) unit: CimUnit,
    /// The unit's name in IPMI's words.
    pub(crate) unit_name: String,
    /// Raw limits and thresholds of the record.
    pub(crate) record: FullSensorBody,
}

impl NumericFact {
    /// The figure of a raw reading.
    pub(crate) fn figure(&self, raw: u8) -> Option<i32> {
        self.factors.convert(raw).and_then(|value| self.scale.figure(value))
    }

    /// The raw reading nearest to a figure.
    pub(crate) fn raw(&self, figure: i32) -> Option<u8> {
        self.factors.nearest_raw(self.scale.value(figure))
    }

    /// UnitModifier: the scale of the figures and of the unit itself.
    pub(crate) fn unit_modifier(&self) -> i32 {
        self.scale.exponent + self.unit.exponent
    }
}

impl SensorFact {
    /// Whether the sensor compares its reading with thresholds.
    pub(crate) fn is_threshold(&self) -> bool {
        self.event_type.is_threshold()
    }

    /// The sensors of a repository, in its order: full and compact records; event-only ones cannot be read. A shared
    /// record gives several.
    pub(crate) fn all<'a>(records: impl IntoIterator<Item = SdrRecord<'a>>) -> Vec<Self> {
        let mut facts = Vec::new();
        let mut seen: HashMap<String, u32> = HashMap::new();
        for record in records {
            let Some(sensor) = record.sensor() else { continue };
            let Some(setup) = sensor.setup() else { continue };
            let base = Self::of(&sensor, *setup);
            let name = sensor.id().decode();
            for shared in sensor.shared_sensors() {
                let key = SensorKey { number: shared.number, ..base.key };
                let id = device_id(key);
                let times = seen.entry(id.clone()).or_default();
                *times += 1;
                let device_id = if *times == 1 { id.into() } else { format!("{id}.{times}").into() };
                let name = match shared.suffix {
                    Some(suffix) => printable(&format!("{name}{suffix}")),
                    None => printable(&name),
                };
                let entity_instance = shared.entity_instance & 0x7F;
                facts.push(Self { key, device_id, name, entity_instance, ..base.clone() });
            }
        }
        facts
    }

    fn of(sensor: &SensorRecord<'_>, setup: SensorSetup) -> Self {
        let (sensor_type, event_type) = (sensor.sensor_type(), sensor.event_reading_type());
        let numeric = sensor.full().zip(sensor.analog_factors()).map(|(full, factors)| {
            let units = setup.units();
            NumericFact {
                factors,
                scale: Scale::of(&factors),
                unit: cim_unit(units),
                unit_name: units.to_string(),
                record: *full.body,
            }
        });
        let states = if event_type.is_threshold() {
            Vec::new()
        } else {
            state::states(event_type, sensor_type, setup.discrete_states())
        };
        let base_unit = numeric.as_ref().map(|_| setup.units().base);
        Self {
            key: sensor.key(),
            device_id: device_id(sensor.key()).into(),
            name: "".into(),
            entity: sensor.entity_id(),
            entity_instance: sensor.entity_instance(),
            sensor_type,
            cim_type: cim_sensor_type(sensor_type, base_unit, state::only_presence(&states)),
            event_type,
            setup,
            numeric,
            states,
        }
    }
}

/// The names of all sensors by their keys, those that only send events included: what events are named after.
pub(crate) fn names<'a>(records: impl IntoIterator<Item = SdrRecord<'a>>) -> HashMap<SensorKey, Arc<str>> {
    let mut names = HashMap::new();
    for record in records {
        let Some(sensor) = record.sensor() else { continue };
        let name = sensor.id().decode();
        for shared in sensor.shared_sensors() {
            let key = anywhere(SensorKey { number: shared.number, ..sensor.key() });
            let suffix = shared.suffix.map(|suffix| suffix.to_string()).unwrap_or_default();
            names.entry(key).or_insert_with(|| printable(&format!("{name}{suffix}")));
        }
    }
    names
}

/// A key without its channel: events do not always tell the same one as the record.
pub(crate) const fn anywhere(key: SensorKey) -> SensorKey {
    SensorKey { channel: ChannelNumber::PRIMARY_IPMB, ..key }
}

/// `number.lun.owner` in decimal.
pub(crate) fn device_id(key: SensorKey) -> String {
    format!("{}.{}.{}", key.number, key.lun.get(), key.owner.0)
}

#[cfg(test)]
mod tests {
    use ipmi_core::sdr::{CompactSensorBody, SensorIdentity, emit};

    use super::*;

    fn compact(record_id: u16, number: u8, sharing: [u8; 2], name: &str) -> Vec<u8> {
        let identity =
            SensorIdentity { owner_id: 0x20, number, entity_id: 7, entity_instance: 1, ..Default::default() };
        let setup = SensorSetup { sensor_type: 7, event_reading_type: 0x6F, ..Default::default() };
        let body = CompactSensorBody {
            identity,
            setup,
            sharing: sharing[0],
            sharing_offset: sharing[1],
            ..Default::default()
        };
        let mut bytes = Vec::new();
        emit(record_id, &body, name, &mut bytes);
        bytes
    }

    #[test]
    fn shared_records_give_one_sensor_each_and_repeated_ones_stay_apart() {
        let records =
            [compact(1, 48, [3, 0x81], "CPU "), compact(2, 48, [1, 0], "Again"), compact(3, 49, [1, 0], "x\u{7}")];
        let facts = SensorFact::all(records.iter().map(|bytes| SdrRecord::parse(bytes).unwrap()));
        let ids: Vec<&str> = facts.iter().map(|fact| &*fact.device_id).collect();
        assert_eq!(ids, ["48.0.32", "49.0.32", "50.0.32", "48.0.32.2", "49.0.32.2"]);
        let names: Vec<&str> = facts.iter().map(|fact| &*fact.name).collect();
        assert_eq!(names, ["CPU 1", "CPU 2", "CPU 3", "Again", "x."]);
        assert_eq!(facts[2].entity_instance, 3);
        assert!(facts.iter().all(|fact| fact.numeric.is_none() && !fact.states.is_empty()));
        let names = super::names(records.iter().map(|bytes| SdrRecord::parse(bytes).unwrap()));
        assert_eq!((names.len(), names[&facts[1].key].as_ref()), (3, "CPU 2"));
    }

    #[test]
    fn a_full_threshold_record_has_figures() {
        let identity = SensorIdentity { owner_id: 0x20, number: 1, ..Default::default() };
        let setup = SensorSetup { sensor_type: 2, event_reading_type: 1, base_unit: 4, ..Default::default() };
        let mut body = FullSensorBody { identity, setup, ..Default::default() };
        body.set_reading_factors(&ReadingFactors { m: 62, k2: -3, ..Default::default() });
        let mut bytes = Vec::new();
        emit(1, &body, "12V", &mut bytes);
        let facts = SensorFact::all(SdrRecord::parse(&bytes));
        let numeric = facts[0].numeric.as_ref().unwrap();
        assert_eq!((numeric.unit.base, numeric.unit_modifier(), numeric.figure(194)), (5, -3, Some(12028)));
        assert_eq!(numeric.raw(12030), Some(194));
        assert_eq!(facts[0].cim_type, 3);
    }
}
