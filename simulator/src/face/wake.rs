//! Waiting for a file descriptor or for another thread, whichever comes first.

use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::Arc;
use std::time::Duration;

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::eventfd::{EfdFlags, EventFd};

/// Wakes a thread that waits in [`wait`].
#[derive(Debug, Clone)]
pub struct Waker(Arc<EventFd>);

impl Waker {
    /// A waker nobody woke yet.
    ///
    /// # Errors
    /// When the process has no file descriptor left.
    pub fn new() -> io::Result<Self> {
        let event = EventFd::from_flags(EfdFlags::EFD_NONBLOCK | EfdFlags::EFD_CLOEXEC)?;
        Ok(Self(Arc::new(event)))
    }

    /// Wakes the thread; stays until [`Waker::clear`].
    pub fn wake(&self) {
        // Fails only when the counter is full, and then the thread is woken anyway.
        let _ = self.0.write(1);
    }

    /// Forgets that it was woken.
    pub fn clear(&self) {
        let _ = self.0.read();
    }
}

impl AsFd for Waker {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

/// Waits until one of `sources` can be read (or was closed) or time is up; says which.
///
/// # Errors
/// When the system cannot wait.
pub fn wait<const N: usize>(sources: [BorrowedFd<'_>; N], timeout: Option<Duration>) -> io::Result<[bool; N]> {
    let mut polled = sources.map(|source| PollFd::new(source, PollFlags::POLLIN));
    // Rounded up, so that the deadline is past when this returns.
    let timeout = timeout.map_or(PollTimeout::NONE, |timeout| {
        let milliseconds = timeout.as_nanos().div_ceil(1_000_000);
        PollTimeout::try_from(milliseconds).unwrap_or(PollTimeout::MAX)
    });
    match poll(&mut polled, timeout) {
        Ok(_) | Err(Errno::EINTR) => Ok(polled.map(|source| source.any().unwrap_or(false))),
        Err(error) => Err(error.into()),
    }
}
