//! SMS_ATN: ask the message flags, fetch what waits, tell the subscribers (IPMI 2.0 s22.3-22.8).

use std::time::Instant;

use ipmi_core::{CompletionCode, NetFn, Request, Response, Target};

use super::{Driver, publish};
use crate::event::Event;
use crate::transport::{Failure, Notice};

const SET_GLOBAL_ENABLES: u8 = 0x2E;
const GET_GLOBAL_ENABLES: u8 = 0x2F;
const CLEAR_MESSAGE_FLAGS: u8 = 0x30;
const GET_MESSAGE_FLAGS: u8 = 0x31;
const GET_MESSAGE: u8 = 0x33;
const READ_EVENT_MESSAGE_BUFFER: u8 = 0x35;

const RECEIVE_QUEUE: u8 = 1 << 0;
const EVENT_BUFFER: u8 = 1 << 1;
const WATCHDOG: u8 = 1 << 3;
const OEM: u8 = 0xE0;
/// Global enables: event messages go into the buffer.
const EVENT_MESSAGE_BUFFER_ENABLE: u8 = 1 << 2;
/// Things fetched per look, so that a BMC that never runs dry does not keep us from requests.
const FETCHES_PER_LOOK: u32 = 16;

impl Driver {
    /// Looks for news when somebody wants them. True when there was something, so that it is worth looking again.
    pub(super) fn check_events(&mut self) -> bool {
        self.last_event_check = Instant::now();
        if self.subscribers.is_empty() {
            self.stop_events();
            return false;
        }
        match self.look() {
            Ok(found) => found,
            Err(Failure::Broken { reason, .. }) => {
                self.disconnected(&reason);
                false
            }
            Err(Failure::Timeout) => false,
        }
    }

    /// Nobody listens any more.
    fn stop_events(&mut self) {
        if std::mem::take(&mut self.events_enabled)
            && self.connection.is_up()
            && let Ok(transport) = self.connection.transport()
        {
            transport.want_events(false);
        }
    }

    fn look(&mut self) -> Result<bool, Failure> {
        if !self.events_enabled {
            self.connection.transport()?.want_events(true);
            self.events_enabled = true;
            if std::mem::take(&mut self.lost) {
                publish(&mut self.subscribers, &Event::Reconnected);
            }
            if !self.connection.transport()?.bridges() {
                self.enable_event_buffer()?;
            }
        }
        match self.connection.transport()?.notice()? {
            None => Ok(false),
            Some(Notice::EventMessage(record)) => {
                self.publish_record(&record);
                Ok(true)
            }
            Some(Notice::Attention) => self.attention(),
        }
    }

    /// The BMC fills the event message buffer only when it is told to; the Linux driver tells it, we do elsewhere.
    fn enable_event_buffer(&mut self) -> Result<(), Failure> {
        let enables = self.app(GET_GLOBAL_ENABLES, [])?;
        if let (CompletionCode::OK, Some(enables)) = (enables.code, enables.data.first())
            && enables & EVENT_MESSAGE_BUFFER_ENABLE == 0
        {
            self.app(SET_GLOBAL_ENABLES, [enables | EVENT_MESSAGE_BUFFER_ENABLE])?;
        }
        Ok(())
    }

    /// Fetches what the flags announce. False when they announce nothing: some BMCs hold SMS_ATN for reasons of their
    /// own, and asking again at once would keep them and us busy for nothing.
    fn attention(&mut self) -> Result<bool, Failure> {
        let flags = self.app(GET_MESSAGE_FLAGS, [])?;
        let flags = match (flags.code, flags.data.first()) {
            (CompletionCode::OK, Some(flags)) => *flags,
            _ => return Ok(false),
        };
        let mut found = false;
        if flags & EVENT_BUFFER != 0 {
            found |= self.fetch(READ_EVENT_MESSAGE_BUFFER, |driver, data| driver.publish_record(data))?;
        }
        if flags & RECEIVE_QUEUE != 0 {
            found |= self.fetch(GET_MESSAGE, |driver, data| {
                publish(&mut driver.subscribers, &Event::Message(data.to_vec()));
            })?;
        }
        let acknowledged = flags & (WATCHDOG | OEM);
        if acknowledged != 0 {
            found |= self.app(CLEAR_MESSAGE_FLAGS, [acknowledged])?.code == CompletionCode::OK;
            if flags & WATCHDOG != 0 {
                publish(&mut self.subscribers, &Event::WatchdogPreTimeout);
            }
            if flags & OEM != 0 {
                publish(&mut self.subscribers, &Event::Oem(flags >> 5));
            }
        }
        Ok(found)
    }

    /// Repeats a fetching command until it refuses (80h: empty); true when it brought something.
    fn fetch(&mut self, cmd: u8, deliver: impl Fn(&mut Self, &[u8])) -> Result<bool, Failure> {
        for fetched in 0..FETCHES_PER_LOOK {
            let answer = self.app(cmd, [])?;
            if answer.code != CompletionCode::OK {
                return Ok(fetched > 0);
            }
            deliver(self, &answer.data);
        }
        Ok(true)
    }

    fn publish_record(&mut self, record: &[u8]) {
        match record.first_chunk::<16>() {
            Some(record) => publish(&mut self.subscribers, &Event::EventMessage(*record)),
            None => tracing::warn!(bmc = self.connection.name(), len = record.len(), "event message of a wrong length"),
        }
    }

    fn app<const N: usize>(&mut self, cmd: u8, data: [u8; N]) -> Result<Response, Failure> {
        let deadline = Instant::now() + self.options.timeout;
        self.connection.transport()?.exchange(Target::Bmc, &Request::new(NetFn::APP, cmd, data), deadline)
    }
}
