//! A `bmc-sim` on the network, and one line for each question a client asks it.

use std::net::SocketAddr;

use crate::lan::{self, Outcome, Remote};
use crate::program::Running;

/// Suites of those questions where a client is not told otherwise.
const IPMITOOL: &str = "-I lanplus -C 17";
const FREEIPMI: &str = "-D LAN_2_0 -I 17 -l ADMIN";

/// A running `bmc-sim` and the home of its clients; stopped and removed when dropped.
pub struct BmcSim {
    /// Where it is and who logs in.
    pub remote: Remote,
    /// The program.
    pub running: Running,
    _home: tempfile::TempDir,
}

impl BmcSim {
    /// Starts one with `config` as its configuration file and more words of the command line; `None`, with a line that
    /// says so, when one of `peers` is not installed.
    ///
    /// # Panics
    /// When it does not start.
    pub fn start(peers: &[&str], config: &str, more: &[&str]) -> Option<Self> {
        Self::start_at("127.0.0.1:0", peers, config, more)
    }

    /// The same at another address.
    ///
    /// # Panics
    /// When it does not start.
    pub fn start_at(address: &str, peers: &[&str], config: &str, more: &[&str]) -> Option<Self> {
        if !lan::installed(peers) {
            return None;
        }
        let home = tempfile::tempdir().expect("folder");
        let file = home.path().join("bmc.toml");
        std::fs::write(&file, config).expect("configuration");
        let words = ["--lan", address, "--freeze", "--config", file.to_str().expect("UTF-8")];
        let running = Running::start("bmc-sim", words.iter().chain(more));
        let address: SocketAddr = running.wait_for("ready lan ").parse().expect("address");
        Some(Self { remote: Remote::new(address, home.path()), running, _home: home })
    }

    /// The home of its clients.
    pub fn home(&self) -> &std::path::Path {
        &self.remote.home
    }

    /// Runs a client: `ipmitool`, `ipmi`, or one of FreeIPMI's.
    pub fn outcome(&self, tool: &str, command: &str) -> Outcome {
        match tool {
            "ipmitool" => self.remote.ipmitool(IPMITOOL, command),
            "ipmi" => self.remote.ipmi(IPMITOOL, command),
            // It knows what level it needs.
            "ipmi-ping" | "rmcpping" | "ipmi-pet" => self.remote.freeipmi(tool, "-D LAN_2_0 -I 17", command),
            _ => self.remote.freeipmi(tool, FREEIPMI, command),
        }
    }

    /// What a client prints.
    ///
    /// # Panics
    /// When its status is not 0.
    pub fn ask(&self, tool: &str, command: &str) -> String {
        let Outcome { status, stdout, stderr } = self.outcome(tool, command);
        assert_eq!(status, 0, "{tool} {command}: {stdout}{stderr}");
        stdout
    }

    /// What a client prints to either stream when it fails.
    ///
    /// # Panics
    /// When its status is 0.
    pub fn refused(&self, tool: &str, command: &str) -> String {
        let Outcome { status, stdout, stderr } = self.outcome(tool, command);
        assert_ne!(status, 0, "{tool} {command}: {stdout}");
        stdout + &stderr
    }

    /// Asserts that a client prints a line that contains `expected`; a run of blanks is one blank.
    ///
    /// # Panics
    /// When it does not.
    pub fn expect(&self, tool: &str, command: &str, expected: &str) {
        let found = self.ask(tool, command);
        let squeezed = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let there = found.lines().any(|line| squeezed(line).contains(&squeezed(expected)));
        assert!(there, "{tool} {command}: expected `{expected}`, found {found}");
    }
}
