//! The commands: one file each, one row each in [`COMMANDS`]; groups and their usage texts in [`group`].

pub mod cache;
pub mod chassis;
pub mod discover;
pub mod fru;
pub mod group;
pub mod mc;
pub mod ping;
pub mod power;
pub mod raw;
pub mod record;
pub mod sdr;
pub mod sel;
pub mod sensor;
pub mod sol;

use crate::{Failure, Printer, Session, complain};
use group::{Empty, GROUPS, Group};

/// What a command does with its words.
pub type Run = fn(&Session, &mut Printer<'_>, &[String]) -> Result<(), Failure>;

/// One command.
#[derive(Debug, Clone, Copy)]
pub struct CommandRow {
    /// Group it belongs to.
    pub group: &'static str,
    /// Name within the group; empty for a group that is a command itself.
    pub name: &'static str,
    /// Its words, for help texts.
    pub words: &'static str,
    /// What it does, in one line.
    pub about: &'static str,
    /// Does it.
    pub run: Run,
}

/// Every command.
pub const COMMANDS: &[&CommandRow] = &[
    &raw::COMMAND,
    &record::COMMAND,
    &chassis::status::COMMAND,
    &chassis::power::COMMAND,
    &chassis::policy::COMMAND,
    &chassis::restart_cause::COMMAND,
    &chassis::poh::COMMAND,
    &chassis::identify::COMMAND,
    &chassis::bootdev::COMMAND,
    &chassis::bootparam::COMMAND,
    &power::STATUS,
    &power::ON,
    &power::OFF,
    &power::CYCLE,
    &power::RESET,
    &power::DIAG,
    &power::SOFT,
    &mc::reset::COMMAND,
    &mc::guid::COMMAND,
    &mc::info::COMMAND,
    &mc::selftest::COMMAND,
    &mc::getenables::COMMAND,
    &mc::setenables::COMMAND,
    &sdr::list::LIST,
    &sdr::list::ELIST,
    &sdr::type_::COMMAND,
    &sdr::info::COMMAND,
    &sdr::entity::COMMAND,
    &sdr::get::COMMAND,
    &sdr::dump::COMMAND,
    &sensor::list::COMMAND,
    &sensor::get::COMMAND,
    &sensor::reading::COMMAND,
    &sensor::thresh::COMMAND,
    &fru::print::PRINT,
    &fru::print::LIST,
    &fru::read::COMMAND,
    &sel::info::COMMAND,
    &sel::list::LIST,
    &sel::list::ELIST,
    &sel::get::COMMAND,
    &sel::save::COMMAND,
    &sel::writeraw::COMMAND,
    &sel::delete::COMMAND,
    &sel::clear::COMMAND,
    &sel::time::COMMAND,
    &sol::info::COMMAND,
    &sol::set::COMMAND,
    &sol::payload::COMMAND,
    &sol::activate::COMMAND,
    &sol::deactivate::COMMAND,
    &sol::looptest::COMMAND,
    &cache::list::COMMAND,
    &cache::clear::COMMAND,
    &discover::COMMAND,
    &ping::COMMAND,
];

/// Runs the command that `words` name.
///
/// # Errors
/// As the command says; with its own message when there is no such command.
pub fn dispatch(session: &Session, printer: &mut Printer<'_>, words: &[String]) -> Result<(), Failure> {
    let Some((name, rest)) = words.split_first() else {
        complain!(printer, "No command provided!")?;
        list_groups(printer)?;
        return Err(Failure::Said);
    };
    if name == "help" {
        return list_groups(printer);
    }
    match GROUPS.iter().find(|group| group.name == name || group.aliases.contains(&name.as_str())) {
        Some(group) => run_group(group, session, printer, rest),
        None => {
            complain!(printer, "Invalid command: {name}")?;
            list_groups(printer)?;
            Err(Failure::Said)
        }
    }
}

/// True when the first words name a command, whatever follows.
pub fn is_named(words: &[String]) -> bool {
    let Some((name, rest)) = words.split_first() else { return false };
    let group = GROUPS.iter().find(|group| group.name == name || group.aliases.contains(&name.as_str()));
    group.is_some_and(|group| {
        let has = |name: &str| COMMANDS.iter().any(|row| row.group == group.name && row.name == name);
        has("") || rest.first().map_or(matches!(group.empty, Empty::Run(_)), |name| has(name))
    })
}

/// Runs a command of a group, or says what the group has.
///
/// # Errors
/// As [`dispatch`].
pub fn run_group(group: &Group, session: &Session, printer: &mut Printer<'_>, words: &[String]) -> Result<(), Failure> {
    let find = |name: &str| COMMANDS.iter().find(|row| row.group == group.name && row.name == name);
    if let Some(row) = find("") {
        return (row.run)(session, printer, words);
    }
    let Some((name, rest)) = words.split_first() else {
        return match group.empty {
            Empty::Run(name) => find(name).map_or(Err(Failure::Said), |row| (row.run)(session, printer, &[])),
            Empty::Usage { fails } => usage(group, printer, fails),
            Empty::NotEnough => {
                complain!(printer, "Not enough parameters given.")?;
                usage(group, printer, true)
            }
        };
    };
    if let Some(row) = find(name) {
        return (row.run)(session, printer, rest);
    }
    if name == "help" {
        return usage(group, printer, group.help_fails);
    }
    complain!(printer, "Invalid {} command: {name}", group.title)?;
    if group.usage_when_unknown {
        usage(group, printer, true)?;
    }
    Err(Failure::Said)
}

/// Prints a group's usage on stderr.
///
/// # Errors
/// When `fails` says so.
pub fn usage(group: &Group, printer: &mut Printer<'_>, fails: bool) -> Result<(), Failure> {
    for line in group.usage {
        complain!(printer, "{line}")?;
    }
    if fails { Err(Failure::Said) } else { Ok(()) }
}

/// Prints the groups on stderr.
///
/// # Errors
/// When stderr cannot be written.
pub fn list_groups(printer: &mut Printer<'_>) -> Result<(), Failure> {
    complain!(printer, "Commands:")?;
    for group in GROUPS {
        complain!(printer, "\t{:<12}  {}", group.name, group.about)?;
    }
    complain!(printer, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_has_a_group_and_a_name_of_its_own() {
        for (index, row) in COMMANDS.iter().enumerate() {
            assert!(GROUPS.iter().any(|group| group.name == row.group), "{}", row.group);
            assert!(!row.about.is_empty());
            let twins =
                COMMANDS.iter().skip(index + 1).filter(|other| (other.group, other.name) == (row.group, row.name));
            assert_eq!(twins.count(), 0, "{} {}", row.group, row.name);
        }
    }

    #[test]
    fn every_group_has_commands_and_its_default_exists() {
        for group in GROUPS {
            let named = |name: &str| COMMANDS.iter().any(|row| row.group == group.name && row.name == name);
            assert!(COMMANDS.iter().any(|row| row.group == group.name), "{}", group.name);
            if let Empty::Run(name) = group.empty {
                assert!(named(name), "{} {name}", group.name);
            }
        }
    }
}
