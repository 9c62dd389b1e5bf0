//! SDR dumps: record views, id strings, shared sensors, conversion, and the walk over a repository.
#![no_main]

use ipmi_core::sdr::{Records, SdrRecord};
use ipmi_core::sensor::{RawReading, SensorReading, Threshold};
use ipmi_core::text::{is_unsafe, printable};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Ok(record) = SdrRecord::parse(data) {
        look_at(&record, data);
    }
    let mut seen = 0;
    for item in Records::new(data) {
        seen += 1;
        match item {
            Ok(record) => look_at(&record, data),
            Err(problem) => assert!(problem.offset <= data.len() && !problem.to_string().is_empty()),
        }
    }
    // Every item but the last takes at least a header of five bytes.
    assert!(seen <= data.len() / 5 + 1);
});

fn look_at(record: &SdrRecord<'_>, data: &[u8]) {
    let _ = (record.header(), format!("{record:?}"));
    if let Some(id) = record.id() {
        assert!(!printable(&id.decode()).contains(is_unsafe));
    }
    match record {
        SdrRecord::EntityAssociation(view) => drop(view.contained_entities().collect::<Vec<_>>()),
        SdrRecord::DeviceRelativeAssociation(view) => drop(view.contained_entities().collect::<Vec<_>>()),
        SdrRecord::MessageChannelInfo(view) => drop(view.message_channels().collect::<Vec<_>>()),
        SdrRecord::Oem(view) => drop(view.node_manager_discovery()),
        SdrRecord::FruLocator(view) => drop((view.logical_id(), view.access_controller(), view.bus())),
        SdrRecord::McLocator(view) => drop((view.support(), view.event_generation())),
        _ => {}
    }
    let Some(sensor) = record.sensor() else { return };
    let _ = (sensor.entity_id().to_string(), sensor.sensor_type(), sensor.hysteresis());
    // A sharing count is four bits.
    assert!(sensor.shared_sensors().map(|shared| shared.suffix.map(|suffix| suffix.to_string())).count() <= 16);
    if let Some(setup) = sensor.setup() {
        let _ = setup.units().to_string();
        let _ = (setup.readable_thresholds(), setup.settable_thresholds(), setup.discrete_states().offsets().count());
    }
    let tail = data.get(data.len().saturating_sub(4)..).unwrap_or_default();
    if let Ok(raw) = RawReading::parse(tail) {
        let reading = SensorReading::new(&sensor, raw);
        let _ = reading.discrete_states().map(|states| states.texts().count() + states.unnamed().count());
        let _ = reading.threshold_status();
    }
    if let (Some(full), Some(factors)) = (sensor.full(), sensor.analog_factors()) {
        let _ = (factors.tolerance_value(), factors.accuracy_percent());
        for threshold in [Threshold::LowerCritical, Threshold::UpperNonCritical] {
            let value = factors.convert(full.threshold(threshold));
            let _ = (
                factors.convert_hysteresis(full.threshold(threshold)),
                value.and_then(|value| factors.nearest_raw(value)),
            );
        }
    }
}
