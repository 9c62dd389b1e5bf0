//! Identify: which service is this (DSP0226 s11).

use crate::engine::EngineConfig;
use crate::ns;
use crate::soap::{Element, XmlWriter};

/// Whether a body asks for Identify.
pub(crate) fn is_identify(body: &Element) -> bool {
    body.children().next().is_some_and(|element| element.is(ns::IDENTITY, "Identify"))
}

/// The whole reply. Versions are told only to users who are known.
pub(crate) fn reply(config: &EngineConfig, authenticated: bool) -> String {
    let mut xml = XmlWriter::new();
    let version = if authenticated { &config.product_version } else { "OS: 0.0.0 SP: 0.0 Stack: 3.0" };
    xml.start("s:Envelope").attribute("xml:lang", ns::LANGUAGE).declare(ns::SOAP.prefix, ns::SOAP.uri);
    xml.start("s:Header").end("s:Header").start("s:Body");
    xml.start("wsmid:IdentifyResponse").declare(ns::IDENTITY.prefix, ns::IDENTITY.uri);
    xml.element("wsmid:ProtocolVersion", ns::WSMAN.uri)
        .element("wsmid:ProductVendor", &config.product_vendor)
        .element("wsmid:ProductVersion", version);
    xml.start("wsmid:SecurityProfiles");
    for profile in &config.security_profiles {
        xml.element("wsmid:SecurityProfileName", profile);
    }
    xml.end("wsmid:SecurityProfiles").end("wsmid:IdentifyResponse").end("s:Body").end("s:Envelope");
    xml.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::soap::parse;

    #[test]
    fn strangers_learn_no_version() {
        let config = EngineConfig { product_version: "secret 1.2".to_owned(), ..EngineConfig::default() };
        assert!(reply(&config, true).contains("secret 1.2"));
        let anonymous = reply(&config, false);
        assert!(!anonymous.contains("secret"));
        let root = parse(&anonymous).unwrap();
        let response = root.child(ns::SOAP, "Body").unwrap().child(ns::IDENTITY, "IdentifyResponse").unwrap();
        assert_eq!(response.child(ns::IDENTITY, "ProtocolVersion").unwrap().text(), ns::WSMAN.uri);
    }
}
