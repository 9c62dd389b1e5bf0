//! Text of `fru print`.

use ipmi_core::fru::{Field, Fields, FruInventory};

use super::multirecord;
use crate::row::fru::printed;
use crate::{Failure, Printer, line};

/// Prints the areas of an inventory; file ids and multirecords only with `-v`.
pub fn print(printer: &mut Printer<'_>, inventory: &FruInventory<'_>) -> Result<(), Failure> {
    if let Some(area) = &inventory.chassis {
        line!(printer, " Chassis Type          : {}", area.chassis_type)?;
        field(printer, "Chassis Part Number", area.part_number)?;
        field(printer, "Chassis Serial", area.serial_number)?;
        extra(printer, "Chassis Extra", area.custom)?;
    }
    if let Some(area) = &inventory.board {
        let date = area.manufactured.unix_seconds().and_then(|seconds| u32::try_from(seconds).ok());
        let date = date.map_or_else(|| "Unspecified".to_owned(), |stamp| printer.clock.string(stamp));
        line!(printer, " Board Mfg Date        : {date}")?;
        field(printer, "Board Mfg", area.manufacturer)?;
        field(printer, "Board Product", area.product_name)?;
        field(printer, "Board Serial", area.serial_number)?;
        field(printer, "Board Part Number", area.part_number)?;
        if printer.verbose > 0 {
            field(printer, "Board FRU ID", area.fru_file_id)?;
        }
        extra(printer, "Board Extra", area.custom)?;
    }
    if let Some(area) = &inventory.product {
        field(printer, "Product Manufacturer", area.manufacturer)?;
        field(printer, "Product Name", area.name)?;
        field(printer, "Product Part Number", area.part_number)?;
        field(printer, "Product Version", area.version)?;
        field(printer, "Product Serial", area.serial_number)?;
        field(printer, "Product Asset Tag", area.asset_tag)?;
        if printer.verbose > 0 {
            field(printer, "Product FRU ID", area.fru_file_id)?;
        }
        extra(printer, "Product Extra", area.custom)?;
    }
    match &inventory.multirecords {
        Some(area) if printer.verbose > 0 => multirecord::print(printer, area),
        _ => Ok(()),
    }
}

fn field(printer: &mut Printer<'_>, label: &str, field: Option<Field<'_>>) -> Result<(), Failure> {
    match field.map(|field| printed(&field)).filter(|text| !text.is_empty()) {
        Some(text) => line!(printer, " {label:<21} : {text}"),
        None => Ok(()),
    }
}

fn extra(printer: &mut Printer<'_>, label: &str, mut fields: Fields<'_>) -> Result<(), Failure> {
    fields.try_for_each(|custom| field(printer, label, Some(custom)))
}
