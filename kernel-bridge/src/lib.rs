//! Reaches a BMC: the ways to it ([`transport`]), one owner thread per device, and the handle to it ([`Bmc`]).
//!
//! ```text
//! Bmc (many clones) ──queue + eventfd──▶ driver (one thread) ──▶ transport ──▶ BMC
//!        ◀── response ───────────────────────┘ └── events ──▶ subscribers
//! ```

mod bmc;
pub mod cache;
pub mod command_line;
pub mod discover;
mod drive;
mod driver;
mod event;
pub mod lan;
pub mod options;
mod percent;
pub mod quirk;
mod reply;
mod resolve;
pub mod retry;
pub mod transport;
pub mod url;
pub mod walk;

pub use bmc::{Bmc, Pending};
pub use drive::{Drive, Finished};
pub use event::Event;
pub use options::{Family, Options, SessionOptions, Transit};
pub use url::{BmcUrl, UrlError};
