//! Serial consoles outside the simulator: a pty, or a TCP connection to QEMU's serial port. A line is read only while
//! there is room, so that nothing is lost on the way to who listens.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream, ToSocketAddrs};
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, bounded, unbounded};
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use super::Face;
use super::pty::Pty;
use super::wake::{Waker, wait};
use crate::sol::{Place, Shell, System, Typed};

/// Pieces read ahead of who listens.
const READ_AHEAD: usize = 4;
/// Longest piece.
const PIECE: usize = 2048;
/// Typed characters the line has not taken yet.
const TYPED: usize = 4096;
/// Time between two calls of a port that does not answer.
const AGAIN: Duration = Duration::from_secs(1);

/// A console that is there and not served yet.
#[derive(Debug, Default)]
pub struct Opened(Source);

impl Opened {
    /// Opens the console at `place`.
    ///
    /// # Errors
    /// When the pty or port cannot be had.
    pub fn new(place: &Place) -> io::Result<Self> {
        Ok(Self(match place {
            Place::Shell => Source::Shell,
            Place::Pty(link) => Source::Pty(Box::new(Pty::plain(Some(link))?)),
            Place::Connect(address) => Source::Connect(address.clone()),
            Place::Listen(address) => {
                let listener = TcpListener::bind(address)?;
                listener.set_nonblocking(true)?;
                Source::Listen(listener)
            }
        }))
    }

    /// Where it is found; `None` for the one inside the simulator.
    pub fn address(&self) -> Option<String> {
        match &self.0 {
            Source::Shell => None,
            Source::Pty(pty) => Some(pty.address()),
            Source::Connect(address) => Some(address.clone()),
            Source::Listen(listener) => listener.local_addr().ok().map(|address| address.to_string()),
        }
    }

    /// The system behind it. `waker` is woken when it printed something.
    ///
    /// # Errors
    /// When the system gives no thread or descriptor.
    pub fn start(self, waker: Waker) -> io::Result<Box<dyn System>> {
        match self.0 {
            Source::Shell => Ok(Box::new(Shell::new("sim"))),
            _ => Ok(Box::new(Line::start(self, waker)?)),
        }
    }
}

/// The simulator's side of a line.
#[derive(Debug)]
struct Line {
    printed: Receiver<Vec<u8>>,
    /// What was taken from the line and found no room yet.
    rest: Vec<u8>,
    typed: Sender<Vec<u8>>,
    /// Characters typed and not written yet.
    waiting: Arc<AtomicUsize>,
    wake: Waker,
    _face: Face,
}

impl Line {
    fn start(console: Opened, told: Waker) -> io::Result<Self> {
        let wake = Waker::new()?;
        let (print, printed) = bounded(READ_AHEAD);
        let (typed, type_in) = unbounded();
        let waiting = Arc::new(AtomicUsize::new(0));
        let address = console.address().unwrap_or_default();
        let carrier =
            Carrier { print, type_in, waiting: Arc::clone(&waiting), wake: wake.clone(), told, unwritten: Vec::new() };
        let face = Face::spawn("sol", address, move |stop| {
            if let Err(error) = carrier.run(console.0, &stop) {
                tracing::error!("the serial console stops: {error}");
            }
        })?;
        Ok(Self { printed, rest: Vec::new(), typed, waiting, wake, _face: face })
    }
}

impl System for Line {
    fn room(&self) -> usize {
        TYPED.saturating_sub(self.waiting.load(Ordering::Relaxed))
    }

    fn take(&mut self, typed: &Typed) {
        // Neither a pty nor a TCP connection carries a break.
        if !typed.characters.is_empty() {
            self.waiting.fetch_add(typed.characters.len(), Ordering::Relaxed);
            let _ = self.typed.send(typed.characters.clone());
            self.wake.wake();
        }
    }

    fn give(&mut self, room: usize) -> Option<Vec<u8>> {
        if self.rest.is_empty() {
            self.rest = self.printed.try_recv().ok()?;
            // Whatever the queue looked like before: the thread may have filled it meanwhile, and wait.
            self.wake.wake();
        }
        let count = room.min(self.rest.len());
        (count > 0).then(|| self.rest.drain(..count).collect())
    }

    fn has_printed(&self) -> bool {
        !self.printed.is_empty()
    }
}

/// Where a console is.
#[derive(Debug, Default)]
enum Source {
    #[default]
    Shell,
    Pty(Box<Pty>),
    Connect(String),
    Listen(TcpListener),
}

/// A line that is connected.
trait Wire {
    fn fd(&self) -> BorrowedFd<'_>;
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize>;
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize>;
}

impl Wire for Pty {
    fn fd(&self) -> BorrowedFd<'_> {
        self.as_fd()
    }
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.read_some(buffer)
    }
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_some(bytes)
    }
}

impl Wire for TcpStream {
    fn fd(&self) -> BorrowedFd<'_> {
        self.as_fd()
    }
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        Read::read(self, buffer)
    }
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Write::write(self, bytes)
    }
}

/// The thread's side of a line.
struct Carrier {
    print: Sender<Vec<u8>>,
    type_in: Receiver<Vec<u8>>,
    waiting: Arc<AtomicUsize>,
    wake: Waker,
    told: Waker,
    unwritten: Vec<u8>,
}

impl Carrier {
    fn run(mut self, source: Source, stop: &Waker) -> io::Result<()> {
        match source {
            Source::Shell => Ok(()),
            Source::Pty(mut pty) => self.carry(&mut *pty, stop).map(|_| ()),
            Source::Connect(address) => loop {
                match call(&address) {
                    Ok(mut stream) => {
                        if self.carry(&mut stream, stop).is_ok_and(|ending| ending == Ending::Stopped) {
                            return Ok(());
                        }
                    }
                    Err(error) => tracing::debug!("serial console at {address}: {error}"),
                }
                self.nobody_there();
                if wait([stop.as_fd()], Some(AGAIN))?[0] {
                    return Ok(());
                }
            },
            Source::Listen(listener) => loop {
                let [stopped, _] = wait([stop.as_fd(), listener.as_fd()], None)?;
                if stopped {
                    return Ok(());
                }
                if let Ok((mut stream, _)) = listener.accept()
                    && stream.set_nonblocking(true).is_ok()
                    && self.carry(&mut stream, stop).is_ok_and(|ending| ending == Ending::Stopped)
                {
                    return Ok(());
                }
                self.nobody_there();
            },
        }
    }

    /// What was typed for a system that is gone is gone too.
    fn nobody_there(&mut self) {
        self.unwritten.clear();
        self.type_in.try_iter().for_each(drop);
        self.waiting.store(0, Ordering::Relaxed);
    }

    /// Moves characters until the line is closed.
    fn carry(&mut self, wire: &mut dyn Wire, stop: &Waker) -> io::Result<Ending> {
        let mut buffer = [0; PIECE];
        loop {
            self.wake.clear();
            self.write(wire)?;
            while !self.print.is_full() {
                match wire.read(&mut buffer) {
                    Ok(0) => return Ok(Ending::Closed),
                    Ok(count) => {
                        let _ = self.print.try_send(buffer.get(..count).unwrap_or_default().to_vec());
                        self.told.wake();
                    }
                    Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                    Err(error) if error.kind() == ErrorKind::Interrupted => {}
                    Err(error) => return Err(error),
                }
            }
            let mut wanted = PollFlags::empty();
            wanted.set(PollFlags::POLLIN, !self.print.is_full());
            wanted.set(PollFlags::POLLOUT, !self.unwritten.is_empty());
            let mut polled =
                vec![PollFd::new(stop.as_fd(), PollFlags::POLLIN), PollFd::new(self.wake.as_fd(), PollFlags::POLLIN)];
            // A line that hung up would end each wait for it, even one for nothing.
            if !wanted.is_empty() {
                polled.push(PollFd::new(wire.fd(), wanted));
            }
            match poll(&mut polled, PollTimeout::NONE) {
                Ok(_) | Err(Errno::EINTR) => {}
                Err(error) => return Err(error.into()),
            }
            if polled.first().and_then(PollFd::any).unwrap_or(false) {
                return Ok(Ending::Stopped);
            }
        }
    }

    fn write(&mut self, wire: &mut dyn Wire) -> io::Result<()> {
        self.unwritten.extend(self.type_in.try_iter().flatten());
        while !self.unwritten.is_empty() {
            match wire.write(&self.unwritten) {
                Ok(count) => {
                    self.unwritten.drain(..count.min(self.unwritten.len()));
                    self.waiting.fetch_sub(count, Ordering::Relaxed);
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

#[derive(PartialEq, Eq)]
enum Ending {
    Stopped,
    Closed,
}

fn call(address: &str) -> io::Result<TcpStream> {
    let mut failure = io::Error::new(ErrorKind::NotFound, "no such host");
    for address in address.to_socket_addrs()? {
        match TcpStream::connect_timeout(&address, AGAIN) {
            Ok(stream) => {
                stream.set_nonblocking(true)?;
                // Keys go out one by one.
                let _ = stream.set_nodelay(true);
                return Ok(stream);
            }
            Err(error) => failure = error,
        }
    }
    Err(failure)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Takes what the line gives until there are `count` characters.
    fn read(line: &mut dyn System, told: &Waker, count: usize) -> Vec<u8> {
        let mut seen = Vec::new();
        while seen.len() < count {
            match line.give(1000) {
                Some(printed) => seen.extend(printed),
                None => {
                    wait([told.as_fd()], Some(Duration::from_secs(10))).unwrap();
                    told.clear();
                }
            }
        }
        seen
    }

    fn system(place: &Place, told: Waker) -> Box<dyn System> {
        Opened::new(place).unwrap().start(told).unwrap()
    }

    fn typed(text: &[u8]) -> Typed {
        Typed { characters: text.to_vec(), ..Typed::default() }
    }

    #[test]
    fn a_port_is_called_again_and_nothing_is_lost_meanwhile() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let place = Place::Connect(listener.local_addr().unwrap().to_string());
        let told = Waker::new().unwrap();
        let mut line = system(&place, told.clone());
        for round in 0..2_u8 {
            let (mut guest, _) = listener.accept().unwrap();
            let big = vec![b'a' + round; 300_000];
            let printer = std::thread::spawn(move || {
                guest.write_all(&big).unwrap();
                guest
            });
            assert_eq!(read(&mut *line, &told, 300_000), vec![b'a' + round; 300_000]);
            let mut guest = printer.join().unwrap();
            line.take(&typed(b"ls\r"));
            let mut keys = [0; 3];
            guest.read_exact(&mut keys).unwrap();
            assert_eq!(&keys, b"ls\r");
        }
    }

    /// The line is stopped and goes on thousands of times, at the pace of both ends.
    #[test]
    fn a_line_that_was_stopped_goes_on() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let place = Place::Connect(listener.local_addr().unwrap().to_string());
        let told = Waker::new().unwrap();
        let mut line = system(&place, told.clone());
        let (mut guest, _) = listener.accept().unwrap();
        const ALL: usize = 30_000_000;
        let printer = std::thread::spawn(move || {
            for _ in 0..ALL / 6000 {
                guest.write_all(&[b'x'; 6000]).unwrap();
            }
            guest
        });
        let mut seen = 0;
        while seen < ALL {
            while let Some(printed) = line.give(if seen % 3 == 0 { 100 } else { 4096 }) {
                seen += printed.len();
            }
            if seen < ALL {
                assert!(wait([told.as_fd()], Some(Duration::from_secs(10))).unwrap()[0], "stopped at {seen}");
                told.clear();
            }
        }
        printer.join().unwrap();
    }

    #[test]
    fn a_program_opens_the_pty() {
        let folder = tempfile::tempdir().unwrap();
        let link = folder.path().join("console");
        let told = Waker::new().unwrap();
        let mut line = system(&Place::Pty(link.clone()), told.clone());
        let mut program = std::fs::OpenOptions::new().read(true).write(true).open(&link).unwrap();
        program.write_all(b"login: ").unwrap();
        assert_eq!(read(&mut *line, &told, 7), b"login: ");
        line.take(&typed(b"root\r"));
        let mut keys = [0; 5];
        program.read_exact(&mut keys).unwrap();
        assert_eq!(&keys, b"root\r");
        drop(line);
        assert!(!link.exists() && std::fs::symlink_metadata(&link).is_err());
    }

    #[test]
    fn who_types_for_nobody_is_stopped() {
        let folder = tempfile::tempdir().unwrap();
        let mut line = system(&Place::Pty(folder.path().join("console")), Waker::new().unwrap());
        let mut taken = 0;
        while line.room() >= 100 && taken < 1_000_000 {
            line.take(&typed(&[b'x'; 100]));
            taken += 100;
        }
        assert!(taken < 1_000_000, "{taken}");
    }
}
