//! The captures of other programs' LAN sessions, for the tests that replay them.

use std::fs;
use std::path::{Path, PathBuf};

/// The folder of captures below `SHARED_DATA`, or beside the checkout. Absent means skipped, and failed under
/// `CI=true`.
pub(crate) fn captures() -> Option<PathBuf> {
    let data = std::env::var_os("SHARED_DATA")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data"), PathBuf::from);
    let path = data.join("pcap");
    if path.is_dir() {
        return Some(path);
    }
    assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "no captures at {}", path.display());
    println!("skipped: no captures");
    None
}

/// A datagram and whether it goes to the BMC.
pub(crate) type Datagram = (bool, Vec<u8>);

/// The UDP datagrams of a little-endian pcap file with Ethernet frames and IPv4.
pub(crate) fn datagrams(file: &Path) -> Vec<Datagram> {
    let bytes = fs::read(file).unwrap();
    assert_eq!(bytes[..4], [0xD4, 0xC3, 0xB2, 0xA1]);
    let (mut rest, mut found) = (&bytes[24..], Vec::new());
    while !rest.is_empty() {
        let length = u32::from_le_bytes(rest[8..12].try_into().unwrap()) as usize;
        let ip = &rest[16 + 14..16 + length];
        let udp = &ip[usize::from(ip[0] & 0x0F) * 4..];
        let port = |at: usize| u16::from_be_bytes([udp[at], udp[at + 1]]);
        found.push((port(2) == 623, udp[8..usize::from(port(4))].to_vec()));
        rest = &rest[16 + length..];
    }
    found
}
