//! The Linux IPMI driver's ioctls (`linux/ipmi.h`) and one of terminals, behind safe functions.
#![allow(unsafe_code)]

use std::os::fd::{AsRawFd, BorrowedFd, RawFd};

use ipmi_core::{ChannelNumber, Lun, NetFn, SlaveAddress};
use libc::{c_int, c_long, c_short, c_uchar, c_uint, c_ushort};
use nix::errno::Errno;

/// Longest message the driver hands out (`IPMI_MAX_MSG_LENGTH` is 272).
const MAX_MESSAGE: usize = 512;
const SYSTEM_INTERFACE_ADDRESS: c_int = 0x0C;
const IPMB_ADDRESS: c_int = 0x01;
const BMC_CHANNEL: c_short = 0x0F;

/// `struct ipmi_msg`.
#[repr(C)]
struct Message {
    net_fn: c_uchar,
    cmd: c_uchar,
    data_len: c_ushort,
    data: *mut c_uchar,
}

/// `struct ipmi_req`.
#[repr(C)]
struct Req {
    address: *mut c_uchar,
    address_len: c_uint,
    message_id: c_long,
    message: Message,
}

/// `struct ipmi_recv`.
#[repr(C)]
struct Recv {
    kind: c_int,
    address: *mut c_uchar,
    address_len: c_uint,
    message_id: c_long,
    message: Message,
}

/// `struct ipmi_system_interface_addr` and `struct ipmi_ipmb_addr`: the same layout up to the last two bytes.
#[repr(C)]
struct Address {
    kind: c_int,
    channel: c_short,
    /// System interface: LUN. IPMB: slave address.
    first: c_uchar,
    /// IPMB: LUN.
    second: c_uchar,
}

/// Room for any `struct ipmi_addr`.
#[repr(C, align(8))]
struct AnyAddress([c_uchar; 40]);

#[cfg(target_pointer_width = "64")]
const _: () = {
    assert!(size_of::<Message>() == 16);
    assert!(size_of::<Req>() == 40);
    assert!(size_of::<Recv>() == 48);
    assert!(std::mem::offset_of!(Recv, message) == 32);
};
const _: () = assert!(size_of::<Address>() == 8 && std::mem::offset_of!(Address, first) == 6);

mod raw {
    //! The calls themselves. SEND_COMMAND and the setters are `_IOR` in the header although data flows to the kernel.
    use super::{Recv, Req, c_int, c_uint};
    nix::ioctl_readwrite!(receive_truncating, b'i', 11, Recv);
    nix::ioctl_read!(send_command, b'i', 13, Req);
    nix::ioctl_read!(set_gets_events, b'i', 16, c_int);
    nix::ioctl_read!(set_my_address, b'i', 17, c_uint);
    nix::ioctl_none_bad!(leave_exclusive_mode, libc::TIOCNXCL);
}

/// Who a message is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum To {
    /// The BMC.
    SystemInterface(Lun),
    /// A satellite controller; the driver bridges.
    Ipmb(ChannelNumber, SlaveAddress, Lun),
}

/// What a received message is (`IPMI_*_RECV_TYPE`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// 1: the response to one of our requests.
    Response,
    /// 2: an event message.
    Event,
    /// Anything else.
    Other,
}

/// A received message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Received {
    pub(super) kind: Kind,
    pub(super) message_id: c_long,
    pub(super) data: Vec<u8>,
}

/// Hands a request to the driver.
pub(super) fn send(
    device: BorrowedFd<'_>,
    to: To,
    message_id: c_long,
    (net_fn, cmd): (NetFn, u8),
    data: &[u8],
) -> Result<(), Errno> {
    let mut address = match to {
        To::SystemInterface(lun) => {
            Address { kind: SYSTEM_INTERFACE_ADDRESS, channel: BMC_CHANNEL, first: lun.get(), second: 0 }
        }
        To::Ipmb(channel, slave, lun) => {
            Address { kind: IPMB_ADDRESS, channel: c_short::from(channel.get()), first: slave.0, second: lun.get() }
        }
    };
    let mut data = data.to_vec();
    let mut request = Req {
        address: (&raw mut address).cast(),
        address_len: size_of::<Address>() as c_uint,
        message_id,
        message: Message {
            net_fn: net_fn.get(),
            cmd,
            data_len: c_ushort::try_from(data.len()).map_err(|_| Errno::EMSGSIZE)?,
            data: data.as_mut_ptr(),
        },
    };
    // SAFETY: `request` is a `struct ipmi_req` whose pointers lead to `address` and `data`, which outlive the call and
    // hold at least the lengths stated. The driver copies from them and keeps no pointer.
    unsafe { raw::send_command(device.as_raw_fd(), &mut request) }.map(drop)
}

/// Takes the next message, if there is one. One that is too long comes cut.
pub(super) fn receive(device: BorrowedFd<'_>) -> Result<Option<Received>, Errno> {
    let mut address = AnyAddress([0; 40]);
    let mut data = vec![0; MAX_MESSAGE];
    let mut received = Recv {
        kind: 0,
        address: address.0.as_mut_ptr(),
        address_len: size_of::<AnyAddress>() as c_uint,
        message_id: 0,
        message: Message { net_fn: 0, cmd: 0, data_len: MAX_MESSAGE as c_ushort, data: data.as_mut_ptr() },
    };
    // SAFETY: `received` is a `struct ipmi_recv` whose pointers lead to `address` and `data`, which outlive the call
    // and hold exactly the lengths stated. The driver writes no more than those and keeps no pointer.
    match unsafe { raw::receive_truncating(device.as_raw_fd(), &mut received) } {
        Ok(_) => {}
        // The message was cut to what fits and is ours all the same.
        Err(Errno::EMSGSIZE) => {}
        Err(Errno::EAGAIN) => return Ok(None),
        Err(errno) => return Err(errno),
    }
    data.truncate(usize::from(received.message.data_len));
    let kind = match received.kind {
        1 => Kind::Response,
        2 => Kind::Event,
        _ => Kind::Other,
    };
    Ok(Some(Received { kind, message_id: received.message_id, data }))
}

/// Asks for event messages on this descriptor, or no longer.
pub(super) fn set_gets_events(device: BorrowedFd<'_>, on: bool) -> Result<(), Errno> {
    let mut on = c_int::from(on);
    // SAFETY: the argument is an int that outlives the call; the driver reads it.
    unsafe { raw::set_gets_events(device.as_raw_fd(), &mut on) }.map(drop)
}

/// Our address on the IPMB, for messages the driver bridges for us.
pub(super) fn set_my_address(device: BorrowedFd<'_>, address: SlaveAddress) -> Result<(), Errno> {
    let mut address = c_uint::from(address.0);
    // SAFETY: the argument is an unsigned int that outlives the call; the driver reads it.
    unsafe { raw::set_my_address(device.as_raw_fd(), &mut address) }.map(drop)
}

/// Lets others open a terminal again (`TIOCNXCL`).
pub(super) fn leave_exclusive_mode(terminal: RawFd) -> Result<(), Errno> {
    // SAFETY: the call takes no argument; on a descriptor that is closed or no terminal it fails.
    unsafe { raw::leave_exclusive_mode(terminal) }.map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::fd::AsFd;

    /// Both crates and the header agree.
    #[test]
    fn request_numbers() {
        let [receive, send] = [
            nix::request_code_readwrite!(b'i', 11, size_of::<Recv>()),
            nix::request_code_read!(b'i', 13, size_of::<Req>()),
        ];
        assert_eq!(receive, ioctl_sys::iorw!(b'i', 11, size_of::<Recv>()) as u64);
        assert_eq!(send, ioctl_sys::ior!(b'i', 13, size_of::<Req>()) as u64);
        #[cfg(target_pointer_width = "64")]
        assert_eq!((receive, send), (0xC030_690B, 0x8028_690D));
        assert_eq!(nix::request_code_read!(b'i', 16, size_of::<c_int>()), 0x8004_6910);
        assert_eq!(nix::request_code_read!(b'i', 17, size_of::<c_uint>()), 0x8004_6911);
    }

    #[test]
    fn other_devices_refuse() {
        let null = std::fs::File::open("/dev/null").unwrap();
        let device = null.as_fd();
        assert_eq!(send(device, To::SystemInterface(Lun::BMC), 1, (NetFn::APP, 1), &[]), Err(Errno::ENOTTY));
        assert_eq!(receive(device), Err(Errno::ENOTTY));
        assert_eq!(set_gets_events(device, true), Err(Errno::ENOTTY));
        let ipmb = To::Ipmb(ChannelNumber::PRIMARY_IPMB, SlaveAddress(0x2C), Lun::BMC);
        assert_eq!(send(device, ipmb, 1, (NetFn::APP, 1), &[0; 70_000]), Err(Errno::EMSGSIZE));
    }
}
