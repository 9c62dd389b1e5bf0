//! Faces: the ways into a running BMC. Each is a thread with a stop handle; only these and the engine wait.

pub mod console;
pub mod cuse;
pub mod hook;
pub mod lan;
mod pty;
pub mod serial_basic;
pub mod serial_kcs;
pub mod serial_terminal;
pub(crate) mod trap;
mod udp;
pub mod vm;
pub mod wake;

use std::io;
use std::thread::JoinHandle;

use wake::Waker;

/// A running face. Dropping it stops the thread and takes away what it made in the file system.
#[derive(Debug)]
pub struct Face {
    /// What the face is called on the `ready` line.
    pub name: &'static str,
    /// Where it is reached: host and port, or the path of a link.
    pub address: String,
    stop: Waker,
    thread: Option<JoinHandle<()>>,
}

impl Face {
    /// Starts `run` in a thread. It must end soon after its stop waker is woken.
    fn spawn(name: &'static str, address: String, run: impl FnOnce(Waker) + Send + 'static) -> io::Result<Self> {
        let stop = Waker::new()?;
        let stopped = stop.clone();
        let thread = std::thread::Builder::new().name(name.into()).spawn(move || run(stopped))?;
        Ok(Self { name, address, stop, thread: Some(thread) })
    }
}

impl Drop for Face {
    fn drop(&mut self) {
        self.stop.wake();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
