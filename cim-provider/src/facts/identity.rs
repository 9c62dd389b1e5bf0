//! Who a BMC is and what it manages: Get Device ID, GUIDs and the product area of its FRU.

use std::sync::Arc;

use ipmi_core::Error;
use ipmi_core::command::app::{DeviceId, GetDeviceGuid, GetDeviceId, GetSystemGuid, Guid};
use kernel_bridge::Bmc;
use time::OffsetDateTime;

use crate::error::is_link_error;

/// What identifies a BMC and the system behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Identity {
    /// Get Device ID.
    pub(crate) device: DeviceId,
    /// Name of the managed host: the system GUID, or `host` where the BMC has none.
    pub(crate) host_name: Arc<str>,
    /// Name of the controller: its device GUID, or `bmc-32` where it has none of its own.
    pub(crate) bmc_name: Arc<str>,
    /// Name of the domain of both.
    pub(crate) domain_name: Arc<str>,
    /// Whether the host's name is a GUID.
    pub(crate) host_has_guid: bool,
}

impl Identity {
    /// Asks a BMC. GUIDs are optional: many BMCs have none, or the same for both.
    ///
    /// # Errors
    /// When the BMC cannot be reached or does not tell its device id.
    pub(crate) fn read(bmc: &Bmc) -> Result<Self, Error> {
        let device = bmc.call(&GetDeviceId)?;
        let system = optional(bmc.call(&GetSystemGuid))?.and_then(text);
        let own = optional(bmc.call(&GetDeviceGuid))?.and_then(text).filter(|guid| Some(guid) != system.as_ref());
        let host_has_guid = system.is_some();
        let host_name: Arc<str> = system.unwrap_or_else(|| "host".to_owned()).into();
        let domain_name = format!("IPMI:{host_name}").into();
        let bmc_name = own.unwrap_or_else(|| "bmc-32".to_owned()).into();
        Ok(Self { device, host_name, bmc_name, domain_name, host_has_guid })
    }

    /// Firmware revision: the minor part is BCD.
    pub(crate) fn firmware(&self) -> String {
        format!("{}.{:02x}", self.device.firmware_major, self.device.firmware_minor)
    }

    /// IPMI version, nibbles swapped on the wire.
    pub(crate) fn ipmi_version(&self) -> String {
        format!("{}.{}", self.device.ipmi_version & 0x0F, self.device.ipmi_version >> 4)
    }
}

/// What a BMC does not have is no failure; a BMC that does not answer is.
fn optional<T>(result: Result<T, Error>) -> Result<Option<T>, Error> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if is_link_error(&error) => Err(error),
        Err(_) => Ok(None),
    }
}

/// The text of a GUID in the byte order it was most likely sent in; `None` for a blank one.
fn text(guid: Guid) -> Option<String> {
    if guid.0.iter().all(|&byte| byte == 0) || guid.0.iter().all(|&byte| byte == 0xFF) {
        return None;
    }
    let year = i64::from(OffsetDateTime::now_utc().year());
    Some(guid.detect(year).map_or_else(|| guid.to_string(), |encoding| guid.fields(encoding).to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blank_guids_do_not_count() {
        assert_eq!(text(Guid([0; 16])), None);
        assert_eq!(text(Guid([0xFF; 16])), None);
        let guid = [0xA1, 0x23, 0x45, 0x67, 0x89, 0xAB, 0xCD, 0xEF, 0xA1, 0x23, 0x45, 0x67, 0x89, 0xAB, 0xCD, 0xEF];
        assert_eq!(text(Guid(guid)).as_deref(), Some("efcdab89-6745-23a1-efcd-ab89674523a1"));
    }
}
