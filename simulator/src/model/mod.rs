//! What moves the sensors between requests.

pub mod scale;
pub mod thermal;

use std::fmt::Debug;
use std::time::Duration;

use crate::bmc::Bmc;

/// Something that changes readings as time goes by and when the power changes.
pub trait Model: Debug {
    /// Brings the sensors up to `now` and says when to be called again.
    fn step(&mut self, bmc: &mut Bmc, now: Duration) -> Option<Duration>;

    /// The power went on or off.
    fn power_changed(&mut self, bmc: &mut Bmc, now: Duration);
}
