//! The ways to a BMC, as the owner thread of a device sees them: one request at a time, with a deadline.

use std::os::fd::BorrowedFd;
use std::time::{Duration, Instant};

use ipmi_core::{Error, Request, Response, Target};

use crate::discover;
use crate::driver::Connector;
use crate::options::Options;
use crate::quirk::{self, Leniency};
use crate::url::BmcUrl;

mod i2c;
pub mod in_process;
mod ioctl;
mod line;
pub mod openipmi;
pub mod port_kcs;
mod serial_basic;
mod serial_console;
pub mod serial_kcs;
mod serial_line;
mod serial_terminal;
pub mod ssif;
pub mod vm;

pub use in_process::InProcess;
pub use openipmi::OpenIpmi;
pub use port_kcs::PortKcs;
pub use serial_kcs::SerialKcs;
pub use ssif::Ssif;
pub use vm::Vm;

/// Why an exchange gave no response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// The deadline passed; the way itself looks sound.
    Timeout,
    /// The way is broken: device gone, connection lost, protocol out of step for good.
    Broken {
        /// What happened, in words an operator can act on; names the device or address.
        reason: String,
        /// The BMC may have seen the request, so sending it again could do it twice.
        sent: bool,
    },
}

impl Failure {
    /// Broken before the BMC can have seen the request.
    pub fn before_sending(reason: impl Into<String>) -> Self {
        Self::Broken { reason: reason.into(), sent: false }
    }

    /// Broken when the BMC may have seen the request.
    pub fn after_sending(reason: impl Into<String>) -> Self {
        Self::Broken { reason: reason.into(), sent: true }
    }
}

/// What a transport has for system management software besides responses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// SMS_ATN: Get Message Flags tells what.
    Attention,
    /// An event message the transport has already fetched (the Linux driver does).
    EventMessage(Vec<u8>),
}

/// A way to a BMC. Methods are called by one thread only.
pub trait Transport: Send {
    /// Sends a request and waits for its response until `deadline`.
    ///
    /// `target` is [`Target::Bmc`] unless [`bridges`](Self::bridges) says that the transport reaches others by itself.
    ///
    /// # Errors
    /// [`Failure`]; the driver decides what is tried again.
    fn exchange(&mut self, target: Target, request: &Request, deadline: Instant) -> Result<Response, Failure>;

    /// True when the transport carries messages to satellite controllers by itself (the Linux driver does).
    fn bridges(&self) -> bool {
        false
    }

    /// Tells the transport that somebody wants to hear of events, or no longer does.
    fn want_events(&mut self, _wanted: bool) {}

    /// Looks, without waiting, whether there is a notice.
    ///
    /// # Errors
    /// When the way turns out to be broken.
    fn notice(&mut self) -> Result<Option<Notice>, Failure> {
        Ok(None)
    }

    /// A descriptor that becomes readable when [`notice`](Self::notice) should be asked.
    fn notice_fd(&self) -> Option<BorrowedFd<'_>> {
        None
    }

    /// How often [`notice`](Self::notice) should be asked where no descriptor tells.
    fn notice_interval(&self) -> Option<Duration> {
        None
    }
}

/// What makes the transport of a URL.
///
/// # Errors
/// When this build has no such transport.
pub(crate) fn connector(url: &BmcUrl, options: &Options) -> Result<Connector, Error> {
    let missing = |what: &str| Err(Error::Transport { reason: format!("{url}: {what}") });
    match url.clone() {
        BmcUrl::Open(device) => {
            let my_address = options.my_address;
            Ok(Box::new(move || Ok(Box::new(OpenIpmi::open(&device, my_address)?))))
        }
        BmcUrl::SerialKcs { path } => Ok(Box::new(move || Ok(Box::new(SerialKcs::open(&path)?)))),
        BmcUrl::Vm(address) => Ok(Box::new(move || Ok(Box::new(Vm::connect(&address)?)))),
        BmcUrl::Kcs { base, spacing } => {
            let session = &options.session;
            let lenient = quirk::forced(&session.quirks).map(|forced| forced.lenient).unwrap_or_default();
            let assume_io = session.automatic_quirks || lenient.contains(Leniency::ASSUME_IO);
            let (base, spacing) = base.map_or_else(|| discover::kcs_ports(assume_io), |base| (base, spacing));
            let spins = lenient.contains(Leniency::SPIN_POLL);
            Ok(Box::new(move || Ok(Box::new(PortKcs::open(base, spacing)?.spinning(spins)))))
        }
        BmcUrl::Ssif { path, address } => Ok(Box::new(move || Ok(Box::new(Ssif::open(&path, address)?)))),
        BmcUrl::SerialBasic { path, baud } => {
            let options = options.clone();
            Ok(Box::new(move || serial_basic::open(&path, baud, &options)))
        }
        BmcUrl::SerialTerminal { path, baud } => {
            let options = options.clone();
            Ok(Box::new(move || serial_terminal::open(&path, baud, &options)))
        }
        BmcUrl::Lan { .. } | BmcUrl::Lanplus { .. } => missing("sessions over LAN have an engine, not an owner thread"),
        BmcUrl::Sim { .. } => missing("a simulator inside the process is opened by the program, not by the driver"),
    }
}
