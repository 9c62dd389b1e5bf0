//! ipmitool, FreeIPMI and `ipmi` over the network against one BMC, each in its own syntax.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use crate::peer;

/// Longest run of one client; a client that waits for longer hangs. On a busy machine pyghmi's threads often miss each
/// other, which costs it a timeout of a second each time.
const LIMIT: Duration = Duration::from_secs(600);

/// Tools of FreeIPMI that keep the SDR repository in files.
const SDR_CACHERS: &[&str] =
    &["ipmi-sensors", "ipmi-sel", "ipmi-fru", "ipmi-config", "ipmi-oem", "ipmi-pef-config", "ipmi-pet", "bmc-device"];

/// What a client printed and its status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Exit status; -1 when a signal ended it.
    pub status: i32,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl From<Output> for Outcome {
    fn from(output: Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Self { status: output.status.code().unwrap_or(-1), stdout: text(&output.stdout), stderr: text(&output.stderr) }
    }
}

/// A BMC on the network and how to log in.
#[derive(Debug, Clone)]
pub struct Remote {
    /// Where it listens.
    pub address: SocketAddr,
    /// User name.
    pub user: String,
    /// Password.
    pub password: String,
    /// Home of the clients, with their caches: a folder of its own, so that a cold cache is cold.
    pub home: PathBuf,
}

impl Remote {
    /// A BMC whose administrator is admin:admin.
    pub fn new(address: SocketAddr, home: impl Into<PathBuf>) -> Self {
        Self { address, user: "admin".to_owned(), password: "admin".to_owned(), home: home.into() }
    }

    /// The same BMC found at another address.
    #[must_use]
    pub fn at(&self, address: SocketAddr) -> Self {
        Self { address, ..self.clone() }
    }

    /// Runs ipmitool with `options` (`-I lanplus -C 3`) and a command line; both as words with blanks between.
    ///
    /// # Panics
    /// When it is not installed.
    pub fn ipmitool(&self, options: &str, command: &str) -> Outcome {
        self.ipmitool_style(peer::command("ipmitool"), options, command)
    }

    /// Runs `ipmi` with the same words.
    ///
    /// # Panics
    /// When it cannot be started.
    pub fn ipmi(&self, options: &str, command: &str) -> Outcome {
        self.ipmitool_style(Command::new(crate::program::path("ipmi")), options, command)
    }

    fn ipmitool_style(&self, mut client: Command, options: &str, command: &str) -> Outcome {
        client
            .args(options.split_whitespace())
            .args([
                "-H",
                &self.address.ip().to_string(),
                "-p",
                &self.address.port().to_string(),
                "-U",
                &self.user,
                "-E",
            ])
            .args(command.split_whitespace());
        self.run(client)
    }

    /// Runs a FreeIPMI tool with `options` (`-D LAN_2_0 -I 3`).
    ///
    /// # Panics
    /// When it cannot be started.
    pub fn freeipmi(&self, tool: &str, options: &str, command: &str) -> Outcome {
        let mut client = peer::command(tool);
        client
            .args(["-h", &self.address.to_string(), "-u", &self.user, "-p", &self.password])
            .args(options.split_whitespace())
            .args(command.split_whitespace());
        if SDR_CACHERS.contains(&tool) && !command.contains("sdr-cache") {
            // By itself it takes the home of the user database, whatever HOME says; the folder has to be there.
            let cache = self.home.join("sdr-cache");
            std::fs::create_dir_all(&cache).expect("folder");
            client.arg("--sdr-cache-directory").arg(cache);
        }
        self.run(client)
    }

    /// Gives a client the environment of the tests.
    pub fn environment(&self, client: &mut Command) {
        client
            .env("TZ", "UTC")
            .env("LC_ALL", "C")
            .env("HOME", &self.home)
            .env("XDG_CACHE_HOME", self.home.join("cache"))
            .env("IPMI_CACHE_DIR", self.home.join("cache/ipmi"))
            .env("IPMITOOL_PASSWORD", &self.password);
    }

    /// Runs any client with the environment of the tests.
    ///
    /// # Panics
    /// When it cannot be started or hangs.
    pub fn run(&self, mut client: Command) -> Outcome {
        self.environment(&mut client);
        client.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let child = client.spawn().unwrap_or_else(|error| panic!("{client:?}: {error}"));
        let id = nix::unistd::Pid::from_raw(child.id().cast_signed());
        let (sender, receiver) = std::sync::mpsc::channel();
        std::thread::spawn(move || sender.send(child.wait_with_output()));
        let started = Instant::now();
        let Ok(output) = receiver.recv_timeout(LIMIT) else {
            let _ = nix::sys::signal::kill(id, nix::sys::signal::Signal::SIGKILL);
            panic!("{client:?} still runs after {:?}", started.elapsed());
        };
        output.expect("output").into()
    }
}

/// Whether every one of these programs is installed; those that are not are named.
///
/// # Panics
/// Under `CI=true`, when one is missing.
pub fn installed(programs: &[&str]) -> bool {
    programs.iter().all(|program| peer::program(program).is_some())
}
