//! Group extension commands: the first byte names the body that defines the command (IPMI 2.0 s5.1, NetFn 2Ch).

use ipmi_core::{CompletionCode, Response};

use super::{Call, Row, dcmi};

/// A defining body: its code and its commands.
struct Body {
    code: u8,
    rows: &'static [&'static [Row]],
}

const BODIES: &[Body] = &[Body { code: dcmi::BODY, rows: dcmi::ROWS }];

/// The row of a command; `data` begins with the code of the body.
pub(super) fn row(cmd: u8, data: &[u8]) -> Option<&'static Row> {
    let code = data.first()?;
    let body = BODIES.iter().find(|body| body.code == *code)?;
    body.rows.iter().flat_map(|rows| rows.iter()).find(|row| row.cmd == cmd)
}

/// Answers a group extension command. Its handler sees the data after the body's code, which also begins the
/// response.
pub(super) fn dispatch(call: &mut Call<'_>) -> Response {
    let Some((code, rest)) = call.data.split_first() else {
        return Response::refused(CompletionCode::REQUEST_LENGTH_INVALID);
    };
    let row = row(call.cmd, call.data);
    call.data = rest;
    let mut response = super::run(row, call);
    if response.code == CompletionCode::OK || !response.data.is_empty() {
        response.data.insert(0, *code);
    }
    response
}
