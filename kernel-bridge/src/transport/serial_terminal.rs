//! Serial terminal mode, console end (IPMI 2.0 s14.7), with the log-in by text command.

use std::path::Path;
use std::time::Instant;

use ipmi_core::command::app::SetSessionPrivilegeLevel;
use ipmi_core::link::ipmb::IpmbMessage;
use ipmi_core::link::serial_terminal::{Decoder, Line, TerminalMessage};
use ipmi_core::{Lun, Privilege, Request, Secret, SlaveAddress, Target};

use super::serial_console::{Console, Framing, Heard};
use super::serial_line::SerialLine;
use super::{Failure, Transport};
use crate::options::{Options, SessionOptions};

/// Ends a line. A BMC goes by one of the two and ignores the other.
const NEWLINE: &str = "\r\n";
/// Switches a line shared with the system to the BMC, on BMCs that are configured so; others discard it.
const TO_BMC: &str = "\x1B(\r\n";

/// Terminal mode's framing. Messages carry no addresses: those from the BMC are taken for its own, and the answer of
/// a satellite controller is told by sequence number and command.
#[derive(Default)]
struct Terminal(Decoder);

impl Framing for Terminal {
    fn emit(&mut self, request: &IpmbMessage, again: bool) -> Vec<u8> {
        let message = TerminalMessage {
            net_fn: request.net_fn,
            lun: request.responder_lun,
            sequence: request.sequence,
            bridge: 0,
            cmd: request.cmd,
            data: request.data.clone(),
        };
        // Whatever the BMC did not understand is ended before the next line begins.
        let before = if again { TO_BMC } else { "" };
        format!("{before}{}{NEWLINE}", message.emit()).into_bytes()
    }

    fn push(&mut self, byte: u8) -> Option<Heard> {
        match self.0.push(byte)? {
            Ok(Line::Message(message)) => Some(Heard::Message(IpmbMessage {
                responder: SlaveAddress::BMC,
                net_fn: message.net_fn,
                responder_lun: message.lun,
                requester: SlaveAddress::REMOTE_CONSOLE,
                requester_lun: Lun::BMC,
                sequence: message.sequence,
                cmd: message.cmd,
                data: message.data,
            })),
            Ok(Line::Ok) => Some(Heard::Ok),
            Ok(Line::Error(code)) => Some(Heard::Error(code)),
            Ok(Line::Ready) => None,
            Err(error) => {
                tracing::debug!(%error, "bad line");
                None
            }
        }
    }
}

/// Opens the line, and logs in when a user or a password is given.
///
/// # Errors
/// What is wrong, with the path.
pub(super) fn open(path: &Path, baud: u32, options: &Options) -> Result<Box<dyn Transport>, String> {
    let line = SerialLine::open(path, baud)?;
    let mut console = Console::new(line, Terminal::default(), baud, options);
    let session = &options.session;
    if !session.user.is_empty() || !session.password.is_empty() {
        log_in(&mut console, options).map_err(|reason| format!("{}: cannot log in: {reason}", path.display()))?;
    }
    Ok(Box::new(console))
}

fn log_in(console: &mut Console<Terminal>, options: &Options) -> Result<(), String> {
    let command = pass_word(&options.session)?;
    let answer = console.tell(command.as_bytes()).map_err(reason)?;
    match answer {
        Some(Heard::Ok) => {}
        Some(Heard::Error(Some(code))) => return Err(format!("the BMC refuses user or password ({:02X}h)", code.0)),
        Some(Heard::Error(None) | Heard::Message(_)) => return Err("the BMC refuses user or password".to_owned()),
        // A BMC without text commands has no log-in either.
        None => {
            tracing::debug!("nothing is said to the log-in");
            return Ok(());
        }
    }
    let privilege = options.session.privilege;
    if privilege > Privilege::User {
        let raise = Request::of(&SetSessionPrivilegeLevel { privilege: Some(privilege) });
        let response = console.exchange(Target::Bmc, &raise, Instant::now() + options.timeout).map_err(reason)?;
        // The level the BMC gave may be enough: what is not allowed is refused when it is asked for.
        tracing::debug!(code = response.code.0, "session privilege level");
    }
    Ok(())
}

fn reason(failure: Failure) -> String {
    match failure {
        Failure::Timeout => "nobody answers on the line".to_owned(),
        Failure::Broken { reason, .. } => reason,
    }
}

/// The log-in line. Blanks separate words and brackets end lines, so names and passwords with these cannot be sent.
fn pass_word(session: &SessionOptions) -> Result<Secret, String> {
    let plain = |bytes: &[u8]| bytes.iter().all(|byte| byte.is_ascii_graphic() && !b"[]".contains(byte));
    if !plain(session.user.as_bytes()) || !plain(session.password.as_bytes()) {
        return Err("terminal mode takes only names and passwords of printable characters without blanks and brackets"
            .to_owned());
    }
    // Room for everything, so that no copy is left behind by a vector that grows.
    let mut line = Vec::with_capacity(32 + session.user.len() + session.password.as_bytes().len());
    line.extend_from_slice(b"[SYS PWD ");
    match session.user.as_str() {
        "" => line.extend_from_slice(b"-N"),
        user => line.extend(b"-U ".iter().chain(user.as_bytes())),
    }
    if !session.password.is_empty() {
        line.push(b' ');
        line.extend_from_slice(session.password.as_bytes());
    }
    line.extend_from_slice(b"]\r\n");
    Ok(Secret::new(line))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(user: &str, password: &str) -> Result<String, String> {
        let password = Secret::new(password.as_bytes());
        let session = SessionOptions { user: user.into(), password, ..SessionOptions::default() };
        pass_word(&session).map(|line| String::from_utf8(line.as_bytes().to_vec()).unwrap())
    }

    #[test]
    fn log_in_lines() {
        assert_eq!(line("admin", "geheim").unwrap(), "[SYS PWD -U admin geheim]\r\n");
        assert_eq!(line("admin", "").unwrap(), "[SYS PWD -U admin]\r\n");
        assert_eq!(line("", "geheim").unwrap(), "[SYS PWD -N geheim]\r\n");
        for (user, password) in [("ad min", "a"), ("admin", "a]b"), ("admin", "a\rb"), ("[", "")] {
            assert!(line(user, password).unwrap_err().contains("blanks"));
        }
    }

    #[test]
    fn golden_lines() {
        let request = IpmbMessage {
            responder: SlaveAddress::BMC,
            net_fn: ipmi_core::NetFn::APP,
            responder_lun: Lun::BMC,
            requester: SlaveAddress::REMOTE_CONSOLE,
            requester_lun: Lun::BMC,
            sequence: 1,
            cmd: 0x01,
            data: vec![],
        };
        let mut terminal = Terminal::default();
        assert_eq!(terminal.emit(&request, false), b"[18 04 01]\r\n");
        assert_eq!(terminal.emit(&request, true), b"\x1B(\r\n[18 04 01]\r\n");
        let heard: Vec<_> = b"[18 04 01]\r\n[1C 04 01 00 20]\r\n[ERR D4]\r\n[SYS]\r\n"
            .iter()
            .filter_map(|byte| terminal.push(*byte))
            .collect();
        let [Heard::Message(echo), Heard::Message(answer), Heard::Error(Some(code))] = heard.as_slice() else {
            panic!("{heard:?}")
        };
        assert!(!request.is_answered_by(echo) && request.is_answered_by(answer));
        assert_eq!((answer.data.as_slice(), code.0), (&[0x00, 0x20][..], 0xD4));
    }
}
