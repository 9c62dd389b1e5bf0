//! Faults of the BMC itself: requests it is too busy for, reservations it forgets, reads it refuses or is slow with.

use std::time::Duration;

use ipmi_core::{CompletionCode, NetFn, Request};
use rand::SeedableRng;
use rand::rngs::StdRng;

use super::wire::{Direction, WireFaults};
use super::{Faults, stream_seed};
use crate::controller::Controller;

/// Reads of stored data: network function, command.
const RECORD_READS: [(NetFn, u8); 4] = [
    (NetFn::SENSOR_EVENT, 0x21), // Get Device SDR
    (NetFn::STORAGE, 0x11),      // Read FRU Data
    (NetFn::STORAGE, 0x23),      // Get SDR
    (NetFn::STORAGE, 0x43),      // Get SEL Entry
];

/// A store with a reservation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Store {
    DeviceSdr,
    Sdr,
    Sel,
}

/// Commands whose first two bytes are a reservation.
const RESERVED: [(NetFn, u8, Store); 8] = [
    (NetFn::SENSOR_EVENT, 0x21, Store::DeviceSdr), // Get Device SDR
    (NetFn::STORAGE, 0x23, Store::Sdr),            // Get SDR
    (NetFn::STORAGE, 0x25, Store::Sdr),            // Partial Add SDR
    (NetFn::STORAGE, 0x26, Store::Sdr),            // Delete SDR
    (NetFn::STORAGE, 0x27, Store::Sdr),            // Clear SDR Repository
    (NetFn::STORAGE, 0x43, Store::Sel),            // Get SEL Entry
    (NetFn::STORAGE, 0x46, Store::Sel),            // Delete SEL Entry
    (NetFn::STORAGE, 0x47, Store::Sel),            // Clear SEL
];

/// What becomes of a request a face received.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission {
    /// It is answered; the response leaves then.
    AnswerAt(Duration),
    /// It is lost: another request is under way.
    Lost,
}

/// The faults of one BMC.
#[derive(Debug)]
pub struct RequestFaults {
    faults: Faults,
    seed: u64,
    random: StdRng,
    /// The request under way is done then.
    busy_until: Duration,
    /// The response to the request admitted last leaves then.
    departure: Option<Duration>,
}

impl RequestFaults {
    /// The faults of one BMC. The same seed gives the same faults.
    pub fn new(faults: &Faults, seed: u64) -> Self {
        let random = StdRng::seed_from_u64(stream_seed(seed, 3));
        Self { faults: faults.clone(), seed, random, busy_until: Duration::ZERO, departure: None }
    }

    /// What was asked for.
    pub fn faults(&self) -> &Faults {
        &self.faults
    }

    /// The faults of one direction of a link to this BMC, for its faces.
    pub fn wire(&self, direction: Direction) -> WireFaults {
        WireFaults::new(&self.faults, self.seed, direction)
    }

    /// Takes a request that arrived at `now`: whether it is heard, and when its response leaves.
    pub fn admit(&mut self, net_fn: NetFn, cmd: u8, now: Duration) -> Admission {
        let done = now + self.service(net_fn, cmd);
        if self.faults.one_at_a_time.is_some() {
            if now < self.busy_until {
                return Admission::Lost;
            }
            self.busy_until = done;
        }
        self.departure = Some(done);
        Admission::AnswerAt(done)
    }

    /// When what the BMC says at `now` leaves: after the time the request admitted since the last call takes.
    pub fn take_departure(&mut self, now: Duration) -> Duration {
        self.departure.take().map_or(now, |departure| departure.max(now))
    }

    /// Time the BMC takes for a request that comes over an interface where requests wait for each other.
    pub fn service(&self, net_fn: NetFn, cmd: u8) -> Duration {
        let is_read = RECORD_READS.contains(&(net_fn, cmd));
        let slow = if is_read { self.faults.slow_records } else { Duration::ZERO };
        self.faults.one_at_a_time.map_or(slow, |service| service.max(slow))
    }

    /// The completion code a request gets instead of its answer. A reservation that is lost is cancelled in
    /// `controller`, the one asked.
    pub(crate) fn refuse(&mut self, request: &Request, controller: &mut Controller) -> Option<CompletionCode> {
        if self.faults.busy.happens(&mut self.random) {
            return Some(CompletionCode::NODE_BUSY);
        }
        let key = (request.net_fn, request.cmd);
        if let Some((_, _, store)) = RESERVED.iter().find(|(net_fn, cmd, _)| (*net_fn, *cmd) == key)
            && !matches!(request.data.as_slice(), [0, 0, ..] | [] | [_])
            && self.faults.lost_reservation.happens(&mut self.random)
        {
            match store {
                Store::DeviceSdr => controller.device_sdr.reservation.cancel(),
                Store::Sdr => controller.sdr.reservation.cancel(),
                Store::Sel => controller.sel.iter_mut().for_each(|sel| sel.reservation.cancel()),
            }
            return Some(CompletionCode::RESERVATION_CANCELLED);
        }
        if RECORD_READS.contains(&key) && self.faults.truncate.happens(&mut self.random) {
            return Some(CompletionCode::CANNOT_RETURN_REQUESTED_BYTES);
        }
        None
    }

    /// Draws whether the session a request came over is forgotten there and then, the request with it.
    pub fn loses_session(&mut self) -> bool {
        self.faults.session_loss.happens(&mut self.random)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Bmc, Options};

    const NOW: Duration = Duration::from_secs(1_790_000_000);
    const MS: Duration = Duration::from_millis(1);

    fn bmc(spec: &str, seed: u64) -> Bmc {
        let mut bmc = Bmc::builtin(&Options { seed: 1, freeze: true }, NOW);
        bmc.faults = Some(RequestFaults::new(&Faults::parse(spec).unwrap(), seed));
        bmc
    }

    fn storage(cmd: u8, data: &[u8]) -> Request {
        Request::new(NetFn::STORAGE, cmd, data)
    }

    fn codes(spec: &str, seed: u64, request: &Request, count: usize) -> Vec<u8> {
        let mut bmc = bmc(spec, seed);
        (0..count).map(|_| bmc.handle(request, NOW).code.0).collect()
    }

    #[test]
    fn a_busy_bmc_says_so_as_often_as_asked_and_by_the_seed() {
        let request = Request::new(NetFn::APP, 0x01, []);
        let first = codes("busy=5%", 1, &request, 10_000);
        assert_eq!(first, codes("busy=5%", 1, &request, 10_000));
        assert_ne!(first, codes("busy=5%", 2, &request, 10_000));
        let busy = first.iter().filter(|code| **code == 0xC0).count();
        assert!((420..580).contains(&busy), "{busy}");
        assert!(first.iter().all(|code| matches!(code, 0 | 0xC0)));
    }

    #[test]
    fn a_lost_reservation_stays_lost_until_a_new_one() {
        let mut bmc = bmc("lost-reservation=20%", 3);
        let mut lost = 0;
        for _ in 0..100 {
            let id = bmc.handle(&storage(0x22, &[]), NOW).data;
            let piece = storage(0x23, &[id[0], id[1], 0, 0, 5, 4]);
            if bmc.handle(&piece, NOW).code.0 == 0xC5 {
                lost += 1;
                assert!((0..20).all(|_| bmc.handle(&piece, NOW).code.0 == 0xC5));
            }
        }
        assert!((5..50).contains(&lost), "{lost}");
        let whole = storage(0x23, &[0, 0, 0, 0, 0, 0xFF]);
        assert!((0..200).all(|_| bmc.handle(&whole, NOW).code.0 == 0));
    }

    #[test]
    fn reads_are_refused_with_cannot_return_that_many_bytes() {
        let reads = codes("truncate=10%", 1, &storage(0x23, &[0, 0, 0, 0, 0, 0xFF]), 1000);
        assert!((60..140).contains(&reads.iter().filter(|code| **code == 0xCA).count()));
        assert!(codes("truncate=100%", 1, &storage(0x20, &[]), 100).iter().all(|code| *code == 0));
    }

    #[test]
    fn one_at_a_time_is_deaf_while_it_works() {
        let faults = Faults::parse("one-at-a-time,service=2ms,slow-records=50ms").unwrap();
        let mut faults = RequestFaults::new(&faults, 1);
        let (read, other) = (0x43, 0x40);
        let storage = NetFn::STORAGE;
        assert_eq!(faults.admit(storage, other, NOW), Admission::AnswerAt(NOW + 2 * MS));
        assert_eq!(faults.admit(storage, other, NOW + MS), Admission::Lost);
        assert_eq!(faults.admit(storage, read, NOW + 2 * MS), Admission::AnswerAt(NOW + 52 * MS));
        assert_eq!(faults.admit(storage, other, NOW + 51 * MS), Admission::Lost);
        assert_eq!(faults.admit(storage, other, NOW + 52 * MS), Admission::AnswerAt(NOW + 54 * MS));
    }

    #[test]
    fn without_one_at_a_time_only_reads_are_slow() {
        let mut faults = RequestFaults::new(&Faults::parse("slow-records=50ms").unwrap(), 1);
        assert_eq!(faults.admit(NetFn::STORAGE, 0x23, NOW), Admission::AnswerAt(NOW + 50 * MS));
        assert_eq!(faults.take_departure(NOW), NOW + 50 * MS);
        assert_eq!(faults.take_departure(NOW), NOW);
        assert_eq!(faults.admit(NetFn::STORAGE, 0x20, NOW), Admission::AnswerAt(NOW));
    }

    #[test]
    fn sessions_are_lost_as_often_as_asked() {
        let mut faults = RequestFaults::new(&Faults::parse("session-loss=1%").unwrap(), 1);
        let lost = (0..10_000).filter(|_| faults.loses_session()).count();
        assert!((70..130).contains(&lost), "{lost}");
    }
}
