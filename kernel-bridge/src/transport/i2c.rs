//! SMBus transfers through /dev/i2c-N (`linux/i2c-dev.h`): the only place where its structures are handed to the
//! kernel.
#![allow(unsafe_code)]

use std::os::fd::{AsRawFd, BorrowedFd};

use libc::{c_int, c_ulong};
use nix::errno::Errno;

/// Most bytes of a block (`I2C_SMBUS_BLOCK_MAX`).
pub(super) const BLOCK_MAX: usize = 32;
/// Kind of transfer (`I2C_SMBUS_BLOCK_DATA`).
const BLOCK_DATA: u32 = 5;
const WRITE: u8 = 0;
const READ: u8 = 1;
/// Bits of `I2C_FUNCS`: what the adapter can do.
const FUNC_PEC: c_ulong = 0x0000_0008;
const FUNC_READ_BLOCK: c_ulong = 0x0100_0000;
const FUNC_WRITE_BLOCK: c_ulong = 0x0200_0000;

/// `union i2c_smbus_data`: of a block its length, its bytes and one byte more.
#[repr(C, align(2))]
struct Data([u8; BLOCK_MAX + 2]);

/// `struct i2c_smbus_ioctl_data`.
#[repr(C)]
struct SmbusTransfer {
    read_write: u8,
    command: u8,
    size: u32,
    data: *mut Data,
}

#[cfg(target_pointer_width = "64")]
const _: () = assert!(size_of::<SmbusTransfer>() == 16 && std::mem::offset_of!(SmbusTransfer, data) == 8);
const _: () = assert!(size_of::<Data>() == 34 && std::mem::offset_of!(SmbusTransfer, size) == 4);

mod raw {
    //! The calls themselves; their numbers do not follow the scheme of the others.
    use super::{SmbusTransfer, c_ulong};
    nix::ioctl_write_int_bad!(slave, 0x0703);
    nix::ioctl_read_bad!(funcs, 0x0705, c_ulong);
    nix::ioctl_write_int_bad!(pec, 0x0708);
    nix::ioctl_readwrite_bad!(smbus, 0x0720, SmbusTransfer);
}

/// What an adapter can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Functions {
    /// Block writes and reads.
    pub(super) blocks: bool,
    /// Packet error codes.
    pub(super) packet_error_code: bool,
}

/// Asks what the adapter can do.
pub(super) fn functions(bus: BorrowedFd<'_>) -> Result<Functions, Errno> {
    let mut bits: c_ulong = 0;
    // SAFETY: the argument is an unsigned long that outlives the call; the driver writes it.
    unsafe { raw::funcs(bus.as_raw_fd(), &mut bits) }?;
    let has = |wanted: c_ulong| bits & wanted == wanted;
    Ok(Functions { blocks: has(FUNC_READ_BLOCK | FUNC_WRITE_BLOCK), packet_error_code: has(FUNC_PEC) })
}

/// Chooses the device that transfers are with; fails with EBUSY when a driver of the kernel has it.
pub(super) fn choose(bus: BorrowedFd<'_>, address: u8) -> Result<(), Errno> {
    // SAFETY: the argument is a number.
    unsafe { raw::slave(bus.as_raw_fd(), c_int::from(address)) }.map(drop)
}

/// Transfers carry a packet error code from here on.
pub(super) fn use_packet_error_code(bus: BorrowedFd<'_>) -> Result<(), Errno> {
    // SAFETY: the argument is a number.
    unsafe { raw::pec(bus.as_raw_fd(), 1) }.map(drop)
}

/// Writes a block of at most [`BLOCK_MAX`] bytes; what is longer is refused.
pub(super) fn write_block(bus: BorrowedFd<'_>, command: u8, bytes: &[u8]) -> Result<(), Errno> {
    let mut data = Data([0; BLOCK_MAX + 2]);
    let ([length, rest @ ..], Ok(count)) = (&mut data.0, u8::try_from(bytes.len())) else {
        return Err(Errno::EMSGSIZE);
    };
    *length = count;
    rest.get_mut(..bytes.len()).ok_or(Errno::EMSGSIZE)?.copy_from_slice(bytes);
    transfer(bus, WRITE, command, &mut data)
}

/// Reads a block.
pub(super) fn read_block(bus: BorrowedFd<'_>, command: u8) -> Result<Vec<u8>, Errno> {
    let mut data = Data([0; BLOCK_MAX + 2]);
    transfer(bus, READ, command, &mut data)?;
    let [length, rest @ ..] = &data.0;
    Ok(rest.get(..usize::from(*length)).ok_or(Errno::EPROTO)?.to_vec())
}

fn transfer(bus: BorrowedFd<'_>, read_write: u8, command: u8, data: &mut Data) -> Result<(), Errno> {
    let mut transfer = SmbusTransfer { read_write, command, size: BLOCK_DATA, data };
    // SAFETY: `transfer` is a `struct i2c_smbus_ioctl_data` whose pointer leads to a `union i2c_smbus_data`,
    // exclusively borrowed for the call, of that union's whole size. The driver reads and writes no more than that, and
    // keeps no pointer.
    unsafe { raw::smbus(bus.as_raw_fd(), &mut transfer) }.map(drop)
}

#[cfg(test)]
mod tests {
    use std::os::fd::AsFd;

    use super::*;

    #[test]
    fn other_devices_refuse() {
        let null = std::fs::File::open("/dev/null").unwrap();
        let bus = null.as_fd();
        assert_eq!(functions(bus), Err(Errno::ENOTTY));
        assert_eq!(choose(bus, 0x10), Err(Errno::ENOTTY));
        assert_eq!(use_packet_error_code(bus), Err(Errno::ENOTTY));
        assert_eq!(read_block(bus, 3), Err(Errno::ENOTTY));
        assert_eq!(write_block(bus, 2, &[0; 32]), Err(Errno::ENOTTY));
        assert_eq!(write_block(bus, 2, &[0; 34]), Err(Errno::EMSGSIZE));
        assert_eq!(write_block(bus, 2, &[0; 300]), Err(Errno::EMSGSIZE));
    }
}
