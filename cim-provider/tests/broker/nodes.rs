//! The SDRs of real machines: every sensor has keys of its own, and a class.

use std::collections::HashSet;
use std::path::PathBuf;

use super::support::{Fake, broker, context};
use cim::broker::Polymorphism;
use cim::{Keys, Value};
use ipmi_core::sdr::Records;

/// The recorded machines; `None`, said aloud, where they are not present.
fn nodes() -> Option<Vec<PathBuf>> {
    let data = std::env::var_os("SHARED_DATA").map(PathBuf::from);
    let data = data.unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/data"));
    let Ok(entries) = std::fs::read_dir(data.join("nodes")) else {
        assert!(std::env::var_os("CI").is_none_or(|ci| ci != "true"), "no recorded machines in {}", data.display());
        eprintln!("skipped: no recorded machines in {}", data.display());
        return None;
    };
    let mut nodes: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    nodes.sort();
    Some(nodes)
}

#[test]
fn keys_are_unique_on_every_machine() {
    for node in nodes().unwrap_or_default() {
        let dump = std::fs::read(node.join("sdr.bin")).unwrap();
        let mut sdr = Vec::new();
        let mut rest = dump.as_slice();
        while let Some(length) = rest.get(4).map(|length| 5 + usize::from(*length)) {
            sdr.push(rest[..length].to_vec());
            rest = &rest[length..];
        }
        let readable =
            Records::new(&dump).flatten().filter(|record| record.sensor().is_some_and(|s| s.setup().is_some()));
        let readable = readable.count();
        let readings = (0..=255).map(|number| (number, vec![0x80, 0xC0, 0x01, 0x80])).collect();
        let (broker, _) = broker(Fake { sdr, readings, ..Fake::default() });

        let mut seen = HashSet::new();
        for class in ["NumericSensor", "Sensor"] {
            let sensors = broker.enumerate(&context(), "root/hardware", class, Polymorphism::None).unwrap();
            for sensor in sensors {
                let Keys::Named(keys) = sensor.path().keys else { panic!() };
                assert!(keys.iter().all(|(_, value)| !value.is_null()), "{}", node.display());
                assert!(seen.insert(format!("{keys:?}")), "{}: {keys:?} twice", node.display());
                let Some(Value::Array(states)) = sensor.get("PossibleStates") else { panic!("{keys:?}") };
                assert!(states.contains(sensor.get("CurrentState").unwrap()), "{}: {keys:?}", node.display());
                assert!(broker.get(&context(), "root/hardware", &sensor.path()).is_ok());
            }
        }
        assert!(seen.len() >= readable, "{}: {} of {readable}", node.display(), seen.len());
    }
}
