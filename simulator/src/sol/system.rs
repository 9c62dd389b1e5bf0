//! What is at the other end of the BMC's serial port: the system whose console Serial over LAN shows.

use super::end::Typed;

/// A system with a serial console.
pub trait System: std::fmt::Debug + Send {
    /// How many typed characters it takes now.
    fn room(&self) -> usize;

    /// Takes what the console wants. There are at most as many characters as there was room.
    fn take(&mut self, typed: &Typed);

    /// Gives up to `room` characters of what it prints; `None` when there is nothing.
    fn give(&mut self, room: usize) -> Option<Vec<u8>>;

    /// It printed something by itself that nobody fetched yet.
    fn has_printed(&self) -> bool {
        false
    }

    /// Nobody listens: what it prints is lost, as on a serial line with nothing at its end.
    fn discard(&mut self) {
        /// What one call throws away; the rest has its turn at the next.
        const PIECES: usize = 64;
        for _ in 0..PIECES {
            if self.give(4096).is_none() {
                break;
            }
        }
    }
}
