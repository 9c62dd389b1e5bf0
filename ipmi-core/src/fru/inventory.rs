//! A whole FRU inventory: the areas that could be read and what is wrong with it.

use super::info_area::InfoArea;
use super::{BoardArea, ChassisArea, CommonHeader, Fields, FruArea, FruProblem, MultirecordArea, ProductArea};
use crate::ParseError;
use crate::checksum::checksum;

/// An inventory in place. Areas point into the bytes that were read; a bad checksum or length is a problem, not the
/// end: boards ship with them.
///
/// ```
/// use ipmi_core::fru::{FruImage, FruInventory, ProductImage};
/// let product = ProductImage { name: "PowerBox".into(), ..Default::default() };
/// let bytes = FruImage { product: Some(product), ..Default::default() }.to_bytes();
/// let inventory = FruInventory::parse(&bytes).unwrap();
/// assert_eq!(inventory.product.unwrap().name.unwrap().decode(), "PowerBox");
/// assert!(inventory.problems.is_empty());
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FruInventory<'a> {
    /// Common header.
    pub header: &'a CommonHeader,
    /// Data of the internal use area, up to the next area or the end of the device.
    pub internal_use: Option<&'a [u8]>,
    /// Chassis info area.
    pub chassis: Option<ChassisArea<'a>>,
    /// Board info area.
    pub board: Option<BoardArea<'a>>,
    /// Product info area.
    pub product: Option<ProductArea<'a>>,
    /// Multirecord area.
    pub multirecords: Option<MultirecordArea<'a>>,
    /// What is wrong, in the order it was found.
    pub problems: Vec<FruProblem>,
}

impl<'a> FruInventory<'a> {
    /// Reads `image`, the bytes of the whole device. Nothing beyond its end is ever looked at.
    ///
    /// # Errors
    /// When there is no common header of version 1: blank devices, memory modules that show their SPD
    /// ([`spd_memory_type`](super::spd_memory_type)), and garbage.
    pub fn parse(image: &'a [u8]) -> Result<Self, ParseError> {
        let header = CommonHeader::view(image)?;
        if header.version != 1 {
            return Err(ParseError::Invalid {
                field: "FRU header version",
                expected: "1",
                found: header.version.into(),
            });
        }
        let mut problems = Vec::new();
        let covered = image.get(..CommonHeader::LEN - 1).unwrap_or_default();
        let expected = checksum(covered);
        if expected != header.checksum {
            let error = ParseError::BadChecksum { field: "header", expected, found: header.checksum };
            problems.push(FruProblem { area: FruArea::Header, error });
        }
        let internal_use = internal_use(image, header, &mut problems);
        let chassis = cut(image, header, FruArea::Chassis, &mut problems, ChassisArea::parse);
        check_end(FruArea::Chassis, chassis.map(|area| area.custom), &mut problems);
        let board = cut(image, header, FruArea::Board, &mut problems, BoardArea::parse);
        check_end(FruArea::Board, board.map(|area| area.custom), &mut problems);
        let product = cut(image, header, FruArea::Product, &mut problems, ProductArea::parse);
        check_end(FruArea::Product, product.map(|area| area.custom), &mut problems);
        let multirecords = multirecords(image, header, &mut problems);
        Ok(Self { header, internal_use, chassis, board, product, multirecords, problems })
    }
}

fn cut<'a, T>(
    image: &'a [u8],
    header: &CommonHeader,
    area: FruArea,
    problems: &mut Vec<FruProblem>,
    parse: impl FnOnce(&'a [u8]) -> Option<T>,
) -> Option<T> {
    let info = InfoArea::cut(image, area, header.offset(area)?, problems)?;
    let parsed = parse(info.body);
    if parsed.is_none() {
        let error = ParseError::Truncated { field: "area", expected: 8, found: info.body.len() };
        problems.push(FruProblem { area, error });
    }
    parsed
}

/// Reports fields that run into the end of the area.
fn check_end(area: FruArea, custom: Option<Fields<'_>>, problems: &mut Vec<FruProblem>) {
    let Some(mut fields) = custom else { return };
    let cut = fields.by_ref().filter(|field| field.is_cut()).count();
    if cut != 0 || !fields.found_end_mark() {
        let error = ParseError::Invalid { field: "field list", expected: "end mark C1h", found: 0 };
        problems.push(FruProblem { area, error });
    }
}

/// The internal use area has no length of its own: it ends where the next area starts.
fn internal_use<'a>(image: &'a [u8], header: &CommonHeader, problems: &mut Vec<FruProblem>) -> Option<&'a [u8]> {
    let start = header.offset(FruArea::InternalUse)?;
    let end = [FruArea::Chassis, FruArea::Board, FruArea::Product, FruArea::Multirecord]
        .into_iter()
        .filter_map(|area| header.offset(area))
        .filter(|offset| *offset > start)
        .min()
        .map_or(image.len(), |offset| offset.min(image.len()));
    let mut report = |error| problems.push(FruProblem { area: FruArea::InternalUse, error });
    let Some((&version, data)) = image.get(start..end).and_then(<[u8]>::split_first) else {
        report(ParseError::Truncated { field: "area", expected: start + 1, found: image.len() });
        return None;
    };
    if version & 0x0F != 1 {
        report(ParseError::Invalid { field: "area format version", expected: "1", found: version.into() });
    }
    Some(data)
}

fn multirecords<'a>(
    image: &'a [u8],
    header: &CommonHeader,
    problems: &mut Vec<FruProblem>,
) -> Option<MultirecordArea<'a>> {
    let offset = header.offset(FruArea::Multirecord)?;
    let Some(rest) = image.get(offset..).filter(|rest| !rest.is_empty()) else {
        let error = ParseError::Truncated { field: "area", expected: offset + 5, found: image.len() };
        problems.push(FruProblem { area: FruArea::Multirecord, error });
        return None;
    };
    let area = MultirecordArea::new(rest);
    let mut ended = false;
    for record in area.records() {
        ended = record.end_of_list;
        let errors = record.errors.into_iter().flatten();
        problems.extend(errors.map(|error| FruProblem { area: FruArea::Multirecord, error }));
    }
    if !ended {
        let error = ParseError::Invalid { field: "record list", expected: "a record marked as the last", found: 0 };
        problems.push(FruProblem { area: FruArea::Multirecord, error });
    }
    Some(area)
}
