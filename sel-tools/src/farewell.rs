//! What a program ended by a signal still does: gives back what a BMC keeps for it.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

type Farewell = Box<dyn FnOnce() + Send>;

static FAREWELL: Mutex<Option<Farewell>> = Mutex::new(None);

/// How long it may take.
const LIMIT: Duration = Duration::from_millis(800);

/// Keeps a farewell until dropped.
#[derive(Debug)]
pub struct Kept(());

/// Has `farewell` done should a signal end the program while the result lives.
pub fn keep(farewell: impl FnOnce() + Send + 'static) -> Kept {
    *FAREWELL.lock().unwrap_or_else(PoisonError::into_inner) = Some(Box::new(farewell));
    Kept(())
}

impl Drop for Kept {
    fn drop(&mut self) {
        FAREWELL.lock().unwrap_or_else(PoisonError::into_inner).take();
    }
}

/// Does what was kept, if it is done soon.
pub fn say() {
    let Some(farewell) = FAREWELL.lock().unwrap_or_else(PoisonError::into_inner).take() else { return };
    let (done, wait) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        farewell();
        let _ = done.send(());
    });
    let _ = wait.recv_timeout(LIMIT);
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    #[test]
    fn what_is_kept_is_done_once() {
        let count = Arc::new(AtomicU32::new(0));
        let counter = Arc::clone(&count);
        let kept = keep(move || {
            counter.fetch_add(1, Ordering::SeqCst);
        });
        say();
        say();
        assert_eq!(count.load(Ordering::SeqCst), 1);
        drop(kept);
    }
}
