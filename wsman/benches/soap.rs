//! What reading a large envelope and writing many instances cost: `cargo bench -p wsman --bench soap`.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "benchmark code")]

#[path = "../tests/common/mod.rs"]
mod common;

use cim::{Access, Identity, OperationContext};
use divan::Bencher;
use divan::counter::{BytesCount, ItemsCount};
use wsman::instance_xml::InstanceWriter;
use wsman::resource_uri::{ResourceUri, Style};
use wsman::soap::{XmlWriter, parse};

fn main() {
    divan::main();
}

/// An enumeration reply of about 50 kB, values of 12 bytes.
fn envelope() -> String {
    let mut xml = XmlWriter::new();
    xml.start("s:Envelope").declare("s", wsman::ns::SOAP.uri).declare("n", wsman::ns::ENUMERATION.uri);
    xml.start("s:Header").end("s:Header").start("s:Body").start("n:Items");
    while xml.len() < 50_000 {
        xml.start("p:NumericSensor")
            .declare("p", "http://schemas.microsoft.com/wbem/wsman/1/wmi/root/hardware/NumericSensor");
        for number in 0..40 {
            xml.element(&format!("p:Property{number}"), "value-value1");
        }
        xml.end("p:NumericSensor");
    }
    xml.end("n:Items").end("s:Body").end("s:Envelope");
    xml.finish()
}

#[divan::bench]
fn parse_50_kb(bencher: Bencher<'_, '_>) {
    let text = envelope();
    bencher.counter(BytesCount::of_str(&text)).bench(|| parse(divan::black_box(&text)).unwrap());
}

#[divan::bench]
fn write_60_instances(bencher: Bencher<'_, '_>) {
    let broker = common::broker();
    let identity = Identity { user: "bench".into(), access: Access::Read };
    let context = OperationContext { identity, deadline: None };
    let fans = broker.enumerate(&context, common::NAMESPACE, "Fan", cim::broker::Polymorphism::default()).unwrap();
    let instances: Vec<_> = fans.iter().cycle().take(60).collect();
    let uri = ResourceUri { style: Style::Wmi, namespace: common::NAMESPACE.to_owned(), class: Some("Fan".to_owned()) };
    bencher.counter(ItemsCount::new(instances.len())).bench(|| {
        let mut xml = XmlWriter::new();
        let mut writer = InstanceWriter::new(uri.clone());
        instances.iter().for_each(|instance| writer.write(&mut xml, instance));
        xml.finish()
    });
}
