//! A management controller: the BMC or a satellite behind IPMB, with its identity and what it stores (IPMI 2.0 s20,
//! s25).

use std::collections::BTreeMap;

use crate::sensor::Sensor;
use crate::store::channel::IPMB;
use crate::store::fru::FruDevice;
use crate::store::private_bus::PrivateBuses;
use crate::store::sdr::SdrStore;
use crate::store::sel::Sel;

/// What Get Device ID says of a controller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Device id.
    pub device_id: u8,
    /// Provides device SDRs.
    pub device_sdrs: bool,
    /// Device revision, 0-15.
    pub device_revision: u8,
    /// Major firmware revision, 0-127.
    pub firmware_major: u8,
    /// Minor firmware revision as it goes onto the wire (BCD by the specification).
    pub firmware_minor: u8,
    /// IPMI version byte, 02h for 2.0.
    pub ipmi_version: u8,
    /// Additional device support byte.
    pub support: u8,
    /// IANA enterprise number of the manufacturer.
    pub manufacturer: u32,
    /// Product id.
    pub product: u16,
    /// Auxiliary firmware revision.
    pub auxiliary_firmware: Option<[u8; 4]>,
}

impl Identity {
    /// The response data of Get Device ID.
    pub fn emit(&self) -> Vec<u8> {
        let [m0, m1, m2, _] = self.manufacturer.to_le_bytes();
        let [p0, p1] = self.product.to_le_bytes();
        let mut bytes = vec![
            self.device_id,
            u8::from(self.device_sdrs) << 7 | (self.device_revision & 0xF),
            self.firmware_major & 0x7F,
            self.firmware_minor,
            self.ipmi_version,
            self.support,
            m0,
            m1,
            m2,
            p0,
            p1,
        ];
        bytes.extend(self.auxiliary_firmware.iter().flatten());
        bytes
    }
}

/// A key of [`Controller::sensors`]: logical unit and sensor number.
pub type SensorKey = (u8, u8);

/// One controller.
#[derive(Debug, Clone)]
pub struct Controller {
    /// IPMB slave address.
    pub address: u8,
    /// Channel of the bus a satellite is on.
    pub channel: u8,
    /// Answers to Get Device ID.
    pub identity: Identity,
    /// Device GUID in wire order; without one the command is refused.
    pub guid: Option<[u8; 16]>,
    /// SDR repository.
    pub sdr: SdrStore,
    /// Device SDRs.
    pub device_sdr: SdrStore,
    /// System event log, when it has one.
    pub sel: Option<Sel>,
    /// Sensors by LUN and number.
    pub sensors: BTreeMap<SensorKey, Sensor>,
    /// FRU inventory devices by id.
    pub frus: BTreeMap<u8, FruDevice>,
    /// Private buses behind it.
    pub buses: PrivateBuses,
    /// Event receiver address and LUN; FFh: sends no events.
    pub event_receiver: (u8, u8),
}

impl Controller {
    /// A controller without sensors, records or inventory.
    pub fn new(address: u8, identity: Identity) -> Self {
        Self {
            address,
            channel: IPMB,
            identity,
            guid: None,
            sdr: SdrStore::default(),
            device_sdr: SdrStore::default(),
            sel: None,
            sensors: BTreeMap::new(),
            frus: BTreeMap::new(),
            buses: PrivateBuses::default(),
            event_receiver: (0x20, 0),
        }
    }

    /// Adds a sensor, replacing one with the same LUN and number.
    pub fn add_sensor(&mut self, sensor: Sensor) {
        self.sensors.insert((sensor.lun, sensor.number), sensor);
    }
}
