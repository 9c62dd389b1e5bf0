//! LogRecord: the records of the System Event Log, with RecordFormat and RecordData as DSP1010 wants them.

use std::ops::ControlFlow;
use std::sync::Arc;

use cim::provider::Sink;
use cim::{CimError, Class, DateTime, Instance, ObjectPath, PropertySet, Status, Value};
use ipmi_core::command::storage::RecordId;
use ipmi_core::event::EventDirection;
use ipmi_core::sdr::SensorKey;
use ipmi_core::sel::{OemTimestampedRecord, SelRecord, SystemEventRecord};
use ipmi_core::table::Severity;
use ipmi_core::text::hex;
use ipmi_core::time::Timestamp;
use kernel_bridge::walk::sel;

use super::record_log;
use super::{Call, Found, ServedClass, View, names, put, text_key};
use crate::facts::sensor::anywhere;
use crate::facts::text::printable;
use crate::map::health::perceived_severity;
use crate::snapshot::Sdr;

/// The class.
pub(crate) struct LogRecord;

/// RecordFormat of a sensor's event.
const SYSTEM_FORMAT: &str = "*string CIM_Sensor.DeviceID*uint8[2] IPMI_RecordID*uint8 IPMI_RecordType*uint8[4] IPMI_TimeStamp\
     *uint8[2] IPMI_GeneratorID*uint8 IPMI_EvMRev*uint8 IPMI_SensorType*uint8 IPMI_SensorNumber*boolean IPMI_AssertionEvent\
     *uint8 IPMI_EventType*uint8 IPMI_EventData1*uint8 IPMI_EventData2*uint8 IPMI_EventData3*uint32 IANA*";
/// RecordFormat of a manufacturer's record with a timestamp.
const OEM_TIMESTAMPED_FORMAT: &str =
    "*uint8[2] IPMI_RecordID*uint8 IPMI_RecordType*uint8[4] IPMI_TimeStamp*uint32 IANA*uint8[6] IPMI_OEMData*";
/// RecordFormat of a manufacturer's record without one.
const OEM_FORMAT: &str =
    "*uint8[2] IPMI_RecordID*uint8 IPMI_RecordType*uint8[4] IPMI_TimeStamp*uint8[13] IPMI_OEMData*";

impl ServedClass for LogRecord {
    fn name(&self) -> &'static str {
        "LogRecord"
    }

    fn enumerate(&self, call: &Call<'_>, view: &View<'_>, sink: &mut Sink<'_>) -> Result<ControlFlow<()>, CimError> {
        let Some(log) = call.node.sel_if_any()? else { return Ok(ControlFlow::Continue(())) };
        let sdr = call.node.sdr_if_any()?;
        for record in &log.records {
            call.check_deadline()?;
            let Some(instance) = instance(view.class, &sdr, record) else { continue };
            if view.may_match(&instance, &[]) && sink(instance).is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    fn get(&self, call: &Call<'_>, class: &Arc<Class>, path: &ObjectPath, _wanted: &PropertySet) -> Found {
        let Some(log) = call.node.sel_if_any()? else { return Ok(None) };
        let sdr = call.node.sdr_if_any()?;
        let Some(id) = record_id(path) else { return Ok(None) };
        let record = log.records.iter().find(|record| record.id == id);
        Ok(record.and_then(|record| instance(class, &sdr, record)).filter(|instance| names(path, instance)))
    }

    fn delete(&self, call: &Call<'_>, class: &Arc<Class>, path: &ObjectPath) -> Result<(), CimError> {
        let missing = || CimError::new(Status::NotFound, format!("{} has no instance with these keys", class.name));
        let id = record_id(path).ok_or_else(missing)?;
        // A cleared log gives its numbers out again: the time must be right too.
        self.get(call, class, path, &PropertySet::default())?.ok_or_else(missing)?;
        tracing::info!(bmc = call.node.bmc().name(), record = %id, user = %call.context.identity.user, "Delete SEL Entry");
        sel::delete(call.node.bmc(), id).map_err(|error| call.node.failure(error))?;
        Ok(())
    }
}

/// RecordID is the record id in decimal.
fn record_id(path: &ObjectPath) -> Option<RecordId> {
    text_key(path, "RecordID").parse().ok().map(RecordId)
}

/// The keys of a record.
pub(crate) fn keys(record: &sel::Record) -> [(&'static str, Value); 5] {
    [
        ("LogCreationClassName", "RecordLog".into()),
        ("LogName", record_log::NAME.into()),
        ("CreationClassName", "LogRecord".into()),
        ("RecordID", record.id.0.to_string().into()),
        ("MessageTimestamp", time_of(record).into()),
    ]
}

/// MessageTimestamp of a record.
fn time_of(record: &sel::Record) -> DateTime {
    timestamp(SelRecord::parse(&record.bytes).ok().and_then(|record| record.time()))
}

impl Sdr {
    /// The DeviceID of the sensor an event is about, when it can be read.
    fn sensor(&self, record: &SystemEventRecord) -> Option<&str> {
        let key = key(record);
        self.sensors.iter().find(|fact| anywhere(fact.key) == key).map(|fact| &*fact.device_id)
    }

    /// The name of the sensor an event is about.
    fn name(&self, record: &SystemEventRecord) -> Option<&str> {
        self.names.get(&key(record)).map(|name| &**name)
    }
}

fn key(record: &SystemEventRecord) -> SensorKey {
    let generator = record.generator();
    let (owner, lun, number) = (generator.address(), generator.lun(), record.sensor_number);
    anywhere(SensorKey { owner, channel: generator.channel(), lun, number })
}

fn instance(class: &Arc<Class>, sdr: &Sdr, record: &sel::Record) -> Option<Instance> {
    let view = SelRecord::parse(&record.bytes).ok()?;
    let mut instance = Instance::new(Arc::clone(class));
    for (name, key) in keys(record) {
        put(&mut instance, name, key);
    }
    put(&mut instance, "Caption", "System Event Log Record");
    put(&mut instance, "Locale", "en_US");
    let (description, element, severity, format, data) = match view.as_system() {
        Some(event) => of_sensor(event, sdr.sensor(event), sdr.name(event)),
        None => of_manufacturer(&view),
    };
    put(&mut instance, "Description", description);
    put(&mut instance, "ElementName", element);
    put(&mut instance, "PerceivedSeverity", severity.map_or(0, perceived_severity));
    put(&mut instance, "RecordFormat", format);
    put(&mut instance, "RecordData", data);
    Some(instance)
}

type Texts = (String, String, Option<Severity>, &'static str, String);

/// An event of a sensor: "Temperature Ambient: Upper Critical going high, asserted".
fn of_sensor(record: &SystemEventRecord, device_id: Option<&str>, name: Option<&str>) -> Texts {
    let event = record.event();
    let generator = record.generator();
    let own_id = format!("{}.{}.{}", event.sensor_number, generator.lun().get(), generator.address().0);
    let name = name.map_or_else(|| format!("#{:#04x}", event.sensor_number), str::to_owned);
    let what = match event.documented_row() {
        Some(row) => row.text.trim().to_owned(),
        None => format!("event {} of type {:02X}h", event.data.offset(), event.event_type.0),
    };
    let direction = event.direction.text().to_ascii_lowercase();
    let description = format!("{} {name}: {what}, {direction}", event.sensor_type);
    let [data1, data2, data3] = event.data.0;
    let fields = [
        device_id.map_or(own_id, str::to_owned),
        list(&record.record_id.get().to_le_bytes()),
        record.record_type.to_string(),
        list(&record.time().to_bytes()),
        list(&generator.0),
        record.evm_revision.to_string(),
        event.sensor_type.0.to_string(),
        event.sensor_number.to_string(),
        (event.direction == EventDirection::Asserted).to_string(),
        event.event_type.0.to_string(),
        data1.to_string(),
        data2.to_string(),
        data3.to_string(),
        "0".to_owned(),
    ];
    (description, name, event.severity(), SYSTEM_FORMAT, delimited(&fields))
}

/// A record whose layout only its manufacturer knows.
fn of_manufacturer(record: &SelRecord<'_>) -> Texts {
    let id = list(&record.record_id().to_le_bytes());
    let record_type = record.record_type();
    if let SelRecord::OemTimestamped(record) = record {
        let OemTimestampedRecord { data, .. } = record;
        let manufacturer = record.manufacturer();
        let fields =
            [id, record_type.to_string(), list(&record.time().to_bytes()), manufacturer.0.to_string(), list(data)];
        let description = format!("OEM record {record_type:02X}h of {manufacturer}: {}", hex(data));
        return (description, "OEM record".to_owned(), None, OEM_TIMESTAMPED_FORMAT, delimited(&fields));
    }
    let (SelRecord::Oem(oem) | SelRecord::Other(oem)) = record else {
        return (String::new(), String::new(), None, OEM_FORMAT, String::new());
    };
    let fields = [id, record_type.to_string(), list(&[0; 4]), list(&oem.data)];
    let (description, severity) = match oem.linux_panic() {
        Some(panic) => {
            let text = printable(&String::from_utf8_lossy(panic.text));
            (format!("Linux kernel panic: {text}"), Some(Severity::Failure))
        }
        None => (format!("OEM record {record_type:02X}h: {}", hex(&oem.data)), None),
    };
    (description, "OEM record".to_owned(), severity, OEM_FORMAT, delimited(&fields))
}

/// Decimal numbers with blanks between them.
fn list(bytes: &[u8]) -> String {
    bytes.iter().map(u8::to_string).collect::<Vec<_>>().join(" ")
}

/// Fields with the delimiter before, between and after them.
fn delimited(fields: &[String]) -> String {
    fields.iter().fold("*".to_owned(), |text, field| text + field + "*")
}

/// The point in time of a record; the far future stands for a time the controller did not know.
fn timestamp(time: Option<Timestamp>) -> DateTime {
    const UNKNOWN: i64 = 253_370_764_800;
    DateTime::from_unix_seconds(time.and_then(Timestamp::unix_seconds).unwrap_or(UNKNOWN))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_threshold_event_is_described_and_laid_out() {
        let bytes = [0x0E, 0, 0x02, 0x82, 0x11, 0x15, 0x5F, 0x20, 0, 0x04, 0x04, 0x36, 0x01, 0x52, 0x00, 0x0B];
        let Ok(SelRecord::System(record)) = SelRecord::parse(&bytes) else { panic!() };
        let (description, element, severity, format, data) = of_sensor(record, None, None);
        assert_eq!(description, "Fan #0x36: Lower Critical going low, asserted");
        assert_eq!((element.as_str(), severity), ("#0x36", Some(Severity::Critical)));
        assert_eq!(data, "*54.0.32*14 0*2*130 17 21 95*32 0*4*4*54*true*1*82*0*11*0*");
        assert_eq!(data.matches('*').count(), format.matches('*').count());
    }

    #[test]
    fn offsets_that_only_the_specification_has_are_described() {
        let bytes = [0x0F, 0, 0x02, 0x82, 0x11, 0x15, 0x5F, 0x20, 0, 0x04, 0x2A, 0x40, 0x6F, 0x00, 0xFF, 0xFF];
        let Ok(SelRecord::System(record)) = SelRecord::parse(&bytes) else { panic!() };
        let (description, _, severity, ..) = of_sensor(record, None, None);
        assert_eq!(description, "Session Audit #0x40: Session Activated, asserted");
        assert_eq!(severity, Some(Severity::Information));
    }

    #[test]
    fn manufacturers_records_keep_their_bytes() {
        let oem = [1, 0, 0xC1, 0x82, 0x11, 0x15, 0x5F, 0x57, 1, 0, 1, 2, 3, 4, 5, 6];
        let (_, _, _, format, data) = of_manufacturer(&SelRecord::parse(&oem).unwrap());
        assert_eq!(data, "*1 0*193*130 17 21 95*343*1 2 3 4 5 6*");
        assert_eq!(data.matches('*').count(), format.matches('*').count());
        let plain = [2, 0, 0xE0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13];
        let (description, _, _, format, data) = of_manufacturer(&SelRecord::parse(&plain).unwrap());
        assert!(description.ends_with("0102030405060708090a0b0c0d"));
        assert_eq!(data, "*2 0*224*0 0 0 0*1 2 3 4 5 6 7 8 9 10 11 12 13*");
        assert_eq!(data.matches('*').count(), format.matches('*').count());
    }

    #[test]
    fn unknown_times_are_far_in_the_future() {
        assert_eq!(timestamp(None), timestamp(Some(Timestamp(12))));
        assert_eq!(timestamp(Some(Timestamp::UNSPECIFIED)).to_string(), "99990101000000.000000+000");
        assert_eq!(timestamp(Some(Timestamp(0x5F15_1182))).to_string(), "20200720033738.000000+000");
    }
}
