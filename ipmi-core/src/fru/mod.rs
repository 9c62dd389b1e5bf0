//! FRU inventory areas (Platform Management FRU Information Storage Definition 1.3) as zero-copy views.
//!
//! [`FruInventory::parse`] never looks beyond the bytes it is given, whatever lengths and offsets say, and collects
//! deviations as [`FruProblem`]s. [`FruImage`] writes an inventory.

mod board;
mod chassis;
mod field;
mod header;
mod image;
mod info_area;
mod inventory;
pub mod multirecord;
mod problem;
mod product;
mod spd;

pub use board::BoardArea;
pub use chassis::ChassisArea;
pub use field::{Field, Fields};
pub use header::CommonHeader;
pub use image::{BoardImage, ChassisImage, FruImage, ProductImage};
pub use inventory::FruInventory;
pub use multirecord::{Multirecord, MultirecordArea, MultirecordData};
pub use problem::{FruArea, FruProblem};
pub use product::ProductArea;
pub use spd::{MemoryModule, MemoryType, spd_memory_type};
