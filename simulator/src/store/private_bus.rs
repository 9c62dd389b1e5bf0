//! Private buses of a controller: serial EEPROMs that Master Write-Read reaches (IPMI 2.0 s22.11).

use std::collections::BTreeMap;

/// Bytes behind one address of a serial EEPROM whose offset is one byte.
const PAGE: usize = 256;
/// Addresses of the SPD bus that choose the page of all DDR4 SPD EEPROMs on it (JEDEC EE1004).
const PAGE_SELECT: [u8; 2] = [0x6C, 0x6E];

/// What an EEPROM holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// The data of the FRU device with this id.
    Fru(u8),
    /// Write-protected bytes of its own: serial presence detect data.
    Spd(Vec<u8>),
}

/// A serial EEPROM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Eeprom {
    /// What it holds.
    pub content: Content,
    /// Where the next read begins.
    pointer: usize,
}

/// Where an address leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// First address of the device.
    device: (u8, u8),
    /// Number of the page behind the address.
    page: usize,
}

/// The EEPROMs of a controller, by bus and slave address.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PrivateBuses {
    devices: BTreeMap<(u8, u8), Eeprom>,
    /// Page of the SPD EEPROMs of a bus.
    pages: BTreeMap<u8, usize>,
}

impl PrivateBuses {
    /// Puts an EEPROM on a bus. A FRU device takes one address for each of its pages.
    pub fn add(&mut self, bus: u8, address: u8, content: Content) {
        self.devices.insert((bus, address & !1), Eeprom { content, pointer: 0 });
    }

    /// Looks for the device that acknowledges `address`; `size` tells how large a FRU device is.
    pub fn find(&self, bus: u8, address: u8, size: impl Fn(u8) -> usize) -> Option<Place> {
        let (&device, eeprom) = self.devices.range(..=(bus, address)).next_back().filter(|((at, _), _)| *at == bus)?;
        let page = usize::from(address.checked_sub(device.1)? / 2);
        let pages = match &eeprom.content {
            Content::Fru(id) => size(*id).div_ceil(PAGE).max(1),
            Content::Spd(_) => 1,
        };
        let selected = self.pages.get(&bus).copied().unwrap_or(0);
        let is_spd = matches!(eeprom.content, Content::Spd(_));
        (page < pages).then_some(Place { device, page: if is_spd { selected } else { page } })
    }

    /// Takes a write to an address that chooses the page of the SPD EEPROMs; false when `address` is none of these.
    pub fn select_page(&mut self, bus: u8, address: u8) -> bool {
        let has_spd =
            self.devices.range((bus, 0)..=(bus, u8::MAX)).any(|(_, it)| matches!(it.content, Content::Spd(_)));
        let page = PAGE_SELECT.iter().position(|select| *select == address).filter(|_| has_spd);
        self.pages.extend(page.map(|page| (bus, page)));
        page.is_some()
    }

    /// What the device at `place` holds.
    pub fn content(&self, place: Place) -> Option<&Content> {
        self.devices.get(&place.device).map(|eeprom| &eeprom.content)
    }

    /// Sets the pointer to an offset in a page.
    pub fn seek(&mut self, place: Place, offset: u8) {
        if let Some(eeprom) = self.devices.get_mut(&place.device) {
            eeprom.pointer = place.page * PAGE + usize::from(offset);
        }
    }

    /// The offsets of the next `count` bytes, which go round at the end of `size` bytes; the pointer moves on.
    pub fn advance(&mut self, place: Place, count: usize, size: usize) -> Vec<usize> {
        let Some(eeprom) = self.devices.get_mut(&place.device).filter(|_| size > 0) else { return Vec::new() };
        let offsets = (0..count).map(|n| (eeprom.pointer + n) % size).collect();
        eeprom.pointer = (eeprom.pointer + count) % size;
        offsets
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_lead_to_pages() {
        let mut buses = PrivateBuses::default();
        buses.add(0, 0xA0, Content::Fru(0));
        buses.add(1, 0xA0, Content::Spd(vec![0; 512]));
        let size = |_| 512;
        let place = |buses: &PrivateBuses, bus, address| buses.find(bus, address, size).map(|place| place.page);
        assert_eq!([0xA0, 0xA2, 0xA4, 0x50].map(|address| place(&buses, 0, address)), [Some(0), Some(1), None, None]);
        assert_eq!([0xA0, 0xA2].map(|address| place(&buses, 1, address)), [Some(0), None]);
        assert_eq!(place(&buses, 2, 0xA0), None);
        assert!(!buses.select_page(0, 0x6E) && buses.select_page(1, 0x6E));
        assert_eq!(place(&buses, 1, 0xA0), Some(1));
        assert!(buses.select_page(1, 0x6C));
        assert_eq!(place(&buses, 1, 0xA0), Some(0));
    }

    #[test]
    fn reads_go_on_and_round() {
        let mut buses = PrivateBuses::default();
        buses.add(0, 0xA0, Content::Fru(0));
        let place = buses.find(0, 0xA0, |_| 8).unwrap();
        buses.seek(place, 6);
        assert_eq!(buses.advance(place, 3, 8), [6, 7, 0]);
        assert_eq!(buses.advance(place, 2, 8), [1, 2]);
        assert_eq!(buses.advance(place, 2, 0), []);
    }
}
