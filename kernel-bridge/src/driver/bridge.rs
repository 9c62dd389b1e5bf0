//! Requests to satellite controllers through Send Message and Get Message (IPMI 2.0 s6.12, s22.6, s22.7), for
//! transports that do not bridge by themselves.
//!
//! Over a system interface the BMC does not track requests: the inner message is sent as if from the BMC's LUN 2, and
//! the reply is fetched from the receive message queue.

use std::time::{Duration, Instant};

use ipmi_core::command::app::{GetMessage, GetMessageFlags, MessageFlags, SendMessage, Tracking};
use ipmi_core::link::ipmb::IpmbMessage;
use ipmi_core::{ChannelNumber, Command, CompletionCode, Lun, Request, Response, SlaveAddress, Target};

use crate::transport::{Failure, Transport};

/// Where a bridged request goes, and in whose name.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Destination {
    pub(crate) channel: ChannelNumber,
    pub(crate) address: SlaveAddress,
    pub(crate) my_address: SlaveAddress,
}

/// Get Message: the queue is empty.
const QUEUE_EMPTY: CompletionCode = CompletionCode(0x80);

/// How long one sending may go unanswered before it is sent again (IPMB: 60-250 ms, satellites behind it are slower).
const ANSWER_WAIT: Duration = Duration::from_secs(1);
/// How often a request is sent; a satellite that never answers must not cost a whole deadline for each of its sensors.
const SENDINGS: u32 = 3;
const FIRST_POLL: Duration = Duration::from_millis(1);
const LONGEST_POLL: Duration = Duration::from_millis(20);
/// Messages taken off the queue per look, so that a queue that never empties does not hold us.
const MESSAGES_PER_LOOK: u32 = 16;

/// Sends `request` to `to` and waits for its reply. Messages that are not the reply go to `stray`.
pub(crate) fn exchange(
    transport: &mut dyn Transport,
    to: Destination,
    request: &Request,
    deadline: Instant,
    sequence: &mut u8,
    stray: &mut dyn FnMut(Vec<u8>),
) -> Result<Response, Failure> {
    *sequence = sequence.wrapping_add(1) & 0x3F;
    let message = IpmbMessage {
        responder: to.address,
        net_fn: request.net_fn,
        responder_lun: request.lun,
        requester: to.my_address,
        requester_lun: Lun::SMS,
        sequence: *sequence,
        cmd: request.cmd,
        data: request.data.clone(),
    };
    let send = Request::of(&SendMessage::ipmb(to.channel, Tracking::None, &message));
    let mut unanswered = 0;
    loop {
        let sent = transport.exchange(Target::Bmc, &send, deadline)?;
        match sent.code {
            CompletionCode::OK => {}
            code if SendMessage::BUS_TROUBLE.contains(&code) => {
                pause(FIRST_POLL * 10, deadline)?;
                continue;
            }
            // The codes of Send Message mean something else for the command that was bridged.
            SendMessage::NAK_ON_WRITE => return Ok(Response::refused(CompletionCode::DESTINATION_UNAVAILABLE)),
            code => return Ok(Response::refused(code)),
        }
        // Some BMCs wait for the reply themselves and put it into the answer to Send Message.
        if let Some(response) = message.response_in(&sent.data) {
            return Ok(response);
        }
        let resend = deadline.min(Instant::now() + ANSWER_WAIT);
        if let Some(response) = fetch(transport, &message, to.channel, resend, deadline, stray)? {
            return Ok(response);
        }
        unanswered += 1;
        if unanswered == SENDINGS || Instant::now() >= deadline {
            return Err(Failure::Timeout);
        }
    }
}

/// Looks into the receive message queue until the reply is there or `until` has come.
fn fetch(
    transport: &mut dyn Transport,
    sent: &IpmbMessage,
    channel: ChannelNumber,
    until: Instant,
    deadline: Instant,
    stray: &mut dyn FnMut(Vec<u8>),
) -> Result<Option<Response>, Failure> {
    let (flags, get) = (Request::of(&GetMessageFlags), Request::of(&GetMessage));
    let mut wait = FIRST_POLL;
    loop {
        let answer = transport.exchange(Target::Bmc, &flags, deadline)?;
        // A BMC without the flags still has the queue.
        let waiting =
            answer.decode::<GetMessageFlags>().map_or(true, |flags| flags.contains(MessageFlags::RECEIVE_QUEUE));
        for _ in 0..if waiting { MESSAGES_PER_LOOK } else { 0 } {
            let answer = transport.exchange(Target::Bmc, &get, deadline)?;
            match answer.code {
                CompletionCode::OK => {}
                QUEUE_EMPTY => break,
                code => return Ok(Some(Response::refused(code))),
            }
            let queued = GetMessage::parse(&answer.data).ok().filter(|queued| queued.channel == channel);
            match queued.and_then(|queued| sent.response_in(&queued.message)) {
                Some(response) => return Ok(Some(response)),
                None => stray(answer.data),
            }
        }
        if Instant::now() >= until {
            return Ok(None);
        }
        std::thread::sleep(wait);
        wait = (wait * 2).min(LONGEST_POLL);
    }
}

fn pause(time: Duration, deadline: Instant) -> Result<(), Failure> {
    if Instant::now() + time >= deadline {
        return Err(Failure::Timeout);
    }
    std::thread::sleep(time);
    Ok(())
}
