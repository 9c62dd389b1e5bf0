//! Recorded messages of other people's stacks: all are read, and our replies have the order of Windows'.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "test code")]

mod common;

use std::path::{Path, PathBuf};
use std::time::Instant;

use cim::{Access, Identity};
use wsman::ns;
use wsman::soap::{Charset, Element, parse};
use wsman::{Engine, EngineConfig};

/// The shared recordings: named by SHARED_DATA, or beside the workspace. Only CI has to have them.
fn shared(folder: &str) -> Option<PathBuf> {
    let root = std::env::var_os("SHARED_DATA")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data"), PathBuf::from);
    let path = root.join(folder);
    if path.is_dir() {
        return Some(path);
    }
    assert!(std::env::var("CI").as_deref() != Ok("true"), "{} is missing", path.display());
    eprintln!("skipped: {} is missing", path.display());
    None
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else {
            found.push(path);
        }
    }
    found.sort();
}

fn read(path: &Path) -> Option<Element> {
    let bytes = std::fs::read(path).unwrap();
    let (text, _) = Charset::Utf8.decode(&bytes).ok()?;
    // Recordings cut from sources begin with the line break after the quote.
    parse(text.trim_start()).ok()
}

#[test]
fn recordings_are_read() {
    let Some(folder) = shared("wsman") else { return };
    let mut all = Vec::new();
    files(&folder, &mut all);
    assert!(!all.is_empty());
    let refused: Vec<String> = all
        .iter()
        .filter(|path| read(path).is_none())
        .map(|path| path.strip_prefix(&folder).unwrap().to_string_lossy().replace('\\', "/"))
        .collect();
    // Not XML as they stand: whole HTTP messages, two declarations, templates, fragments of several elements.
    eprintln!("{} of {} refused:\n{}", refused.len(), all.len(), refused.join("\n"));
    assert!(refused.len() * 20 < all.len(), "{} of {} refused", refused.len(), all.len());
    for peer in ["pypsrp", "WinRb", "python-dracclient"] {
        assert!(refused.iter().all(|path| !path.starts_with(peer)), "{peer}: {refused:?}");
    }
}

#[test]
fn malformed_files_are_refused_and_answered_with_a_fault() {
    let Some(folder) = shared("malformed/xml") else { return };
    let mut all = Vec::new();
    files(&folder, &mut all);
    let engine = Engine::new(common::broker(), EngineConfig::default());
    let identity = Identity { user: "x".into(), access: Access::Full };
    for path in all {
        let bytes = std::fs::read(&path).unwrap();
        let reply = engine.handle(&bytes, None, Some(&identity), Instant::now());
        assert!(reply.status >= 400, "{}", path.display());
        assert!(String::from_utf8(reply.body).unwrap().contains("<s:Fault>"), "{}", path.display());
    }
}

#[test]
fn every_request_recorded_is_answered() {
    let Some(folder) = shared("wsman") else { return };
    let mut all = Vec::new();
    files(&folder, &mut all);
    let engine = Engine::new(common::broker(), EngineConfig::default());
    let identity = Identity { user: "x".into(), access: Access::Full };
    let mut answered = 0;
    for path in all.iter().filter(|path| path.file_name().unwrap().to_string_lossy().contains("request")) {
        let Some(root) = read(path) else { continue };
        let reply = engine.handle(root.to_xml().as_bytes(), None, Some(&identity), Instant::now());
        let text = String::from_utf8(reply.body).unwrap();
        let header = root.child(ns::SOAP, "Header");
        if let Some(id) = header.and_then(wsman::addressing::message_id) {
            let reply = parse(&text).unwrap();
            let relates = reply.child(ns::SOAP, "Header").unwrap().child(ns::ADDRESSING, "RelatesTo").unwrap().text();
            assert_eq!(relates, id, "{}", path.display());
            answered += 1;
        }
        for byte in [1, text.len() / 2] {
            let cut = root.to_xml();
            let cut = &cut.as_bytes()[..byte.min(cut.len() - 1)];
            assert_eq!(engine.handle(cut, None, Some(&identity), Instant::now()).status, 400);
        }
    }
    assert!(answered > 200, "{answered}");
}

/// Local names of the headers, without the one that is not in every reply.
fn header_order(root: &Element) -> Vec<String> {
    let header = root.child(ns::SOAP, "Header").unwrap();
    header.children().map(|child| child.name.to_string()).filter(|name| name != "ActivityId").collect()
}

#[test]
fn replies_have_the_header_order_of_windows() {
    let Some(folder) = shared("wsman/pypsrp") else { return };
    let mut all = Vec::new();
    files(&folder, &mut all);
    let mut orders: Vec<Vec<String>> = all
        .iter()
        .filter(|path| path.to_string_lossy().ends_with("response.xml"))
        .map(|path| header_order(&read(path).unwrap()))
        .collect();
    orders.sort();
    orders.dedup();
    let engine = Engine::new(common::broker(), EngineConfig::default());
    let identity = Identity { user: "x".into(), access: Access::Full };
    for action in ["http://schemas.xmlsoap.org/ws/2004/09/transfer/Get", "urn:unknown"] {
        let request = format!(
            "<s:Envelope xmlns:s='{}' xmlns:a='{}' xmlns:w='{}'><s:Header><a:To>x</a:To><a:Action>{action}</a:Action>\
             <a:MessageID>1</a:MessageID><w:ResourceURI>{}/root/hardware/Fan</w:ResourceURI><w:SelectorSet>\
             <w:Selector Name='DeviceID'>fan.1</w:Selector></w:SelectorSet></s:Header><s:Body/></s:Envelope>",
            ns::SOAP.uri,
            ns::ADDRESSING.uri,
            ns::WSMAN.uri,
            wsman::resource_uri::WMI,
        );
        let reply = engine.handle(request.as_bytes(), None, Some(&identity), Instant::now());
        let root = parse(std::str::from_utf8(&reply.body).unwrap()).unwrap();
        assert!(orders.contains(&header_order(&root)), "{:?} is none of {orders:?}", header_order(&root));
    }
}
