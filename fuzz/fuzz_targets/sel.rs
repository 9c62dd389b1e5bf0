//! SEL dumps: record views and the texts of their events.
#![no_main]

use ipmi_core::event::EventSource;
use ipmi_core::sel::{RECORD_LEN, SelRecord, records};
use ipmi_core::table::Manufacturer;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let mut seen = 0;
    for item in records(data) {
        seen += 1;
        if let Ok(record) = item {
            assert_eq!(record.bytes().len(), RECORD_LEN);
            look_at(&record);
        }
    }
    assert_eq!(seen, data.len().div_ceil(RECORD_LEN));
});

fn look_at(record: &SelRecord<'_>) {
    let _ = (record.record_id(), record.record_type(), record.time().and_then(|time| time.unix_seconds()));
    if let SelRecord::Oem(oem) = record {
        let _ = format!("{:?}", oem.linux_panic());
    }
    let Some(system) = record.as_system() else { return };
    let generator = system.generator();
    let _ = generator.software().map(|kind| kind.to_string());
    let event = system.event();
    let _ = (event.row(), event.severity(), event.stated_severity(), event.previous_state(), event.trigger());
    for manufacturer in [Manufacturer::DELL, Manufacturer(10_876), Manufacturer(u32::from(generator.number()))] {
        let _ = event.description_for(EventSource { manufacturer, ipmi_version: 0x02 });
    }
    for detail in event.details() {
        assert!(!detail.to_string().contains(ipmi_core::text::is_unsafe));
    }
}
