//! Serial over LAN for programs: activates the payload, and is the console from then on (IPMI 2.0 s15, s24.1, s24.2).

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crossbeam_channel::RecvTimeoutError;
use ipmi_core::command::app::{ActivatePayload, ActivatedPayload, DeactivatePayload, GetPayloadInstanceInfo};
use ipmi_core::link::rmcp_plus::cipher_suite::{ConfidentialityAlgorithm, IntegrityAlgorithm};
use ipmi_core::link::sol::{ConsolePayload, SolOperation};
use ipmi_core::link::sol_console::SolTiming;
use ipmi_core::{Command, CompletionCode, Error, Request, Target};

use super::open::Handle;
use super::sol_line::{SolCommand, SolEnding, SolNotice, UserEnd, line};
use crate::Bmc;
use crate::quirk::{self, SolQuirks};
use crate::url::{BmcUrl, RMCP_PORT};

/// Payload type of SOL.
const SOL: u8 = 1;
/// Characters typed ahead of what the BMC has acknowledged.
const TYPED_AHEAD: usize = 8192;
/// Longest payload a BMC may ask for; beyond it the number makes no sense.
const LONGEST: u16 = 1024;
/// Shortest: the header and a character.
const SHORTEST: u16 = 5;
/// A BMC that does not answer loses the console with the session: whoever leaves waits no longer for it.
const FAREWELL: Duration = Duration::from_secs(3);
/// Characters in a packet for a BMC that names no sensible number.
const CAUTIOUS: usize = 64;

/// How the session is kept alive while nobody types and nothing is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum KeepAlive {
    /// Get Device ID, which also shows whether the BMC is still there.
    #[default]
    Command,
    /// The caller does it, with [`SolSession::send_empty`].
    Caller,
    /// Not at all.
    Off,
}

/// How Serial over LAN is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SolOptions {
    /// Payload instance, from 1.
    pub instance: u8,
    /// When packets are sent again.
    pub timing: SolTiming,
    /// How an idle session is kept alive.
    pub keep_alive: KeepAlive,
}

impl Default for SolOptions {
    fn default() -> Self {
        Self { instance: 1, timing: SolTiming::default(), keep_alive: KeepAlive::default() }
    }
}

/// The console of a system. Dropping it gives it back to the BMC.
///
/// Output that nobody takes with [`recv`](Self::recv) stays in the BMC, as far as that has room.
#[derive(Debug)]
pub struct SolSession {
    bmc: Bmc,
    instance: u8,
    user: UserEnd,
    remarks: Vec<String>,
    /// The console is not ours any more: it may be somebody else's.
    given_back: AtomicBool,
}

impl SolSession {
    /// Waits for what happens next.
    pub fn recv(&self) -> SolNotice {
        let notice = self.user.notices().recv();
        self.took(notice.unwrap_or(SolNotice::Ended(SolEnding::Closed)))
    }

    /// As [`recv`](Self::recv), for at most `wait`.
    pub fn recv_timeout(&self, wait: Duration) -> Option<SolNotice> {
        match self.user.notices().recv_timeout(wait) {
            Ok(notice) => Some(self.took(notice)),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => Some(SolNotice::Ended(SolEnding::Closed)),
        }
    }

    fn took(&self, notice: SolNotice) -> SolNotice {
        if matches!(notice, SolNotice::Ended(_)) {
            self.given_back.store(true, Ordering::Relaxed);
        }
        if self.user.took() {
            self.post(SolCommand::Continue);
        }
        notice
    }

    /// Types characters; returns how many. The others find room when the BMC has acknowledged some.
    pub fn write(&self, characters: &[u8]) -> usize {
        let count = self.user.reserve(characters.len(), TYPED_AHEAD);
        if let Some(typed) = characters.get(..count).filter(|typed| !typed.is_empty()) {
            self.post(SolCommand::Type(typed.to_vec()));
        }
        count
    }

    /// True when the BMC has acknowledged all that was typed.
    pub fn is_idle(&self) -> bool {
        self.user.typed() == 0
    }

    /// True when the end was told, or the console was given back.
    pub fn has_ended(&self) -> bool {
        self.given_back.load(Ordering::Relaxed)
    }

    /// Sends a break.
    pub fn send_break(&self) {
        self.operate(SolOperation::BREAK);
    }

    /// Has the BMC do something beside transferring characters.
    pub fn operate(&self, operation: SolOperation) {
        self.post(SolCommand::Operate(operation));
    }

    /// Sends an empty packet. The BMC does not answer it; it keeps the session alive.
    pub fn send_empty(&self) {
        self.post(SolCommand::Empty);
    }

    /// The BMC in whose session the console is: another one than was asked when SOL goes over a port of its own.
    pub fn bmc(&self) -> &Bmc {
        &self.bmc
    }

    /// What was noticed about the BMC: quirks that were applied without being asked for, a line each.
    pub fn remarks(&self) -> &[String] {
        &self.remarks
    }

    /// Gives the console back and waits for that, a little; does nothing when it is gone already.
    ///
    /// # Errors
    /// When the BMC does not answer or refuses.
    pub fn close(&self) -> Result<(), Error> {
        if self.given_back.swap(true, Ordering::Relaxed) {
            return Ok(());
        }
        let command = DeactivatePayload { payload_type: SOL, instance: self.instance };
        let submitted = self.bmc.submit_named(DeactivatePayload::NAME, Target::Bmc, Request::of(&command));
        submitted.wait_for(FAREWELL)?.decode::<DeactivatePayload>()
    }

    fn post(&self, command: SolCommand) {
        if let Some(handle) = self.bmc.lan() {
            handle.sol(command);
        }
    }
}

impl Bmc {
    /// Opens the console of the system: Serial over LAN, in the session of this BMC, or in another one when the BMC
    /// wants it on another port.
    ///
    /// # Errors
    /// [`Error::Completion`] when the BMC refuses (80h: another session has the console), [`Error::Transport`] for ways
    /// without RMCP+.
    pub fn sol(&self, options: SolOptions) -> Result<SolSession, Error> {
        let forced = quirk::forced(&self.options().session.quirks).map_err(|reason| Error::Transport { reason })?.sol;
        let mut console = activate(self, options, forced)?;
        if let Some(port) = console.elsewhere {
            console = move_to(self, port, options, forced, console)?;
        }
        Ok(console.session)
    }
}

/// A console that is active, and the port the BMC would rather have it on.
struct Console {
    session: SolSession,
    elsewhere: Option<u16>,
}

fn no_rmcp_plus(bmc: &Bmc) -> Error {
    Error::Transport { reason: format!("{}: Serial over LAN needs a session over RMCP+ (lanplus)", bmc.name()) }
}

fn activate(bmc: &Bmc, options: SolOptions, mut forced: SolQuirks) -> Result<Console, Error> {
    let handle = bmc.lan().ok_or_else(|| no_rmcp_plus(bmc))?;
    handle.connect()?;
    let (line, user) = line(options.timing);
    // Before the payload is active, so that no character is missed.
    handle.open_sol(line);
    handle.keep_alive(options.keep_alive == KeepAlive::Command);
    let command = |forced| {
        let auxiliary = auxiliary(bmc, handle, forced)?;
        Ok(ActivatePayload { payload_type: SOL, instance: options.instance, auxiliary })
    };
    let (mut activated, mut remarks) = (bmc.call_to(Target::Bmc, &command(forced)?), Vec::new());
    let may_defer = bmc.options().session.automatic_quirks && !forced.contains(SolQuirks::ALERTS_DEFERRED);
    if may_defer && activated.as_ref().is_err_and(|error| has_code(error, CompletionCode::INVALID_DATA_FIELD)) {
        let deferred = bmc.call_to(Target::Bmc, &command(forced | SolQuirks::ALERTS_DEFERRED)?);
        if deferred.is_ok() {
            remarks.extend(quirk::sol_remark(SolQuirks::ALERTS_DEFERRED));
            (activated, forced) = (deferred, forced | SolQuirks::ALERTS_DEFERRED);
        }
    }
    let activated = match activated {
        // It is this session that has the console: an earlier answer was lost.
        Err(error) if has_code(&error, ALREADY_ACTIVE) && is_ours(bmc, handle, options.instance) => {
            let deactivate = DeactivatePayload { payload_type: SOL, instance: options.instance };
            let _ = bmc.call_to(Target::Bmc, &deactivate);
            bmc.call_to(Target::Bmc, &command(forced)?)
        }
        other => other,
    }?;
    let (packet, quirk) = packet(&activated, forced);
    handle.sol(SolCommand::Packet(packet));
    remarks.extend(quirk.then(|| quirk::sol_remark(SolQuirks::PAYLOAD_SIZE)).flatten());
    let own = handle.describe().and_then(|facts| facts.address).map_or(RMCP_PORT, |address| address.port());
    let (elsewhere, quirk) = elsewhere(activated.port, own, forced);
    remarks.extend(quirk.then(|| quirk::sol_remark(SolQuirks::PORT)).flatten());
    let session =
        SolSession { bmc: bmc.clone(), instance: options.instance, user, remarks, given_back: AtomicBool::new(false) };
    Ok(Console { session, elsewhere })
}

/// The BMC wants SOL in a session to another port. A BMC that is not there either keeps it where it was.
fn move_to(bmc: &Bmc, port: u16, options: SolOptions, forced: SolQuirks, first: Console) -> Result<Console, Error> {
    let there = match bmc.name().parse() {
        Ok(BmcUrl::Lanplus { user, mut host, cipher }) => {
            host.port = port;
            BmcUrl::Lanplus { user, host, cipher }
        }
        _ => return Ok(first),
    };
    let _ = first.session.close();
    drop(first);
    if let Ok(other) = Bmc::open(&there, bmc.options())
        && let Ok(console) = activate(&other, options, forced)
    {
        return Ok(console);
    }
    activate(bmc, options, forced | SolQuirks::PORT)
}

const ALREADY_ACTIVE: CompletionCode = CompletionCode(0x80);

fn has_code(error: &Error, wanted: CompletionCode) -> bool {
    matches!(error, Error::Completion { code, .. } if *code == wanted)
}

fn is_ours(bmc: &Bmc, handle: &Handle, instance: u8) -> bool {
    let info = bmc.call_to(Target::Bmc, &GetPayloadInstanceInfo { payload_type: SOL, instance });
    let agreed = handle.describe().and_then(|facts| facts.agreed);
    match (info, agreed) {
        // Some BMCs name their own id of the session and some the console's.
        (Ok(info), Some(agreed)) => [agreed.bmc_session_id, agreed.console_session_id].contains(&info.session_id),
        _ => false,
    }
}

/// Encryption and authentication as the session has them; what the serial port has to tell meanwhile does not stop SOL.
fn auxiliary(bmc: &Bmc, handle: &Handle, forced: SolQuirks) -> Result<[u8; 4], Error> {
    const ENCRYPTED: u8 = 1 << 7;
    const AUTHENTICATED: u8 = 1 << 6;
    const ALERTS_DEFERRED: u8 = 1 << 2;
    const ALERTS_SUCCEED: u8 = 2 << 2;
    let agreed = handle.describe().and_then(|facts| facts.agreed);
    let algorithms = agreed.and_then(|agreed| agreed.algorithms).ok_or_else(|| no_rmcp_plus(bmc))?;
    let alerts = if forced.contains(SolQuirks::ALERTS_DEFERRED) { ALERTS_DEFERRED } else { ALERTS_SUCCEED };
    let encrypted = algorithms.confidentiality != ConfidentialityAlgorithm::None;
    let authenticated = algorithms.integrity != IntegrityAlgorithm::None;
    let flag = |on, flag| if on { flag } else { 0 };
    Ok([flag(encrypted, ENCRYPTED) | flag(authenticated, AUTHENTICATED) | alerts, 0, 0, 0])
}

/// Characters in a packet to the BMC, and whether what it says had to be put right.
fn packet(activated: &ActivatedPayload, forced: SolQuirks) -> (usize, bool) {
    let sensible = |size: &u16| (SHORTEST..=LONGEST).contains(size);
    let size = activated.inbound_size;
    let read = [size, size.swap_bytes()].into_iter().find(sensible);
    match read.filter(|_| !forced.contains(SolQuirks::PAYLOAD_SIZE)) {
        Some(size) => (usize::from(size).saturating_sub(ConsolePayload::HEADER_LEN), size != activated.inbound_size),
        None => (CAUTIOUS, true),
    }
}

/// The port the BMC wants SOL on when that is not the one of the session, and whether what it says had to be put right.
fn elsewhere(port: u16, own: u16, forced: SolQuirks) -> (Option<u16>, bool) {
    // The standard port seen from behind another one: the network translates ports.
    if port == own || port == RMCP_PORT {
        return (None, false);
    }
    let wrong = port == 0 || [own, RMCP_PORT].contains(&port.swap_bytes()) || forced.contains(SolQuirks::PORT);
    if wrong { (None, true) } else { (Some(port), false) }
}

impl Drop for SolSession {
    fn drop(&mut self) {
        if *self.given_back.get_mut() {
            return;
        }
        // Nobody waits for the answer; a session that ends takes the console along.
        let command = DeactivatePayload { payload_type: SOL, instance: self.instance };
        drop(self.bmc.submit(Target::Bmc, Request::of(&command)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_and_sizes_are_read_as_they_were_meant() {
        let none = SolQuirks::empty();
        let sized = |inbound_size| ActivatedPayload {
            auxiliary: [0; 4],
            inbound_size,
            outbound_size: 0,
            port: 0,
            vlan: 0xFFFF,
        };
        assert_eq!(packet(&sized(0x00E4), none), (224, false));
        assert_eq!(packet(&sized(0xE400), none), (224, true));
        assert_eq!(packet(&sized(0), none), (CAUTIOUS, true));
        assert_eq!(packet(&sized(0x00E4), SolQuirks::PAYLOAD_SIZE), (CAUTIOUS, true));
        assert_eq!(elsewhere(623, 623, none), (None, false));
        assert_eq!(elsewhere(623, 9000, none), (None, false));
        assert_eq!(elsewhere(0x6F02, 623, none), (None, true));
        assert_eq!(elsewhere(0, 623, none), (None, true));
        assert_eq!(elsewhere(9001, 623, none), (Some(9001), false));
        assert_eq!(elsewhere(9001, 623, SolQuirks::PORT), (None, true));
    }
}
