//! Messages as the system interfaces carry them: NetFn/LUN, command, data (IPMI 2.0 s9.2, s9.3).

use crate::{CompletionCode, Lun, NetFn, ParseError, Request, Response};

/// The NetFn/LUN byte.
pub fn net_fn_lun(net_fn: NetFn, lun: Lun) -> u8 {
    net_fn.get() << 2 | lun.get()
}

/// Takes a NetFn/LUN byte apart.
pub fn split_net_fn_lun(byte: u8) -> (NetFn, Lun) {
    (NetFn::new(byte >> 2), Lun::new(byte))
}

/// The bytes of a request.
///
/// ```
/// use ipmi_core::{NetFn, Request, link::system_message};
/// assert_eq!(system_message::emit_request(&Request::new(NetFn::APP, 0x01, [])), [0x18, 0x01]);
/// ```
pub fn emit_request(request: &Request) -> Vec<u8> {
    let mut out = Vec::with_capacity(2 + request.data.len());
    out.push(net_fn_lun(request.net_fn, request.lun));
    out.push(request.cmd);
    out.extend_from_slice(&request.data);
    out
}

/// Reads a request, as a BMC does.
///
/// # Errors
/// When there are fewer than two bytes or the network function is a response's.
pub fn parse_request(bytes: &[u8]) -> Result<Request, ParseError> {
    let [first, cmd, data @ ..] = bytes else {
        return Err(ParseError::Truncated { field: "system interface request", expected: 2, found: bytes.len() });
    };
    let (net_fn, lun) = split_net_fn_lun(*first);
    if net_fn.is_response() {
        let found = u32::from(net_fn.get());
        return Err(ParseError::Invalid { field: "request NetFn", expected: "an even network function", found });
    }
    Ok(Request { net_fn, lun, cmd: *cmd, data: data.to_vec() })
}

/// The bytes of the response to `request`.
pub fn emit_response(request: &Request, response: &Response) -> Vec<u8> {
    let mut out = Vec::with_capacity(3 + response.data.len());
    out.push(net_fn_lun(request.net_fn.response(), request.lun));
    out.push(request.cmd);
    out.push(response.code.0);
    out.extend_from_slice(&response.data);
    out
}

/// Reads the response to `request`, as a host does.
///
/// # Errors
/// When there are fewer than three bytes or it answers another command.
pub fn parse_response(request: &Request, bytes: &[u8]) -> Result<Response, ParseError> {
    let [first, cmd, code, data @ ..] = bytes else {
        return Err(ParseError::Truncated { field: "system interface response", expected: 3, found: bytes.len() });
    };
    // Some BMCs answer with LUN 0 whatever was asked, so the LUN is not compared.
    if split_net_fn_lun(*first).0 != request.net_fn.response() {
        let found = u32::from(*first >> 2);
        return Err(ParseError::Invalid { field: "response NetFn", expected: "the request's plus one", found });
    }
    if *cmd != request.cmd {
        let found = u32::from(*cmd);
        return Err(ParseError::Invalid { field: "response command", expected: "the request's", found });
    }
    Ok(Response { code: CompletionCode(*code), data: data.to_vec() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn request_and_response_round_trip() {
        let request = Request { net_fn: NetFn::SENSOR_EVENT, lun: Lun::new(1), cmd: 0x2D, data: vec![7] };
        let bytes = emit_request(&request);
        assert_eq!(bytes, [0x11, 0x2D, 7]);
        assert_eq!(parse_request(&bytes), Ok(request.clone()));
        let response = Response::ok([0x80, 0xC0]);
        let bytes = emit_response(&request, &response);
        assert_eq!(bytes, [0x15, 0x2D, 0, 0x80, 0xC0]);
        assert_eq!(parse_response(&request, &bytes), Ok(response));
    }

    #[test]
    fn short_and_foreign_bytes_err() {
        let request = Request::new(NetFn::APP, 1, []);
        assert!(parse_request(&[0x18]).is_err() && parse_request(&[0x1C, 1]).is_err());
        for len in 0..3 {
            assert!(parse_response(&request, &[0x1C, 1, 0][..len]).is_err());
        }
        assert!(parse_response(&request, &[0x1C, 2, 0]).is_err());
        assert!(parse_response(&request, &[0x14, 1, 0]).is_err());
    }
}
