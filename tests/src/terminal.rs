//! A program in a terminal of its own: what it prints is read, keys are typed, and the terminal is looked at
//! afterwards.

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use nix::pty::openpty;
use nix::sys::signal::{Signal, kill};
use nix::sys::termios::{LocalFlags, Termios, tcgetattr};
use nix::unistd::Pid;

/// A program in a terminal. It is killed when dropped.
pub struct Terminal {
    child: Child,
    master: File,
    line: OwnedFd,
    /// What a thread of its own reads at once: some programs end when their terminal is slow.
    printed: Receiver<Vec<u8>>,
    seen: Vec<u8>,
}

impl Terminal {
    /// Starts `command` with a new terminal as its controlling one.
    ///
    /// # Panics
    /// When it cannot be started.
    pub fn start(command: &Command) -> Self {
        let pty = openpty(None, None).expect("pty");
        let end = || Stdio::from(pty.slave.try_clone().expect("terminal"));
        // A program of util-linux: a new session with stdin as its terminal.
        let mut inside = Command::new("setsid");
        inside.args(["--ctty", "--wait"]).arg(command.get_program()).args(command.get_args());
        for (name, value) in command.get_envs() {
            if let Some(value) = value {
                inside.env(name, value);
            }
        }
        let child = inside.stdin(end()).stdout(end()).stderr(end()).spawn().expect("setsid starts");
        let master = File::from(pty.master);
        let (sender, printed) = channel();
        let mut reader = master.try_clone().expect("terminal");
        std::thread::spawn(move || {
            let mut buffer = [0; 65536];
            while let Ok(count @ 1..) = reader.read(&mut buffer) {
                if sender.send(buffer[..count].to_vec()).is_err() {
                    break;
                }
            }
        });
        Self { child, master, line: pty.slave, printed, seen: Vec::new() }
    }

    /// Types keys.
    ///
    /// # Panics
    /// When the terminal is gone.
    pub fn type_keys(&mut self, keys: &[u8]) {
        self.master.write_all(keys).expect("terminal");
    }

    /// Reads what is printed until `end` is in it, and takes it, `end` included.
    ///
    /// # Panics
    /// When that does not come within `limit`.
    pub fn read_until(&mut self, end: &[u8], limit: Duration) -> Vec<u8> {
        let deadline = Instant::now() + limit;
        let mut searched = 0;
        loop {
            let found = self.seen[searched..].windows(end.len()).position(|window| window == end);
            if let Some(at) = found {
                let rest = self.seen.split_off(searched + at + end.len());
                return std::mem::replace(&mut self.seen, rest);
            }
            searched = self.seen.len().saturating_sub(end.len());
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(
                !left.is_zero() && self.read(left),
                "no {:?} within {limit:?}; last seen: {:?}",
                String::from_utf8_lossy(end),
                String::from_utf8_lossy(&self.seen[self.seen.len().saturating_sub(300)..])
            );
        }
    }

    /// Takes what there is within `limit`; false when there is nothing.
    fn read(&mut self, limit: Duration) -> bool {
        let first = self.printed.recv_timeout(limit);
        let any = first.is_ok();
        self.seen.extend(first.into_iter().chain(self.printed.try_iter()).flatten());
        any
    }

    /// The settings of the terminal.
    ///
    /// # Panics
    /// When the terminal is gone.
    pub fn settings(&self) -> Termios {
        tcgetattr(&self.line).expect("terminal")
    }

    /// True while the terminal echoes and collects lines, as a shell left it.
    pub fn is_ordinary(&self) -> bool {
        self.settings().local_flags.contains(LocalFlags::ECHO | LocalFlags::ICANON | LocalFlags::ISIG)
    }

    /// Sends a signal to the program.
    ///
    /// # Panics
    /// When there is no such program.
    pub fn signal(&self, signal: Signal) {
        let children = format!("/proc/{0}/task/{0}/children", self.child.id());
        let children = std::fs::read_to_string(children).unwrap_or_default();
        // setsid(1) becomes the program itself unless it leads a process group.
        let id = children.split_whitespace().next().map_or(self.child.id().cast_signed(), |id| id.parse().expect("id"));
        kill(Pid::from_raw(id), signal).expect("signal");
    }

    /// Waits for the program to end.
    ///
    /// # Panics
    /// When it does not within `limit`.
    pub fn wait(&mut self, limit: Duration) -> ExitStatus {
        let deadline = Instant::now() + limit;
        loop {
            if let Some(status) = self.child.try_wait().expect("wait") {
                return status;
            }
            assert!(Instant::now() < deadline, "still runs after {limit:?}");
            self.read(Duration::from_millis(10));
        }
    }

    /// What was printed and not taken.
    pub fn rest(&mut self) -> String {
        while self.read(Duration::from_millis(50)) {}
        String::from_utf8_lossy(&std::mem::take(&mut self.seen)).into_owned()
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
