//! The transport of a device, made anew when it was lost.

use std::time::{Duration, Instant};

use crate::transport::{Failure, Transport};

/// Makes a transport, or says why not.
pub(crate) type Connector = Box<dyn FnMut() -> Result<Box<dyn Transport>, String> + Send>;

/// A failed attempt stands for this long, so that queued requests do not each wait for it.
const FAILURE_STANDS: Duration = Duration::from_millis(200);

pub(crate) struct Connection {
    name: String,
    connector: Option<Connector>,
    transport: Option<Box<dyn Transport>>,
    last_failure: Option<(Instant, String)>,
}

impl Connection {
    /// A transport that cannot be made again: when it breaks, it is asked again all the same.
    pub(crate) fn fixed(name: String, transport: Box<dyn Transport>) -> Self {
        Self { name, connector: None, transport: Some(transport), last_failure: None }
    }

    /// A transport made when needed.
    pub(crate) fn reconnecting(name: String, connector: Connector) -> Self {
        Self { name, connector: Some(connector), transport: None, last_failure: None }
    }

    /// A transport that is there and can be made again.
    pub(crate) fn connected(name: String, connector: Connector, transport: Box<dyn Transport>) -> Self {
        Self { name, connector: Some(connector), transport: Some(transport), last_failure: None }
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn is_up(&self) -> bool {
        self.transport.is_some()
    }

    /// The transport, if there is one now.
    pub(crate) fn current(&self) -> Option<&dyn Transport> {
        self.transport.as_deref()
    }

    /// The transport, connected if need be.
    pub(crate) fn transport(&mut self) -> Result<&mut dyn Transport, Failure> {
        if self.transport.is_none() {
            self.transport = Some(self.connect()?);
        }
        match self.transport.as_deref_mut() {
            Some(transport) => Ok(transport),
            None => Err(Failure::before_sending("not connected")),
        }
    }

    fn connect(&mut self) -> Result<Box<dyn Transport>, Failure> {
        if let Some((when, reason)) = &self.last_failure
            && when.elapsed() < FAILURE_STANDS
        {
            return Err(Failure::before_sending(reason.clone()));
        }
        let Some(connector) = &mut self.connector else {
            return Err(Failure::before_sending("closed"));
        };
        match connector() {
            Ok(transport) => {
                self.last_failure = None;
                Ok(transport)
            }
            Err(reason) => {
                self.last_failure = Some((Instant::now(), reason.clone()));
                Err(Failure::before_sending(reason))
            }
        }
    }

    /// Lets go of a broken transport; true when there was one to let go of.
    pub(crate) fn drop_transport(&mut self) -> bool {
        self.connector.is_some() && self.transport.take().is_some()
    }
}
