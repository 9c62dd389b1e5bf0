//! Payloads of a session other than IPMI messages, Serial over LAN for one (IPMI 2.0 s13.27.3, table 13-16).

use crossbeam_channel::Receiver;
use ipmi_core::link::rmcp_plus::header::PayloadType;

use crate::Bmc;

/// The payloads of one type in the session of a [`Bmc`]. Activating the payload is the business of who uses it.
#[derive(Debug)]
pub struct Payloads {
    bmc: Bmc,
    payload_type: PayloadType,
    incoming: Receiver<Vec<u8>>,
}

impl Payloads {
    pub(crate) fn new(bmc: Bmc, payload_type: PayloadType, incoming: Receiver<Vec<u8>>) -> Self {
        Self { bmc, payload_type, incoming }
    }

    /// Sends a payload. It may get lost, as any datagram.
    pub fn send(&self, bytes: Vec<u8>) {
        self.bmc.send_payload(self.payload_type, bytes);
    }

    /// What comes in, in the order of arrival. Disconnected once the session is lost: the payload then has to be
    /// activated again, in the next one.
    pub fn incoming(&self) -> &Receiver<Vec<u8>> {
        &self.incoming
    }

    /// The BMC.
    pub fn bmc(&self) -> &Bmc {
        &self.bmc
    }
}
