//! Maps what a BMC says to CIM instances.
#![forbid(unsafe_code)]
#![allow(dead_code)]

mod error;
mod facts;
mod map;
pub mod schema;
