//! Faults: why a request failed and how it is told (SOAP 1.2 part 1 s5.4, MS-WSMV 2.2.4.48).

mod message;
mod table;
mod wmi;

use cim::CimError;

pub use message::explain;
pub use table::FaultKind;

use crate::ns;
use crate::soap::{XmlError, XmlWriter};

/// What FaultDetail URIs begin with.
pub const FAULT_DETAIL: &str = "http://schemas.dmtf.org/wbem/wsman/1/wsman/faultDetail/";

/// Who is to blame, in SOAP's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SoapCode {
    /// The request.
    Sender,
    /// The service.
    Receiver,
    /// A header that must be understood is not.
    MustUnderstand,
    /// Not SOAP 1.2.
    VersionMismatch,
}

impl SoapCode {
    /// The value of s:Code.
    pub const fn value(self) -> &'static str {
        match self {
            Self::Sender => "s:Sender",
            Self::Receiver => "s:Receiver",
            Self::MustUnderstand => "s:MustUnderstand",
            Self::VersionMismatch => "s:VersionMismatch",
        }
    }
}

/// The specification a fault comes from; it decides the Action of the fault message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// WS-Management.
    Wsman,
    /// WS-Addressing.
    Addressing,
    /// WS-Enumeration.
    Enumeration,
    /// WS-Transfer.
    Transfer,
}

impl Family {
    /// The Action of a fault of this family.
    pub const fn action(self) -> &'static str {
        match self {
            Self::Wsman => "http://schemas.dmtf.org/wbem/wsman/1/wsman/fault",
            Self::Addressing => "http://schemas.xmlsoap.org/ws/2004/08/addressing/fault",
            Self::Enumeration => "http://schemas.xmlsoap.org/ws/2004/09/enumeration/fault",
            Self::Transfer => "http://schemas.xmlsoap.org/ws/2004/09/transfer/fault",
        }
    }
}

/// A fault: a row of the table, what exactly went wrong, and what a CIM error adds.
#[derive(Debug, Clone, PartialEq)]
pub struct Fault {
    /// The row.
    pub kind: FaultKind,
    /// What exactly: names the header, class, property or text and what was expected.
    pub message: String,
    /// The number in WSManFault: the row's, or that of the CIM status.
    pub number: u32,
    /// The CIM error behind it.
    pub cim_error: Option<Box<CimError>>,
    /// Name and namespace of the header that was not understood.
    pub not_understood: Option<Box<(String, String)>>,
    /// Values the service would accept, for an unknown filter dialect.
    pub supported: &'static [&'static str],
}

impl Fault {
    /// A fault with its message.
    pub fn new(kind: FaultKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            number: kind.number(),
            cim_error: None,
            not_understood: None,
            supported: &[],
        }
    }

    /// The fault for a header marked mustUnderstand that is not known.
    pub fn not_understood(namespace: &str, name: &str) -> Self {
        let mut fault =
            Self::new(FaultKind::MustUnderstand, format!("The header {name} ({namespace}) is not understood."));
        fault.not_understood = Some(Box::new((name.to_owned(), namespace.to_owned())));
        fault
    }

    /// The fault for an OperationTimeout that ran out.
    pub fn timed_out() -> Self {
        Self::new(FaultKind::OperationTimedOut, FaultKind::OperationTimedOut.text())
    }

    /// The same fault listing the values the service would accept.
    pub fn with_supported(mut self, supported: &'static [&'static str]) -> Self {
        self.supported = supported;
        self
    }

    pub(crate) fn with_number(mut self, number: u32) -> Self {
        self.number = number;
        self
    }

    pub(crate) fn with_cim_error(mut self, error: CimError) -> Self {
        self.cim_error = Some(Box::new(error));
        self
    }

    /// Writes the s:Fault element. `machine` names this service.
    pub fn write(&self, xml: &mut XmlWriter, machine: &str) {
        let kind = self.kind;
        xml.start("s:Fault").start("s:Code").element("s:Value", kind.code().value());
        if !kind.subcode().is_empty() {
            xml.start("s:Subcode").element("s:Value", kind.subcode()).end("s:Subcode");
        }
        xml.end("s:Code").start("s:Reason").start("s:Text").attribute("xml:lang", ns::LANGUAGE).text(kind.text());
        xml.end("s:Text").end("s:Reason").start("s:Detail");
        if !kind.detail().is_empty() {
            xml.start("w:FaultDetail").text(FAULT_DETAIL).text(kind.detail()).end("w:FaultDetail");
        }
        // WS-Enumeration wants the dialects it would have accepted in the detail.
        for dialect in self.supported {
            xml.element("n:SupportedDialect", dialect);
        }
        xml.start("f:WSManFault")
            .declare("f", ns::WSMAN_FAULT.uri)
            .attribute("Code", &self.number.to_string())
            .attribute("Machine", machine)
            .element("f:Message", &self.message)
            .end("f:WSManFault");
        if let Some(error) = &self.cim_error {
            wmi::write_wmi_error(xml, error);
        }
        xml.end("s:Detail").end("s:Fault");
    }
}

impl From<XmlError> for Fault {
    fn from(error: XmlError) -> Self {
        Self::new(FaultKind::InvalidXml, error.to_string())
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::soap::parse;

    /// Declares the prefixes a fault envelope declares.
    pub(crate) fn in_envelope(xml: &str) -> String {
        let declarations: String = [ns::SOAP, ns::WSMAN, ns::ENUMERATION, ns::ADDRESSING]
            .iter()
            .map(|namespace| format!(" xmlns:{}='{}'", namespace.prefix, namespace.uri))
            .collect();
        format!("<s:Body{declarations}>{xml}</s:Body>")
    }

    #[test]
    fn detail_stands_before_the_number() {
        let mut xml = XmlWriter::new();
        Fault::new(FaultKind::InsufficientSelectors, "DeviceID is missing").write(&mut xml, "bmc<1>");
        let text = xml.finish();
        assert_eq!(
            text,
            "<s:Fault><s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value>w:InvalidSelectors</s:Value></s:Subcode></s:Code>\
             <s:Reason><s:Text xml:lang=\"en-US\">There are fewer selectors than the resource has keys.</s:Text></s:Reason>\
             <s:Detail><w:FaultDetail>http://schemas.dmtf.org/wbem/wsman/1/wsman/faultDetail/InsufficientSelectors</w:FaultDetail>\
             <f:WSManFault xmlns:f=\"http://schemas.microsoft.com/wbem/wsman/1/wsmanfault\" Code=\"2150858842\" \
             Machine=\"bmc&lt;1&gt;\"><f:Message>DeviceID is missing</f:Message></f:WSManFault></s:Detail></s:Fault>"
        );
        assert!(parse(&in_envelope(&text)).is_ok());
    }
}
