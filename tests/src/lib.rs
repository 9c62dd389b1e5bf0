//! What the end-to-end tests share: the built programs, real peers, shared data, and a guest with a real `/dev/ipmi0`.
//!
//! A helper that cannot go on panics with the reason: its callers are tests.
#![forbid(unsafe_code)]
#![allow(clippy::panic, clippy::expect_used, clippy::unwrap_used, clippy::indexing_slicing)]

pub mod bmc_sim;
pub mod data;
pub mod diff;
pub mod emu;
mod fault_job;
pub mod fault_run;
pub mod fleet;
pub mod guest;
pub mod ipmi_sim;
pub mod lan;
pub mod measure;
pub mod peer;
pub mod program;
pub mod proxy;
pub mod terminal;
pub mod world;
pub mod wsman_client;
