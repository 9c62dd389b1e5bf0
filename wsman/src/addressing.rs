//! SOAP headers: what a request says about itself, and the headers of replies (WS-Addressing 2004/08, DSP0226 s6).

use std::time::Duration;

use crate::duration;
use crate::fault::{Fault, FaultKind};
use crate::ns::{self, Namespace};
use crate::selector::SelectorSet;
use crate::soap::{Element, XmlWriter};

/// Longest MessageID accepted: it is sent back.
const MAX_MESSAGE_ID: usize = 1024;

/// Most options accepted.
const MAX_OPTIONS: usize = 64;

/// Smallest MaxEnvelopeSize a client may ask for (DSP0226 R13.1-2).
pub const MIN_ENVELOPE_SIZE: usize = 8192;

/// An option of the resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestOption {
    /// Name.
    pub name: String,
    /// Value.
    pub value: String,
    /// Whether the request must fail when the option is not known.
    pub must_comply: bool,
}

/// A part of the resource that is addressed instead of the whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fragment {
    /// Dialect of the expression; empty when none is given.
    pub dialect: String,
    /// Expression.
    pub expression: String,
}

/// The headers of a request.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RequestHeaders {
    /// What to do.
    pub action: String,
    /// To whom; its host part is ignored.
    pub to: String,
    /// Sent back in RelatesTo, to the byte.
    pub message_id: String,
    /// The resource.
    pub resource_uri: Option<String>,
    /// Which instance of it.
    pub selectors: SelectorSet,
    /// Options.
    pub options: Vec<RequestOption>,
    /// When the client stops waiting.
    pub operation_timeout: Option<Duration>,
    /// Largest reply the client takes.
    pub max_envelope_size: Option<usize>,
    /// Part of the resource.
    pub fragment: Option<Fragment>,
    /// Whether the client wants to know how many items an enumeration has.
    pub wants_item_count: bool,
}

/// Headers this service knows; those it has no use for may still be marked mustUnderstand.
const KNOWN: &[(Namespace, &str)] = &[
    (ns::ADDRESSING, "Action"),
    (ns::ADDRESSING, "To"),
    (ns::ADDRESSING, "MessageID"),
    (ns::ADDRESSING, "ReplyTo"),
    (ns::ADDRESSING, "FaultTo"),
    (ns::ADDRESSING, "From"),
    (ns::ADDRESSING, "RelatesTo"),
    (ns::WSMAN, "ResourceURI"),
    (ns::WSMAN, "SelectorSet"),
    (ns::WSMAN, "OptionSet"),
    (ns::WSMAN, "OperationTimeout"),
    (ns::WSMAN, "MaxEnvelopeSize"),
    (ns::WSMAN, "Locale"),
    (ns::WSMAN, "FragmentTransfer"),
    (ns::WSMAN, "RequestTotalItemsCountEstimate"),
    (ns::MS_WSMAN, "DataLocale"),
    (ns::MS_WSMAN, "SessionId"),
    (ns::MS_WSMAN, "OperationID"),
    (ns::MS_WSMAN, "SequenceId"),
    (ns::MS_WSMAN, "ActivityId"),
    (ns::MACHINE_ID, "MachineID"),
];

impl RequestHeaders {
    /// Reads an s:Header.
    ///
    /// # Errors
    /// The fault the specification has for the first header that is missing, malformed or not understood.
    pub fn parse(header: &Element) -> Result<Self, Fault> {
        check_understood(header)?;
        let text = |namespace, name| -> Option<String> {
            header.child(namespace, name).map(|element| element.trimmed().into_owned()).filter(|text| !text.is_empty())
        };
        let required = |name: &'static str, value: Option<String>| {
            value.ok_or_else(|| Fault::new(FaultKind::HeaderRequired, format!("The header {name} is missing.")))
        };
        for name in ["ReplyTo", "FaultTo"] {
            check_anonymous(header, name)?;
        }
        let headers = Self {
            message_id: required("a:MessageID", message_id(header))?,
            action: required("a:Action", text(ns::ADDRESSING, "Action"))?,
            to: required("a:To", text(ns::ADDRESSING, "To"))?,
            resource_uri: text(ns::WSMAN, "ResourceURI"),
            selectors: header.child(ns::WSMAN, "SelectorSet").map(SelectorSet::parse).transpose()?.unwrap_or_default(),
            options: header.child(ns::WSMAN, "OptionSet").map(parse_options).transpose()?.unwrap_or_default(),
            operation_timeout: header.child(ns::WSMAN, "OperationTimeout").map(parse_timeout).transpose()?,
            max_envelope_size: header.child(ns::WSMAN, "MaxEnvelopeSize").map(parse_envelope_size).transpose()?,
            fragment: header.child(ns::WSMAN, "FragmentTransfer").map(|fragment| Fragment {
                dialect: fragment.attribute("", "Dialect").unwrap_or_default().trim().to_owned(),
                expression: fragment.trimmed().into_owned(),
            }),
            wants_item_count: header.child(ns::WSMAN, "RequestTotalItemsCountEstimate").is_some(),
        };
        if headers.message_id.len() > MAX_MESSAGE_ID {
            return Err(Fault::new(
                FaultKind::InvalidHeader,
                format!("MessageID is longer than {MAX_MESSAGE_ID} octets."),
            ));
        }
        Ok(headers)
    }
}

/// The MessageID of a header as it stands: replies repeat it to the byte.
pub fn message_id(header: &Element) -> Option<String> {
    let element = header.child(ns::ADDRESSING, "MessageID")?;
    let text = element.text();
    (!text.trim().is_empty()).then(|| text.into_owned())
}

fn must_understand(header: &Element) -> bool {
    // Only the attribute in SOAP's namespace counts: common clients write one without prefix that means nothing.
    matches!(header.attribute(ns::SOAP.uri, "mustUnderstand").map(str::trim), Some("true" | "1"))
}

fn check_understood(header: &Element) -> Result<(), Fault> {
    for child in header.children().filter(|child| must_understand(child)) {
        if child.is(ns::WSMAN, "Locale") || child.is(ns::MS_WSMAN, "DataLocale") {
            return Err(Fault::new(
                FaultKind::LocaleMustNotBeUnderstood,
                "Locale with mustUnderstand is not supported.",
            ));
        }
        if !KNOWN.iter().any(|(namespace, name)| child.is(*namespace, name)) {
            return Err(Fault::not_understood(&child.namespace, &child.name));
        }
    }
    Ok(())
}

fn check_anonymous(header: &Element, name: &str) -> Result<(), Fault> {
    let Some(reply_to) = header.child(ns::ADDRESSING, name) else { return Ok(()) };
    let address = reply_to.child(ns::ADDRESSING, "Address").map(Element::trimmed).unwrap_or_default();
    // WS-Addressing of 2005 spells the same role differently.
    if address.is_empty()
        || address.ends_with("/addressing/role/anonymous")
        || address.ends_with("/addressing/anonymous")
    {
        return Ok(());
    }
    Err(Fault::new(FaultKind::UnsupportedAddressingMode, format!("{name} must be the anonymous role, not {address}.")))
}

fn parse_options(set: &Element) -> Result<Vec<RequestOption>, Fault> {
    let mut options = Vec::new();
    for option in set.children().filter(|child| child.is(ns::WSMAN, "Option")) {
        if options.len() >= MAX_OPTIONS {
            return Err(Fault::new(FaultKind::OptionLimit, format!("There are more than {MAX_OPTIONS} options.")));
        }
        let name = option
            .attribute("", "Name")
            .filter(|name| !name.trim().is_empty())
            .ok_or_else(|| Fault::new(FaultKind::OptionsInvalidName, "An Option has no Name attribute."))?;
        options.push(RequestOption {
            name: name.to_owned(),
            value: option.text().into_owned(),
            must_comply: matches!(option.attribute("", "MustComply").map(str::trim), Some("true" | "1")),
        });
    }
    Ok(options)
}

fn parse_timeout(element: &Element) -> Result<Duration, Fault> {
    let text = element.trimmed();
    duration::parse(&text).ok_or_else(|| {
        Fault::new(FaultKind::InvalidHeader, format!("OperationTimeout {text:?} is not a duration such as PT60S."))
    })
}

fn parse_envelope_size(element: &Element) -> Result<usize, Fault> {
    let text = element.trimmed();
    let size: u64 = text.parse().map_err(|_| {
        Fault::new(FaultKind::InvalidHeader, format!("MaxEnvelopeSize {text:?} is not a number of octets."))
    })?;
    let size = usize::try_from(size).unwrap_or(usize::MAX);
    if size < MIN_ENVELOPE_SIZE {
        return Err(Fault::new(
            FaultKind::MinEnvelopeSize,
            format!("MaxEnvelopeSize {size} is less than {MIN_ENVELOPE_SIZE} octets."),
        ));
    }
    Ok(size)
}

/// A new identifier: version 4 UUID, upper case as Windows writes them.
pub fn new_uuid() -> String {
    let random: u128 = rand::random();
    let uuid = random & !(0xF000 << 64 | 0xC000 << 48) | 0x4000 << 64 | 0x8000 << 48;
    format!(
        "{:08X}-{:04X}-{:04X}-{:04X}-{:012X}",
        uuid >> 96,
        uuid >> 80 & 0xFFFF,
        uuid >> 64 & 0xFFFF,
        uuid >> 48 & 0xFFFF,
        uuid & 0xFFFF_FFFF_FFFF
    )
}

/// The headers of a reply.
#[derive(Debug, Clone)]
pub struct ReplyHeaders<'a> {
    /// Its action.
    pub action: &'a str,
    /// The request's MessageID, when it could be read.
    pub relates_to: Option<&'a str>,
    /// Answer to RequestTotalItemsCountEstimate.
    pub item_count: Option<usize>,
    /// The FragmentTransfer header, which comes back when it was followed.
    pub fragment: Option<&'a Fragment>,
    /// Header that was not understood: name and namespace.
    pub not_understood: Option<(&'a str, &'a str)>,
}

impl ReplyHeaders<'_> {
    /// Writes s:Header in the order Windows has: Action, MessageID, To, RelatesTo, then what was not understood.
    pub fn write(&self, xml: &mut XmlWriter) {
        xml.start("s:Header").element("a:Action", self.action);
        xml.start("a:MessageID").text("uuid:").text(&new_uuid()).end("a:MessageID");
        xml.element("a:To", ns::ANONYMOUS);
        if let Some(count) = self.item_count {
            xml.element("w:TotalItemsCountEstimate", &count.to_string());
        }
        if let Some(Fragment { dialect, expression }) = self.fragment {
            xml.start("w:FragmentTransfer").attribute("s:mustUnderstand", "true");
            if !dialect.is_empty() {
                xml.attribute("Dialect", dialect);
            }
            xml.text(expression).end("w:FragmentTransfer");
        }
        if let Some(id) = self.relates_to {
            xml.element("a:RelatesTo", id);
        }
        if let Some((name, namespace)) = self.not_understood {
            xml.start("s:NotUnderstood").attribute("qname", &format!("q:{name}")).declare("q", namespace).end_empty();
        }
        xml.end("s:Header");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::soap::parse;

    fn headers(extra: &str) -> Result<RequestHeaders, Fault> {
        let declarations: String =
            ns::ALL.iter().map(|namespace| format!(" xmlns:{}='{}'", namespace.prefix, namespace.uri)).collect();
        let text = format!(
            "<s:Header{declarations}><a:To>http://windows-host:5985/wsman</a:To><a:Action s:mustUnderstand='true'>urn:a</a:Action>\
             <a:MessageID>17</a:MessageID>{extra}</s:Header>"
        );
        RequestHeaders::parse(&parse(&text).unwrap())
    }

    #[test]
    fn reads_what_clients_send() {
        let headers = headers(
            "<w:OperationTimeout>PT20S</w:OperationTimeout><w:MaxEnvelopeSize mustUnderstand='true'>153600</w:MaxEnvelopeSize>\
             <w:SelectorSet><w:Selector Name='A'>1</w:Selector></w:SelectorSet>\
             <w:OptionSet s:mustUnderstand='true'><w:Option Name='X' MustComply='true'>y</w:Option></w:OptionSet>\
             <w:Locale s:mustUnderstand='false' xml:lang='en-US'/><unknown mustUnderstand='true'/>",
        )
        .unwrap();
        assert_eq!(headers.message_id, "17");
        assert_eq!(headers.operation_timeout, Some(Duration::from_secs(20)));
        assert_eq!(headers.max_envelope_size, Some(153_600));
        assert_eq!(headers.selectors.0.len(), 1);
        assert!(headers.options[0].must_comply);
    }

    #[test]
    fn each_bad_header_has_its_fault() {
        for (extra, expected) in [
            ("<w:OperationTimeout>PT-1S</w:OperationTimeout>", FaultKind::InvalidHeader),
            ("<w:MaxEnvelopeSize>8191</w:MaxEnvelopeSize>", FaultKind::MinEnvelopeSize),
            ("<w:MaxEnvelopeSize>many</w:MaxEnvelopeSize>", FaultKind::InvalidHeader),
            ("<w:Locale s:mustUnderstand='1' xml:lang='de'/>", FaultKind::LocaleMustNotBeUnderstood),
            ("<a:ReplyTo><a:Address>http://me</a:Address></a:ReplyTo>", FaultKind::UnsupportedAddressingMode),
            ("<unknown s:mustUnderstand='true'/>", FaultKind::MustUnderstand),
        ] {
            assert_eq!(headers(extra).unwrap_err().kind, expected, "{extra}");
        }
        let empty = parse("<s:Header xmlns:s='http://www.w3.org/2003/05/soap-envelope'/>").unwrap();
        assert_eq!(RequestHeaders::parse(&empty).unwrap_err().kind, FaultKind::HeaderRequired);
    }

    #[test]
    fn uuids_are_version_4() {
        let uuid = new_uuid();
        assert_eq!(uuid.len(), 36);
        assert_eq!(uuid.as_bytes()[14], b'4');
        assert!(matches!(uuid.as_bytes()[19], b'8' | b'9' | b'A' | b'B'), "{uuid}");
        assert_ne!(uuid, new_uuid());
    }

    #[test]
    fn replies_have_the_order_of_windows() {
        let mut xml = XmlWriter::new();
        let not_understood = Some(("X", "urn:x"));
        ReplyHeaders { action: "urn:r", relates_to: Some("17"), item_count: None, fragment: None, not_understood }
            .write(&mut xml);
        let text = xml.finish();
        let places: Vec<_> = ["a:Action", "a:MessageID", "a:To", "a:RelatesTo", "s:NotUnderstood"]
            .iter()
            .map(|name| text.find(&format!("<{name}")).unwrap())
            .collect();
        assert!(places.is_sorted(), "{text}");
    }
}
