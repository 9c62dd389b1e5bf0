//! FRU images: areas, fields in every encoding, multirecords, and memory modules that show their SPD.
#![no_main]

use ipmi_core::fru::{Field, Fields, FruInventory, MemoryModule, MultirecordData, spd_memory_type};
use ipmi_core::text::{is_unsafe, printable};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let _ = spd_memory_type(data).and_then(|_| MemoryModule::parse(data));
    let Ok(inventory) = FruInventory::parse(data) else { return };
    for problem in &inventory.problems {
        assert!(!problem.to_string().is_empty());
    }
    if let Some(area) = inventory.chassis {
        show([area.part_number, area.serial_number], area.custom);
    }
    if let Some(area) = inventory.board {
        let _ = area.manufactured.unix_seconds();
        show(
            [area.manufacturer, area.product_name, area.serial_number, area.part_number, area.fru_file_id],
            area.custom,
        );
    }
    if let Some(area) = inventory.product {
        let named = [area.manufacturer, area.name, area.part_number, area.version, area.serial_number, area.asset_tag];
        show(named, area.custom);
    }
    let Some(area) = inventory.multirecords else { return };
    let mut seen = 0;
    for record in area.records() {
        seen += 1;
        assert!(record.data.len() <= 255);
        match record.decode() {
            Ok(MultirecordData::PowerSupply(supply)) => {
                let _ = (supply.capacity_watts(), supply.features(), supply.peak_capacity(), supply.combined());
            }
            Ok(MultirecordData::DcOutput(output)) => {
                let _ = (output.number(), output.current_unit(record.is_extended_dc()));
            }
            Ok(MultirecordData::DcLoad(load)) => {
                let _ = (load.number(), load.current_unit(record.is_extended_dc()));
            }
            Ok(MultirecordData::ManagementAccess(access)) => drop((access.text(), access.uuid())),
            Ok(MultirecordData::BaseCompatibility(codes) | MultirecordData::ExtendedCompatibility(codes)) => {
                let _ = codes.codes().count();
            }
            Ok(MultirecordData::Oem(oem)) => {
                let _ = format!("{:?}", oem.vita());
                if let Some(picmg) = oem.picmg() {
                    let _ = (picmg.name(), picmg.decode().carrier_modules().count());
                }
            }
            Ok(MultirecordData::Unknown(_)) | Err(_) => {}
        }
    }
    // Every record takes at least its header of five bytes; a cut one ends the walk.
    assert!(seen <= data.len() / 5 + 1);
});

fn show<'a>(named: impl IntoIterator<Item = Option<Field<'a>>>, custom: Fields<'a>) {
    for field in named.into_iter().flatten().chain(custom) {
        assert!(!printable(&field.decode()).contains(is_unsafe));
    }
}
