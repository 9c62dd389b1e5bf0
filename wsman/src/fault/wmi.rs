//! CIM errors as faults: the row that answers each status, and the MSFT_WmiError detail (wsman reference s10).

use cim::{CimError, Status};

use super::{Fault, FaultKind};
use crate::ns;
use crate::soap::XmlWriter;

impl From<CimError> for Fault {
    fn from(error: CimError) -> Self {
        use FaultKind as K;
        // The number a client sees is the HRESULT unless WS-Management has one of its own that clients act on.
        let (kind, own_number) = match error.status {
            Status::Failed | Status::ProviderFailure => (K::InternalError, false),
            Status::NotFound => (K::ResourceNotFound, false),
            Status::AccessDenied => (K::AccessDenied, true),
            Status::TypeMismatch | Status::ValueOutOfRange | Status::IllegalNull => (K::InvalidXmlValues, false),
            Status::InvalidParameter => (K::InvalidParameter, false),
            Status::NotSupported | Status::ProviderNotCapable => (K::ActionNotSupported, false),
            Status::InvalidNamespace | Status::InvalidClass => (K::InvalidResourceUri, false),
            Status::InvalidQuery | Status::NotEventClass => (K::EnumerateCannotProcessFilter, true),
            Status::InvalidQueryType => (K::FilterDialectUnavailable, true),
            Status::AlreadyExists => (K::AlreadyExists, true),
            Status::ReadOnly | Status::InvalidProperty => (K::InvalidXmlValues, false),
            Status::InvalidMethod | Status::MethodNotImplemented => (K::ActionNotSupported, false),
            Status::InvalidMethodParameters => (K::InvalidParameterName, true),
            Status::CallCancelled => (K::InternalError, false),
            Status::InvalidObjectPath => (K::InvalidSelectors, true),
            Status::TimedOut => (K::OperationTimedOut, true),
            Status::QuotaViolation => (K::QuotaLimit, true),
        };
        // The words of the fault table are what clients search for in a timeout.
        let message = match error.status {
            Status::TimedOut => format!("{} {}", kind.text(), error.message),
            _ => error.message.clone(),
        };
        let number = if own_number { kind.number() } else { error.status.hresult() };
        Self::new(kind, message).with_number(number).with_cim_error(error)
    }
}

/// Writes the MSFT_WmiError element, children in the order Windows has.
pub(super) fn write_wmi_error(xml: &mut XmlWriter, error: &CimError) {
    let hresult = error.status.hresult();
    let string = |text: &str| Some(("cim:cimString", text.to_owned()));
    let uint = |value: u32| Some(("cim:cimUnsignedInt", value.to_string()));
    let ushort = |value: u16| Some(("cim:cimUnsignedShort", value.to_string()));
    xml.start("p:MSFT_WmiError")
        .attribute("b:IsCIM_Error", "true")
        .declare("b", ns::CIM_BINDING.uri)
        .declare("cim", ns::CIM.uri)
        .declare("p", ns::WMI_ERROR)
        .attribute("xsi:type", "p:MSFT_WmiError_Type")
        .declare("xsi", ns::XSI.uri);
    for (name, value) in [
        ("CIMStatusCode", uint(error.status.cim_status_code())),
        ("CIMStatusCodeDescription", string(error.status.text())),
        ("ErrorSource", None),
        ("ErrorSourceFormat", ushort(0)),
        ("ErrorType", ushort(0)),
        ("Message", string(&error.message)),
        ("MessageID", string(&format!("HRESULT {hresult:#010x}"))),
        ("OtherErrorSourceFormat", None),
        ("OtherErrorType", None),
        ("OwningEntity", None),
        ("PerceivedSeverity", ushort(0)),
        ("ProbableCause", ushort(0)),
        ("ProbableCauseDescription", None),
        ("error_Category", uint(0)),
        ("error_Code", uint(hresult)),
        ("error_Type", string("HRESULT")),
        ("error_WindowsErrorMessage", string(&error.message)),
    ] {
        xml.start_in("p", name);
        match value {
            Some((cim_type, text)) => {
                xml.attribute("xsi:type", cim_type).text(&text).end_in("p", name);
            }
            None => {
                xml.attribute("xsi:nil", "true").attribute("xsi:type", "cim:cimString").end_empty();
            }
        }
    }
    xml.end("p:MSFT_WmiError");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::soap::parse;

    #[test]
    fn every_status_has_a_fault_with_its_hresult_inside() {
        for &status in Status::ALL {
            let fault = Fault::from(CimError::new(status, "because"));
            let mut xml = XmlWriter::new();
            fault.write(&mut xml, "host");
            let text = crate::fault::tests::in_envelope(&xml.finish());
            let root = parse(&text).unwrap();
            let detail = root.children().next().unwrap().child(ns::SOAP, "Detail").unwrap();
            let error = detail.child_named("MSFT_WmiError").unwrap();
            assert_eq!(error.child_named("error_Code").unwrap().text(), status.hresult().to_string());
            assert_eq!(error.child_named("CIMStatusCode").unwrap().text(), status.cim_status_code().to_string());
            assert!(
                detail.child_named("WSManFault").unwrap().child_named("Message").unwrap().text().contains("because")
            );
        }
    }
}
