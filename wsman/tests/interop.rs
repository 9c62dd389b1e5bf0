//! Requests as other clients write them (go-wsman, openwsman, OMI, pywinrm), and what they rely on in the reply.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

mod common;

use std::time::Instant;

use cim::{Access, Identity};
use wsman::{Engine, EngineConfig, ns};

const WMI: &str = "http://schemas.microsoft.com/wbem/wsman/1/wmi/root/hardware";
const DMTF: &str = "http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2";
const ENUMERATION: &str = "http://schemas.xmlsoap.org/ws/2004/09/enumeration";
const WQL: &str = "http://schemas.microsoft.com/wbem/wsman/1/WQL";

/// An Enumerate or Pull in the style of go-wsman: SOAP is the default namespace, attributes are unqualified.
fn envelope(action: &str, uri: &str, id: &str, headers: &str, body: &str) -> String {
    format!(
        "<?xml version='1.0' encoding='utf-8'?><Envelope xmlns='{}' xmlns:a='{}' xmlns:w='{}' xmlns:b='{}'><Header>\
         <a:Action mustUnderstand='true'>{ENUMERATION}/{action}</a:Action><a:To>/wsman</a:To>\
         <w:ResourceURI mustUnderstand='true'>{uri}</w:ResourceURI><a:MessageID>{id}</a:MessageID>{headers}</Header>\
         <Body>{body}</Body></Envelope>",
        ns::SOAP.uri,
        ns::ADDRESSING.uri,
        ns::WSMAN.uri,
        ns::CIM_BINDING.uri,
    )
}

fn engine() -> Engine {
    Engine::new(common::broker(), EngineConfig::default())
}

fn send(engine: &Engine, request: &str) -> (u16, String) {
    let identity = Identity { user: "admin".into(), access: Access::Full };
    let reply = engine.handle(request.as_bytes(), Some("application/soap+xml"), Some(&identity), Instant::now());
    (reply.status, String::from_utf8(reply.body).unwrap())
}

fn enumerate(inner: &str) -> String {
    format!("<n:Enumerate xmlns:n='{ENUMERATION}'>{inner}</n:Enumerate>")
}

fn between<'a>(text: &'a str, start: &str, end: &str) -> &'a str {
    text.split_once(start).unwrap_or_else(|| panic!("{start} in {text}")).1.split_once(end).unwrap().0
}

#[test]
fn message_ids_come_back_as_they_were() {
    let engine = engine();
    for id in ["7", "uuid:aBc", " urn:x ", "a&amp;b&lt;", "\u{4e2d}", "a  b", &"x".repeat(1_000)] {
        let body = format!("<Enumerate xmlns='{ENUMERATION}'/>");
        let (status, text) = send(&engine, &envelope("Enumerate", &format!("{DMTF}/Fan"), id, "", &body));
        assert!(text.contains(&format!("<a:RelatesTo>{id}</a:RelatesTo>")), "{text}");
        assert_eq!(status, 200, "{text}");
    }
}

#[test]
fn pulls_in_the_default_namespace_reach_the_end() {
    let engine = engine();
    let uri = format!("{DMTF}/Fan");
    let body = format!("<Enumerate xmlns='{ENUMERATION}'/>");
    let (_, mut text) = send(&engine, &envelope("Enumerate", &uri, "1", "", &body));
    let mut items = 0;
    for id in 2.. {
        let context = between(&text, "<n:EnumerationContext>", "<");
        let body = format!(
            "<Pull xmlns='{ENUMERATION}'><EnumerationContext>{context}</EnumerationContext><MaxElements>7</MaxElements>\
             <MaxCharacters>99999</MaxCharacters></Pull>"
        );
        let (status, reply) = send(&engine, &envelope("Pull", &uri, &id.to_string(), "", &body));
        assert_eq!(status, 200, "{reply}");
        items += reply.matches("</p:Fan>").count();
        let done = reply.contains("<n:EndOfSequence/>");
        assert_ne!(done, reply.contains("<n:EnumerationContext>"), "one or the other: {reply}");
        text = reply;
        if done {
            break;
        }
    }
    assert_eq!(items, usize::from(common::FANS));
}

#[test]
fn a_query_with_a_namespace_selector() {
    let headers = "<w:SelectorSet><w:Selector Name='__cimnamespace'>root/hardware</w:Selector></w:SelectorSet>";
    let body = enumerate(&format!(
        "<w:OptimizeEnumeration/><w:MaxElements>3</w:MaxElements><w:Filter Dialect='{WQL}'>select * from Fan</w:Filter>\
         <b:PolymorphismMode>IncludeSubClassProperties</b:PolymorphismMode>"
    ));
    let (status, text) = send(&engine(), &envelope("Enumerate", &format!("{WMI}/*"), "1", headers, &body));
    assert_eq!((status, text.matches("</p:Fan>").count()), (200, 3), "{text}");
    let other = headers.replace("root/hardware", "root/cimv2");
    let (status, text) = send(&engine(), &envelope("Enumerate", &format!("{WMI}/*"), "1", &other, &body));
    assert_eq!((status, between(&text, "Code=\"", "\"")), (500, "2150859067"), "{text}");
}

#[test]
fn enumerations_grant_what_they_keep() {
    let engine = engine();
    let ask = |inner: &str| send(&engine, &envelope("Enumerate", &format!("{WMI}/Fan"), "1", "", &enumerate(inner)));
    for (asked, granted) in [("PT1M", "PT1M"), ("P1Y", "PT86400.000S")] {
        let (_, text) = ask(&format!("<n:Expires>{asked}</n:Expires>"));
        assert_eq!(between(&text, "<n:Expires>", "<"), granted);
    }
    let most = |text: &str| ask(&format!("<w:OptimizeEnumeration/><w:MaxElements>{text}</w:MaxElements>"));
    for all in ["32000", "+32000", "0032000", "99999999999999999999"] {
        assert!(most(all).1.contains("<w:EndOfSequence/>"), "{all}");
    }
    for wrong in ["0", "00", "-1", "", "1.5"] {
        let (status, text) = most(wrong);
        assert_eq!((status, between(&text, "Code=\"", "\"")), (500, "2150858817"), "{wrong}");
    }
}

#[test]
fn class_definitions_are_refused_not_left_out() {
    let body = enumerate(&format!("<w:Filter Dialect='{WQL}'>SELECT * FROM meta_class</w:Filter>"));
    let (status, text) = send(&engine(), &envelope("Enumerate", &format!("{WMI}/*"), "1", "", &body));
    assert_eq!((status, between(&text, "Code=\"", "\"")), (500, "2150858778"), "{text}");
    assert!(text.contains("HRESULT 0x8004100c"), "{text}");
}
