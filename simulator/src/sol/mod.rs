//! Serial over LAN: the BMC's end of a session, and the systems that may be behind it.

pub mod end;
#[cfg(test)]
mod pair_tests;
pub mod place;
pub mod shell;
pub mod system;

pub use end::{SolEnd, SolTimes, Typed};
pub use place::Place;
pub use shell::Shell;
pub use system::System;
