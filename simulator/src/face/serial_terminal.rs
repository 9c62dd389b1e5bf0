//! The serial terminal mode face: hexadecimal messages and text commands over a pty (IPMI 2.0 s14.7).

use std::io;
use std::os::fd::AsFd;
use std::path::Path;

use ipmi_core::link::serial_terminal::TerminalMessage;
use ipmi_core::link::serial_terminal_bmc::{Escape, Input, TerminalBmc, TerminalConfiguration};
use ipmi_core::{CompletionCode, NetFn, Request, Response};

use super::Face;
use super::pty::Pty;
use super::wake::{Waker, wait};
use crate::engine::Handle;
use crate::serial::access::SerialAccess;
use crate::serial::text::{self, TerminalSettings};
use crate::store::channel::SERIAL;

/// Data bytes of a response: a message of terminal mode has at least 40 bytes.
const MAX_DATA: usize = 36;
/// Channel protocol terminal mode (table 6-2).
const PROTOCOL: u8 = 0x09;
/// Serial parameter 8: which escape sequences are obeyed.
const MUX_SWITCH: u8 = 8;
/// Bridge field: from another controller.
const BRIDGED: u8 = 1;

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
    Face::spawn("serial-terminal", pty.address(), move |stop| {
        let access = SerialAccess::new(login_required, MAX_DATA);
        let mut terminal =
            Terminal { line: TerminalBmc::default(), access, settings: TerminalSettings::default(), bmc };
        if let Err(error) = terminal.serve(pty, &stop) {
            tracing::error!("the serial terminal mode face stops: {error}");
        }
    })
}

struct Terminal {
    line: TerminalBmc,
    access: SerialAccess,
    settings: TerminalSettings,
    bmc: Handle,
}

impl Terminal {
    fn serve(&mut self, mut pty: Pty, stop: &Waker) -> io::Result<()> {
        loop {
            let [stopped, readable] = wait([stop.as_fd(), pty.as_fd()], None)?;
            if stopped {
                return Ok(());
            }
            if !readable {
                continue;
            }
            for byte in pty.read()? {
                // The configuration may be changed by what came before, over this line or another way.
                self.line.configuration = TerminalConfiguration(self.bmc.with(|bmc, _| self.settings.in_force(bmc)));
                self.line.handle_input(&[byte]);
                while let Some(input) = self.line.poll_input() {
                    self.answer(input);
                }
            }
            pty.send(&self.line.poll_output())?;
        }
    }

    fn answer(&mut self, input: Input) {
        match input {
            Input::Message(message) => self.message(&message),
            Input::Text(text) => {
                let (access, settings) = (&mut self.access, &mut self.settings);
                let lines = self.bmc.with(|bmc, now| text::run(&text, access, settings, bmc, now));
                self.line.respond(lines.iter().map(String::as_str));
            }
            Input::Malformed(error) => {
                tracing::debug!("bad line: {error}");
                self.line.respond([text::refusal(CompletionCode::REQUEST_LENGTH_INVALID).as_str()]);
            }
            Input::Escape(escape) => self.escape(escape),
        }
    }

    fn message(&mut self, message: &TerminalMessage) {
        if message.net_fn.is_response() {
            return;
        }
        let mut request = Request::new(message.net_fn, message.cmd, message.data.clone());
        request.lun = message.lun;
        let access = &mut self.access;
        let answers = self.bmc.with(|bmc, now| access.ask(bmc, &request, now));
        self.line.respond([reply(message, &answers.response).emit().as_str()]);
        if let Some((inner, response)) = answers.bridged {
            let sent = TerminalMessage {
                net_fn: inner.net_fn,
                lun: inner.responder_lun,
                sequence: inner.sequence,
                bridge: BRIDGED,
                cmd: inner.cmd,
                data: Vec::new(),
            };
            self.line.print(&reply(&sent, &response).emit());
        }
    }

    fn escape(&mut self, escape: Escape) {
        let bit = match escape {
            Escape::ToBmc => 0x02,
            Escape::ToSystem => 0x04,
            Escape::Reset => 0x20,
            Escape::PowerUp => 0x40,
        };
        let access = &mut self.access;
        let obeyed = self.bmc.with(|bmc, now| {
            if bmc.settings.serial.parameters.byte(MUX_SWITCH, 0, 0) & bit == 0 {
                return false;
            }
            // Who may not control the chassis with a command may not do it with an escape sequence.
            let mut control = |operation| {
                let request = Request::new(NetFn::CHASSIS, 0x02, [operation]);
                access.ask(bmc, &request, now).response.code == CompletionCode::OK
            };
            match escape {
                Escape::ToBmc => bmc.settings.serial.mux.at_bmc = true,
                Escape::ToSystem => bmc.settings.serial.mux.at_bmc = false,
                Escape::Reset => return control(3),
                Escape::PowerUp => return control(1),
            }
            true
        });
        if obeyed && escape == Escape::ToBmc {
            self.line.respond(["[TMODE OK]"]);
        }
    }
}

fn reply(message: &TerminalMessage, response: &Response) -> TerminalMessage {
    let mut data = vec![response.code.0];
    data.extend_from_slice(&response.data);
    TerminalMessage { net_fn: message.net_fn.response(), data, ..message.clone() }
}
