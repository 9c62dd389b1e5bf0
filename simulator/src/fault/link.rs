//! A datagram link with faults in both directions, between a face's socket and its BMC.

use std::time::Duration;

use super::line::DelayLine;
use super::request::RequestFaults;
use super::wire::{Direction, WireFaults};

/// What a face puts between its socket and its BMC. `P` is what a peer is known by.
///
/// ```
/// use std::time::Duration;
/// use simulator::fault::{Faults, link::FaultyLink, request::RequestFaults};
///
/// let now = Duration::from_secs(10);
/// let faults = RequestFaults::new(&Faults::parse("delay=5ms").unwrap(), 1);
/// let mut link = FaultyLink::new(&faults);
/// link.receive("peer", vec![1], now);
/// assert_eq!(link.poll_received(now), None);
/// assert_eq!(link.deadline(), Some(now + Duration::from_millis(5)));
/// assert_eq!(link.poll_received(now + Duration::from_millis(5)), Some(("peer", vec![1])));
/// ```
#[derive(Debug)]
pub struct FaultyLink<P> {
    faults_in: WireFaults,
    faults_out: WireFaults,
    incoming: DelayLine<(P, Vec<u8>)>,
    outgoing: DelayLine<(P, Vec<u8>)>,
}

impl<P: Clone> FaultyLink<P> {
    /// A link to the BMC that has `faults`.
    pub fn new(faults: &RequestFaults) -> Self {
        Self {
            faults_in: faults.wire(Direction::In),
            faults_out: faults.wire(Direction::Out),
            incoming: DelayLine::default(),
            outgoing: DelayLine::default(),
        }
    }

    /// Takes a datagram from the socket.
    pub fn receive(&mut self, peer: P, datagram: Vec<u8>, now: Duration) {
        for (at, datagram) in self.faults_in.pass(datagram, now) {
            self.incoming.push(at, (peer.clone(), datagram));
        }
    }

    /// The next datagram that has reached the BMC.
    pub fn poll_received(&mut self, now: Duration) -> Option<(P, Vec<u8>)> {
        self.incoming.pop(now)
    }

    /// Takes a datagram that the BMC sends at `departure`.
    pub fn send(&mut self, peer: P, datagram: Vec<u8>, departure: Duration) {
        for (at, datagram) in self.faults_out.pass(datagram, departure) {
            self.outgoing.push(at, (peer.clone(), datagram));
        }
    }

    /// The next datagram for the socket.
    pub fn poll_transmit(&mut self, now: Duration) -> Option<(P, Vec<u8>)> {
        self.outgoing.pop(now)
    }

    /// When the next datagram arrives at either end.
    pub fn deadline(&self) -> Option<Duration> {
        self.incoming.deadline().into_iter().chain(self.outgoing.deadline()).min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::Faults;

    #[test]
    fn both_directions_have_faults_of_their_own() {
        let now = Duration::from_secs(1);
        let faults = RequestFaults::new(&Faults::parse("drop=50%,delay=1ms").unwrap(), 4);
        let mut link = FaultyLink::new(&faults);
        for number in 0..100 {
            link.receive((), vec![number], now);
            link.send((), vec![number], now);
        }
        assert_eq!(link.deadline(), Some(now + Duration::from_millis(1)));
        let later = now + Duration::from_millis(1);
        let received: Vec<_> = std::iter::from_fn(|| link.poll_received(later)).collect();
        let sent: Vec<_> = std::iter::from_fn(|| link.poll_transmit(later)).collect();
        assert!((30..70).contains(&received.len()) && (30..70).contains(&sent.len()));
        assert_ne!(received, sent);
        assert_eq!(link.deadline(), None);
    }
}
