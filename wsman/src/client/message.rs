//! Requests: envelopes in the order WinRM clients write them.

use super::ClientConfig;
use crate::addressing::new_uuid;
use crate::duration;
use crate::fragment::XPATH;
use crate::ns;
use crate::soap::XmlWriter;

/// What a request is about.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Resource {
    /// Resource URI.
    pub uri: String,
    /// Selectors.
    pub selectors: Vec<(String, String)>,
    /// Options.
    pub options: Vec<(String, String)>,
    /// Path to a part of it, in XPath.
    pub fragment: Option<String>,
}

/// What is in the body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// Nothing.
    Empty,
    /// XML that uses no other prefixes than it declares, and `s`, `a`, `n`, `w` and `b`.
    Xml(String),
}

/// An enumeration as the client wants it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Enumerate {
    /// Dialect and content of the filter; the content is XML.
    pub filter: Option<(String, String)>,
    /// Content of w:EnumerationMode.
    pub mode: Option<String>,
    /// Content of b:PolymorphismMode.
    pub polymorphism: Option<String>,
}

impl Enumerate {
    pub(super) fn to_xml(&self, batch_items: usize) -> String {
        let mut xml = XmlWriter::new();
        xml.start("n:Enumerate").leaf("w:OptimizeEnumeration").element("w:MaxElements", &batch_items.to_string());
        if let Some((dialect, content)) = &self.filter {
            xml.start("w:Filter").attribute("Dialect", dialect).raw(content).end("w:Filter");
        }
        if let Some(mode) = &self.mode {
            xml.element("w:EnumerationMode", mode);
        }
        if let Some(mode) = &self.polymorphism {
            xml.element("b:PolymorphismMode", mode);
        }
        xml.end("n:Enumerate");
        xml.finish()
    }
}

pub(super) fn pull(context: &str, batch_items: usize) -> String {
    let mut xml = XmlWriter::new();
    xml.start("n:Pull").element("n:EnumerationContext", context).element("n:MaxElements", &batch_items.to_string());
    xml.end("n:Pull");
    xml.finish()
}

fn open(xml: &mut XmlWriter) {
    xml.start("s:Envelope");
    for namespace in [ns::SOAP, ns::ADDRESSING, ns::ENUMERATION, ns::WSMAN, ns::CIM_BINDING, ns::MS_WSMAN] {
        xml.declare(namespace.prefix, namespace.uri);
    }
}

pub(super) fn identify() -> String {
    let mut xml = XmlWriter::new();
    open(&mut xml);
    xml.leaf("s:Header")
        .start("s:Body")
        .start("wsmid:Identify")
        .declare(ns::IDENTITY.prefix, ns::IDENTITY.uri)
        .end_empty();
    xml.end("s:Body").end("s:Envelope");
    xml.finish()
}

/// The envelope of an operation.
pub(super) fn request(config: &ClientConfig, action: &str, resource: &Resource, body: &Body) -> String {
    let mut xml = XmlWriter::new();
    let understood = |xml: &mut XmlWriter, name: &str, text: &str| {
        xml.start(name).attribute("s:mustUnderstand", "true").text(text).end(name);
    };
    open(&mut xml);
    xml.start("s:Header").element("a:To", &config.endpoint.url());
    understood(&mut xml, "w:ResourceURI", &resource.uri);
    xml.start("a:ReplyTo");
    understood(&mut xml, "a:Address", ns::ANONYMOUS);
    xml.end("a:ReplyTo");
    understood(&mut xml, "a:Action", action);
    understood(&mut xml, "w:MaxEnvelopeSize", &config.max_envelope_size.to_string());
    xml.element("a:MessageID", &format!("uuid:{}", new_uuid()));
    xml.start("w:Locale").attribute("xml:lang", ns::LANGUAGE).attribute("s:mustUnderstand", "false").end_empty();
    xml.start("p:DataLocale").attribute("xml:lang", ns::LANGUAGE).attribute("s:mustUnderstand", "false").end_empty();
    named(&mut xml, "w:SelectorSet", "w:Selector", &resource.selectors);
    named(&mut xml, "w:OptionSet", "w:Option", &resource.options);
    if let Some(path) = &resource.fragment {
        xml.start("w:FragmentTransfer").attribute("s:mustUnderstand", "true").attribute("Dialect", XPATH);
        xml.text(path).end("w:FragmentTransfer");
    }
    xml.element("w:OperationTimeout", &duration::format_seconds(config.timeout));
    xml.end("s:Header").start("s:Body");
    if let Body::Xml(body) = body {
        xml.raw(body);
    }
    xml.end("s:Body").end("s:Envelope");
    xml.finish()
}

fn named(xml: &mut XmlWriter, set: &str, item: &str, pairs: &[(String, String)]) {
    if pairs.is_empty() {
        return;
    }
    xml.start(set);
    for (name, value) in pairs {
        xml.start(item).attribute("Name", name).text(value).end(item);
    }
    xml.end(set);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::addressing::RequestHeaders;
    use crate::client::{Endpoint, Tls};
    use crate::soap::parse;

    #[test]
    fn the_engine_reads_it() {
        let config = ClientConfig::new(Endpoint::parse("host", false, Tls::default()).unwrap());
        let resource = Resource {
            uri: "urn:r".to_owned(),
            selectors: vec![("A".to_owned(), "<1>".to_owned())],
            options: vec![("O".to_owned(), "x".to_owned())],
            fragment: None,
        };
        let root = parse(&request(&config, "urn:a", &resource, &Body::Empty)).unwrap();
        let headers = RequestHeaders::parse(root.child(ns::SOAP, "Header").unwrap()).unwrap();
        assert_eq!((headers.action.as_str(), headers.resource_uri.as_deref()), ("urn:a", Some("urn:r")));
        assert_eq!(headers.operation_timeout, Some(config.timeout));
        assert_eq!(headers.options.len(), 1);
    }
}
