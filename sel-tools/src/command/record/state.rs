//! What was set on a BMC while it ran and what it has counted: enables, power states, watchdog, hours (IPMI 2.0
//! s20-s30).

use ipmi_core::NetFn;

use super::document::{Document, byte, hex};
use super::reader::{Answer, BMC, Reader, at, long, word};
use crate::Failure;

const GET_RESTART_CAUSE: u8 = 0x07;
const GET_POWER_ON_HOURS: u8 = 0x0F;
const GET_EVENT_RECEIVER: u8 = 0x01;
const GET_PEF_CAPABILITIES: u8 = 0x10;
const GET_LAST_PROCESSED: u8 = 0x15;
const GET_ACPI: u8 = 0x07;
const GET_WATCHDOG: u8 = 0x25;
const GET_GLOBAL_ENABLES: u8 = 0x2F;
/// Causes of a restart that happen to simulated systems.
const CAUSES: [u8; 6] = [0, 1, 4, 7, 8, 9];
/// Get Watchdog Timer: the timer counts.
const RUNNING: u8 = 0x40;

pub(super) fn record(reader: &Reader<'_>, document: &mut Document) -> Result<(), Failure> {
    let mut others = Vec::new();
    document.table("[state]");
    for (net_fn, cmd, write) in QUESTIONS {
        let answer = reader.ask(net_fn, cmd, &[])?;
        if !answer.as_ref().is_ok_and(|data| write(data, document)) {
            others.push((net_fn, cmd, answer));
        }
    }
    for (net_fn, cmd, answer) in others {
        document.answer(BMC, net_fn, cmd, &[], &answer);
    }
    let answer: Answer = reader.ask(NetFn::SENSOR_EVENT, GET_PEF_CAPABILITIES, &[])?;
    document.answer(BMC, NetFn::SENSOR_EVENT, GET_PEF_CAPABILITIES, &[], &answer);
    Ok(())
}

/// Writes an answer as entries of `[state]`; false when it is none that those can say.
type Write = fn(&[u8], &mut Document) -> bool;

const QUESTIONS: [(NetFn, u8, Write); 7] = [
    (NetFn::APP, GET_GLOBAL_ENABLES, global_enables),
    (NetFn::APP, GET_ACPI, acpi),
    (NetFn::APP, GET_WATCHDOG, watchdog),
    (NetFn::CHASSIS, GET_RESTART_CAUSE, restart_cause),
    (NetFn::CHASSIS, GET_POWER_ON_HOURS, power_on_minutes),
    (NetFn::SENSOR_EVENT, GET_EVENT_RECEIVER, event_receiver),
    (NetFn::SENSOR_EVENT, GET_LAST_PROCESSED, last_processed),
];

fn global_enables(data: &[u8], document: &mut Document) -> bool {
    let &[enables] = data else { return false };
    document.entry("global_enables", byte(enables));
    true
}

fn acpi(data: &[u8], document: &mut Document) -> bool {
    let &[system, device] = data else { return false };
    document.entry("acpi", format!("[{}, {}]", byte(system), byte(device)));
    true
}

// Without the system that feeds it, a timer that ran would soon reset the clone.
fn watchdog(data: &[u8], document: &mut Document) -> bool {
    let Some((settings, [_, _])) = data.split_at_checked(6) else { return false };
    if at(data, 0) & RUNNING != 0 {
        document.remark("the watchdog timer ran");
    }
    document.entry("watchdog", hex(settings));
    true
}

fn restart_cause(data: &[u8], document: &mut Document) -> bool {
    let &[cause, 0] = data else { return false };
    if CAUSES.contains(&cause) {
        document.entry("restart_cause", cause);
    }
    CAUSES.contains(&cause)
}

// A simulated BMC counts hours.
fn power_on_minutes(data: &[u8], document: &mut Document) -> bool {
    if data.len() == 5 {
        document.entry("power_on_minutes", u64::from(at(data, 0)) * u64::from(long(data, 1)));
    }
    data.len() == 5 && at(data, 0) == 60
}

fn event_receiver(data: &[u8], document: &mut Document) -> bool {
    let &[address, lun] = data else { return false };
    document.entry("event_receiver", format!("[{}, {lun}]", byte(address)));
    lun < 4
}

fn last_processed(data: &[u8], document: &mut Document) -> bool {
    if data.len() == 10 {
        document.entry("last_processed", format!("[{:#06x}, {:#06x}]", word(data, 6), word(data, 8)));
    }
    data.len() == 10
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(write: Write, data: &[u8]) -> Option<String> {
        let mut document = Document::default();
        write(data, &mut document).then(|| document.text().lines().next().unwrap_or_default().to_owned())
    }

    #[test]
    fn answers_become_entries() {
        assert_eq!(written(global_enables, &[9]).unwrap(), "global_enables = 0x09");
        assert_eq!(written(acpi, &[5, 2]).unwrap(), "acpi = [0x05, 0x02]");
        assert_eq!(written(watchdog, &[4, 1, 2, 3, 0xE8, 3, 0, 0]).unwrap(), "watchdog = \"04010203e803\"");
        assert_eq!(written(watchdog, &[0x44, 1, 2, 3, 0xE8, 3, 0, 0]).unwrap(), "# the watchdog timer ran");
        assert_eq!(written(restart_cause, &[7, 0]).unwrap(), "restart_cause = 7");
        assert_eq!(written(power_on_minutes, &[60, 2, 0, 0, 0]).unwrap(), "power_on_minutes = 120");
        assert_eq!(written(event_receiver, &[0x20, 1]).unwrap(), "event_receiver = [0x20, 1]");
        let last = written(last_processed, &[0, 0, 0, 0, 9, 0, 7, 0, 0xFF, 0xFF]).unwrap();
        assert_eq!(last, "last_processed = [0x0007, 0xffff]");
    }

    #[test]
    fn answers_of_another_form_are_none() {
        for (_, _, write) in QUESTIONS {
            assert!((0..16).filter(|length| written(write, &vec![1; *length]).is_some()).count() <= 1);
        }
        assert!(written(restart_cause, &[2, 0]).is_none() && written(restart_cause, &[7, 1]).is_none());
        assert!(written(power_on_minutes, &[1, 2, 0, 0, 0]).is_none());
    }
}
