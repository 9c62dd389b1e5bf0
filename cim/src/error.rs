//! What can go wrong in an operation, as WMI status codes (wbemcli.h WBEMSTATUS) with the DMTF CIM status beside them.

use std::fmt;

/// Why an operation failed: a status a client can switch on and a message a person can act on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{status}: {message}")]
pub struct CimError {
    /// The kind of failure.
    pub status: Status,
    /// What exactly: names the class, property, text and what was expected.
    pub message: String,
}

impl CimError {
    /// A failure with its message.
    pub fn new(status: Status, message: impl Into<String>) -> Self {
        Self { status, message: message.into() }
    }
}

macro_rules! statuses {
    ($($(#[$doc:meta])* $name:ident = $hresult:literal, $cim:literal, $text:literal;)*) => {
        /// A failure kind: its HRESULT and its DMTF CIM status code.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Status { $(#[doc = $text] $name,)* }

        impl Status {
            /// Every status in order of its HRESULT.
            pub const ALL: &'static [Status] = &[$(Status::$name),*];

            /// The HRESULT as WMI clients know it.
            pub const fn hresult(self) -> u32 {
                match self { $(Self::$name => $hresult,)* }
            }

            /// The CIM status code of DSP0004/DSP0223 (1 failed ... 17 method not found).
            pub const fn cim_status_code(self) -> u32 {
                match self { $(Self::$name => $cim,)* }
            }

            /// One sentence.
            pub const fn text(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }
    };
}

statuses! {
    Failed = 0x8004_1001, 1, "The operation failed";
    NotFound = 0x8004_1002, 6, "The object was not found";
    AccessDenied = 0x8004_1003, 2, "Access is denied";
    ProviderFailure = 0x8004_1004, 1, "The provider failed";
    TypeMismatch = 0x8004_1005, 13, "The value has the wrong type";
    InvalidParameter = 0x8004_1008, 4, "A parameter is invalid";
    NotSupported = 0x8004_100C, 7, "The operation is not supported";
    InvalidNamespace = 0x8004_100E, 3, "The namespace does not exist";
    InvalidClass = 0x8004_1010, 5, "The class does not exist";
    InvalidQuery = 0x8004_1017, 15, "The query is not valid";
    InvalidQueryType = 0x8004_1018, 14, "The query language is not supported";
    AlreadyExists = 0x8004_1019, 11, "The object exists already";
    ReadOnly = 0x8004_1023, 1, "The property is read-only";
    ProviderNotCapable = 0x8004_1024, 7, "The provider cannot do this";
    IllegalNull = 0x8004_1028, 4, "NULL is not allowed here";
    ValueOutOfRange = 0x8004_102B, 4, "The value is out of range";
    InvalidMethod = 0x8004_102E, 17, "The method does not exist";
    InvalidMethodParameters = 0x8004_102F, 4, "A method parameter is invalid";
    InvalidProperty = 0x8004_1031, 12, "The property does not exist";
    CallCancelled = 0x8004_1032, 1, "The call was cancelled";
    InvalidObjectPath = 0x8004_103A, 4, "The object path is not valid";
    MethodNotImplemented = 0x8004_1055, 16, "The method is not implemented";
    NotEventClass = 0x8004_1059, 15, "The class is not an event class";
    TimedOut = 0x8004_1069, 1, "The operation timed out";
    QuotaViolation = 0x8004_106C, 1, "A quota was exceeded";
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}
