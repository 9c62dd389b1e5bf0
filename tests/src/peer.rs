//! Real programs that judge ours: found, or skipped by name, or missed loudly.

use std::path::PathBuf;
use std::process::Command;

/// Whether missing peers are failures.
pub fn required() -> bool {
    std::env::var("CI").is_ok_and(|ci| ci == "true")
}

/// Says what is missing.
///
/// # Panics
/// Under `CI=true`.
pub fn missing(what: &str) {
    assert!(!required(), "missing: {what}");
    eprintln!("skipped: no {what}");
}

/// A program on PATH, or in sbin, where FreeIPMI is and which PATH of an ordinary user lacks.
fn find(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain(["/usr/sbin".into(), "/sbin".into()])
        .map(|folder| folder.join(name))
        .find(|candidate| candidate.is_file())
}

/// Starts a program from where [`program`] finds it.
pub fn command(name: &str) -> Command {
    Command::new(find(name).unwrap_or_else(|| name.into()))
}

/// A program on PATH (or in sbin); `None`, with a line that says so, when it is not installed.
pub fn program(name: &str) -> Option<PathBuf> {
    let found = find(name);
    if found.is_none() {
        missing(name);
    }
    found
}

/// A Python interpreter that has the WS-Man clients the tests drive (`tests/run` makes it): `TEST_PYTHON`, or
/// `tests/.cache/venv`.
pub fn python() -> Option<PathBuf> {
    python_with(&["winrm", "pypsrp"])
}

/// The same interpreter when it has these modules.
pub fn python_with(modules: &[&str]) -> Option<PathBuf> {
    let path = std::env::var_os("TEST_PYTHON")
        .map_or_else(|| crate::program::workspace().join("tests/.cache/venv/bin/python"), PathBuf::from);
    let modules = modules.join(", ");
    let works = Command::new(&path)
        .args(["-c", &format!("import {modules}")])
        .output()
        .is_ok_and(|output| output.status.success());
    if !works {
        missing(&format!("Python with {modules} (tests/run installs them)"));
        return None;
    }
    Some(path)
}
