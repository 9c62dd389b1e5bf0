//! System event log records (IPMI 2.0 s32) as zero-copy views.

mod generator;
mod record;

pub use generator::{GeneratorId, SoftwareKind};
pub use record::{LinuxPanic, OemRecord, OemTimestampedRecord, RECORD_LEN, SelRecord, SystemEventRecord, records};
