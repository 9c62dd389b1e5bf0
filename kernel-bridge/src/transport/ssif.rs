//! SSIF, the SMBus system interface, through /dev/i2c-N (IPMI 2.0 s12): for machines without the kernel's driver for
//! it.

use std::fs::{File, OpenOptions};
use std::os::fd::AsFd;
use std::path::Path;
use std::time::{Duration, Instant};

use ipmi_core::link::ssif::{BLOCK, Capabilities, SsifError, SsifHost, Step, Transfer};
use ipmi_core::link::system_message;
use ipmi_core::{CompletionCode, NetFn, Request, Response, Target};
use nix::errno::Errno;

use super::i2c;
use super::openipmi::os_text;
use super::{Failure, Notice, Transport};

/// Get System Interface Capabilities, for SSIF (s22.9).
const GET_CAPABILITIES: u8 = 0x57;
const OF_SSIF: [u8; 1] = [0];
/// Time the BMC has for its answer to that.
const FIRST_ANSWER: Duration = Duration::from_secs(2);
/// How often the BMC is asked for its message flags while somebody listens for events: SMBus has no register to look
/// at.
const ATTENTION_INTERVAL: Duration = Duration::from_secs(1);

const _: () = assert!(BLOCK == i2c::BLOCK_MAX);

/// The host end of an SSIF.
pub struct Ssif {
    name: String,
    bus: File,
    host: SsifHost,
}

impl Ssif {
    /// Opens the bus and asks the BMC at the 7-bit `address` what it can do.
    ///
    /// # Errors
    /// What is wrong, with bus and address.
    pub fn open(path: &Path, address: u8) -> Result<Self, String> {
        let name = format!("SSIF at {} address {address:#04x}", path.display());
        let failed = |errno: Errno| match errno {
            Errno::EBUSY => format!("{name}: the kernel's driver has this device; use open:0"),
            Errno::ENOTTY => format!("{name}: not an I2C bus"),
            errno => format!("{name}: {}", errno.desc()),
        };
        let bus = OpenOptions::new().read(true).write(true).open(path).map_err(|error| {
            let hint = if error.kind() == std::io::ErrorKind::NotFound { " (is i2c-dev loaded?)" } else { "" };
            format!("{name}: {}{hint}", os_text(&error))
        })?;
        let functions = i2c::functions(bus.as_fd()).map_err(failed)?;
        if !functions.blocks {
            return Err(format!("{name}: this adapter transfers no SMBus blocks"));
        }
        i2c::choose(bus.as_fd(), address).map_err(failed)?;
        let mut ssif = Self { name, bus, host: SsifHost::default() };
        let request = Request::new(NetFn::APP, GET_CAPABILITIES, OF_SSIF);
        let answer = match ssif.exchange(Target::Bmc, &request, Instant::now() + FIRST_ANSWER) {
            Ok(answer) => answer,
            Err(Failure::Timeout) => return Err(format!("{}: {}", ssif.name, SsifError::Timeout)),
            Err(Failure::Broken { reason, .. }) => return Err(reason),
        };
        // A BMC that does not know the command can do what every one can.
        let capabilities =
            if answer.code == CompletionCode::OK { Capabilities::parse(&answer.data) } else { Capabilities::LEAST };
        tracing::debug!(name = ssif.name, ?capabilities, "SSIF");
        if capabilities.packet_error_code && functions.packet_error_code {
            i2c::use_packet_error_code(ssif.bus.as_fd()).map_err(|errno| format!("{}: {}", ssif.name, errno.desc()))?;
        }
        ssif.host = SsifHost::new(capabilities);
        Ok(ssif)
    }

    fn transfer(&mut self, request: &[u8], deadline: Instant) -> Result<Vec<u8>, Failure> {
        self.host.start(request, deadline);
        loop {
            match self.host.poll(Instant::now()) {
                Step::Write { command, data } => {
                    let written = i2c::write_block(self.bus.as_fd(), command, &data);
                    let transfer = self.outcome(written.map(|()| Transfer::Written))?;
                    self.host.complete(transfer, Instant::now());
                }
                Step::Read { command } => {
                    let block = i2c::read_block(self.bus.as_fd(), command);
                    let transfer = self.outcome(block.as_deref().map(Transfer::Read).map_err(|errno| *errno))?;
                    self.host.complete(transfer, Instant::now());
                }
                Step::Wait(time) => std::thread::sleep(time.saturating_duration_since(Instant::now())),
                Step::Done(response) => return Ok(response),
                Step::Failed(SsifError::Timeout) => return Err(Failure::Timeout),
                Step::Failed(error @ (SsifError::Absent | SsifError::Length { .. })) => {
                    return Err(Failure::before_sending(format!("{}: {error}", self.name)));
                }
                Step::Failed(error) => return Err(Failure::after_sending(format!("{}: {error}", self.name))),
                Step::Idle => return Err(Failure::after_sending(format!("{}: the exchange was lost", self.name))),
            }
        }
    }

    /// What an error of the kernel means for the exchange (`Documentation/i2c/fault-codes.rst`).
    fn outcome<'a>(&self, result: Result<Transfer<'a>, Errno>) -> Result<Transfer<'a>, Failure> {
        match result {
            Ok(transfer) => Ok(transfer),
            Err(Errno::EBADMSG) => Ok(Transfer::Damaged),
            // No acknowledge, another master, or a block without bytes: the BMC is not ready.
            Err(
                Errno::ENXIO
                | Errno::EREMOTEIO
                | Errno::EAGAIN
                | Errno::ETIMEDOUT
                | Errno::EPROTO
                | Errno::EIO
                | Errno::EBUSY
                | Errno::EINTR,
            ) => Ok(Transfer::Refused),
            Err(errno) => Err(Failure::after_sending(format!("{}: {}", self.name, errno.desc()))),
        }
    }
}

impl Transport for Ssif {
    fn exchange(&mut self, _target: Target, request: &Request, deadline: Instant) -> Result<Response, Failure> {
        let bytes = self.transfer(&system_message::emit_request(request), deadline)?;
        system_message::parse_response(request, &bytes)
            .map_err(|error| Failure::after_sending(format!("{}: {error}", self.name)))
    }

    fn notice(&mut self) -> Result<Option<Notice>, Failure> {
        Ok(Some(Notice::Attention))
    }

    fn notice_interval(&self) -> Option<Duration> {
        Some(ATTENTION_INTERVAL)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_bus_is_named() {
        let error = Ssif::open(Path::new("/dev/null"), 0x10).err().unwrap();
        assert_eq!(error, "SSIF at /dev/null address 0x10: not an I2C bus");
        let error = Ssif::open(Path::new("/dev/i2c-none"), 0x10).err().unwrap();
        assert!(error.starts_with("SSIF at /dev/i2c-none") && error.ends_with("(is i2c-dev loaded?)"), "{error}");
    }
}
