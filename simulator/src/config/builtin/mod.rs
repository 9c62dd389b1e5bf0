//! The built-in two-socket server. Everything about it is made up.

mod analog;
mod discrete;
mod history;
mod inventory;
mod memory;

use std::time::Duration;

use self::analog::{ANALOGS, Analog};
use self::discrete::{DISCRETES, Discrete};
use super::Options;
use crate::bmc::{BMC_ADDRESS, Bmc};
use crate::controller::{Controller, Identity};
use crate::model::thermal::{Follows, Moved, Thermal};
use crate::sensor::Sensor;
use crate::store::fru::FruDevice;
use crate::store::private_bus::Content;
use crate::store::sdr::{
    SUPPORT_ALLOCATION, SUPPORT_DELETE, SUPPORT_NON_MODAL, SUPPORT_PARTIAL_ADD, SUPPORT_RESERVE, SdrStore,
};
use crate::store::sel::Sel;

/// Address of the satellite controller.
const SATELLITE: u8 = 0x2C;
/// Private bus with the EEPROM of the board's FRU.
const BOARD_BUS: u8 = 0;
/// Private bus with the EEPROMs of the memory modules.
const MEMORY_BUS: u8 = 1;
/// First address of EEPROMs.
const EEPROM: u8 = 0xA0;
/// Records the SEL holds.
const SEL_CAPACITY: usize = 512;
/// SEL operation support: delete, partial add, reserve, allocation info.
const SEL_SUPPORT: u8 = 0x0F;
/// Bytes the SDR repository holds.
const SDR_CAPACITY: usize = 32 * 1024;
/// Sensor, SDR repository, SEL, FRU, event receiver and generator, chassis.
const BMC_SUPPORT: u8 = 0xBF;
/// Sensor, FRU, event generator.
const SATELLITE_SUPPORT: u8 = 0x29;
/// Example manufacturer: IANA keeps this enterprise number for examples.
const MANUFACTURER: u32 = 32_473;
/// Version of the host's firmware.
const FIRMWARE_VERSION: &str = "2.14.7";
/// System GUID of the first of several, in wire order.
const SYSTEM_GUID: [u8; 16] =
    [0x42, 0x00, 0x00, 0xEF, 0xEC, 0x3C, 0x01, 0x80, 0xF0, 0x11, 0x5A, 0x8B, 0x00, 0x6D, 0x1E, 0x2A];

/// Device GUID of the satellite controller.
const SATELLITE_GUID: [u8; 16] =
    [0x43, 0x00, 0x00, 0xEF, 0xEC, 0x3C, 0x01, 0x80, 0xF0, 0x11, 0x5A, 0x8B, 0x00, 0x6D, 0x1E, 0x2A];

/// Builds the server, with the power on.
pub(super) fn server(options: &Options, now: Duration) -> Bmc {
    let mut main = Controller::new(BMC_ADDRESS, identity(0x20, BMC_SUPPORT, 0x2200));
    let system_guid = of_machine(SYSTEM_GUID, options.seed);
    main.guid = Some(system_guid);
    main.sel = Some(log());
    main.sdr.capacity = SDR_CAPACITY;
    main.sdr.support = SUPPORT_ALLOCATION | SUPPORT_RESERVE | SUPPORT_PARTIAL_ADD | SUPPORT_DELETE | SUPPORT_NON_MODAL;
    (main.sdr.last_add, main.sdr.last_erase) = (history::CLEARED, history::CLEARED);
    let mut satellite = Controller::new(SATELLITE, identity(0x2C, SATELLITE_SUPPORT, 0x2201));

    add(&mut main.sdr, &inventory::mc_locator(BMC_ADDRESS, BMC_SUPPORT, (0x06, 1), "BMC"));
    let mut moved = Vec::new();
    for analog in ANALOGS {
        let sensor = sensor_of(&mut main.sdr, &analog.record(BMC_ADDRESS));
        main.add_sensor(sensor);
        moved.push(moved_by(analog, BMC_ADDRESS));
    }
    let mut follows = Vec::new();
    for discrete in DISCRETES {
        add_discrete(&mut main, discrete);
        if discrete.states.on != discrete.states.off {
            let key = (0, discrete.number);
            follows.push(Follows { key, off: discrete.states.off, on: discrete.states.on });
        }
    }
    add(&mut main.sdr, &inventory::mc_locator(SATELLITE, SATELLITE_SUPPORT, (0x2E, 2), "Satellite MC"));
    // Its device SDRs are in the repository too, as a BMC that initialises its repository leaves them there.
    satellite.identity.device_sdrs = true;
    moved.push(moved_by(&analog::SATELLITE, SATELLITE));
    for record in [analog::SATELLITE.record(SATELLITE), discrete::SATELLITE.record(SATELLITE)] {
        satellite.add_sensor(sensor_of(&mut main.sdr, &record));
        add(&mut satellite.device_sdr, &record);
    }
    satellite.guid = Some(of_machine(SATELLITE_GUID, options.seed));
    satellite.frus.insert(0, FruDevice::new(inventory::FRU_SIZE, &inventory::satellite().to_bytes()));
    for part in inventory::PARTS {
        main.frus.insert(part.id, FruDevice::new(inventory::FRU_SIZE, &part.bytes()));
        if let Some(locator) = part.locator() {
            add(&mut main.sdr, &locator);
        }
    }
    main.buses.add(BOARD_BUS, EEPROM, Content::Fru(0));
    for (address, spd) in (EEPROM..).step_by(2).zip(memory::MODULES.map(memory::presence_detect)) {
        main.buses.add(MEMORY_BUS, address, Content::Spd(spd));
    }
    for association in inventory::associations() {
        add(&mut main.sdr, &association);
    }

    let mut bmc = Bmc::new(main, true, now);
    bmc.satellites.insert(SATELLITE, satellite);
    bmc.profile.system_guid = Some(system_guid);
    bmc.chassis.identify = true;
    bmc.dcmi.enabled = true;
    bmc.dcmi.power_sensor = Some((0, analog::SYSTEM_POWER));
    bmc.dcmi.asset_tag = inventory::ASSET_TAG.into();
    bmc.chassis.buttons = Some(0);
    bmc.chassis.capabilities = [0x01, 0x20, 0x20, 0x20, 0x20, 0x20];
    bmc.chassis.restore_policy = 1;
    bmc.chassis.on_time = Duration::from_secs(history::LENGTH);
    let [.., high, low] = options.seed.to_be_bytes();
    bmc.settings.lan.set_mac([0x02, 0x00, 0x5E, 0x10, high, low]);
    bmc.settings.system_info.set_firmware_version(FIRMWARE_VERSION);
    let mut model = Thermal::new(moved, follows, options.seed, options.freeze, now);
    model.apply(&mut bmc, now);
    bmc.model = Some(Box::new(model));
    bmc
}

/// The GUID of one machine of several, whose seeds count up from 1: its node differs, as its MAC address does.
fn of_machine(mut guid: [u8; 16], seed: u64) -> [u8; 16] {
    let [.., high, low] = seed.wrapping_sub(1).to_be_bytes();
    (guid[1], guid[2]) = (low, high);
    guid
}

fn identity(device_id: u8, support: u8, product: u16) -> Identity {
    Identity {
        device_id,
        device_sdrs: false,
        device_revision: 1,
        firmware_major: 2,
        firmware_minor: 0x14,
        ipmi_version: 0x02,
        support,
        manufacturer: MANUFACTURER,
        product,
        auxiliary_firmware: Some([0x00, 0x07, 0x2A, 0x01]),
    }
}

fn log() -> Sel {
    let mut sel = Sel::new(SEL_CAPACITY, SEL_SUPPORT);
    for record in history::records() {
        let [_, _, kind, t0, t1, t2, t3, ..] = record;
        if sel.add_as_is(record).is_ok() && kind < 0xE0 {
            sel.last_add = Some(u32::from_le_bytes([t0, t1, t2, t3]));
        }
    }
    sel.last_erase = Some(history::CLEARED);
    sel
}

/// Adds a record of ours; the repository has room for all of them, which a test checks.
fn add(store: &mut SdrStore, record: &[u8]) {
    if let Err(code) = store.add(record) {
        tracing::error!("a built-in record does not fit: {code}");
    }
}

/// Adds a sensor's record and makes the sensor it describes.
fn sensor_of(store: &mut SdrStore, record: &[u8]) -> Sensor {
    add(store, record);
    Sensor::from_record(record).unwrap_or_default()
}

fn add_discrete(main: &mut Controller, discrete: &Discrete) {
    let sensor = sensor_of(&mut main.sdr, &discrete.record(BMC_ADDRESS));
    for number in discrete.numbers() {
        main.add_sensor(Sensor { number, states: discrete.states.on, ..sensor.clone() });
    }
}

fn moved_by(analog: &Analog, owner: u8) -> Moved {
    Moved { owner, key: (0, analog.number), quantity: analog.quantity, scale: analog.scale }
}

#[cfg(test)]
mod tests;
