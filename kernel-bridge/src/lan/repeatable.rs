//! Which commands may be carried out twice without harm, so that one that may be lost is sent again at once.

use ipmi_core::{NetFn, Request};

/// Network function of the group extension, body DCMI.
const DCMI: u8 = 0xDC;

/// Commands that only read, by network function. Those that take something away (Get Message, Read Event Message
/// Buffer) or make something new (the reservations) are not here.
const READING: &[(NetFn, &[u8])] = &[
    (NetFn::CHASSIS, &[0x00, 0x01, 0x07, 0x09, 0x0F]),
    (NetFn::SENSOR_EVENT, &[0x01, 0x0B, 0x0F, 0x11, 0x13, 0x20, 0x21, 0x23, 0x25, 0x27, 0x29, 0x2B, 0x2D, 0x2F]),
    (
        NetFn::APP,
        &[
            0x01, 0x04, 0x07, 0x08, 0x25, 0x2F, 0x31, 0x36, 0x37, 0x38, 0x3D, 0x3F, 0x41, 0x42, 0x44, 0x46, 0x4A, 0x4B,
            0x4D, 0x4E, 0x4F, 0x54, 0x59,
        ],
    ),
    (NetFn::STORAGE, &[0x10, 0x11, 0x20, 0x21, 0x23, 0x28, 0x40, 0x41, 0x43, 0x45, 0x48, 0x5A]),
    (NetFn::TRANSPORT, &[0x02, 0x11, 0x22]),
];

/// Commands of DCMI that only read.
const READING_DCMI: &[u8] = &[0x01, 0x02, 0x03, 0x06, 0x07, 0x09, 0x10, 0x13];

/// True when sending `request` twice does what sending it once does.
pub(crate) fn is_repeatable(request: &Request) -> bool {
    if request.net_fn == NetFn::GROUP_EXTENSION {
        return request.data.first() == Some(&DCMI) && READING_DCMI.contains(&request.cmd);
    }
    READING.iter().any(|(net_fn, cmds)| *net_fn == request.net_fn && cmds.contains(&request.cmd))
}

/// Commands that make a reservation: Reserve Device SDR, Reserve SDR Repository, Reserve SEL.
const RESERVING: &[(NetFn, u8)] = &[(NetFn::SENSOR_EVENT, 0x22), (NetFn::STORAGE, 0x22), (NetFn::STORAGE, 0x42)];

/// True when `request` may be sent in a new session although the BMC may have carried it out in the one that was lost.
/// A reservation nobody heard of does no harm; sent twice in one session, the answer to the first could be taken for
/// the one that counts.
pub(crate) fn may_be_revived(request: &Request) -> bool {
    is_repeatable(request) || RESERVING.contains(&(request.net_fn, request.cmd))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_reads_is_and_what_acts_is_not() {
        let repeatable = |net_fn, cmd, data: &[u8]| is_repeatable(&Request::new(net_fn, cmd, data));
        assert!(repeatable(NetFn::STORAGE, 0x23, &[0; 6]));
        assert!(repeatable(NetFn::GROUP_EXTENSION, 0x02, &[0xDC]));
        assert!(!repeatable(NetFn::GROUP_EXTENSION, 0x02, &[0x00]));
        // Chassis Control, reservations, Get Message, Clear SEL, Add SEL Entry.
        for (net_fn, cmd) in [
            (NetFn::CHASSIS, 0x02),
            (NetFn::STORAGE, 0x22),
            (NetFn::STORAGE, 0x42),
            (NetFn::APP, 0x33),
            (NetFn::STORAGE, 0x47),
            (NetFn::STORAGE, 0x44),
        ] {
            assert!(!repeatable(net_fn, cmd, &[]), "{net_fn} {cmd:02X}");
        }
        for (net_fn, cmd, revived) in [
            (NetFn::STORAGE, 0x22, true),
            (NetFn::STORAGE, 0x42, true),
            (NetFn::SENSOR_EVENT, 0x22, true),
            (NetFn::STORAGE, 0x23, true),
            (NetFn::STORAGE, 0x47, false),
            (NetFn::CHASSIS, 0x02, false),
        ] {
            assert_eq!(may_be_revived(&Request::new(net_fn, cmd, [])), revived, "{net_fn} {cmd:02X}");
        }
        assert!(READING.iter().all(|(_, cmds)| cmds.windows(2).all(|pair| pair[0] < pair[1])));
    }
}
