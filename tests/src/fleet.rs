//! Many simulated BMCs in one `bmc-sim` process, on consecutive ports, and command lines that read them all.

use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::path::Path;
use std::process::Command;

use crate::lan::Remote;
use crate::{emu, program};

/// Ports below the range from which the system gives them out.
const FIRST_PORTS: std::ops::Range<u16> = 20_000..31_000;

/// The BMCs, each with the sensors of [`emu::small_script`] standing still.
pub struct Fleet {
    first: u16,
    count: u16,
    _bmc: program::Running,
    _files: tempfile::TempDir,
}

impl Fleet {
    /// Starts `count` BMCs on 127.0.0.1.
    ///
    /// # Panics
    /// When they do not start.
    pub fn start(count: u16) -> Self {
        let files = tempfile::tempdir().expect("folder");
        let script = files.path().join("small.emu");
        std::fs::write(&script, emu::small_script()).expect("script");
        let first = free_ports(count);
        let bmc = program::Running::start(
            "bmc-sim",
            [
                "--emu",
                script.to_str().expect("UTF-8"),
                "--lan",
                &format!("127.0.0.1:{first}"),
                "--count",
                &count.to_string(),
                "--freeze",
            ],
        );
        for port in first..first + count {
            bmc.wait_for(&format!("ready lan 127.0.0.1:{port}"));
        }
        Self { first, count, _bmc: bmc, _files: files }
    }

    /// The first of them, with `home` for what clients keep.
    pub fn remote(&self, home: &Path) -> Remote {
        Remote::new(SocketAddr::from((Ipv4Addr::LOCALHOST, self.first)), home)
    }

    /// All of them in the syntax that `ipmi` and FreeIPMI share.
    pub fn hosts(&self) -> String {
        format!("127.0.0.1:[{}-{}]", self.first, self.first + self.count - 1)
    }

    /// `ipmi` on all of them.
    pub fn ipmi(&self, command: &str) -> Command {
        let mut client = Command::new(program::path("ipmi"));
        client
            .args(["-I", "lanplus", "-C", "3", "-U", "admin", "-E", "-H", &self.hosts()])
            .args(command.split_whitespace());
        client
    }

    /// A FreeIPMI tool on all of them.
    pub fn freeipmi(&self, tool: &str, options: &str) -> Command {
        let mut client = Command::new(tool);
        client
            .args(["-h", &self.hosts(), "-u", "admin", "-p", "admin", "-D", "LAN_2_0", "-I", "3"])
            .args(options.split_whitespace());
        client
    }
}

/// The first of `count` consecutive free UDP ports.
fn free_ports(count: u16) -> u16 {
    let span = FIRST_PORTS.end - FIRST_PORTS.start - count;
    let offset = std::process::id() % u32::from(span);
    let offset = u16::try_from(offset).expect("below the span");
    (0..span)
        .step_by(usize::from(count))
        .map(|step| FIRST_PORTS.start + (offset + step) % span)
        .find(|first| (*first..first + count).all(|port| UdpSocket::bind((Ipv4Addr::LOCALHOST, port)).is_ok()))
        .expect("free ports")
}
