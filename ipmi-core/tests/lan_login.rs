//! Logging in to captured BMCs: with the ids and random numbers of the captured console, their answers must lead to the
//! same session, and what the console sends must be what was captured.
// Helpers outside test functions may panic too: that is how a test fails.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod pcap;

use std::collections::VecDeque;
use std::time::Instant;

use ipmi_core::link::console::{
    CipherChoice, Login, LoginConfig, LoginError, Opened, Protocol, Random, Rejected, Session, Timing,
};
use ipmi_core::link::rmcp_plus::cipher_suite::CipherSuite;
use ipmi_core::link::rmcp_plus::rakp::UserName;
use ipmi_core::link::session_1_5::AuthType;
use ipmi_core::{Privilege, Secret};

use pcap::{Datagram, captures, datagrams};

/// Numbers as the captured console chose them; zeros after that.
fn random(numbers: Vec<Vec<u8>>) -> Random {
    let mut numbers = VecDeque::from(numbers);
    Box::new(move |bytes| match numbers.pop_front() {
        Some(number) => bytes.copy_from_slice(&number),
        None => bytes.fill(0),
    })
}

fn config(protocol: Protocol, password: &[u8]) -> LoginConfig {
    let user = UserName::new(b"admin").unwrap();
    let timing = Timing { retries: 0, ..Timing::default() };
    LoginConfig { timing, ..LoginConfig::new(protocol, user, Secret::new(password)) }
}

/// How a replayed log-in ended, what the console sent, and which answers are left.
type Replayed = (Option<Result<Session, LoginError>>, Vec<Vec<u8>>, Vec<Vec<u8>>);

/// Feeds the BMC's datagrams one for each that the console sends, and lets time pass where it sends none. What is left
/// of the capture comes with the outcome.
fn replay(mut login: Login, capture: &[Datagram]) -> Replayed {
    let mut answers: VecDeque<Vec<u8>> = capture.iter().filter(|(to_bmc, _)| !to_bmc).map(|(_, d)| d.clone()).collect();
    let (mut now, mut sent) = (Instant::now(), Vec::new());
    loop {
        let before = sent.len();
        sent.extend(std::iter::from_fn(|| login.poll_transmit()));
        if let Some(outcome) = login.poll() {
            return (Some(outcome), sent, answers.into());
        }
        if sent.len() == before {
            now = login.poll_timeout().unwrap();
            login.handle_timeout(now);
            continue;
        }
        let Some(answer) = answers.pop_front() else { return (None, sent, Vec::new()) };
        assert!(login.handle_datagram(&answer, now), "{answer:02X?}");
    }
}

/// A handshake payload of the console in a capture, by payload type.
fn payload(capture: &[Datagram], payload_type: u8) -> Vec<u8> {
    let found = capture.iter().find(|(to_bmc, d)| *to_bmc && d[4] == 6 && d[5] == payload_type);
    found.unwrap().1[16..].to_vec()
}

fn login_rmcp_plus(capture: &[Datagram], suite: u8, password: &[u8]) -> Login {
    let (open_session, rakp1) = (payload(capture, 0x10), payload(capture, 0x12));
    let numbers = vec![open_session[4..8].to_vec(), rakp1[8..24].to_vec()];
    let cipher = CipherChoice::Fixed(CipherSuite(suite));
    let config = LoginConfig { cipher, ..config(Protocol::RmcpPlus, password) };
    Login::new(config, random(numbers), Instant::now()).unwrap()
}

#[test]
fn rmcp_plus_sessions_open() {
    let Some(folder) = captures() else { return };
    for suite in [1, 2, 3, 6] {
        let file = folder.join(format!("lanplus_c{suite}_mcinfo.pcap"));
        if !file.exists() {
            println!("no capture of suite {suite}");
            continue;
        }
        let capture = datagrams(&file);
        let (outcome, sent, rest) = replay(login_rmcp_plus(&capture, suite, b"admin"), &capture);
        let mut session = outcome.unwrap().unwrap();
        assert_eq!(sent.len(), 5);
        let captured: Vec<_> = capture.iter().filter(|(to_bmc, _)| *to_bmc).map(|(_, d)| d.clone()).collect();
        assert_eq!((&sent[0], &sent[2], &sent[3]), (&captured[0], &captured[2], &captured[3]), "suite {suite}");
        assert_eq!(session.agreed().cipher_suite, Some(CipherSuite(suite)));
        assert_eq!(session.agreed().privilege, Privilege::Administrator);
        assert!(rest.len() >= 3, "{}", rest.len());
        for datagram in rest {
            assert!(matches!(session.open(&datagram), Opened::Payload(..)), "suite {suite}");
            assert_eq!(session.open(&datagram), Opened::Rejected(Rejected::Replayed));
        }
    }
}

/// The BMC of these captures does not answer inside sessions of these suites; the handshake is proven all the same.
#[test]
fn rmcp_plus_handshakes_are_proven() {
    let Some(folder) = captures() else { return };
    for suite in [7, 8, 12] {
        let capture = datagrams(&folder.join(format!("lanplus_c{suite}_mcinfo.pcap")));
        let (outcome, sent, _) = replay(login_rmcp_plus(&capture, suite, b"admin"), &capture);
        assert!(outcome.is_none());
        assert_eq!(sent.len(), 5, "suite {suite}: Set Session Privilege Level goes out");
    }
}

#[test]
fn wrong_passwords_and_refused_suites_are_named() {
    let Some(folder) = captures() else { return };
    let capture = datagrams(&folder.join("lanplus_c3_mcinfo.pcap"));
    let (outcome, sent, _) = replay(login_rmcp_plus(&capture, 3, b"wrong"), &capture);
    assert_eq!(outcome.unwrap().unwrap_err(), LoginError::WrongPassword);
    assert_eq!(sent.len(), 4, "the BMC is told");

    let capture = datagrams(&folder.join("lanplus_c16_mcinfo.pcap"));
    let numbers = vec![payload(&capture, 0x10)[4..8].to_vec()];
    let cipher = CipherChoice::Fixed(CipherSuite(16));
    let config = LoginConfig { cipher, ..config(Protocol::RmcpPlus, b"admin") };
    let (outcome, _, _) = replay(Login::new(config, random(numbers), Instant::now()).unwrap(), &capture);
    let error = outcome.unwrap().unwrap_err();
    assert_eq!(error.to_string(), "cipher suite 16 refused: invalid authentication algorithm");
}

#[test]
fn ipmi_1_5_sessions_open() {
    let Some(folder) = captures() else { return };
    for name in ["lan15_md5_mcinfo.pcap", "lan15_channel_info.pcap"] {
        let mut capture = datagrams(&folder.join(name));
        capture.retain(|(_, datagram)| datagram[3] == 7);
        let captured: Vec<_> = capture.iter().filter(|(to_bmc, _)| *to_bmc).map(|(_, d)| d.clone()).collect();
        // Activate Session ends with the first sequence number of the BMC and the checksum.
        let activate = &captured[2];
        let numbers = vec![activate[activate.len() - 5..activate.len() - 1].to_vec()];
        let login = Login::new(config(Protocol::Ipmi15, b"admin"), random(numbers), Instant::now()).unwrap();
        let (outcome, sent, rest) = replay(login, &capture);
        let mut session = outcome.unwrap().unwrap();
        assert_eq!(sent[1..], captured[1..4], "{name}");
        assert_eq!(
            (session.agreed().auth_type, session.agreed().privilege),
            (Some(AuthType::Md5), Privilege::Administrator)
        );
        let mut opened = 0;
        for datagram in rest {
            opened += usize::from(matches!(session.open(&datagram), Opened::Payload(..)));
            assert_eq!(session.open(&datagram), Opened::Rejected(Rejected::Replayed), "{name}");
        }
        assert!(opened >= 3, "{opened}");
    }
}

/// Every prefix of every answer, and every answer with one bit changed: no panic, and the login ends by itself.
#[test]
fn damaged_answers_never_panic_and_never_hang() {
    let Some(folder) = captures() else { return };
    let capture = datagrams(&folder.join("lanplus_c3_mcinfo.pcap"));
    let answers: Vec<_> = capture.iter().filter(|(to_bmc, _)| !to_bmc).map(|(_, d)| d.clone()).take(5).collect();
    for (index, answer) in answers.iter().enumerate() {
        let cuts = (0..answer.len()).map(|length| answer[..length].to_vec());
        let flips = (0..answer.len() * 8).map(|bit| {
            let mut changed = answer.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            changed
        });
        for damaged in cuts.chain(flips) {
            let mut login = login_rmcp_plus(&capture, 3, b"admin");
            let mut now = Instant::now();
            for good in &answers[..index] {
                login.handle_datagram(good, now);
            }
            login.handle_datagram(&damaged, now);
            let mut deadlines = 0;
            let outcome = loop {
                while login.poll_transmit().is_some() {}
                if let Some(outcome) = login.poll() {
                    break outcome;
                }
                now = login.poll_timeout().unwrap();
                login.handle_timeout(now);
                deadlines += 1;
                assert!(deadlines < 20);
            };
            // A changed header byte that nobody looks at does no harm.
            assert!(outcome.is_err() || damaged.len() == answer.len(), "{index}: {damaged:02X?}");
        }
    }
}
