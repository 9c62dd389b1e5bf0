//! Recorded machines as BMCs inside the process, and what ipmitool printed for them.
#![allow(dead_code, reason = "every test file uses its own part")]

use std::path::{Path, PathBuf};
use std::time::Duration;

use ipmi_core::{Request, Response};
use kernel_bridge::transport::InProcess;
use kernel_bridge::{Bmc, Options};
use sel_tools::Session;
use sel_tools::args::Arguments;
use sel_tools::output::clock::Clock;

/// The shared test data, from `SHARED_DATA` or beside the workspace. Missing data fails a test only under `CI=true`.
pub(crate) fn shared_data() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data");
    let path = std::env::var_os("SHARED_DATA").map_or(beside, PathBuf::from);
    if path.is_dir() {
        return Some(path);
    }
    assert!(std::env::var("CI").as_deref() != Ok("true"), "no test data at {}", path.display());
    eprintln!("skipped: no test data at {}", path.display());
    None
}

/// The simulator with time standing still.
pub(crate) fn simulated(mut simulator: simulator::Bmc) -> Bmc {
    in_process(move |request| simulator.handle(request, Duration::ZERO))
}

/// The simulator with time going on by a bit with each request.
pub(crate) fn ticking(mut simulator: simulator::Bmc) -> Bmc {
    let mut now = Duration::ZERO;
    in_process(move |request| {
        now += Duration::from_millis(50);
        simulator.handle(request, now)
    })
}

/// A BMC that is a function.
pub(crate) fn in_process(handler: impl FnMut(&Request) -> Response + Send + 'static) -> Bmc {
    Bmc::from_transport("test", Box::new(InProcess::new(Box::new(handler))), Options::default()).unwrap()
}

/// A node of the shared data.
pub(crate) fn node(directory: &Path) -> Bmc {
    simulated(simulator::Bmc::from_emu(&directory.join("node.emu"), Duration::ZERO).unwrap())
}

/// What a command line printed and its exit status.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Output {
    pub(crate) out: Vec<u8>,
    pub(crate) err: String,
    pub(crate) status: u8,
}

impl Output {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.out).into_owned()
    }
}

/// Runs a command line on a BMC. Words are separated by blanks; `~` inside a word stands for one.
pub(crate) fn run(bmc: &Bmc, line: &str) -> Output {
    let words = line.split_whitespace().map(|word| word.replace('~', " "));
    run_words(bmc, words.collect())
}

/// Runs a command line on a BMC, dates in UTC.
pub(crate) fn run_words(bmc: &Bmc, words: Vec<String>) -> Output {
    let session = Session::with_bmc(Arguments::parse(words).unwrap(), bmc.clone());
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let status = sel_tools::run_session(&session, Clock::default(), &mut out, &mut err);
    Output { out, err: String::from_utf8_lossy(&err).into_owned(), status }
}

/// The first line that differs, for messages.
pub(crate) fn first_difference(found: &[u8], expected: &[u8]) -> String {
    let (found, expected) = (String::from_utf8_lossy(found), String::from_utf8_lossy(expected));
    let mut pairs = found.lines().zip(expected.lines()).enumerate();
    match pairs.find(|(_, (found, expected))| found != expected) {
        Some((number, (found, expected))) => format!("line {}: {found:?} instead of {expected:?}", number + 1),
        None => format!("{} lines instead of {}", found.lines().count(), expected.lines().count()),
    }
}
