//! What can go wrong for a client.

use crate::ns;
use crate::soap::{CharsetError, Element, XmlError};

/// A fault as the service told it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FaultReport {
    /// Subcode without its prefix, e.g. `InvalidSelectors`.
    pub subcode: String,
    /// The sentence for people.
    pub reason: String,
    /// Number of WSManFault, or HRESULT of the WMI error.
    pub number: Option<u32>,
    /// The specific message.
    pub message: String,
    /// The f:WSManFault or MSFT_WmiError element.
    pub detail: Option<Element>,
}

impl FaultReport {
    /// Reads an s:Fault.
    pub fn parse(fault: &Element) -> Self {
        let text_at = |path: &[&str]| {
            let mut element = fault;
            for name in path {
                element = element.child_named(name)?;
            }
            Some(element.trimmed().into_owned())
        };
        let detail = fault.child(ns::SOAP, "Detail");
        let wsman = detail.and_then(|detail| detail.child(ns::WSMAN_FAULT, "WSManFault"));
        let wmi = detail.and_then(|detail| detail.child_named("MSFT_WmiError"));
        let reason = text_at(&["Reason", "Text"]).unwrap_or_default();
        let number = match (wsman, wmi) {
            (Some(wsman), _) => wsman.attribute("", "Code").and_then(|code| code.trim().parse().ok()),
            (None, Some(wmi)) => wmi.child_named("error_Code").and_then(|code| code.trimmed().parse().ok()),
            (None, None) => None,
        };
        let message = wsman
            .and_then(|wsman| wsman.child_named("Message"))
            .or_else(|| wmi.and_then(|wmi| wmi.child_named("Message")))
            .map(innermost_text)
            .filter(|text| !text.is_empty())
            .unwrap_or_else(|| reason.clone());
        let subcode = text_at(&["Code", "Subcode", "Value"])
            .or_else(|| text_at(&["Code", "Value"]))
            .map(|value| value.rsplit(':').next().unwrap_or_default().to_owned());
        Self { subcode: subcode.unwrap_or_default(), reason, number, message, detail: wsman.or(wmi).cloned() }
    }
}

/// A message may be nested in the fault of a provider, several times over.
fn innermost_text(element: &Element) -> String {
    let own = element.trimmed();
    if own.is_empty() {
        element.children().map(innermost_text).find(|text| !text.is_empty()).unwrap_or_default()
    } else {
        own.into_owned()
    }
}

/// Why an operation failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClientError {
    /// The service answered with a fault.
    #[error("{}", .0.message)]
    Fault(Box<FaultReport>),
    /// No connection.
    #[error("cannot connect to {address}")]
    Connect {
        /// Host and port.
        address: String,
        /// Why.
        source: std::io::Error,
    },
    /// TLS settings or a host name TLS cannot use.
    #[error("TLS: {0}")]
    Tls(String),
    /// The connection broke.
    #[error("the connection to {address} broke")]
    Connection {
        /// Host and port.
        address: String,
        /// Why.
        source: hyper::Error,
    },
    /// No reply in time.
    #[error("{0} did not answer in time")]
    Timeout(String),
    /// Wrong user or password, or no scheme both sides have.
    #[error("access is denied: wrong user or password, or none; the server offers {offered}")]
    Unauthorized {
        /// What it offers.
        offered: String,
    },
    /// An HTTP status without a fault.
    #[error("the server answered with HTTP status {0}")]
    Http(u16),
    /// A reply that is no text.
    #[error("the reply cannot be read: {0}")]
    Charset(#[from] CharsetError),
    /// A reply that is no XML.
    #[error("the reply cannot be read: {0}")]
    Xml(#[from] XmlError),
    /// A reply without something it must have.
    #[error("the reply does not hold {0}")]
    Protocol(&'static str),
    /// A reply larger than asked for.
    #[error("the reply is larger than {0} octets")]
    TooLarge(usize),
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::{Fault, FaultKind};
    use crate::soap::{XmlWriter, parse};

    #[test]
    fn reads_what_the_server_writes() {
        let mut xml = XmlWriter::new();
        Fault::new(FaultKind::UnexpectedSelectors, "Foo is no key").write(&mut xml, "host");
        let body = parse(&crate::fault::tests::in_envelope(&xml.finish())).unwrap();
        let report = FaultReport::parse(body.children().next().unwrap());
        assert_eq!((report.subcode.as_str(), report.number), ("InvalidSelectors", Some(2_150_858_843)));
        assert_eq!(report.message, "Foo is no key");
    }
}
