//! Help text, man page and shell completions, generated from the tables of options and commands.
//!
//! `clap` draws them; it does not read the command line, because `getopt` and it disagree about what one means.

use std::str::FromStr;

use clap::{Arg, ArgAction, Command};
use clap_complete::Shell;
use clap_mangen::roff::{Roff, bold, roman};

use super::table::OPTIONS;
use crate::Failure;
use crate::command::{COMMANDS, CommandRow, group::GROUPS};
use crate::connect::INTERFACES;

/// Command lines to begin with: the line, what it does.
const EXAMPLES: &[(&str, &str)] = &[
    ("ipmi sdr elist", "sensors of this machine (/dev/ipmi0)"),
    ("ipmi --bmc sim: sdr elist", "the same of a simulated BMC, no hardware needed"),
    ("ipmi --bmc sim: --json sensor", "the same with thresholds, as JSON"),
    ("ipmi --bmc lanplus://USER@HOST sel elist", "events of a BMC on the LAN; asks for the password"),
    ("ipmi -I lanplus -U USER -f FILE -H 'node[001-200]' power status", "of many at once"),
    ("IPMI_LOG=trace ipmi mc info", "what goes to the BMC and comes back, on stderr"),
    ("ipmi completions bash", "completions for a shell; `ipmi man` prints the man page"),
];

/// Environment variables: name, meaning.
const ENVIRONMENT: &[(&str, &str)] = &[
    ("IPMI_BMC", "URL of the BMC when neither --bmc nor -I, -H, -d or -D names one"),
    ("IPMI_PASSWORD", "password of the user, with -E or when no option says where it is"),
    ("IPMITOOL_PASSWORD", "the same, with -E alone; goes first"),
    ("IPMI_KGKEY", "key of the BMC, with -K"),
    ("IPMI_CACHE_DIR, XDG_CACHE_HOME", "where sensor data records and quirks of BMCs are kept"),
    ("IPMI_LOG", "what is logged on standard error: debug, trace"),
];

/// The command line as clap sees it.
pub fn definition() -> Command {
    let mut program = Command::new("ipmi")
        .version(env!("CARGO_PKG_VERSION"))
        .about("Talks to baseboard management controllers, with ipmitool's options, commands and output")
        .disable_help_flag(true)
        .disable_version_flag(true)
        .subcommand_required(true);
    for row in OPTIONS.iter().filter(|row| !row.help.is_empty()) {
        let mut argument = Arg::new(row.name).help(row.help.join(" ")).global(true);
        argument = match row.value {
            Some(value) => argument.value_name(value).action(ArgAction::Set),
            None => argument.action(ArgAction::Count),
        };
        if let Some(letter) = row.short {
            argument = argument.short(letter);
        }
        if let Some(name) = row.long {
            argument = argument.long(name);
        }
        program = program.arg(argument);
    }
    for group in GROUPS {
        let mut command = Command::new(group.name).about(group.about).disable_help_flag(true);
        command = command.aliases(group.aliases.iter().copied());
        for row in COMMANDS.iter().filter(|row| row.group == group.name) {
            if row.name.is_empty() {
                command = command.arg(words(row.words));
            } else {
                let leaf = Command::new(row.name).about(row.about).disable_help_flag(true);
                command = command.subcommand(if row.words.is_empty() { leaf } else { leaf.arg(words(row.words)) });
            }
        }
        program = program.subcommand(command);
    }
    program
}

fn words(names: &'static str) -> Arg {
    Arg::new("words").value_name(names).num_args(0..).help(names)
}

/// What `ipmi --help` prints: options, interfaces and every command.
pub fn help() -> String {
    let mut text = String::from(
        "ipmi: talks to baseboard management controllers, with ipmitool's options, commands and output\n\n\
         usage: ipmi [options...] <command>\n\n",
    );
    for row in OPTIONS.iter().filter(|row| !row.help.is_empty()) {
        let name = match (row.short, row.long) {
            (Some(letter), _) => format!("-{letter}"),
            (None, name) => format!("--{}", name.unwrap_or_default()),
        };
        let name = row.value.map_or(name.clone(), |value| format!("{name} {value}"));
        for (index, line) in row.help.iter().enumerate() {
            text.push_str(&format!("       {:<14} {line}\n", if index == 0 { name.as_str() } else { "" }));
        }
    }
    text.push_str("\nInterfaces:\n");
    for (name, about) in INTERFACES {
        text.push_str(&format!("       {name:<14} {about}\n"));
    }
    text.push_str("\nCommands:\n");
    for row in COMMANDS {
        text.push_str(&format!("       {}\n                      {}\n", whole_name(row), row.about));
    }
    text.push_str("\nExamples:\n");
    for (line, about) in EXAMPLES {
        text.push_str(&format!("       {line:<33} {about}\n"));
    }
    text
}

/// The man page.
///
/// # Errors
/// When it cannot be drawn.
pub fn man_page() -> Result<Vec<u8>, Failure> {
    let mut page = Vec::new();
    let man = clap_mangen::Man::new(definition());
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    let mut rest = Roff::new();
    rest.control("SH", ["SYNOPSIS"]).text([bold("ipmi"), roman(" [options...] <command>")]);
    rest.to_writer(&mut page)?;
    man.render_description_section(&mut page)?;
    man.render_options_section(&mut page)?;
    let mut rest = Roff::new();
    section(&mut rest, "INTERFACES", INTERFACES.iter().map(|(name, about)| ((*name).to_owned(), *about)));
    section(&mut rest, "COMMANDS", COMMANDS.iter().map(|row| (whole_name(row), row.about)));
    section(&mut rest, "ENVIRONMENT", ENVIRONMENT.iter().map(|(name, about)| ((*name).to_owned(), *about)));
    section(&mut rest, "EXAMPLES", EXAMPLES.iter().map(|(line, about)| ((*line).to_owned(), *about)));
    rest.to_writer(&mut page)?;
    man.render_version_section(&mut page)?;
    Ok(page)
}

/// A command with its group and its words.
fn whole_name(row: &CommandRow) -> String {
    let name = [row.group, row.name, row.words].join(" ");
    name.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A section of names and what they mean.
fn section(page: &mut Roff, title: &str, rows: impl Iterator<Item = (String, &'static str)>) {
    page.control("SH", [title]);
    for (name, about) in rows {
        page.control("TP", []).text([bold(name)]).text([roman(about)]);
    }
}

/// Completions for a shell.
///
/// # Errors
/// When there is no such shell.
pub fn completions(shell: Option<&str>) -> Result<Vec<u8>, Failure> {
    let shell = shell.unwrap_or("bash");
    let Ok(shell) = Shell::from_str(shell) else {
        return Err(Failure::Message(format!("No completions for {shell}: bash, elvish, fish, powershell, zsh")));
    };
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut definition(), "ipmi", &mut script);
    Ok(script)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definition_holds_together() {
        definition().debug_assert();
    }

    #[test]
    fn help_names_every_command_and_option() {
        let help = help();
        for row in COMMANDS {
            assert!(help.contains(row.about), "{} {}", row.group, row.name);
        }
        assert!(help.contains("--bmc URL") && help.contains("-S sdr"));
    }

    #[test]
    fn man_page_and_completions_are_drawn() {
        let page = String::from_utf8(man_page().unwrap()).unwrap();
        for word in ["sdr elist", "lanplus", "IPMI_BMC", ".SH EXAMPLES"] {
            assert!(page.contains(word), "{word}");
        }
        for shell in ["bash", "zsh", "fish"] {
            assert!(!completions(Some(shell)).unwrap().is_empty());
        }
        assert!(completions(Some("cmd")).is_err());
    }
}
