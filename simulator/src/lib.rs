//! A simulated BMC with the faces a real one has.
//!
//! ```text
//! face/     serial KCS on a pty, VM over TCP    bytes <-> requests; the only place that waits
//! engine    a Bmc behind a lock                requests in, responses and notices out
//! bmc       state + handle(request, now)        pure: no I/O, no clock, no threads
//! handler/  command tables                      one file per group of commands
//! store/    SDR, SEL, FRU, parameters           what a BMC keeps
//! pef/      events become actions and traps     filters, alerts, PET
//! model/    what moves the sensors
//! fault     what goes wrong, seeded              on links and in the BMC
//! config/   built-in server, TOML, OpenIPMI .emu files
//! ```
//!
//! The simulator is not the judge of the driver: handlers read and write raw bytes instead of sharing the driver's
//! command codecs, and real programs are run against both.
#![forbid(unsafe_code)]

pub mod bmc;
pub mod chassis;
pub mod config;
pub mod controller;
pub mod cuse;
pub mod engine;
pub mod face;
pub mod fault;
pub mod handler;
pub mod lan;
mod limits;
pub mod measured;
pub mod messaging;
pub mod model;
pub mod oem;
pub mod pef;
pub mod sensor;
pub mod serial;
pub mod session;
pub mod sol;
pub mod state;
pub mod store;
pub mod watchdog;

pub use bmc::{Bmc, Profile};
pub use config::{ConfigError, Options};
pub use engine::{Clock, Engine};
