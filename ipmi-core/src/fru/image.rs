//! Writing an inventory: owned areas in, the bytes of a device out (FRU specification s8-s16).

use super::{CommonHeader, multirecord};
use crate::checksum::checksum;
use crate::text::{Encoding, TypeLength, pack_six_bit};
use crate::time::FruTime;

/// Language code of English.
const ENGLISH: u8 = 25;

/// Chassis info area to be written.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ChassisImage {
    /// Chassis type, as in SMBIOS.
    pub chassis_type: u8,
    /// Part number.
    pub part_number: String,
    /// Serial number.
    pub serial_number: String,
    /// Further fields.
    pub custom: Vec<String>,
}

/// Board info area to be written.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BoardImage {
    /// When it was made; `None` = unspecified.
    pub manufactured: Option<FruTime>,
    /// Manufacturer.
    pub manufacturer: String,
    /// Product name.
    pub product_name: String,
    /// Serial number.
    pub serial_number: String,
    /// Part number.
    pub part_number: String,
    /// FRU file id.
    pub fru_file_id: String,
    /// Further fields.
    pub custom: Vec<String>,
}

/// Product info area to be written.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ProductImage {
    /// Manufacturer.
    pub manufacturer: String,
    /// Product name.
    pub name: String,
    /// Part or model number.
    pub part_number: String,
    /// Version.
    pub version: String,
    /// Serial number.
    pub serial_number: String,
    /// Asset tag.
    pub asset_tag: String,
    /// FRU file id.
    pub fru_file_id: String,
    /// Further fields.
    pub custom: Vec<String>,
}

/// An inventory to be written. Texts are cut to 63 characters, characters outside Latin-1 become `?`, areas are cut
/// to 2040 bytes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FruImage {
    /// Internal use data.
    pub internal_use: Option<Vec<u8>>,
    /// Chassis info area.
    pub chassis: Option<ChassisImage>,
    /// Board info area.
    pub board: Option<BoardImage>,
    /// Product info area.
    pub product: Option<ProductImage>,
    /// Multirecords: type and data.
    pub multirecords: Vec<(u8, Vec<u8>)>,
}

impl FruImage {
    /// The bytes, a multiple of eight. An area that starts beyond the reach of the header (2040 bytes) is left out.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = vec![0; CommonHeader::LEN];
        let internal_use = self.internal_use.as_ref().map(|data| {
            let mut area = vec![1];
            area.extend_from_slice(data);
            area
        });
        let mut header = [1, 0, 0, 0, 0, 0, 0, 0];
        let areas = [
            internal_use,
            self.chassis.as_ref().map(chassis_area),
            self.board.as_ref().map(board_area),
            self.product.as_ref().map(product_area),
            multirecord_area(&self.multirecords),
        ];
        for (slot, area) in header.iter_mut().skip(1).zip(areas) {
            let (Some(area), Ok(units)) = (area, u8::try_from(out.len() / 8)) else { continue };
            *slot = units;
            out.extend_from_slice(&area);
            out.resize(out.len().next_multiple_of(8), 0);
        }
        if let Some((last, covered)) = header.split_last_mut() {
            *last = checksum(covered);
        }
        for (byte, value) in out.iter_mut().zip(header) {
            *byte = value;
        }
        out
    }
}

fn chassis_area(area: &ChassisImage) -> Vec<u8> {
    info_area(&[area.chassis_type], &[&area.part_number, &area.serial_number], &area.custom)
}

fn board_area(area: &BoardImage) -> Vec<u8> {
    let [low, middle, high] = area.manufactured.unwrap_or(FruTime::UNSPECIFIED).to_bytes();
    let fields = [&area.manufacturer, &area.product_name, &area.serial_number, &area.part_number, &area.fru_file_id];
    info_area(&[ENGLISH, low, middle, high], &fields, &area.custom)
}

fn product_area(area: &ProductImage) -> Vec<u8> {
    let fields = [
        &area.manufacturer,
        &area.name,
        &area.part_number,
        &area.version,
        &area.serial_number,
        &area.asset_tag,
        &area.fru_file_id,
    ];
    info_area(&[ENGLISH], &fields, &area.custom)
}

/// Version, length, `head`, fields, end mark, padding, checksum.
fn info_area(head: &[u8], fields: &[&String], custom: &[String]) -> Vec<u8> {
    /// 255 times 8 bytes, less end mark and checksum.
    const ROOM: usize = 255 * 8 - 2;
    let mut area = vec![1, 0];
    area.extend_from_slice(head);
    for text in fields.iter().copied().chain(custom) {
        let field = field(text);
        if area.len() + field.len() > ROOM {
            break;
        }
        area.extend_from_slice(&field);
    }
    area.push(TypeLength::FRU_END.0);
    area.resize((area.len() + 1).next_multiple_of(8) - 1, 0);
    let units = u8::try_from((area.len() + 1) / 8).unwrap_or(u8::MAX);
    if let Some(length) = area.get_mut(1) {
        *length = units;
    }
    area.push(checksum(&area));
    area
}

/// A text field. One 8-bit character would read as the end mark, so it is packed, or padded with a blank.
fn field(text: &str) -> Vec<u8> {
    let mut bytes: Vec<u8> =
        text.chars().take(63).map(|character| u8::try_from(u32::from(character)).unwrap_or(b'?')).collect();
    let mut encoding = Encoding::EightBit;
    if bytes.len() == 1 {
        match pack_six_bit(text) {
            Some(packed) => (encoding, bytes) = (Encoding::SixBit, packed),
            None => bytes.push(b' '),
        }
    }
    let length = u8::try_from(bytes.len()).unwrap_or_default();
    bytes.insert(0, TypeLength::new(encoding, length).0);
    bytes
}

fn multirecord_area(records: &[(u8, Vec<u8>)]) -> Option<Vec<u8>> {
    let mut area = Vec::new();
    let mut left = records.len();
    for (record_type, data) in records {
        left -= 1;
        multirecord::emit(*record_type, left == 0, data, &mut area);
    }
    (!area.is_empty()).then_some(area)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::fru::{Field, FruInventory};

    fn decoded(field: Option<Field<'_>>) -> String {
        field.unwrap().decode().into_owned()
    }

    #[test]
    fn every_area_comes_back() {
        let image = FruImage {
            internal_use: Some(vec![9; 5]),
            chassis: Some(ChassisImage { chassis_type: 0x17, serial_number: "C123".into(), ..Default::default() }),
            board: Some(BoardImage {
                manufactured: FruTime::from_unix(1_684_312_200),
                part_number: "X".into(),
                custom: vec!["extra".into()],
                ..Default::default()
            }),
            product: Some(ProductImage { name: "a".into(), ..Default::default() }),
            multirecords: vec![(0xC0, vec![0x5A, 0x31, 0, 0x16, 0, 65])],
        };
        let bytes = image.to_bytes();
        let inventory = FruInventory::parse(&bytes).unwrap();
        assert_eq!(inventory.problems, []);
        assert_eq!(inventory.internal_use.unwrap()[..5], [9; 5]);
        assert_eq!(decoded(inventory.chassis.unwrap().serial_number), "C123");
        let board = inventory.board.unwrap();
        assert_eq!((decoded(board.part_number), board.custom.count()), ("X".to_owned(), 1));
        assert_eq!(board.manufactured.unix_seconds(), Some(1_684_312_200));
        assert_eq!(decoded(inventory.product.unwrap().name), "a ");
        assert_eq!(inventory.multirecords.unwrap().records().count(), 1);
    }

    #[test]
    fn oversized_input_is_cut() {
        let custom = vec!["y".repeat(100); 60];
        let product = ProductImage { custom, ..Default::default() };
        let multirecords = vec![(0xC0, vec![0; 300]); 20];
        let bytes = FruImage { product: Some(product), multirecords, ..Default::default() }.to_bytes();
        let inventory = FruInventory::parse(&bytes).unwrap();
        assert_eq!(inventory.problems, []);
        assert_eq!(inventory.product.unwrap().custom.count(), 31);
    }

    proptest! {
        #[test]
        fn texts_come_back(texts in proptest::collection::vec("[ -~]{2,63}", 7)) {
            let product = ProductImage {
                manufacturer: texts[0].clone(),
                name: texts[1].clone(),
                part_number: texts[2].clone(),
                version: texts[3].clone(),
                serial_number: texts[4].clone(),
                asset_tag: texts[5].clone(),
                fru_file_id: texts[6].clone(),
                custom: texts.clone(),
            };
            let bytes = FruImage { product: Some(product), ..Default::default() }.to_bytes();
            let inventory = FruInventory::parse(&bytes).unwrap();
            prop_assert_eq!(&inventory.problems, &[]);
            let area = inventory.product.unwrap();
            let fields = [area.manufacturer, area.name, area.part_number, area.version, area.serial_number,
                area.asset_tag, area.fru_file_id];
            for (field, text) in fields.into_iter().chain(area.custom.map(Some)).zip(texts.iter().chain(&texts)) {
                prop_assert_eq!(&decoded(field), text);
            }
        }

        #[test]
        fn any_bytes_are_read(mut bytes in proptest::collection::vec(any::<u8>(), 0..300), version in 0u8..3) {
            if let Some(first) = bytes.first_mut() {
                *first = version;
            }
            if let Ok(inventory) = FruInventory::parse(&bytes) {
                for field in inventory.board.into_iter().flat_map(|area| area.custom) {
                    let _ = field.decode();
                }
                let _ = format!("{:?}", inventory.problems);
            }
        }
    }
}
