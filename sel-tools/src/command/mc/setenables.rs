//! `mc setenables`: Set BMC Global Enables (IPMI 2.0 s22.1).

use ipmi_core::command::app::{GetBmcGlobalEnables, GlobalEnables, SetBmcGlobalEnables};

use super::getenables;
use crate::command::{CommandRow, group, usage};
use crate::{Failure, Printer, Session, complain, line};

/// `mc setenables`.
pub const COMMAND: CommandRow = CommandRow {
    group: "mc",
    name: "setenables",
    words: "OPTION=on|off...",
    about: "Switch global enables on or off",
    run,
};

fn run(session: &Session, printer: &mut Printer<'_>, words: &[String]) -> Result<(), Failure> {
    if words.is_empty() || words.first().is_some_and(|word| word == "help") {
        let group = group::GROUPS.iter().find(|group| group.name == COMMAND.group);
        return group.map_or(Err(Failure::Said), |group| usage(group, printer, words.is_empty()));
    }
    let before = session.call(&GetBmcGlobalEnables)?;
    let mut enables = before;
    for word in words {
        let (name, value) = word.split_once('=').unwrap_or((word, ""));
        let row = GlobalEnables::NAMES.iter().find(|(_, option, _)| *option == name);
        match (row, value) {
            (Some((bit, _, text)), "on") => {
                line!(printer, "Enabling {text}")?;
                enables.insert(*bit);
            }
            (Some((bit, _, text)), "off") => {
                line!(printer, "Disabling {text}")?;
                enables.remove(*bit);
            }
            _ => complain!(printer, "Unrecognized option: {word}")?,
        }
    }
    if enables == before {
        line!(printer, "\nNothing to change...")?;
    } else {
        session.call(&SetBmcGlobalEnables { enables })?;
        line!(printer, "\nVerifying...")?;
    }
    (getenables::COMMAND.run)(session, printer, &[])
}
