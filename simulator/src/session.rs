//! Sessions: who is logged in over which channel, and what waits to be sent to them (IPMI 2.0 s6.12, s22.18-20).

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::Duration;

use ipmi_core::{Lun, Privilege};

use crate::handler::{Login, Source};

/// Sessions a BMC has at a time, when nothing else was said. Every tool that a closed pipe ends (`bmc-info | head`)
/// keeps one until its timeout, so that fewer are soon used up by a script.
pub const SESSION_LIMIT: usize = MAX_SESSION_LIMIT;
/// Most sessions Get Session Info can count.
pub const MAX_SESSION_LIMIT: usize = 63;
/// Messages waiting for one console; more are dropped.
const OUTBOX_LIMIT: usize = 16;

/// The other end of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Peer {
    /// Over the LAN, from this address.
    Lan(SocketAddr),
    /// Over a serial line, directly connected.
    Serial,
}

/// The address by which a console wants to be answered: its software id and LUN.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConsoleAddress {
    /// Software id as a slave address, odd.
    pub address: u8,
    /// Logical unit.
    pub lun: Lun,
}

impl Default for ConsoleAddress {
    fn default() -> Self {
        Self { address: 0x81, lun: Lun::BMC }
    }
}

/// One active session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// The BMC's session id.
    pub id: u32,
    /// Handle: which slot it is, and how often that was used.
    pub handle: u8,
    /// User id.
    pub user: u8,
    /// Privilege level in force.
    pub privilege: Privilege,
    /// Highest level Set Session Privilege Level gives.
    pub limit: Privilege,
    /// Channel.
    pub channel: u8,
    /// RMCP+, not IPMI 1.5.
    pub rmcp_plus: bool,
    /// The other end.
    pub peer: Peer,
    /// Its packets can be encrypted.
    pub encrypts: bool,
    /// Its packets are authenticated.
    pub authenticates: bool,
    /// Who asked last.
    pub console: ConsoleAddress,
    outbox: VecDeque<Vec<u8>>,
}

impl Session {
    /// Where a request over this session comes from.
    pub const fn source(&self) -> Source {
        Source::Session(Login {
            channel: self.channel,
            user: self.user,
            privilege: self.privilege,
            handle: self.handle,
            id: self.id,
        })
    }

    /// Queues a message for the console, framed as on an IPMB; false when the queue is full and it is lost.
    pub fn send(&mut self, frame: Vec<u8>) -> bool {
        if self.outbox.len() >= OUTBOX_LIMIT {
            return false;
        }
        self.outbox.push_back(frame);
        true
    }

    /// Queues a message before all others; false when the queue is full and it is lost.
    pub fn send_first(&mut self, frame: Vec<u8>) -> bool {
        if self.outbox.len() >= OUTBOX_LIMIT {
            return false;
        }
        self.outbox.push_front(frame);
        true
    }

    /// Takes the oldest message for the console.
    pub fn take_message(&mut self) -> Option<Vec<u8>> {
        self.outbox.pop_front()
    }

    /// True while a message waits for the console.
    pub fn has_message(&self) -> bool {
        !self.outbox.is_empty()
    }
}

/// What a face knows of a session it opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewSession {
    /// The BMC's session id; not zero.
    pub id: u32,
    /// User id.
    pub user: u8,
    /// Privilege level at first.
    pub privilege: Privilege,
    /// Highest level.
    pub limit: Privilege,
    /// Channel.
    pub channel: u8,
    /// RMCP+, not IPMI 1.5.
    pub rmcp_plus: bool,
    /// The other end.
    pub peer: Peer,
}

/// The session slots of a BMC, shared by all its channels.
#[derive(Debug, Clone)]
pub struct Sessions {
    slots: Vec<Option<Session>>,
    limit: usize,
    next_handle: u8,
}

impl Default for Sessions {
    fn default() -> Self {
        Self::with_limit(SESSION_LIMIT)
    }
}

impl Sessions {
    /// Room for `limit` sessions, 1-63.
    pub fn with_limit(limit: usize) -> Self {
        Self { slots: Vec::new(), limit: limit.clamp(1, MAX_SESSION_LIMIT), next_handle: 1 }
    }

    /// Sessions there can be.
    pub const fn limit(&self) -> usize {
        self.limit
    }

    /// Opens a session; `None` when no slot is free.
    pub fn open(&mut self, new: NewSession) -> Option<&mut Session> {
        if self.slots.iter().all(Option::is_some) {
            if self.slots.len() >= self.limit {
                return None;
            }
            self.slots.push(None);
        }
        let handle = self.free_handle();
        let slot = self.slots.iter_mut().find(|slot| slot.is_none())?;
        let NewSession { id, user, privilege, limit, channel, rmcp_plus, peer } = new;
        let (console, outbox) = (ConsoleAddress::default(), VecDeque::new());
        Some(slot.insert(Session {
            id,
            handle,
            user,
            privilege,
            limit,
            channel,
            rmcp_plus,
            peer,
            encrypts: false,
            authenticates: false,
            console,
            outbox,
        }))
    }

    /// A handle other than those in use and than the last: 00h is none.
    fn free_handle(&mut self) -> u8 {
        loop {
            let handle = self.next_handle;
            self.next_handle = if handle == u8::MAX { 1 } else { handle + 1 };
            if self.iter().all(|session| session.handle != handle) {
                return handle;
            }
        }
    }

    /// Closes a session; false when there is none with this id.
    pub fn close(&mut self, id: u32) -> bool {
        match self.slots.iter_mut().find(|slot| slot.as_ref().is_some_and(|session| session.id == id)) {
            Some(slot) => slot.take().is_some(),
            None => false,
        }
    }

    /// Closes all sessions of a user.
    pub fn close_user(&mut self, user: u8) {
        for slot in &mut self.slots {
            if slot.as_ref().is_some_and(|session| session.user == user) {
                *slot = None;
            }
        }
    }

    /// Closes all sessions.
    pub fn clear(&mut self) {
        self.slots.clear();
    }

    /// The session with this id.
    pub fn get(&self, id: u32) -> Option<&Session> {
        self.iter().find(|session| session.id == id)
    }

    /// The session with this id, to change it.
    pub fn get_mut(&mut self, id: u32) -> Option<&mut Session> {
        self.slots.iter_mut().flatten().find(|session| session.id == id)
    }

    /// The session with this handle.
    pub fn by_handle(&self, handle: u8) -> Option<&Session> {
        self.iter().find(|session| session.handle == handle)
    }

    /// The session in slot `index`, counted from 1.
    pub fn by_index(&self, index: u8) -> Option<&Session> {
        self.slots.get(usize::from(index.checked_sub(1)?))?.as_ref()
    }

    /// Every active session.
    pub fn iter(&self) -> impl Iterator<Item = &Session> {
        self.slots.iter().flatten()
    }

    /// Number of active sessions.
    pub fn active(&self) -> usize {
        self.iter().count()
    }

    /// True while a message waits for some console.
    pub fn has_messages(&self) -> bool {
        self.iter().any(Session::has_message)
    }
}

/// Time without a packet after which a session ends (s6.12.15).
pub const INACTIVITY: Duration = Duration::from_secs(60);

#[cfg(test)]
mod tests {
    use super::*;

    fn new(id: u32) -> NewSession {
        let privilege = Privilege::User;
        NewSession { id, user: 2, privilege, limit: privilege, channel: 1, rmcp_plus: true, peer: Peer::Serial }
    }

    #[test]
    fn slots_are_bounded_and_handles_change() {
        let mut sessions = Sessions::with_limit(2);
        assert_eq!(sessions.open(new(1)).unwrap().handle, 1);
        assert_eq!(sessions.open(new(2)).unwrap().handle, 2);
        assert!(sessions.open(new(3)).is_none());
        assert!(sessions.close(1) && !sessions.close(1));
        assert_eq!(sessions.open(new(3)).unwrap().handle, 3);
        assert_eq!(sessions.by_index(1).unwrap().id, 3);
        assert!(sessions.by_index(0).is_none() && sessions.by_index(9).is_none());
        assert_eq!(sessions.active(), 2);
        for id in 4..1000 {
            sessions.close(3);
            sessions.close(id - 1);
            assert_ne!(sessions.open(new(id)).unwrap().handle, 2);
        }
        sessions.close_user(2);
        assert_eq!(sessions.active(), 0);
    }

    #[test]
    fn what_waits_for_a_console_is_bounded() {
        let mut sessions = Sessions::default();
        let session = sessions.open(new(7)).unwrap();
        assert_eq!((0..100).filter(|n| session.send(vec![*n])).count(), OUTBOX_LIMIT);
        assert_eq!(session.take_message(), Some(vec![0]));
        assert!(sessions.has_messages());
    }
}
