//! The serial KCS face: the two KCS registers behind a pty (docs/serial-kcs.md).

use std::fs::{File, OpenOptions};
use std::io;
use std::os::fd::AsFd;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Instant;

use crossbeam_channel::Receiver;
use ipmi_core::link::serial_kcs_bmc::SerialKcsBmc;
use ipmi_core::link::system_message;
use nix::errno::Errno;
use nix::fcntl::OFlag;
use nix::pty::{PtyMaster, grantpt, posix_openpt, ptsname_r, unlockpt};
use nix::sys::termios::{SetArg, cfmakeraw, tcgetattr, tcsetattr};
use nix::unistd::{read, write};

use super::Face;
use super::wake::{Waker, wait};
use crate::engine::{Handle, Notice};
use crate::fault::wire::Direction;

/// Serves `bmc` on a new pty. With `link`, a symbolic link to it is made there; a link that is there is replaced,
/// anything else is not touched. Without, the address is the pty's own path.
///
/// # Errors
/// When there is no pty or the link cannot be made.
pub fn start(bmc: Handle, link: Option<&Path>) -> io::Result<Face> {
    let pty = Pty::open()?;
    let link = link.map(|link| Link::make(&pty.name, link)).transpose()?;
    let address = link.as_ref().map_or(&pty.name, |link| &link.path).display().to_string();
    Face::spawn("serial-kcs", address, move |stop| {
        // The link lives as long as the thread.
        let _link = link;
        if let Err(error) = serve(&pty, &bmc, &stop) {
            tracing::error!("the serial KCS face stops: {error}");
        }
    })
}

/// A raw pty whose line stays open when hosts come and go.
struct Pty {
    master: PtyMaster,
    name: PathBuf,
    _line: File,
}

impl Pty {
    fn open() -> io::Result<Self> {
        let master = posix_openpt(OFlag::O_RDWR | OFlag::O_NOCTTY | OFlag::O_NONBLOCK | OFlag::O_CLOEXEC)?;
        grantpt(&master)?;
        unlockpt(&master)?;
        let name = PathBuf::from(ptsname_r(&master)?);
        let line = OpenOptions::new().read(true).write(true).custom_flags(OFlag::O_NOCTTY.bits()).open(&name)?;
        let mut settings = tcgetattr(&line)?;
        cfmakeraw(&mut settings);
        tcsetattr(&line, SetArg::TCSANOW, &settings)?;
        Ok(Self { master, name, _line: line })
    }
}

/// A symbolic link that goes away with this, unless another process put its own there.
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

fn serve(pty: &Pty, bmc: &Handle, stop: &Waker) -> io::Result<()> {
    let waker = Waker::new()?;
    let notices = bmc.subscribe(waker.clone());
    let (mut faults_in, mut faults_out) = bmc.with(|bmc, _| {
        let wire = |direction| bmc.faults.as_ref().map(|faults| faults.wire(direction));
        (wire(Direction::In), wire(Direction::Out))
    });
    let mut line = SerialKcsBmc::new();
    let mut buffer = [0; 1024];
    loop {
        let timeout = line.poll_timeout().map(|at| at.saturating_duration_since(Instant::now()));
        let [stopped, readable, noticed] = wait([stop.as_fd(), pty.master.as_fd(), waker.as_fd()], timeout)?;
        if stopped {
            return Ok(());
        }
        if noticed {
            waker.clear();
            hear(&notices, &mut line);
        }
        if readable {
            match read(&pty.master, &mut buffer) {
                Ok(count) => {
                    let bytes = buffer.get(..count).unwrap_or(&[]);
                    let damaged = faults_in.as_mut().map(|faults| faults.pass_bytes(bytes));
                    line.handle_input(damaged.as_deref().unwrap_or(bytes), Instant::now());
                }
                Err(Errno::EAGAIN | Errno::EINTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
        line.handle_timeout(Instant::now());
        while let Some(request) = line.poll_request() {
            let Ok(message) = system_message::parse_request(&request.bytes) else {
                tracing::debug!(bytes = ?request.bytes, "not a request");
                line.respond(request.ticket, &[], Instant::now());
                continue;
            };
            let response = bmc.ask(message.clone());
            hear(&notices, &mut line);
            line.respond(request.ticket, &system_message::emit_response(&message, &response), Instant::now());
        }
        let output = line.poll_output();
        let damaged = faults_out.as_mut().map(|faults| faults.pass_bytes(&output));
        send(pty, damaged.as_deref().unwrap_or(&output))?;
    }
}

fn hear(notices: &Receiver<Notice>, line: &mut SerialKcsBmc) {
    while let Ok(notice) = notices.try_recv() {
        if let Notice::Attention { on, .. } = notice {
            line.set_sms_atn(on, Instant::now());
        }
    }
}

// A host that does not read loses bytes, as on a real line: it has to resynchronise.
fn send(pty: &Pty, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        match write(&pty.master, bytes) {
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
