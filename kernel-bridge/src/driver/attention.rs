//! SMS_ATN: ask the message flags, fetch what waits, tell the subscribers (IPMI 2.0 s22.3-22.8).

use std::time::Instant;

use ipmi_core::command::app::{
    ClearMessageFlags, GetBmcGlobalEnables, GetMessage, GetMessageFlags, GlobalEnables, MessageFlags,
    ReadEventMessageBuffer, SetBmcGlobalEnables,
};
use ipmi_core::{Command, CompletionCode, Request, Response, Target};

use super::{Driver, publish};
use crate::event::Event;
use crate::transport::{Failure, Notice};

/// Flags to clear once they were told about: nothing is fetched for them.
const ACKNOWLEDGED: MessageFlags = MessageFlags::WATCHDOG_PRE_TIMEOUT.union(OEM);
const OEM: MessageFlags = MessageFlags::OEM_0.union(MessageFlags::OEM_1).union(MessageFlags::OEM_2);
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
        let enables = self.app(&GetBmcGlobalEnables)?.decode::<GetBmcGlobalEnables>();
        if let Ok(enables) = enables
            && !enables.contains(GlobalEnables::EVENT_BUFFER)
        {
            self.app(&SetBmcGlobalEnables { enables: enables | GlobalEnables::EVENT_BUFFER })?;
        }
        Ok(())
    }

    /// Fetches what the flags announce. False when they announce nothing: some BMCs hold SMS_ATN for reasons of their
    /// own, and asking again at once would keep them and us busy for nothing.
    fn attention(&mut self) -> Result<bool, Failure> {
        let Ok(flags) = self.app(&GetMessageFlags)?.decode::<GetMessageFlags>() else { return Ok(false) };
        let mut found = false;
        if flags.contains(MessageFlags::EVENT_BUFFER) {
            found |= self.fetch(&ReadEventMessageBuffer, |driver, data| driver.publish_record(data))?;
        }
        if flags.contains(MessageFlags::RECEIVE_QUEUE) {
            found |= self.fetch(&GetMessage, |driver, data| {
                publish(&mut driver.subscribers, &Event::Message(data.to_vec()));
            })?;
        }
        let acknowledged = flags & ACKNOWLEDGED;
        if !acknowledged.is_empty() {
            found |= self.app(&ClearMessageFlags { flags: acknowledged })?.code == CompletionCode::OK;
            if acknowledged.contains(MessageFlags::WATCHDOG_PRE_TIMEOUT) {
                publish(&mut self.subscribers, &Event::WatchdogPreTimeout);
            }
            if acknowledged.intersects(OEM) {
                publish(&mut self.subscribers, &Event::Oem(flags.bits() >> 5));
            }
        }
        Ok(found)
    }

    /// Repeats a fetching command until it refuses (80h: empty); true when it brought something.
    fn fetch<C: Command>(&mut self, command: &C, deliver: impl Fn(&mut Self, &[u8])) -> Result<bool, Failure> {
        for fetched in 0..FETCHES_PER_LOOK {
            let answer = self.app(command)?;
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

    fn app<C: Command>(&mut self, command: &C) -> Result<Response, Failure> {
        let deadline = Instant::now() + self.options.timeout;
        self.connection.transport()?.exchange(Target::Bmc, &Request::of(command), deadline)
    }
}
