//! The system interface's message queue, event message buffer, message flags and global enables (IPMI 2.0 s22).

use std::collections::VecDeque;

use crate::store::sel::Record;

/// Most messages waiting for system software; more are dropped, as a full queue does (s6.13).
const QUEUE_LIMIT: usize = 32;

/// BMC Global Enables, bit 0: receive message queue interrupt.
pub const ENABLE_QUEUE_INTERRUPT: u8 = 0x01;
/// BMC Global Enables, bit 1: event message buffer full interrupt.
pub const ENABLE_EVENT_INTERRUPT: u8 = 0x02;
/// BMC Global Enables, bit 2: event message buffer.
pub const ENABLE_EVENT_BUFFER: u8 = 0x04;
/// BMC Global Enables, bit 3: system event logging.
pub const ENABLE_SEL_LOGGING: u8 = 0x08;

/// Message Flags, bit 0: a message waits in the receive queue.
const FLAG_QUEUE: u8 = 0x01;
/// Message Flags, bit 1: the event message buffer is full.
const FLAG_EVENT: u8 = 0x02;
/// Message Flags, bit 3: watchdog pre-timeout interrupt.
const FLAG_PRE_TIMEOUT: u8 = 0x08;

/// What waits for system software.
#[derive(Debug, Clone)]
pub struct Messaging {
    /// BMC Global Enables.
    pub enables: u8,
    queue: VecDeque<Vec<u8>>,
    event: Option<Record>,
    pre_timeout: bool,
}

impl Default for Messaging {
    fn default() -> Self {
        Self { enables: ENABLE_SEL_LOGGING, queue: VecDeque::new(), event: None, pre_timeout: false }
    }
}

impl Messaging {
    /// Message Flags.
    pub fn flags(&self) -> u8 {
        let mut flags = 0;
        if !self.queue.is_empty() {
            flags |= FLAG_QUEUE;
        }
        if self.event.is_some() {
            flags |= FLAG_EVENT;
        }
        if self.pre_timeout {
            flags |= FLAG_PRE_TIMEOUT;
        }
        flags
    }

    /// SMS_ATN: something waits.
    pub fn attention(&self) -> bool {
        self.flags() != 0
    }

    /// Something waits that was allowed to interrupt.
    pub fn interrupt(&self) -> bool {
        let flags = self.flags();
        (flags & FLAG_QUEUE != 0 && self.enables & ENABLE_QUEUE_INTERRUPT != 0)
            || (flags & FLAG_EVENT != 0 && self.enables & ENABLE_EVENT_INTERRUPT != 0)
            || flags & FLAG_PRE_TIMEOUT != 0
    }

    /// Clear Message Flags: bit 0 flushes the queue, bit 1 the event buffer.
    pub fn clear(&mut self, flags: u8) {
        if flags & FLAG_QUEUE != 0 {
            self.queue.clear();
        }
        if flags & FLAG_EVENT != 0 {
            self.event = None;
        }
        if flags & FLAG_PRE_TIMEOUT != 0 {
            self.pre_timeout = false;
        }
    }

    /// Queues a message in the form Get Message returns it; false when the queue is full and it is lost.
    pub fn queue(&mut self, message: Vec<u8>) -> bool {
        if self.queue.len() >= QUEUE_LIMIT {
            return false;
        }
        self.queue.push_back(message);
        true
    }

    /// Takes the oldest message.
    pub fn take_message(&mut self) -> Option<Vec<u8>> {
        self.queue.pop_front()
    }

    /// Puts an event into the buffer, when that is enabled and empty: one that waits is not overwritten.
    pub fn offer_event(&mut self, event: Record) {
        if self.enables & ENABLE_EVENT_BUFFER != 0 && self.event.is_none() {
            self.event = Some(event);
        }
    }

    /// Takes the event in the buffer.
    pub fn take_event(&mut self) -> Option<Record> {
        self.event.take()
    }

    /// Raises the watchdog pre-timeout flag.
    pub fn raise_pre_timeout(&mut self) {
        self.pre_timeout = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_go_into_the_buffer_only_when_enabled_and_empty() {
        let mut messaging = Messaging::default();
        messaging.offer_event([1; 16]);
        assert!(!messaging.attention());
        messaging.enables |= ENABLE_EVENT_BUFFER;
        messaging.offer_event([1; 16]);
        messaging.offer_event([2; 16]);
        assert_eq!(messaging.flags(), 2);
        assert!(!messaging.interrupt());
        messaging.enables |= ENABLE_EVENT_INTERRUPT;
        assert!(messaging.interrupt());
        assert_eq!(messaging.take_event(), Some([1; 16]));
        assert!(!messaging.attention());
    }

    #[test]
    fn the_queue_is_bounded() {
        let mut messaging = Messaging::default();
        assert_eq!((0..100).filter(|n| messaging.queue(vec![*n])).count(), QUEUE_LIMIT);
        assert_eq!(messaging.take_message(), Some(vec![0]));
        messaging.clear(1);
        assert_eq!(messaging.flags(), 0);
    }
}
