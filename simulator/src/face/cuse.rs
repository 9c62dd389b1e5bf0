//! The CUSE face: a /dev/ipmiN of our own, for programs on this machine that know the Linux IPMI driver alone.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::fs::OpenOptionsExt;

use crossbeam_channel::Receiver;
use ipmi_core::{CompletionCode, NetFn, Request, Response};
use nix::errno::Errno;
use nix::fcntl::OFlag;

use super::Face;
use super::wake::{Waker, wait};
use crate::cuse::{Ask, Device, MAX_MESSAGE, To};
use crate::engine::{Handle, Notice};
use crate::handler::Source;

const CUSE: &str = "/dev/cuse";
/// The driver's own address on the IPMB.
const OWN_ADDRESS: u8 = 0x20;
const GET_MESSAGE_FLAGS: u8 = 0x31;
const READ_EVENT_MESSAGE_BUFFER: u8 = 0x35;
const SET_GLOBAL_ENABLES: u8 = 0x2E;
const GET_GLOBAL_ENABLES: u8 = 0x2F;
const EVENT_BUFFER_ENABLE: u8 = 0x04;
const EVENT_BUFFER_FULL: u8 = 0x02;
/// What the driver says of a controller that does not answer.
const NO_RESPONSE: CompletionCode = CompletionCode(0xC3);

/// Makes /dev/`name` and serves `bmc` there.
///
/// # Errors
/// When the kernel has no CUSE, the name is taken, or we may not.
pub fn start(bmc: Handle, name: &str) -> io::Result<Face> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if name.is_empty() || name.len() > 64 || !name.bytes().all(plain) {
        return Err(io::Error::other(format!("expected the name of a device, for example ipmi0, found {name:?}")));
    }
    if std::fs::exists(format!("/dev/{name}"))? {
        return Err(io::Error::other(format!("/dev/{name} is there already")));
    }
    let open = OpenOptions::new().read(true).write(true).custom_flags(OFlag::O_NONBLOCK.bits()).open(CUSE);
    let mut cuse = open.map_err(|error| {
        let hint = match error.kind() {
            io::ErrorKind::NotFound => " (the kernel has no CUSE, or its module is not loaded: modprobe cuse)",
            io::ErrorKind::PermissionDenied => " (it needs root)",
            _ => "",
        };
        // The system's words without Rust's "(os error N)".
        let reason = error.raw_os_error().map_or_else(|| error.to_string(), |code| Errno::from_raw(code).desc().into());
        io::Error::new(error.kind(), format!("{CUSE}: {reason}{hint}"))
    })?;
    let mut device = Device::new(name);
    // The first message makes the device; from then on programs can open it.
    let stop = Waker::new()?;
    let [_, readable] = wait([stop.as_fd(), cuse.as_fd()], Some(std::time::Duration::from_secs(5)))?;
    if !readable {
        return Err(io::Error::other(format!("{CUSE} says nothing")));
    }
    let mut buffer = vec![0; MAX_MESSAGE];
    answer(&mut cuse, &mut device, &mut buffer, &mut |_, _| Response::refused(NO_RESPONSE))?;
    Face::spawn("cuse", format!("/dev/{name}"), move |stop| {
        if let Err(error) = serve(cuse, device, &bmc, &stop) {
            tracing::error!("the CUSE face stops: {error}");
        }
    })
}

fn serve(mut cuse: File, mut device: Device, bmc: &Handle, stop: &Waker) -> io::Result<()> {
    let waker = Waker::new()?;
    let notices = bmc.subscribe(waker.clone());
    let mut buffer = vec![0; MAX_MESSAGE];
    let mut events_enabled = false;
    loop {
        let [stopped, readable, noticed] = wait([stop.as_fd(), cuse.as_fd(), waker.as_fd()], None)?;
        if stopped {
            return Ok(());
        }
        if readable {
            answer(&mut cuse, &mut device, &mut buffer, &mut |to, request| ask(bmc, to, request))?;
        }
        let mut look = false;
        if noticed {
            waker.clear();
            look = attention(&notices);
        }
        if device.wants_events() != events_enabled {
            events_enabled = !events_enabled;
            if events_enabled {
                enable_event_buffer(bmc);
                look = true;
            }
        }
        if look && events_enabled {
            while let Some(record) = event(bmc) {
                for message in device.event(&record) {
                    send(&mut cuse, &message)?;
                }
            }
        }
    }
}

/// Reads one message and answers it.
fn answer(cuse: &mut File, device: &mut Device, buffer: &mut [u8], ask: Ask<'_>) -> io::Result<()> {
    let count = match cuse.read(buffer) {
        Ok(count) => count,
        // Nothing after all, or the program that asked is gone.
        Err(error)
            if [io::ErrorKind::WouldBlock, io::ErrorKind::Interrupted, io::ErrorKind::NotFound]
                .contains(&error.kind()) =>
        {
            return Ok(());
        }
        Err(error) => return Err(error),
    };
    for message in device.handle(buffer.get(..count).unwrap_or_default(), ask) {
        send(cuse, &message)?;
    }
    Ok(())
}

fn send(cuse: &mut File, message: &[u8]) -> io::Result<()> {
    match cuse.write(message) {
        Ok(_) => Ok(()),
        // Whoever asked was interrupted meanwhile and does not wait any more.
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

/// Asks the BMC, or the controller the driver would bridge to.
fn ask(bmc: &Handle, to: To, request: &Request) -> Response {
    match to {
        To::Bmc => bmc.ask(request.clone()),
        To::Ipmb(address) => bmc.with(|bmc, now| match bmc.controller(address) {
            Some(_) => bmc.handle_at(address, Source::Ipmb { channel: 0, sender: OWN_ADDRESS }, request, now),
            None => Response::refused(NO_RESPONSE),
        }),
    }
}

/// True when SMS_ATN was set.
fn attention(notices: &Receiver<Notice>) -> bool {
    let mut set = false;
    while let Ok(notice) = notices.try_recv() {
        set |= matches!(notice, Notice::Attention { on: true, .. });
    }
    set
}

/// As the driver does: without it there are no event messages.
fn enable_event_buffer(bmc: &Handle) {
    let enables = bmc.ask(Request::new(NetFn::APP, GET_GLOBAL_ENABLES, []));
    if let (CompletionCode::OK, Some(enables)) = (enables.code, enables.data.first()) {
        bmc.ask(Request::new(NetFn::APP, SET_GLOBAL_ENABLES, [enables | EVENT_BUFFER_ENABLE]));
    }
}

/// The event message that waits, if one does.
fn event(bmc: &Handle) -> Option<Vec<u8>> {
    let flags = bmc.ask(Request::new(NetFn::APP, GET_MESSAGE_FLAGS, []));
    if flags.data.first()? & EVENT_BUFFER_FULL == 0 {
        return None;
    }
    let record = bmc.ask(Request::new(NetFn::APP, READ_EVENT_MESSAGE_BUFFER, []));
    (record.code == CompletionCode::OK).then_some(record.data)
}
