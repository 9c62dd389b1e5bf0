//! The pty behind a serial face, and the symbolic link by which it is found.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use nix::errno::Errno;
use nix::fcntl::OFlag;
use nix::pty::{PtyMaster, grantpt, posix_openpt, ptsname_r, unlockpt};
use nix::sys::termios::{SetArg, cfmakeraw, tcgetattr, tcsetattr};
use nix::unistd::{read, write};

use crate::engine::Handle;
use crate::fault::wire::{Direction, WireFaults};

/// A raw pty whose line stays open when hosts come and go.
#[derive(Debug)]
pub(super) struct Pty {
    master: PtyMaster,
    name: PathBuf,
    link: Option<Link>,
    faults_in: Option<WireFaults>,
    faults_out: Option<WireFaults>,
    _line: File,
}

impl Pty {
    /// A new pty. With `link`, a symbolic link to it is made there; a link that is there is replaced, anything else is
    /// not touched. Bytes suffer what the faults of `bmc` do to a line.
    pub(super) fn open(bmc: &Handle, link: Option<&Path>) -> io::Result<Self> {
        let mut pty = Self::plain(link)?;
        (pty.faults_in, pty.faults_out) = bmc.with(|bmc, _| {
            let wire = |direction| bmc.faults.as_ref().map(|faults| faults.wire(direction));
            (wire(Direction::In), wire(Direction::Out))
        });
        Ok(pty)
    }

    /// As [`open`](Self::open), without faults.
    pub(super) fn plain(link: Option<&Path>) -> io::Result<Self> {
        let master = posix_openpt(OFlag::O_RDWR | OFlag::O_NOCTTY | OFlag::O_NONBLOCK | OFlag::O_CLOEXEC)?;
        grantpt(&master)?;
        unlockpt(&master)?;
        let name = PathBuf::from(ptsname_r(&master)?);
        let line = OpenOptions::new().read(true).write(true).custom_flags(OFlag::O_NOCTTY.bits()).open(&name)?;
        let mut settings = tcgetattr(&line)?;
        cfmakeraw(&mut settings);
        tcsetattr(&line, SetArg::TCSANOW, &settings)?;
        let link = link.map(|link| Link::make(&name, link)).transpose()?;
        Ok(Self { master, name, link, faults_in: None, faults_out: None, _line: line })
    }

    /// Reads what a host has sent, without faults.
    pub(super) fn read_some(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        Ok(read(&self.master, buffer)?)
    }

    /// Writes as much as there is room for, without faults.
    pub(super) fn write_some(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(write(&self.master, bytes)?)
    }

    /// Where hosts find the line.
    pub(super) fn address(&self) -> String {
        self.link.as_ref().map_or(&self.name, |link| &link.path).display().to_string()
    }

    /// What a host has sent; empty when there is nothing.
    pub(super) fn read(&mut self) -> io::Result<Vec<u8>> {
        let mut buffer = [0; 1024];
        let bytes = match read(&self.master, &mut buffer) {
            Ok(count) => buffer.get(..count).unwrap_or(&[]),
            Err(Errno::EAGAIN | Errno::EINTR) => &[],
            Err(error) => return Err(error.into()),
        };
        Ok(self.faults_in.as_mut().map_or_else(|| bytes.to_vec(), |faults| faults.pass_bytes(bytes)))
    }

    /// Sends bytes. A host that does not read loses bytes, as on a real line: it has to resynchronise.
    pub(super) fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        let damaged = self.faults_out.as_mut().map(|faults| faults.pass_bytes(bytes));
        let mut bytes = damaged.as_deref().unwrap_or(bytes);
        while !bytes.is_empty() {
            match write(&self.master, bytes) {
                Ok(count) => bytes = bytes.get(count..).unwrap_or(&[]),
                Err(Errno::EINTR) => {}
                Err(Errno::EAGAIN) => {
                    tracing::debug!(lost = bytes.len(), "the host does not read");
                    return Ok(());
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }
}

impl AsFd for Pty {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.master.as_fd()
    }
}

/// A symbolic link that goes away with this, unless another process put its own there.
#[derive(Debug)]
struct Link {
    path: PathBuf,
    target: PathBuf,
}

impl Link {
    fn make(target: &Path, link: &Path) -> io::Result<Self> {
        if std::fs::symlink_metadata(link).is_ok_and(|there| there.file_type().is_symlink()) {
            std::fs::remove_file(link)?;
        }
        std::os::unix::fs::symlink(target, link)?;
        Ok(Self { path: link.to_owned(), target: target.to_owned() })
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        if std::fs::read_link(&self.path).is_ok_and(|target| target == self.target) {
            let _ = std::fs::remove_file(&self.path);
        }
    }
}
