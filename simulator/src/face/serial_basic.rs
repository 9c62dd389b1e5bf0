//! The serial basic mode face: IPMB messages over a pty (IPMI 2.0 s14.4).

use std::io;
use std::os::fd::AsFd;
use std::path::Path;

use ipmi_core::link::ipmb::IpmbMessage;
use ipmi_core::link::serial_basic::{Decoder, HANDSHAKE, Item, emit};
use ipmi_core::{Request, SlaveAddress};

use super::Face;
use super::pty::Pty;
use super::wake::{Waker, wait};
use crate::engine::Handle;
use crate::serial::access::SerialAccess;
use crate::store::channel::SERIAL;

/// Data bytes of a response: a message of basic mode has at least 40 bytes, and consoles make room for no more.
const MAX_DATA: usize = 32;
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
    loop {
        let [stopped, readable] = wait([stop.as_fd(), pty.as_fd()], None)?;
        if stopped {
            return Ok(());
        }
        if !readable {
            continue;
        }
        for byte in pty.read()? {
            match decoder.push(byte) {
                Some(Ok(Item::Message(message))) => {
                    let answers = answer(&message, &mut access, bmc);
                    pty.send(&answers)?;
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

/// What goes onto the line for a message: the handshake, then the answers.
fn answer(message: &IpmbMessage, access: &mut SerialAccess, bmc: &Handle) -> Vec<u8> {
    let mut line = vec![HANDSHAKE];
    if message.net_fn.is_response() || message.responder != SlaveAddress::BMC {
        return line;
    }
    let mut request = Request::new(message.net_fn, message.cmd, message.data.clone());
    request.lun = message.responder_lun;
    let answers = bmc.with(|bmc, now| access.ask(bmc, &request, now));
    line.extend(emit(&message.reply(&answers.response)));
    if let Some((inner, response)) = answers.bridged {
        line.extend(emit(&inner.reply(&response)));
    }
    line
}
