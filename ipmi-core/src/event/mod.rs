//! Event decoding: texts, severity, readings and details (IPMI 2.0 s29.7, s42).
//!
//! An [`Event`] is the same whether it came in a SEL record, an event message or the event message buffer.

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
