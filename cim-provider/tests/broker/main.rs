//! The provider behind the broker, against BMCs that are functions.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "helpers of tests fail by panicking")]

mod classes;
mod hostile;
mod nodes;
mod support;
