//! Reservation ids, the optimistic locks of the SDR repository and the SEL (IPMI 2.0 s31.4, s33.11).

use ipmi_core::CompletionCode;

/// The one reservation a store can have given out.
#[derive(Debug, Clone, Default)]
pub struct Reservation {
    last: u16,
    live: bool,
}

impl Reservation {
    /// Gives out a new id and forgets the one before. Ids are never 0, which means "no reservation" in requests.
    pub fn reserve(&mut self) -> u16 {
        self.last = self.last.checked_add(1).unwrap_or(1);
        self.live = true;
        self.last
    }

    /// Forgets the reservation: the store changed.
    pub fn cancel(&mut self) {
        self.live = false;
    }

    /// Requires `id` to be the live reservation.
    ///
    /// # Errors
    /// C5h for any other id.
    pub fn require(&self, id: u16) -> Result<(), CompletionCode> {
        if self.live && id == self.last { Ok(()) } else { Err(CompletionCode::RESERVATION_CANCELLED) }
    }

    /// Accepts 0 for a read of a whole record, or of any part where `lenient`, and otherwise requires the live
    /// reservation.
    ///
    /// # Errors
    /// C5h for a stale id, or for none when the read starts inside the record.
    pub fn require_for_read(&self, id: u16, offset: u8, lenient: bool) -> Result<(), CompletionCode> {
        if id == 0 && (offset == 0 || lenient) { Ok(()) } else { self.require(id) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_reservation_cancels_the_one_before() {
        let mut reservation = Reservation::default();
        assert!(reservation.require(0).is_err());
        let first = reservation.reserve();
        let second = reservation.reserve();
        assert!(reservation.require(first).is_err());
        assert!(reservation.require(second).is_ok());
        reservation.cancel();
        assert!(reservation.require(second).is_err());
    }

    #[test]
    fn ids_are_never_zero() {
        let mut reservation = Reservation { last: u16::MAX, live: false };
        assert_eq!(reservation.reserve(), 1);
    }

    #[test]
    fn whole_reads_need_no_reservation_and_partial_ones_do() {
        let mut reservation = Reservation::default();
        assert!(reservation.require_for_read(0, 0, false).is_ok());
        assert!(reservation.require_for_read(0, 5, false).is_err());
        assert!(reservation.require_for_read(0, 5, true).is_ok());
        let id = reservation.reserve();
        assert!(reservation.require_for_read(id, 5, false).is_ok());
        assert!(reservation.require_for_read(id + 1, 0, true).is_err());
    }
}
