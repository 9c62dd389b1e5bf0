//! What is wrong with an inventory without making it useless: reported beside what could be read.

use std::fmt;

use crate::ParseError;

/// A part of a FRU inventory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FruArea {
    /// Common header.
    Header,
    /// Internal use area.
    InternalUse,
    /// Chassis info area.
    Chassis,
    /// Board info area.
    Board,
    /// Product info area.
    Product,
    /// Multirecord area.
    Multirecord,
}

impl fmt::Display for FruArea {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Header => "common header",
            Self::InternalUse => "internal use area",
            Self::Chassis => "chassis info area",
            Self::Board => "board info area",
            Self::Product => "product info area",
            Self::Multirecord => "multirecord area",
        })
    }
}

/// A deviation found while reading an inventory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("FRU {area}: {error}")]
pub struct FruProblem {
    /// Where.
    pub area: FruArea,
    /// What.
    #[source]
    pub error: ParseError,
}
