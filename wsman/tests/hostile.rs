//! Any bytes: the engine answers, never panics, and what it answers is XML.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "test code")]

mod common;

use std::sync::LazyLock;
use std::time::Instant;

use cim::{Access, Identity};
use proptest::prelude::*;
use wsman::soap::{XmlWriter, parse};
use wsman::{Engine, EngineConfig};

static ENGINE: LazyLock<Engine> = LazyLock::new(|| Engine::new(common::broker(), EngineConfig::default()));

const REQUEST: &str = "<s:Envelope xmlns:s='http://www.w3.org/2003/05/soap-envelope' \
    xmlns:a='http://schemas.xmlsoap.org/ws/2004/08/addressing' xmlns:w='http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd' \
    xmlns:n='http://schemas.xmlsoap.org/ws/2004/09/enumeration'><s:Header><a:To>http://x</a:To><w:ResourceURI>\
    http://schemas.microsoft.com/wbem/wsman/1/wmi/root/hardware/*</w:ResourceURI><a:Action>\
    http://schemas.xmlsoap.org/ws/2004/09/enumeration/Enumerate</a:Action><a:MessageID>uuid:1</a:MessageID>\
    <w:OperationTimeout>PT5S</w:OperationTimeout></s:Header><s:Body><n:Enumerate><w:OptimizeEnumeration/>\
    <w:MaxElements>3</w:MaxElements><w:Filter Dialect='http://schemas.microsoft.com/wbem/wsman/1/WQL'>\
    SELECT Name FROM Fan WHERE Reading &gt; 5 AND Name LIKE '%1'</w:Filter></n:Enumerate></s:Body></s:Envelope>";

fn answer(bytes: &[u8]) -> u16 {
    let identity = Identity { user: "x".into(), access: Access::Full };
    let reply = ENGINE.handle(bytes, Some("application/soap+xml"), Some(&identity), Instant::now());
    let (text, _) = wsman::soap::Charset::Utf8.decode(&reply.body).unwrap();
    parse(&text).unwrap();
    reply.status
}

proptest! {
    #[test]
    fn any_bytes_are_answered(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        prop_assert!(answer(&bytes) >= 400);
    }

    #[test]
    fn requests_with_bytes_changed_are_answered(
        changes in proptest::collection::vec((0..REQUEST.len(), any::<u8>()), 1..6)
    ) {
        let mut bytes = REQUEST.as_bytes().to_vec();
        changes.into_iter().for_each(|(at, byte)| bytes[at] = byte);
        answer(&bytes);
    }

    #[test]
    fn any_text_survives_writing_and_reading(text in "[^\u{0}-\u{8}\u{B}\u{C}\u{E}-\u{1F}\u{FFFE}\u{FFFF}]*") {
        let mut xml = XmlWriter::new();
        xml.start("a").attribute("b", &text).text(&text).end("a");
        let root = parse(&xml.finish()).unwrap();
        prop_assert_eq!(&*root.text(), text.as_str());
        prop_assert_eq!(root.attribute("", "b"), Some(text.as_str()));
    }
}

#[test]
fn the_request_itself_is_good() {
    assert_eq!(answer(REQUEST.as_bytes()), 200);
}
