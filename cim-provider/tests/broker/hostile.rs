//! BMCs that answer nonsense: errors or gaps, never a panic, never the end of the others.

use cim::broker::Polymorphism;
use cim_provider::HardwareProvider;

use super::classes::server;
use super::support::{Fake, broker, context};

/// Enumerates everything; how many instances came.
fn read_everything(fake: Fake) -> usize {
    let (broker, _) = broker(fake);
    let read = |(namespace, class): (&str, &str)| {
        broker.enumerate(&context(), namespace, class, Polymorphism::None).map_or(0, |instances| instances.len())
    };
    HardwareProvider::served().into_iter().map(read).sum()
}

#[test]
fn every_response_cut_at_every_length() {
    let whole = read_everything(server());
    for cut in 0..64 {
        assert!(read_everything(Fake { cut: Some(cut), ..server() }) <= whole, "{cut}");
    }
    assert_eq!(read_everything(Fake { cut: Some(128), ..server() }), whole);
}

#[test]
fn nothing_but_noise() {
    for seed in 0..200 {
        read_everything(Fake { noise: Some(seed), ..server() });
    }
}

#[test]
fn a_bad_record_does_not_hide_the_others() {
    let mut fake = server();
    fake.sdr.insert(2, vec![9, 0, 0x51, 0x01, 3, 1, 2, 3]);
    let (broker, _) = broker(fake);
    let sensors = broker.enumerate(&context(), "root/hardware", "CIM_Sensor", Polymorphism::default()).unwrap();
    assert_eq!(sensors.len(), 5);
}

#[test]
fn without_sensor_records_there_is_still_a_system_and_a_log() {
    let mut fake = server();
    fake.refuses = vec![(0x0A, 0x20)];
    let (broker, _) = broker(fake);
    let all = |class: &str| broker.enumerate(&context(), "root/hardware", class, Polymorphism::None);
    assert!(all("NumericSensor").is_err());
    assert_eq!((all("ComputerSystem").unwrap().len(), all("LogRecord").unwrap().len()), (2, 3));
}
