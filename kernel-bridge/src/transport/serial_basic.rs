//! Serial basic mode, console end (IPMI 2.0 s14.4), with the log-in of single-session channels (s22.16, s22.17).

use std::path::Path;
use std::time::Instant;

use ipmi_core::command::app::{
    ActivateSession, GetChannelAuthenticationCapabilities, GetSessionChallenge, SetSessionPrivilegeLevel,
};
use ipmi_core::link::ipmb::IpmbMessage;
use ipmi_core::link::rmcp_plus::rakp::UserName;
use ipmi_core::link::serial_basic::{Decoder, Item, emit};
use ipmi_core::link::session_1_5::{AuthType, Password15, single_session_code};
use ipmi_core::{ChannelNumber, Command, Error, Privilege, Request};

use super::serial_console::{Console, Framing, Heard};
use super::serial_line::SerialLine;
use super::{Failure, Transport};
use crate::options::{Options, SessionOptions};

/// The BMC's first sequence number: the field is there, although messages on a serial line carry none.
const OUTBOUND_SEQUENCE: u32 = 1;
/// Authentication types, the best first.
const PREFERRED: [AuthType; 4] = [AuthType::Md5, AuthType::Md2, AuthType::StraightPassword, AuthType::None];

/// Basic mode's framing.
#[derive(Default)]
struct Basic(Decoder);

impl Framing for Basic {
    fn emit(&mut self, request: &IpmbMessage, _again: bool) -> Vec<u8> {
        emit(request)
    }

    fn push(&mut self, byte: u8) -> Option<Heard> {
        match self.0.push(byte)? {
            Ok(Item::Message(message)) => Some(Heard::Message(message)),
            // With one request under way at a time its answer says as much.
            Ok(Item::Handshake) => None,
            Err(error) => {
                tracing::debug!(%error, "bad message on the line");
                None
            }
        }
    }
}

/// Opens the line, and a session when a user or a password is given and the BMC has sessions on it.
///
/// # Errors
/// What is wrong, with the path.
pub(super) fn open(path: &Path, baud: u32, options: &Options) -> Result<Box<dyn Transport>, String> {
    let line = SerialLine::open(path, baud)?;
    let mut console = Console::new(line, Basic::default(), baud, options);
    let session = &options.session;
    if !session.user.is_empty() || !session.password.is_empty() {
        log_in(&mut console, session, options)
            .map_err(|reason| format!("{}: cannot log in: {reason}", path.display()))?;
    }
    Ok(Box::new(console))
}

fn log_in(console: &mut Console<Basic>, session: &SessionOptions, options: &Options) -> Result<(), String> {
    let mut ask = Ask { console, options };
    let channel = ChannelNumber::CURRENT;
    let capabilities = match ask.call(&GetChannelAuthenticationCapabilities {
        channel,
        extended: false,
        privilege: session.privilege,
    })? {
        Ok(capabilities) => capabilities,
        Err(refusal) => {
            tracing::debug!(%refusal, "no sessions on this line");
            return Ok(());
        }
    };
    let offers = |auth_type: &AuthType| capabilities.auth_types.offers(*auth_type);
    let auth_type = match session.auth_type {
        Some(wanted) => Some(wanted),
        None => PREFERRED.into_iter().find(offers),
    };
    let Some(auth_type) = auth_type else {
        tracing::debug!("no authentication type is offered: there are no sessions on this line");
        return Ok(());
    };
    let wrong = |error: ipmi_core::ParseError| error.to_string();
    let user = UserName::new(session.user.as_bytes()).map_err(wrong)?;
    let password = Password15::new(session.password.as_bytes()).map_err(wrong)?;
    let given = ask.must(&GetSessionChallenge { auth_type, user })?;
    let proof = single_session_code(auth_type, &password, given.temporary_session_id, &given.challenge)
        .ok_or("this authentication type is not supported")?;
    let privilege = session.privilege;
    let activated =
        ask.must(&ActivateSession { auth_type, privilege, challenge: proof, outbound_sequence: OUTBOUND_SEQUENCE })?;
    let granted = Privilege::from_code(activated.max_privilege).map_or(privilege, |most| most.min(privilege));
    if granted > Privilege::User {
        ask.must(&SetSessionPrivilegeLevel { privilege: Some(granted) })?;
    }
    Ok(())
}

/// Commands on a line nobody else uses yet.
struct Ask<'a> {
    console: &'a mut Console<Basic>,
    options: &'a Options,
}

impl Ask<'_> {
    /// The answer, or the BMC's refusal.
    fn call<C: Command>(&mut self, command: &C) -> Result<Result<C::Response, Error>, String> {
        let deadline = Instant::now() + self.options.timeout;
        match self.console.exchange(ipmi_core::Target::Bmc, &Request::of(command), deadline) {
            Ok(response) => Ok(response.decode::<C>()),
            Err(Failure::Timeout) => Err("nobody answers on the line".to_owned()),
            Err(Failure::Broken { reason, .. }) => Err(reason),
        }
    }

    fn must<C: Command>(&mut self, command: &C) -> Result<C::Response, String> {
        self.call(command)?.map_err(|error| error.to_string())
    }
}
