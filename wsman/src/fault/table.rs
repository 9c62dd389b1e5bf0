//! The fault table: every fault that is raised here, one row each (DSP0226 s14, MS-WSMV 2.2.4.48).

use super::{Family, SoapCode};

macro_rules! faults {
    ($($(#[$doc:meta])* $name:ident = $code:ident, $family:ident, $subcode:literal, $detail:literal, $number:literal, $text:literal;)*) => {
        /// What went wrong.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum FaultKind { $($(#[$doc])* $name,)* }

        impl FaultKind {
            /// Every row in table order.
            pub const ALL: &'static [FaultKind] = &[$(Self::$name),*];

            /// The SOAP code.
            pub const fn code(self) -> SoapCode {
                match self { $(Self::$name => SoapCode::$code,)* }
            }

            /// The family whose action the fault message carries.
            pub const fn family(self) -> Family {
                match self { $(Self::$name => Family::$family,)* }
            }

            /// The subcode with its prefix; empty for a fault of SOAP itself.
            pub const fn subcode(self) -> &'static str {
                match self { $(Self::$name => $subcode,)* }
            }

            /// The last part of the FaultDetail URI; empty for none.
            pub const fn detail(self) -> &'static str {
                match self { $(Self::$name => $detail,)* }
            }

            /// The number in WSManFault.
            pub const fn number(self) -> u32 {
                match self { $(Self::$name => $number,)* }
            }

            /// One sentence.
            pub const fn text(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }
    };
}

faults! {
    /// The message is not a SOAP 1.2 envelope.
    SoapVersionMismatch = VersionMismatch, Addressing, "", "", 2150858765, "The message is not a SOAP 1.2 envelope.";
    /// A header that must be understood is not known to this service.
    MustUnderstand = MustUnderstand, Addressing, "", "", 2150858768, "A header that must be understood is not known to this service.";
    /// Access is denied.
    AccessDenied = Sender, Wsman, "w:AccessDenied", "", 5, "Access is denied.";
    /// The action does not fit the resource.
    ActionMismatch = Sender, Addressing, "a:ActionNotSupported", "ActionMismatch", 2150858801, "The action does not fit the resource.";
    /// The action is not supported by the service.
    ActionNotSupported = Sender, Addressing, "a:ActionNotSupported", "", 2150858771, "The action is not supported by the service.";
    /// The action URI is malformed.
    InvalidActionUri = Sender, Addressing, "a:ActionNotSupported", "", 2150858753, "The action URI is malformed.";
    /// The resource exists already.
    AlreadyExists = Sender, Wsman, "w:AlreadyExists", "", 2150858803, "The resource exists already.";
    /// The filter cannot be processed; its syntax or its meaning is wrong.
    EnumerateCannotProcessFilter = Sender, Enumeration, "n:CannotProcessFilter", "", 2150858778, "The filter cannot be processed; its syntax or its meaning is wrong.";
    /// The request conflicts with another one in progress.
    Concurrency = Sender, Wsman, "w:Concurrency", "", 2150858802, "The request conflicts with another one in progress.";
    /// The resource URI is unknown or of the wrong form.
    InvalidResourceUri = Sender, Addressing, "a:DestinationUnreachable", "InvalidResourceURI", 2150858811, "The resource URI is unknown or of the wrong form.";
    /// There is no resource with this URI and these selectors.
    ResourceNotFound = Sender, Addressing, "a:DestinationUnreachable", "InvalidResourceURI", 2150858752, "There is no resource with this URI and these selectors.";
    /// The destination cannot be reached.
    DestinationUnreachable = Sender, Addressing, "a:DestinationUnreachable", "", 2150858770, "The destination cannot be reached.";
    /// A URI is longer than allowed.
    UriLimit = Sender, Wsman, "w:EncodingLimit", "URILimitExceeded", 2150858797, "A URI is longer than allowed.";
    /// MaxEnvelopeSize is less than 8192 octets.
    MinEnvelopeSize = Sender, Wsman, "w:EncodingLimit", "MinimumEnvelopeLimit", 2150858878, "MaxEnvelopeSize is less than 8192 octets.";
    /// The request is larger than its MaxEnvelopeSize.
    MaxEnvelopeSize = Sender, Wsman, "w:EncodingLimit", "MaxEnvelopeSize", 2150858823, "The request is larger than its MaxEnvelopeSize.";
    /// The reply does not fit into MaxEnvelopeSize.
    MaxEnvelopeSizeExceeded = Sender, Wsman, "w:EncodingLimit", "MaxEnvelopeSizeExceeded", 2150858824, "The reply does not fit into MaxEnvelopeSize.";
    /// The request is larger than the service allows.
    ServerEnvelopeLimit = Sender, Wsman, "w:EncodingLimit", "ServiceEnvelopeLimit", 2150858825, "The request is larger than the service allows.";
    /// There are more selectors than allowed.
    SelectorLimit = Sender, Wsman, "w:EncodingLimit", "SelectorLimit", 2150858826, "There are more selectors than allowed.";
    /// There are more options than allowed.
    OptionLimit = Sender, Wsman, "w:EncodingLimit", "OptionLimit", 2150858827, "There are more options than allowed.";
    /// The character set is not supported; use UTF-8 or UTF-16.
    CharacterSet = Sender, Wsman, "w:EncodingLimit", "CharacterSet", 2150858828, "The character set is not supported; use UTF-8 or UTF-16.";
    /// The request succeeded but its reply cannot be encoded.
    UnreportableSuccess = Sender, Wsman, "w:EncodingLimit", "UnreportableSuccess", 2150858829, "The request succeeded but its reply cannot be encoded.";
    /// White space stands where it is not allowed.
    Whitespace = Sender, Wsman, "w:EncodingLimit", "Whitespace", 2150858830, "White space stands where it is not allowed.";
    /// The encoding is not supported.
    EncodingType = Sender, Wsman, "w:EncodingLimit", "EncodingType", 2150859033, "The encoding is not supported.";
    /// An encoding limit was exceeded.
    EncodingLimit = Sender, Wsman, "w:EncodingLimit", "", 2150858805, "An encoding limit was exceeded.";
    /// The resource is not available at this URI for now.
    EndpointInvalidResourceUri = Receiver, Addressing, "a:EndpointUnavailable", "InvalidResourceURI", 2150858811, "The resource is not available at this URI for now.";
    /// The resource is not available with these values for now.
    EndpointInvalidValues = Receiver, Addressing, "a:EndpointUnavailable", "InvalidValues", 2150859034, "The resource is not available with these values for now.";
    /// The resource is not available for now; try again later.
    EndpointUnavailable = Receiver, Addressing, "a:EndpointUnavailable", "", 2150858772, "The resource is not available for now; try again later.";
    /// The filter dialect is not supported.
    FilterDialectUnavailable = Sender, Enumeration, "n:FilterDialectRequestedUnavailable", "", 2150858777, "The filter dialect is not supported.";
    /// The resource cannot be filtered.
    FilteringNotSupported = Sender, Enumeration, "n:FilteringNotSupported", "", 2150858776, "The resource cannot be filtered.";
    /// The filter cannot be processed.
    CannotProcessFilter = Sender, Wsman, "w:CannotProcessFilter", "", 2150859042, "The filter cannot be processed.";
    /// The fragment path is not valid.
    InvalidFragmentPath = Sender, Wsman, "w:CannotProcessFilter", "", 2150858899, "The fragment path is not valid.";
    /// The service failed to carry out the request.
    InternalError = Receiver, Wsman, "w:InternalError", "", 1359, "The service failed to carry out the request.";
    /// The OperationTimeout header is not valid.
    InvalidTimeoutHeader = Sender, Addressing, "a:InvalidMessageInformationHeader", "InvalidTimeout", 2150858881, "The OperationTimeout header is not valid.";
    /// A header of the message is not valid.
    InvalidHeader = Sender, Addressing, "a:InvalidMessageInformationHeader", "", 2150858767, "A header of the message is not valid.";
    /// The fragment dialect is not supported.
    FragmentDialectUnavailable = Receiver, Wsman, "w:FragmentDialectNotSupported", "", 2150858896, "The fragment dialect is not supported.";
    /// The enumeration context is unknown or no longer valid.
    InvalidEnumerationContext = Receiver, Enumeration, "n:InvalidEnumerationContext", "", 2150858779, "The enumeration context is unknown or no longer valid.";
    /// The expiration time is zero, in the past or malformed.
    EnumerateInvalidExpirationTime = Sender, Enumeration, "n:InvalidExpirationTime", "", 2150858774, "The expiration time is zero, in the past or malformed.";
    /// Options are not supported by the resource.
    OptionsNotSupported = Sender, Wsman, "w:InvalidOptions", "NotSupported", 2150858833, "Options are not supported by the resource.";
    /// The name of an option is not valid.
    OptionsInvalidName = Sender, Wsman, "w:InvalidOptions", "InvalidName", 2150858834, "The name of an option is not valid.";
    /// The value of an option is not valid.
    OptionsInvalidValue = Sender, Wsman, "w:InvalidOptions", "InvalidValue", 2150858835, "The value of an option is not valid.";
    /// The options are not valid.
    InvalidOptions = Sender, Wsman, "w:InvalidOptions", "", 2150858809, "The options are not valid.";
    /// A method parameter has the wrong type.
    ParameterTypeMismatch = Sender, Wsman, "w:InvalidParameter", "TypeMismatch", 2150858836, "A method parameter has the wrong type.";
    /// The name of a method parameter is not valid.
    InvalidParameterName = Sender, Wsman, "w:InvalidParameter", "InvalidName", 2150858837, "The name of a method parameter is not valid.";
    /// A parameter of the operation is not valid.
    InvalidParameter = Sender, Wsman, "w:InvalidParameter", "", 2150858810, "A parameter of the operation is not valid.";
    /// A value in the XML body is not valid.
    InvalidXmlValues = Sender, Transfer, "x:InvalidRepresentation", "InvalidValues", 2150858838, "A value in the XML body is not valid.";
    /// A required value is missing in the XML body.
    MissingXmlValues = Sender, Transfer, "x:InvalidRepresentation", "MissingValues", 2150858839, "A required value is missing in the XML body.";
    /// The namespace of the XML body is not the one of the resource.
    InvalidXmlNamespace = Sender, Transfer, "x:InvalidRepresentation", "InvalidNamespace", 2150858840, "The namespace of the XML body is not the one of the resource.";
    /// The XML fragment is not valid.
    InvalidXmlFragment = Sender, Transfer, "x:InvalidRepresentation", "InvalidFragment", 2150858841, "The XML fragment is not valid.";
    /// The XML body is not a valid representation of the resource.
    InvalidRepresentation = Sender, Transfer, "x:InvalidRepresentation", "", 2150858773, "The XML body is not a valid representation of the resource.";
    /// There are fewer selectors than the resource has keys.
    InsufficientSelectors = Sender, Wsman, "w:InvalidSelectors", "InsufficientSelectors", 2150858842, "There are fewer selectors than the resource has keys.";
    /// The URI names no single instance; selectors are needed.
    NotASingleton = Sender, Wsman, "w:InvalidSelectors", "InsufficientSelectors", 2150859002, "The URI names no single instance; selectors are needed.";
    /// A selector is not a key of the resource.
    UnexpectedSelectors = Sender, Wsman, "w:InvalidSelectors", "UnexpectedSelectors", 2150858843, "A selector is not a key of the resource.";
    /// The value of a selector has the wrong type.
    SelectorTypeMismatch = Sender, Wsman, "w:InvalidSelectors", "TypeMismatch", 2150858844, "The value of a selector has the wrong type.";
    /// The value of a selector is not valid.
    InvalidSelectorValue = Sender, Wsman, "w:InvalidSelectors", "InvalidValue", 2150858845, "The value of a selector is not valid.";
    /// The selectors name more than one instance.
    AmbiguousSelectors = Sender, Wsman, "w:InvalidSelectors", "AmbiguousSelectors", 2150858846, "The selectors name more than one instance.";
    /// A selector is given twice.
    DuplicateSelectors = Sender, Wsman, "w:InvalidSelectors", "DuplicateSelectors", 2150858847, "A selector is given twice.";
    /// The selectors are not valid for the resource.
    InvalidSelectors = Sender, Wsman, "w:InvalidSelectors", "", 2150858813, "The selectors are not valid for the resource.";
    /// A required header is missing.
    HeaderRequired = Sender, Addressing, "a:MessageInformationHeaderRequired", "", 2150858769, "A required header is missing.";
    /// The service is busy: a quota was reached.
    QuotaLimit = Sender, Wsman, "w:QuotaLimit", "", 2150858815, "The service is busy: a quota was reached.";
    /// The user has too many shells.
    QuotaMaxShells = Sender, Wsman, "w:QuotaLimit", "", 2150859173, "The user has too many shells.";
    /// The message violates the WS-Management schema.
    SchemaValidationError = Sender, Wsman, "w:SchemaValidationError", "", 2150858817, "The message violates the WS-Management schema.";
    /// The enumeration had nothing to return within its MaxTime.
    EnumerateTimedOut = Receiver, Enumeration, "n:TimedOut", "", 2150858780, "The enumeration had nothing to return within its MaxTime.";
    /// The operation was not finished within the time given in OperationTimeout.
    OperationTimedOut = Receiver, Wsman, "w:TimedOut", "", 2150858793, "The operation was not finished within the time given in OperationTimeout.";
    /// This form of expiration time is not supported.
    UnsupportedExpirationType = Sender, Enumeration, "n:UnsupportedExpirationType", "", 2150859036, "This form of expiration time is not supported.";
    /// AuthorizationMode is not supported.
    AuthorizationModeNotSupported = Sender, Wsman, "w:UnsupportedFeature", "AuthorizationMode", 2150858852, "AuthorizationMode is not supported.";
    /// AddressingMode is not supported.
    UnsupportedAddressingMode = Sender, Wsman, "w:UnsupportedFeature", "AddressingMode", 2150858870, "AddressingMode is not supported.";
    /// Ack is not supported.
    AckNotSupported = Sender, Wsman, "w:UnsupportedFeature", "Ack", 2150858853, "Ack is not supported.";
    /// OperationTimeout is not supported.
    OperationTimeoutNotSupported = Sender, Wsman, "w:UnsupportedFeature", "OperationTimeout", 2150858854, "OperationTimeout is not supported.";
    /// The Locale header cannot be required to be understood.
    LocaleMustNotBeUnderstood = Sender, Wsman, "w:UnsupportedFeature", "Locale", 2150858887, "The Locale header cannot be required to be understood.";
    /// EnumerationMode is not supported.
    EnumerationModeUnsupported = Sender, Wsman, "w:UnsupportedFeature", "EnumerationMode", 2150858886, "EnumerationMode is not supported.";
    /// ExpirationTime is not supported.
    ExpirationTimeNotSupported = Sender, Wsman, "w:UnsupportedFeature", "ExpirationTime", 2150858856, "ExpirationTime is not supported.";
    /// FragmentLevelAccess is not supported.
    FragmentTransferNotSupported = Sender, Wsman, "w:UnsupportedFeature", "FragmentLevelAccess", 2150858871, "FragmentLevelAccess is not supported.";
    /// DeliveryRetries is not supported.
    DeliveryRetriesNotSupported = Sender, Wsman, "w:UnsupportedFeature", "DeliveryRetries", 2150858857, "DeliveryRetries is not supported.";
    /// Heartbeats is not supported.
    HeartbeatsNotSupported = Sender, Wsman, "w:UnsupportedFeature", "Heartbeats", 2150858858, "Heartbeats is not supported.";
    /// Bookmarks is not supported.
    BookmarksNotSupported = Sender, Wsman, "w:UnsupportedFeature", "Bookmarks", 2150858859, "Bookmarks is not supported.";
    /// MaxElements is not supported.
    MaxElementsNotSupported = Sender, Wsman, "w:UnsupportedFeature", "MaxElements", 2150859037, "MaxElements is not supported.";
    /// MaxTime is not supported.
    MaxTimeNotSupported = Sender, Wsman, "w:UnsupportedFeature", "MaxTime", 2150858861, "MaxTime is not supported.";
    /// MaxEnvelopeSize is not supported.
    MaxEnvelopeSizeNotSupported = Sender, Wsman, "w:UnsupportedFeature", "MaxEnvelopeSize", 2150858862, "MaxEnvelopeSize is not supported.";
    /// MaxEnvelopePolicy is not supported.
    MaxEnvelopePolicyNotSupported = Sender, Wsman, "w:UnsupportedFeature", "MaxEnvelopePolicy", 2150858863, "MaxEnvelopePolicy is not supported.";
    /// FilteringRequired is not supported.
    FilteringRequiredNotSupported = Sender, Wsman, "w:UnsupportedFeature", "FilteringRequired", 2150858864, "FilteringRequired is not supported.";
    /// InsecureAddress is not supported.
    InsecureAddressNotSupported = Sender, Wsman, "w:UnsupportedFeature", "InsecureAddress", 2150858865, "InsecureAddress is not supported.";
    /// FormatMismatch is not supported.
    FormatMismatchNotSupported = Sender, Wsman, "w:UnsupportedFeature", "FormatMismatch", 2150858866, "FormatMismatch is not supported.";
    /// FormatSecurityToken is not supported.
    FormatSecurityTokenNotSupported = Sender, Wsman, "w:UnsupportedFeature", "FormatSecurityToken", 2150858867, "FormatSecurityToken is not supported.";
    /// The feature is not supported.
    UnsupportedFeature = Sender, Wsman, "w:UnsupportedFeature", "", 2150858818, "The feature is not supported.";
    /// Locale is not supported.
    LocaleNotSupported = Sender, Wsman, "w:UnsupportedFeature", "Locale", 2150858855, "Locale is not supported.";
    /// The request is not supported by this service.
    RequestNotSupportedAtService = Sender, Wsman, "w:UnsupportedFeature", "InvalidResourceURI", 2150859064, "The request is not supported by this service.";
    /// The message is not well-formed XML.
    InvalidXml = Sender, Wsman, "w:InternalError", "Invalid", 2150858819, "The message is not well-formed XML.";
    /// The polymorphism mode is unknown or cannot be combined with a filter.
    PolymorphismModeUnsupported = Receiver, Wsman, "b:PolymorphismModeNotSupported", "", 2150859063, "The polymorphism mode is unknown or cannot be combined with a filter.";
    /// The enumeration cannot be renewed.
    EnumerateUnableToRenew = Receiver, Enumeration, "n:UnableToRenew", "", 2150858781, "The enumeration cannot be renewed.";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_agree_with_each_other() {
        for (index, fault) in FaultKind::ALL.iter().enumerate() {
            let text = fault.text();
            assert!(text.ends_with('.') && text.starts_with(char::is_alphabetic), "{fault:?}: {text}");
            assert!(
                FaultKind::ALL[..index]
                    .iter()
                    .all(|other| { (other.subcode(), other.number()) != (fault.subcode(), fault.number()) })
            );
            let expected = match fault.subcode().split_once(':').map(|(prefix, _)| prefix) {
                Some("w" | "b") => Family::Wsman,
                Some("a") | None => Family::Addressing,
                Some("n") => Family::Enumeration,
                Some("x") => Family::Transfer,
                Some(prefix) => panic!("{prefix}"),
            };
            assert!(fault.family() == expected, "{fault:?}");
            let plain = matches!(fault.code(), SoapCode::MustUnderstand | SoapCode::VersionMismatch);
            assert_eq!(plain, fault.subcode().is_empty(), "{fault:?}");
        }
    }

    #[test]
    fn masterzen_looks_for_the_word() {
        assert!(FaultKind::OperationTimedOut.text().contains("OperationTimeout"));
    }
}
