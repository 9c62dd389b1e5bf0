//! Asks a BMC and the controllers behind it, as bytes: refusals are answers too.

use ipmi_core::{ChannelNumber, CompletionCode, Error, Lun, NetFn, Request, SlaveAddress, Target};
use kernel_bridge::{Bmc, Pending};

use crate::{Failure, Session};

/// Address of the BMC.
pub(super) const BMC: u8 = 0x20;

/// Response data, or the completion code of a refusal.
pub(super) type Answer = Result<Vec<u8>, u8>;

pub(super) struct Reader<'a> {
    session: &'a Session,
    pub(super) bmc: &'a Bmc,
}

/// A request under way.
pub(super) struct Asked {
    pending: Pending,
    bridged: bool,
}

impl<'a> Reader<'a> {
    pub(super) fn new(session: &'a Session, bmc: &'a Bmc) -> Self {
        Self { session, bmc }
    }

    /// Who answers at an address.
    pub(super) fn target(owner: u8, channel: ChannelNumber) -> Target {
        Target::of_controller(SlaveAddress(owner), channel)
    }

    /// Asks and returns at once.
    pub(super) fn submit(&self, target: Target, lun: Lun, net_fn: NetFn, cmd: u8, data: &[u8]) -> Asked {
        let request = Request { lun, ..Request::new(net_fn, cmd, data) };
        Asked { pending: self.bmc.submit(target, request), bridged: target != Target::Bmc }
    }

    /// Waits for the answer. A controller behind the BMC that keeps silent has refused.
    ///
    /// # Errors
    /// When the BMC itself does not answer.
    pub(super) fn wait(&self, asked: Asked) -> Result<Answer, Failure> {
        match asked.pending.wait() {
            Ok(response) if response.code == CompletionCode::OK => Ok(Ok(response.data)),
            Ok(response) => Ok(Err(response.code.0)),
            Err(Error::Timeout { .. }) if asked.bridged => Ok(Err(CompletionCode::TIMEOUT.0)),
            Err(error) => Err(self.session.refusal(&error)),
        }
    }

    /// Asks a controller.
    pub(super) fn ask_at(&self, target: Target, net_fn: NetFn, cmd: u8, data: &[u8]) -> Result<Answer, Failure> {
        self.wait(self.submit(target, Lun::BMC, net_fn, cmd, data))
    }

    /// Asks the BMC.
    pub(super) fn ask(&self, net_fn: NetFn, cmd: u8, data: &[u8]) -> Result<Answer, Failure> {
        self.ask_at(Target::Bmc, net_fn, cmd, data)
    }

    /// The answers to one command with these data, asked for together.
    pub(super) fn ask_all(&self, net_fn: NetFn, cmd: u8, requests: &[Vec<u8>]) -> Result<Vec<Answer>, Failure> {
        let asked: Vec<_> = requests.iter().map(|data| self.submit(Target::Bmc, Lun::BMC, net_fn, cmd, data)).collect();
        asked.into_iter().map(|asked| self.wait(asked)).collect()
    }

    /// The text of an error, where reading goes on after it.
    pub(super) fn problem(&self, error: &Error) -> Result<String, Failure> {
        match error {
            Error::Transport { .. } | Error::Timeout { .. } => Err(self.session.refusal(error)),
            other => Ok(other.to_string()),
        }
    }
}

/// The byte at an offset; 0 where the answer is shorter.
pub(super) fn at(data: &[u8], offset: usize) -> u8 {
    data.get(offset).copied().unwrap_or(0)
}

/// The double word at an offset, least significant byte first.
pub(super) fn long(data: &[u8], offset: usize) -> u32 {
    u32::from(word(data, offset)) | u32::from(word(data, offset + 2)) << 16
}

/// The word at an offset, least significant byte first.
pub(super) fn word(data: &[u8], offset: usize) -> u16 {
    u16::from_le_bytes([at(data, offset), at(data, offset + 1)])
}
