//! IPMI messages of a remote console: framed as on an IPMB, from software id 81h to the BMC (IPMI 2.0 s13.8, s5.5).

use super::error::{Refusal, Step};
use super::{LoginError, Quirks};
use crate::link::ipmb::IpmbMessage;
use crate::link::rmcp::{RmcpClass, RmcpHeader};
use crate::link::rmcp_plus::header::{Packet, PayloadType, SessionHeader};
use crate::link::session_1_5::{AuthType, Packet15};
use crate::{Command, CompletionCode, Error, Lun, Request, Response, SlaveAddress};

/// The frame of a request under sequence number `sequence` (0-63).
pub fn request_of(request: &Request, sequence: u8) -> IpmbMessage {
    IpmbMessage {
        responder: SlaveAddress::BMC,
        net_fn: request.net_fn,
        responder_lun: request.lun,
        requester: SlaveAddress::REMOTE_CONSOLE,
        requester_lun: Lun::BMC,
        sequence: sequence & 0x3F,
        cmd: request.cmd,
        data: request.data.clone(),
    }
}

/// What `payload` answers to `request`; `None` when it is no answer to it. With [`Quirks::NOCHECKSUMCHECK`] checksums
/// are not compared.
pub fn answer_to(request: &IpmbMessage, payload: &[u8], quirks: Quirks) -> Option<Response> {
    let frame = match IpmbMessage::parse(payload) {
        Ok(frame) => frame,
        Err(_) if quirks.contains(Quirks::NOCHECKSUMCHECK) => {
            let (requester, rest) = payload.split_first()?;
            IpmbMessage::parse_queued(SlaveAddress(*requester), rest).ok()?
        }
        Err(_) => return None,
    };
    if !request.is_answered_by(&frame) {
        return None;
    }
    let (code, data) = frame.data.split_first()?;
    Some(Response { code: CompletionCode(*code), data: data.to_vec() })
}

/// Decodes the answer to `C`, the completion code as a refusal.
pub(super) fn decode<C: Command>(response: &Response, step: Step) -> Result<C::Response, LoginError> {
    response.decode::<C>().map_err(|error| match error {
        Error::Parse { source, .. } => LoginError::Malformed { step, source: source.into() },
        _ => LoginError::BmcRefused { step, refusal: Refusal::Code(response.code) },
    })
}

/// The frame of a typed command.
pub(super) fn frame<C: Command>(command: &C, sequence: u8) -> IpmbMessage {
    request_of(&Request::of(command), sequence)
}

/// The datagram of a message outside a session, as RMCP+ frames it.
pub(super) fn outside_rmcp_plus(message: &IpmbMessage) -> Vec<u8> {
    let message = message.emit();
    let packet = Packet { header: SessionHeader::outside(PayloadType::Ipmi), payload: &message };
    let mut datagram = RmcpHeader::IPMI.emit().to_vec();
    // A frame is never longer than a datagram.
    datagram.extend(packet.emit(None).unwrap_or_default());
    datagram
}

/// The datagram of a message outside a session, in the form that BMCs of IPMI 1.5 and 2.0 understand.
pub(super) fn outside(message: &IpmbMessage) -> Vec<u8> {
    let message = message.emit();
    let packet =
        Packet15 { auth_type: AuthType::None, sequence: 0, session_id: 0, auth_code: [0; 16], message: &message };
    let mut datagram = RmcpHeader::IPMI.emit().to_vec();
    datagram.extend(packet.emit());
    datagram
}

/// What follows the RMCP header of an IPMI datagram.
pub(super) fn ipmi_body(datagram: &[u8]) -> Option<&[u8]> {
    let (header, body) = RmcpHeader::parse(datagram).ok()?;
    (header.class == RmcpClass::Ipmi && !header.is_ack).then_some(body)
}

/// The answer to `request` in a datagram outside a session, whichever way it is framed.
pub(super) fn answer_outside(request: &IpmbMessage, datagram: &[u8], quirks: Quirks) -> Option<Response> {
    let body = ipmi_body(datagram)?;
    let (session_id, message) = match (Packet15::parse(body), Packet::parse(body, None)) {
        (Ok(packet), _) => (packet.session_id, packet.message),
        (_, Ok(Packet { header, payload })) if header.payload_type == PayloadType::Ipmi && !header.is_encrypted => {
            (header.session_id, payload)
        }
        _ => return None,
    };
    answer_to(request, message, quirks).filter(|_| session_id == 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::NetFn;

    #[test]
    fn golden_datagram_and_its_answer() {
        let request = request_of(&Request::new(NetFn::APP, 0x38, [0x8E, 0x04]), 0);
        let golden =
            [6, 0, 0xFF, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9, 0x20, 0x18, 0xC8, 0x81, 0x00, 0x38, 0x8E, 0x04, 0xB5];
        assert_eq!(outside(&request), golden);
        let reply = request.reply(&Response::ok([1, 2, 3]));
        let answer = answer_outside(&request, &outside(&reply), Quirks::empty());
        assert_eq!(answer, Some(Response::ok([1, 2, 3])));
        let other = IpmbMessage { sequence: 1, ..reply.clone() };
        assert_eq!(answer_outside(&request, &outside(&other), Quirks::empty()), None);
        let answer = answer_outside(&request, &outside_rmcp_plus(&reply), Quirks::empty());
        assert_eq!(answer, Some(Response::ok([1, 2, 3])));
        let golden = [6, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0x20, 0x18, 0xC8, 0x81, 0x00, 0x38, 0x8E, 0x04, 0xB5];
        assert_eq!(outside_rmcp_plus(&request)[4..], golden);
    }

    #[test]
    fn wrong_checksums_need_the_quirk() {
        let request = request_of(&Request::new(NetFn::APP, 0x01, []), 5);
        let mut frame = request.reply(&Response::ok([9])).emit();
        if let Some(last) = frame.last_mut() {
            *last ^= 1;
        }
        assert_eq!(answer_to(&request, &frame, Quirks::empty()), None);
        assert_eq!(answer_to(&request, &frame, Quirks::NOCHECKSUMCHECK), Some(Response::ok([9])));
    }
}
