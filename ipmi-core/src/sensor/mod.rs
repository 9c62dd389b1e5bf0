//! Readings: conversion, thresholds, states.

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
