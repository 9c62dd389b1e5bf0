//! Group extension commands: the first byte names the body that defines the command (IPMI 2.0 s5.1, NetFn 2Ch).

use ipmi_core::{CompletionCode, Response};

use super::{Call, Row, dcmi, picmg, vita};
use crate::bmc::Bmc;

/// A defining body: its code, whether a BMC has its commands, and the commands.
pub(super) struct Body {
    /// First byte of requests and responses.
    pub(super) code: u8,
    enabled: fn(&Bmc) -> bool,
    rows: &'static [&'static [Row]],
}

const BODIES: &[Body] = &[
    Body { code: picmg::BODY, enabled: |bmc| bmc.profile.picmg || bmc.profile.hpm, rows: &[picmg::ROWS] },
    Body { code: vita::BODY, enabled: |bmc| bmc.profile.vita, rows: &[vita::ROWS] },
    Body { code: dcmi::BODY, enabled: |bmc| bmc.dcmi.enabled, rows: dcmi::ROWS },
];

impl Body {
    /// The commands.
    pub(super) fn rows(&self) -> impl Iterator<Item = &'static Row> + use<> {
        self.rows.iter().flat_map(|rows| rows.iter())
    }
}

/// The bodies a BMC has commands of.
pub(super) fn bodies(bmc: &Bmc) -> impl Iterator<Item = &'static Body> {
    BODIES.iter().filter(|body| (body.enabled)(bmc))
}

/// The row of a command; `data` begins with the code of the body.
pub(super) fn row(cmd: u8, data: &[u8]) -> Option<&'static Row> {
    let code = data.first()?;
    BODIES.iter().find(|body| body.code == *code)?.rows().find(|row| row.cmd == cmd)
}

/// Answers a group extension command. Its handler sees the data after the body's code, which also begins the
/// response.
pub(super) fn dispatch(call: &mut Call<'_>) -> Response {
    let Some((code, rest)) = call.data.split_first() else {
        return Response::refused(CompletionCode::REQUEST_LENGTH_INVALID);
    };
    let there = bodies(call.bmc).any(|body| body.code == *code);
    let row = row(call.cmd, call.data).filter(|_| there);
    call.data = rest;
    let mut response = super::run(row, Some(*code), call);
    if response.code == CompletionCode::OK || !response.data.is_empty() {
        response.data.insert(0, *code);
    }
    response
}
