//! FUSE messages of character devices (`linux/fuse.h`, protocol 7), in the byte order of the machine.

/// Oldest protocol with ioctls as they are here, and the one spoken at most.
const MAJOR: u32 = 7;
const MINOR: u32 = 31;
/// `CUSE_UNRESTRICTED_IOCTL`: ioctls may ask for any memory of the caller.
const UNRESTRICTED: u32 = 1;
/// Most bytes of a read or write, which no program does to this device.
const MAX_TRANSFER: u32 = 4096;
/// `FUSE_IOCTL_COMPAT`, `_32BIT`, `_COMPAT_X32`.
const NARROW: u32 = 1 | 1 << 3 | 1 << 5;
/// `FUSE_IOCTL_RETRY`: ask again, with this memory.
const RETRY: u32 = 1 << 2;
/// `FUSE_POLL_SCHEDULE_NOTIFY`.
const SCHEDULE_NOTIFY: u32 = 1;
/// `FUSE_NOTIFY_POLL`.
const NOTIFY_POLL: i32 = 1;
/// `FOPEN_DIRECT_IO | FOPEN_NONSEEKABLE`.
const OPEN_FLAGS: u32 = 1 | 4;
/// `POLLIN | POLLRDNORM`.
const READABLE: u32 = 0x41;

/// What a message asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Opcode {
    Init,
    Open,
    Release,
    ReadOrWrite,
    Interrupt,
    Ioctl,
    Poll,
    Other,
}

/// `struct fuse_in_header`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct InHeader {
    pub(super) opcode: Opcode,
    pub(super) unique: u64,
}

impl InHeader {
    const LEN: usize = 40;

    /// The header of a message and what follows it.
    pub(super) fn split(message: &[u8]) -> Option<(Self, &[u8])> {
        let (header, body) = message.split_at_checked(Self::LEN)?;
        let opcode = match u32_at(header, 4)? {
            4096 => Opcode::Init,
            14 => Opcode::Open,
            15 | 16 => Opcode::ReadOrWrite,
            18 => Opcode::Release,
            36 => Opcode::Interrupt,
            39 => Opcode::Ioctl,
            40 => Opcode::Poll,
            _ => Opcode::Other,
        };
        Some((Self { opcode, unique: u64_at(header, 8)? }, body))
    }
}

/// `struct fuse_ioctl_in` with the memory that was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ioctl<'a> {
    pub(super) file: u64,
    pub(super) narrow: bool,
    pub(super) cmd: u32,
    pub(super) argument: u64,
    pub(super) out_size: usize,
    pub(super) input: &'a [u8],
}

impl<'a> Ioctl<'a> {
    pub(super) fn parse(body: &'a [u8]) -> Option<Self> {
        let (head, input) = body.split_at_checked(32)?;
        let size = usize::try_from(u32_at(head, 24)?).ok()?;
        Some(Self {
            file: u64_at(head, 0)?,
            narrow: u32_at(head, 8)? & NARROW != 0,
            cmd: u32_at(head, 12)?,
            argument: u64_at(head, 16)?,
            out_size: usize::try_from(u32_at(head, 28)?).ok()?,
            input: input.get(..size)?,
        })
    }
}

/// A piece of the caller's memory: `struct fuse_ioctl_iovec`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Memory {
    pub(super) base: u64,
    pub(super) len: usize,
}

/// The answer to an ioctl.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Answer {
    /// What the call returns (an error as negative number), and what goes to the memory for output.
    Done(i32, Vec<u8>),
    /// The same ioctl again, with this memory: read before, written after.
    Again(Vec<Memory>, Vec<Memory>),
}

impl Answer {
    /// `struct fuse_ioctl_out` and what follows it.
    pub(super) fn emit(&self) -> Vec<u8> {
        let head = |result: i32, flags: u32, inputs: usize, outputs: usize| {
            let mut bytes = result.to_ne_bytes().to_vec();
            for number in [flags, u32::try_from(inputs).unwrap_or(0), u32::try_from(outputs).unwrap_or(0)] {
                bytes.extend(number.to_ne_bytes());
            }
            bytes
        };
        match self {
            Self::Done(result, output) => [head(*result, 0, 0, 0), output.clone()].concat(),
            Self::Again(inputs, outputs) => {
                let mut bytes = head(0, RETRY, inputs.len(), outputs.len());
                for memory in inputs.iter().chain(outputs) {
                    bytes.extend(memory.base.to_ne_bytes());
                    bytes.extend((memory.len as u64).to_ne_bytes());
                }
                bytes
            }
        }
    }
}

/// `struct fuse_poll_in`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Poll {
    pub(super) file: u64,
    pub(super) handle: u64,
    pub(super) notify: bool,
}

impl Poll {
    pub(super) fn parse(body: &[u8]) -> Option<Self> {
        let notify = u32_at(body, 16)? & SCHEDULE_NOTIFY != 0;
        Some(Self { file: u64_at(body, 0)?, handle: u64_at(body, 8)?, notify })
    }
}

/// `struct fuse_poll_out`.
pub(super) fn polled(readable: bool) -> Vec<u8> {
    let events = if readable { READABLE } else { 0 };
    [events.to_ne_bytes(), [0; 4]].concat()
}

/// The file of a `struct fuse_release_in`.
pub(super) fn file_of(body: &[u8]) -> Option<u64> {
    u64_at(body, 0)
}

/// `struct fuse_open_out`.
pub(super) fn opened(file: u64) -> Vec<u8> {
    [&file.to_ne_bytes()[..], &OPEN_FLAGS.to_ne_bytes(), &[0; 4]].concat()
}

/// Answers `struct cuse_init_in` with `struct cuse_init_out`; `None` when the kernel's protocol is another one.
pub(super) fn init(body: &[u8], name: &str) -> Option<Vec<u8>> {
    let (major, minor) = (u32_at(body, 0)?, u32_at(body, 4)?);
    if major != MAJOR {
        return None;
    }
    // Device numbers of 0 are chosen by the kernel.
    let numbers = [MAJOR, minor.min(MINOR), 0, UNRESTRICTED, MAX_TRANSFER, MAX_TRANSFER, 0, 0];
    let mut bytes: Vec<u8> = numbers.iter().flat_map(|number| number.to_ne_bytes()).collect();
    bytes.extend([0; 40]);
    bytes.extend(format!("DEVNAME={name}\0").bytes());
    Some(bytes)
}

/// A reply: `struct fuse_out_header` and a body.
pub(super) fn reply(unique: u64, body: &[u8]) -> Vec<u8> {
    out(0, unique, body)
}

/// A reply that is an error.
pub(super) fn refusal(unique: u64, errno: i32) -> Vec<u8> {
    out(-errno, unique, &[])
}

/// Wakes who polls with this handle.
pub(super) fn wake(handle: u64) -> Vec<u8> {
    out(NOTIFY_POLL, 0, &handle.to_ne_bytes())
}

fn out(error: i32, unique: u64, body: &[u8]) -> Vec<u8> {
    let len = u32::try_from(16 + body.len()).unwrap_or(u32::MAX);
    [&len.to_ne_bytes()[..], &error.to_ne_bytes(), &unique.to_ne_bytes(), body].concat()
}

/// Four bytes at an offset.
pub(super) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    let bytes = bytes.get(at..)?.first_chunk()?;
    Some(u32::from_ne_bytes(*bytes))
}

/// Eight bytes at an offset.
pub(super) fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    let bytes = bytes.get(at..)?.first_chunk()?;
    Some(u64::from_ne_bytes(*bytes))
}
