//! A hostile BMC and a hostile stranger, in memory and on a virtual clock: the client ends with a named error or a
//! right answer within its time, and an honest session beside a stranger's datagrams goes on as if alone.
#![allow(clippy::panic, clippy::expect_used, clippy::unwrap_used, clippy::indexing_slicing)]

use std::time::Duration;

use ipmi_core::command::app::GetDeviceId;
use ipmi_core::link::console::{CipherChoice, LoginConfig, Protocol, Timing};
use ipmi_core::link::rmcp_plus::cipher_suite::CipherSuite;
use ipmi_core::link::rmcp_plus::rakp::UserName;
use ipmi_core::{Error, Secret};
use proptest::prelude::*;
use simulator::fault::Faults;
use tests::world::{EPOCH, Meddler, NAME, Numbers, Setup, World};

/// Longest (virtual) time until the client gives up: log-ins of four tries with growing waits, with and without quirks.
const PATIENCE: Duration = Duration::from_secs(120);

fn setup(seed: u64, protocol: Protocol, suite: u8) -> Setup {
    let user = UserName::new(b"admin").unwrap();
    let mut login = LoginConfig::new(protocol, user, Secret::new(*b"admin"));
    login.cipher = CipherChoice::Fixed(CipherSuite(suite));
    login.timing = Timing { timeout: Duration::from_secs(1), retries: 3, ..Timing::default() };
    let (faults, timeout) = (Faults::default(), Duration::from_secs(1));
    Setup { seed, login, faults, timeout, sendings: 4, automatic_quirks: true }
}

fn simulated() -> simulator::Bmc {
    simulator::Bmc::builtin(&simulator::Options { seed: 1, freeze: true }, EPOCH)
}

fn world(seed: u64, protocol: Protocol, suite: u8) -> World {
    World::new(setup(seed, protocol, suite), simulated())
}

/// A datagram that is nearly right, or not at all.
fn forged(numbers: &mut Numbers, seen: &[u8], before: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = seen.to_vec();
    match numbers.below(6) {
        0 => {
            bytes = vec![0; numbers.below(80) as usize];
            numbers.fill(&mut bytes);
        }
        1 => {
            bytes = vec![0; numbers.below(80) as usize];
            numbers.fill(&mut bytes);
            let header = numbers.pick(&[[6, 0, 0xFF, 7], [6, 0, 0xFF, 6]]);
            bytes.iter_mut().zip(header).for_each(|(byte, head)| *byte = head);
            if let Some(byte) = bytes.get_mut(4) {
                *byte = numbers.pick(&[0, 1, 2, 4, 6]);
            }
        }
        2 => bytes.truncate(numbers.below(seen.len() as u64) as usize),
        3 => {
            let some = numbers.below(8) + 2;
            for _ in 0..some {
                let at = numbers.below(seen.len().max(1) as u64) as usize;
                if let Some(byte) = bytes.get_mut(at) {
                    *byte = numbers.number() as u8;
                }
            }
        }
        4 => bytes.extend(seen),
        _ => {
            if let Some(old) = before.get(numbers.below(before.len() as u64) as usize) {
                bytes.clone_from(old);
            }
        }
    }
    bytes
}

/// Valid packets of another session with the same BMC.
fn packets_of_another_session(protocol: Protocol, suite: u8) -> Vec<Vec<u8>> {
    let world = world(99, protocol, suite);
    let (sender, packets) = std::sync::mpsc::channel();
    let other = sender.clone();
    world.network().impostor = Some(Box::new(move |seen| {
        let _ = sender.send(seen.to_vec());
        Vec::new()
    }));
    world.network().stranger = Some(Box::new(move |seen| {
        let _ = other.send(seen.to_vec());
        Vec::new()
    }));
    for _ in 0..3 {
        world.bmc.call(&GetDeviceId).unwrap();
    }
    packets.try_iter().collect()
}

/// Forges a few datagrams for each one seen, and keeps those seen to replay them.
fn meddler(seed: u64, others: Vec<Vec<u8>>) -> Meddler {
    let (mut numbers, mut before) = (Numbers::new(seed), others);
    Box::new(move |seen| {
        let count = numbers.below(20);
        let forged = (0..count).map(|_| forged(&mut numbers, seen, &before)).collect();
        if before.len() < 100 {
            before.push(seen.to_vec());
        }
        forged
    })
}

/// The error says who and what.
fn is_named(error: &Error) -> bool {
    match error {
        Error::Transport { reason } => reason.starts_with(NAME) && reason.len() > NAME.len() + 2,
        Error::Timeout { command, .. } => !command.is_empty(),
        Error::Completion { .. } | Error::Parse { .. } => true,
        _ => false,
    }
}

fn protocols() -> impl Strategy<Value = (Protocol, u8)> {
    (any::<bool>(), prop::sample::select(vec![1, 2, 3, 8, 12, 17]))
        .prop_map(|(plus, suite)| (if plus { Protocol::RmcpPlus } else { Protocol::Ipmi15 }, suite))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]

    /// Nothing honest reaches the console: each answer is forged.
    #[test]
    fn a_bmc_that_answers_anything_is_a_named_error((protocol, suite) in protocols(), seed: u64, honest in 0..12u32) {
        let world = world(seed, protocol, suite);
        let others = packets_of_another_session(protocol, suite);
        let (mut numbers, mut left) = (Numbers::new(seed), honest);
        world.network().forger = Some(Box::new(move |seen| {
            left = left.saturating_sub(1);
            if left > 0 { seen.to_vec() } else { forged(&mut numbers, seen, &others) }
        }));
        for _ in 0..3 {
            if let Err(error) = world.bmc.call(&GetDeviceId) {
                prop_assert!(is_named(&error), "{error:?}");
            }
        }
        let story = world.network().story.clone();
        prop_assert!(story.hung.is_none(), "{:?}", story.hung);
        prop_assert!(story.slowest <= PATIENCE, "{:?}", story.slowest);
    }

    /// In an authenticated session forged and replayed datagrams between the honest ones change nothing. One that says
    /// that the BMC does not know the session makes an idle console ask the BMC, which costs a request.
    #[test]
    fn forged_answers_in_a_session_change_nothing(suite in prop::sample::select(vec![2, 3, 8, 12, 17]), seed: u64) {
        let world = world(seed, Protocol::RmcpPlus, suite);
        let truth = world.bmc.call(&GetDeviceId).unwrap();
        let others = packets_of_another_session(Protocol::RmcpPlus, suite);
        world.network().impostor = Some(meddler(seed, others));
        let sent = world.network().story.sent;
        for _ in 0..20 {
            prop_assert_eq!(world.bmc.call(&GetDeviceId).unwrap(), truth);
        }
        let asked = world.network().story.sent - sent;
        prop_assert!((20..=40).contains(&asked), "{asked}");
    }

    /// A stranger sends anything to the BMC, the console's packets and those of an older session among it.
    #[test]
    fn a_strangers_datagrams_leave_an_honest_session_alone(
        suite in prop::sample::select(vec![1, 2, 3, 8, 12, 17]), seed: u64,
    ) {
        let world = world(seed, Protocol::RmcpPlus, suite);
        let truth = world.bmc.call(&GetDeviceId).unwrap();
        let others = packets_of_another_session(Protocol::RmcpPlus, suite);
        world.network().stranger = Some(meddler(seed, others));
        let sent = world.network().story.sent;
        for _ in 0..20 {
            prop_assert_eq!(world.bmc.call(&GetDeviceId).unwrap(), truth);
        }
        let network = world.network();
        prop_assert_eq!(network.story.sent, sent + 20);
        prop_assert_eq!(network.bmc.sessions.active(), 1);
        prop_assert!(network.server.log_ins() <= 64, "{} log-ins begun", network.server.log_ins());
    }
}
