//! What the built-in server is made of: FRU inventories, locators, entity associations.

use ipmi_core::fru::{BoardImage, ChassisImage, FruImage, ProductImage};
use ipmi_core::sdr::{self, EntityAssociationBody, EntityPair, FruLocatorBody, McLocatorBody, NamedBody};
use ipmi_core::time::FruTime;

use super::memory;

/// Asset tag of the server, in its FRU and in DCMI.
pub(super) const ASSET_TAG: &str = "LAB-0042";

/// Size of every FRU device.
pub(super) const FRU_SIZE: u16 = 512;
/// Maker of everything here.
const MAKER: &str = "Example Computer";
/// Chassis type 17h: rack mount chassis.
const RACK_MOUNT: u8 = 0x17;
/// 2025-03-04 08:15 UTC.
const MADE: i64 = 1_741_076_100;
/// FRU locator: logical device on LUN 0.
const LOGICAL: u8 = 0x80;
/// Device type 10h: FRU inventory device behind a controller.
const LOGICAL_FRU: u8 = 0x10;

/// A FRU device behind the BMC.
pub(super) struct Part {
    pub(super) id: u8,
    /// Name in its locator; FRU 0 is the BMC's own and has none.
    name: Option<&'static str>,
    entity: (u8, u8),
    image: fn() -> FruImage,
}

/// The FRU devices of the BMC.
pub(super) const PARTS: &[Part] = &[
    Part { id: 0, name: None, entity: (0x07, 1), image: mainboard },
    Part { id: 1, name: Some("PSU1"), entity: (0x0A, 1), image: || power_supply("EX850P0100417") },
    Part { id: 2, name: Some("PSU2"), entity: (0x0A, 2), image: || power_supply("EX850P0100423") },
    Part { id: 3, name: Some("DIMM A1"), entity: (0x20, 1), image: || dimm(0) },
    Part { id: 4, name: Some("DIMM B1"), entity: (0x20, 2), image: || dimm(1) },
    Part { id: 5, name: Some("DIMM C1"), entity: (0x20, 3), image: || dimm(2) },
    Part { id: 6, name: Some("DIMM D1"), entity: (0x20, 4), image: || dimm(3) },
    Part { id: 7, name: Some("Drive Backplane"), entity: (0x0F, 1), image: backplane },
];

impl Part {
    /// The bytes of the device.
    pub(super) fn bytes(&self) -> Vec<u8> {
        (self.image)().to_bytes()
    }

    /// Its FRU locator record.
    pub(super) fn locator(&self) -> Option<Vec<u8>> {
        let body = FruLocatorBody {
            access_address: 0x20,
            fru_id: self.id,
            access: LOGICAL,
            device_type: LOGICAL_FRU,
            entity: pair(self.entity),
            ..FruLocatorBody::default()
        };
        self.name.map(|name| named(&body, name))
    }
}

fn made() -> Option<FruTime> {
    FruTime::from_unix(MADE)
}

fn mainboard() -> FruImage {
    FruImage {
        chassis: Some(ChassisImage {
            chassis_type: RACK_MOUNT,
            part_number: "EX2U-CH-08".into(),
            serial_number: "EXCH25100042".into(),
            custom: Vec::new(),
        }),
        board: Some(BoardImage {
            manufactured: made(),
            manufacturer: MAKER.into(),
            product_name: "EX-2S Mainboard".into(),
            serial_number: "EXMB25090317".into(),
            part_number: "EX-MB-2S-R02".into(),
            fru_file_id: "FRU-1.0".into(),
            custom: vec!["3C:EC:EF:00:00:42".into()],
        }),
        product: Some(ProductImage {
            manufacturer: MAKER.into(),
            name: "EX-Server 2200".into(),
            part_number: "EX2200-8SFF".into(),
            version: "02".into(),
            serial_number: "EX2200-0042".into(),
            asset_tag: ASSET_TAG.into(),
            ..ProductImage::default()
        }),
        // Management access: system name.
        multirecords: vec![(0x03, [&[0x02_u8][..], b"ex2200-0042"].concat())],
        ..FruImage::default()
    }
}

fn power_supply(serial: &str) -> FruImage {
    let mut supply = Vec::new();
    // Capacity 850 W, peak 935 VA, inrush 35 A for 5 ms; 90-140 V, 180-264 V; 47-63 Hz; drop-out 12 ms.
    supply.extend(850_u16.to_le_bytes());
    supply.extend(935_u16.to_le_bytes());
    supply.extend([35, 5]);
    for tens_of_millivolts in [9_000_u16, 14_000, 18_000, 26_400] {
        supply.extend(tens_of_millivolts.to_le_bytes());
    }
    // Hot swap, autoswitch, power factor correction, predictive failure pin; 2 s at 950 W; 12 V only.
    supply.extend([47, 63, 12, 0x0F]);
    supply.extend((2 << 12 | 950_u16).to_le_bytes());
    supply.extend([0x00, 0x00, 0x00, 0x00]);
    FruImage {
        product: Some(ProductImage {
            manufacturer: MAKER.into(),
            name: "EX-PSU 850W".into(),
            part_number: "EX850P".into(),
            version: "A1".into(),
            serial_number: serial.into(),
            ..ProductImage::default()
        }),
        multirecords: vec![
            (0x00, supply),
            (0x01, dc_output(0x01, 1_200, 0, 0, 120, 0, 0xFFFF)),
            (0x01, dc_output(0x82, 1_200, 0, 0, 120, 0, 3_000)),
        ],
        ..FruImage::default()
    }
}

/// A DC output record: number and standby; 10 mV nominal and deviations; mV ripple; mA least and most.
fn dc_output(number: u8, nominal: u16, below: u16, above: u16, ripple: u16, least: u16, most: u16) -> Vec<u8> {
    let mut record = vec![number];
    for value in [nominal, nominal - nominal / 20 + below, nominal + nominal / 20 + above, ripple, least, most] {
        record.extend(value.to_le_bytes());
    }
    record
}

fn dimm(slot: usize) -> FruImage {
    let serial = memory::MODULES.get(slot).map_or_else(String::new, |serial| format!("{serial:08X}"));
    FruImage {
        product: Some(ProductImage {
            manufacturer: "Example Memory".into(),
            name: "32GB DDR4-3200 RDIMM".into(),
            part_number: memory::PART_NUMBER.into(),
            version: "01".into(),
            serial_number: serial,
            ..ProductImage::default()
        }),
        ..FruImage::default()
    }
}

fn backplane() -> FruImage {
    FruImage {
        board: Some(BoardImage {
            manufactured: made(),
            manufacturer: MAKER.into(),
            product_name: "8x 2.5 Backplane".into(),
            serial_number: "EXBP25080911".into(),
            part_number: "EX-BP-8SFF".into(),
            ..BoardImage::default()
        }),
        ..FruImage::default()
    }
}

/// The satellite controller's own FRU.
pub(super) fn satellite() -> FruImage {
    FruImage {
        board: Some(BoardImage {
            manufactured: made(),
            manufacturer: MAKER.into(),
            product_name: "EX-SAT Mezzanine".into(),
            serial_number: "EXSM25070066".into(),
            part_number: "EX-SM-1".into(),
            ..BoardImage::default()
        }),
        ..FruImage::default()
    }
}

const fn pair((id, instance): (u8, u8)) -> EntityPair {
    EntityPair { id, instance }
}

fn named<B: NamedBody>(body: &B, name: &str) -> Vec<u8> {
    let mut record = Vec::new();
    sdr::emit(0, body, name, &mut record);
    record
}

/// MC locator of the controller at `address`.
pub(super) fn mc_locator(address: u8, capabilities: u8, entity: (u8, u8), name: &str) -> Vec<u8> {
    let body = McLocatorBody {
        slave_address: address,
        // Static controller.
        notification: 0x20,
        capabilities,
        entity: pair(entity),
        ..McLocatorBody::default()
    };
    named(&body, name)
}

/// Which entity contains which others: up to four, or two ranges of first and last.
struct Association {
    container: (u8, u8),
    ranges: bool,
    members: [(u8, u8); 4],
}

const fn list(container: (u8, u8), members: [(u8, u8); 4]) -> Association {
    Association { container, ranges: false, members }
}

const fn ranges(container: (u8, u8), members: [(u8, u8); 4]) -> Association {
    Association { container, ranges: true, members }
}

/// Unused member.
const NONE: (u8, u8) = (0, 0);

const ASSOCIATIONS: &[Association] = &[
    // Chassis: board, drive backplane, cooling unit, power unit.
    list((0x17, 1), [(0x07, 1), (0x0F, 1), (0x1E, 1), (0x13, 1)]),
    // Board: processors and memory devices.
    ranges((0x07, 1), [(0x03, 1), (0x03, 2), (0x20, 1), (0x20, 4)]),
    // Power unit: supplies.
    list((0x13, 1), [(0x0A, 1), (0x0A, 2), NONE, NONE]),
    // Cooling unit: fans.
    ranges((0x1E, 1), [(0x1D, 1), (0x1D, 4), NONE, NONE]),
    // Drive backplane: bays.
    ranges((0x0F, 1), [(0x1A, 1), (0x1A, 8), NONE, NONE]),
];

/// The entity association records.
pub(super) fn associations() -> impl Iterator<Item = Vec<u8>> {
    ASSOCIATIONS.iter().map(|association| {
        let body = EntityAssociationBody {
            container: pair(association.container),
            flags: u8::from(association.ranges) << 7,
            contained: association.members.map(pair),
        };
        let mut record = Vec::new();
        sdr::emit_plain(0, &body, &[], &mut record);
        record
    })
}
