//! A BMC for the tests of the console, computed from the formulas of IPMI 2.0 s13.17-s13.32, with deviations to order.
// This is test code: it may panic.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use super::Quirks;
use super::message::{outside as outside_1_5, outside_rmcp_plus};
use crate::link::ipmb::IpmbMessage;
use crate::link::rmcp::RmcpHeader;
use crate::link::rmcp_plus::cipher_suite::{Algorithms, AuthenticationAlgorithm, CipherSuite};
use crate::link::rmcp_plus::confidentiality::Confidentiality;
use crate::link::rmcp_plus::header::{Packet, PayloadType, SessionHeader};
use crate::link::rmcp_plus::integrity::Integrity;
use crate::link::rmcp_plus::keys::{Exchange, Key20};
use crate::link::rmcp_plus::open_session::{OpenSessionRequest, OpenSessionResponse};
use crate::link::rmcp_plus::rakp::{BmcProof, CheckValue, Rakp1, Rakp2, Rakp3, Rakp4, Role, UserName};
use crate::link::rmcp_plus::status::StatusCode;
use crate::link::rmcp_plus::suite_records::SuiteRecord;
use crate::link::session_1_5::{AuthType, Packet15, Password15};
use crate::{CompletionCode, Response};

const BMC_ID: u32 = 0x0403_0201;
const TEMPORARY_ID: u32 = 0x11;

pub(super) struct FakeBmc {
    pub(super) password: Vec<u8>,
    pub(super) kg: Vec<u8>,
    /// What it answers with, whatever is asked for.
    pub(super) insists_on: Option<CipherSuite>,
    /// Suites it accepts.
    pub(super) accepts: Vec<u8>,
    /// Suites it lists; `None` ignores the question.
    pub(super) lists: Option<Vec<u8>>,
    /// The answer to Get Channel Authentication Capabilities; `None` ignores the question.
    pub(super) capabilities: Option<[u8; 8]>,
    /// Whether bit 7 of that question is understood.
    pub(super) knows_extended: bool,
    /// The only lookup that finds the user.
    pub(super) name_only: Option<bool>,
    /// Status of RAKP message 2.
    pub(super) rakp2: StatusCode,
    /// Completion code of Set Session Privilege Level.
    pub(super) level: CompletionCode,
    /// Deviations it shows.
    pub(super) shows: Quirks,
    /// With [`Quirks::INTEL20`]: names that are not padded are refused.
    pub(super) wants_padding: bool,
    /// Payload types of answers that get lost, one each time.
    pub(super) loses: Vec<u8>,
    pub(super) algorithms: Algorithms,
    pub(super) rakp1: Option<Rakp1>,
    pub(super) console_id: u32,
    pub(super) exchange: Option<Exchange>,
    pub(super) protection: Option<(Integrity, Confidentiality)>,
    pub(super) auth_type: AuthType,
    pub(super) sequence: u32,
    /// True once a session was closed.
    pub(super) closed: bool,
}

impl Default for FakeBmc {
    fn default() -> Self {
        Self {
            password: b"secret".to_vec(),
            kg: Vec::new(),
            insists_on: None,
            accepts: vec![1, 2, 3, 6, 7, 8, 11, 12, 15, 16, 17, 0],
            lists: None,
            capabilities: Some([1, 0x97, 0x04, 0x03, 0, 0, 0, 0]),
            knows_extended: true,
            name_only: None,
            rakp2: StatusCode::NO_ERRORS,
            level: CompletionCode::OK,
            shows: Quirks::empty(),
            wants_padding: true,
            loses: Vec::new(),
            algorithms: CipherSuite(3).algorithms().unwrap(),
            rakp1: None,
            console_id: 0,
            exchange: None,
            protection: None,
            auth_type: AuthType::None,
            sequence: 0,
            closed: false,
        }
    }
}

fn datagram(body: Vec<u8>) -> Vec<u8> {
    [RmcpHeader::IPMI.emit().to_vec(), body].concat()
}

impl FakeBmc {
    /// What the BMC sends back.
    pub(super) fn answer(&mut self, received: &[u8]) -> Option<Vec<u8>> {
        let body = &received[4..];
        if body[0] != 6 {
            return self.answer_1_5(body);
        }
        let header = Packet::parse_header(body).unwrap();
        let integrity = self.protection.as_ref().map(|(integrity, _)| integrity.clone());
        let packet = Packet::parse(body, integrity.as_ref()).unwrap();
        let (answer_type, payload) = match header.payload_type {
            PayloadType::OpenSessionRequest => (PayloadType::OpenSessionResponse, self.open_session(packet.payload)),
            PayloadType::Rakp1 => (PayloadType::Rakp2, self.rakp2(packet.payload)),
            PayloadType::Rakp3 => (PayloadType::Rakp4, self.rakp4(packet.payload)?),
            PayloadType::Ipmi if header.session_id == 0 => {
                let request = IpmbMessage::parse(packet.payload).unwrap();
                return self.outside(&request).map(|response| outside_rmcp_plus(&request.reply(&response)));
            }
            PayloadType::Ipmi => return Some(self.inside(&packet)),
            other => panic!("{other:?}"),
        };
        if let Some(at) = self.loses.iter().position(|lost| *lost == answer_type.code()) {
            self.loses.remove(at);
            return None;
        }
        let packet = Packet { header: SessionHeader::outside(answer_type), payload: &payload };
        Some(datagram(packet.emit(None).unwrap()))
    }

    fn outside(&self, request: &IpmbMessage) -> Option<Response> {
        match request.cmd {
            0x38 if request.data[0] & 0x80 != 0 && !self.knows_extended => {
                Some(Response::refused(CompletionCode::INVALID_DATA_FIELD))
            }
            0x38 => self.capabilities.map(Response::ok),
            0x39 => Some(Response::ok([&TEMPORARY_ID.to_le_bytes()[..], &[0xC4; 16]].concat())),
            0x54 => {
                let suites = self.lists.as_ref()?;
                let records = suites.iter().filter_map(|suite| SuiteRecord::standard(CipherSuite(*suite)));
                let bytes: Vec<u8> = records.flat_map(|record| record.emit()).collect();
                let piece = bytes.chunks(16).nth(usize::from(request.data[2] & 0x3F)).unwrap_or_default();
                Some(Response::ok([&[1], piece].concat()))
            }
            other => panic!("{other:02X}h outside a session"),
        }
    }

    fn open_session(&mut self, payload: &[u8]) -> Vec<u8> {
        let request = OpenSessionRequest::parse(payload).unwrap();
        let proposal = request.proposal;
        self.algorithms = Algorithms {
            authentication: proposal.authentication.unwrap(),
            integrity: proposal.integrity.unwrap(),
            confidentiality: proposal.confidentiality.unwrap(),
        };
        let (tag, console_session_id) = (request.tag, request.console_session_id);
        self.console_id = console_session_id;
        self.protection = None;
        let suite = CipherSuite::with(self.algorithms).unwrap();
        if !self.accepts.contains(&suite.0) {
            return vec![tag, StatusCode::NO_MATCHING_CIPHER_SUITE.0];
        }
        let insisted = self.insists_on.and_then(CipherSuite::algorithms);
        let (max_privilege, algorithms) = (request.max_privilege, insisted.unwrap_or(self.algorithms));
        let accepted = OpenSessionResponse::Accepted {
            tag,
            max_privilege,
            console_session_id,
            bmc_session_id: BMC_ID,
            algorithms,
        };
        accepted.emit()
    }

    /// The key of the user, as this BMC makes it.
    fn user_key(&self) -> Key20 {
        let cut = self.shows.contains(Quirks::INTEL20)
            && self.algorithms.authentication == AuthenticationAlgorithm::HmacMd5
            && self.password.len() > 16;
        Key20::new(if cut { &self.password[..16] } else { &self.password }).unwrap()
    }

    fn rakp2(&mut self, payload: &[u8]) -> Vec<u8> {
        let first = Rakp1::parse(payload).unwrap();
        self.rakp1 = Some(first);
        let refuse = |status| Rakp2 { tag: first.tag, session_id: self.console_id, outcome: Err(status) }.emit();
        if self.name_only.is_some_and(|only| only != first.role.is_name_only()) {
            return refuse(StatusCode::UNAUTHORIZED_NAME);
        }
        if self.shows.contains(Quirks::INTEL20) && self.wants_padding && first.user_name.length() != 16 {
            return refuse(StatusCode::INVALID_NAME_LENGTH);
        }
        if !self.rakp2.is_ok() {
            return refuse(self.rakp2);
        }
        let exchange = Exchange {
            authentication: self.algorithms.authentication,
            console_session_id: self.console_id,
            bmc_session_id: BMC_ID,
            console_random: first.console_random,
            bmc_random: [0xBB; 16],
            guid: [0x99; 16],
            role: first.role,
            user_name: first.user_name,
        };
        self.exchange = Some(exchange);
        let code = exchange.rakp2_code(&self.user_key()).unwrap();
        let proof = BmcProof { bmc_random: exchange.bmc_random, guid: exchange.guid, code };
        let mut bytes = Rakp2 { tag: first.tag, session_id: self.console_id, outcome: Ok(proof) }.emit();
        if self.shows.intersects(Quirks::SUPERMICRO20 | Quirks::SUN20) {
            bytes.push(0);
        }
        bytes
    }

    fn rakp4(&mut self, payload: &[u8]) -> Option<Vec<u8>> {
        let (authentication, user_key) = (self.algorithms.authentication, self.user_key());
        let exchange = self.exchange.unwrap();
        let Ok(code) = Rakp3::parse(payload, authentication).unwrap().outcome else { return None };
        let (tag, session_id) = (payload[0], self.console_id);
        let intel = self.shows.contains(Quirks::INTEL20);
        let of_code = match exchange.user_name.as_bytes().iter().position(|byte| *byte == 0) {
            Some(end) if intel => {
                let user_name = UserName::new(&exchange.user_name.as_bytes()[..end]).unwrap();
                Exchange { user_name, role: Role(exchange.role.0 & 0x0F), ..exchange }
            }
            _ if intel => Exchange { role: Role(exchange.role.0 & 0x0F), ..exchange },
            _ => exchange,
        };
        if of_code.rakp3_code(&user_key).unwrap() != code.0 {
            let outcome = Err(StatusCode::INVALID_INTEGRITY_CHECK);
            return Some(Rakp4 { tag, session_id, outcome }.emit());
        }
        let bmc_key = Key20::new(&self.kg).unwrap();
        let keys = exchange.session_keys(&user_key, Some(&bmc_key)).unwrap();
        let by_integrity = Exchange { authentication: AuthenticationAlgorithm::HmacSha1, ..exchange };
        let intel = self.shows.contains(Quirks::INTEL20) && self.algorithms.integrity.code() == 1;
        let value = if intel { by_integrity } else { exchange }.check_value(&keys).unwrap();
        let mut bytes = Rakp4 { tag, session_id, outcome: Ok(CheckValue(value)) }.emit();
        if self.shows.contains(Quirks::INTEGRITYCHECKVALUE) {
            bytes.extend([7; 12]);
        }
        let integrity = Integrity::new(self.algorithms.integrity, authentication, &keys, &user_key).unwrap();
        let confidentiality = Confidentiality::new(self.algorithms.confidentiality, authentication, &keys).unwrap();
        self.protection = Some((integrity, confidentiality));
        self.sequence = 0;
        Some(bytes)
    }

    fn inside(&mut self, packet: &Packet<'_>) -> Vec<u8> {
        assert_eq!(packet.header.session_id, BMC_ID);
        let (integrity, confidentiality) = self.protection.as_ref().unwrap();
        assert_eq!(packet.header.is_authenticated, integrity.code_len() > 0);
        assert_eq!(packet.header.is_encrypted, confidentiality.is_encrypting());
        let request = IpmbMessage::parse(&confidentiality.open(packet.payload).unwrap()).unwrap();
        self.closed |= request.cmd == 0x3C;
        let refused = request.cmd == 0x3B && self.level != CompletionCode::OK;
        let response = if refused { Response::refused(self.level) } else { Response::ok([4]) };
        let reply = request.reply(&response).emit();
        self.sequence += 1;
        self.seal(&reply, self.sequence, |_| {})
    }

    /// A packet of the BMC, its header changed by `change`.
    pub(super) fn seal(&self, message: &[u8], sequence: u32, change: impl Fn(&mut SessionHeader)) -> Vec<u8> {
        let (integrity, confidentiality) = self.protection.as_ref().unwrap();
        let mut header = SessionHeader {
            payload_type: PayloadType::Ipmi,
            is_encrypted: confidentiality.is_encrypting(),
            is_authenticated: integrity.code_len() > 0,
            session_id: self.console_id,
            sequence,
        };
        change(&mut header);
        let payload = confidentiality.seal(message, [0x1F; 16]).unwrap();
        datagram(Packet { header, payload: &payload }.emit(Some(integrity)).unwrap())
    }

    fn answer_1_5(&mut self, body: &[u8]) -> Option<Vec<u8>> {
        let packet = Packet15::parse(body).unwrap();
        let request = IpmbMessage::parse(packet.message).unwrap();
        if packet.session_id == 0 && packet.auth_type == AuthType::None && !matches!(request.cmd, 0x3A | 0x3B) {
            return self.outside(&request).map(|response| outside_1_5(&request.reply(&response)));
        }
        let password = Password15::new(&self.password).unwrap();
        let id = if self.shows.contains(Quirks::IDZERO) { 0 } else { BMC_ID };
        if !packet.is_authentic(&password) {
            return None;
        }
        let mut sequence = 0;
        if request.cmd == 0x3A {
            assert_eq!((packet.session_id, packet.sequence), (TEMPORARY_ID, 0));
            self.auth_type = packet.auth_type;
            self.sequence = u32::from_le_bytes(request.data[18..22].try_into().unwrap());
        } else {
            assert_eq!((packet.session_id, packet.auth_type), (id, self.inside_type()));
            sequence = self.sequence;
            self.sequence += 1;
        }
        let response = if request.cmd == 0x3A {
            let mut data = vec![packet.auth_type.code()];
            data.extend(id.to_le_bytes());
            data.extend([9, 0, 0, 0, 4]);
            Response::ok(data)
        } else {
            Response::ok([4])
        };
        let mut reply = request.reply(&response).emit();
        if self.shows.contains(Quirks::NOCHECKSUMCHECK) && request.cmd != 0x3A {
            *reply.last_mut().unwrap() ^= 0x5A;
        }
        let excess = self.shows.contains(Quirks::UNEXPECTEDAUTH);
        let auth_type = if request.cmd == 0x3A || excess { self.auth_type } else { self.inside_type() };
        let on_wire = if self.shows.contains(Quirks::ENDIANSEQ) { sequence.swap_bytes() } else { sequence };
        let mut sealed = Packet15::sealed(auth_type, on_wire, id, &reply, &password).unwrap();
        if self.shows.contains(Quirks::NOAUTHCODECHECK) {
            sealed.auth_code = [0xEE; 16];
        }
        Some(datagram(sealed.emit()))
    }

    /// How messages after the activation are authenticated.
    fn inside_type(&self) -> AuthType {
        let off =
            self.capabilities.is_some_and(|caps| caps[2] & 0x10 != 0) && !self.shows.contains(Quirks::FORCEPERMSG);
        if off { AuthType::None } else { self.auth_type }
    }
}
