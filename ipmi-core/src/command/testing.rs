//! What every command's tests check: golden bytes out, golden bytes in, every shorter prefix refused.

use std::fmt::Debug;

use crate::{Command, ParseError, Request};

/// The request data `command` writes must be `expected`.
pub(crate) fn check_request<C: Command>(command: &C, expected: &[u8]) {
    let request = Request::of(command);
    assert_eq!(request.data, expected, "{} request", C::NAME);
    assert_eq!((request.net_fn, request.cmd), (C::NET_FN, C::CMD));
    assert!(!C::NET_FN.is_response());
}

/// Parses a golden response and checks that every prefix below the shortest allowed length is refused as truncated,
/// that every one from there on parses, and that the golden length is within the stated range.
pub(crate) fn check_response<C: Command<Response: Debug>>(golden: &[u8]) -> C::Response {
    let (least, most) = (*C::RESPONSE_LEN.start(), *C::RESPONSE_LEN.end());
    assert!((least..=most).contains(&golden.len()), "{}: golden length {}", C::NAME, golden.len());
    for len in 0..=golden.len() {
        match C::parse(&golden[..len]) {
            Ok(_) => assert!(len >= least, "{}: {len} bytes must not parse", C::NAME),
            Err(ParseError::Truncated { expected, found, .. }) => {
                assert_eq!(found, len);
                assert!(len < expected, "{}", C::NAME);
                assert!(len < least, "{}: {len} bytes must parse", C::NAME);
            }
            Err(other) => panic!("{}: {other}", C::NAME),
        }
    }
    C::parse(golden).unwrap()
}

/// A command whose answer is the completion code alone.
pub(crate) fn check_empty_response<C: Command<Response = ()>>() {
    assert_eq!((*C::RESPONSE_LEN.start(), *C::RESPONSE_LEN.end()), (0, 0));
    assert_eq!(C::parse(&[]), Ok(()));
}
