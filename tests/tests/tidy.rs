//! The sources keep to the conventions that no lint knows: module docs, lengths, and lists that must be complete.
#![allow(clippy::panic, clippy::unwrap_used)]

use std::path::{Path, PathBuf};

/// Most lines of a file, and most characters of a comment's line.
const LINES: usize = 500;
const WIDTH: usize = 120;

/// Every source file of the workspace and of `fuzz`, with its text.
fn sources() -> Vec<(PathBuf, String)> {
    fn collect(folder: &Path, found: &mut Vec<(PathBuf, String)>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() && name != "target" && !name.starts_with('.') {
                collect(&path, found);
            } else if name.ends_with(".rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                found.push((path, text));
            }
        }
    }
    let mut found = Vec::new();
    collect(&tests::program::workspace(), &mut found);
    found
}

fn assert_none(findings: &[String]) {
    assert!(findings.is_empty(), "{}", findings.join("\n"));
}

#[test]
fn files_begin_with_their_idea_and_are_short() {
    let sources = sources();
    assert!(sources.len() > 500, "{}", sources.len());
    let mut findings = Vec::new();
    for (path, text) in &sources {
        if !text.starts_with("//! ") {
            findings.push(format!("{}: no module doc on the first line", path.display()));
        }
        let lines = text.lines().count();
        if lines > LINES {
            findings.push(format!("{}: {lines} lines, more than {LINES}", path.display()));
        }
    }
    assert_none(&findings);
}

/// rustfmt wraps code alone.
#[test]
fn comments_keep_to_the_width() {
    let mut findings = Vec::new();
    for (path, text) in &sources() {
        for (number, line) in (1..).zip(text.lines()) {
            if line.trim_start().starts_with("//") && line.chars().count() > WIDTH {
                findings.push(format!("{}:{number}: more than {WIDTH} characters", path.display()));
            }
        }
    }
    assert_none(&findings);
}

#[test]
fn every_command_has_a_row_in_the_table() {
    let sources = sources();
    let of_commands = || sources.iter().filter(|(path, _)| path.to_string_lossy().contains("ipmi-core/src/command/"));
    let names = |(path, text): &'_ (PathBuf, String)| {
        let rows = text.lines().filter_map(|line| line.strip_prefix("impl Command for "));
        rows.map(|rest| (path.with_file_name("mod.rs"), rest.trim_end_matches(" {").to_owned())).collect::<Vec<_>>()
    };
    let commands: Vec<(PathBuf, String)> = of_commands().flat_map(names).collect();
    assert!(commands.len() > 50, "{}", commands.len());
    let has_row = |group: &Path, name: &str| {
        of_commands().any(|(path, text)| path == group && text.contains(&format!("row::<{name}>()")))
    };
    let findings: Vec<String> =
        commands.iter().filter(|(group, name)| !has_row(group, name)).map(|(_, name)| name.clone()).collect();
    assert_none(&findings);
}
