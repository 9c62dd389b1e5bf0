//! IPMB frames, as bridged messages carry them (IPMB 1.0 s2; IPMI 2.0 s6.12, s22.6, s22.7).

use crate::{CompletionCode, Lun, NetFn, ParseError, Response, SlaveAddress, checksum};

/// A message between two controllers on an IPMB. In a response the responder is the one who answers, as in the
/// request, although the addresses have changed places on the wire.
///
/// ```
/// use ipmi_core::{Lun, NetFn, SlaveAddress, link::ipmb::IpmbMessage};
/// let request = IpmbMessage {
///     responder: SlaveAddress(0x2C),
///     net_fn: NetFn::APP,
///     responder_lun: Lun::BMC,
///     requester: SlaveAddress::BMC,
///     requester_lun: Lun::SMS,
///     sequence: 1,
///     cmd: 0x01,
///     data: vec![],
/// };
/// assert_eq!(request.emit(), [0x2C, 0x18, 0xBC, 0x20, 0x06, 0x01, 0xD9]);
/// assert_eq!(IpmbMessage::parse(&request.emit()), Ok(request));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IpmbMessage {
    /// Who answers.
    pub responder: SlaveAddress,
    /// Network function; odd in a response.
    pub net_fn: NetFn,
    /// Logical unit of the responder.
    pub responder_lun: Lun,
    /// Who asks.
    pub requester: SlaveAddress,
    /// Logical unit of the requester.
    pub requester_lun: Lun,
    /// Sequence number, 0-63.
    pub sequence: u8,
    /// Command.
    pub cmd: u8,
    /// Data; in a response the completion code comes first.
    pub data: Vec<u8>,
}

/// A frame without data: addresses, NetFn and LUNs, sequence, command, two checksums.
const SHORTEST: usize = 7;

impl IpmbMessage {
    /// The frame, checksums included.
    pub fn emit(&self) -> Vec<u8> {
        let (to, to_lun, from, from_lun) = if self.net_fn.is_response() {
            (self.requester, self.requester_lun, self.responder, self.responder_lun)
        } else {
            (self.responder, self.responder_lun, self.requester, self.requester_lun)
        };
        let mut out = Vec::with_capacity(SHORTEST + self.data.len());
        out.extend([to.0, self.net_fn.get() << 2 | to_lun.get()]);
        out.push(checksum::checksum(&out));
        let mut body = vec![from.0, self.sequence << 2 | from_lun.get(), self.cmd];
        body.extend_from_slice(&self.data);
        body.push(checksum::checksum(&body));
        out.extend(body);
        out
    }

    /// Reads a whole frame.
    ///
    /// # Errors
    /// When it is too short or a checksum is wrong.
    pub fn parse(frame: &[u8]) -> Result<Self, ParseError> {
        let &[to, net_fn_lun, check1, ref body @ ..] = frame else {
            return Err(ParseError::Truncated { field: "IPMB message", expected: SHORTEST, found: frame.len() });
        };
        let &[from, sequence_lun, cmd, ref data @ .., check2] = body else {
            return Err(ParseError::Truncated { field: "IPMB message", expected: SHORTEST, found: frame.len() });
        };
        let wrong = |field, covered: &[u8], found| {
            Err(ParseError::BadChecksum { field, expected: checksum::checksum(covered), found })
        };
        if !checksum::is_valid(&[to, net_fn_lun, check1]) {
            return wrong("IPMB header", &[to, net_fn_lun], check1);
        }
        if !checksum::is_valid(body) {
            return wrong("IPMB body", body.get(..body.len() - 1).unwrap_or_default(), check2);
        }
        let net_fn = NetFn::new(net_fn_lun >> 2);
        let (sequence, data) = (sequence_lun >> 2, data.to_vec());
        let (to, to_lun) = (SlaveAddress(to), Lun::new(net_fn_lun));
        let (from, from_lun) = (SlaveAddress(from), Lun::new(sequence_lun));
        Ok(if net_fn.is_response() {
            Self {
                responder: from,
                net_fn,
                responder_lun: from_lun,
                requester: to,
                requester_lun: to_lun,
                sequence,
                cmd,
                data,
            }
        } else {
            Self {
                responder: to,
                net_fn,
                responder_lun: to_lun,
                requester: from,
                requester_lun: from_lun,
                sequence,
                cmd,
                data,
            }
        })
    }

    /// Reads a response as Get Message returns it: the first address is left out, although the checksum covers it.
    ///
    /// The checksums are not compared: the BMC did that when the frame came in, and some hand on others (OpenIPMI's
    /// simulator computes them over bytes of its own). The Linux driver does not look at them either.
    ///
    /// # Errors
    /// When it is too short.
    pub fn parse_queued(requester: SlaveAddress, rest: &[u8]) -> Result<Self, ParseError> {
        let &[net_fn_lun, _check1, from, sequence_lun, cmd, ref data @ .., _check2] = rest else {
            return Err(ParseError::Truncated { field: "queued message", expected: SHORTEST - 1, found: rest.len() });
        };
        Ok(Self {
            responder: SlaveAddress(from),
            net_fn: NetFn::new(net_fn_lun >> 2),
            responder_lun: Lun::new(sequence_lun),
            requester,
            requester_lun: Lun::new(net_fn_lun),
            sequence: sequence_lun >> 2,
            cmd,
            data: data.to_vec(),
        })
    }

    /// The message that answers this request with `response`.
    pub fn reply(&self, response: &Response) -> Self {
        let mut data = Vec::with_capacity(1 + response.data.len());
        data.push(response.code.0);
        data.extend_from_slice(&response.data);
        Self { net_fn: self.net_fn.response(), data, ..self.clone() }
    }

    /// True when `other` answers this request: responder, network function, command and sequence number fit. The LUNs
    /// are not compared, since some controllers do not return them.
    pub fn is_answered_by(&self, other: &Self) -> bool {
        other.net_fn == self.net_fn.response()
            && other.cmd == self.cmd
            && other.sequence == self.sequence
            && other.responder == self.responder
    }

    /// The response to this request in `bytes`, which hold an answering frame with or without its first address.
    pub fn response_in(&self, bytes: &[u8]) -> Option<Response> {
        let queued = Self::parse_queued(self.requester, bytes).ok().filter(|frame| self.is_answered_by(frame));
        let frame = queued.or_else(|| Self::parse(bytes).ok().filter(|frame| self.is_answered_by(frame)))?;
        let (code, data) = frame.data.split_first()?;
        Some(Response { code: CompletionCode(*code), data: data.to_vec() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request() -> IpmbMessage {
        IpmbMessage {
            responder: SlaveAddress(0x2C),
            net_fn: NetFn::SENSOR_EVENT,
            responder_lun: Lun::new(1),
            requester: SlaveAddress::BMC,
            requester_lun: Lun::SMS,
            sequence: 0x3F,
            cmd: 0x2D,
            data: vec![0x08],
        }
    }

    #[test]
    fn golden_reply() {
        let reply = request().reply(&Response::ok([0x80, 0xC0]));
        let frame = reply.emit();
        assert_eq!(frame, [0x20, 0x16, 0xCA, 0x2C, 0xFD, 0x2D, 0x00, 0x80, 0xC0, 0x6A]);
        assert_eq!(IpmbMessage::parse(&frame), Ok(reply));
        let expected = Some(Response::ok([0x80, 0xC0]));
        assert_eq!(request().response_in(&frame), expected);
        assert_eq!(request().response_in(&frame[1..]), expected);
    }

    /// As OpenIPMI's simulator hands it on, both checksums wrong.
    #[test]
    fn a_queued_reply_with_stale_checksums() {
        let request = IpmbMessage { responder_lun: Lun::BMC, sequence: 1, ..request() };
        let refused = Response::refused(CompletionCode::INVALID_DATA_FIELD);
        assert_eq!(request.response_in(&[0x16, 0xFE, 0x2C, 0x04, 0x2D, 0xCC, 0xA3]), Some(refused));
        for len in 0..7 {
            assert_eq!(request.response_in(&[0x16, 0xFE, 0x2C, 0x04, 0x2D, 0xCC, 0xA3][..len]), None, "{len}");
        }
    }

    #[test]
    fn every_shorter_prefix_and_every_flipped_bit_errs() {
        let frame = request().emit();
        for len in 0..frame.len() {
            assert!(IpmbMessage::parse(&frame[..len]).is_err(), "{len}");
        }
        for bit in 0..frame.len() * 8 {
            let mut bad = frame.clone();
            bad[bit / 8] ^= 1 << (bit % 8);
            assert!(IpmbMessage::parse(&bad).is_err(), "{bit}");
        }
    }

    #[test]
    fn other_replies_do_not_answer() {
        let request = request();
        for change in [
            |m: &mut IpmbMessage| m.sequence = 1,
            |m: &mut IpmbMessage| m.cmd = 1,
            |m: &mut IpmbMessage| m.responder = SlaveAddress(0x2E),
            |m: &mut IpmbMessage| m.net_fn = NetFn::APP.response(),
        ] {
            let mut reply = request.reply(&Response::ok([]));
            change(&mut reply);
            assert_eq!(request.response_in(&reply.emit()), None);
        }
        assert_eq!(request.response_in(&[]), None);
    }
}
