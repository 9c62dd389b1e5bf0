//! Event receiver and Platform Event (IPMI 2.0 s29).

use ipmi_core::{CompletionCode, NetFn, Privilege};

use super::{Answer, Call, Row, Scope, Source, row};

/// EvMRev of IPMI 1.0 event messages, stored as [`EVM_REVISION`].
const EVM_REVISION_1_0: u8 = 0x03;
/// EvMRev of IPMI 1.5 and 2.0 event messages.
const EVM_REVISION: u8 = 0x04;

/// Software id of a remote console, the sender of requests over a session.
const REMOTE_CONSOLE: u8 = 0x81;

pub(super) const ROWS: &[Row] = &[
    row(NetFn::SENSOR_EVENT, 0x00, 2..=2, Privilege::Administrator, Scope::Any, set_event_receiver),
    row(NetFn::SENSOR_EVENT, 0x01, 0..=0, Privilege::User, Scope::Any, get_event_receiver),
    row(NetFn::SENSOR_EVENT, 0x02, 5..=8, Privilege::Operator, Scope::Bmc, platform_event),
];

fn set_event_receiver(call: &mut Call<'_>) -> Answer {
    call.controller().event_receiver = (call.byte(0), call.byte(1) & 3);
    Ok(Vec::new())
}

fn get_event_receiver(call: &mut Call<'_>) -> Answer {
    let (address, lun) = call.controller().event_receiver;
    Ok(vec![address, lun])
}

// Over the system interface the generator id comes first; on other channels it is the sender's address (s29.3).
fn platform_event(call: &mut Call<'_>) -> Answer {
    let (generator, message) = match (call.source, call.data) {
        (Source::System, [generator, message @ ..]) => (*generator, message),
        (Source::Session(_) | Source::Outside { .. }, message) => (REMOTE_CONSOLE, message),
        (Source::Ipmb { sender, .. }, message) => (sender, message),
        (Source::System, message) => (call.bmc.main.address, message),
    };
    let &[revision, sensor_type, number, direction, data1, ref more @ ..] = message else {
        return Err(CompletionCode::REQUEST_LENGTH_INVALID);
    };
    if revision != EVM_REVISION && revision != EVM_REVISION_1_0 || more.len() > 2 {
        return Err(CompletionCode::INVALID_DATA_FIELD);
    }
    let optional = |index: usize| more.get(index).copied().unwrap_or(0xFF);
    let generator_high = if call.source == Source::System { 0 } else { call.source.channel() << 4 };
    let source = [generator, generator_high, EVM_REVISION, sensor_type, number, direction];
    call.bmc.log_event(source, [data1, optional(0), optional(1)], call.now);
    Ok(Vec::new())
}

#[cfg(test)]
mod tests {
    use super::super::testing::{NOW, ask, bmc, refuse};
    use crate::bmc::Bmc;
    use crate::config::Options;
    use crate::store::sel::Sel;

    #[test]
    fn a_platform_event_is_logged() {
        let mut bmc = bmc();
        let before = bmc.main.sel.as_ref().unwrap().records().len();
        ask(&mut bmc, 4, 0x02, &[0x41, 0x04, 0x01, 0x30, 0x01, 0x57, 0x60, 0x50]);
        let records = bmc.main.sel.as_ref().unwrap().records();
        assert_eq!(records.len(), before + 1);
        assert_eq!(records[before][7..], [0x41, 0, 4, 1, 0x30, 1, 0x57, 0x60, 0x50]);
        assert_eq!(refuse(&mut bmc, 4, 0x02, &[0x41, 0x09, 1, 0x30, 1, 0x57]), 0xCC);
        assert_eq!(refuse(&mut bmc, 4, 0x02, &[0x41, 0x04, 1, 0x30, 1]), 0xC7);
    }

    #[test]
    fn the_event_receiver_is_kept() {
        let mut bmc = bmc();
        assert_eq!(ask(&mut bmc, 4, 0x01, &[]), [0x20, 0]);
        ask(&mut bmc, 4, 0x00, &[0xFF, 0]);
        assert_eq!(ask(&mut bmc, 4, 0x01, &[]), [0xFF, 0]);
    }

    #[test]
    fn events_go_to_the_event_receiver() {
        let mut bmc = Bmc::builtin(&Options { seed: 1, freeze: true }, NOW);
        bmc.satellites.get_mut(&0x2C).unwrap().sel = Some(Sel::new(8, 0x0F));
        let mut raise_and_fall = |receiver: u8| {
            let before = bmc.main.sel.as_ref().unwrap().records().len();
            ask(&mut bmc, 4, 0x00, &[receiver, 0]);
            ask(&mut bmc, 4, 0x30, &[0x03, 0x01, 99]);
            ask(&mut bmc, 4, 0x30, &[0x03, 0x01, 40]);
            let own = bmc.main.sel.as_ref().unwrap().records().len() - before;
            (own, bmc.satellites[&0x2C].sel.as_ref().unwrap().records().to_vec())
        };
        assert_eq!(raise_and_fall(0xFF), (0, vec![]));
        assert_eq!(raise_and_fall(0x72), (0, vec![]));
        let (own, others) = raise_and_fall(0x2C);
        assert_eq!((own, others.len()), (0, 6));
        assert_eq!(others[0][7..13], [0x20, 0, 4, 1, 3, 1]);
        assert_eq!(raise_and_fall(0x20).0, 6);
    }
}
