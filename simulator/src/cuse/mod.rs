//! The Linux IPMI driver's interface (`linux/ipmi.h`) as a CUSE device: what /dev/cuse says in, what it is told out.
//!
//! ```text
//! wire     messages of the FUSE protocol that character devices have
//! driver   the ioctls: structures of linux/ipmi.h and the queue of each open file
//! ```
//!
//! Requests come from any program that may open the device, through the kernel: lengths are bounded here, and pointers
//! are only ever handed back to the kernel, which checks them.

mod driver;
mod wire;

use std::collections::BTreeMap;

use ipmi_core::{Request, Response};

use driver::File;
use wire::{InHeader, Ioctl, Opcode, Poll};

/// Who a request is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum To {
    /// The BMC, over the system interface.
    Bmc,
    /// The controller at this address of the IPMB.
    Ipmb(u8),
}

/// What answers requests.
pub type Ask<'a> = &'a mut dyn FnMut(To, &Request) -> Response;

/// Most bytes the kernel hands over in one message: header, arguments and the memory of the longest ioctl.
pub const MAX_MESSAGE: usize = 64 * 1024;
/// Files open at a time; more are refused.
const MAX_FILES: usize = 256;

const EIO: i32 = 5;
const EMFILE: i32 = 24;
const ENOSYS: i32 = 38;
const EBADF: i32 = 9;
const EINVAL: i32 = 22;

/// The device: its open files.
#[derive(Debug, Default)]
pub struct Device {
    name: String,
    files: BTreeMap<u64, File>,
    last: u64,
}

impl Device {
    /// A device that becomes /dev/`name`.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), ..Self::default() }
    }

    /// Handles one message of /dev/cuse; what is returned is to be written there, each with one write.
    pub fn handle(&mut self, message: &[u8], ask: Ask<'_>) -> Vec<Vec<u8>> {
        let Some((header, body)) = InHeader::split(message) else { return Vec::new() };
        let answer = match header.opcode {
            Opcode::Init => wire::init(body, &self.name).ok_or(EIO),
            Opcode::Open => self.open(),
            Opcode::Release => {
                if let Some(file) = wire::file_of(body) {
                    self.files.remove(&file);
                }
                Ok(Vec::new())
            }
            Opcode::Ioctl => return self.ioctl(header.unique, body, ask),
            Opcode::Poll => self.poll(body),
            // It wants no answer: no request here takes long.
            Opcode::Interrupt => return Vec::new(),
            // The driver's devices are neither read nor written.
            Opcode::ReadOrWrite => Err(EINVAL),
            Opcode::Other => Err(ENOSYS),
        };
        vec![match answer {
            Ok(body) => wire::reply(header.unique, &body),
            Err(errno) => wire::refusal(header.unique, errno),
        }]
    }

    /// Files whose programs want event messages.
    pub fn wants_events(&self) -> bool {
        self.files.values().any(|file| file.gets_events)
    }

    /// Queues an event message where it is wanted; what is returned wakes those who wait.
    pub fn event(&mut self, record: &[u8]) -> Vec<Vec<u8>> {
        let mut wakes = Vec::new();
        for file in self.files.values_mut().filter(|file| file.gets_events) {
            file.queue_event(record);
            wakes.extend(file.poller.take().map(wire::wake));
        }
        wakes
    }

    fn open(&mut self) -> Result<Vec<u8>, i32> {
        if self.files.len() >= MAX_FILES {
            return Err(EMFILE);
        }
        self.last += 1;
        self.files.insert(self.last, File::default());
        Ok(wire::opened(self.last))
    }

    fn ioctl(&mut self, unique: u64, body: &[u8], ask: Ask<'_>) -> Vec<Vec<u8>> {
        let Some(ioctl) = Ioctl::parse(body) else { return vec![wire::refusal(unique, EIO)] };
        let Some(file) = self.files.get_mut(&ioctl.file) else { return vec![wire::refusal(unique, EBADF)] };
        // Structures of 32-bit programs on a 64-bit kernel have another layout.
        if ioctl.narrow {
            return vec![wire::refusal(unique, EINVAL)];
        }
        let mut messages = vec![wire::reply(unique, &file.ioctl(&ioctl, ask).emit())];
        if file.is_readable() {
            messages.extend(file.poller.take().map(wire::wake));
        }
        messages
    }

    fn poll(&mut self, body: &[u8]) -> Result<Vec<u8>, i32> {
        let poll = Poll::parse(body).ok_or(EIO)?;
        let file = self.files.get_mut(&poll.file).ok_or(EBADF)?;
        if !file.is_readable() && poll.notify {
            file.poller = Some(poll.handle);
        }
        Ok(wire::polled(file.is_readable()))
    }
}

#[cfg(test)]
mod tests;
