//! A reply that comes once, from the thread that moves requests to the one that asked.
//!
//! Waiting costs no processor time: the thread sleeps from the first moment on, as answers of BMCs take milliseconds.
//! A queue with one place would do the same with turns of a busy loop before it sleeps.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// Where a reply is made: [`send`](Self::send) it, or drop this to say that there will be none.
#[derive(Debug)]
pub(crate) struct Reply<T> {
    shared: Arc<Shared<T>>,
}

/// Where a reply is waited for. Dropped, nobody wants the reply any more.
#[derive(Debug)]
pub(crate) struct Awaited<T> {
    shared: Arc<Shared<T>>,
}

/// Why there is no reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoReply {
    /// Whoever was to make it has gone without.
    Gone,
    /// It has not come in time.
    Late,
}

#[derive(Debug)]
struct Shared<T> {
    state: Mutex<State<T>>,
    changed: Condvar,
}

#[derive(Debug)]
enum State<T> {
    Awaited,
    Made(T),
    /// There will be none, or it was taken.
    Gone,
}

/// Both ends of a reply.
pub(crate) fn reply<T>() -> (Reply<T>, Awaited<T>) {
    let shared = Arc::new(Shared { state: Mutex::new(State::Awaited), changed: Condvar::new() });
    (Reply { shared: Arc::clone(&shared) }, Awaited { shared })
}

impl<T> Reply<T> {
    /// Hands the reply over; nobody's when the other end is gone.
    pub(crate) fn send(self, reply: T) {
        *self.shared.lock() = State::Made(reply);
        self.shared.changed.notify_one();
    }

    /// True while the other end is there.
    pub(crate) fn is_wanted(&self) -> bool {
        // Each end holds one count, and neither can be cloned.
        Arc::strong_count(&self.shared) > 1
    }
}

impl<T> Drop for Reply<T> {
    fn drop(&mut self) {
        let mut state = self.shared.lock();
        if matches!(*state, State::Awaited) {
            *state = State::Gone;
            self.shared.changed.notify_one();
        }
    }
}

impl<T> Awaited<T> {
    /// Waits for the reply.
    ///
    /// # Errors
    /// [`NoReply::Gone`].
    pub(crate) fn wait(self) -> Result<T, NoReply> {
        self.wait_until(None)
    }

    /// Waits for the reply until `deadline`, where there is one.
    ///
    /// # Errors
    /// [`NoReply`].
    pub(crate) fn wait_until(self, deadline: Option<Instant>) -> Result<T, NoReply> {
        let mut state = self.shared.lock();
        loop {
            match std::mem::replace(&mut *state, State::Gone) {
                State::Made(reply) => return Ok(reply),
                State::Gone => return Err(NoReply::Gone),
                State::Awaited => *state = State::Awaited,
            }
            let changed = &self.shared.changed;
            state = match deadline.map(|deadline| deadline.saturating_duration_since(Instant::now())) {
                None => changed.wait(state).unwrap_or_else(PoisonError::into_inner),
                Some(left) if left.is_zero() => return Err(NoReply::Late),
                Some(left) => changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0,
            };
        }
    }

    /// True while the reply may still come.
    pub(crate) fn is_open(&self) -> bool {
        matches!(*self.shared.lock(), State::Awaited)
    }
}

impl<T> Shared<T> {
    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn it_comes_once_before_or_after_somebody_waits() {
        let (made, awaited) = reply();
        assert!(made.is_wanted() && awaited.is_open());
        made.send(7);
        assert!(!awaited.is_open());
        assert_eq!(awaited.wait(), Ok(7));

        let (made, awaited) = reply();
        let waiter = std::thread::spawn(move || awaited.wait());
        made.send("late");
        assert_eq!(waiter.join().unwrap(), Ok("late"));
    }

    #[test]
    fn a_dropped_end_is_noticed_at_the_other() {
        let (made, awaited) = reply::<u8>();
        drop(made);
        assert!(!awaited.is_open());
        assert_eq!(awaited.wait(), Err(NoReply::Gone));

        let (made, awaited) = reply::<u8>();
        let waiter = std::thread::spawn(move || awaited.wait());
        drop(made);
        assert_eq!(waiter.join().unwrap(), Err(NoReply::Gone));

        let (made, awaited) = reply();
        drop(awaited);
        assert!(!made.is_wanted());
        made.send(1);
    }

    #[test]
    fn a_deadline_ends_waiting_unless_the_reply_is_there() {
        let now = Instant::now();
        let (made, awaited) = reply::<u8>();
        assert_eq!(awaited.wait_until(Some(now)), Err(NoReply::Late));
        assert!(!made.is_wanted());
        let (_made, awaited) = reply::<u8>();
        assert_eq!(awaited.wait_until(Some(now + Duration::from_millis(2))), Err(NoReply::Late));
        let (made, awaited) = reply();
        made.send(3);
        assert_eq!(awaited.wait_until(Some(now)), Ok(3));
    }

    #[test]
    fn what_is_not_fetched_is_dropped() {
        let value = Arc::new(());
        let (made, awaited) = reply();
        made.send(Arc::clone(&value));
        assert_eq!(Arc::strong_count(&value), 2);
        drop(awaited);
        assert_eq!(Arc::strong_count(&value), 1);
    }
}
