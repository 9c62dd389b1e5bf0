//! A record of the system event log with what its texts need (IPMI 2.0 s32, s42).

use std::borrow::Cow;

use ipmi_core::event::EventSource;
use ipmi_core::sdr::{SdrRecord, SensorRecord};
use ipmi_core::sel::{SelRecord, SystemEventRecord};
use ipmi_core::table::{Manufacturer, SensorType};
use serde::Serialize;

use crate::Session;
use crate::output::clock::Clock;
use crate::output::json::Timestamp;
use crate::output::text;
use crate::row::sensor;

/// What turns event bytes into texts: the controller they came from, and its sensors where names are wanted.
#[derive(Default)]
pub struct EventTexts<'a> {
    session: Option<&'a Session>,
    source: Option<EventSource>,
    sensors: Vec<SensorRecord<'a>>,
}

impl<'a> EventTexts<'a> {
    /// Texts for events of this session's BMC; without `records` sensors have numbers instead of names.
    pub fn new(session: &'a Session, records: &[SdrRecord<'a>]) -> Self {
        let source = session.device().map(|device| EventSource {
            manufacturer: Manufacturer(device.manufacturer),
            ipmi_version: device.ipmi_version,
        });
        Self { session: Some(session), source, sensors: records.iter().filter_map(SdrRecord::sensor).collect() }
    }

    /// What happened, if the tables have a text for it.
    pub fn description(&self, record: &SystemEventRecord) -> Option<Cow<'static, str>> {
        let event = record.event();
        match self.source {
            Some(source) => event.description_for(source),
            None => event.description().map(Cow::Borrowed),
        }
    }

    /// Name of a sensor type.
    pub fn sensor_type_name(&self, sensor_type: SensorType) -> String {
        self.session.map_or_else(|| sensor_type.to_string(), |session| session.sensor_type_name(sensor_type))
    }

    /// Manufacturer of the controller.
    pub fn manufacturer(&self) -> Option<Manufacturer> {
        self.source.map(|source| source.manufacturer)
    }

    /// The sensor an event came from: same owner, number and type.
    pub fn sensor(&self, record: &SystemEventRecord) -> Option<&SensorRecord<'a>> {
        let [owner, _] = record.generator_id;
        self.sensors.iter().find(|sensor| {
            sensor.number() == record.sensor_number
                && sensor.identity().owner_id == owner
                && sensor.sensor_type().0 == record.sensor_type
        })
    }
}

/// A record as JSON. Fields a record type does not have are left out.
#[derive(Debug, Serialize)]
pub struct EventRow {
    record_id: u16,
    record_type: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    timestamp: Option<Timestamp>,
    #[serde(flatten)]
    event: Option<SystemEvent>,
    #[serde(skip_serializing_if = "Option::is_none")]
    manufacturer_id: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<Vec<u8>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    panic: Option<String>,
}

/// The part only system events have.
#[derive(Debug, Serialize)]
struct SystemEvent {
    generator_id: u16,
    evm_revision: u8,
    sensor_type: u8,
    sensor_type_name: String,
    sensor_number: u8,
    sensor_name: Option<String>,
    event_type: u8,
    event_type_name: String,
    asserted: bool,
    event_data: [u8; 3],
    description: Option<String>,
    severity: Option<&'static str>,
    reading: Option<f64>,
    threshold: Option<f64>,
    units: Option<String>,
}

impl EventRow {
    /// The row of a record.
    pub fn new(record: &SelRecord<'_>, texts: &EventTexts<'_>, clock: &Clock) -> Self {
        let stamp = |seconds: u32| Timestamp { seconds, time: clock.iso(seconds) };
        let (manufacturer_id, data, panic) = match record {
            SelRecord::System(_) | SelRecord::Other(_) => (None, None, None),
            SelRecord::OemTimestamped(oem) => (Some(oem.manufacturer().0), Some(oem.data.to_vec()), None),
            SelRecord::Oem(oem) => {
                let panic = oem.linux_panic().map(|panic| text::to_unicode(&text::from_bytes(panic.text)));
                (None, Some(oem.data.to_vec()), panic)
            }
        };
        Self {
            record_id: record.record_id(),
            record_type: record.record_type(),
            timestamp: record.time().map(|time| stamp(time.0)),
            event: record.as_system().map(|system| SystemEvent::new(system, texts)),
            manufacturer_id,
            data,
            panic,
        }
    }
}

impl SystemEvent {
    fn new(record: &SystemEventRecord, texts: &EventTexts<'_>) -> Self {
        let event = record.event();
        let sensor = texts.sensor(record);
        let factors = sensor.and_then(|sensor| sensor.analog_factors());
        // Beyond ipmitool's texts: JSON is ours, and "Session Activated" says more than nothing.
        let description = texts.description(record).or_else(|| Some(event.documented_row()?.text.into()));
        let values = event.trigger().zip(factors).map(|(trigger, factors)| trigger.convert(&factors));
        Self {
            generator_id: record.generator().number(),
            evm_revision: record.evm_revision,
            sensor_type: record.sensor_type,
            sensor_type_name: texts.sensor_type_name(event.sensor_type),
            sensor_number: record.sensor_number,
            sensor_name: sensor.map(|sensor| text::to_unicode(&sensor::name(sensor))),
            event_type: event.event_type.0,
            event_type_name: event.event_type.to_string(),
            asserted: record.event_dir_type & 0x80 == 0,
            event_data: record.event_data,
            description: description.map(|text| text.trim_end().to_owned()),
            severity: event.severity().map(|severity| severity.text()),
            reading: values.and_then(|(reading, _)| reading),
            threshold: values.and_then(|(_, threshold)| threshold),
            units: values.and(sensor).and_then(|sensor| sensor.units()).map(|units| units.to_string()),
        }
    }
}
