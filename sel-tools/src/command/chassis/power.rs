//! `chassis power`: the long form of `power`.

use crate::command::{CommandRow, group, run_group};
use crate::{Failure, Printer, Session};

/// `chassis power`.
pub const COMMAND: CommandRow = CommandRow {
    group: "chassis",
    name: "power",
    words: "[status|on|off|cycle|reset|diag|soft]",
    about: "Print or change the power state",
    run,
};

fn run(session: &Session, printer: &mut Printer<'_>, words: &[String]) -> Result<(), Failure> {
    let power = group::GROUPS.iter().find(|group| group.name == "power");
    power.map_or(Err(Failure::Said), |group| run_group(group, session, printer, words))
}
