//! A serial line made of a pty: as slow as a real one, leading to a socket or to another pty, and it can be hung up.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use nix::fcntl::OFlag;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::pty::{grantpt, posix_openpt, ptsname_r, unlockpt};
use nix::sys::termios::{SetArg, cfmakeraw, tcgetattr, tcsetattr};

/// Bytes that go through at once: the FIFO of a UART.
const FIFO: usize = 16;
/// How often a line that is silent looks whether it was hung up.
const IDLE_MS: u16 = 20;

/// The line; it is hung up when dropped.
pub(crate) struct Line {
    path: PathBuf,
    over: Arc<AtomicBool>,
    worker: Option<JoinHandle<()>>,
}

impl Line {
    /// To a pty or a real port that is there, with this many bytes a second in all.
    pub(crate) fn to_port(port: &Path, bytes_per_second: u32) -> Self {
        Self::between(open(port), Some(bytes_per_second))
    }

    /// To a socket.
    pub(crate) fn to_socket(socket: TcpStream) -> Self {
        Self::between(File::from(OwnedFd::from(socket)), None)
    }

    fn between(far: File, bytes_per_second: Option<u32>) -> Self {
        // No program started meanwhile may hold it too: a line is only cut when the last one lets go.
        let master = posix_openpt(OFlag::O_RDWR | OFlag::O_NOCTTY | OFlag::O_CLOEXEC).expect("a pty");
        grantpt(&master).and_then(|()| unlockpt(&master)).expect("its other end");
        let path = PathBuf::from(ptsname_r(&master).expect("its name"));
        let held = open(&path);
        let mut settings = tcgetattr(&held).expect("its settings");
        cfmakeraw(&mut settings);
        tcsetattr(&held, SetArg::TCSANOW, &settings).expect("a raw line");
        let over = Arc::new(AtomicBool::new(false));
        let seen = over.clone();
        let worker = std::thread::spawn(move || {
            // Held open, so that the line survives from one program to the next.
            let _held = held;
            carry(&File::from(OwnedFd::from(master)), &far, bytes_per_second, &seen);
        });
        Self { path, over, worker: Some(worker) }
    }

    /// Where programs open it.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Cuts the line.
    pub(crate) fn hang_up(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        if let Some(worker) = self.worker.take() {
            worker.join().expect("the line's thread");
        }
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.hang_up();
    }
}

fn open(path: &Path) -> File {
    let flags = (OFlag::O_NOCTTY | OFlag::O_CLOEXEC).bits();
    OpenOptions::new().read(true).write(true).custom_flags(flags).open(path).expect("the line opens")
}

/// Carries bytes both ways until the line is over or an end is gone.
fn carry(near: &File, far: &File, bytes_per_second: Option<u32>, over: &AtomicBool) {
    while !over.load(Ordering::Relaxed) {
        let mut ends = [near, far].map(|end| PollFd::new(end.as_fd(), PollFlags::POLLIN));
        poll(&mut ends, PollTimeout::from(IDLE_MS)).expect("poll");
        let readable = ends.map(|end| end.any() == Some(true));
        for (is_readable, mut from, mut to) in [(readable[0], near, far), (readable[1], far, near)] {
            if !is_readable {
                continue;
            }
            let mut bytes = [0; FIFO];
            let Ok(count @ 1..) = from.read(&mut bytes) else { return };
            if let Some(rate) = bytes_per_second {
                std::thread::sleep(Duration::from_secs(1) * u32::try_from(count).expect("few") / rate);
            }
            if to.write_all(&bytes[..count]).is_err() {
                return;
            }
        }
    }
}
