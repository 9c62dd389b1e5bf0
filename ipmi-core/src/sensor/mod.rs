//! Readings as facts: conversion, thresholds, states (IPMI 2.0 s35, s36).
//!
//! [`SensorReading`] joins a sensor's record with the bytes of its reading; [`ReadingFactors`] converts both ways.

mod conversion;
mod linearization;
mod reading;
mod state;
mod threshold;

pub use conversion::ReadingFactors;
pub use linearization::Linearization;
pub use reading::{Availability, RawReading, SensorReading, format_value, is_unspecified_limit};
pub use state::AssertedStates;
pub use threshold::{Threshold, ThresholdStatus, Thresholds};
