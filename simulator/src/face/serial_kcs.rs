//! The serial KCS face: the two KCS registers behind a pty (docs/serial-kcs.md).

use std::io;
use std::os::fd::AsFd;
use std::path::Path;
use std::time::Instant;

use crossbeam_channel::Receiver;
use ipmi_core::link::serial_kcs_bmc::SerialKcsBmc;
use ipmi_core::link::system_message;

use super::Face;
use super::pty::Pty;
use super::wake::{Waker, wait};
use crate::engine::{Handle, Notice};

/// Serves `bmc` on a new pty. With `link`, a symbolic link to it is made there; a link that is there is replaced,
/// anything else is not touched. Without, the address is the pty's own path.
///
/// # Errors
/// When there is no pty or the link cannot be made.
pub fn start(bmc: Handle, link: Option<&Path>) -> io::Result<Face> {
    let pty = Pty::open(&bmc, link)?;
    Face::spawn("serial-kcs", pty.address(), move |stop| {
        if let Err(error) = serve(pty, &bmc, &stop) {
            tracing::error!("the serial KCS face stops: {error}");
        }
    })
}

fn serve(mut pty: Pty, bmc: &Handle, stop: &Waker) -> io::Result<()> {
    let waker = Waker::new()?;
    let notices = bmc.subscribe(waker.clone());
    let mut line = SerialKcsBmc::new();
    loop {
        let timeout = line.poll_timeout().map(|at| at.saturating_duration_since(Instant::now()));
        let [stopped, readable, noticed] = wait([stop.as_fd(), pty.as_fd(), waker.as_fd()], timeout)?;
        if stopped {
            return Ok(());
        }
        if noticed {
            waker.clear();
            hear(&notices, &mut line);
        }
        if readable {
            line.handle_input(&pty.read()?, Instant::now());
        }
        line.handle_timeout(Instant::now());
        while let Some(request) = line.poll_request() {
            let Ok(message) = system_message::parse_request(&request.bytes) else {
                tracing::debug!(bytes = ?request.bytes, "not a request");
                line.respond(request.ticket, &[], Instant::now());
                continue;
            };
            let response = bmc.ask(message.clone());
            hear(&notices, &mut line);
            line.respond(request.ticket, &system_message::emit_response(&message, &response), Instant::now());
        }
        pty.send(&line.poll_output())?;
    }
}

fn hear(notices: &Receiver<Notice>, line: &mut SerialKcsBmc) {
    while let Ok(notice) = notices.try_recv() {
        if let Notice::Attention { on, .. } = notice {
            line.set_sms_atn(on, Instant::now());
        }
    }
}
