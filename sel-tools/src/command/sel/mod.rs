//! `sel`: the system event log.

pub mod clear;
pub mod delete;
pub mod get;
pub mod info;
pub mod list;
pub mod save;
pub mod time;
pub mod writeraw;

use ipmi_core::command::storage::RecordId;
use kernel_bridge::walk::sel::{self, SelLog};

use crate::progress::Progress;
use crate::{Failure, Printer, Session, complain};

/// Reads the log. An empty one is said to be so.
pub(super) fn read_log(session: &Session, printer: &mut Printer<'_>) -> Result<SelLog, Failure> {
    let mut progress = Progress::new("reading the system event log");
    let log = sel::read_log(session.bmc()?, RecordId::FIRST, |done, total| progress.at(done, Some(total)));
    progress.clear();
    let log = log.map_err(|error| session.refusal(&error))?;
    if log.info.entries == 0 {
        complain!(printer, "SEL has no entries")?;
    }
    Ok(log)
}

/// Says what could not be read; a listing that lacks something has failed.
pub(super) fn complain_about(session: &Session, printer: &mut Printer<'_>, log: &SelLog) -> Result<(), Failure> {
    let name = session.bmc()?.name();
    log.problems.iter().try_for_each(|problem| complain!(printer, "{name}: Get SEL Entry: {problem}"))?;
    if log.problems.is_empty() { Ok(()) } else { Err(Failure::Said) }
}
