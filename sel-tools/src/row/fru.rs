//! A FRU inventory as text fields (FRU Information Storage Definition s10-s12).

use ipmi_core::fru::{Field, Fields, FruInventory};
use ipmi_core::text::{Encoding, bcd_plus, hex, six_bit};
use serde::Serialize;

use crate::output::clock::Clock;
use crate::output::text;

/// A FRU as JSON.
#[derive(Debug, Default, Serialize, PartialEq, Eq)]
pub struct FruRow {
    /// FRU device id.
    pub fru_id: u8,
    /// Slave address of the controller that has it.
    pub address: u8,
    /// Name of its locator.
    pub description: Option<String>,
    /// Chassis.
    pub chassis: Option<Chassis>,
    /// Board.
    pub board: Option<Board>,
    /// Product.
    pub product: Option<Product>,
    /// What is wrong with it.
    pub problems: Vec<String>,
}

/// Chassis info area.
#[derive(Debug, Serialize, PartialEq, Eq)]
pub struct Chassis {
    chassis_type: u8,
    chassis_type_name: String,
    part_number: Option<String>,
    serial: Option<String>,
    extra: Vec<String>,
}

/// Board info area.
#[derive(Debug, Serialize, PartialEq, Eq)]
pub struct Board {
    manufactured: Option<String>,
    manufacturer: Option<String>,
    product: Option<String>,
    serial: Option<String>,
    part_number: Option<String>,
    fru_file_id: Option<String>,
    extra: Vec<String>,
}

/// Product info area.
#[derive(Debug, Serialize, PartialEq, Eq)]
pub struct Product {
    manufacturer: Option<String>,
    name: Option<String>,
    part_number: Option<String>,
    version: Option<String>,
    serial: Option<String>,
    asset_tag: Option<String>,
    fru_file_id: Option<String>,
    extra: Vec<String>,
}

impl FruRow {
    /// The fields of an inventory, without its problems.
    pub fn new(fru_id: u8, inventory: &FruInventory<'_>, clock: &Clock) -> Self {
        let text = |field: Option<Field<'_>>| field.map(|field| decoded(&field)).filter(|text| !text.is_empty());
        let all = |fields: Fields<'_>| fields.map(|field| decoded(&field)).filter(|text| !text.is_empty()).collect();
        Self {
            fru_id,
            chassis: inventory.chassis.as_ref().map(|area| Chassis {
                chassis_type: area.chassis_type.0,
                chassis_type_name: area.chassis_type.to_string(),
                part_number: text(area.part_number),
                serial: text(area.serial_number),
                extra: all(area.custom),
            }),
            board: inventory.board.as_ref().map(|area| Board {
                manufactured: area.manufactured.unix_seconds().and_then(|at| clock.iso(u32::try_from(at).ok()?)),
                manufacturer: text(area.manufacturer),
                product: text(area.product_name),
                serial: text(area.serial_number),
                part_number: text(area.part_number),
                fru_file_id: text(area.fru_file_id),
                extra: all(area.custom),
            }),
            product: inventory.product.as_ref().map(|area| Product {
                manufacturer: text(area.manufacturer),
                name: text(area.name),
                part_number: text(area.part_number),
                version: text(area.version),
                serial: text(area.serial_number),
                asset_tag: text(area.asset_tag),
                fru_file_id: text(area.fru_file_id),
                extra: all(area.custom),
            }),
            ..Self::default()
        }
    }
}

/// A field in the characters it means, without control characters.
fn decoded(field: &Field<'_>) -> String {
    text::to_unicode(&text::from_bytes(field.decode().trim_end_matches('\0').as_bytes()))
}

/// A field as ipmitool prints it: 8-bit text byte for byte up to a zero whatever the language, binary as hex digits.
pub fn printed(field: &Field<'_>) -> String {
    let bytes = field.raw();
    match field.encoding() {
        Encoding::Unicode => hex(bytes),
        Encoding::BcdPlus => bcd_plus(bytes).collect(),
        Encoding::SixBit => {
            let mut text: String = six_bit(bytes).collect();
            // A group of three bytes is four characters, whether all of the bytes are there or not.
            while !text.len().is_multiple_of(4) {
                text.push(' ');
            }
            text
        }
        Encoding::EightBit => {
            let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
            text::from_bytes(bytes.get(..end).unwrap_or_default())
        }
    }
}
