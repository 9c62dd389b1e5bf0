//! How long it takes to look at a record: SDR view and conversion, SEL decode, FRU parse.

use divan::{Bencher, black_box};
use ipmi_core::fru::{FruImage, FruInventory, ProductImage};
use ipmi_core::sdr::{FullSensorBody, SdrRecord, SensorIdentity, SensorSetup, emit};
use ipmi_core::sel::SelRecord;
use ipmi_core::sensor::{RawReading, ReadingFactors, SensorReading};

fn main() {
    divan::main();
}

fn record() -> Vec<u8> {
    let mut body = FullSensorBody {
        identity: SensorIdentity { owner_id: 0x20, number: 0x30, entity_id: 7, entity_instance: 1, owner_lun: 0 },
        setup: SensorSetup { sensor_type: 2, event_reading_type: 1, base_unit: 4, ..Default::default() },
        ..Default::default()
    };
    body.set_reading_factors(&ReadingFactors { m: 64, k2: -3, ..Default::default() });
    let mut bytes = Vec::new();
    emit(1, &body, "P12V", &mut bytes);
    bytes
}

#[divan::bench]
fn sdr_view(bencher: Bencher) {
    let bytes = record();
    bencher.bench_local(|| SdrRecord::parse(black_box(&bytes)).map(|record| record.id().map(|id| id.raw().len())));
}

#[divan::bench]
fn sdr_view_and_conversion(bencher: Bencher) {
    let bytes = record();
    bencher.bench_local(|| {
        let sensor = SdrRecord::parse(black_box(&bytes)).ok()?.sensor()?;
        let raw = RawReading::parse(black_box(&[188, 0xC0, 0xC0])).ok()?;
        SensorReading::new(&sensor, raw).value
    });
}

#[divan::bench]
fn nearest_raw(bencher: Bencher) {
    let factors = ReadingFactors { m: 64, k2: -3, ..Default::default() };
    bencher.bench_local(|| black_box(&factors).nearest_raw(black_box(12.8)));
}

#[divan::bench]
fn sel_decode(bencher: Bencher) {
    let bytes = [0x0E, 0, 0x02, 0x82, 0x11, 0x15, 0x5F, 0x20, 0, 0x04, 0x0F, 0x36, 0x6F, 0xC2, 0x13, 0xFF];
    bencher.bench_local(|| {
        let event = SelRecord::parse(black_box(&bytes)).ok()?.as_system()?.event();
        Some((event.description()?, event.severity()?))
    });
}

#[divan::bench]
fn fru_parse(bencher: Bencher) {
    let product = ProductImage {
        manufacturer: "Maker".into(),
        name: "PowerBox 9000".into(),
        serial_number: "0123456789".into(),
        ..Default::default()
    };
    let multirecords = vec![(0x00, vec![0; 24])];
    let bytes = FruImage { product: Some(product), multirecords, ..Default::default() }.to_bytes();
    bencher.bench_local(|| FruInventory::parse(black_box(&bytes)).map(|inventory| inventory.problems.len()));
}
