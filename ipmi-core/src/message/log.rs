//! Requests and responses as logs show them: bytes, except those that carry secrets.

use std::fmt;

use super::{Request, Response};
use crate::NetFn;

/// Commands whose request data hold a password or a key: Set User Password, Set Channel Security Keys (IPMI 2.0 s22.30,
/// s22.25).
const SECRET: [(NetFn, u8); 2] = [(NetFn::APP, 0x47), (NetFn::APP, 0x56)];

/// Network function, command, data; the number of data bytes where they are secret.
///
/// ```
/// use ipmi_core::{NetFn, Request};
/// assert_eq!(Request::new(NetFn::APP, 0x38, [0x0E, 4]).to_string(), "06 38 0e 04");
/// ```
impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02x} {:02x}", self.net_fn.get(), self.cmd)?;
        if SECRET.contains(&(self.net_fn, self.cmd)) {
            return write!(f, " and {} bytes that are not shown", self.data.len());
        }
        self.data.iter().try_for_each(|byte| write!(f, " {byte:02x}"))
    }
}

/// Completion code, data.
impl fmt::Display for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02x}", self.code.0)?;
        self.data.iter().try_for_each(|byte| write!(f, " {byte:02x}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::CompletionCode;

    #[test]
    fn bytes_are_shown_and_secrets_are_not() {
        let shown = |cmd, data: &[u8]| Request::new(NetFn::APP, cmd, data).to_string();
        assert_eq!(shown(0x01, &[]), "06 01");
        assert_eq!(shown(0x47, b"\x02\x02secret"), "06 47 and 8 bytes that are not shown");
        assert_eq!(shown(0x56, &[0xAB]), "06 56 and 1 bytes that are not shown");
        assert_eq!(Response::ok([0x20, 1]).to_string(), "00 20 01");
        assert_eq!(Response::refused(CompletionCode::INVALID_COMMAND).to_string(), "c1");
    }
}
