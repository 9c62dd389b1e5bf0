//! The built-in two-socket server. Everything about it is made up.

use std::time::Duration;

use super::Options;
use crate::bmc::Bmc;
use crate::controller::{Controller, Identity};
use crate::store::sel::Sel;

/// Builds the server.
pub(super) fn server(_options: &Options, now: Duration) -> Bmc {
    let mut main = Controller::new(
        0x20,
        Identity {
            device_id: 0x20,
            device_sdrs: false,
            device_revision: 1,
            firmware_major: 2,
            firmware_minor: 0x14,
            ipmi_version: 2,
            support: 0xBF,
            manufacturer: 0,
            product: 1,
            auxiliary_firmware: Some([0; 4]),
        },
    );
    main.sel = Some(Sel::new(512, 0x0F));
    Bmc::new(main, true, now)
}
