//! Chassis info area (FRU specification s10).

use super::{Field, Fields};
use crate::table::ChassisType;

/// The chassis info area in place. Its texts are always English.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChassisArea<'a> {
    /// Chassis type, as in SMBIOS.
    pub chassis_type: ChassisType,
    /// Part number.
    pub part_number: Option<Field<'a>>,
    /// Serial number.
    pub serial_number: Option<Field<'a>>,
    /// The manufacturer's own fields.
    pub custom: Fields<'a>,
}

impl<'a> ChassisArea<'a> {
    pub(super) fn parse(body: &'a [u8]) -> Option<Self> {
        let (&chassis_type, rest) = body.split_first()?;
        let mut fields = Fields::new(rest, true);
        Some(Self {
            chassis_type: ChassisType(chassis_type),
            part_number: fields.next(),
            serial_number: fields.next(),
            custom: fields,
        })
    }
}
