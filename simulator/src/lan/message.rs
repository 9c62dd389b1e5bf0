//! An IPMI message from a console: to the BMC, or through it to system software (IPMI 2.0 s6.13, s13.8, s22.7).

use std::time::Duration;

use ipmi_core::link::ipmb::IpmbMessage;
use ipmi_core::{CompletionCode, Lun, Request, Response};

use crate::bmc::Bmc;
use crate::handler::{self, Source};
use crate::session::ConsoleAddress;

/// Handles `message`; gives the answer for the console, if there is one now.
pub(super) fn serve(bmc: &mut Bmc, source: Source, message: &IpmbMessage, now: Duration) -> Option<IpmbMessage> {
    if message.net_fn.is_response() {
        // An answer to a message that system software sent to this console.
        queue_for_software(bmc, source, message);
        return None;
    }
    if let Source::Session(login) = source
        && let Some(session) = bmc.sessions.get_mut(login.id)
    {
        session.console = ConsoleAddress { address: message.requester.0, lun: message.requester_lun };
    }
    match source {
        Source::Outside { .. } if !handler::is_answered_outside(message.net_fn, message.cmd, &message.data) => {
            return None;
        }
        Source::Session(_) if message.responder_lun == Lun::SMS => {
            // System software answers, later, unless the queue is full.
            return (!queue_for_software(bmc, source, message))
                .then(|| message.reply(&Response::refused(CompletionCode::NODE_BUSY)));
        }
        _ => {}
    }
    let mut request = Request::new(message.net_fn, message.cmd, message.data.clone());
    request.lun = message.responder_lun;
    Some(message.reply(&bmc.handle_from(source, &request, now)))
}

/// Puts a message into the receive queue in the form Get Message has for a channel with sessions.
fn queue_for_software(bmc: &mut Bmc, source: Source, message: &IpmbMessage) -> bool {
    let Source::Session(login) = source else { return false };
    let mut queued = vec![(login.privilege as u8) << 4 | login.channel, login.handle];
    queued.extend(message.emit());
    bmc.messaging.queue(queued)
}
