//! A request as it goes over a session: an IPMB-style message to the BMC, or Send Message around one to a satellite
//! controller, or two Send Messages around one behind another controller (IPMI 2.0 s6.12, s13.4, s22.7).
//!
//! All layers of a request carry one sequence number. The answer to the innermost comes as a message of its own, or
//! inside the answer to Send Message: both are read.

use ipmi_core::command::app::{SendMessage, Tracking};
use ipmi_core::link::ipmb::IpmbMessage;
use ipmi_core::{ChannelNumber, Command, CompletionCode, Lun, NetFn, Request, Response, SlaveAddress, Target};

use crate::options::Transit;

/// Who asks on the buses behind the BMC, and through whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Route {
    /// The controller between the BMC and the target.
    pub(crate) transit: Option<Transit>,
    /// Our address on the bus behind that controller.
    pub(crate) my_address: SlaveAddress,
}

/// A request with its layers, outermost first.
#[derive(Debug, Clone)]
pub(crate) struct Envelope {
    outer: IpmbMessage,
    inner: Vec<IpmbMessage>,
}

/// What a message means to a request.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Reading {
    /// The answer.
    Answer(Response),
    /// A controller on the way has passed the request on.
    PassedOn,
    /// A bus on the way was not free.
    BusTrouble,
}

impl Envelope {
    pub(crate) fn new(target: Target, request: &Request, route: Route, sequence: u8) -> Self {
        let message = |responder, requester| IpmbMessage {
            responder,
            net_fn: request.net_fn,
            responder_lun: request.lun,
            requester,
            requester_lun: Lun::BMC,
            sequence,
            cmd: request.cmd,
            data: request.data.clone(),
        };
        let Target::Ipmb { channel, address } = target else {
            let outer = message(SlaveAddress::BMC, SlaveAddress::REMOTE_CONSOLE);
            return Self { outer, inner: Vec::new() };
        };
        // Towards the first bus the console asks in its own name, as ipmitool does: a BMC that tracks requests puts its
        // address there. Behind another controller nobody does.
        let console = SlaveAddress::REMOTE_CONSOLE;
        let (through, inner) = match route.transit {
            None => (channel, vec![message(address, console)]),
            Some(Transit { channel: first, address: transit }) => {
                let last = message(address, route.my_address);
                (first, vec![around(channel, &last, transit, console, sequence), last])
            }
        };
        let outer = match inner.first() {
            Some(next) => around(through, next, SlaveAddress::BMC, console, sequence),
            None => message(SlaveAddress::BMC, console),
        };
        Self { outer, inner }
    }

    /// The bytes of an IPMI payload.
    pub(crate) fn emit(&self) -> Vec<u8> {
        self.outer.emit()
    }

    /// True when controllers other than the BMC are involved.
    pub(super) fn is_bridged(&self) -> bool {
        !self.inner.is_empty()
    }

    /// What `message`, with the sequence number of this request, means to it; `None`: it belongs to another.
    pub(crate) fn read(&self, message: &IpmbMessage) -> Option<Reading> {
        let Some((asked, couriers)) = self.inner.split_last() else {
            return self.outer.is_answered_by(message).then(|| Reading::Answer(response(message)));
        };
        if answers(asked, message) {
            return Some(Reading::Answer(response(message)));
        }
        let passed_on = self.outer.is_answered_by(message) || couriers.iter().any(|courier| answers(courier, message));
        passed_on.then(|| courier_answer(asked, couriers, &response(message)))
    }
}

/// Send Message around `inner`.
fn around(
    channel: ChannelNumber,
    inner: &IpmbMessage,
    responder: SlaveAddress,
    requester: SlaveAddress,
    sequence: u8,
) -> IpmbMessage {
    let mut data = Vec::new();
    ipmi_core::Command::emit(&SendMessage::ipmb(channel, Tracking::Request, inner), &mut data);
    IpmbMessage {
        responder,
        net_fn: NetFn::APP,
        responder_lun: Lun::BMC,
        requester,
        requester_lun: Lun::BMC,
        sequence,
        cmd: SendMessage::CMD,
        data,
    }
}

/// As [`IpmbMessage::is_answered_by`], for BMCs that put their own address where the satellite's belongs.
fn answers(asked: &IpmbMessage, message: &IpmbMessage) -> bool {
    let own = asked.cmd != SendMessage::CMD && message.responder == SlaveAddress::BMC;
    asked.is_answered_by(message)
        || own && asked.is_answered_by(&IpmbMessage { responder: asked.responder, ..message.clone() })
}

/// What an answer to Send Message says about the request it carried.
fn courier_answer(asked: &IpmbMessage, couriers: &[IpmbMessage], answer: &Response) -> Reading {
    match answer.code {
        CompletionCode::OK => {}
        code if SendMessage::BUS_TROUBLE.contains(&code) => return Reading::BusTrouble,
        // The codes of Send Message mean something else for the command that was bridged.
        SendMessage::NAK_ON_WRITE => {
            return Reading::Answer(Response::refused(CompletionCode::DESTINATION_UNAVAILABLE));
        }
        code => return Reading::Answer(Response::refused(code)),
    }
    if let Some(response) = asked.response_in(&answer.data) {
        return Reading::Answer(response);
    }
    match couriers.split_first() {
        Some((next, rest)) => match next.response_in(&answer.data) {
            Some(nested) => courier_answer(asked, rest, &nested),
            None => Reading::PassedOn,
        },
        None => Reading::PassedOn,
    }
}

fn response(message: &IpmbMessage) -> Response {
    match message.data.split_first() {
        Some((code, data)) => Response { code: CompletionCode(*code), data: data.to_vec() },
        // A response without a completion code says nothing.
        None => Response::refused(CompletionCode::UNSPECIFIED),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROUTE: Route = Route { transit: None, my_address: SlaveAddress::BMC };

    fn target(address: u8) -> Target {
        Target::Ipmb { channel: ChannelNumber::PRIMARY_IPMB, address: SlaveAddress(address) }
    }

    fn get_device_id() -> Request {
        Request::new(NetFn::APP, 1, [])
    }

    #[test]
    fn golden_plain_request() {
        let envelope = Envelope::new(Target::Bmc, &get_device_id(), ROUTE, 1);
        assert_eq!(envelope.emit(), [0x20, 0x18, 0xC8, 0x81, 0x04, 0x01, 0x7A]);
        let reply = envelope.outer.reply(&Response::ok([1]));
        assert_eq!(envelope.read(&reply), Some(Reading::Answer(Response::ok([1]))));
        assert_eq!(envelope.read(&IpmbMessage { cmd: 2, ..reply }), None);
    }

    /// The bytes that `ipmitool -t 0x2c raw 6 1` sends.
    #[test]
    fn golden_bridged_request() {
        let envelope = Envelope::new(target(0x2C), &get_device_id(), ROUTE, 6);
        let golden = [0x20, 0x18, 0xC8, 0x81, 0x18, 0x34, 0x40, 0x2C, 0x18, 0xBC, 0x81, 0x18, 0x01, 0x66, 0xF3];
        assert_eq!(envelope.emit(), golden);
    }

    /// The bytes that `ipmitool -t 0x2c -b 6 -T 0x82 -B 7 raw 6 1` sends.
    #[test]
    fn golden_request_over_two_buses() {
        let transit = Some(Transit { channel: ChannelNumber::new(7), address: SlaveAddress(0x82) });
        let target = Target::Ipmb { channel: ChannelNumber::new(6), address: SlaveAddress(0x2C) };
        let envelope = Envelope::new(target, &get_device_id(), Route { transit, ..ROUTE }, 6);
        let golden = [
            0x20, 0x18, 0xC8, 0x81, 0x18, 0x34, 0x47, 0x82, 0x18, 0x66, 0x81, 0x18, 0x34, 0x46, 0x2C, 0x18, 0xBC, 0x20,
            0x18, 0x01, 0xC7, 0xED, 0xEC,
        ];
        assert_eq!(envelope.emit(), golden);
    }

    #[test]
    fn answers_of_a_bridged_request_apart_and_inside() {
        let envelope = Envelope::new(target(0x2C), &get_device_id(), ROUTE, 4);
        let answer = envelope.inner[0].reply(&Response::ok([7]));
        let expected = Some(Reading::Answer(Response::ok([7])));
        assert_eq!(envelope.read(&answer), expected);
        assert_eq!(envelope.read(&IpmbMessage { responder: SlaveAddress::BMC, ..answer.clone() }), expected);
        assert_eq!(envelope.read(&envelope.outer.reply(&Response::ok([]))), Some(Reading::PassedOn));
        assert_eq!(envelope.read(&envelope.outer.reply(&Response::ok(answer.emit()))), expected);
        let refused = |code| envelope.read(&envelope.outer.reply(&Response::refused(CompletionCode(code))));
        assert_eq!(refused(0x83), Some(Reading::Answer(Response::refused(CompletionCode(0xD3)))));
        assert_eq!(refused(0x81), Some(Reading::BusTrouble));
        assert_eq!(refused(0xD4), Some(Reading::Answer(Response::refused(CompletionCode(0xD4)))));
    }

    #[test]
    fn two_buses() {
        let transit = Transit { channel: ChannelNumber::new(7), address: SlaveAddress(0x82) };
        let envelope = Envelope::new(target(0x72), &get_device_id(), Route { transit: Some(transit), ..ROUTE }, 2);
        let outer = IpmbMessage::parse(&envelope.emit()).unwrap();
        assert_eq!((outer.responder, outer.cmd, outer.data[0]), (SlaveAddress::BMC, 0x34, 0x47));
        let middle = IpmbMessage::parse(&outer.data[1..]).unwrap();
        assert_eq!((middle.responder, middle.cmd, middle.data[0]), (SlaveAddress(0x82), 0x34, 0x40));
        let inner = IpmbMessage::parse(&middle.data[1..]).unwrap();
        assert_eq!((inner.responder, inner.cmd), (SlaveAddress(0x72), 1));
        let nested = middle.reply(&Response::ok(inner.reply(&Response::ok([9])).emit())).emit();
        assert_eq!(envelope.read(&outer.reply(&Response::ok(nested))), Some(Reading::Answer(Response::ok([9]))));
        assert_eq!(envelope.read(&middle.reply(&Response::ok([]))), Some(Reading::PassedOn));
    }
}
