//! A serial line: a real port or a pty, raw, 8 data bits, no parity, no flow control.

use std::io::{ErrorKind, Read, Write};
use std::os::fd::AsRawFd;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serialport::{SerialPort, TTYPort};

use super::Failure;

/// How long another program may take to let go of the line: one command rarely takes longer.
const LOCK_TIME: Duration = Duration::from_secs(2);
const LOCK_POLL: Duration = Duration::from_millis(10);
/// How long a full line is waited for.
const WRITE_TIME: Duration = Duration::from_secs(1);
/// Bytes thrown away before a request; a line that never falls silent is not waited for.
const MAX_STALE: usize = 64 * 1024;

/// An open line.
pub(super) struct SerialLine {
    path: PathBuf,
    port: TTYPort,
}

impl SerialLine {
    /// Opens the line, and waits for it to be free: two hosts on one line would spoil each other's messages.
    pub(super) fn open(path: &Path, baud: u32) -> Result<Self, String> {
        let shown = path.display();
        let name = path.to_str().ok_or_else(|| format!("{shown}: not a text path"))?;
        let port = open_port(name, baud).map_err(|error| format!("{shown}: cannot open the line: {error}"))?;
        Ok(Self { path: path.to_owned(), port })
    }

    /// The failure of a broken line.
    pub(super) fn broken(&self, sent: bool, what: &str) -> Failure {
        Failure::Broken { reason: format!("{}: {what}", self.path.display()), sent }
    }

    /// Bytes that are there by `deadline`; none when it passes. `sent`: the BMC may have seen a request.
    pub(super) fn read(&mut self, deadline: Instant, sent: bool) -> Result<Vec<u8>, Failure> {
        let mut buffer = [0; 512];
        let left = deadline.saturating_duration_since(Instant::now());
        let result =
            self.port.set_timeout(left).map_err(std::io::Error::from).and_then(|()| self.port.read(&mut buffer));
        match result {
            Ok(0) => Err(self.broken(sent, "the other end of the line is gone")),
            Ok(count) => Ok(buffer.iter().take(count).copied().collect()),
            Err(error) if matches!(error.kind(), ErrorKind::TimedOut | ErrorKind::Interrupted) => Ok(Vec::new()),
            Err(error) => Err(self.broken(sent, &format!("the line is gone: {error}"))),
        }
    }

    /// Sends bytes.
    pub(super) fn write(&mut self, bytes: &[u8], sent: bool) -> Result<(), Failure> {
        let result =
            self.port.set_timeout(WRITE_TIME).map_err(std::io::Error::from).and_then(|()| self.port.write_all(bytes));
        result.map_err(|error| self.broken(sent, &format!("cannot write: {error}")))
    }

    /// Throws away what has come unasked; finds a dead line before anything is sent. Gives the number of bytes.
    pub(super) fn discard_input(&mut self) -> Result<usize, Failure> {
        let mut discarded = 0;
        while discarded < MAX_STALE {
            match self.read(Instant::now(), false)?.len() {
                0 => break,
                count => discarded += count,
            }
        }
        Ok(discarded)
    }
}

fn open_port(name: &str, baud: u32) -> Result<TTYPort, serialport::Error> {
    let deadline = Instant::now() + LOCK_TIME;
    loop {
        match serialport::new(name, baud).timeout(Duration::ZERO).open_native() {
            Ok(port) => {
                // The terminal's exclusive mode outlives a killed process for as long as the BMC holds the pty. The
                // file lock, which is taken too, does not, and is enough.
                if let Err(errno) = super::ioctl::leave_exclusive_mode(port.as_raw_fd()) {
                    tracing::debug!(name, %errno, "exclusive mode stays");
                }
                return Ok(port);
            }
            Err(error) if in_use(&error) && Instant::now() < deadline => std::thread::sleep(LOCK_POLL),
            Err(error) => return Err(error),
        }
    }
}

fn in_use(error: &serialport::Error) -> bool {
    // One text for the file lock, the system's for exclusive mode; the kind is that of a missing device for both.
    ["exclusive lock", "busy"].iter().any(|word| error.description.contains(word))
}
