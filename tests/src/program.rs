//! The programs under test: built once, started, waited for, and stopped whatever the test does.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

/// The root of the checkout.
pub fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("workspace above tests/").to_owned()
}

/// A program of the project: from `TEST_BIN_DIR` (which `tests/run` sets), else built by cargo beside this test.
///
/// # Panics
/// When it cannot be built.
pub fn path(name: &str) -> PathBuf {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER
        .get_or_init(|| {
            if let Some(folder) = std::env::var_os("TEST_BIN_DIR") {
                return folder.into();
            }
            let status = Command::new(env!("CARGO")).args(["build", "--bins"]).current_dir(workspace()).status();
            assert!(status.is_ok_and(|status| status.success()), "cargo build --bins failed");
            let test = std::env::current_exe().expect("own path");
            test.ancestors().nth(2).expect("target/<profile>").to_owned()
        })
        .join(name)
}

/// Runs a program of the project to its end.
///
/// # Panics
/// When it cannot be started.
pub fn run<I: IntoIterator<Item = S>, S: AsRef<OsStr>>(name: &str, arguments: I) -> Output {
    // What one test learns about a BMC is not for the next, nor for the user's home.
    let environment = [("TZ", "UTC"), ("IPMI_CACHE_DIR", "")];
    Command::new(path(name)).args(arguments).envs(environment).stdin(Stdio::null()).output().expect(name)
}

/// A running program whose standard output is read line by line. It is killed when dropped.
pub struct Running {
    name: String,
    child: Child,
    lines: Receiver<String>,
    /// Lines that nobody has waited for yet.
    passed: Mutex<Vec<String>>,
    log: Arc<Mutex<String>>,
}

impl Running {
    /// Starts a program of the project.
    ///
    /// # Panics
    /// When it cannot be started.
    pub fn start<I: IntoIterator<Item = S>, S: AsRef<OsStr>>(name: &str, arguments: I) -> Self {
        let mut command = Command::new(path(name));
        command.args(arguments);
        Self::spawn(name, command)
    }

    /// Starts any command.
    ///
    /// # Panics
    /// When it cannot be started.
    pub fn spawn(name: &str, mut command: Command) -> Self {
        let mut child =
            command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("program starts");
        let (sender, lines) = channel();
        let stdout = child.stdout.take().expect("piped");
        std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    break;
                }
            }
        });
        let log = Arc::new(Mutex::new(String::new()));
        let (sink, mut stderr) = (log.clone(), child.stderr.take().expect("piped"));
        std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(count @ 1..) = stderr.read(&mut bytes) {
                sink.lock().expect("log").push_str(&String::from_utf8_lossy(&bytes[..count]));
            }
        });
        Self { name: name.to_owned(), child, lines, passed: Mutex::default(), log }
    }

    /// Waits for a line that starts with `prefix` and returns the rest of it; other lines are kept for later calls.
    ///
    /// # Panics
    /// When it does not come within 30 seconds or the program ends.
    pub fn wait_for(&self, prefix: &str) -> String {
        let end = Instant::now() + Duration::from_secs(30);
        let mut passed = self.passed.lock().expect("lines");
        if let Some(index) = passed.iter().position(|line| line.starts_with(prefix)) {
            return passed.remove(index)[prefix.len()..].trim().to_owned();
        }
        loop {
            match self.lines.recv_timeout(end.saturating_duration_since(Instant::now())) {
                Ok(line) => {
                    if let Some(rest) = line.strip_prefix(prefix) {
                        return rest.trim().to_owned();
                    }
                    passed.push(line);
                }
                Err(RecvTimeoutError::Timeout) => {
                    panic!("{}: no line {prefix:?} in 30 s; stderr:\n{}", self.name, self.log())
                }
                Err(RecvTimeoutError::Disconnected) => panic!("{} ended; stderr:\n{}", self.name, self.log()),
            }
        }
    }

    /// What it has written to standard error so far.
    pub fn log(&self) -> String {
        self.log.lock().expect("log").clone()
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends a signal and waits for the end.
    ///
    /// # Panics
    /// When it has not ended after 10 seconds.
    pub fn stop(&mut self, signal: Signal) -> ExitStatus {
        let _ = kill(Pid::from_raw(self.child.id().cast_signed()), signal);
        let end = Instant::now() + Duration::from_secs(10);
        loop {
            if let Some(status) = self.child.try_wait().expect("wait") {
                return status;
            }
            assert!(Instant::now() < end, "{} did not stop on {signal}", self.name);
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
