//! `cache`: what is kept about BMCs between runs.

pub mod clear;
pub mod list;

use std::path::PathBuf;

use crate::{Failure, cache};

/// The directory everything is kept in.
fn directory() -> Result<PathBuf, Failure> {
    cache::directory().ok_or_else(|| Failure::new("No cache directory: set IPMI_CACHE_DIR, XDG_CACHE_HOME or HOME"))
}
