//! The serial channel of a BMC: who is logged in on a line, text commands, state of health. No I/O.

pub mod access;
pub mod health;
pub mod text;
