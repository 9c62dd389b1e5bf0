//! The Linux IPMI driver: `/dev/ipmiN` (`linux/ipmi.h`). The driver bridges to satellite controllers by itself.

use std::collections::VecDeque;
use std::fs::{File, OpenOptions};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;
use std::time::Instant;

use ipmi_core::{CompletionCode, Request, Response, SlaveAddress, Target};
use nix::errno::Errno;

use super::ioctl::{self, Kind, Received, To};
use super::line::wait_readable;
use super::{Failure, Notice, Transport};
use crate::url::OpenDevice;

/// Events kept that arrive while requests are answered.
const MAX_EVENTS: usize = 1024;

/// An open `/dev/ipmiN`.
pub struct OpenIpmi {
    path: PathBuf,
    device: File,
    message_id: libc::c_long,
    events: VecDeque<Vec<u8>>,
}

impl OpenIpmi {
    /// Opens a device and tells it our IPMB address.
    ///
    /// # Errors
    /// What is wrong, with the names tried.
    pub fn open(device: &OpenDevice, my_address: SlaveAddress) -> Result<Self, String> {
        let (path, file) = open(device)?;
        let this = Self { path, device: file, message_id: 0, events: VecDeque::new() };
        if my_address != SlaveAddress::BMC {
            ioctl::set_my_address(this.device.as_fd(), my_address)
                .map_err(|errno| format!("{}: cannot set our IPMB address: {}", this.path.display(), errno.desc()))?;
        }
        Ok(this)
    }

    fn broken(&self, sent: bool, what: &str, errno: Errno) -> Failure {
        Failure::Broken { reason: format!("{}: {what}: {}", self.path.display(), errno.desc()), sent }
    }

    /// Takes the next message if there is one; keeps events, gives the rest.
    fn receive(&mut self) -> Result<Option<Received>, Failure> {
        match ioctl::receive(self.device.as_fd()) {
            Ok(Some(Received { kind: Kind::Event, data, .. })) => {
                if self.events.len() < MAX_EVENTS {
                    self.events.push_back(data);
                }
                Ok(None)
            }
            Ok(received) => Ok(received),
            Err(Errno::EINTR) => Ok(None),
            Err(errno) => Err(self.broken(true, "cannot receive", errno)),
        }
    }

    fn readable(&self, deadline: Instant) -> Result<bool, Failure> {
        wait_readable(self.device.as_fd(), deadline).map_err(|errno| self.broken(true, "cannot wait", errno))
    }
}

/// The device and the name it was found under.
fn open(device: &OpenDevice) -> Result<(PathBuf, File), String> {
    let names: Vec<String> = match device {
        OpenDevice::Path(path) => vec![path.display().to_string()],
        OpenDevice::Number(number) => {
            ["/dev/ipmi", "/dev/ipmi/", "/dev/ipmidev/"].iter().map(|prefix| format!("{prefix}{number}")).collect()
        }
    };
    let mut reason = None;
    for name in &names {
        match OpenOptions::new().read(true).write(true).custom_flags(libc::O_NONBLOCK).open(name) {
            Ok(file) => return Ok((name.into(), file)),
            // "No such file" for the second name must not hide "Permission denied" for the first.
            Err(error) if reason.is_none() || error.kind() != std::io::ErrorKind::NotFound => reason = Some(error),
            Err(_) => {}
        }
    }
    let hint = match reason.as_ref().map(std::io::Error::kind) {
        Some(std::io::ErrorKind::NotFound) => " (is ipmi_devintf loaded? `ipmi discover` lists this machine's BMCs)",
        Some(std::io::ErrorKind::PermissionDenied) => " (it takes root, or the group the device belongs to)",
        _ => "",
    };
    let reason = reason.map_or_else(|| "no name".to_owned(), |error| os_text(&error));
    Err(format!("Could not open device at {}: {reason}{hint}", names.join(" or ")))
}

/// The system's text without Rust's "(os error N)".
pub(super) fn os_text(error: &std::io::Error) -> String {
    error.raw_os_error().map_or_else(|| error.to_string(), |code| Errno::from_raw(code).desc().to_owned())
}

impl Transport for OpenIpmi {
    fn exchange(&mut self, target: Target, request: &Request, deadline: Instant) -> Result<Response, Failure> {
        let to = match target {
            Target::Bmc => To::SystemInterface(request.lun),
            Target::Ipmb { channel, address } => To::Ipmb(channel, address, request.lun),
            Target::Software => return Ok(Response::refused(CompletionCode::DESTINATION_UNAVAILABLE)),
        };
        self.message_id = self.message_id.wrapping_add(1);
        match ioctl::send(self.device.as_fd(), to, self.message_id, (request.net_fn, request.cmd), &request.data) {
            Ok(()) => {}
            // The driver knows no such channel: nobody can be reached there, but the device is well.
            Err(Errno::EINVAL) if target != Target::Bmc => {
                return Ok(Response::refused(CompletionCode::DESTINATION_UNAVAILABLE));
            }
            Err(errno) => return Err(self.broken(false, "cannot send", errno)),
        }
        while self.readable(deadline)? {
            match self.receive()? {
                // Other ids are late answers to requests given up.
                Some(Received { kind: Kind::Response, message_id, data }) if message_id == self.message_id => {
                    let Some((code, data)) = data.split_first() else {
                        return Err(Failure::after_sending(format!("{}: an empty response", self.path.display())));
                    };
                    return Ok(Response { code: CompletionCode(*code), data: data.to_vec() });
                }
                _ => {}
            }
        }
        Err(Failure::Timeout)
    }

    fn bridges(&self) -> bool {
        true
    }

    fn want_events(&mut self, wanted: bool) {
        if let Err(errno) = ioctl::set_gets_events(self.device.as_fd(), wanted) {
            tracing::warn!(device = %self.path.display(), %errno, "no events from this device");
        }
    }

    fn notice(&mut self) -> Result<Option<Notice>, Failure> {
        while self.events.is_empty() && self.readable(Instant::now())? {
            self.receive()?;
        }
        Ok(self.events.pop_front().map(Notice::EventMessage))
    }

    fn notice_fd(&self) -> Option<BorrowedFd<'_>> {
        Some(self.device.as_fd())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_device_is_named_in_every_form_tried() {
        let error = OpenIpmi::open(&OpenDevice::Number(77), SlaveAddress::BMC).err().unwrap();
        assert_eq!(
            error,
            "Could not open device at /dev/ipmi77 or /dev/ipmi/77 or /dev/ipmidev/77: No such file or directory \
             (is ipmi_devintf loaded? `ipmi discover` lists this machine's BMCs)"
        );
    }

    #[test]
    fn a_device_that_is_none_is_a_clear_failure() {
        let mut device = OpenIpmi::open(&OpenDevice::Path("/dev/null".into()), SlaveAddress::BMC).unwrap();
        let request = Request::new(ipmi_core::NetFn::APP, 1, []);
        let Err(Failure::Broken { reason, sent: false }) = device.exchange(Target::Bmc, &request, Instant::now())
        else {
            panic!("an answer from /dev/null");
        };
        assert!(reason.starts_with("/dev/null: cannot send: "), "{reason}");
    }
}
