//! Readings: conversion, thresholds, states.

mod conversion;
mod linearization;
mod threshold;

pub use conversion::ReadingFactors;
pub use linearization::Linearization;
pub use threshold::{Threshold, ThresholdStatus, Thresholds};
