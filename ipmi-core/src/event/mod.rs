//! Event decoding: texts and severity.

mod data;
mod facts;

pub use data::{DataUse, EventData};
pub use facts::{Event, EventDirection, Trigger};
