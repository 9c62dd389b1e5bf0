//! Every class through the broker, against a BMC that is a function.

use super::support::{Fake, broker, context};
use cim::broker::Polymorphism;
use cim::{Broker, DateTime, Instance, ObjectPath, Status, Value};
use cim_provider::HardwareProvider;
use ipmi_core::sdr::{CompactSensorBody, FullSensorBody, SensorIdentity, SensorSetup, emit};
use ipmi_core::sensor::ReadingFactors;

const HARDWARE: &str = "root/hardware";
const GET_SENSOR_READING: (u8, u8) = (0x04, 0x2D);

fn full(id: u16, number: u8, sensor_type: u8, unit: u8, factors: ReadingFactors, name: &str) -> Vec<u8> {
    let identity = SensorIdentity { owner_id: 0x20, number, entity_id: 7, entity_instance: 1, ..Default::default() };
    let setup = SensorSetup {
        capabilities: 0b0110_1000,
        sensor_type,
        event_reading_type: 1,
        assertion_mask: 0x0A80.into(),
        reading_mask: 0x3838.into(),
        base_unit: unit,
        ..Default::default()
    };
    let (sensor_max, unc, ucr, unr) = (0xFF, 80, 90, 100);
    let mut body = FullSensorBody {
        identity,
        setup,
        sensor_max,
        unc,
        ucr,
        unr,
        analog_flags: 1,
        nominal: 40,
        ..Default::default()
    };
    body.set_reading_factors(&factors);
    let mut bytes = Vec::new();
    emit(id, &body, name, &mut bytes);
    bytes
}

fn discrete(id: u16, number: u8, sensor_type: u8, mask: u16, name: &str) -> Vec<u8> {
    let identity = SensorIdentity { owner_id: 0x20, number, entity_id: 10, entity_instance: 1, ..Default::default() };
    let setup = SensorSetup { sensor_type, event_reading_type: 0x6F, reading_mask: mask.into(), ..Default::default() };
    let mut bytes = Vec::new();
    emit(id, &CompactSensorBody { identity, setup, ..Default::default() }, name, &mut bytes);
    bytes
}

/// Two temperatures, a voltage, a sensor that is not there, and a power supply that has failed.
pub(super) fn server() -> Fake {
    let plain = ReadingFactors::default();
    let volts = ReadingFactors { m: 62, k2: -3, ..plain };
    Fake {
        sdr: vec![
            full(1, 1, 1, 1, plain, "CPU Temp"),
            full(2, 2, 1, 1, plain, "Inlet Temp"),
            full(3, 3, 2, 4, volts, "P12V"),
            full(4, 4, 1, 1, plain, "DIMM Temp"),
            discrete(5, 5, 8, 0b1011, "PS1 Status"),
        ],
        sel: vec![
            [1, 0, 2, 0x82, 0x11, 0x15, 0x5F, 0x20, 0, 4, 1, 1, 0x01, 0x57, 85, 80],
            [2, 0, 2, 0x83, 0x11, 0x15, 0x5F, 0x20, 0, 4, 8, 5, 0x6F, 0x01, 0xFF, 0xFF],
            [3, 0, 0xE0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13],
        ],
        readings: [
            (1, vec![85, 0xC0, 0xC8]),
            (2, vec![24, 0xC0, 0xC0]),
            (3, vec![194, 0xC0, 0xC0]),
            (5, vec![0, 0xC0, 0x03, 0x80]),
        ]
        .into(),
        thresholds: [
            (1, [0x38, 0, 0, 0, 80, 90, 100]),
            (2, [0x38, 0, 0, 0, 80, 90, 100]),
            (3, [0x38, 0, 0, 0, 200, 205, 210]),
        ]
        .into(),
        on: true,
        ..Fake::default()
    }
}

fn all(broker: &Broker, class: &str) -> Vec<Instance> {
    broker.enumerate(&context(), HARDWARE, class, Polymorphism::default()).unwrap()
}

fn named(broker: &Broker, class: &str, name: &str) -> Instance {
    let found = all(broker, class).into_iter().find(|instance| text(instance, "ElementName") == name);
    found.unwrap_or_else(|| panic!("no {class} {name}"))
}

fn text<'a>(instance: &'a Instance, name: &str) -> &'a str {
    instance.get(name).unwrap().as_str().unwrap_or_default()
}

#[track_caller]
fn check(instance: &Instance, expected: &[(&str, Value)]) {
    for (name, value) in expected {
        assert_eq!(instance.get(name), Some(value), "{name}");
    }
}

#[test]
fn numeric_sensor_in_all_its_properties() {
    let (broker, _) = broker(server());
    check(
        &named(&broker, "NumericSensor", "CPU Temp"),
        &[
            ("SystemCreationClassName", "ComputerSystem".into()),
            ("CreationClassName", "NumericSensor".into()),
            ("DeviceID", "1.0.32".into()),
            ("Name", "CPU Temp(1.0.32)".into()),
            ("SensorType", 2u16.into()),
            ("BaseUnits", 2u16.into()),
            ("UnitModifier", 0i32.into()),
            ("RateUnits", 0u16.into()),
            ("CurrentReading", 85i32.into()),
            ("CurrentState", "Upper Non-Critical".into()),
            ("HealthState", 10u16.into()),
            ("OperationalStatus", Value::array([3u16])),
            ("EnabledState", 2u16.into()),
            ("NominalReading", 40i32.into()),
            ("NormalMax", Value::Null),
            ("MaxReadable", 255i32.into()),
            ("Resolution", 1u32.into()),
            ("Hysteresis", 2u32.into()),
            ("IsLinear", true.into()),
            ("UpperThresholdNonCritical", 80i32.into()),
            ("UpperThresholdFatal", 100i32.into()),
            ("LowerThresholdCritical", Value::Null),
            ("SupportedThresholds", Value::array([1u16, 3, 5])),
            ("SettableThresholds", Value::array([1u16, 3, 5])),
            ("EnabledThresholds", Value::array([1u16, 3, 5])),
            ("OtherIdentifyingInfo", Value::array(["0x01", "0x20", "7.1"])),
            ("LastErrorCode", Value::Null),
        ],
    );
    let volts = named(&broker, "NumericSensor", "P12V");
    check(&volts, &[("UnitModifier", (-3i32).into()), ("CurrentReading", 12028i32.into()), ("BaseUnits", 5u16.into())]);
    check(&volts, &[("Resolution", 62u32.into()), ("Hysteresis", 124u32.into()), ("HealthState", 5u16.into())]);
}

#[test]
fn a_sensor_that_is_not_there_has_no_reading_but_an_error() {
    let (broker, _) = broker(server());
    let absent = named(&broker, "NumericSensor", "DIMM Temp");
    check(&absent, &[("CurrentReading", Value::Null), ("LastErrorCode", 0xCBu32.into()), ("HealthState", 0u16.into())]);
    check(&absent, &[("CurrentState", "Unknown".into()), ("ErrorCleared", false.into())]);
    assert!(text(&absent, "ErrorDescription").contains("not found"));
}

#[test]
fn discrete_sensor_names_its_worst_state() {
    let (broker, _) = broker(server());
    let supply = named(&broker, "Sensor", "PS1 Status");
    assert!(text(&supply, "CurrentState").contains("Failure"));
    check(
        &supply,
        &[
            ("HealthState", 25u16.into()),
            ("SensorType", 1u16.into()),
            ("OtherSensorTypeDescription", "Power Supply".into()),
        ],
    );
    let Some(Value::Array(states)) = supply.get("PossibleStates") else { panic!() };
    assert!(states.contains(supply.get("CurrentState").unwrap()) && states.contains(&"Unknown".into()));
    assert_eq!(all(&broker, "CIM_Sensor").len(), 5);
}

#[test]
fn a_query_reads_only_the_sensors_it_must() {
    let (broker, fake) = broker(server());
    let query = "SELECT Name, CurrentReading FROM NumericSensor WHERE BaseUnits = 2 AND CurrentReading > 30";
    let found = broker.query(&context(), HARDWARE, query).unwrap();
    assert_eq!(found.instances.len(), 1);
    let readings = || fake.lock().unwrap().count(GET_SENSOR_READING.0, GET_SENSOR_READING.1);
    assert_eq!(readings(), 3, "three sensors measure degrees");
    assert_eq!(fake.lock().unwrap().count(0x04, 0x27), 0, "nobody asked for thresholds");

    assert_eq!(broker.query(&context(), HARDWARE, "SELECT Name FROM NumericSensor").unwrap().instances.len(), 4);
    assert_eq!(broker.enumerate_paths(&context(), HARDWARE, "CIM_Sensor").unwrap().len(), 5);
    assert_eq!(readings(), 3, "names cost no reading");

    let path = named(&broker, "NumericSensor", "P12V").path();
    let before = readings();
    broker.get(&context(), HARDWARE, &path).unwrap();
    assert_eq!(readings(), before + 1, "one instance, one reading");

    // A threshold is asked for only where everything else fits.
    let before = fake.lock().unwrap().count(0x04, 0x27);
    let query =
        "SELECT Name FROM NumericSensor WHERE CurrentReading > 30 AND UpperThresholdCritical > 0 AND BaseUnits = 2";
    assert_eq!(broker.query(&context(), HARDWARE, query).unwrap().instances.len(), 1);
    assert_eq!(fake.lock().unwrap().count(0x04, 0x27), before + 1);
}

#[test]
fn records_are_read_once_and_again_when_they_change() {
    let (broker, fake) = broker(server());
    all(&broker, "NumericSensor");
    all(&broker, "NumericSensor");
    assert_eq!(fake.lock().unwrap().count(0x0A, 0x23), 5);
    assert_eq!(all(&broker, "LogRecord").len(), 3);
    assert_eq!(all(&broker, "LogRecord").len(), 3);
    assert_eq!(fake.lock().unwrap().count(0x0A, 0x43), 3);
    fake.lock().unwrap().sel.push([4, 0, 0xE1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]);
    assert_eq!(all(&broker, "LogRecord").len(), 4);
    assert_eq!(fake.lock().unwrap().count(0x0A, 0x43), 5, "the last known record and the new one");
}

#[test]
fn threshold_put_is_verified() {
    let (broker, fake) = broker(server());
    let path = named(&broker, "NumericSensor", "P12V").path();
    let put = |name: &str, value: i32| broker.modify(&context(), HARDWARE, &path, &[(name.to_owned(), value.into())]);
    let after = put("UpperThresholdNonCritical", 12276).unwrap();
    check(&after, &[("UpperThresholdNonCritical", 12276i32.into()), ("UpperThresholdCritical", 12710i32.into())]);
    assert_eq!(fake.lock().unwrap().thresholds[&3], [0x38, 0, 0, 0, 198, 205, 210]);
    assert_eq!(put("UpperThresholdNonCritical", 99_999).unwrap_err().status, Status::ValueOutOfRange);
    assert_eq!(put("LowerThresholdCritical", 0).unwrap_err().status, Status::ReadOnly);
    fake.lock().unwrap().forgets = true;
    let error = put("UpperThresholdCritical", 12648).unwrap_err();
    assert!(error.message.contains("UpperThresholdCritical = 12648") && error.message.contains("12710"), "{error}");
}

#[test]
fn methods_of_sensors() {
    let (broker, fake) = broker(server());
    let path = named(&broker, "NumericSensor", "CPU Temp").path();
    let invoke =
        |method: &str, inputs: &[(String, Value)]| broker.invoke(&context(), HARDWARE, &path, method, inputs).unwrap();
    let state = |state: u16| [("RequestedState".to_owned(), Value::from(state))];
    assert_eq!(invoke("RequestStateChange", &state(3)).result, 0u32.into());
    check(&named(&broker, "NumericSensor", "CPU Temp"), &[("RequestedState", 3u16.into())]);
    assert_eq!(invoke("RequestStateChange", &state(11)).result, 1u32.into());
    let timeout = ("TimeoutPeriod".to_owned(), DateTime::interval_seconds(5).into());
    let with_timeout = [state(2)[0].clone(), timeout];
    assert_eq!(invoke("RequestStateChange", &with_timeout).result, 4098u32.into());
    assert_eq!(invoke("Reset", &[]).result, 0u32.into());
    assert_eq!(fake.lock().unwrap().count(0x04, 0x2A), 1);
    fake.lock().unwrap().thresholds.insert(1, [0x38, 0, 0, 0, 1, 2, 3]);
    assert_eq!(invoke("RestoreDefaultThresholds", &[]).result, 0u32.into());
    assert_eq!(fake.lock().unwrap().thresholds[&1], [0x38, 0, 0, 0, 80, 90, 100]);
    let factors = invoke("GetNonLinearFactors", &[("SensorReading".to_owned(), 50i32.into())]);
    assert!(factors.parameters.contains(&("Resolution".into(), 1u32.into())));
    assert_eq!(invoke("SaveProperties", &[]).result, 1u32.into());
}

#[test]
fn systems_and_their_domain() {
    let (broker, fake) = broker(server());
    let systems = all(&broker, "ComputerSystem");
    assert_eq!(systems.len(), 2);
    check(
        &systems[0],
        &[("Dedicated", Value::array([0u16])), ("EnabledState", 2u16.into()), ("HealthState", 25u16.into())],
    );
    check(
        &systems[1],
        &[("Dedicated", Value::array([28u16])), ("ElementName", "BMC".into()), ("Name", "bmc-32".into())],
    );
    let domain = &all(&broker, "AdminDomain")[0];
    assert_eq!(text(domain, "Name"), format!("IPMI:{}", text(&systems[0], "Name")));
    check(domain, &[("HealthState", 25u16.into()), ("NameFormat", "Other".into())]);

    let host = systems[0].path();
    let invoke = |path: &ObjectPath, method: &str, input: (&str, Value)| {
        broker.invoke(&context(), HARDWARE, path, method, &[(input.0.to_owned(), input.1)]).unwrap().result
    };
    let state = |state: u16| invoke(&host, "RequestStateChange", ("RequestedState", state.into()));
    assert_eq!(state(2), 4097u32.into(), "it is on already");
    assert_eq!(state(3), 0u32.into());
    assert!(!fake.lock().unwrap().on);
    check(&all(&broker, "ComputerSystem")[0], &[("EnabledState", 3u16.into()), ("RequestedState", 3u16.into())]);
    assert_eq!(state(2), 0u32.into());
    assert!(fake.lock().unwrap().on);
    assert_eq!(state(7), 1u32.into());
    assert_eq!(invoke(&host, "SetPowerState", ("PowerState", 5u32.into())), 0u32.into());
    // This BMC does not know Cold Reset.
    assert_eq!(invoke(&systems[1].path(), "RequestStateChange", ("RequestedState", 11u16.into())), 1u32.into());
}

#[test]
fn the_log_its_records_and_clearing_it() {
    let (broker, fake) = broker(server());
    let log = &all(&broker, "RecordLog")[0];
    check(
        log,
        &[("CurrentNumberOfRecords", 3u64.into()), ("MaxNumberOfRecords", 259u64.into()), ("Name", "SEL".into())],
    );
    check(log, &[("EnabledState", 2u16.into()), ("LogState", 2u16.into()), ("OverwritePolicy", 7u16.into())]);
    let records = all(&broker, "LogRecord");
    check(&records[0], &[("RecordID", "1".into()), ("PerceivedSeverity", 3u16.into()), ("LogName", "SEL".into())]);
    assert_eq!(text(&records[0], "Description"), "Temperature CPU Temp: Upper Non-critical going high, asserted");
    assert!(text(&records[0], "RecordData").starts_with("*1.0.32*1 0*2*130 17 21 95*32 0*4*1*1*true*1*87*85*80*"));
    check(&records[1], &[("PerceivedSeverity", 6u16.into())]);
    // A path to a record of another time is not this record, whatever its number.
    let mut other = records[2].clone();
    other.set("MessageTimestamp", cim::DateTime::from_unix_seconds(1));
    assert_eq!(broker.get(&context(), HARDWARE, &other.path()).unwrap_err().status, Status::NotFound);
    assert_eq!(broker.delete(&context(), HARDWARE, &other.path()).unwrap_err().status, Status::NotFound);
    assert_eq!(fake.lock().unwrap().sel.len(), 3);
    broker.delete(&context(), HARDWARE, &records[2].path()).unwrap();
    assert_eq!(fake.lock().unwrap().sel.len(), 2);
    assert_eq!(broker.get(&context(), HARDWARE, &records[2].path()).unwrap_err().status, Status::NotFound);
    let result = broker.invoke(&context(), HARDWARE, &log.path(), "ClearLog", &[]).unwrap().result;
    assert_eq!((result, all(&broker, "LogRecord").len()), (0u32.into(), 0));
}

#[test]
fn a_controller_without_a_log_has_no_log() {
    let (broker, fake) = broker(server());
    fake.lock().unwrap().refuses.push((0x0A, 0x40));
    for class in ["RecordLog", "LogRecord", "UseOfLog", "LogManagesRecord"] {
        assert!(all(&broker, class).is_empty(), "{class}");
    }
    assert!(!all(&broker, "CIM_ManagedElement").is_empty());
    let log = ObjectPath::instance("RecordLog", [("InstanceID", "IPMI:SEL Log")]);
    assert_eq!(broker.get(&context(), HARDWARE, &log).unwrap_err().status, Status::NotFound);
    let result = broker.invoke(&context(), HARDWARE, &log, "ClearLog", &[]).map(|output| output.result);
    assert!(result.is_err() || result == Ok(1u32.into()), "{result:?}");
}

#[test]
fn associations_lead_from_one_to_the_other() {
    let (broker, _) = broker(server());
    assert_eq!(all(&broker, "SystemComponent").len(), 2);
    assert_eq!(all(&broker, "SystemDevice").len(), 5);
    assert_eq!(all(&broker, "LogManagesRecord").len(), 3);
    assert_eq!(all(&broker, "UseOfLog").len(), 1);
    let query = "ASSOCIATORS OF {RecordLog.InstanceID=\"IPMI:SEL Log\"} WHERE ResultClass=LogRecord";
    assert_eq!(broker.query(&context(), HARDWARE, query).unwrap().instances.len(), 3);
    for class in ["SystemComponent", "SystemDevice", "LogManagesRecord", "UseOfLog"] {
        let link = all(&broker, class)[0].path();
        assert!(broker.get(&context(), HARDWARE, &link).is_ok(), "{class}");
        // Keys inside a reference come over the wire as text.
        let text = ObjectPath::parse(&link.to_string()).unwrap();
        assert!(broker.get(&context(), HARDWARE, &text).is_ok(), "{text}");
    }
}

#[test]
fn raw_commands() {
    let (broker, _) = broker(server());
    let driver = broker.enumerate(&context(), "root/wmi", "Microsoft_IPMI", Polymorphism::default()).unwrap();
    check(&driver[0], &[("InstanceName", "ipmi0_0".into()), ("BMCAddress", 32u8.into()), ("Active", true.into())]);
    let raw = |net_fn: u8, size: u32| {
        let inputs = [
            ("NetworkFunction".to_owned(), Value::from(net_fn)),
            ("Lun".to_owned(), 0u8.into()),
            ("ResponderAddress".to_owned(), 32u8.into()),
            ("Command".to_owned(), 1u8.into()),
            ("RequestDataSize".to_owned(), size.into()),
            ("RequestData".to_owned(), Value::Null),
        ];
        broker.invoke(&context(), "root/wmi", &driver[0].path(), "RequestResponse", &inputs)
    };
    let output = raw(6, 0).unwrap();
    assert_eq!(output.result, Value::Null);
    assert_eq!(output.parameters[0], ("CompletionCode".into(), 0u8.into()));
    assert_eq!(output.parameters[1], ("ResponseDataSize".into(), 11u32.into()));
    assert_eq!(raw(7, 0).unwrap_err().status, Status::InvalidParameter);
    assert_eq!(raw(6, 1).unwrap_err().status, Status::InvalidParameter);
    let attention = broker.invoke(&context(), "root/wmi", &driver[0].path(), "SMS_Attention", &[]).unwrap();
    assert_eq!(
        attention.parameters,
        [("AttentionSet".into(), true.into()), ("StatusRegisterValue".into(), 4u8.into())]
    );
}

#[test]
fn a_bmc_that_is_away_is_a_fault_and_comes_back() {
    let (broker, fake) = broker(Fake { away: true, ..server() });
    let error = broker.enumerate(&context(), HARDWARE, "NumericSensor", Polymorphism::default()).unwrap_err();
    assert_eq!(error.status, Status::ProviderFailure);
    assert!(error.message.contains("fake") && error.message.contains("nobody is there"), "{error}");
    fake.lock().unwrap().away = false;
    let started = std::time::Instant::now();
    let read = || broker.enumerate(&context(), HARDWARE, "NumericSensor", Polymorphism::default());
    let back = loop {
        match read() {
            Ok(sensors) => break sensors.len(),
            Err(error) => assert!(started.elapsed() < std::time::Duration::from_secs(5), "{error}"),
        }
        std::thread::yield_now();
    };
    assert_eq!(back, 4);
}

#[test]
fn who_may_only_read_may_not_act() {
    let (broker, fake) = broker(server());
    let log = all(&broker, "RecordLog")[0].path();
    let mut reader = context();
    reader.identity.access = cim::Access::Read;
    let error = broker.invoke(&reader, HARDWARE, &log, "ClearLog", &[]).unwrap_err();
    assert_eq!((error.status, fake.lock().unwrap().sel.len()), (Status::AccessDenied, 3));
}

#[test]
fn no_key_is_null() {
    let (broker, _) = broker(server());
    for (namespace, class) in HardwareProvider::served() {
        for instance in broker.enumerate(&context(), namespace, class, Polymorphism::None).unwrap() {
            for (slot, key) in instance.class().keys() {
                assert!(!instance.value(slot).is_null(), "{class}.{}", key.name);
            }
        }
    }
}
