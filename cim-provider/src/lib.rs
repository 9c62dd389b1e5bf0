//! Maps what a BMC says to CIM instances: the classes of `root/hardware` and `root/wmi`.
//!
//! ```text
//! records and responses -> facts (owned, once) -> snapshot (shared) -> class rows (ipmi/) -> instances
//! ```
//!
//! A query costs the BMC only what it needs: sensors fill what their data record says, ask whether the filter can still
//! be met, and are read only then, and only when somebody looks at what a reading gives.
#![forbid(unsafe_code)]

mod error;
mod facts;
mod ipmi;
mod map;
pub mod provider;
pub mod schema;
pub mod snapshot;

pub use provider::HardwareProvider;
pub use snapshot::Node;
