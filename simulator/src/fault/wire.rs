//! Faults of one direction of a link: datagrams that are lost, late, overtaken, doubled or damaged.

use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::{Faults, stream_seed};

/// Most time a datagram that is overtaken comes later than it would have.
const OVERTAKEN: Duration = Duration::from_millis(20);
/// Least time it comes later.
const OVERTAKEN_LEAST: Duration = Duration::from_millis(1);

/// Which way a stream of datagrams goes; each has its own random numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// From the client to the BMC.
    In,
    /// From the BMC to the client.
    Out,
}

/// The faults of one direction of one link.
///
/// ```
/// use std::time::Duration;
/// use simulator::fault::{Faults, wire::{Direction, WireFaults}};
///
/// let faults = Faults::parse("delay=5ms").unwrap();
/// let mut wire = WireFaults::new(&faults, 1, Direction::In);
/// let now = Duration::from_secs(10);
/// let delivered: Vec<_> = wire.pass(vec![1, 2, 3], now).collect();
/// assert_eq!(delivered, [(now + Duration::from_millis(5), vec![1, 2, 3])]);
/// ```
#[derive(Debug)]
pub struct WireFaults {
    faults: Faults,
    random: StdRng,
    /// When the latest datagram arrives that keeps the order.
    last: Duration,
}

impl WireFaults {
    /// The faults of one direction. The same seed gives the same faults.
    pub fn new(faults: &Faults, seed: u64, direction: Direction) -> Self {
        let stream = match direction {
            Direction::In => 1,
            Direction::Out => 2,
        };
        Self { faults: faults.clone(), random: StdRng::seed_from_u64(stream_seed(seed, stream)), last: Duration::ZERO }
    }

    /// Sends a datagram at `now`: what arrives, and when. At most two copies do.
    pub fn pass(&mut self, datagram: Vec<u8>, now: Duration) -> impl Iterator<Item = (Duration, Vec<u8>)> + use<> {
        let dropped = self.faults.drop.happens(&mut self.random);
        let doubled = self.faults.duplicate.happens(&mut self.random);
        let first = (!dropped).then(|| self.deliver(datagram.clone(), now));
        let second = (!dropped && doubled).then(|| self.deliver(datagram, now));
        first.into_iter().chain(second)
    }

    fn deliver(&mut self, mut datagram: Vec<u8>, now: Duration) -> (Duration, Vec<u8>) {
        if self.faults.corrupt.happens(&mut self.random) {
            self.flip_bit(&mut datagram);
        }
        let mut at = now + self.delay();
        if self.faults.reorder.happens(&mut self.random) {
            at = at.max(self.last) + self.between(OVERTAKEN_LEAST, OVERTAKEN);
        } else {
            at = at.max(self.last);
            self.last = at;
        }
        (at, datagram)
    }

    /// Sends bytes of a serial line: each may be lost or have a bit flipped.
    pub fn pass_bytes(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(bytes.len());
        for byte in bytes {
            if self.faults.drop.happens(&mut self.random) {
                continue;
            }
            let mut byte = [*byte];
            if self.faults.corrupt.happens(&mut self.random) {
                self.flip_bit(&mut byte);
            }
            out.extend(byte);
        }
        out
    }

    fn delay(&mut self) -> Duration {
        self.faults.delay.map_or(Duration::ZERO, |(from, to)| self.between(from, to))
    }

    fn between(&mut self, from: Duration, to: Duration) -> Duration {
        let spread = u64::try_from((to - from).as_micros()).unwrap_or(0);
        from + Duration::from_micros(self.random.random_range(0..=spread))
    }

    fn flip_bit(&mut self, bytes: &mut [u8]) {
        if bytes.is_empty() {
            return;
        }
        let bit = self.random.random_range(0..bytes.len() * 8);
        if let Some(byte) = bytes.get_mut(bit / 8) {
            *byte ^= 1 << (bit % 8);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    fn wire(spec: &str, seed: u64) -> WireFaults {
        WireFaults::new(&Faults::parse(spec).unwrap(), seed, Direction::In)
    }

    /// Numbered datagrams sent a millisecond apart, in the order they arrive.
    fn arrivals(spec: &str, seed: u64, count: u32) -> Vec<(Duration, Vec<u8>)> {
        let mut wire = wire(spec, seed);
        let mut all: Vec<_> = (0..count).flat_map(|n| wire.pass(n.to_be_bytes().to_vec(), MS * n)).collect();
        all.sort_by_key(|(at, _)| *at);
        all
    }

    #[test]
    fn without_faults_everything_arrives_at_once() {
        let expected: Vec<_> = (0..100_u32).map(|n| (MS * n, n.to_be_bytes().to_vec())).collect();
        let mut clean = WireFaults::new(&Faults::default(), 9, Direction::Out);
        let arrived: Vec<_> = (0..100_u32).flat_map(|n| clean.pass(n.to_be_bytes().to_vec(), MS * n)).collect();
        assert_eq!(arrived, expected);
    }

    #[test]
    fn the_same_seed_gives_the_same_faults() {
        let spec = "drop=5%,delay=1ms..9ms,reorder=5%,duplicate=5%,corrupt=5%";
        assert_eq!(arrivals(spec, 7, 1000), arrivals(spec, 7, 1000));
        assert_ne!(arrivals(spec, 7, 1000), arrivals(spec, 8, 1000));
        let faults = Faults::parse(spec).unwrap();
        let [mut a, mut b] = [Direction::In, Direction::Out].map(|direction| WireFaults::new(&faults, 7, direction));
        let count = |wire: &mut WireFaults| (0..100).map(|_| wire.pass(vec![0], MS).count()).collect::<Vec<_>>();
        assert_ne!(count(&mut a), count(&mut b));
    }

    #[test]
    fn rates_are_met() {
        assert!((9_800..9_950).contains(&arrivals("drop=1.2%", 1, 10_000).len()));
        assert!((10_100..10_300).contains(&arrivals("duplicate=2%", 1, 10_000).len()));
        let damaged = arrivals("corrupt=10%", 1, 10_000).into_iter().filter(|(at, bytes)| {
            let sent = u32::try_from(at.as_millis()).unwrap();
            let found = u32::from_be_bytes(bytes.as_slice().try_into().unwrap());
            assert!((sent ^ found).count_ones() <= 1, "one bit");
            sent != found
        });
        assert!((900..1100).contains(&damaged.count()));
    }

    #[test]
    fn delays_keep_the_order_and_reordering_does_not() {
        let number = |(_, bytes): &(Duration, Vec<u8>)| u32::from_be_bytes(bytes.as_slice().try_into().unwrap());
        let delayed = arrivals("delay=5ms..20ms", 3, 2000);
        assert!(delayed.is_sorted_by_key(number));
        for arrival in &delayed {
            let sent = MS * number(arrival);
            assert!(arrival.0 >= sent + 5 * MS && arrival.0 <= sent + 20 * MS);
        }
        let mixed = arrivals("reorder=5%", 3, 2000);
        let overtaken = mixed.windows(2).filter(|pair| number(&pair[0]) > number(&pair[1])).count();
        assert!((60..=120).contains(&overtaken), "{overtaken}");
        assert!(mixed.iter().all(|arrival| arrival.0 <= MS * number(arrival) + OVERTAKEN));
    }

    #[test]
    fn bytes_of_a_line_are_lost_and_damaged() {
        let mut wire = wire("drop=1%,corrupt=1%", 5);
        let out = wire.pass_bytes(&[0; 10_000]);
        assert!((9_800..9_950).contains(&out.len()), "{}", out.len());
        let damaged = out.iter().filter(|byte| **byte != 0).count();
        assert!((60..140).contains(&damaged), "{damaged}");
        assert!(out.iter().all(|byte| byte.count_ones() <= 1));
        assert!(wire.pass(Vec::new(), MS).all(|(_, bytes)| bytes.is_empty()));
    }
}
