//! The console's end of Serial over LAN inside the engine: between a conversation's payloads and whoever reads and
//! types. What nobody reads stays in the BMC.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Instant;

use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};
use ipmi_core::link::sol::SolOperation;
use ipmi_core::link::sol_console::{SolConsole, SolEvent, SolTiming};

/// Notices kept for a reader.
const NOTICES: usize = 64;
/// An empty SOL packet: nothing sent, nothing acknowledged.
const EMPTY: [u8; 4] = [0; 4];

/// What happens on the console.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SolNotice {
    /// Characters of the system.
    Output(Vec<u8>),
    /// The system sent a break.
    Break,
    /// The BMC lost characters of the system: its buffer was full.
    CharactersLost,
    /// The console is gone; nothing comes after this.
    Ended(SolEnding),
}

/// Why a console is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SolEnding {
    /// The BMC ended SOL: another console took it, or it was switched off.
    Deactivated,
    /// The BMC does not acknowledge what is typed.
    NotAcknowledged,
    /// The session is lost.
    SessionLost,
    /// The session was closed here.
    Closed,
}

/// What both ends of the line look at.
#[derive(Debug, Default)]
pub(super) struct Shared {
    /// Notices wait in the engine: the reader says when there is room again.
    stalled: AtomicBool,
    /// Characters typed that the BMC has not acknowledged.
    typed: AtomicUsize,
}

/// What the user's end wants of the line.
#[derive(Debug)]
pub(super) enum SolCommand {
    /// Packets of up to so many characters.
    Packet(usize),
    /// Characters for the system.
    Type(Vec<u8>),
    /// Something beside characters.
    Operate(SolOperation),
    /// An empty packet, to keep the session alive.
    Empty,
    /// There is room for notices again.
    Continue,
}

/// The engine's end.
#[derive(Debug)]
pub(super) struct SolLine {
    console: SolConsole,
    /// Typed characters the console has no room for.
    unsent: VecDeque<u8>,
    shared: Arc<Shared>,
    notices: Sender<SolNotice>,
    /// A notice that found no room.
    late: Option<SolNotice>,
    /// The line ends with this once what came before is told.
    ending: Option<SolEnding>,
    /// The end was told, or there is nobody to tell it to.
    over: bool,
    /// Characters taken from the user's end and not acknowledged yet.
    outstanding: usize,
    empty: bool,
}

/// The user's end.
#[derive(Debug)]
pub(super) struct UserEnd {
    shared: Arc<Shared>,
    notices: Receiver<SolNotice>,
}

/// A line, both ends.
pub(super) fn line(timing: SolTiming) -> (SolLine, UserEnd) {
    /// Characters in a packet until the BMC has said how many it takes.
    const PACKET: usize = 32;
    let (sender, receiver) = bounded(NOTICES);
    let shared = Arc::new(Shared::default());
    let line = SolLine {
        console: SolConsole::new(PACKET, timing),
        unsent: VecDeque::new(),
        shared: Arc::clone(&shared),
        notices: sender,
        late: None,
        ending: None,
        over: false,
        outstanding: 0,
        empty: false,
    };
    (line, UserEnd { shared, notices: receiver })
}

impl UserEnd {
    pub(super) fn notices(&self) -> &Receiver<SolNotice> {
        &self.notices
    }

    /// After a notice was taken: true when the engine waits to hear of it.
    pub(super) fn took(&self) -> bool {
        self.shared.stalled.swap(false, Ordering::SeqCst)
    }

    /// Counts characters in that are about to be typed: as many as `limit` leaves room for.
    pub(super) fn reserve(&self, count: usize, limit: usize) -> usize {
        let count = limit.saturating_sub(self.typed()).min(count);
        self.shared.typed.fetch_add(count, Ordering::SeqCst);
        count
    }

    pub(super) fn typed(&self) -> usize {
        self.shared.typed.load(Ordering::SeqCst)
    }
}

impl SolLine {
    pub(super) fn command(&mut self, command: SolCommand) {
        match command {
            SolCommand::Packet(characters) => self.console.set_packet(characters),
            SolCommand::Type(characters) => {
                self.outstanding += characters.len();
                self.unsent.extend(characters);
            }
            SolCommand::Operate(operation) => self.console.operate(operation),
            SolCommand::Empty => self.empty = true,
            SolCommand::Continue => {}
        }
    }

    /// Takes a SOL payload of the BMC.
    pub(super) fn handle_payload(&mut self, payload: &[u8], now: Instant) {
        if let Err(error) = self.console.handle_payload(payload, now) {
            tracing::debug!(%error, "no SOL payload");
        }
    }

    /// The session is gone, and what the BMC has not acknowledged with it.
    pub(super) fn end(&mut self, ending: SolEnding) {
        self.ending.get_or_insert(ending);
        self.deliver();
    }

    /// Does what is due; gives the payloads to send.
    pub(super) fn pump(&mut self, now: Instant) -> Vec<Vec<u8>> {
        let mut out = Vec::new();
        if self.ending.is_none() && !self.over {
            self.console.handle_timeout(now);
            let taken = self.console.write(self.unsent.make_contiguous());
            self.unsent.drain(..taken);
            out.extend(std::iter::from_fn(|| self.console.poll_transmit(now)));
            if std::mem::take(&mut self.empty) {
                out.push(EMPTY.to_vec());
            }
            let left = self.unsent.len() + self.console.unacknowledged();
            let acknowledged = std::mem::replace(&mut self.outstanding, left).saturating_sub(left);
            self.shared.typed.fetch_sub(acknowledged, Ordering::SeqCst);
        }
        self.deliver();
        out
    }

    fn deliver(&mut self) {
        while let Some(notice) = self.late.take().or_else(|| self.next_notice()) {
            self.over |= matches!(notice, SolNotice::Ended(_));
            match self.notices.try_send(notice) {
                Ok(()) => {}
                Err(TrySendError::Disconnected(_)) => self.over = true,
                Err(TrySendError::Full(notice)) => {
                    // Said first, then tried again: a reader that takes the last notice in between finds it said.
                    self.shared.stalled.store(true, Ordering::SeqCst);
                    if let Err(TrySendError::Full(notice)) = self.notices.try_send(notice) {
                        self.late = Some(notice);
                        return;
                    }
                }
            }
        }
    }

    fn next_notice(&mut self) -> Option<SolNotice> {
        if self.over {
            return None;
        }
        let Some(event) = self.console.poll_event() else { return self.ending.map(SolNotice::Ended) };
        Some(match event {
            SolEvent::Output(output) => SolNotice::Output(output),
            SolEvent::Break => SolNotice::Break,
            SolEvent::Overrun => SolNotice::CharactersLost,
            SolEvent::Deactivated => SolNotice::Ended(SolEnding::Deactivated),
            SolEvent::Lost => SolNotice::Ended(SolEnding::NotAcknowledged),
        })
    }

    /// When [`pump`](Self::pump) is due.
    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        if self.over || self.ending.is_some() { None } else { self.console.poll_timeout() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn output(sequence: u8) -> [u8; 5] {
        [sequence, 0, 0, 0, b'a' + sequence]
    }

    #[test]
    fn what_nobody_reads_is_not_lost() {
        let now = Instant::now();
        let (mut line, user) = line(SolTiming::default());
        let mut sent = Vec::new();
        for index in 0..200_u8 {
            let packet = output(index % 15 + 1);
            sent.push(packet[4]);
            line.handle_payload(&packet, now);
            assert_eq!(line.pump(now), [vec![0, packet[0], 1, 0]]);
        }
        line.end(SolEnding::SessionLost);
        let mut seen = Vec::new();
        let ending = loop {
            match user.notices().try_recv().unwrap() {
                SolNotice::Output(output) => seen.extend(output),
                SolNotice::Ended(ending) => break ending,
                other => panic!("{other:?}"),
            }
            if user.took() {
                line.command(SolCommand::Continue);
                line.pump(now);
            }
        };
        assert_eq!((seen, ending), (sent, SolEnding::SessionLost));
        assert!(user.notices().try_recv().is_err());
    }

    #[test]
    fn typed_characters_are_counted_until_they_are_acknowledged() {
        let now = Instant::now();
        let (mut line, user) = line(SolTiming::default());
        line.command(SolCommand::Packet(100));
        assert_eq!(user.reserve(10, 6), 6);
        assert_eq!(user.reserve(10, 6), 0);
        line.command(SolCommand::Type(b"abcdef".to_vec()));
        assert_eq!(line.pump(now), [b"\x01\0\0\0abcdef".to_vec()]);
        line.handle_payload(&[0, 1, 2, 0], now);
        assert_eq!(line.pump(now), [b"\x02\0\0\0cdef".to_vec()]);
        assert_eq!(user.typed(), 4);
        line.handle_payload(&[0, 2, 4, 0], now);
        line.pump(now);
        assert_eq!((user.typed(), line.poll_timeout()), (0, None));
    }

    #[test]
    fn the_end_is_told_once() {
        let now = Instant::now();
        let (mut line, user) = line(SolTiming::default());
        line.handle_payload(&[0, 0, 0, 0x10], now);
        line.pump(now);
        line.end(SolEnding::Closed);
        assert_eq!(user.notices().try_recv(), Ok(SolNotice::Ended(SolEnding::Deactivated)));
        assert!(user.notices().try_recv().is_err());
    }
}
