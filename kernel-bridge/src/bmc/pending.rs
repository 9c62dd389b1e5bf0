//! [`Pending`]: a request under way.

use std::sync::{Arc, PoisonError};

use ipmi_core::{Error, Response};

use super::shared::{Backend, Shared};
use crate::driver::Answer;
use crate::lan;
use crate::quirk::Leniency;
use crate::reply::Awaited;
use crate::transport::Failure;

/// A request under way. Dropped before its turn came, it is not sent.
#[must_use = "the response comes from wait()"]
pub struct Pending {
    pub(super) reply_of: ReplyOf,
    pub(super) command: &'static str,
    pub(super) shared: Arc<Shared>,
    /// A quirk changes the response.
    pub(super) amended: bool,
}

/// Where the reply comes from.
pub(super) enum ReplyOf {
    Thread(Awaited<Answer>),
    Drive(lan::Ticket),
}

impl Pending {
    /// Waits for the response.
    ///
    /// # Errors
    /// [`Error::Timeout`] and [`Error::Transport`]; a completion code is no error here.
    pub fn wait(self) -> Result<Response, Error> {
        let name = &self.shared.name;
        let answer = match (self.reply_of, &self.shared.backend) {
            (ReplyOf::Thread(response), _) => response.wait().ok(),
            (ReplyOf::Drive(ticket), Backend::Driven(driven)) => {
                driven.lock().unwrap_or_else(PoisonError::into_inner).wait(ticket)
            }
            (ReplyOf::Drive(_), _) => None,
        };
        match answer {
            Some((Ok(response), _)) if self.amended => Ok(Leniency::amend(response)),
            Some((Ok(response), _)) => Ok(response),
            Some((Err(Failure::Timeout), after)) => Err(Error::Timeout { command: self.command, after }),
            // The reason names the device or address.
            Some((Err(Failure::Broken { reason, .. }), _)) => Err(Error::Transport { reason }),
            None => Err(Error::Transport { reason: format!("{name}: the driver has stopped") }),
        }
    }
}
