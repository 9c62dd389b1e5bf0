//! The built-in server: what is in it, that it stands up at rest, and that the power moves it.

use std::collections::BTreeSet;

use ipmi_core::fru::FruInventory;
use ipmi_core::sdr::{Records, SdrRecord};
use ipmi_core::{NetFn, Request};

use super::*;

const NOW: Duration = Duration::from_secs(1_790_000_000);

fn bmc() -> Bmc {
    server(&Options::default(), NOW)
}

fn ask(bmc: &mut Bmc, net_fn: u8, cmd: u8, data: &[u8], now: Duration) -> Vec<u8> {
    let response = bmc.handle(&Request::new(NetFn::new(net_fn), cmd, data), now);
    assert_eq!(response.code.0, 0, "{net_fn:02X}h {cmd:02X}h {data:02X?}");
    response.data
}

#[test]
fn power_on_hours_cover_the_history() {
    let mut bmc = bmc();
    let times = bmc.main.sel.as_ref().unwrap().records().iter().filter(|record| record[2] < 0xE0);
    let times: Vec<u32> = times.map(|record| u32::from_le_bytes(record[3..7].try_into().unwrap())).collect();
    let poh = ask(&mut bmc, 0, 0x0F, &[], NOW);
    assert_eq!(poh[0], 60);
    let hours = u32::from_le_bytes(poh[1..].try_into().unwrap());
    assert_eq!(hours, (times.iter().max().unwrap() - times.iter().min().unwrap()) / 3600);
}

#[test]
fn every_record_parses_and_names_are_unique() {
    let bmc = bmc();
    let dump: Vec<u8> = bmc.main.sdr.records().flatten().copied().collect();
    let mut names = BTreeSet::new();
    let mut sensors = 0;
    for record in Records::new(&dump) {
        let name = match record.unwrap() {
            SdrRecord::FullSensor(view) => view.id().decode().into_owned(),
            SdrRecord::CompactSensor(view) => view.id().decode().into_owned(),
            SdrRecord::EventOnly(view) => view.id().decode().into_owned(),
            _ => continue,
        };
        assert!(names.insert(name.clone()), "{name}");
        sensors += 1;
    }
    assert!(sensors >= 60, "{sensors}");
    assert!(bmc.main.sel.as_ref().unwrap().records().len() >= 30);
    let rows = ANALOGS.len() + DISCRETES.len();
    assert_eq!(sensors, rows + 2);
}

#[test]
fn sensor_numbers_are_unique() {
    let bmc = bmc();
    let shared = DISCRETES.iter().flat_map(Discrete::numbers).count();
    assert_eq!(bmc.main.sensors.len(), ANALOGS.len() + shared);
    assert_eq!(bmc.satellites[&SATELLITE].sensors.len(), 2);
}

#[test]
fn every_fru_parses_without_a_problem() {
    for part in inventory::PARTS {
        let bytes = part.bytes();
        assert!(bytes.len() <= usize::from(inventory::FRU_SIZE), "FRU {} has {} bytes", part.id, bytes.len());
        let inventory = FruInventory::parse(&bytes).unwrap();
        assert!(inventory.problems.is_empty(), "FRU {}: {:?}", part.id, inventory.problems);
    }
}

#[test]
fn at_rest_no_threshold_is_crossed_and_nothing_is_logged() {
    for seed in 0..20 {
        let mut bmc = server(&Options { seed, freeze: false }, NOW);
        let before = bmc.main.sel.as_ref().unwrap().records().len();
        for minute in 1..=60 {
            bmc.poll(NOW + Duration::from_secs(60 * minute));
        }
        for sensor in bmc.main.sensors.values().filter(|sensor| sensor.is_threshold()) {
            assert_eq!(sensor.states, 0, "seed {seed}, sensor {:02X}h at {}", sensor.number, sensor.reading);
        }
        assert_eq!(bmc.main.sel.as_ref().unwrap().records().len(), before, "seed {seed}");
    }
}

#[test]
fn readings_move_with_the_seed_and_stand_still_when_frozen() {
    let readings = |bmc: &Bmc| bmc.main.sensors.values().map(|sensor| sensor.reading).collect::<Vec<_>>();
    let run = |seed, freeze| {
        let mut bmc = server(&Options { seed, freeze }, NOW);
        let before = readings(&bmc);
        bmc.poll(NOW + Duration::from_secs(100));
        (before, readings(&bmc))
    };
    let (before, after) = run(1, false);
    assert_ne!(before, after);
    assert_eq!(run(1, false).1, after);
    assert_ne!(run(2, false).1, after);
    let (before, after) = run(1, true);
    assert_eq!(before, after);
}

#[test]
fn the_power_moves_fans_and_states() {
    let mut bmc = bmc();
    let fan = ask(&mut bmc, 4, 0x2D, &[0x20], NOW);
    assert!(fan[0] > 30 && fan[1] & 0x20 == 0, "{fan:02X?}");
    let events = bmc.main.sel.as_ref().unwrap().records().len();
    ask(&mut bmc, 0, 0x02, &[0], NOW);
    let fan = ask(&mut bmc, 4, 0x2D, &[0x20], NOW);
    assert_eq!((fan[0], fan[1] & 0x20), (0, 0x20));
    assert_eq!(ask(&mut bmc, 4, 0x2D, &[0xB3], NOW)[2], 0x20);
    let standby = ask(&mut bmc, 4, 0x2D, &[0x35], NOW);
    assert_eq!(standby[1] & 0x20, 0);
    assert!(bmc.main.sel.as_ref().unwrap().records().len() > events);
    ask(&mut bmc, 0, 0x02, &[1], NOW);
    assert_eq!(ask(&mut bmc, 4, 0x2D, &[0xB3], NOW)[2], 0x01);
    let later = NOW + Duration::from_secs(30);
    bmc.poll(later);
    let fan = ask(&mut bmc, 4, 0x2D, &[0x20], later);
    assert!(fan[0] > 30, "{fan:02X?}");
    assert_eq!(bmc.main.sensors[&(0, 0x20)].states, 0);
}

#[test]
fn a_lowered_threshold_writes_an_event_and_raises_attention() {
    let mut bmc = bmc();
    ask(&mut bmc, 6, 0x2E, &[0x0F], NOW);
    let reading = ask(&mut bmc, 4, 0x2D, &[0x03], NOW)[0];
    ask(&mut bmc, 4, 0x26, &[0x03, 0x08, 0, 0, 0, reading - 5, 0, 0], NOW);
    assert!(bmc.attention() && bmc.interrupt());
    let event = ask(&mut bmc, 6, 0x35, &[], NOW);
    assert_eq!(event[10..14], [0x01, 0x03, 0x01, 0x57]);
}

#[test]
fn every_machine_has_its_own_guid() {
    let guid =
        |seed| Bmc::builtin(&Options { seed, ..Options::default() }, Duration::ZERO).profile.system_guid.unwrap();
    let several: std::collections::BTreeSet<_> = (1..=1000).map(guid).collect();
    assert_eq!((several.len(), guid(1)), (1000, SYSTEM_GUID));
}
