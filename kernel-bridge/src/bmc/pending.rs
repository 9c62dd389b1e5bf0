//! [`Pending`]: a request under way.

use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use ipmi_core::{Error, Response};

use super::shared::{Backend, Shared};
use crate::driver::Answer;
use crate::lan;
use crate::quirk::Leniency;
use crate::reply::{Awaited, NoReply};
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
        self.wait_at_most(None)
    }

    /// Waits for the response, for no longer than `time` where a thread of its own moves the requests.
    ///
    /// # Errors
    /// As [`wait`](Self::wait).
    pub fn wait_for(self, time: Duration) -> Result<Response, Error> {
        self.wait_at_most(Some(time))
    }

    fn wait_at_most(self, time: Option<Duration>) -> Result<Response, Error> {
        let name = &self.shared.name;
        let answer = match (self.reply_of, &self.shared.backend) {
            (ReplyOf::Thread(response), _) => match response.wait_until(time.map(|time| Instant::now() + time)) {
                Ok(answer) => Some(answer),
                Err(NoReply::Gone) => None,
                Err(NoReply::Late) => Some((Err(Failure::Timeout), time.unwrap_or_default())),
            },
            (ReplyOf::Drive(ticket), Backend::Driven(driven)) => {
                driven.lock().unwrap_or_else(PoisonError::into_inner).wait(ticket)
            }
            (ReplyOf::Drive(_), _) => None,
        };
        if let Some((Ok(response), _)) = &answer {
            tracing::trace!(bmc = name, "{}: response {response}", self.command);
        }
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
