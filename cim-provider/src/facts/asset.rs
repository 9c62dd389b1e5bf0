//! What the FRU inventory of the BMC says about the system: the product area of device 0.

use std::sync::Arc;

use ipmi_core::command::storage::FruDeviceId;
use ipmi_core::fru::{Field, FruInventory};
use ipmi_core::{Error, Target};
use kernel_bridge::Bmc;
use kernel_bridge::walk::fru;

use super::text::printable;
use crate::error::is_link_error;

/// The product, as far as the inventory tells.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Asset {
    /// Manufacturer.
    pub(crate) manufacturer: Option<Arc<str>>,
    /// Product name.
    pub(crate) product: Option<Arc<str>>,
    /// Serial number.
    pub(crate) serial_number: Option<Arc<str>>,
    /// Asset tag.
    pub(crate) asset_tag: Option<Arc<str>>,
}

impl Asset {
    /// Reads FRU device 0. A BMC without one, or with a blank one, has no asset facts.
    ///
    /// # Errors
    /// When the BMC cannot be reached.
    pub(crate) fn read(bmc: &Bmc) -> Result<Self, Error> {
        match fru::read(bmc, Target::Bmc, FruDeviceId(0)) {
            Ok(image) => Ok(Self::of(&image.bytes)),
            Err(error) if is_link_error(&error) => Err(error),
            Err(_) => Ok(Self::default()),
        }
    }

    fn of(image: &[u8]) -> Self {
        let Some(product) = FruInventory::parse(image).ok().and_then(|inventory| inventory.product) else {
            return Self::default();
        };
        Self {
            manufacturer: text(product.manufacturer),
            product: text(product.name),
            serial_number: text(product.serial_number),
            asset_tag: text(product.asset_tag),
        }
    }
}

fn text(field: Option<Field<'_>>) -> Option<Arc<str>> {
    field.map(|field| printable(field.decode().trim())).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use ipmi_core::fru::{FruImage, ProductImage};

    use super::*;

    #[test]
    fn the_product_area_is_read_and_garbage_is_not() {
        let product = ProductImage { name: "R1 ".into(), serial_number: "S1".into(), ..Default::default() };
        let image = FruImage { product: Some(product), ..Default::default() }.to_bytes();
        let asset = Asset::of(&image);
        assert_eq!((asset.product.as_deref(), asset.serial_number.as_deref()), (Some("R1"), Some("S1")));
        assert_eq!(asset.manufacturer, None);
        for len in 0..image.len() {
            let _ = Asset::of(&image[..len]);
        }
        assert_eq!(Asset::of(&[0xF0, 0x32, 0xC6]), Asset::default());
    }
}
