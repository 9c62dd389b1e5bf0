//! The serial basic mode face: IPMB messages over a pty (IPMI 2.0 s14.4).

use std::collections::VecDeque;
use std::io;
use std::os::fd::AsFd;
use std::path::Path;
use std::time::{Duration, Instant};

use ipmi_core::link::ipmb::IpmbMessage;
use ipmi_core::link::serial_basic::{Decoder, HANDSHAKE, Item, emit};
use ipmi_core::{Request, SlaveAddress};

use super::Face;
use super::pty::Pty;
use super::wake::{Waker, wait};
use crate::engine::Handle;
use crate::serial::access::{Answers, SerialAccess};
use crate::store::channel::SERIAL;

/// Data bytes of a response: a message of basic mode has at least 40 bytes, and consoles make room for no more.
const MAX_DATA: usize = 32;
/// Time a satellite controller takes to answer, the bus included. Consoles rely on it: ipmitool does not see an answer
/// that comes in one piece with the one to Send Message.
const SATELLITE_TIME: Duration = Duration::from_millis(20);
/// Answers of satellite controllers on their way; more are lost.
const MAX_PENDING: usize = 16;
/// Channel protocol IPMB-1.0 (table 6-2).
const PROTOCOL: u8 = 0x01;

/// Serves `bmc` on a new pty, found by `link` if given; with `login_required` only to who logs in.
///
/// # Errors
/// When there is no pty or the link cannot be made.
pub fn start(bmc: Handle, link: Option<&Path>, login_required: bool) -> io::Result<Face> {
    let pty = Pty::open(&bmc, link)?;
    bmc.with(|bmc, _| {
        if let Some(channel) = bmc.channels.get_mut(SERIAL) {
            channel.protocol = PROTOCOL;
        }
    });
    Face::spawn("serial-basic", pty.address(), move |stop| {
        if let Err(error) = serve(pty, &bmc, &stop, login_required) {
            tracing::error!("the serial basic mode face stops: {error}");
        }
    })
}

fn serve(mut pty: Pty, bmc: &Handle, stop: &Waker, login_required: bool) -> io::Result<()> {
    let mut access = SerialAccess::new(login_required, MAX_DATA);
    let mut decoder = Decoder::default();
    let mut pending: VecDeque<(Instant, Vec<u8>)> = VecDeque::new();
    loop {
        let timeout = pending.front().map(|(at, _)| at.saturating_duration_since(Instant::now()));
        let [stopped, readable] = wait([stop.as_fd(), pty.as_fd()], timeout)?;
        if stopped {
            return Ok(());
        }
        if pending.front().is_some_and(|(at, _)| *at <= Instant::now())
            && let Some((_, answer)) = pending.pop_front()
        {
            pty.send(&answer)?;
        }
        if !readable {
            continue;
        }
        for byte in pty.read()? {
            match decoder.push(byte) {
                Some(Ok(Item::Message(message))) => {
                    pty.send(&[HANDSHAKE])?;
                    let Some(answers) = answer(&message, &mut access, bmc) else { continue };
                    pty.send(&emit(&message.reply(&answers.response)))?;
                    if let Some((inner, response)) = answers.bridged
                        && pending.len() < MAX_PENDING
                    {
                        pending.push_back((Instant::now() + SATELLITE_TIME, emit(&inner.reply(&response))));
                    }
                }
                Some(Err(error)) => {
                    // There is room for the next message, whatever this one was.
                    tracing::debug!("bad message: {error}");
                    pty.send(&[HANDSHAKE])?;
                }
                Some(Ok(Item::Handshake)) | None => {}
            }
        }
    }
}

/// The answers to a message; none to what is no request for the BMC.
fn answer(message: &IpmbMessage, access: &mut SerialAccess, bmc: &Handle) -> Option<Answers> {
    if message.net_fn.is_response() || message.responder != SlaveAddress::BMC {
        return None;
    }
    let mut request = Request::new(message.net_fn, message.cmd, message.data.clone());
    request.lun = message.responder_lun;
    Some(bmc.with(|bmc, now| access.ask(bmc, &request, now)))
}
