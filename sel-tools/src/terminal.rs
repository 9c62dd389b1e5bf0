//! The terminal in another mode for a while: without echo for passwords, raw for console sessions. It is put back on
//! every way out: when the guard goes, and by [`restore`] where the process ends without unwinding.

use std::fs::{File, OpenOptions};
use std::io;
use std::sync::{Mutex, PoisonError};

use nix::sys::termios::{LocalFlags, SetArg, Termios, cfmakeraw, tcgetattr, tcsetattr};

/// The terminal with the settings it had before, while it is in another mode.
static BEFORE: Mutex<Option<(File, Termios)>> = Mutex::new(None);

/// A mode of the terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// What is typed is not shown.
    Silent,
    /// Every key goes to the program as it is, Ctrl-C too.
    Raw,
}

/// The terminal in a [`Mode`], put back when dropped.
#[derive(Debug)]
pub struct Terminal {
    file: File,
}

impl Terminal {
    /// True when the process has a controlling terminal.
    pub fn exists() -> bool {
        File::open("/dev/tty").is_ok()
    }

    /// Puts the controlling terminal into `mode`.
    ///
    /// # Errors
    /// When the process has no terminal.
    pub fn enter(mode: Mode) -> io::Result<Self> {
        let file = OpenOptions::new().read(true).write(true).open("/dev/tty")?;
        let before = tcgetattr(&file)?;
        let mut settings = before.clone();
        match mode {
            Mode::Silent => settings.local_flags.remove(LocalFlags::ECHO),
            Mode::Raw => cfmakeraw(&mut settings),
        }
        // Kept first: an interrupt between the two calls then restores what is there.
        *lock() = Some((file.try_clone()?, before));
        if let Err(errno) = tcsetattr(&file, SetArg::TCSADRAIN, &settings) {
            restore();
            return Err(errno.into());
        }
        Ok(Self { file })
    }

    /// The terminal, for reading keys and writing to the person in front of it.
    pub fn file(&self) -> &File {
        &self.file
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        restore();
    }
}

/// Puts the terminal back as it was; does nothing when it is so already.
pub fn restore() {
    if let Some((file, before)) = lock().take() {
        let _ = tcsetattr(&file, SetArg::TCSADRAIN, &before);
    }
}

fn lock() -> std::sync::MutexGuard<'static, Option<(File, Termios)>> {
    BEFORE.lock().unwrap_or_else(PoisonError::into_inner)
}
