//! The ioctls of one open /dev/ipmiN (`linux/ipmi.h`, 64-bit layout).
//!
//! An ioctl comes several times: first without memory, then with the structure its argument points to, then with what
//! that one points to. Nothing is kept between the rounds: each reads everything anew, and only the last one acts.

use std::collections::VecDeque;

use ipmi_core::{Lun, NetFn, Request, Response};

use super::wire::{Answer, Ioctl, Memory, u32_at, u64_at};
use super::{Ask, To};

const RECEIVE_MSG_TRUNC: u32 = 0xC030_690B;
const RECEIVE_MSG: u32 = 0xC030_690C;
const SEND_COMMAND: u32 = 0x8028_690D;
const SEND_COMMAND_SETTIME: u32 = 0x8030_6915;
const SET_GETS_EVENTS: u32 = 0x8004_6910;
/// Settings that can be set and read: set, get, value at first, bytes.
const SETTINGS: [(u32, u32, [u32; 2], usize); 4] = [
    // Our address on the IPMB.
    (0x8004_6911, 0x8004_6912, [0x20, 0], 4),
    // Our LUN.
    (0x8004_6913, 0x8004_6914, [2, 0], 4),
    // Retries (as the driver likes) and milliseconds between them.
    (0x8008_6916, 0x8008_6917, [u32::MAX, 0], 8),
    // Maintenance mode.
    (0x4004_691F, 0x8004_691E, [0, 0], 4),
];

const REQ: usize = 40;
const RECV: usize = 48;
/// Length of the addresses handed out.
const ADDRESS: usize = 8;
/// `struct ipmi_addr`.
const LONGEST_ADDRESS: usize = 40;
/// Most data of a message (`IPMI_MAX_MSG_LENGTH`).
const MAX_DATA: usize = 272;
/// Messages that wait to be received; later ones are lost.
const MAX_QUEUE: usize = 1024;

const SYSTEM_INTERFACE: u32 = 0x0C;
const IPMB: u32 = 0x01;
const BMC_CHANNEL: u16 = 0x0F;
const PRIMARY_IPMB: u16 = 0;

const EAGAIN: i32 = 11;
const EFAULT: i32 = 14;
const EINVAL: i32 = 22;
const ENOTTY: i32 = 25;
const EMSGSIZE: i32 = 90;

/// A message that waits to be received.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Message {
    kind: u32,
    address: [u8; ADDRESS],
    id: u64,
    net_fn: u8,
    cmd: u8,
    data: Vec<u8>,
}

/// An open file.
#[derive(Debug)]
pub(super) struct File {
    queue: VecDeque<Message>,
    settings: [Vec<u8>; SETTINGS.len()],
    /// Event messages are for this file too.
    pub(super) gets_events: bool,
    /// Who waits in poll, if somebody does.
    pub(super) poller: Option<u64>,
}

impl Default for File {
    fn default() -> Self {
        Self {
            queue: VecDeque::new(),
            settings: SETTINGS.map(|row| row.2.into_iter().flat_map(u32::to_ne_bytes).collect()),
            gets_events: false,
            poller: None,
        }
    }
}

impl File {
    pub(super) fn is_readable(&self) -> bool {
        !self.queue.is_empty()
    }

    /// Queues what Read Event Message Buffer gave.
    pub(super) fn queue_event(&mut self, record: &[u8]) {
        let address = address_of(SYSTEM_INTERFACE, BMC_CHANNEL, 0, 0);
        let (net_fn, cmd) = (NetFn::APP.response().get(), 0x35);
        self.push(Message { kind: 2, address, id: 0, net_fn, cmd, data: record.to_vec() });
    }

    fn push(&mut self, message: Message) {
        if self.queue.len() < MAX_QUEUE {
            self.queue.push_back(message);
        }
    }

    pub(super) fn ioctl(&mut self, ioctl: &Ioctl<'_>, ask: Ask<'_>) -> Answer {
        let outcome = match ioctl.cmd {
            SEND_COMMAND => self.send(ioctl, REQ, ask),
            SEND_COMMAND_SETTIME => self.send(ioctl, REQ + 8, ask),
            RECEIVE_MSG => self.receive(ioctl, false),
            RECEIVE_MSG_TRUNC => self.receive(ioctl, true),
            SET_GETS_EVENTS => match u32_at(ioctl.input, 0) {
                None => Ok(take(ioctl, 4)),
                Some(on) => {
                    self.gets_events = on != 0;
                    Ok(Answer::Done(0, Vec::new()))
                }
            },
            cmd => self.setting(ioctl, cmd),
        };
        outcome.unwrap_or_else(|errno| Answer::Done(-errno, Vec::new()))
    }

    fn setting(&mut self, ioctl: &Ioctl<'_>, cmd: u32) -> Result<Answer, i32> {
        for ((set, get, _, len), value) in SETTINGS.iter().zip(&mut self.settings) {
            if cmd == *set {
                let Some(new) = ioctl.input.get(..*len) else { return Ok(take(ioctl, *len)) };
                value.iter_mut().zip(new).for_each(|(value, new)| *value = *new);
                return Ok(Answer::Done(0, Vec::new()));
            }
            if cmd == *get {
                if ioctl.out_size < *len {
                    return Ok(Answer::Again(Vec::new(), vec![Memory { base: ioctl.argument, len: *len }]));
                }
                return Ok(Answer::Done(0, value.iter().take(*len).copied().collect()));
            }
        }
        Err(ENOTTY)
    }

    /// SEND_COMMAND: the response waits to be received when the call returns.
    fn send(&mut self, ioctl: &Ioctl<'_>, size: usize, ask: Ask<'_>) -> Result<Answer, i32> {
        let Some((req, rest)) = ioctl.input.split_at_checked(size) else { return Ok(take(ioctl, size)) };
        let field = |at| u64_at(req, at).ok_or(EFAULT);
        let length = |at| u32_at(req, at).and_then(|length| usize::try_from(length).ok()).ok_or(EFAULT);
        // struct ipmi_req: address 0, its length 8, id 16; struct ipmi_msg: NetFn 24, cmd 25, data length 26, data 32.
        let (address_len, id) = (length(8)?, field(16)?);
        let &[net_fn, cmd, l0, l1, ..] = req.get(24..).unwrap_or_default() else { return Err(EFAULT) };
        let data_len = usize::from(u16::from_ne_bytes([l0, l1]));
        if !(ADDRESS..=LONGEST_ADDRESS).contains(&address_len) {
            return Err(EINVAL);
        }
        if data_len > MAX_DATA {
            return Err(EMSGSIZE);
        }
        if rest.len() != address_len + data_len {
            // The structure changed while it was asked for; or it is asked for the first time.
            let argument = Memory { base: ioctl.argument, len: size };
            let pieces = [Memory { base: field(0)?, len: address_len }, Memory { base: field(32)?, len: data_len }];
            let pieces = pieces.into_iter().filter(|piece| piece.len > 0);
            return Ok(Answer::Again(std::iter::once(argument).chain(pieces).collect(), Vec::new()));
        }
        let (address, data) = rest.split_at_checked(address_len).ok_or(EFAULT)?;
        let (kind, channel) = (u32_at(address, 0).ok_or(EINVAL)?, u16_at(address, 4).ok_or(EINVAL)?);
        let &[first, ref second @ ..] = address.get(6..).unwrap_or_default() else { return Err(EINVAL) };
        let (to, lun) = match (kind, channel) {
            (SYSTEM_INTERFACE, BMC_CHANNEL) => (To::Bmc, first),
            (IPMB, PRIMARY_IPMB) => (To::Ipmb(first), *second.first().ok_or(EINVAL)?),
            _ => return Err(EINVAL),
        };
        let net_fn = NetFn::new(net_fn);
        if net_fn.is_response() {
            return Err(EINVAL);
        }
        let request = Request { net_fn, lun: Lun::new(lun), cmd, data: data.to_vec() };
        let Response { code, data } = ask(to, &request);
        let address = match to {
            To::Bmc => address_of(SYSTEM_INTERFACE, BMC_CHANNEL, lun & 3, 0),
            To::Ipmb(slave) => address_of(IPMB, PRIMARY_IPMB, slave, lun & 3),
        };
        let data = [&[code.0][..], &data].concat();
        self.push(Message { kind: 1, address, id, net_fn: net_fn.response().get(), cmd, data });
        Ok(Answer::Done(0, Vec::new()))
    }

    /// RECEIVE_MSG and RECEIVE_MSG_TRUNC: the message leaves the queue in the last round.
    fn receive(&mut self, ioctl: &Ioctl<'_>, cut: bool) -> Result<Answer, i32> {
        let Some(recv) = ioctl.input.get(..RECV) else { return Ok(take(ioctl, RECV)) };
        let field = |at| u64_at(recv, at).ok_or(EFAULT);
        // struct ipmi_recv: kind 0, address 8, its length 16, id 24; struct ipmi_msg from 32 as above.
        let room = usize::from(u16_at(recv, 34).ok_or(EFAULT)?);
        let message = self.queue.front().ok_or(EAGAIN)?;
        if (u32_at(recv, 16).ok_or(EFAULT)? as usize) < ADDRESS {
            return Err(EINVAL);
        }
        if room < message.data.len() && !cut {
            return Err(EMSGSIZE);
        }
        let len = room.min(message.data.len());
        if ioctl.out_size != RECV + ADDRESS + len {
            let argument = Memory { base: ioctl.argument, len: RECV };
            let pieces = [Memory { base: field(8)?, len: ADDRESS }, Memory { base: field(40)?, len }];
            let outputs = std::iter::once(argument).chain(pieces.into_iter().filter(|piece| piece.len > 0));
            return Ok(Answer::Again(vec![argument], outputs.collect()));
        }
        let Some(message) = self.queue.pop_front() else { return Err(EAGAIN) };
        let mut out = message.kind.to_ne_bytes().to_vec();
        out.extend([0; 4]);
        out.extend(field(8)?.to_ne_bytes());
        out.extend((ADDRESS as u32).to_ne_bytes());
        out.extend([0; 4]);
        out.extend(message.id.to_ne_bytes());
        out.extend([message.net_fn, message.cmd]);
        out.extend(u16::try_from(len).unwrap_or(0).to_ne_bytes());
        out.extend([0; 4]);
        out.extend(field(40)?.to_ne_bytes());
        out.extend(message.address);
        out.extend(message.data.iter().take(len));
        let result = if len < message.data.len() { -EMSGSIZE } else { 0 };
        Ok(Answer::Done(result, out))
    }
}

/// Asks for what the argument points to.
fn take(ioctl: &Ioctl<'_>, len: usize) -> Answer {
    Answer::Again(vec![Memory { base: ioctl.argument, len }], Vec::new())
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    let bytes = bytes.get(at..)?.first_chunk()?;
    Some(u16::from_ne_bytes(*bytes))
}

/// `struct ipmi_system_interface_addr`, `struct ipmi_ipmb_addr`.
fn address_of(kind: u32, channel: u16, first: u8, second: u8) -> [u8; ADDRESS] {
    let ([k0, k1, k2, k3], [c0, c1]) = (kind.to_ne_bytes(), channel.to_ne_bytes());
    [k0, k1, k2, k3, c0, c1, first, second]
}
