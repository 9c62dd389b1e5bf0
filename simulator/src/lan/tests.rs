//! The LAN server in memory: any bytes, floods, silence.

use std::net::SocketAddr;
use std::time::Duration;

use ipmi_core::link::rmcp_plus::cipher_suite::CipherSuite;
use ipmi_core::link::rmcp_plus::open_session::{MaxPrivilege, OpenSessionRequest};
use ipmi_core::{Privilege, SlaveAddress};
use proptest::prelude::*;

use super::*;
use crate::Options;

const NOW: Duration = Duration::from_secs(1_700_000_000);

fn console(port: u16) -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], port))
}

struct Pair {
    bmc: Bmc,
    server: LanServer,
}

impl Pair {
    fn new() -> Self {
        Self { bmc: Bmc::builtin(&Options { freeze: true, seed: 1 }, NOW), server: LanServer::seeded(1) }
    }

    fn ask(&mut self, datagram: &[u8], now: Duration) -> Vec<Vec<u8>> {
        self.server.handle_datagram(&mut self.bmc, console(4000), datagram, now);
        std::iter::from_fn(|| self.server.poll_transmit()).map(|(_, datagram)| datagram).collect()
    }
}

fn message(cmd: u8, data: &[u8]) -> Vec<u8> {
    IpmbMessage {
        responder: SlaveAddress::BMC,
        net_fn: NetFn::APP,
        responder_lun: ipmi_core::Lun::BMC,
        requester: SlaveAddress(0x81),
        requester_lun: ipmi_core::Lun::BMC,
        sequence: 1,
        cmd,
        data: data.to_vec(),
    }
    .emit()
}

fn packet_15(auth_type: AuthType, sequence: u32, session: u32, message: &[u8], password: &[u8]) -> Vec<u8> {
    let password = Password15::new(password).unwrap();
    link::datagram(&Packet15::sealed(auth_type, sequence, session, message, &password).unwrap())
}

fn open_request(tag: u8) -> Vec<u8> {
    let request = OpenSessionRequest {
        tag,
        max_privilege: MaxPrivilege::HIGHEST,
        console_session_id: 0xA0,
        proposal: CipherSuite(3).algorithms().unwrap().into(),
    };
    let payload = request.emit();
    let packet = Packet { header: SessionHeader::outside(PayloadType::OpenSessionRequest), payload: &payload };
    link::plus_datagram(&packet, None).unwrap()
}

/// Asks for a challenge: the temporary session id, and the data of the Activate Session that answers it.
fn challenge(pair: &mut Pair) -> (u32, Vec<u8>) {
    let mut data = vec![2];
    data.extend(b"admin\0\0\0\0\0\0\0\0\0\0\0");
    let reply = pair.ask(&packet_15(AuthType::None, 0, 0, &message(0x39, &data), b""), NOW).remove(0);
    let reply = Packet15::parse(&reply[4..]).unwrap().message[7..].to_vec();
    let temporary = u32::from_le_bytes(reply[..4].try_into().unwrap());
    let mut data = vec![2, 4];
    data.extend(&reply[4..20]);
    data.extend(7u32.to_le_bytes());
    (temporary, data)
}

/// Log-in with MD5; session id and the first sequence number.
fn log_in(pair: &mut Pair) -> (u32, u32) {
    let (temporary, data) = challenge(pair);
    let activate = packet_15(AuthType::Md5, 0, temporary, &message(0x3A, &data), b"admin");
    let reply = pair.ask(&activate, NOW).remove(0);
    let packet = Packet15::parse(&reply[4..]).unwrap();
    assert!(packet.is_authentic(&Password15::new(b"admin").unwrap()));
    let reply = &packet.message[6..];
    assert_eq!((reply[0], reply[1], reply[10]), (0, 2, 4));
    let word = |at: usize| u32::from_le_bytes(reply[at..at + 4].try_into().unwrap());
    (word(2), word(6))
}

#[test]
fn commands_without_a_session() {
    let mut pair = Pair::new();
    let golden = [
        6, 0, 0xFF, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 16, 0x81, 0x1C, 0x63, 0x20, 0x04, 0x38, 0, 1, 0x97, 4, 3, 0, 0, 0, 0,
        5,
    ];
    let ask = packet_15(AuthType::None, 0, 0, &message(0x38, &[0x8E, 4]), b"");
    assert_eq!(pair.ask(&ask, NOW), [golden]);
    for cmd in [0x01, 0x3B, 0x3D, 0x34] {
        let ask = packet_15(AuthType::None, 0, 0, &message(cmd, &[]), b"");
        assert!(pair.ask(&ask, NOW).is_empty(), "{cmd:02X}h");
    }
}

#[test]
fn sequence_numbers_passwords_and_silence() {
    let mut pair = Pair::new();
    let (session, first) = log_in(&mut pair);
    let ask = packet_15(AuthType::Md5, first, session, &message(0x01, &[]), b"admin");
    assert_eq!(pair.ask(&ask, NOW).len(), 1);
    assert!(pair.ask(&ask, NOW).is_empty(), "a packet counts once");
    let next = first.wrapping_add(1);
    let forged = packet_15(AuthType::Md5, next, session, &message(0x01, &[]), b"Admin");
    let plain = packet_15(AuthType::None, next, session, &message(0x01, &[]), b"");
    let far = packet_15(AuthType::Md5, next + 100, session, &message(0x01, &[]), b"admin");
    for wrong in [forged, plain, far] {
        assert!(pair.ask(&wrong, NOW).is_empty());
    }
    let good = packet_15(AuthType::Md5, next, session, &message(0x01, &[]), b"admin");
    assert_eq!(pair.ask(&good, NOW).len(), 1);
    let due = pair.server.poll_timeout().unwrap();
    assert_eq!(due, NOW + INACTIVITY);
    pair.server.handle_timeout(&mut pair.bmc, due);
    assert_eq!((pair.bmc.sessions.active(), pair.server.poll_timeout()), (0, None));
}

#[test]
fn a_flood_of_log_ins_leaves_sessions_alone() {
    let mut pair = Pair::new();
    let (session, first) = log_in(&mut pair);
    for tag in 0..=255 {
        assert_eq!(pair.ask(&open_request(tag), NOW).len(), 1);
    }
    assert!(pair.server.handshakes.len() <= 32);
    let ask = packet_15(AuthType::Md5, first, session, &message(0x01, &[]), b"admin");
    assert_eq!(pair.ask(&ask, NOW).len(), 1);
    pair.server.handle_timeout(&mut pair.bmc, NOW + Duration::from_secs(60));
    assert_eq!(pair.server.handshakes.len(), 0);
}

#[test]
fn sessions_beyond_the_slots_are_refused() {
    let mut pair = Pair::new();
    for _ in 0..pair.bmc.sessions.limit() {
        log_in(&mut pair);
    }
    let refused = pair.ask(&open_request(1), NOW).remove(0);
    assert_eq!(refused[16..18], [1, 0x01]);
}

#[test]
fn system_software_reaches_a_console() {
    let mut pair = Pair::new();
    let (session, _) = log_in(&mut pair);
    let handle = pair.bmc.sessions.get(session).unwrap().handle;
    let mut data = vec![channel::LAN, handle];
    data.extend(message(0x01, &[]));
    assert!(pair.bmc.handle(&ipmi_core::Request::new(NetFn::APP, 0x34, data), NOW).code.0 == 0);
    pair.server.sync(&mut pair.bmc, NOW);
    let (to, datagram) = pair.server.poll_transmit().unwrap();
    assert_eq!(to, console(4000));
    assert_eq!(Packet15::parse(&datagram[4..]).unwrap().message, message(0x01, &[]));
    assert_eq!(pair.bmc.sessions.get(session).unwrap().limit, Privilege::Administrator);
}

#[test]
fn reserved_authentication_types_are_refused() {
    let mut pair = Pair::new();
    for auth_type in 0..=u8::MAX {
        let mut data = vec![auth_type];
        data.extend(b"admin\0\0\0\0\0\0\0\0\0\0\0");
        let reply = pair.ask(&packet_15(AuthType::None, 0, 0, &message(0x39, &data), b""), NOW).remove(0);
        let code = Packet15::parse(&reply[4..]).unwrap().message[6];
        assert_eq!(code, if matches!(auth_type & 0xF, 0 | 1 | 2 | 4) { 0 } else { 0xCC }, "{auth_type:02X}h");
    }
}

/// Somebody who has a challenge could go on guessing otherwise: only the right password is answered.
#[test]
fn a_locked_out_user_gets_no_word_on_its_password() {
    let mut pair = Pair::new();
    // LAN parameter 26: two bad passwords lock out for 10 s.
    let set = [1, 26, 0, 2, 0, 0, 1, 0];
    assert_eq!(pair.bmc.handle(&ipmi_core::Request::new(NetFn::TRANSPORT, 0x01, set), NOW).code.0, 0);
    let (temporary, data) = challenge(&mut pair);
    for password in [&b"a"[..], b"b", b"c", b"admin"] {
        let activate = packet_15(AuthType::Md5, 0, temporary, &message(0x3A, &data), password);
        assert!(pair.ask(&activate, NOW).is_empty(), "{password:?}");
    }
    assert_eq!(pair.bmc.sessions.active(), 0);
    let later = NOW + Duration::from_secs(11);
    let activate = packet_15(AuthType::Md5, 0, temporary, &message(0x3A, &data), b"admin");
    assert_eq!(pair.ask(&activate, later).len(), 1);
}

/// SOL that was activated without authentication can be forged from the console's address only, and moves nothing.
#[test]
fn a_plain_packet_does_not_move_a_session() {
    use ipmi_core::link::rmcp_plus::confidentiality::Confidentiality;
    use ipmi_core::link::rmcp_plus::integrity::Integrity;
    use ipmi_core::link::rmcp_plus::keys::{Code, Key20, SessionKeys};

    let mut pair = Pair::new();
    let algorithms = CipherSuite(3).algorithms().unwrap();
    let sik = Code::parse("SIK", &[5; 20], 20).unwrap();
    let keys = SessionKeys::from_sik(algorithms.authentication, sik).unwrap();
    let key = Key20::new(b"admin").unwrap();
    let integrity = Integrity::new(algorithms.integrity, algorithms.authentication, &keys, &key).unwrap();
    let confidentiality = Confidentiality::new(algorithms.confidentiality, algorithms.authentication, &keys).unwrap();
    let (id, peer) = (0x55, console(4000));
    let new = crate::session::NewSession {
        id,
        user: 2,
        privilege: Privilege::Administrator,
        limit: Privilege::Administrator,
        channel: channel::LAN,
        rmcp_plus: true,
        peer: crate::session::Peer::Lan(peer),
    };
    pair.bmc.sessions.open(new).unwrap();
    let plus = link::LinkPlus {
        console_session_id: 0xA0,
        integrity,
        confidentiality,
        authenticated: link::Numbers::new(),
        plain: link::Numbers::new(),
        opened_by: (Vec::new(), Vec::new()),
    };
    pair.server.links.insert(id, Link { peer, heard: NOW, kind: Kind::Plus(Box::new(plus)) });
    let activation = crate::store::payload::Activation { session: id, encrypted: false, authenticated: false };
    let sol = (crate::store::payload::SOL, crate::store::payload::SOL_INSTANCES);
    pair.bmc.settings.payloads.active.insert(sol, activation);
    pair.server.sync(&mut pair.bmc, NOW);
    while pair.server.poll_transmit().is_some() {}
    let header = SessionHeader { session_id: id, sequence: 1, ..SessionHeader::outside(PayloadType::Sol) };
    let typed = link::plus_datagram(&Packet { header, payload: &[1, 0, 0, 0, b'x'] }, None).unwrap();
    for (from, answers) in [(console(6666), false), (peer, true)] {
        pair.server.handle_datagram(&mut pair.bmc, from, &typed, NOW);
        let to: Vec<_> = std::iter::from_fn(|| pair.server.poll_transmit()).map(|(to, _)| to).collect();
        assert!(to.iter().all(|to| *to == peer) && to.is_empty() != answers, "{from}: {to:?}");
        assert_eq!(pair.server.links[&id].peer, peer);
    }
}

proptest! {
    #[test]
    fn any_message_with_right_checksums_is_answered_or_dropped(
        cmd in any::<u8>(), data in proptest::collection::vec(any::<u8>(), 0..24), auth_type in 0..8u8,
    ) {
        let mut pair = Pair::new();
        let outside = packet_15(AuthType::None, 0, 0, &message(cmd, &data), b"");
        prop_assert!(pair.ask(&outside, NOW).len() <= 1);
        let (session, first) = log_in(&mut pair);
        let (auth_type, message) = (AuthType::from_code(auth_type), message(cmd, &data));
        let password = Password15::new(b"admin").unwrap();
        let Some(packet) = Packet15::sealed(auth_type, first, session, &message, &password) else { return Ok(()) };
        prop_assert!(pair.ask(&link::datagram(&packet), NOW).len() <= 2);
    }

    #[test]
    fn any_bytes_never_panic_and_answers_are_few(
        bytes in proptest::collection::vec(any::<u8>(), 0..120), kind in 0..4usize, cut in 0..60usize,
    ) {
        let mut pair = Pair::new();
        let head: &[u8] = [&[][..], &[6, 0, 0xFF, 7, 6], &[6, 0, 0xFF, 7, 0, 0, 0, 0, 0], &[6, 0, 0xFF, 6]][kind];
        let datagram = [head, &bytes].concat();
        prop_assert!(pair.ask(&datagram, NOW).len() <= 2);
        let whole = open_request(1);
        pair.ask(&whole[..whole.len().min(cut)], NOW);
    }
}
