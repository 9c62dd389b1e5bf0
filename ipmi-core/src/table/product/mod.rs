//! Product names by manufacturer and product id (IPMI 2.0 s20.1).

mod industrial;
mod server;
mod supermicro;

use std::fmt;

use super::Manufacturer;

type Part = &'static [(u16, &'static str)];

/// Every manufacturer with named products, in order of its number. Names are the ones ipmitool prints.
const TABLE: &[(Manufacturer, &[Part])] = &[
    (Manufacturer(193), &[server::ERICSSON]),
    (Manufacturer::INTEL, &[server::INTEL]),
    (Manufacturer(4413), &[server::BROADCOM]),
    (Manufacturer(10297), &[industrial::ADVANTECH]),
    (Manufacturer::SUPERMICRO, supermicro::PARTS),
    (Manufacturer(15000), &[industrial::KONTRON]),
    (Manufacturer(24339), &[industrial::ADLINK]),
    (Manufacturer(49769), &[server::YADRO]),
];

/// A product of a manufacturer. Unlisted ones are values too.
///
/// ```
/// use ipmi_core::table::{Manufacturer, Product};
/// let product = |id| Product { manufacturer: Manufacturer::SUPERMICRO, id };
/// assert_eq!(product(0x0100).to_string(), "X8DAH+");
/// assert_eq!(product(0x0005).to_string(), "Unknown (0x05)");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Product {
    /// Who gave the id.
    pub manufacturer: Manufacturer,
    /// The id.
    pub id: u16,
}

impl Product {
    /// Name of a listed product.
    pub fn name(self) -> Option<&'static str> {
        let (_, parts) = TABLE.iter().find(|(manufacturer, _)| *manufacturer == self.manufacturer)?;
        let row = |part: &Part| {
            let index = part.binary_search_by_key(&self.id, |(id, _)| *id).ok()?;
            part.get(index)
        };
        parts.iter().find_map(row).map(|(_, name)| *name)
    }
}

impl fmt::Display for Product {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.pad(name),
            None => write!(f, "Unknown (0x{:02X})", self.id),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_in_order_without_duplicates() {
        assert!(TABLE.windows(2).all(|pair| pair[0].0 < pair[1].0));
        for (manufacturer, parts) in TABLE {
            let ids: Vec<u16> = parts.iter().copied().flatten().map(|(id, _)| *id).collect();
            assert!(ids.windows(2).all(|pair| pair[0] < pair[1]), "{manufacturer}");
            assert!(manufacturer.name().is_some());
        }
    }

    #[test]
    fn every_row_is_found() {
        for (manufacturer, parts) in TABLE {
            for (id, name) in parts.iter().copied().flatten() {
                assert_eq!(Product { manufacturer: *manufacturer, id: *id }.name(), Some(*name));
            }
        }
        assert_eq!(Product { manufacturer: Manufacturer::DELL, id: 256 }.to_string(), "Unknown (0x100)");
    }
}
