//! Event decoding: texts and severity.

mod data;
mod dell;
mod detail;
mod facts;
mod supermicro;
mod vendor;

pub use data::{DataUse, EventData};
pub use detail::{DetailValue, EventDetail};
pub use facts::{Event, EventDirection, Trigger};
pub use vendor::EventSource;
