//! Datagrams of IPMI over LAN: RMCP, ASF, IPMI 1.5 packets, RMCP+ payloads of the handshake, cipher suite records, SOL.
#![no_main]

use ipmi_core::link::asf::AsfMessage;
use ipmi_core::link::rmcp::RmcpHeader;
use ipmi_core::link::rmcp_plus::cipher_suite::AuthenticationAlgorithm;
use ipmi_core::link::rmcp_plus::header::Packet;
use ipmi_core::link::rmcp_plus::open_session::{OpenSessionRequest, OpenSessionResponse};
use ipmi_core::link::rmcp_plus::rakp::{Rakp1, Rakp2, Rakp3, Rakp4};
use ipmi_core::link::rmcp_plus::suite_records::SuiteRecord;
use ipmi_core::link::session_1_5::{Packet15, Password15};
use ipmi_core::link::sol::{BmcPayload, ConsolePayload};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let _ = RmcpHeader::parse(data);
    let _ = AsfMessage::parse(data);
    if let Ok(packet) = Packet15::parse(data) {
        assert_eq!(Packet15::parse(&packet.emit()), Ok(packet));
        let _ = Password15::new(b"x").map(|password| packet.is_authentic(&password));
    }
    let _ = Packet::parse_header(data);
    let _ = Packet::parse(data, None);
    let _ = OpenSessionRequest::parse(data);
    let _ = OpenSessionResponse::parse(data);
    let _ = Rakp1::parse(data);
    for algorithm in [
        AuthenticationAlgorithm::None,
        AuthenticationAlgorithm::HmacSha1,
        AuthenticationAlgorithm::HmacMd5,
        AuthenticationAlgorithm::HmacSha256,
    ] {
        let _ = Rakp2::parse(data, algorithm);
        let _ = Rakp3::parse(data, algorithm);
        let _ = Rakp4::parse(data, algorithm);
    }
    for record in SuiteRecord::parse_all(data).unwrap_or_default() {
        assert!(record.combinations().count() <= data.len() * data.len() * data.len());
    }
    let _ = ConsolePayload::parse(data);
    let _ = BmcPayload::parse(data);
});
