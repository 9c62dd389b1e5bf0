//! Serial over LAN: the BMC's end of a session, and the systems that may be behind it.

pub mod end;
pub mod shell;

pub use end::{SolEnd, SolTimes, Typed};
pub use shell::Shell;
