//! Network functions (IPMI 2.0 table 5-1).

use std::fmt;

/// A six-bit network function code. Even values are requests, odd ones responses.
///
/// ```
/// use ipmi_core::NetFn;
/// assert_eq!(NetFn::APP.response().get(), 0x07);
/// assert_eq!(NetFn::STORAGE.to_string(), "Storage");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NetFn(u8);

macro_rules! net_fns {
    ($($(#[$doc:meta])* $name:ident = $value:literal, $text:literal;)*) => {
        impl NetFn {
            $($(#[$doc])* pub const $name: Self = Self($value);)*
            /// Every named request code with its name, in the order of table 5-1.
            pub const TABLE: &'static [(NetFn, &'static str)] = &[$((NetFn::$name, $text)),*];
        }
    };
}

net_fns! {
    /// Chassis control and status.
    CHASSIS = 0x00, "Chassis";
    /// Bridging between buses.
    BRIDGE = 0x02, "Bridge";
    /// Sensors and events.
    SENSOR_EVENT = 0x04, "Sensor/Event";
    /// Application: device, messaging, sessions, users.
    APP = 0x06, "App";
    /// Firmware transfer.
    FIRMWARE = 0x08, "Firmware";
    /// FRU, SDR and SEL.
    STORAGE = 0x0A, "Storage";
    /// LAN, serial and SOL configuration.
    TRANSPORT = 0x0C, "Transport";
    /// Group extension: first data byte is the defining body (00 PICMG, DCh DCMI).
    GROUP_EXTENSION = 0x2C, "Group Extension";
    /// OEM group: first three data bytes are the manufacturer id.
    OEM_GROUP = 0x2E, "OEM/Group";
}

impl NetFn {
    /// Keeps the low six bits.
    pub const fn new(code: u8) -> Self {
        Self(code & 0x3F)
    }

    /// The code, 0-3Fh.
    pub const fn get(self) -> u8 {
        self.0
    }

    /// The matching response code (bit 0 set).
    pub const fn response(self) -> Self {
        Self(self.0 | 1)
    }

    /// The matching request code (bit 0 clear).
    pub const fn request(self) -> Self {
        Self(self.0 & 0x3E)
    }

    /// True for response codes.
    pub const fn is_response(self) -> bool {
        self.0 & 1 == 1
    }
}

impl fmt::Display for NetFn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match Self::TABLE.iter().find(|(code, _)| *code == self.request()) {
            Some((_, name)) => f.write_str(name),
            None => write!(f, "NetFn {:02X}h", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table_is_in_order_and_holds_requests_only() {
        assert!(NetFn::TABLE.windows(2).all(|pair| pair[0].0 < pair[1].0));
        assert!(NetFn::TABLE.iter().all(|(code, _)| !code.is_response()));
    }
}
