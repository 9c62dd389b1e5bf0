//! Command handlers in tables: network function, command, length range, privilege, who answers it, function.
//!
//! Handlers read request bytes and write response bytes themselves instead of sharing the typed commands of
//! `ipmi_core::command`: a mistake there would otherwise be mirrored here and go unnoticed.

mod app;
mod channel;
mod chassis;
mod dcmi;
mod event;
mod firewall;
mod fru;
mod group;
mod interface;
mod lan;
pub(crate) mod messaging;
pub(crate) mod payload;
mod pef;
mod picmg;
mod records;
mod sdr;
mod sel;
mod sensor;
mod serial;
mod session;
mod sol;
mod system_info;
#[cfg(test)]
pub(crate) mod testing;
mod user;
mod vita;
mod watchdog;

use std::ops::RangeInclusive;
use std::time::Duration;

use ipmi_core::{CompletionCode, Lun, NetFn, Privilege, Response};

use crate::bmc::Bmc;
use crate::controller::Controller;

/// Send Message, Master Write-Read: nobody acknowledged the address, or a byte written (s6.13.4, s22.11).
const NAK_ON_WRITE: CompletionCode = CompletionCode(0x83);

/// Where a request came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// The system interface, channel Fh. It has no privilege limit.
    System,
    /// An IPMB, from the controller at this address.
    Ipmb {
        /// Channel of the bus.
        channel: u8,
        /// Address of the controller.
        sender: u8,
    },
    /// A channel with sessions, outside of one: only what belongs to a log-in is answered.
    Outside {
        /// Channel.
        channel: u8,
    },
    /// A session.
    Session(Login),
}

/// Who asks over a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Login {
    /// Channel of the session.
    pub channel: u8,
    /// User id.
    pub user: u8,
    /// Privilege level in force.
    pub privilege: Privilege,
    /// Session handle.
    pub handle: u8,
    /// The BMC's session id: the key of `Bmc::sessions`.
    pub id: u32,
}

impl Source {
    /// Number of the channel.
    pub const fn channel(self) -> u8 {
        match self {
            Self::System => 0xF,
            Self::Ipmb { channel, .. } | Self::Outside { channel } => channel,
            Self::Session(login) => login.channel,
        }
    }

    /// The BMC's id of the session.
    pub const fn session(self) -> Option<u32> {
        match self {
            Self::Session(login) => Some(login.id),
            Self::System | Self::Ipmb { .. } | Self::Outside { .. } => None,
        }
    }
}

/// Which controllers answer a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scope {
    /// Every controller.
    Any,
    /// The BMC alone.
    Bmc,
    /// The BMC over its system interface alone.
    SystemInterface,
}

/// One request on its way to a handler.
pub(crate) struct Call<'a> {
    /// The BMC.
    pub bmc: &'a mut Bmc,
    /// Address of the controller asked.
    pub at: u8,
    /// Where the request came in.
    pub source: Source,
    /// Network function.
    pub net_fn: NetFn,
    /// Logical unit.
    pub lun: Lun,
    /// Command.
    pub cmd: u8,
    /// Request data.
    pub data: &'a [u8],
    /// The time.
    pub now: Duration,
    /// Completion code that goes with response data: 00h unless the handler has a warning to give with it.
    pub code: CompletionCode,
}

impl Call<'_> {
    /// The request byte at `offset`, 0 where an optional byte is absent.
    fn byte(&self, offset: usize) -> u8 {
        self.data.get(offset).copied().unwrap_or(0)
    }

    /// The little-endian word at `offset`.
    fn word(&self, offset: usize) -> u16 {
        u16::from_le_bytes([self.byte(offset), self.byte(offset + 1)])
    }

    /// Request bytes from `offset` on.
    fn rest(&self, offset: usize) -> &[u8] {
        self.data.get(offset..).unwrap_or(&[])
    }

    /// The controller asked.
    fn controller(&mut self) -> &mut Controller {
        if self.at == self.bmc.main.address {
            return &mut self.bmc.main;
        }
        self.bmc.satellites.get_mut(&self.at).unwrap_or(&mut self.bmc.main)
    }

    /// Requires that `count` data bytes fit into a response beside `header` others.
    fn require_room(&self, header: usize, count: usize) -> Result<(), CompletionCode> {
        if header + count > self.bmc.profile.max_response {
            return Err(CompletionCode::CANNOT_RETURN_REQUESTED_BYTES);
        }
        Ok(())
    }
}

/// What a handler gives back: response data or a completion code.
type Answer = Result<Vec<u8>, CompletionCode>;

/// A row of the command table.
struct Row {
    net_fn: NetFn,
    cmd: u8,
    length: RangeInclusive<usize>,
    privilege: Privilege,
    scope: Scope,
    handle: fn(&mut Call<'_>) -> Answer,
}

const fn row(
    net_fn: NetFn,
    cmd: u8,
    length: RangeInclusive<usize>,
    privilege: Privilege,
    scope: Scope,
    handle: fn(&mut Call<'_>) -> Answer,
) -> Row {
    Row { net_fn, cmd, length, privilege, scope, handle }
}

/// No upper limit on the request length.
const ANY_LENGTH: usize = usize::MAX;

const GROUPS: &[&[Row]] = &[
    chassis::ROWS,
    event::ROWS,
    sensor::ROWS,
    sdr::DEVICE_ROWS,
    app::ROWS,
    watchdog::ROWS,
    messaging::ROWS,
    interface::ROWS,
    channel::ROWS,
    session::ROWS,
    user::ROWS,
    firewall::ROWS,
    fru::ROWS,
    lan::ROWS,
    payload::ROWS,
    pef::ROWS,
    serial::ROWS,
    sol::ROWS,
    system_info::ROWS,
    sdr::ROWS,
    sel::ROWS,
];

/// Finds the handler and checks scope, then privilege (D4h), then length (C7h); anything unknown is C1h.
pub(crate) fn dispatch(call: &mut Call<'_>) -> Response {
    if let Some(response) = recorded(call) {
        return response;
    }
    if call.net_fn == NetFn::GROUP_EXTENSION {
        return group::dispatch(call);
    }
    let row = GROUPS.iter().flat_map(|group| group.iter()).find(|row| row.net_fn == call.net_fn && row.cmd == call.cmd);
    run(row, None, call)
}

/// The recorded answer to a request. It comes before the tables: what a real machine said replaces what they would.
fn recorded(call: &Call<'_>) -> Option<Response> {
    let answer = call.bmc.oem.find(call.at, call.net_fn, call.cmd, call.data)?;
    match call.source {
        Source::Outside { .. } => None,
        Source::Session(login) if login.privilege < answer.privilege => {
            Some(Response::refused(CompletionCode::INSUFFICIENT_PRIVILEGE))
        }
        Source::System | Source::Ipmb { .. } | Source::Session(_) => Some(answer.response.clone()),
    }
}

/// Every row but those of group extensions.
fn rows() -> impl Iterator<Item = &'static Row> {
    GROUPS.iter().flat_map(|group| group.iter())
}

/// Checks scope, privilege, firewall (D6h) and length, and lets the handler of `row` answer.
fn run(row: Option<&Row>, body: Option<u8>, call: &mut Call<'_>) -> Response {
    let Some(row) = row.filter(|row| answers(row, call)) else {
        return Response::refused(CompletionCode::INVALID_COMMAND);
    };
    if !may_ask(call, row, body) {
        return Response::refused(CompletionCode::INSUFFICIENT_PRIVILEGE);
    }
    if let Err(code) = firewall::require_enabled(call, row, body) {
        return Response::refused(code);
    }
    if !row.length.contains(&call.data.len()) {
        return Response::refused(CompletionCode::REQUEST_LENGTH_INVALID);
    }
    match (row.handle)(call) {
        Ok(data) => Response { code: call.code, data },
        Err(code) => Response::refused(code),
    }
}

fn answers(row: &Row, call: &Call<'_>) -> bool {
    let is_bmc = call.at == call.bmc.main.address;
    match row.scope {
        Scope::Any => true,
        Scope::Bmc => is_bmc,
        Scope::SystemInterface => is_bmc && call.source == Source::System,
    }
}

fn may_ask(call: &Call<'_>, row: &Row, body: Option<u8>) -> bool {
    match call.source {
        Source::System | Source::Ipmb { .. } => true,
        Source::Outside { .. } => is_open(row.net_fn, row.cmd, body),
        Source::Session(login) => login.privilege >= row.privilege || is_open(row.net_fn, row.cmd, body),
    }
}

/// Commands answered without a session (table G-1, "p"), with the defining body of group extensions: DCMI capabilities.
const OPEN: [(NetFn, u8, Option<u8>); 5] = [
    (NetFn::APP, 0x37, None),
    (NetFn::APP, 0x38, None),
    (NetFn::APP, 0x54, None),
    (NetFn::SENSOR_EVENT, 0x17, None),
    (NetFn::GROUP_EXTENSION, 0x01, Some(dcmi::BODY)),
];

fn is_open(net_fn: NetFn, cmd: u8, body: Option<u8>) -> bool {
    OPEN.contains(&(net_fn, cmd, body))
}

/// True for requests that are answered without a session. Those of the log-in itself are not among them.
pub fn is_answered_outside(net_fn: NetFn, cmd: u8, data: &[u8]) -> bool {
    let body = data.first().copied().filter(|_| net_fn == NetFn::GROUP_EXTENSION);
    is_open(net_fn, cmd, body)
}

/// True when some controller answers this command.
pub fn is_known(net_fn: NetFn, cmd: u8) -> bool {
    GROUPS.iter().flat_map(|group| group.iter()).any(|row| row.net_fn == net_fn && row.cmd == cmd)
}

/// Lowest privilege a session needs for a request; administrator for commands without a row.
pub fn privilege_of(net_fn: NetFn, cmd: u8, data: &[u8]) -> Privilege {
    if net_fn == NetFn::GROUP_EXTENSION {
        return group::row(cmd, data).map_or(Privilege::Administrator, |row| row.privilege);
    }
    let mut rows = GROUPS.iter().flat_map(|group| group.iter());
    rows.find(|row| row.net_fn == net_fn && row.cmd == cmd).map_or(Privilege::Administrator, |row| row.privilege)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_command_has_two_rows() {
        let mut seen = BTreeSet::new();
        for row in GROUPS.iter().flat_map(|group| group.iter()) {
            assert!(seen.insert((row.net_fn, row.cmd)), "{} {:02X}h", row.net_fn, row.cmd);
            assert!(row.length.start() <= row.length.end());
        }
    }

    #[test]
    fn recorded_answers_come_first() {
        let mut bmc = testing::bmc();
        let answer = |cmd, request: &[u8], code, data: &[u8]| crate::oem::OemAnswer {
            owner: 0x20,
            net_fn: NetFn::new(0x30),
            cmd,
            request: request.to_vec(),
            privilege: Privilege::Operator,
            response: crate::oem::response(code, data.to_vec()),
        };
        bmc.oem.add(answer(0x25, &[1], 0, &[0xAB]));
        bmc.oem.add(answer(0x26, &[], 0x80, &[]));
        assert_eq!(testing::ask(&mut bmc, 0x30, 0x25, &[1, 2]), [0xAB]);
        assert_eq!(testing::refuse(&mut bmc, 0x30, 0x25, &[2]), 0xC1);
        assert_eq!(testing::refuse(&mut bmc, 0x30, 0x26, &[]), 0x80);
        let request = ipmi_core::Request::new(NetFn::new(0x30), 0x25, [1]);
        let login = Login { channel: 1, user: 2, privilege: Privilege::User, handle: 1, id: 1 };
        let refused = bmc.handle_from(Source::Session(login), &request, testing::NOW);
        assert_eq!(refused.code, CompletionCode::INSUFFICIENT_PRIVILEGE);
        let refused = bmc.handle_from(Source::Outside { channel: 1 }, &request, testing::NOW);
        assert_eq!(refused.code, CompletionCode::INVALID_COMMAND);
    }

    #[test]
    fn commands_without_a_row_want_an_administrator() {
        assert_eq!(privilege_of(NetFn::APP, 0x01, &[]), Privilege::User);
        assert_eq!(privilege_of(NetFn::APP, 0xEE, &[]), Privilege::Administrator);
    }
}
