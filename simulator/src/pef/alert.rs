//! Alerts on their way: one destination after the other as the alert policy says, each until it is acknowledged or out
//! of retries (IPMI 2.0 s17.11, s30.7, s30.8).

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::Duration;

use crate::store::lan_config::{Destination, LanConfig};
use crate::store::pef_config::PolicyEntry;

/// Alerts that wait while another one is sent; more are lost.
const QUEUE: usize = 16;

/// A UDP datagram the BMC sends by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Datagram {
    /// Where to.
    pub to: SocketAddr,
    /// What.
    pub bytes: Vec<u8>,
}

/// Alert Immediate status (s30.7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AlertStatus {
    /// 00h: none was sent.
    #[default]
    None = 0x00,
    /// 01h: sent, and acknowledged where that was asked for.
    Done = 0x01,
    /// 03h: nobody acknowledged it.
    Unacknowledged = 0x03,
    /// FFh: not done yet.
    Running = 0xFF,
}

/// One destination of an alert: a policy entry and the text that goes there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Where to and under which condition.
    pub entry: PolicyEntry,
    /// The alert string.
    pub text: Vec<u8>,
}

/// An alert: what makes its datagrams, and its destinations.
#[derive(Debug)]
pub struct Alert<T> {
    /// What is reported.
    pub subject: T,
    /// Destinations left.
    pub steps: VecDeque<Step>,
    /// It is the one Alert Immediate asks about.
    pub immediate: bool,
    /// Channel on which it already got through.
    delivered: Option<u8>,
}

impl<T> Alert<T> {
    /// An alert nobody got yet.
    pub fn new(subject: T, steps: impl IntoIterator<Item = Step>, immediate: bool) -> Self {
        Self { subject, steps: steps.into_iter().collect(), immediate, delivered: None }
    }

    /// The next destination: entries are left out, or end the set, when the alert already got through.
    fn next(&mut self) -> Option<Step> {
        while let Some(step) = self.steps.pop_front() {
            let wanted = match (self.delivered, step.entry.kind) {
                (None, _) | (_, 0) => true,
                (Some(_), 2) => return None,
                (Some(channel), 3) => channel != step.entry.channel,
                // Every destination here is a PET trap, so an entry for another kind has nothing to do either.
                (Some(_), _) => false,
            };
            if wanted {
                return Some(step);
            }
        }
        None
    }
}

/// A datagram that is being sent.
#[derive(Debug)]
struct Attempt {
    channel: u8,
    destination: Destination,
    sequence: u16,
    bytes: Vec<u8>,
    left: u8,
    next: Duration,
}

/// Alerts that wait and the one being sent.
#[derive(Debug)]
pub struct Alerts<T> {
    queue: VecDeque<Alert<T>>,
    attempt: Option<Attempt>,
    sequence: u16,
    /// What Alert Immediate reports.
    pub status: AlertStatus,
}

impl<T> Default for Alerts<T> {
    fn default() -> Self {
        Self { queue: VecDeque::new(), attempt: None, sequence: 0, status: AlertStatus::None }
    }
}

impl<T> Alerts<T> {
    /// Queues an alert; false when the queue is full.
    pub fn push(&mut self, alert: Alert<T>) -> bool {
        let room = self.queue.len() < QUEUE;
        if room {
            if alert.immediate {
                self.status = AlertStatus::Running;
            }
            self.queue.push_back(alert);
        }
        room
    }

    /// PET Acknowledge: true when the alert with this sequence number was being sent.
    pub fn acknowledge(&mut self, sequence: u16) -> bool {
        let known = self.attempt.as_ref().is_some_and(|attempt| attempt.sequence == sequence);
        if known {
            self.finish(true);
        }
        known
    }

    fn finish(&mut self, delivered: bool) {
        let Some(attempt) = self.attempt.take() else { return };
        let Some(alert) = self.queue.front_mut() else { return };
        if delivered {
            alert.delivered = Some(attempt.channel);
        }
        if alert.immediate {
            self.status = if delivered { AlertStatus::Done } else { AlertStatus::Unacknowledged };
        }
    }

    /// Sends what is due and says when to come back. `emit` makes a datagram from a subject, text and sequence number.
    pub fn poll(
        &mut self,
        lan: &LanConfig,
        lan_channel: u8,
        now: Duration,
        emit: impl Fn(&T, &[u8], u16) -> Vec<u8>,
        out: &mut Vec<Datagram>,
    ) -> Option<Duration> {
        loop {
            if let Some(attempt) = &mut self.attempt {
                if now < attempt.next {
                    return Some(attempt.next);
                }
                let acknowledged = attempt.destination.acknowledged;
                if attempt.left == 0 {
                    self.finish(!acknowledged);
                    continue;
                }
                attempt.left -= 1;
                // Nobody answers the last datagram of an alert that needs no acknowledgement.
                let last = attempt.left == 0 && !acknowledged;
                attempt.next = if last { now } else { now + attempt.destination.timeout };
                let to = SocketAddr::new(attempt.destination.address, lan.trap_port);
                out.push(Datagram { to, bytes: attempt.bytes.clone() });
                continue;
            }
            let alert = self.queue.front_mut()?;
            let Some(step) = alert.next() else {
                // An alert without any destination never ran.
                if alert.immediate && self.status == AlertStatus::Running {
                    self.status = AlertStatus::None;
                }
                self.queue.pop_front();
                continue;
            };
            let destination = (step.entry.channel == lan_channel).then(|| lan.destination(step.entry.destination));
            let Some(destination) = destination.flatten().filter(|destination| destination.is_pet) else { continue };
            self.sequence = self.sequence.checked_add(1).unwrap_or(1);
            self.attempt = Some(Attempt {
                channel: step.entry.channel,
                destination,
                sequence: self.sequence,
                bytes: emit(&alert.subject, &step.text, self.sequence),
                left: destination.retries.saturating_add(1),
                next: now,
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn step(kind: u8, destination: u8) -> Step {
        let entry = PolicyEntry { policy: 1, enabled: true, kind, channel: 1, destination, by_event: false, string: 0 };
        Step { entry, text: Vec::new() }
    }

    fn lan(acknowledged: u8) -> LanConfig {
        let mut lan = LanConfig::default();
        for number in 1..=3 {
            lan.parameters.set(18, &[number, acknowledged, 2, 1]).unwrap();
            lan.parameters.set(19, &[number, 0, 0, 127, 0, 0, number, 0, 0, 0, 0, 0, 0]).unwrap();
        }
        lan
    }

    fn run(alerts: &mut Alerts<u8>, lan: &LanConfig, now: Duration) -> (Vec<String>, Option<Duration>) {
        let mut out = Vec::new();
        let next = alerts.poll(lan, 1, now, |subject, _, sequence| vec![*subject, sequence as u8], &mut out);
        (out.iter().map(|datagram| format!("{} {:?}", datagram.to, datagram.bytes)).collect(), next)
    }

    #[test]
    fn without_acknowledgement_every_repetition_is_sent() {
        let (mut alerts, lan) = (Alerts::default(), lan(0));
        assert!(alerts.push(Alert::new(7, [step(0, 1), step(0, 2), step(1, 3)], false)));
        assert_eq!(run(&mut alerts, &lan, SECOND), (vec!["127.0.0.1:162 [7, 1]".into()], Some(3 * SECOND)));
        assert_eq!(run(&mut alerts, &lan, 2 * SECOND), (vec![], Some(3 * SECOND)));
        let both = vec!["127.0.0.1:162 [7, 1]".into(), "127.0.0.2:162 [7, 2]".into()];
        assert_eq!(run(&mut alerts, &lan, 3 * SECOND), (both, Some(5 * SECOND)));
        assert_eq!(run(&mut alerts, &lan, 5 * SECOND), (vec!["127.0.0.2:162 [7, 2]".into()], None));
    }

    #[test]
    fn an_acknowledgement_ends_the_repetitions_and_the_set() {
        let (mut alerts, lan) = (Alerts::default(), lan(0x80));
        alerts.push(Alert::new(7, [step(0, 1), step(1, 2), step(2, 3)], true));
        assert_eq!(alerts.status, AlertStatus::Running);
        run(&mut alerts, &lan, SECOND);
        assert!(!alerts.acknowledge(9));
        assert!(alerts.acknowledge(1));
        assert_eq!(alerts.status, AlertStatus::Done);
        assert_eq!(run(&mut alerts, &lan, SECOND), (vec![], None));
    }

    #[test]
    fn a_destination_nobody_answers_from_gives_way_to_the_next() {
        let (mut alerts, lan) = (Alerts::default(), lan(0x80));
        alerts.push(Alert::new(7, [step(0, 1), step(1, 2)], true));
        run(&mut alerts, &lan, SECOND);
        run(&mut alerts, &lan, 3 * SECOND);
        assert_eq!(run(&mut alerts, &lan, 5 * SECOND), (vec!["127.0.0.2:162 [7, 2]".into()], Some(7 * SECOND)));
        run(&mut alerts, &lan, 7 * SECOND);
        assert_eq!(run(&mut alerts, &lan, 9 * SECOND), (vec![], None));
        assert_eq!(alerts.status, AlertStatus::Unacknowledged);
    }

    #[test]
    fn destinations_that_are_not_there_are_left_out() {
        let (mut alerts, lan) = (Alerts::default(), lan(0));
        alerts.push(Alert::new(7, [step(0, 4), step(0, 15)], true));
        assert_eq!(run(&mut alerts, &lan, SECOND), (vec![], None));
        assert_eq!(alerts.status, AlertStatus::None);
        for _ in 0..QUEUE {
            assert!(alerts.push(Alert::new(7, [], false)));
        }
        assert!(!alerts.push(Alert::new(7, [], false)));
    }
}
