//! Platform event filtering: events that match a filter make the BMC act and send alerts (IPMI 2.0 s17).

pub mod alert;
mod filter;
mod trap;

use std::collections::{BTreeSet, VecDeque};
use std::time::Duration;

use alert::{Alert, Alerts, Datagram, Step};
use filter::Filter;
use trap::Trap;

use crate::bmc::Bmc;
use crate::chassis::{PowerAction, RestartCause};
use crate::store::channel::LAN;
use crate::store::pef_config::{FILTERS, PolicyEntry};
use crate::store::sel::Record;

/// Events kept while PEF is postponed; older ones are lost.
const PENDING: usize = 64;
/// Record id that names no record.
pub const NO_RECORD: u16 = 0xFFFF;
/// Sensor type System Event, its event type, and the event data of "PEF action" with the actions in byte 2.
const SYSTEM_EVENT: u8 = 0x12;
const SENSOR_SPECIFIC: u8 = 0x6F;
const PEF_ACTION: u8 = 0xC4;

const ALERT: u8 = 0x01;
const POWER_OFF: u8 = 0x02;
const RESET: u8 = 0x04;
const POWER_CYCLE: u8 = 0x08;
const DIAGNOSTIC_INTERRUPT: u8 = 0x20;
/// Actions a filter may ask for: all but OEM actions.
pub const SUPPORTED_ACTIONS: u8 = ALERT | POWER_OFF | RESET | POWER_CYCLE | DIAGNOSTIC_INTERRUPT;

/// Postpone timer (s30.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Postpone {
    /// Events are filtered at once.
    #[default]
    Off,
    /// Events wait until then.
    Until(Duration),
    /// Events wait until the timer is switched off or the BMC restarts.
    Disabled,
}

/// An event to report and how bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Subject {
    /// The event, with its time.
    pub event: Record,
    /// Severity code of the filter it matched.
    pub severity: u8,
}

/// State of platform event filtering.
#[derive(Debug, Default)]
pub struct Pef {
    /// Postpone timer.
    pub postpone: Postpone,
    /// Last record software handled.
    pub last_software: Option<u16>,
    /// Last record the BMC handled.
    pub last_bmc: Option<u16>,
    /// Alerts on their way.
    pub alerts: Alerts<Subject>,
    pending: VecDeque<Record>,
    /// Start of the system: filters and alerts wait from then.
    started: Option<Duration>,
    datagrams: Vec<Datagram>,
}

impl Pef {
    /// An event came. Its id is FFFFh when it could not be logged.
    pub(crate) fn offer(&mut self, event: Record) {
        if self.pending.len() >= PENDING {
            self.pending.pop_front();
        }
        self.pending.push_back(event);
    }

    /// The system was powered up or reset.
    pub(crate) fn system_started(&mut self, now: Duration) {
        self.started = Some(now);
    }

    /// The event log was erased: no record was handled.
    pub(crate) fn log_erased(&mut self) {
        (self.last_software, self.last_bmc) = (None, None);
    }

    /// Seconds left on the postpone timer as Arm PEF Postpone Timer reports them.
    pub fn postponed(&self, now: Duration) -> u8 {
        match self.postpone {
            Postpone::Off => 0,
            Postpone::Disabled => 0xFE,
            Postpone::Until(at) => u8::try_from(at.saturating_sub(now).as_millis().div_ceil(1000)).unwrap_or(0xFD),
        }
    }

    fn wait(&self, delay: Duration, now: Duration) -> Option<Duration> {
        self.started.map(|started| started + delay).filter(|until| now < *until)
    }
}

impl Bmc {
    /// Takes the datagrams the BMC wants to send by itself.
    pub fn take_datagrams(&mut self) -> Vec<Datagram> {
        std::mem::take(&mut self.pef.datagrams)
    }

    /// Filters the events that came, sends alerts that are due and says when to come back.
    pub(crate) fn poll_pef(&mut self, now: Duration) -> Option<Duration> {
        let deadline = self.filter_events(now);
        let alert_deadline = self.send_alerts(now);
        [deadline, alert_deadline].into_iter().flatten().min()
    }

    fn filter_events(&mut self, now: Duration) -> Option<Duration> {
        if !self.settings.pef.enabled() {
            self.pef.pending.clear();
            return None;
        }
        if let Postpone::Until(at) = self.pef.postpone {
            if now < at {
                return Some(at);
            }
            self.pef.postpone = Postpone::Off;
        }
        if self.pef.postpone == Postpone::Disabled {
            return None;
        }
        if let Some(until) = self.pef.wait(self.settings.pef.startup_delay(), now) {
            return Some(until);
        }
        while let Some(event) = self.pef.pending.pop_front() {
            if !self.is_handled(&event) {
                self.filter_event(event, now);
            }
        }
        None
    }

    /// Software or the BMC already handled this record or a later one.
    fn is_handled(&self, event: &Record) -> bool {
        let Some(sel) = &self.main.sel else { return false };
        let place = |id: u16| sel.records().iter().position(|record| record_id(record) == id);
        let handled = [self.pef.last_software, self.pef.last_bmc].into_iter().flatten().filter_map(place).max();
        place(record_id(event)).is_some_and(|event| handled.is_some_and(|handled| event <= handled))
    }

    fn filter_event(&mut self, event: Record, now: Duration) {
        if record_id(&event) != NO_RECORD {
            self.pef.last_bmc = Some(record_id(&event));
            self.dirty = true;
        }
        let filters = (1..=FILTERS).filter_map(|number| Filter::parse(number, &self.settings.pef.filter(number)));
        let matching: Vec<Filter> = filters.filter(|filter| filter.matches(&event)).collect();
        let asked = matching.iter().fold(0, |actions, filter| actions | filter.actions);
        let actions = asked & self.settings.pef.allowed_actions() & SUPPORTED_ACTIONS;
        if actions & ALERT != 0 {
            self.queue_alerts(event, &matching);
        }
        if actions != 0 && self.settings.pef.logs_actions() {
            let number = self.main.sensors.values().find(|sensor| sensor.sensor_type == SYSTEM_EVENT);
            let number = number.map_or(0, |sensor| sensor.number);
            let source = [self.main.address, 0, 0x04, SYSTEM_EVENT, number, SENSOR_SPECIFIC];
            self.log_unfiltered(source, [PEF_ACTION, actions, 0xFF], now);
        }
        // Only the first of the power actions runs.
        if actions & POWER_OFF != 0 {
            self.power_off(now);
        } else if actions & POWER_CYCLE != 0 {
            self.power_cycle(RestartCause::PefPowerCycle, now);
        } else if actions & RESET != 0 {
            self.reset_system(RestartCause::PefReset, now);
        }
        if actions & DIAGNOSTIC_INTERRUPT != 0 {
            self.act(PowerAction::DiagnosticInterrupt);
        }
    }

    // Each policy runs once, with the severity of the first filter that asks for it.
    fn queue_alerts(&mut self, event: Record, matching: &[Filter]) {
        let mut policies = BTreeSet::new();
        for filter in matching.iter().filter(|filter| filter.actions & ALERT != 0) {
            if !policies.insert(filter.policy) {
                continue;
            }
            let config = &self.settings.pef;
            let text = |entry: &PolicyEntry| match (entry.by_event, entry.string) {
                (true, set) => config.event_string(filter.number, set).unwrap_or_default(),
                (false, 0) => Vec::new(),
                (false, selector) => config.string(selector),
            };
            let steps: Vec<Step> =
                config.policy(filter.policy).map(|entry| Step { entry, text: text(&entry) }).collect();
            if !self.pef.alerts.push(Alert::new(Subject { event, severity: filter.severity }, steps, false)) {
                tracing::debug!("too many alerts: one is not sent");
            }
        }
    }

    fn send_alerts(&mut self, now: Duration) -> Option<Duration> {
        if let Some(until) = self.pef.wait(self.settings.pef.alert_startup_delay(), now) {
            return Some(until);
        }
        let mut alerts = std::mem::take(&mut self.pef.alerts);
        let mut datagrams = std::mem::take(&mut self.pef.datagrams);
        let emit = |subject: &Subject, text: &[u8], sequence| self.trap(subject, text, sequence, now).emit();
        let deadline = alerts.poll(&self.settings.lan, LAN, now, emit, &mut datagrams);
        // A BMC whose datagrams nobody takes keeps the newest.
        datagrams.drain(..datagrams.len().saturating_sub(PENDING));
        (self.pef.alerts, self.pef.datagrams) = (alerts, datagrams);
        deadline
    }

    fn trap(&self, subject: &Subject, text: &[u8], sequence: u16, now: Duration) -> Trap {
        let identity = &self.main.identity;
        let ticks = now.saturating_sub(self.started).as_millis() / 10;
        Trap {
            community: self.settings.lan.community(),
            agent: self.settings.lan.address(),
            uptime: u32::try_from(ticks % (1 << 32)).unwrap_or(0),
            guid: self.settings.pef.guid().or(self.profile.system_guid.map(reversed)).unwrap_or_default(),
            sequence,
            utc_offset: self.utc_offset,
            severity: subject.severity,
            entity: self.entity_of(&subject.event),
            manufacturer: identity.manufacturer,
            product: identity.product,
            text: text.to_vec(),
            event: subject.event,
        }
    }

    /// Entity id and instance of an event's sensor, from its SDR; 0 unspecified.
    fn entity_of(&self, event: &Record) -> [u8; 2] {
        let [_, _, _, _, _, _, _, generator, _, _, _, sensor, ..] = *event;
        let found = self.main.sdr.records().find_map(|record| match *record {
            [_, _, _, 0x01..=0x03, _, owner, _, number, id, instance, ..] if (owner, number) == (generator, sensor) => {
                Some([id, instance])
            }
            _ => None,
        });
        found.unwrap_or_default()
    }
}

/// Traps carry GUIDs in the order of their text, Get System GUID in the opposite one.
fn reversed(mut guid: [u8; 16]) -> [u8; 16] {
    guid.reverse();
    guid
}

fn record_id(record: &Record) -> u16 {
    let [low, high, ..] = *record;
    u16::from_le_bytes([low, high])
}

#[cfg(test)]
mod tests;
