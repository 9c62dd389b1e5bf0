//! Serial over LAN, both ends: over a line that loses and repeats packets nothing is lost, doubled or turned round; any
//! payloads leave either end in order.
#![no_main]

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use fuzz::Script;
use ipmi_core::link::sol_console::{SolConsole, SolEvent, SolTiming};
use libfuzzer_sys::fuzz_target;
use simulator::sol::{SolEnd, SolTimes};

const EPOCH: Duration = Duration::from_secs(1_700_000_000);

struct Line {
    console: SolConsole,
    end: SolEnd,
    start: Instant,
    elapsed: Duration,
    to_console: VecDeque<Vec<u8>>,
    to_end: VecDeque<Vec<u8>>,
    /// What went in and what came out, from the console and from the system.
    typed: (Vec<u8>, Vec<u8>),
    shown: (Vec<u8>, Vec<u8>),
    next: u8,
    lost: bool,
}

impl Line {
    fn new(script: &mut Script<'_>) -> Self {
        let packet = usize::from(script.byte());
        let times = SolTimes {
            packet: usize::from(script.byte()),
            accumulate: Duration::from_millis(script.byte().into()),
            threshold: usize::from(script.byte()),
            retry: Duration::from_millis(100),
            retries: 7,
        };
        let start = Instant::now();
        Self {
            console: SolConsole::new(packet, SolTiming::default()),
            end: SolEnd::new(times),
            start,
            elapsed: Duration::ZERO,
            to_console: VecDeque::new(),
            to_end: VecDeque::new(),
            typed: Default::default(),
            shown: Default::default(),
            next: 0,
            lost: false,
        }
    }

    fn now(&self) -> Instant {
        self.start + self.elapsed
    }

    fn characters(&mut self, count: u8) -> Vec<u8> {
        let first = self.next;
        self.next = self.next.wrapping_add(count);
        (0..count).map(|at| first.wrapping_add(at)).collect()
    }

    fn send(&mut self) {
        let (now, elapsed) = (self.now(), EPOCH + self.elapsed);
        self.console.handle_timeout(now);
        self.to_end.extend(std::iter::from_fn(|| self.console.poll_transmit(now)).take(8));
        self.to_console.extend(std::iter::from_fn(|| self.end.poll_transmit(elapsed)).take(8));
        while let Some(event) = self.console.poll_event() {
            match event {
                SolEvent::Output(output) => self.shown.1.extend(output),
                SolEvent::Lost | SolEvent::Deactivated => self.lost = true,
                SolEvent::Break | SolEvent::Overrun => {}
            }
        }
    }

    fn deliver(&mut self, to_console: bool, room: usize, copies: usize) {
        if to_console {
            let Some(payload) = self.to_console.pop_front() else { return };
            for _ in 0..copies {
                let _ = self.console.handle_payload(&payload, self.now());
            }
        } else {
            let Some(payload) = self.to_end.pop_front() else { return };
            for _ in 0..copies {
                if let Ok(typed) = self.end.handle_payload(&payload, room, EPOCH + self.elapsed) {
                    self.shown.0.extend(typed.characters);
                }
            }
        }
    }

    /// Everything arrives from here on, unless the console has given up; the BMC goes on trying then.
    fn finish(&mut self) {
        for _ in 0..200_000 {
            self.send();
            if self.lost {
                return;
            }
            if !self.to_console.is_empty() || !self.to_end.is_empty() {
                self.deliver(true, 0, 1);
                self.deliver(false, usize::MAX, 1);
                continue;
            }
            let due = [
                self.console.poll_timeout().map(|at| at - self.start),
                self.end.poll_timeout().map(|at| at.saturating_sub(EPOCH)),
            ];
            let Some(next) = due.into_iter().flatten().min() else { return };
            self.elapsed = self.elapsed.max(next);
        }
        panic!("it does not come to rest");
    }
}

fuzz_target!(|data: &[u8]| {
    let mut script = Script(data);
    let hostile = script.byte() & 1 == 1;
    let mut line = Line::new(&mut script);
    while !script.is_over() {
        let how = script.byte();
        match how % 8 {
            0 => {
                let characters = line.characters(how >> 3);
                let taken = line.console.write(&characters);
                line.typed.0.extend(characters.into_iter().take(taken));
            }
            1 => {
                let count = line.end.room().min(usize::from(how >> 3));
                let characters = line.characters(count as u8);
                line.end.put(&characters, EPOCH + line.elapsed);
                line.typed.1.extend(characters);
            }
            2 | 3 => line.deliver(how & 8 == 0, usize::from(how >> 4), 1),
            4 => line.deliver(how & 8 == 0, usize::from(how >> 4), 2),
            5 => drop(if how & 8 == 0 { line.to_console.pop_front() } else { line.to_end.pop_front() }),
            6 => line.elapsed += Duration::from_millis(u64::from(how >> 3) * 20),
            _ if hostile => {
                let payload = script.bytes();
                let _ = line.console.handle_payload(payload, line.now());
                let _ = line.end.handle_payload(payload, usize::from(how >> 3), EPOCH + line.elapsed);
            }
            _ => {}
        }
        line.send();
    }
    if !hostile {
        line.finish();
        if !line.lost {
            assert_eq!(line.shown.0, line.typed.0);
            assert_eq!(line.shown.1, line.typed.1);
        }
    }
});
