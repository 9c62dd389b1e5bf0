//! Both ends of Serial over LAN on virtual time, with a network between them that loses, doubles, delays and reorders:
//! what was printed and what was typed arrive whole, once and in order.

use std::time::{Duration, Instant};

use ipmi_core::link::sol_console::{SolConsole, SolEvent, SolTiming};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::end::{SolEnd, SolTimes};

/// What the network does to a packet.
#[derive(Debug, Clone, Copy)]
struct Network {
    loss: f64,
    doubled: f64,
    delay: Duration,
    jitter: Duration,
}

struct Pair {
    rng: StdRng,
    network: Network,
    start: Instant,
    now: Duration,
    console: SolConsole,
    end: SolEnd,
    /// When it arrives, in which order it was sent, whether the console gets it, and what it is.
    under_way: Vec<(Duration, u64, bool, Vec<u8>)>,
    sent: u64,
    shown: Vec<u8>,
    typed: Vec<u8>,
}

const TIMES: SolTimes = SolTimes {
    packet: 50,
    accumulate: Duration::from_millis(20),
    threshold: 30,
    retry: Duration::from_millis(100),
    retries: 7,
};

impl Pair {
    fn new(seed: u64, network: Network) -> Self {
        let timing = SolTiming { retry: Duration::from_millis(100), retries: 50 };
        Self {
            rng: StdRng::seed_from_u64(seed),
            network,
            start: Instant::now(),
            now: Duration::ZERO,
            console: SolConsole::new(50, timing),
            end: SolEnd::new(TIMES),
            under_way: Vec::new(),
            sent: 0,
            shown: Vec::new(),
            typed: Vec::new(),
        }
    }

    fn send(&mut self, to_console: bool, packet: &[u8]) {
        let copies = 1 + usize::from(self.rng.random_bool(self.network.doubled));
        for _ in 0..copies {
            if !self.rng.random_bool(self.network.loss) {
                let jitter = self.network.jitter.mul_f64(self.rng.random());
                self.sent += 1;
                self.under_way.push((self.now + self.network.delay + jitter, self.sent, to_console, packet.to_vec()));
            }
        }
    }

    /// Lets both ends say what they have to say, then moves on to what comes next; false when nothing does.
    fn step(&mut self) -> bool {
        let at = self.start + self.now;
        self.console.handle_timeout(at);
        while let Some(packet) = self.console.poll_transmit(at) {
            self.send(false, &packet);
        }
        while let Some(packet) = self.end.poll_transmit(self.now) {
            self.send(true, &packet);
        }
        let arrival = self.under_way.iter().enumerate().min_by_key(|(_, (due, order, ..))| (*due, *order));
        let arrival = arrival.map(|(index, (due, ..))| (index, *due));
        let timer = self.end.poll_timeout().into_iter();
        let timer = timer.chain(self.console.poll_timeout().map(|due| due.duration_since(self.start))).min();
        match (arrival, timer) {
            (Some((index, due)), timer) if timer.is_none_or(|timer| due <= timer) => {
                self.now = self.now.max(due);
                let (_, _, to_console, packet) = self.under_way.remove(index);
                self.take(to_console, &packet);
                true
            }
            (_, Some(timer)) => {
                self.now = self.now.max(timer);
                true
            }
            _ => false,
        }
    }

    fn take(&mut self, to_console: bool, packet: &[u8]) {
        if to_console {
            self.console.handle_payload(packet, self.start + self.now).unwrap();
            while let Some(event) = self.console.poll_event() {
                match event {
                    SolEvent::Output(output) => self.shown.extend(output),
                    other => panic!("{other:?}"),
                }
            }
        } else {
            // A system that does not always have room for what is typed.
            let room = self.rng.random_range(0..80);
            let typed = self.end.handle_payload(packet, room, self.now).unwrap();
            self.typed.extend(typed.characters);
        }
    }

    /// Moves `count` characters each way; gives the virtual time it took.
    fn run(&mut self, count: usize) -> Duration {
        let printed: Vec<u8> = (0..count).map(|_| self.rng.random()).collect();
        let keys: Vec<u8> = (0..count / 10).map(|_| self.rng.random()).collect();
        let (mut print, mut press) = (&printed[..], &keys[..]);
        for _ in 0..1_000_000 {
            let room = self.rng.random_range(0..100).min(self.end.room()).min(print.len());
            self.end.put(&print[..room], self.now);
            print = &print[room..];
            let count = self.rng.random_range(0..20).min(press.len());
            press = &press[self.console.write(&press[..count])..];
            let moves = self.step();
            if self.shown.len() >= printed.len() && self.typed.len() >= keys.len() && self.console.is_idle() {
                break;
            }
            assert!(moves || !print.is_empty() || !press.is_empty(), "nothing moves");
        }
        assert!(self.shown == printed, "shown {} of {} characters", self.shown.len(), printed.len());
        assert!(self.typed == keys, "typed {} of {} characters", self.typed.len(), keys.len());
        self.now
    }
}

#[test]
fn nothing_is_lost_or_doubled() {
    const MS: Duration = Duration::from_millis(1);
    let networks = [
        Network { loss: 0.0, doubled: 0.0, delay: MS, jitter: Duration::ZERO },
        Network { loss: 0.01, doubled: 0.0, delay: MS, jitter: Duration::ZERO },
        Network { loss: 0.2, doubled: 0.0, delay: 5 * MS, jitter: Duration::ZERO },
        Network { loss: 0.01, doubled: 0.05, delay: MS, jitter: 20 * MS },
        Network { loss: 0.1, doubled: 0.2, delay: 10 * MS, jitter: 60 * MS },
        // Every packet is sent again before its acknowledgement can be there.
        Network { loss: 0.05, doubled: 0.05, delay: 130 * MS, jitter: 10 * MS },
    ];
    for network in networks {
        for seed in 0..60 {
            let run = std::panic::catch_unwind(|| Pair::new(seed, network).run(5000));
            assert!(run.is_ok(), "seed {seed}, {network:?}");
        }
    }
}

#[test]
fn loss_costs_a_retry_interval_each() {
    let delay = Duration::from_millis(1);
    let time = |loss| Pair::new(7, Network { loss, doubled: 0.0, delay, jitter: Duration::ZERO }).run(20_000);
    let (whole, lossy) = (time(0.0), time(0.01));
    assert!(lossy > whole && lossy < whole + TIMES.retry * 40, "{whole:?} {lossy:?}");
}
