//! Log-ins to BMCs that are far away or slow, on a virtual clock.
// This is test code: it may panic.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::time::{Duration, Instant};

use super::fake_bmc::FakeBmc;
use super::*;
use crate::Secret;
use crate::link::rmcp_plus::cipher_suite::CipherSuite;
use crate::link::rmcp_plus::rakp::UserName;

const SECOND: Duration = Duration::from_secs(1);
/// Payload types, of RMCP+ or of all that is framed as IPMI 1.5 has it.
const OPEN: u8 = 0x10;
const RAKP1: u8 = 0x12;
const RAKP3: u8 = 0x14;
const IN_SESSION: u8 = 0xC0;
const OLD: u8 = 0xFF;
const SUITES: u8 = 0;

fn config(protocol: Protocol, cipher: CipherChoice) -> LoginConfig {
    let user = UserName::new(b"admin").unwrap();
    LoginConfig { cipher, ..LoginConfig::new(protocol, user, Secret::new(*b"secret")) }
}

fn fixed() -> LoginConfig {
    config(Protocol::RmcpPlus, CipherChoice::Fixed(CipherSuite(3)))
}

/// What a datagram is.
fn kind(datagram: &[u8]) -> u8 {
    if datagram[4] == 6 { datagram[5] } else { OLD }
}

/// What came of a log-in: outcome, kinds of what was sent, time.
type Done = (Result<Session, LoginError>, Vec<u8>, Duration);

/// Runs a log-in to its end. `bmc` gives the answer to a datagram at a time, and the time the answer arrives after it.
fn log_in(config: LoginConfig, mut bmc: impl FnMut(&[u8], Duration) -> Option<(Duration, Vec<u8>)>) -> Done {
    let start = Instant::now();
    let (mut now, mut sent, mut coming) = (start, Vec::new(), Vec::<(Instant, Vec<u8>)>::new());
    let mut next = 1u8;
    let random = move |bytes: &mut [u8]| {
        for byte in bytes {
            (*byte, next) = (next, next.wrapping_add(1));
        }
    };
    let mut login = Login::new(config, Box::new(random), now).unwrap();
    for _ in 0..1000 {
        while let Some(datagram) = login.poll_transmit() {
            sent.push(kind(&datagram));
            coming.extend(bmc(&datagram, now - start).map(|(after, answer)| (now + after, answer)));
        }
        if let Some(outcome) = login.poll() {
            return (outcome, sent, now - start);
        }
        coming.sort();
        let arrival = coming.first().map(|(at, _)| *at);
        now = arrival.into_iter().chain(login.poll_timeout()).min().unwrap();
        if arrival == Some(now) {
            login.handle_datagram(&coming.remove(0).1, now);
        }
        login.handle_timeout(now);
    }
    panic!("no end");
}

#[test]
fn a_long_round_trip_is_waited_for() {
    for tenths in [8, 15, 30, 45] {
        let round_trip = SECOND * tenths / 10;
        let far = |config: LoginConfig, lists: Option<Vec<u8>>| {
            let mut bmc = FakeBmc { lists, ..FakeBmc::default() };
            let (outcome, sent, time) =
                log_in(config, |datagram, _| bmc.answer(datagram).map(|answer| (round_trip, answer)));
            outcome.unwrap_or_else(|error| panic!("{round_trip:?}: {error}"));
            (sent, time)
        };
        let (sent, time) = far(fixed(), None);
        // Nothing is known before the first answer; from there on each message is sent once.
        let before = sent.iter().take_while(|kind| **kind == OLD).count();
        assert_eq!(sent[before..], [OPEN, RAKP1, RAKP3, IN_SESSION], "{round_trip:?}");
        assert_eq!(time, round_trip * 5);
        assert!(before <= 3, "{before}");
        // The list of suites is not waited for, and what it tells comes in time for RAKP message 1.
        let (sent, time) = far(config(Protocol::RmcpPlus, CipherChoice::Ask), Some(vec![3, 17]));
        let opens = sent.iter().filter(|kind| **kind == OPEN).count();
        assert_eq!(sent[0], SUITES);
        assert_eq!(sent[1 + opens..], [RAKP1, RAKP3, IN_SESSION], "{round_trip:?}");
        assert_eq!(time, Timing::default().probe + round_trip * 4);
        assert!(opens <= 3, "{opens}");
        let (_, time) = far(config(Protocol::Ipmi15, CipherChoice::Ask), None);
        assert_eq!(time, round_trip * 4);
    }
}

#[test]
fn a_bmc_that_works_on_one_message_at_a_time_is_not_interrupted() {
    for milliseconds in [400, 800, 1400] {
        let work = Duration::from_millis(milliseconds);
        for cipher in [CipherChoice::Ask, CipherChoice::Fixed(CipherSuite(3))] {
            let mut bmc = FakeBmc { lists: Some(vec![3]), ..FakeBmc::default() };
            let (mut idle_at, mut dropped) = (Duration::ZERO, 0);
            let (outcome, sent, time) = log_in(config(Protocol::RmcpPlus, cipher), |datagram, at| {
                if at < idle_at {
                    dropped += 1;
                    return None;
                }
                idle_at = at + work;
                bmc.answer(datagram).map(|answer| (work, answer))
            });
            outcome.unwrap_or_else(|error| panic!("{work:?} {cipher:?}: {error}"));
            assert!(dropped <= 2, "{work:?} {cipher:?}: {sent:02X?}");
            assert!(time <= work * 8 + SECOND * 2, "{work:?} {cipher:?}: {time:?}");
        }
    }
}

/// BMCs that each know one handshake, told apart by its tag: together, one that bears several at once.
#[derive(Default)]
struct Several {
    bmcs: Vec<FakeBmc>,
    /// The handshake that became a session.
    session: usize,
}

impl Several {
    /// The number of the handshake and the answer.
    fn answer(&mut self, datagram: &[u8]) -> (usize, Option<Vec<u8>>) {
        let number = match kind(datagram) {
            OPEN..=RAKP3 => usize::from(datagram[16]),
            _ => self.session,
        };
        while self.bmcs.len() <= number {
            self.bmcs.push(FakeBmc::default());
        }
        if kind(datagram) == RAKP3 {
            self.session = number;
        }
        (number, self.bmcs[number].answer(datagram))
    }
}

#[test]
fn a_late_answer_to_the_handshake_before_leads_on() {
    for (late, kinds) in [
        (RAKP1, &[OLD, OPEN, RAKP1, OPEN, RAKP1, RAKP3, IN_SESSION][..]),
        (RAKP3, &[OLD, OPEN, RAKP1, RAKP3, OPEN, RAKP1, IN_SESSION]),
    ] {
        let mut bmcs = Several::default();
        let (outcome, sent, time) = log_in(fixed(), |datagram, _| {
            let (handshake, answer) = bmcs.answer(datagram);
            // The second handshake gets as far as RAKP message 1 before the answer to the first comes.
            let after = match (kind(datagram), handshake) {
                (sent, 0) if sent == late => SECOND * 3 / 2,
                (RAKP1, 1) => SECOND * 9,
                _ => SECOND / 100,
            };
            answer.map(|answer| (after, answer))
        });
        let session = outcome.unwrap();
        assert_eq!(sent, kinds, "{late:02X}h");
        // It is the session of the first handshake.
        assert_eq!(session.agreed().console_session_id, bmcs.bmcs[0].console_id);
        assert!(time < SECOND * 2, "{time:?}");
    }
}

#[test]
fn a_late_refusal_of_the_handshake_before_ends_nothing() {
    let mut bmcs = Several { bmcs: vec![FakeBmc { password: b"other".to_vec(), ..FakeBmc::default() }], session: 0 };
    let (outcome, sent, _) = log_in(fixed(), |datagram, _| {
        let (handshake, answer) = bmcs.answer(datagram);
        let late = (kind(datagram), handshake) == (RAKP1, 0);
        let after = if late { SECOND + SECOND / 50 } else { SECOND / 40 };
        answer.map(|answer| (after, answer))
    });
    assert!(outcome.is_ok());
    assert_eq!(sent, [OLD, OPEN, RAKP1, OPEN, RAKP1, RAKP3, IN_SESSION]);
}

/// A proof is sent once to each handshake, so that a BMC that counts wrong ones counts none.
#[test]
fn no_proof_is_sent_twice() {
    let mut bmc = FakeBmc::default();
    let mut proofs = Vec::new();
    let (outcome, ..) = log_in(fixed(), |datagram, _| {
        let answer = bmc.answer(datagram);
        if kind(datagram) == RAKP3 {
            proofs.push(datagram.to_vec());
            return None;
        }
        answer.map(|answer| (SECOND / 10, answer))
    });
    assert_eq!(outcome.unwrap_err(), LoginError::NoAnswer { step: Step::Rakp3 });
    let sent = proofs.len();
    proofs.dedup();
    assert_eq!((sent, proofs.len()), (5, 5));
}

#[test]
fn silence_costs_no_more_than_with_ipmitool() {
    // ipmitool asks twice for the capabilities, each time a second longer than the last: 1, 2, 3 and 4 seconds.
    for (protocol, timeout, retries, most) in [
        (Protocol::RmcpPlus, 1, 3, 20),
        (Protocol::RmcpPlus, 1, 0, 3),
        (Protocol::RmcpPlus, 3, 1, 14),
        (Protocol::Ipmi15, 2, 3, 10),
    ] {
        let timing = Timing { timeout: SECOND * timeout, retries, ..Timing::default() };
        let (outcome, sent, time) = log_in(LoginConfig { timing, ..config(protocol, CipherChoice::Ask) }, |_, _| None);
        assert!(matches!(outcome, Err(LoginError::NoAnswer { .. })));
        assert!(time <= SECOND * most, "{protocol:?} {timeout} {retries}: {time:?}, {sent:02X?}");
    }
}
