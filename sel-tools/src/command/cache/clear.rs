//! `cache clear`: forget what is kept about BMCs.

use crate::command::CommandRow;
use crate::output::json::Done;
use crate::{Failure, Printer, Session, line};

/// `cache clear`.
pub const COMMAND: CommandRow =
    CommandRow { group: "cache", name: "clear", words: "", about: "Forget what is kept about BMCs", run };

fn run(_session: &Session, printer: &mut Printer<'_>, _words: &[String]) -> Result<(), Failure> {
    let directory = super::directory()?;
    let removed = kernel_bridge::cache::clear(&directory)
        .map_err(|error| Failure::Message(format!("{}: {error}", directory.display())))?;
    if printer.object(&Done { done: "clear" })? {
        return Ok(());
    }
    line!(printer, "{}: {removed} files removed", directory.display())
}
