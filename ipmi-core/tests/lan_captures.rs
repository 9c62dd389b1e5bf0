//! Sessions of other programs, captured with a known password and replayed: every proof, code and plaintext.
// Helpers outside test functions may panic too: that is how a test fails.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod pcap;

use std::fs;
use std::path::Path;

use ipmi_core::Command;
use ipmi_core::command::app::{DeviceId, GetDeviceId};
use ipmi_core::link::asf::AsfMessage;
use ipmi_core::link::ipmb::IpmbMessage;
use ipmi_core::link::rmcp::{RmcpClass, RmcpHeader};
use ipmi_core::link::rmcp_plus::SecurityError;
use ipmi_core::link::rmcp_plus::cipher_suite::{Algorithms, AuthenticationAlgorithm, CipherSuite};
use ipmi_core::link::rmcp_plus::confidentiality::Confidentiality;
use ipmi_core::link::rmcp_plus::header::{Packet, PayloadType};
use ipmi_core::link::rmcp_plus::integrity::Integrity;
use ipmi_core::link::rmcp_plus::keys::{Code, Exchange, Key20, SessionKeys};
use ipmi_core::link::rmcp_plus::open_session::{OpenSessionRequest, OpenSessionResponse};
use ipmi_core::link::rmcp_plus::rakp::{Rakp1, Rakp2, Rakp3, Rakp4, Role, UserName};
use ipmi_core::link::rmcp_plus::status::StatusCode;
use ipmi_core::link::rmcp_plus::suite_records::{SuiteRecord, SuiteRecordPieces};
use ipmi_core::link::rmcp_plus::window::{SequenceWindow, Verdict};
use ipmi_core::link::session_1_5::{AuthType, Packet15, Password15};

use pcap::{Datagram, captures, datagrams};

/// What was seen in an RMCP+ capture.
#[derive(Debug, Default, PartialEq, Eq)]
struct Seen {
    suite: Option<u8>,
    handshake_proofs: usize,
    authenticated: usize,
    decrypted: usize,
    messages: usize,
    refused: Option<StatusCode>,
    requests: Vec<(u8, u8)>,
    /// The last good answer to Get Device ID.
    device: Option<DeviceId>,
    /// Record bytes that Get SDR gave, pieces in the order they came.
    records: Vec<u8>,
}

#[derive(Default)]
struct Replay {
    seen: Seen,
    algorithms: Option<Algorithms>,
    rakp1: Option<Rakp1>,
    exchange: Option<Exchange>,
    keys: Option<SessionKeys>,
    integrity: Option<Integrity>,
    confidentiality: Option<Confidentiality>,
    windows: [Option<SequenceWindow>; 2],
    console_session_id: u32,
    suite_pieces: SuiteRecordPieces,
}

impl Replay {
    fn take(&mut self, to_bmc: bool, datagram: &[u8]) {
        let user = Key20::new(b"admin").unwrap();
        let (rmcp, body) = RmcpHeader::parse(datagram).unwrap();
        assert_eq!(rmcp.class, RmcpClass::Ipmi);
        if body[0] != 6 {
            let packet = Packet15::parse(body).unwrap();
            IpmbMessage::parse(packet.message).unwrap();
            assert_eq!(packet.emit(), body);
            return;
        }
        let packet = Packet::parse(body, self.integrity.as_ref()).unwrap();
        assert_eq!(packet.emit(self.integrity.as_ref()).unwrap(), body);
        let authentication = self.algorithms.map_or(AuthenticationAlgorithm::None, |a| a.authentication);
        let payload = packet.payload;
        match packet.header.payload_type {
            PayloadType::OpenSessionRequest => {
                let request = OpenSessionRequest::parse(payload).unwrap();
                assert_eq!(request.emit(), payload);
            }
            PayloadType::OpenSessionResponse => match OpenSessionResponse::parse(payload).unwrap() {
                response @ OpenSessionResponse::Accepted { algorithms, console_session_id, .. } => {
                    assert_eq!(response.emit(), payload);
                    self.console_session_id = console_session_id;
                    self.algorithms = Some(algorithms);
                    self.seen.suite = CipherSuite::with(algorithms).map(|suite| suite.0);
                }
                OpenSessionResponse::Refused { status, .. } => self.seen.refused = Some(status),
            },
            PayloadType::Rakp1 => {
                let message = Rakp1::parse(payload).unwrap();
                assert_eq!(message.emit(), payload);
                self.rakp1 = Some(message);
            }
            PayloadType::Rakp2 => match Rakp2::parse(payload, authentication).unwrap().outcome {
                Ok(proof) => {
                    let first = self.rakp1.unwrap();
                    let exchange = Exchange {
                        authentication,
                        console_session_id: self.console_session_id,
                        bmc_session_id: first.bmc_session_id,
                        console_random: first.console_random,
                        bmc_random: proof.bmc_random,
                        guid: proof.guid,
                        role: first.role,
                        user_name: first.user_name,
                    };
                    assert_eq!(exchange.rakp2_code(&user), Ok(proof.code));
                    let wrong = Key20::new(b"wrong").unwrap();
                    assert_ne!(exchange.rakp2_code(&wrong), Ok(proof.code));
                    self.seen.handshake_proofs += 1;
                    self.exchange = Some(exchange);
                }
                Err(status) => self.seen.refused = Some(status),
            },
            PayloadType::Rakp3 => {
                let Ok(code) = Rakp3::parse(payload, authentication).unwrap().outcome else { return };
                assert_eq!(self.exchange.unwrap().rakp3_code(&user), Ok(code.0));
                self.seen.handshake_proofs += 1;
            }
            PayloadType::Rakp4 => {
                let value = Rakp4::parse(payload, authentication).unwrap().outcome.unwrap();
                let (exchange, algorithms) = (self.exchange.unwrap(), self.algorithms.unwrap());
                let keys = exchange.session_keys(&user, None).unwrap();
                assert_eq!(exchange.check_value(&keys), Ok(value.0));
                self.seen.handshake_proofs += 1;
                let integrity = Integrity::new(algorithms.integrity, authentication, &keys, &user);
                let confidentiality = Confidentiality::new(algorithms.confidentiality, authentication, &keys);
                self.integrity = Some(integrity.unwrap());
                self.confidentiality = Some(confidentiality.unwrap());
                self.keys = Some(keys);
            }
            PayloadType::Ipmi => self.message(to_bmc, &packet),
            other => panic!("{other:?}"),
        }
    }

    fn message(&mut self, to_bmc: bool, packet: &Packet<'_>) {
        let confidentiality = self.confidentiality.as_ref().unwrap();
        assert_eq!(packet.header.is_encrypted, confidentiality.is_encrypting());
        self.seen.authenticated += usize::from(packet.header.is_authenticated);
        self.seen.decrypted += usize::from(packet.header.is_encrypted);
        let window = self.windows[usize::from(to_bmc)].get_or_insert_with(|| {
            let mut window = SequenceWindow::rmcp_plus();
            window.resume_at(packet.header.sequence - 1);
            window
        });
        assert_eq!(window.check(packet.header.sequence), Verdict::Accepted);
        assert_eq!(window.check(packet.header.sequence), Verdict::Duplicate);
        let plain = confidentiality.open(packet.payload).unwrap();
        if packet.header.is_encrypted {
            // The same IV must give the same bytes again.
            let iv = packet.payload[..16].try_into().unwrap();
            assert_eq!(confidentiality.seal(&plain, iv).unwrap(), packet.payload);
        }
        let message = IpmbMessage::parse(&plain).unwrap();
        assert_eq!(message.net_fn.is_response(), !to_bmc);
        self.seen.messages += 1;
        if to_bmc {
            self.seen.requests.push((message.net_fn.get(), message.cmd));
            return;
        }
        match (message.net_fn.request().get(), message.cmd, message.data.as_slice()) {
            (0x06, 0x54, [0, _, piece @ ..]) => self.suite_pieces.add(piece).unwrap(),
            (0x06, 0x01, [0, data @ ..]) => self.seen.device = Some(GetDeviceId::parse(data).unwrap()),
            (0x0A, 0x23, [0, _, _, piece @ ..]) => self.seen.records.extend(piece),
            _ => {}
        }
    }
}

fn replay(file: &Path) -> Replay {
    replay_all(datagrams(file))
}

fn replay_all(datagrams: Vec<Datagram>) -> Replay {
    let mut replay = Replay::default();
    for (to_bmc, datagram) in datagrams {
        replay.take(to_bmc, &datagram);
    }
    replay
}

#[test]
fn rmcp_plus_sessions_verify_and_decrypt() {
    let Some(folder) = captures() else { return };
    for (suite, authenticated, encrypted, at_least) in
        [(2, true, false, 8), (3, true, true, 8), (6, false, false, 8), (7, true, false, 2), (8, true, true, 2)]
    {
        let seen = replay(&folder.join(format!("lanplus_c{suite}_mcinfo.pcap"))).seen;
        println!("suite {suite}: {seen:?}");
        assert_eq!((seen.suite, seen.handshake_proofs, seen.refused), (Some(suite), 3, None));
        assert!(seen.messages >= at_least, "{seen:?}");
        assert_eq!(seen.authenticated, if authenticated { seen.messages } else { 0 });
        assert_eq!(seen.decrypted, if encrypted { seen.messages } else { 0 });
        assert_eq!(seen.requests[0], (0x06, 0x3B), "Set Session Privilege Level comes first");
    }
}

#[test]
fn a_long_session_and_the_suites_it_lists() {
    let Some(folder) = captures() else { return };
    let seen = replay(&folder.join("lanplus_c3_sdr_elist.pcap")).seen;
    assert!(seen.messages > 500 && seen.decrypted == seen.messages, "{}", seen.messages);

    let listed = replay(&folder.join("lanplus_ciphers.pcap")).suite_pieces;
    let records = SuiteRecord::parse_all(listed.bytes()).unwrap();
    assert!(records.len() >= 12, "{records:?}");
    for record in records {
        let expected = record.suite.algorithms().unwrap();
        assert_eq!(record.combinations().collect::<Vec<_>>(), [expected], "{:?}", record.suite);
    }
}

#[test]
fn handshakes_that_lead_nowhere() {
    let Some(folder) = captures() else { return };
    let suite_12 = replay(&folder.join("lanplus_c12_mcinfo.pcap")).seen;
    assert_eq!((suite_12.suite, suite_12.handshake_proofs, suite_12.messages), (Some(12), 3, 0));
    let suite_16 = replay(&folder.join("lanplus_c16_mcinfo.pcap")).seen;
    assert_eq!(suite_16.refused, Some(StatusCode::INVALID_AUTHENTICATION_ALGORITHM));
    let freeipmi = replay(&folder.join("freeipmi20_i3_nowork.pcap")).seen;
    assert_eq!((freeipmi.suite, freeipmi.handshake_proofs), (Some(3), 0));
}

#[test]
fn changed_packets_are_told() {
    let Some(folder) = captures() else { return };
    let mut state = Replay::default();
    for (to_bmc, datagram) in datagrams(&folder.join("lanplus_c3_mcinfo.pcap")) {
        if let (Some(integrity), 6) = (&state.integrity, datagram[4]) {
            let mut bad = datagram[4..].to_vec();
            bad[20] ^= 1;
            assert_eq!(Packet::parse(&bad, Some(integrity)), Err(SecurityError::Mismatch("integrity code")));
        }
        state.take(to_bmc, &datagram);
    }
    assert!(state.keys.is_some());
}

/// Number of packets with an authentication code that fits `password`, and of those with another one.
fn authenticity_1_5(file: &Path, password: &[u8]) -> (usize, usize) {
    let password = Password15::new(password).unwrap();
    let (mut right, mut wrong) = (0, 0);
    for (_, datagram) in datagrams(file) {
        let (rmcp, body) = RmcpHeader::parse(&datagram).unwrap();
        if rmcp.class == RmcpClass::Asf {
            assert_eq!(AsfMessage::parse(body).unwrap().emit(), body);
            continue;
        }
        let packet = Packet15::parse(body).unwrap();
        assert_eq!(packet.emit(), body, "legacy pad");
        IpmbMessage::parse(packet.message).unwrap();
        match packet.auth_type {
            AuthType::None => {}
            _ if packet.is_authentic(&password) => right += 1,
            _ => wrong += 1,
        }
    }
    (right, wrong)
}

#[test]
fn ipmi_1_5_authentication_codes() {
    let Some(folder) = captures() else { return };
    let (right, wrong) = authenticity_1_5(&folder.join("lan15_md5_mcinfo.pcap"), b"admin");
    assert!(right >= 16 && wrong == 0, "{right} right, {wrong} wrong");
    let (right, wrong) = authenticity_1_5(&folder.join("lan15_channel_info.pcap"), b"admin");
    assert!(right >= 16 && wrong == 0, "{right} right, {wrong} wrong");
    let (right, wrong) = authenticity_1_5(&folder.join("lan15_bad_password.pcap"), b"wrong");
    assert!(right >= 1, "{right} right, {wrong} wrong");
}

/// What the tool printed for a field of its text: `Device ID                 : 32`.
fn printed(text: &str, field: &str) -> String {
    let line = text.lines().find(|line| line.split_once(':').is_some_and(|(name, _)| name.trim() == field));
    line.unwrap_or_else(|| panic!("no {field} in {text}")).split_once(':').unwrap().1.trim().to_owned()
}

/// The plaintext is what the tool printed from it.
fn assert_printed(device: &DeviceId, text: &str) {
    assert_eq!(printed(text, "Device ID"), device.device_id.to_string());
    assert_eq!(printed(text, "Device Revision"), device.device_revision.to_string());
    assert_eq!(printed(text, "Manufacturer ID"), device.manufacturer.to_string());
    let product = printed(text, "Product ID");
    assert_eq!(product.split(' ').next(), Some(device.product.to_string().as_str()));
}

#[test]
fn the_plaintext_is_what_ipmitool_printed() {
    let Some(folder) = captures() else { return };
    let text = |name: &str| fs::read_to_string(folder.join(name).with_extension("txt")).unwrap();
    for suite in [2, 3, 6] {
        let name = format!("lanplus_c{suite}_mcinfo");
        let file = folder.join(&name).with_extension("pcap");
        assert_printed(&replay(&file).seen.device.unwrap(), &text(&name));
    }
    let mut device = None;
    for (_, datagram) in datagrams(&folder.join("lan15_md5_mcinfo.pcap")) {
        device = device_in_1_5(&datagram).or(device);
    }
    assert_printed(&device.unwrap(), &text("lan15_md5_mcinfo"));

    // Every sensor printed has its name in the records that went over the wire.
    let records = replay(&folder.join("lanplus_c3_sdr_elist.pcap")).seen.records;
    let text = text("lanplus_c3_sdr_elist");
    let names: Vec<_> = text.lines().filter_map(|line| Some(line.split_once('|')?.0.trim())).collect();
    assert!(names.len() > 10, "{names:?}");
    for name in names {
        // Names that ran over the end of a piece are cut there.
        let start = &name.as_bytes()[..name.len().min(4)];
        assert!(records.windows(start.len()).any(|window| window == start), "{name}");
    }
}

fn device_in_1_5(datagram: &[u8]) -> Option<DeviceId> {
    let (rmcp, body) = RmcpHeader::parse(datagram).unwrap();
    let packet = (rmcp.class == RmcpClass::Ipmi).then(|| Packet15::parse(body).unwrap())?;
    let message = IpmbMessage::parse(packet.message).unwrap();
    match (message.net_fn.get(), message.cmd, message.data.as_slice()) {
        (0x07, 0x01, [0, data @ ..]) => Some(GetDeviceId::parse(data).unwrap()),
        _ => None,
    }
}

/// FreeIPMI's sessions with ipmi_sim: `bmc-info --get-device-id`, recorded by a relay.
#[test]
fn sessions_of_freeipmi_decode_to_what_it_printed() {
    let printed = "Device ID : 32\nDevice Revision : 1\nManufacturer ID : 674\nProduct ID : 256\n";
    for (text, authenticated, encrypted) in [
        (include_str!("sessions/freeipmi_suite_1.txt"), 0, 0),
        (include_str!("sessions/freeipmi_suite_2.txt"), 6, 0),
        (include_str!("sessions/freeipmi_suite_3.txt"), 6, 6),
    ] {
        let seen = replay_all(recorded(text)).seen;
        assert_eq!((seen.handshake_proofs, seen.messages), (3, 6));
        assert_eq!((seen.authenticated, seen.decrypted), (authenticated, encrypted));
        assert_eq!(seen.requests, [(0x06, 0x3B), (0x06, 0x01), (0x06, 0x3C)]);
        assert_printed(&seen.device.unwrap(), printed);
    }
    let password = Password15::new(b"admin").unwrap();
    for (text, auth_type) in [
        (include_str!("sessions/freeipmi_1_5_md2.txt"), AuthType::Md2),
        (include_str!("sessions/freeipmi_1_5_md5.txt"), AuthType::Md5),
    ] {
        let (mut device, mut authentic) = (None, 0);
        for (_, datagram) in recorded(text) {
            let packet = Packet15::parse(&datagram[4..]).unwrap();
            if packet.auth_type == auth_type {
                assert!(packet.is_authentic(&password));
                authentic += 1;
            }
            device = device_in_1_5(&datagram).or(device);
        }
        assert!(authentic >= 6, "{authentic}");
        assert_printed(&device.unwrap(), printed);
    }
}

fn recorded(text: &str) -> Vec<Datagram> {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines.map(|line| (line.starts_with('>'), ipmi_core::text::hex_bytes(&line[2..]).unwrap())).collect()
}

/// A session with a BMC whose password is not known: what follows from its SIK.
#[test]
fn keys_of_a_real_bmc() {
    let Some(folder) = captures() else { return };
    let text = fs::read_to_string(folder.join("real_dell_rakp_keys.txt")).unwrap();
    let value = |name: &str| {
        let line = text.lines().find(|line| line.split_whitespace().next() == Some(name)).unwrap();
        line.split_whitespace().nth(1).unwrap().to_owned()
    };
    let bytes = |name: &str| -> Vec<u8> {
        let hex = value(name);
        (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
    };
    let number = |name: &str| u32::from_str_radix(value(name).trim_start_matches("0x"), 16).unwrap();
    let authentication = AuthenticationAlgorithm::HmacSha1;
    let exchange = Exchange {
        authentication,
        console_session_id: number("console_sid"),
        bmc_session_id: number("bmc_sid"),
        console_random: bytes("console_random").try_into().unwrap(),
        bmc_random: bytes("bmc_random").try_into().unwrap(),
        guid: bytes("bmc_guid").try_into().unwrap(),
        role: Role(u8::try_from(number("role")).unwrap()),
        user_name: UserName::new(value("user").as_bytes()).unwrap(),
    };
    let sik = Code::parse("SIK", &bytes("sik"), 20).unwrap();
    let keys = SessionKeys::from_sik(authentication, sik).unwrap();
    assert_eq!(keys.k1().as_bytes(), bytes("k1"));
    assert_eq!(keys.k2().as_bytes(), bytes("k2"));
    assert_eq!(exchange.check_value(&keys).unwrap().as_bytes(), bytes("rakp4_icv"));
}
