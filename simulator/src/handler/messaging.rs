//! BMC global enables, message flags, Get and Send Message, the event message buffer (IPMI 2.0 s22.1-8).

use std::time::Duration;

use ipmi_core::{CompletionCode, Lun, NetFn, Privilege, Request, Response, checksum};

use super::{ANY_LENGTH, Answer, Call, NAK_ON_WRITE, Row, Scope, Source, privilege_of, row};
use crate::bmc::Bmc;
use crate::controller::Controller;
use crate::store::channel::SessionSupport;

/// Send Message: no session has this handle.
const INVALID_HANDLE: CompletionCode = CompletionCode(0x80);
/// Get Message and Read Event Message Buffer: nothing waits.
const EMPTY: CompletionCode = CompletionCode(0x80);
/// BMC Global Enables: bit 4 is reserved.
const ENABLES: u8 = 0xEF;
/// The primary IPMB, where the satellites are.
const PRIMARY_IPMB: u8 = 0;

pub(super) const ROWS: &[Row] = &[
    row(NetFn::APP, 0x2E, 1..=1, Privilege::Administrator, Scope::SystemInterface, set_bmc_global_enables),
    row(NetFn::APP, 0x2F, 0..=0, Privilege::User, Scope::Bmc, get_bmc_global_enables),
    row(NetFn::APP, 0x30, 1..=1, Privilege::Administrator, Scope::SystemInterface, clear_message_flags),
    row(NetFn::APP, 0x31, 0..=0, Privilege::Administrator, Scope::SystemInterface, get_message_flags),
    row(NetFn::APP, 0x32, 2..=2, Privilege::Administrator, Scope::SystemInterface, enable_message_channel_receive),
    row(NetFn::APP, 0x33, 0..=0, Privilege::Administrator, Scope::SystemInterface, get_message),
    row(NetFn::APP, 0x34, 1..=ANY_LENGTH, Privilege::User, Scope::Any, send_message),
    row(NetFn::APP, 0x35, 0..=0, Privilege::Administrator, Scope::SystemInterface, read_event_message_buffer),
];

fn set_bmc_global_enables(call: &mut Call<'_>) -> Answer {
    call.bmc.messaging.enables = call.byte(0) & ENABLES;
    Ok(Vec::new())
}

fn get_bmc_global_enables(call: &mut Call<'_>) -> Answer {
    Ok(vec![call.bmc.messaging.enables])
}

fn clear_message_flags(call: &mut Call<'_>) -> Answer {
    let flags = call.byte(0);
    call.bmc.messaging.clear(flags);
    Ok(Vec::new())
}

fn get_message_flags(call: &mut Call<'_>) -> Answer {
    Ok(vec![call.bmc.messaging.flags()])
}

// The only channel that brings messages for system software is the IPMB, and it is always enabled.
fn enable_message_channel_receive(call: &mut Call<'_>) -> Answer {
    let channel = call.byte(0) & 0xF;
    if channel != PRIMARY_IPMB || call.byte(1) & 3 == 0 {
        return Err(CompletionCode::INVALID_DATA_FIELD);
    }
    Ok(vec![channel, 1])
}

fn get_message(call: &mut Call<'_>) -> Answer {
    call.bmc.messaging.take_message().ok_or(EMPTY)
}

fn read_event_message_buffer(call: &mut Call<'_>) -> Answer {
    call.bmc.messaging.take_event().map(Vec::from).ok_or(EMPTY)
}

// Users may only talk to system software, through LUN 2 (table G-1). Over a session the tracked reply goes back there
// (s22.7); from the system interface, one to LUN 2 goes into the queue.
fn send_message(call: &mut Call<'_>) -> Answer {
    let (channel, tracking) = (call.byte(0) & 0xF, call.byte(0) >> 6);
    if !matches!(tracking, NO_TRACKING | TRACK) {
        return Err(CompletionCode::INVALID_DATA_FIELD);
    }
    if matches!(call.source, Source::Session(login) if login.privilege < Privilege::Operator) {
        return Err(CompletionCode::INSUFFICIENT_PRIVILEGE);
    }
    let is_bus = channel == PRIMARY_IPMB || call.bmc.satellites.values().any(|satellite| satellite.channel == channel);
    if !is_bus {
        return send_to_session(call, channel);
    }
    // A broadcast has a 00h before the message (s20.9).
    let message = match call.rest(1) {
        [0x00, message @ ..] => message,
        message => message,
    };
    let message = IpmbRequest::parse(message)?;
    let own = call.bmc.main.address;
    let is_reached = |at: &Controller| at.address == own || at.channel == channel;
    if !call.bmc.controller(message.responder).is_some_and(is_reached) {
        return Err(NAK_ON_WRITE);
    }
    if message.request.net_fn.is_response() {
        return Ok(Vec::new()); // A response nobody here waits for.
    }
    let nests = is_send_message(&message.request);
    if nests && (call.at != call.bmc.main.address || message.responder == call.at) {
        return Err(CompletionCode::INVALID_DATA_FIELD); // One satellite on the way is as far as it goes.
    }
    let bus = (channel, message.requester);
    let response = carry(call.bmc, call.source, bus, message.responder, &message.request, call.now);
    match call.source {
        Source::Session(login) if tracking == TRACK => {
            if let Some(session) = call.bmc.sessions.get_mut(login.id) {
                let console = session.console;
                let frame = message.frame(console.address, console.lun, &response);
                // A nested message was answered before its carrier was: the carrier's answer goes first.
                let sent = if nests { session.send_first(frame) } else { session.send(frame) };
                if !sent {
                    tracing::debug!("too many replies wait for the console: reply dropped");
                }
            }
        }
        // Responses to LUN 2 are for system software, those to LUN 0 for the BMC, which asked for nothing.
        _ if message.requester_lun == Lun::SMS => {
            let reply = message.reply(channel, response.code, &response.data);
            if !call.bmc.messaging.queue(reply) {
                tracing::debug!("the receive message queue is full: response dropped");
            }
        }
        _ => {}
    }
    Ok(Vec::new())
}

/// The answer of a controller to a request that Send Message carried over a bus, on which `bus` names the channel and
/// the requester's address. What a session may not ask the BMC it may not ask through it either.
pub(crate) fn carry(
    bmc: &mut Bmc,
    source: Source,
    (channel, sender): (u8, u8),
    responder: u8,
    request: &Request,
    now: Duration,
) -> Response {
    match source {
        Source::Session(login) if login.privilege < privilege_at(bmc, responder, request).max(Privilege::Operator) => {
            Response::refused(CompletionCode::INSUFFICIENT_PRIVILEGE)
        }
        // The console's own log-in goes on: a nested Send Message answers there too, and on the way back to the BMC it
        // stays who it is. An event is its sender's on the bus.
        Source::Session(_) if is_send_message(request) || responder == bmc.main.address && !is_event(request) => {
            bmc.handle_at(responder, source, request, now)
        }
        _ => bmc.handle_at(responder, Source::Ipmb { channel, sender }, request, now),
    }
}

/// True for a Platform Event Message (s29.3).
fn is_event(request: &Request) -> bool {
    (request.net_fn, request.cmd) == (NetFn::SENSOR_EVENT, 0x02)
}

/// Lowest privilege a session needs for a request to a controller.
fn privilege_at(bmc: &Bmc, responder: u8, request: &Request) -> Privilege {
    let recorded = bmc.oem.find(responder, request.net_fn, request.cmd, &request.data);
    let of_command = privilege_of(request.net_fn, request.cmd, &request.data);
    recorded.map_or(of_command, |answer| answer.privilege)
}

/// Send Message: the reply is nobody's business but the requester's.
const NO_TRACKING: u8 = 0;
/// Send Message: the reply goes back to who asked.
const TRACK: u8 = 1;

fn is_send_message(request: &Request) -> bool {
    request.net_fn == NetFn::APP && request.cmd == 0x34
}

/// A message for the console of a session: its handle, then the message (s22.7).
fn send_to_session(call: &mut Call<'_>, channel: u8) -> Answer {
    let known = call.bmc.channels.get(channel).ok_or(CompletionCode::INVALID_DATA_FIELD)?;
    if known.sessions == SessionSupport::Less {
        return Err(CompletionCode::INVALID_DATA_FIELD);
    }
    let Some((&handle, frame)) = call.rest(1).split_first() else {
        return Err(CompletionCode::REQUEST_LENGTH_INVALID);
    };
    IpmbRequest::parse(frame)?;
    let frame = frame.to_vec();
    let id = call.bmc.sessions.by_handle(handle).filter(|session| session.channel == channel).map(|session| session.id);
    let session = id.and_then(|id| call.bmc.sessions.get_mut(id)).ok_or(INVALID_HANDLE)?;
    if session.send(frame) { Ok(Vec::new()) } else { Err(CompletionCode::NODE_BUSY) }
}

/// A request as it goes over an IPMB (s13.8).
struct IpmbRequest {
    responder: u8,
    requester: u8,
    requester_lun: Lun,
    sequence: u8,
    request: Request,
}

impl IpmbRequest {
    fn parse(bytes: &[u8]) -> Result<Self, CompletionCode> {
        let &[responder, net_fn, _, requester, sequence, cmd, ref data @ .., _] = bytes else {
            return Err(CompletionCode::REQUEST_LENGTH_INVALID);
        };
        let (header, body) = bytes.split_at_checked(3).ok_or(CompletionCode::REQUEST_LENGTH_INVALID)?;
        if !checksum::is_valid(header) || !checksum::is_valid(body) {
            return Err(CompletionCode::INVALID_DATA_FIELD);
        }
        let mut request = Request::new(NetFn::new(net_fn >> 2), cmd, data);
        request.lun = Lun::new(net_fn);
        Ok(Self { responder, requester, requester_lun: Lun::new(sequence), sequence: sequence >> 2, request })
    }

    /// The response as a console gets it.
    fn frame(&self, console: u8, console_lun: Lun, response: &Response) -> Vec<u8> {
        let net_fn = self.request.net_fn.response().get() << 2 | console_lun.get();
        let mut frame = vec![console, net_fn];
        frame.push(checksum::checksum(&frame));
        let mut body =
            vec![self.responder, self.sequence << 2 | self.request.lun.get(), self.request.cmd, response.code.0];
        body.extend_from_slice(&response.data);
        body.push(checksum::checksum(&body));
        frame.extend(body);
        frame
    }

    /// The response as Get Message returns it: channel, then the message without its first address.
    fn reply(&self, channel: u8, code: CompletionCode, data: &[u8]) -> Vec<u8> {
        let net_fn = self.request.net_fn.response().get() << 2 | self.requester_lun.get();
        let mut body = vec![self.responder, self.sequence << 2 | self.request.lun.get(), self.request.cmd, code.0];
        body.extend_from_slice(data);
        body.push(checksum::checksum(&body));
        let mut reply = vec![channel, net_fn, checksum::checksum(&[self.requester, net_fn])];
        reply.extend(body);
        reply
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{NOW, ask, bmc, refuse};
    use super::*;

    /// Send Message on channel 0: rsAddr, NetFn/LUN, chk1, 20h, seq/LUN 2, command, chk2.
    fn bridged(responder: u8, net_fn: u8, cmd: u8, data: &[u8]) -> Vec<u8> {
        let mut message = vec![0x00, responder, net_fn << 2, checksum::checksum(&[responder, net_fn << 2])];
        let mut body = vec![0x20, 5 << 2 | 2, cmd];
        body.extend_from_slice(data);
        body.push(checksum::checksum(&body));
        message.extend(body);
        message
    }

    /// Send Message on the LAN channel: session handle, then the message.
    fn bridged_to_session(handle: u8) -> Vec<u8> {
        let mut message = bridged(0x81, 6, 0x01, &[]);
        message[0] = 1;
        message.insert(1, handle);
        message
    }

    #[test]
    fn a_satellite_answers_through_the_queue() {
        let mut bmc = bmc();
        assert_eq!(ask(&mut bmc, 6, 0x34, &bridged(0x2C, 6, 0x01, &[])), []);
        assert!(bmc.attention());
        assert_eq!(ask(&mut bmc, 6, 0x31, &[]), [1]);
        let reply = ask(&mut bmc, 6, 0x33, &[]);
        assert_eq!(reply[..7], [0x00, 0x1E, 0xC2, 0x2C, 0x14, 0x01, 0x00]);
        assert!(checksum::is_valid(&reply[3..]));
        assert_eq!(reply.len(), 7 + 11 + 1);
        assert!(!bmc.attention());
        assert_eq!(refuse(&mut bmc, 6, 0x33, &[]), 0x80);
    }

    #[test]
    fn an_absent_target_gives_nak_and_a_bad_checksum_is_refused() {
        let mut bmc = bmc();
        assert_eq!(refuse(&mut bmc, 6, 0x34, &bridged(0x42, 6, 0x01, &[])), 0x83);
        let mut bad = bridged(0x2C, 6, 0x01, &[]);
        bad[3] ^= 1;
        assert_eq!(refuse(&mut bmc, 6, 0x34, &bad), 0xCC);
        assert_eq!(refuse(&mut bmc, 6, 0x34, &[0, 0x2C, 0x18]), 0xC7);
        assert_eq!(refuse(&mut bmc, 6, 0x34, &[7, 0x2C, 0x18]), 0xCC);
        assert_eq!(refuse(&mut bmc, 6, 0x34, &bridged_to_session(9)), 0x80);
        assert!(!bmc.attention());
    }

    #[test]
    fn system_interface_commands_are_unknown_over_ipmb() {
        let mut bmc = bmc();
        let request = Request::new(NetFn::APP, 0x31, []);
        let response = bmc.handle_at(0x20, Source::Ipmb { channel: 0, sender: 0x2C }, &request, NOW);
        assert_eq!(response.code, CompletionCode::INVALID_COMMAND);
    }

    #[test]
    fn the_event_buffer_is_read_once() {
        let mut bmc = bmc();
        ask(&mut bmc, 6, 0x2E, &[0x0C]);
        bmc.log_event([0x20, 0, 4, 1, 1, 1], [0x57, 1, 2], NOW);
        assert_eq!(ask(&mut bmc, 6, 0x31, &[]), [2]);
        let event = ask(&mut bmc, 6, 0x35, &[]);
        assert_eq!((&event[..3], &event[7..]), (&[0xFF, 0xFF, 2][..], &[0x20, 0, 4, 1, 1, 1, 0x57, 1, 2][..]));
        assert_eq!(refuse(&mut bmc, 6, 0x35, &[]), 0x80);
    }

    /// What only an administrator may do stays so when the request takes a detour over the bus to the BMC itself.
    #[test]
    fn a_detour_gives_no_rights() {
        let mut bmc = bmc();
        let peer = crate::session::Peer::Serial;
        let (privilege, limit) = (Privilege::Operator, Privilege::Operator);
        for id in [9, 10] {
            let new = crate::session::NewSession { id, user: 2, privilege, limit, channel: 1, rmcp_plus: true, peer };
            bmc.sessions.open(new).unwrap();
        }
        let source = bmc.sessions.get(9).unwrap().source();
        let mut ask = |responder, net_fn, cmd, data: &[u8]| {
            let mut message = bridged(responder, net_fn, cmd, data);
            message[0] |= TRACK << 6;
            let carried = bmc.handle_from(source, &Request::new(NetFn::APP, 0x34, message), NOW);
            assert_eq!(carried.code, CompletionCode::OK);
            bmc.sessions.get_mut(9).unwrap().take_message().unwrap()[6]
        };
        assert_eq!(ask(0x20, 6, 0x3C, &[10, 0, 0, 0]), 0xD4, "Close Session of another");
        assert_eq!(ask(0x20, 6, 0x01, &[]), 0);
        for owner in [0x20, 0x2C] {
            bmc.oem.add(crate::oem::OemAnswer {
                owner,
                net_fn: NetFn::APP,
                cmd: 0x01,
                request: Vec::new(),
                privilege: Privilege::Administrator,
                response: Response::ok([7]),
            });
        }
        let mut ask = |responder| {
            let mut message = bridged(responder, 6, 0x01, &[]);
            message[0] |= TRACK << 6;
            bmc.handle_from(source, &Request::new(NetFn::APP, 0x34, message), NOW);
            bmc.sessions.get_mut(9).unwrap().take_message().unwrap()[6]
        };
        assert_eq!([ask(0x20), ask(0x2C)], [0xD4, 0xD4], "recorded for administrators");
    }
}
