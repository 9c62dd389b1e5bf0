//! OpenIPMI emulator files: the commands `ipmi_sim -f FILE` reads (`man 5 ipmi_sim_cmd`).

mod arguments;
mod commands;
mod lexer;

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::bmc::Bmc;
use crate::config::{ConfigError, input};
use commands::Builder;
use lexer::Statement;

/// Files that include each other deeper than this are an error.
const MAX_DEPTH: usize = 8;
/// Files read in all, one read twice counted twice: few files that include each other often make many.
const MAX_FILES: usize = 256;
/// Largest file read.
const MAX_SIZE: u64 = 16 << 20;

/// Builds the BMC a file describes.
pub(super) fn load(path: &Path, now: Duration) -> Result<Bmc, ConfigError> {
    let mut builder = Builder::new(now);
    run_file(path, &mut builder, 0)?;
    builder.finish().map_err(|reason| ConfigError::file(path, reason))
}

fn run_file(path: &Path, builder: &mut Builder, depth: usize) -> Result<(), ConfigError> {
    let text = input::bytes(path, MAX_SIZE)?;
    let text = String::from_utf8_lossy(&text);
    for statement in lexer::statements(&text) {
        run(path, &statement, builder, depth)?;
    }
    Ok(())
}

fn run(path: &Path, statement: &Statement, builder: &mut Builder, depth: usize) -> Result<(), ConfigError> {
    let wrong = |problem: Problem| ConfigError::Line {
        path: path.to_owned(),
        line: statement.line,
        expected: problem.expected,
        found: problem.found,
    };
    let words = lexer::words(&statement.text, &builder.variables).map_err(wrong)?;
    match words.split_first() {
        None => Ok(()),
        Some((command, arguments)) if command == "include" || command == "read_cmds" => {
            let [file] = arguments else {
                return Err(wrong(Problem::new("one file name", format!("{} words", arguments.len()))));
            };
            if depth >= MAX_DEPTH {
                return Err(wrong(Problem::new(format!("at most {MAX_DEPTH} nested files"), "one more")));
            }
            if builder.includes + 1 >= MAX_FILES {
                return Err(wrong(Problem::new(format!("at most {MAX_FILES} files"), "one more")));
            }
            builder.includes += 1;
            run_file(&beside(path, file), builder, depth + 1)
        }
        Some((command, arguments)) => builder.run(path, command, arguments).map_err(wrong),
    }
}

/// A file named in another: relative names are relative to that one.
fn beside(path: &Path, file: &str) -> PathBuf {
    path.parent().unwrap_or(Path::new("")).join(file)
}

/// What is wrong with a statement.
#[derive(Debug, PartialEq, Eq)]
struct Problem {
    expected: String,
    found: String,
}

impl Problem {
    fn new(expected: impl Into<String>, found: impl Into<String>) -> Self {
        Self { expected: expected.into(), found: found.into() }
    }
}

#[cfg(test)]
mod tests;
