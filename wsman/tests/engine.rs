//! The engine over a real broker: every action, every fault a client can cause, byte for byte where clients depend on
//! it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "test code")]

mod common;

use std::time::Instant;

use cim::{Access, Identity};
use wsman::ns;
use wsman::soap::{Element, parse};
use wsman::{Engine, EngineConfig, Reply};

const WMI: &str = "http://schemas.microsoft.com/wbem/wsman/1/wmi/root/hardware";
const TRANSFER: &str = "http://schemas.xmlsoap.org/ws/2004/09/transfer";
const ENUMERATION: &str = "http://schemas.xmlsoap.org/ws/2004/09/enumeration";
const WQL: &str = "http://schemas.microsoft.com/wbem/wsman/1/WQL";

struct Peer {
    engine: Engine,
    identity: Identity,
}

impl Peer {
    fn new() -> Self {
        let engine =
            Engine::new(common::broker(), EngineConfig { machine: "bmc1".to_owned(), ..EngineConfig::default() });
        Self { engine, identity: Identity { user: "admin".into(), access: Access::Full } }
    }

    fn send(&self, action: &str, uri: &str, headers: &str, body: &str) -> Reply {
        let envelope = format!(
            "<s:Envelope xmlns:s='{}' xmlns:a='{}' xmlns:w='{}' xmlns:n='{}' xmlns:b='{}' xmlns:p='{}'><s:Header>\
             <a:To>http://windows-host:5985/wsman</a:To><w:ResourceURI s:mustUnderstand='true'>{uri}</w:ResourceURI>\
             <a:Action>{action}</a:Action><a:MessageID>uuid:0c1D</a:MessageID>{headers}</s:Header><s:Body>{body}</s:Body>\
             </s:Envelope>",
            ns::SOAP.uri,
            ns::ADDRESSING.uri,
            ns::WSMAN.uri,
            ns::ENUMERATION.uri,
            ns::CIM_BINDING.uri,
            ns::MS_WSMAN.uri,
        );
        self.raw(envelope.as_bytes())
    }

    fn raw(&self, bytes: &[u8]) -> Reply {
        self.engine.handle(bytes, Some("application/soap+xml;charset=UTF-8"), Some(&self.identity), Instant::now())
    }

    fn ok(&self, action: &str, class: &str, headers: &str, body: &str) -> String {
        let reply = self.send(action, &format!("{WMI}/{class}"), headers, body);
        let text = String::from_utf8(reply.body).unwrap();
        assert_eq!(reply.status, 200, "{text}");
        let root = parse(&text).unwrap();
        let header = root.child(ns::SOAP, "Header").unwrap();
        let names: Vec<_> = header.children().map(|child| &*child.name).collect();
        assert!(names.starts_with(&["Action", "MessageID", "To"]) && names.ends_with(&["RelatesTo"]), "{names:?}");
        assert_eq!(header.child(ns::ADDRESSING, "RelatesTo").unwrap().text(), "uuid:0c1D");
        assert_eq!(header.child(ns::ADDRESSING, "Action").unwrap().text(), format!("{action}Response"));
        text
    }

    fn fault(&self, action: &str, class: &str, headers: &str, body: &str) -> (String, String, u32) {
        fault_of(&self.send(action, &format!("{WMI}/{class}"), headers, body))
    }
}

/// Subcode, last part of the detail URI, and number.
fn fault_of(reply: &Reply) -> (String, String, u32) {
    let text = std::str::from_utf8(&reply.body).unwrap();
    assert!(reply.status >= 400, "{text}");
    let root = parse(text).unwrap();
    let fault = root.child(ns::SOAP, "Body").unwrap().child(ns::SOAP, "Fault").unwrap();
    let at = |element: &Element, path: &[&str]| -> Option<String> {
        let mut element = element;
        for name in path {
            element = element.child_named(name)?;
        }
        Some(element.text().into_owned())
    };
    let subcode = at(fault, &["Code", "Subcode", "Value"]).or_else(|| at(fault, &["Code", "Value"])).unwrap();
    let detail = at(fault, &["Detail", "FaultDetail"]).unwrap_or_default();
    let wsman = fault.child_named("Detail").unwrap().child(ns::WSMAN_FAULT, "WSManFault").unwrap();
    assert_eq!(wsman.attribute("", "Machine"), Some("bmc1"));
    assert!(!wsman.child_named("Message").unwrap().text().is_empty());
    let code = wsman.attribute("", "Code").unwrap().parse().unwrap();
    (subcode, detail.rsplit('/').next().unwrap().to_owned(), code)
}

fn selectors(pairs: &[(&str, &str)]) -> String {
    let set: String =
        pairs.iter().map(|(name, value)| format!("<w:Selector Name='{name}'>{value}</w:Selector>")).collect();
    format!("<w:SelectorSet>{set}</w:SelectorSet>")
}

fn body_of(text: &str) -> &str {
    let start = text.find("<s:Body>").unwrap() + "<s:Body>".len();
    &text[start..text.find("</s:Body>").unwrap()]
}

#[test]
fn get_is_byte_exact() {
    let text = Peer::new().ok(&format!("{TRANSFER}/Get"), "Fan", &selectors(&[("deviceid", "fan.3")]), "");
    assert!(
        text.starts_with(
            "<s:Envelope xml:lang=\"en-US\" xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\" \
             xmlns:a=\"http://schemas.xmlsoap.org/ws/2004/08/addressing\" \
             xmlns:x=\"http://schemas.xmlsoap.org/ws/2004/09/transfer\" \
             xmlns:w=\"http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd\" \
             xmlns:p=\"http://schemas.microsoft.com/wbem/wsman/1/wsman.xsd\"><s:Header><a:Action>"
        ),
        "{text}"
    );
    assert_eq!(
        body_of(&text),
        format!(
            "<p:Fan xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xmlns:p=\"{WMI}/Fan\" \
             xmlns:cim=\"http://schemas.dmtf.org/wbem/wscim/1/common\" xsi:type=\"p:Fan_Type\" xml:lang=\"en-US\">\
             <p:DeviceID>fan.3</p:DeviceID><p:Name>Fan &lt;3&gt; &amp; co</p:Name>\
             <p:OperationalStatus>2</p:OperationalStatus><p:OperationalStatus>3</p:OperationalStatus>\
             <p:Reading>300</p:Reading><p:Since><cim:Datetime>2023-11-14T22:13:20Z</cim:Datetime></p:Since>\
             <p:Total>18446744073709551615</p:Total><p:UpperThreshold xsi:nil=\"true\"/></p:Fan>"
        )
    );
}

#[test]
fn get_through_a_base_class_and_dmtf_uri() {
    let peer = Peer::new();
    let text = peer.ok(&format!("{TRANSFER}/Get"), "Device", &selectors(&[("DeviceID", "pump.1")]), "");
    assert!(body_of(&text).starts_with("<p:Pump "), "{text}");
    let uri = "http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/Fan";
    let headers = selectors(&[("DeviceID", "fan.0"), ("__cimnamespace", "root/hardware")]);
    let reply = peer.send(&format!("{TRANSFER}/Get"), uri, &headers, "");
    assert!(String::from_utf8(reply.body).unwrap().contains(&format!("xmlns:p=\"{uri}\"")));
}

#[test]
fn put_changes_what_is_writable() {
    let peer = Peer::new();
    let put = format!("{TRANSFER}/Put");
    let fan = selectors(&[("DeviceID", "fan.1")]);
    let body = |inner: &str| {
        format!("<p:Fan xmlns:p='{WMI}/Fan' xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'>{inner}</p:Fan>")
    };
    let text =
        peer.ok(&put, "Fan", &fan, &body("<p:DeviceID>fan.1</p:DeviceID><p:UpperThreshold>77</p:UpperThreshold>"));
    assert!(text.contains("<p:UpperThreshold>77</p:UpperThreshold>"), "{text}");
    // The whole object as Get returned it: unchanged read-only values are fine.
    let got = peer.ok(&format!("{TRANSFER}/Get"), "Fan", &fan, "");
    peer.ok(&put, "Fan", &fan, &body_of(&got).replace(">77<", ">78<"));
    assert!(peer.ok(&format!("{TRANSFER}/Get"), "Device", &fan, "").contains(">78<"));
    for (inner, expected) in [
        ("<p:Weight>1</p:Weight>", ("x:InvalidRepresentation", "InvalidValues", 2_150_858_838)),
        ("<p:UpperThreshold>hot</p:UpperThreshold>", ("x:InvalidRepresentation", "InvalidValues", 2_150_858_838)),
        ("<UpperThreshold>1</UpperThreshold>", ("x:InvalidRepresentation", "InvalidNamespace", 2_150_858_840)),
        ("<p:DeviceID>fan.2</p:DeviceID>", ("w:InvalidSelectors", "InvalidValue", 2_150_858_845)),
        ("<p:Reading>1</p:Reading>", ("x:InvalidRepresentation", "InvalidValues", 0x8004_1023)),
    ] {
        let (subcode, detail, code) = peer.fault(&put, "Fan", &fan, &body(inner));
        assert_eq!((subcode.as_str(), detail.as_str(), code), expected, "{inner}");
    }
    assert_eq!(peer.fault(&put, "Fan", &fan, "").0, "w:SchemaValidationError");
    assert_eq!(peer.fault(&put, "Fan", &fan, "<p:Pump xmlns:p='urn:x'/>").0, "w:SchemaValidationError");
}

#[test]
fn fragments_of_an_instance() {
    let peer = Peer::new();
    let headers = |path: &str| {
        let fan = selectors(&[("DeviceID", "fan.1")]);
        format!("{fan}<w:FragmentTransfer s:mustUnderstand='true'>{path}</w:FragmentTransfer>")
    };
    let get = format!("{TRANSFER}/Get");
    let text = peer.ok(&get, "Fan", &headers("/Fan/OperationalStatus[2]/text()"), "");
    assert_eq!(body_of(&text), "<w:XmlFragment>1</w:XmlFragment>");
    assert!(text.contains(
        "<w:FragmentTransfer s:mustUnderstand=\"true\">/Fan/OperationalStatus[2]/text()</w:FragmentTransfer>"
    ));
    let put = format!("{TRANSFER}/Put");
    let text = peer.ok(&put, "Fan", &headers("UpperThreshold/text()"), "<w:XmlFragment>12</w:XmlFragment>");
    assert_eq!(body_of(&text), "<w:XmlFragment>12</w:XmlFragment>");
    let body = format!("<w:XmlFragment><q:UpperThreshold xmlns:q='{WMI}/Fan'>13</q:UpperThreshold></w:XmlFragment>");
    assert!(peer.ok(&put, "Fan", &headers("UpperThreshold"), &body).contains(">13</p:UpperThreshold></w:XmlFragment>"));
    for (action, path, body, expected) in [
        (&get, "Weight", "", "w:CannotProcessFilter"),
        (&get, "name", "", "w:CannotProcessFilter"),
        (&get, "", "", "w:CannotProcessFilter"),
        (&put, "DeviceID", "<w:XmlFragment/>", "w:CannotProcessFilter"),
        (&put, "UpperThreshold", "<x/>", "x:InvalidRepresentation"),
        (&put, "UpperThreshold/text()", "<w:XmlFragment>warm</w:XmlFragment>", "x:InvalidRepresentation"),
        (&format!("{TRANSFER}/Delete"), "Name", "", "w:UnsupportedFeature"),
    ] {
        assert_eq!(peer.fault(action, "Fan", &headers(path), body).0, expected, "{action} {path}");
    }
}

#[test]
fn methods_with_and_without_an_instance() {
    let peer = Peer::new();
    let action = format!("{WMI}/Fan/RequestStateChange");
    let input = format!(
        "<p:RequestStateChange_INPUT xmlns:p='{WMI}/Fan'><p:RequestedState>5</p:RequestedState></p:RequestStateChange_INPUT>"
    );
    let fan = selectors(&[("DeviceID", "fan.1")]);
    let text = peer.ok(&action, "Fan", &fan, &input);
    assert!(
        body_of(&text).starts_with("<p:RequestStateChange_OUTPUT ")
            && body_of(&text).ends_with(
                "><p:Job>Fan.DeviceID=\"fan.1\" -&gt; 5</p:Job><p:ReturnValue>0</p:ReturnValue></p:RequestStateChange_OUTPUT>"
            ),
        "{text}"
    );
    let add = |inner: &str| format!("<h:Add_INPUT xmlns:h='{WMI}/Fan'>{inner}</h:Add_INPUT>");
    let sum = add("<h:More>3</h:More><h:Left>1</h:Left><h:More>4</h:More><h:Right>2</h:Right>");
    assert!(peer.ok(&format!("{WMI}/Fan/Add"), "Fan", "", &sum).contains("<p:Sum>10</p:Sum><p:ReturnValue>0"));
    for (method, headers, body, expected) in [
        ("Add", "", add("<h:Left>256</h:Left>"), ("w:InvalidParameter", "TypeMismatch", 2_150_858_836)),
        ("Add", "", add("<h:Middle>1</h:Middle>"), ("w:InvalidParameter", "InvalidName", 2_150_858_837)),
        ("Add", "", "<x/>".to_owned(), ("w:SchemaValidationError", "", 2_150_858_817)),
        ("Explode", "", String::new(), ("a:ActionNotSupported", "", 2_150_858_771)),
        ("RequestStateChange", "", input.clone(), ("w:InvalidSelectors", "InsufficientSelectors", 2_150_858_842)),
    ] {
        let (subcode, detail, code) = peer.fault(&format!("{WMI}/Fan/{method}"), "Fan", headers, &body);
        assert_eq!((subcode.as_str(), detail.as_str(), code), expected, "{method} {body}");
    }
    assert_eq!(peer.fault("urn:what", "Fan", "", "").0, "a:ActionNotSupported");
    assert_eq!(peer.fault(&format!("{WMI}/Pump/Add"), "Fan", "", "").1, "ActionMismatch");
}

fn enumerate(inner: &str) -> String {
    format!("<n:Enumerate>{inner}</n:Enumerate>")
}

fn context_of(text: &str) -> String {
    let root = parse(text).unwrap();
    let response = root.child(ns::SOAP, "Body").unwrap().children().next().unwrap().clone();
    response.child(ns::ENUMERATION, "EnumerationContext").map(|context| context.text().into_owned()).unwrap_or_default()
}

#[test]
fn enumerate_and_pull_put_items_where_clients_look() {
    let peer = Peer::new();
    let action = format!("{ENUMERATION}/Enumerate");
    let text = peer.ok(&action, "Fan", "", &enumerate(""));
    assert!(!text.contains("Items") && !text.contains("EndOfSequence"), "{text}");
    let mut context = context_of(&text);
    let mut seen = 0;
    loop {
        let pull = format!(
            "<n:Pull><n:EnumerationContext>{context}</n:EnumerationContext><n:MaxElements>10</n:MaxElements></n:Pull>"
        );
        let text = peer.ok(&format!("{ENUMERATION}/Pull"), "Fan", "", &pull);
        seen += text.matches("<p:Fan ").count();
        let body = body_of(&text);
        if body.contains("<n:EndOfSequence/>") {
            assert!(
                body.starts_with("<n:PullResponse><n:Items>")
                    && body.ends_with("</n:Items><n:EndOfSequence/></n:PullResponse>")
            );
            break;
        }
        assert!(body.starts_with("<n:PullResponse><n:EnumerationContext>uuid:"), "{body}");
        context = context_of(&text);
    }
    assert_eq!(seen, usize::from(common::FANS));
    let gone = format!("<n:Pull><n:EnumerationContext>{context}</n:EnumerationContext></n:Pull>");
    assert_eq!(peer.fault(&format!("{ENUMERATION}/Pull"), "Fan", "", &gone).0, "n:InvalidEnumerationContext");

    let text = peer.ok(&action, "Pump", "", &enumerate("<w:OptimizeEnumeration/><w:MaxElements>99</w:MaxElements>"));
    let body = body_of(&text);
    assert!(
        body.starts_with("<n:EnumerateResponse><n:EnumerationContext></n:EnumerationContext><w:Items><p:Pump "),
        "{body}"
    );
    assert!(body.ends_with("</p:Pump></w:Items><w:EndOfSequence/></n:EnumerateResponse>"), "{body}");

    let text = peer.ok(&action, "Pump", "", &enumerate("<w:OptimizeEnumeration/>"));
    assert_eq!(text.matches("<p:Pump ").count(), 1, "one item when MaxElements is missing");
    assert!(!context_of(&text).is_empty() && !text.contains("EndOfSequence"));
    let release = format!("<n:Release><n:EnumerationContext>{}</n:EnumerationContext></n:Release>", context_of(&text));
    assert_eq!(body_of(&peer.ok(&format!("{ENUMERATION}/Release"), "Pump", "", &release)), "");
    assert_eq!(peer.fault(&format!("{ENUMERATION}/Release"), "Pump", "", &release).0, "n:InvalidEnumerationContext");
}

#[test]
fn enumeration_modes_and_polymorphism() {
    let peer = Peer::new();
    let action = format!("{ENUMERATION}/Enumerate");
    let all = "<w:OptimizeEnumeration/><w:MaxElements>99</w:MaxElements>";
    let list = |class: &str, inner: &str| peer.ok(&action, class, "", &enumerate(&format!("{all}{inner}")));
    let text = list("Pump", "<w:EnumerationMode>EnumerateEPR</w:EnumerationMode>");
    assert!(body_of(&text).contains(&format!(
        "<w:Items><a:EndpointReference><a:Address>{}</a:Address><a:ReferenceParameters><w:ResourceURI>{WMI}/Pump</w:ResourceURI>\
         <w:SelectorSet><w:Selector Name=\"DeviceID\">pump.0</w:Selector></w:SelectorSet></a:ReferenceParameters>\
         </a:EndpointReference>",
        ns::ANONYMOUS
    )));
    let text = list("Pump", "<w:EnumerationMode>EnumerateObjectAndEPR</w:EnumerationMode>");
    assert_eq!(text.matches("</p:Pump><a:EndpointReference>").count(), 2);
    assert_eq!(text.matches("<w:Item><p:Pump ").count(), 2);
    // Fans, pumps: Stuck never answers, so base class enumerations go through a query here.
    let query = |text: &str| format!("<w:Filter Dialect='{WQL}'>{text}</w:Filter>");
    let text = list("*", &query("SELECT * FROM Fan WHERE Reading &gt; 2200"));
    assert_eq!(text.matches("<p:Fan ").count(), 2, "{text}");
    let text = list("*", &query("SELECT Reading, Name FROM Fan WHERE Reading = 100"));
    assert!(
        body_of(&text)
            .contains("><p:Reading>100</p:Reading><p:Name>Fan &lt;1&gt; &amp; co</p:Name></w:XmlFragment></w:Items>")
    );
    let text = list("*", &query("SELECT * FROM Fan WHERE Reading = 1"));
    assert_eq!(
        body_of(&text),
        "<n:EnumerateResponse><n:EnumerationContext></n:EnumerationContext><w:EndOfSequence/></n:EnumerateResponse>"
    );
    let filter = "<w:Filter Dialect='http://schemas.dmtf.org/wbem/wsman/1/wsman/SelectorFilter'><w:SelectorSet>\
                  <w:Selector Name='Reading'>500</w:Selector></w:SelectorSet></w:Filter>";
    assert_eq!(list("Fan", filter).matches("<p:Fan ").count(), 1);
    for (class, inner, expected) in [
        ("*", String::new(), "a:DestinationUnreachable"),
        ("Fan", query("SELECT * FROM Fan"), "a:DestinationUnreachable"),
        ("*", query("SELEKT * FROM Fan"), "n:CannotProcessFilter"),
        ("*", query("SELECT Weight FROM Fan"), "n:CannotProcessFilter"),
        ("*", query("SELECT * FROM Nothing"), "a:DestinationUnreachable"),
        ("*", "<w:Filter Dialect='urn:x'>x</w:Filter>".to_owned(), "n:FilterDialectRequestedUnavailable"),
        (
            "*",
            query("SELECT * FROM Fan") + "<b:PolymorphismMode>None</b:PolymorphismMode>",
            "b:PolymorphismModeNotSupported",
        ),
        ("Fan", "<w:EnumerationMode>Some</w:EnumerationMode>".to_owned(), "w:UnsupportedFeature"),
        ("Fan", "<n:Expires>PT0S</n:Expires>".to_owned(), "n:InvalidExpirationTime"),
    ] {
        assert_eq!(peer.fault(&action, class, "", &enumerate(&inner)).0, expected, "{class} {inner}");
    }
    assert_eq!(peer.fault(&action, "Fan", "", "").2, 2_150_858_817, "the element Enumerate is missing");
}

#[test]
fn replies_fit_into_what_the_client_takes() {
    let peer = Peer::new();
    let headers = "<w:MaxEnvelopeSize>8192</w:MaxEnvelopeSize>";
    let all = enumerate("<w:OptimizeEnumeration/><w:MaxElements>999</w:MaxElements>");
    let text = peer.ok(&format!("{ENUMERATION}/Enumerate"), "Fan", headers, &all);
    assert!(text.len() <= 8192 && !context_of(&text).is_empty() && text.contains("<p:Fan "), "{}", text.len());
    let pull = format!(
        "<n:Pull><n:EnumerationContext>{}</n:EnumerationContext><n:MaxElements>99</n:MaxElements>\
         <n:MaxCharacters>1500</n:MaxCharacters></n:Pull>",
        context_of(&text)
    );
    let text = peer.ok(&format!("{ENUMERATION}/Pull"), "Fan", "", &pull);
    assert!((1..=2).contains(&text.matches("<p:Fan ").count()));
    let small = pull.replace("1500", "5");
    assert_eq!(peer.fault(&format!("{ENUMERATION}/Pull"), "Fan", "", &small).1, "MaxEnvelopeSizeExceeded");
}

#[test]
fn selectors_and_classes_have_their_faults() {
    let peer = Peer::new();
    let get = format!("{TRANSFER}/Get");
    for (class, pairs, expected) in [
        ("Fan", &[][..], ("w:InvalidSelectors", "InsufficientSelectors", 2_150_858_842)),
        ("Fan", &[("Nope", "1")], ("w:InvalidSelectors", "UnexpectedSelectors", 2_150_858_843)),
        ("Fan", &[("DeviceID", "a"), ("deviceid", "b")], ("w:InvalidSelectors", "DuplicateSelectors", 2_150_858_847)),
        ("Fan", &[("DeviceID", "fan.99")], ("a:DestinationUnreachable", "InvalidResourceURI", 2_147_749_890)),
        ("Nothing", &[("DeviceID", "1")], ("a:DestinationUnreachable", "InvalidResourceURI", 2_147_749_904)),
    ] {
        let (subcode, detail, code) = peer.fault(&get, class, &selectors(pairs), "");
        assert_eq!((subcode.as_str(), detail.as_str(), code), expected, "{class} {pairs:?}");
    }
    assert_eq!(fault_of(&peer.send(&get, "urn:nothing", "", "")).0, "a:DestinationUnreachable");
}

#[test]
fn readers_read_and_strangers_identify() {
    let mut peer = Peer::new();
    peer.identity.access = Access::Read;
    let fan = selectors(&[("DeviceID", "fan.1")]);
    peer.ok(&format!("{TRANSFER}/Get"), "Fan", &fan, "");
    peer.ok(&format!("{ENUMERATION}/Enumerate"), "Fan", "", &enumerate(""));
    for action in [
        format!("{TRANSFER}/Put"),
        format!("{TRANSFER}/Create"),
        format!("{TRANSFER}/Delete"),
        format!("{WMI}/Fan/Add"),
    ] {
        assert_eq!(peer.fault(&action, "Fan", &fan, ""), ("w:AccessDenied".to_owned(), String::new(), 5), "{action}");
    }
    let identify = "<s:Envelope xmlns:s='http://www.w3.org/2003/05/soap-envelope'><s:Header/><s:Body>\
                    <i:Identify xmlns:i='http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd'/></s:Body></s:Envelope>";
    let reply = peer.engine.handle(identify.as_bytes(), None, None, Instant::now());
    assert_eq!(reply.status, 200);
    assert!(String::from_utf8(reply.body).unwrap().contains("IdentifyResponse"));
    let get = identify.replace("identity/1/wsmanidentity.xsd", "x").replace(
        "<s:Header/>",
        "<s:Header xmlns:a='http://schemas.xmlsoap.org/ws/2004/08/addressing'><a:To>x</a:To><a:Action>y</a:Action>\
         <a:MessageID>1</a:MessageID></s:Header>",
    );
    assert_eq!(fault_of(&peer.engine.handle(get.as_bytes(), None, None, Instant::now())).0, "w:AccessDenied");
}

#[test]
fn what_is_no_request_is_a_fault_and_the_engine_goes_on() {
    let peer = Peer::new();
    for (bytes, status, expected) in [
        (&b""[..], 400, "w:InternalError"),
        (b"hello", 400, "w:InternalError"),
        (b"<a>", 400, "w:InternalError"),
        (b"\xFF\xFE<", 400, "w:InternalError"),
        (b"<!DOCTYPE a><a/>", 400, "w:InternalError"),
        (b"<a/>", 500, "w:SchemaValidationError"),
        (b"<s:Envelope xmlns:s='http://schemas.xmlsoap.org/soap/envelope/'/>", 500, "s:VersionMismatch"),
        (b"<s:Envelope xmlns:s='http://www.w3.org/2003/05/soap-envelope'/>", 500, "a:MessageInformationHeaderRequired"),
    ] {
        let reply = peer.raw(bytes);
        assert_eq!(reply.status, status, "{:?}", String::from_utf8_lossy(bytes));
        assert_eq!(fault_of(&reply).0, expected, "{:?}", String::from_utf8_lossy(bytes));
    }
    let reply =
        peer.send(&format!("{TRANSFER}/Get"), &format!("{WMI}/Fan"), "<x:y xmlns:x='urn:x' s:mustUnderstand='1'/>", "");
    assert_eq!(fault_of(&reply).0, "s:MustUnderstand");
    let text = String::from_utf8(reply.body).unwrap();
    assert!(text.contains("</a:RelatesTo><s:NotUnderstood qname=\"q:y\" xmlns:q=\"urn:x\"/></s:Header>"), "{text}");
    let (subcode, _, code) =
        peer.fault(&format!("{TRANSFER}/Get"), "Fan", "<w:OperationTimeout>PT-1S</w:OperationTimeout>", "");
    assert_eq!((subcode.as_str(), code), ("a:InvalidMessageInformationHeader", 2_150_858_767));
    peer.ok(&format!("{TRANSFER}/Get"), "Fan", &selectors(&[("DeviceID", "fan.1")]), "");
}

#[test]
fn every_cut_of_a_request_is_a_fault() {
    let peer = Peer::new();
    let whole = format!(
        "<s:Envelope xmlns:s='{}' xmlns:a='{}' xmlns:w='{}' xmlns:n='{}'><s:Header><a:To>x</a:To><a:Action>{ENUMERATION}/Enumerate\
         </a:Action><a:MessageID>1</a:MessageID><w:ResourceURI>{WMI}/Pump</w:ResourceURI></s:Header><s:Body><n:Enumerate/>\
         </s:Body></s:Envelope>",
        ns::SOAP.uri,
        ns::ADDRESSING.uri,
        ns::WSMAN.uri,
        ns::ENUMERATION.uri,
    );
    for length in 0..whole.len() {
        assert_eq!(peer.raw(&whole.as_bytes()[..length]).status, 400, "{length}");
    }
    assert_eq!(peer.raw(whole.as_bytes()).status, 200);
}

#[test]
fn utf_16_is_answered_in_utf_16() {
    let peer = Peer::new();
    let text = "<s:Envelope xmlns:s='http://www.w3.org/2003/05/soap-envelope'><s:Header/><s:Body>\
                <i:Identify xmlns:i='http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd'/></s:Body></s:Envelope>";
    let bytes: Vec<u8> = [0xFEFF].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let content_type = "application/soap+xml;charset=UTF-16";
    let reply = peer.engine.handle(&bytes, Some(content_type), Some(&peer.identity), Instant::now());
    assert_eq!((reply.status, reply.content_type), (200, content_type));
    assert_eq!(reply.body[..4], [0xFF, 0xFE, b'<', 0]);
}

#[test]
fn contexts_belong_to_their_user_and_expire() {
    let mut peer = Peer::new();
    let text = peer.ok(&format!("{ENUMERATION}/Enumerate"), "Fan", "", &enumerate("<n:Expires>PT5S</n:Expires>"));
    assert!(
        body_of(&text).starts_with("<n:EnumerateResponse><n:Expires>PT5S</n:Expires><n:EnumerationContext>"),
        "{text}"
    );
    let pull = format!("<n:Pull><n:EnumerationContext>{}</n:EnumerationContext></n:Pull>", context_of(&text));
    let action = format!("{ENUMERATION}/Pull");
    assert_eq!(peer.fault(&action, "Pump", "", &pull).0, "n:InvalidEnumerationContext");
    peer.identity.user = "eve".into();
    assert_eq!(peer.fault(&action, "Fan", "", &pull).0, "n:InvalidEnumerationContext");
    peer.identity.user = "admin".into();
    peer.ok(&action, "Fan", "", &pull);
}
