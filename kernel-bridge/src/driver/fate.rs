//! What the requests of one walk share: on a line that carries one request at a time, those queued behind one that was
//! not answered would each cost its time as well.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use ipmi_core::Target;

/// The controllers that have not answered one of the requests, and how long they were given.
#[derive(Debug, Default)]
pub(crate) struct Fate(Mutex<HashMap<Target, Duration>>);

impl Fate {
    /// A request to `target` was not answered.
    pub(super) fn meet(&self, target: Target, after: Duration) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(target, after);
    }

    /// How long `target` was given when it did not answer another request.
    pub(super) fn met(&self, target: Target) -> Option<Duration> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&target).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ipmi_core::{ChannelNumber, SlaveAddress};

    #[test]
    fn it_is_shared_by_requests_to_the_same_controller() {
        let satellite = Target::of_controller(SlaveAddress(0x2C), ChannelNumber::PRIMARY_IPMB);
        let fate = Fate::default();
        assert_eq!(fate.met(satellite), None);
        fate.meet(satellite, Duration::from_secs(5));
        assert_eq!((fate.met(satellite), fate.met(Target::Bmc)), (Some(Duration::from_secs(5)), None));
    }
}
