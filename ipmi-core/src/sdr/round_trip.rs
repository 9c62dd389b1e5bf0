//! Every record type: what is emitted comes back, every cut is an error or a shorter record, and no bytes panic.

use proptest::prelude::*;

use super::*;
use crate::ParseError;

/// Emits a body laid over `bytes` with an id and hands back the record's bytes.
fn named<B: NamedBody>(bytes: &[u8], id: &str) -> Vec<u8> {
    let (body, _) = B::read_from_prefix(bytes).unwrap();
    let mut out = Vec::new();
    emit(0x1234, &body, id, &mut out);
    out
}

fn plain<B: SdrBody>(bytes: &[u8], tail: &[u8]) -> Vec<u8> {
    let (body, _) = B::read_from_prefix(bytes).unwrap();
    let mut out = Vec::new();
    emit_plain(0x1234, &body, tail, &mut out);
    out
}

/// Writes the record that was read, through its body.
fn again(record: &SdrRecord<'_>) -> Vec<u8> {
    let mut out = Vec::new();
    let id = record.id().map(|id| id.decode().into_owned()).unwrap_or_default();
    match record {
        SdrRecord::FullSensor(view) => emit(0x1234, view.body, &id, &mut out),
        SdrRecord::CompactSensor(view) => emit(0x1234, view.body, &id, &mut out),
        SdrRecord::EventOnly(view) => emit(0x1234, view.body, &id, &mut out),
        SdrRecord::EntityAssociation(view) => emit_plain(0x1234, view.body, view.tail, &mut out),
        SdrRecord::DeviceRelativeAssociation(view) => emit_plain(0x1234, view.body, view.tail, &mut out),
        SdrRecord::GenericLocator(view) => emit(0x1234, view.body, &id, &mut out),
        SdrRecord::FruLocator(view) => emit(0x1234, view.body, &id, &mut out),
        SdrRecord::McLocator(view) => emit(0x1234, view.body, &id, &mut out),
        SdrRecord::McConfirmation(view) => emit_plain(0x1234, view.body, view.tail, &mut out),
        SdrRecord::MessageChannelInfo(view) => emit_plain(0x1234, view.body, view.tail, &mut out),
        SdrRecord::Oem(view) => emit_plain(0x1234, view.body, view.tail, &mut out),
        SdrRecord::Unknown(_) => {}
    }
    out
}

fn every_type(bytes: &[u8; 64], id: &str) -> [Vec<u8>; 11] {
    [
        named::<FullSensorBody>(bytes, id),
        named::<CompactSensorBody>(bytes, id),
        named::<EventOnlyBody>(bytes, id),
        plain::<EntityAssociationBody>(bytes, &[]),
        plain::<DeviceRelativeAssociationBody>(bytes, &[]),
        named::<GenericLocatorBody>(bytes, id),
        named::<FruLocatorBody>(bytes, id),
        named::<McLocatorBody>(bytes, id),
        plain::<McConfirmationBody>(bytes, &[]),
        plain::<MessageChannelInfoBody>(bytes, &[]),
        plain::<OemBody>(bytes, id.as_bytes()),
    ]
}

#[test]
fn layouts_are_as_long_as_the_specification_says() {
    // Offset of the type/length byte, or length of the record where there is no id string.
    let expected = [47, 31, 16, 16, 32, 15, 15, 15, 32, 16, 8];
    for (record, expected) in every_type(&[0; 64], "").iter().zip(expected) {
        let named = SdrRecord::parse(record).unwrap().id().is_some();
        assert_eq!(record.len(), expected + usize::from(named), "{record:02X?}");
    }
}

#[test]
fn every_shorter_fixed_part_errs_and_names_the_record() {
    for record in every_type(&[0xFF; 64], "") {
        for len in 0..record.len() {
            let error = SdrRecord::parse(&record[..len]).unwrap_err();
            let ParseError::Truncated { expected, found, .. } = error else { panic!("{error}") };
            assert_eq!((expected > len, found), (true, len));
        }
    }
}

#[test]
fn golden_full_sensor() {
    // A fan: 120 RPM per count, lower thresholds at 600 and 360 RPM.
    let bytes = [
        0x30, 0x00, 0x51, 0x01, 0x30, 0x20, 0x00, 0x30, 0x1D, 0x01, 0x7F, 0x68, 0x04, 0x01, 0x05, 0x70, 0x05, 0x00,
        0x03, 0x03, 0x00, 0x12, 0x00, 0x00, 0x78, 0x02, 0x00, 0x00, 0x01, 0x00, 0x01, 0x2C, 0x00, 0x00, 0xFF, 0x00,
        0x00, 0x00, 0x00, 0x00, 0x03, 0x05, 0x01, 0x02, 0x00, 0x00, 0x00, 0xC5, b'F', b'a', b'n', b'2', b'A',
    ];
    let sensor = SdrRecord::parse(&bytes).unwrap().sensor().unwrap();
    let view = sensor.full().unwrap();
    assert_eq!((sensor.number(), sensor.id().decode().as_ref()), (0x30, "Fan2A"));
    assert_eq!(sensor.units().unwrap().to_string(), "RPM");
    let factors = sensor.analog_factors().unwrap();
    assert_eq!((factors.m, factors.tolerance, factors.convert(0x2C)), (120, 2, Some(5280.0)));
    assert_eq!(view.nominal_reading().and_then(|raw| factors.convert(raw)), Some(5280.0));
    assert_eq!(factors.convert(view.lnc), Some(600.0));
    assert_eq!(view.setup.readable_thresholds(), ThresholdMask::LNC | ThresholdMask::LCR);
    assert_eq!((view.setup.threshold_access(), view.setup.hysteresis_access()), (Access::Settable, Access::Settable));
    assert_eq!((view.direction(), sensor.hysteresis()), (Direction::Input, Some((1, 2))));
    let mut body = *view.body;
    body.set_reading_factors(&factors);
    assert_eq!(&body, view.body);
}

#[test]
fn trailing_bytes_and_long_lengths_are_tolerated() {
    let mut record = every_type(&[0; 64], "BMC")[7].clone();
    record.extend([0xEE; 9]);
    assert_eq!(SdrRecord::parse(&record).unwrap().id().unwrap().decode(), "BMC");
    // A length byte that counts the header too, as one controller sends it.
    record.truncate(record.len() - 9);
    record[4] += 5;
    assert_eq!(SdrRecord::parse(&record).unwrap().id().unwrap().decode(), "BMC");
}

#[test]
fn long_and_foreign_ids_are_cut_and_replaced() {
    let record = named::<McLocatorBody>(&[0; 16], "grüße an die weite Welt \u{4E16}");
    assert_eq!(SdrRecord::parse(&record).unwrap().id().unwrap().decode(), "grüße an die wei");
    let record = named::<McLocatorBody>(&[0; 16], "\u{4E16}!");
    assert_eq!(SdrRecord::parse(&record).unwrap().id().unwrap().decode(), "?!");
}

proptest! {
    #[test]
    fn emitted_records_come_back(low: [u8; 32], high: [u8; 32], id in "[ -~]{0,16}") {
        let mut bytes = [0; 64];
        bytes[..32].copy_from_slice(&low);
        bytes[32..].copy_from_slice(&high);
        for record in every_type(&bytes, &id) {
            let parsed = SdrRecord::parse(&record).unwrap();
            prop_assert_eq!(again(&parsed), &record[..]);
            prop_assert_eq!(parsed.header().record_len(), record.len());
            if let Some(found) = parsed.id() {
                prop_assert_eq!(found.decode(), &id[..]);
            }
        }
    }

    #[test]
    fn any_bytes_are_read(mut bytes in proptest::collection::vec(any::<u8>(), 0..80), record_type in 0u8..0x16) {
        if let Some(byte) = bytes.get_mut(3) {
            *byte = record_type;
        }
        let items = Records::new(&bytes).count();
        prop_assert!(items <= bytes.len() / 5 + 1);
        if let Ok(record) = SdrRecord::parse(&bytes) {
            let _ = record.id().map(|id| id.decode().len());
            if let Some(sensor) = record.sensor() {
                let _ = (sensor.shared_sensors().count(), sensor.analog_factors().map(|factors| factors.convert(0xFF)));
            }
        }
    }
}
