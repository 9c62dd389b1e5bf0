//! Namespaces, the prefixes they are written with, and the URIs built from them (DSP0226 Annex A, MS-WSMV 2.2.1).

/// A namespace and the prefix replies declare for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Namespace {
    /// Prefix, e.g. `s`.
    pub prefix: &'static str,
    /// URI.
    pub uri: &'static str,
}

macro_rules! namespaces {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal, $uri:literal;)*) => {
        $($(#[$doc])* pub const $name: Namespace = Namespace { prefix: $prefix, uri: $uri };)*

        /// Every namespace known here.
        pub const ALL: &[Namespace] = &[$($name),*];
    };
}

namespaces! {
    /// SOAP 1.2.
    SOAP = "s", "http://www.w3.org/2003/05/soap-envelope";
    /// WS-Addressing 2004/08.
    ADDRESSING = "a", "http://schemas.xmlsoap.org/ws/2004/08/addressing";
    /// WS-Enumeration.
    ENUMERATION = "n", "http://schemas.xmlsoap.org/ws/2004/09/enumeration";
    /// WS-Transfer.
    TRANSFER = "x", "http://schemas.xmlsoap.org/ws/2004/09/transfer";
    /// WS-Eventing.
    EVENTING = "e", "http://schemas.xmlsoap.org/ws/2004/08/eventing";
    /// WS-Management.
    WSMAN = "w", "http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd";
    /// WS-Management CIM binding.
    CIM_BINDING = "b", "http://schemas.dmtf.org/wbem/wsman/1/cimbinding.xsd";
    /// The Microsoft extensions of WS-Management.
    MS_WSMAN = "p", "http://schemas.microsoft.com/wbem/wsman/1/wsman.xsd";
    /// Remote shells.
    SHELL = "rsp", "http://schemas.microsoft.com/wbem/wsman/1/windows/shell";
    /// The WSManFault detail element.
    WSMAN_FAULT = "f", "http://schemas.microsoft.com/wbem/wsman/1/wsmanfault";
    /// Machine id header of event sources.
    MACHINE_ID = "m", "http://schemas.microsoft.com/wbem/wsman/1/machineid";
    /// Types common to CIM in XML (DSP0230).
    CIM = "cim", "http://schemas.dmtf.org/wbem/wscim/1/common";
    /// Identify.
    IDENTITY = "wsmid", "http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd";
    /// XML Schema instance attributes.
    XSI = "xsi", "http://www.w3.org/2001/XMLSchema-instance";
}

/// The namespace of `xml:lang`.
pub const XML: &str = "http://www.w3.org/XML/1998/namespace";

/// The address of a sender that waits for the reply on the connection.
pub const ANONYMOUS: &str = "http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous";

/// The error class of WMI, a namespace of its own.
pub const WMI_ERROR: &str = "http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/MSFT_WmiError";

/// The language of every text written here.
pub const LANGUAGE: &str = "en-US";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_namespace_twice() {
        for (index, namespace) in ALL.iter().enumerate() {
            assert!(ALL[..index].iter().all(|other| other.uri != namespace.uri), "{}", namespace.uri);
        }
    }
}
