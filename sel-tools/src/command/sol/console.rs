//! The terminal, or a pipe, in front of a console: keys to the system, its output to stdout.

use std::fs::File;
use std::io::{self, IsTerminal, Read, Write};
use std::os::fd::AsFd;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use kernel_bridge::lan::{SolEnding, SolNotice, SolSession};
use nix::sys::signal::{Signal, raise};

use super::escape::{Escapes, Key};
use crate::terminal::{self, Mode, Terminal};
use crate::{Failure, farewell};

/// An input that has ended waits for output until nothing was typed or shown for this long.
const QUIET: Duration = Duration::from_secs(1);
/// How often what goes by time is looked at.
const LOOK: Duration = Duration::from_millis(50);
/// Pause before a lost console is opened again.
const RECONNECT: Duration = Duration::from_secs(5);
/// An idle session is kept alive this often where the user wants it done with SOL packets.
const EMPTY_PACKET: Duration = Duration::from_secs(15);

/// Why a console was left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// The user, or the end of the input, wanted it.
    Wanted,
    /// Nobody reads the output any more.
    OutputGone,
    /// The line ended.
    Line(SolEnding),
}

/// What the threads tell the one that holds the console.
enum Input {
    Keys(Vec<u8>),
    EndOfKeys,
    Ended(Ending),
}

/// The user's side of a console.
pub struct Console {
    escapes: Escapes,
    terminal: Option<Terminal>,
    out: File,
    inbox: Receiver<Input>,
    post: SyncSender<Input>,
    /// The input has ended.
    at_end: bool,
}

impl Console {
    /// Puts the terminal into raw mode when the keys come from one, and begins to read.
    ///
    /// # Errors
    /// When stdin or stdout cannot be had.
    pub fn new(escape: u8) -> Result<Self, Failure> {
        let (post, inbox) = sync_channel(16);
        let keys = File::from(io::stdin().as_fd().try_clone_to_owned()?);
        // The one that holds the lock on stdout is waiting meanwhile.
        let out = File::from(io::stdout().as_fd().try_clone_to_owned()?);
        let terminal = io::stdin().is_terminal().then(|| Terminal::enter(Mode::Raw)).transpose()?;
        let reader = post.clone();
        std::thread::Builder::new().name("keys".into()).spawn(move || read_keys(keys, &reader))?;
        Ok(Self { escapes: Escapes::new(escape), terminal, out, inbox, post, at_end: false })
    }

    /// Tells the user something, on a line of its own: on stderr when stdout is no terminal.
    pub fn say(&mut self, text: &str) {
        let line = if self.terminal.is_some() { format!("{text}\r\n") } else { format!("{text}\n") };
        // A terminal that is gone is noticed where the output goes.
        let _ = if self.out.is_terminal() {
            self.out.write_all(line.as_bytes())
        } else {
            io::stderr().write_all(line.as_bytes())
        };
    }

    /// Connects user and system until one of them ends it. `keeps_alive` sends empty packets.
    pub fn hold(&mut self, line: SolSession, keeps_alive: bool) -> Ending {
        let line = Arc::new(line);
        let last_output = Arc::new(Mutex::new(Instant::now()));
        let signalled = Arc::downgrade(&line);
        let _farewell = farewell::keep(move || {
            if let Some(line) = signalled.upgrade() {
                // The program ends either way.
                let _ = line.close();
            }
        });
        let shower = self.out.try_clone().and_then(|out| {
            let (line, last, post) = (Arc::clone(&line), Arc::clone(&last_output), self.post.clone());
            let show = move || show(&line, out, &last, &post);
            std::thread::Builder::new().name("console".into()).spawn(show)
        });
        if shower.is_err() {
            return Ending::OutputGone;
        }
        let mut empty_at = Instant::now() + EMPTY_PACKET;
        let mut last_typed = Instant::now();
        let ending = loop {
            match self.inbox.recv_timeout(LOOK) {
                Ok(Input::Keys(keys)) => {
                    if self.type_keys(&line, &keys) {
                        break Ending::Wanted;
                    }
                }
                Ok(Input::EndOfKeys) => self.at_end = true,
                Ok(Input::Ended(ending)) => break ending,
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {}
            }
            if keeps_alive && Instant::now() >= empty_at {
                line.send_empty();
                empty_at = Instant::now() + EMPTY_PACKET;
            }
            // What was typed is with the system once the BMC has acknowledged it.
            if !line.is_idle() {
                last_typed = Instant::now();
            }
            if self.at_end && last_typed.max(*lock(&last_output)).elapsed() >= QUIET {
                break Ending::Wanted;
            }
        };
        // A BMC that does not take the console back loses it with the session.
        let _ = line.close();
        ending
    }

    /// Types keys and obeys escape sequences; true when the user wants to leave.
    fn type_keys(&mut self, line: &SolSession, keys: &[u8]) -> bool {
        let mut typed = Vec::new();
        for &key in keys {
            match self.escapes.key(key) {
                Key::Send(key) => typed.push(key),
                Key::SendEscaped(key) => typed.extend([self.escapes.character(), key]),
                Key::Wait => {}
                Key::End => {
                    send(line, &typed);
                    self.say(&format!("{}. [terminated ipmi]", char::from(self.escapes.character())));
                    return true;
                }
                Key::Break => {
                    send(line, &std::mem::take(&mut typed));
                    self.say(&format!("{}B [send break]", char::from(self.escapes.character())));
                    line.send_break();
                }
                Key::Help => {
                    for text in self.escapes.help() {
                        self.say(&text);
                    }
                }
                Key::Suspend => self.suspend(true),
                Key::SuspendRaw => self.suspend(false),
            }
        }
        send(line, &typed);
        false
    }

    fn suspend(&mut self, restores: bool) {
        if self.terminal.is_none() {
            return;
        }
        self.say(&format!("{}^Z [suspend ipmi]", char::from(self.escapes.character())));
        if restores {
            self.terminal = None;
        }
        let _ = raise(Signal::SIGTSTP);
        if restores {
            self.terminal = Terminal::enter(Mode::Raw).ok();
        }
    }

    /// Waits before a lost console is opened again; true when the user wants to leave.
    pub fn is_ended_within_pause(&mut self) -> bool {
        let until = Instant::now() + RECONNECT;
        loop {
            match self.inbox.recv_timeout(until.saturating_duration_since(Instant::now())) {
                // There is nobody to type them to.
                Ok(Input::Keys(keys)) => {
                    if keys.iter().any(|key| self.escapes.key(*key) == Key::End) {
                        return true;
                    }
                }
                Ok(Input::EndOfKeys) => return true,
                Ok(Input::Ended(_)) => {}
                Err(_) => return false,
            }
        }
    }
}

impl Drop for Console {
    fn drop(&mut self) {
        self.terminal = None;
        terminal::restore();
    }
}

/// Types characters, waiting for room while the line lasts.
fn send(line: &SolSession, mut typed: &[u8]) {
    while !typed.is_empty() {
        let count = line.write(typed);
        typed = typed.get(count..).unwrap_or_default();
        if count == 0 {
            if line.has_ended() {
                break;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

fn read_keys(mut keys: File, post: &SyncSender<Input>) {
    let mut buffer = [0; 1024];
    loop {
        let input = match keys.read(&mut buffer) {
            Ok(0) => Input::EndOfKeys,
            Ok(count) => Input::Keys(buffer.get(..count).unwrap_or_default().to_vec()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(_) => Input::EndOfKeys,
        };
        let ends = matches!(input, Input::EndOfKeys);
        if post.send(input).is_err() || ends {
            return;
        }
    }
}

/// Shows what comes until the line ends.
fn show(line: &SolSession, mut out: File, last: &Mutex<Instant>, post: &SyncSender<Input>) {
    let ending = loop {
        let written = match line.recv() {
            SolNotice::Output(output) => {
                let written = out.write_all(&output);
                *lock(last) = Instant::now();
                written
            }
            SolNotice::Break => Ok(()),
            SolNotice::CharactersLost => {
                let _ = io::stderr().write_all(b"\r\n[SOL: characters were lost in the BMC]\r\n");
                Ok(())
            }
            SolNotice::Ended(ending) => break Ending::Line(ending),
        };
        if written.is_err() {
            break Ending::OutputGone;
        }
    };
    let _ = post.send(Input::Ended(ending));
}

fn lock(instant: &Mutex<Instant>) -> std::sync::MutexGuard<'_, Instant> {
    instant.lock().unwrap_or_else(PoisonError::into_inner)
}
