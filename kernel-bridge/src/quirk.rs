//! Deviations of real BMCs that can be borne, by the names FreeIPMI gave them: the one table of them.
//!
//! A quirk of a session over LAN is applied when its symptom shows, unless that would let somebody else pose as the BMC,
//! and remembered for the BMC; `--quirk NAME` applies any of them from the start.

use std::time::Duration;

use ipmi_core::command::sensor::GetSensorReading;
use ipmi_core::link::console::Quirks;
use ipmi_core::{Command, NetFn, Request, Response, Target};

/// A deviation and what is done about it.
#[derive(Debug, Clone, Copy)]
pub struct Quirk {
    /// Name.
    pub name: &'static str,
    /// How it shows.
    pub symptom: &'static str,
    /// What is done otherwise.
    pub effect: &'static str,
    /// Where it was seen.
    pub seen_on: &'static str,
    act: Act,
}

bitflags::bitflags! {
    /// Deviations that concern Serial over LAN.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
    pub(crate) struct SolQuirks: u8 {
        /// Payload sizes make no sense.
        const PAYLOAD_SIZE = 1 << 0;
        /// The port makes no sense.
        const PORT = 1 << 1;
        /// Activation wants serial alerts deferred.
        const ALERTS_DEFERRED = 1 << 2;
    }
}

bitflags::bitflags! {
    /// What is done otherwise with requests and answers, whatever the way to the BMC.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
    pub struct Leniency: u16 {
        /// Sensors of other controllers are asked of the BMC.
        const ASSUME_BMC_OWNER = 1 << 0;
        /// The bit "scanning disabled" of a reading means nothing.
        const IGNORE_SCANNING_DISABLED = 1 << 1;
        /// The reading of a discrete sensor with units is a number.
        const DISCRETE_READING = 1 << 2;
        /// No more records are read than the repository says it has.
        const SDR_RECORD_COUNT = 1 << 3;
        /// GUIDs are shown in the order of their bytes.
        const GUID_FORMAT = 1 << 4;
        /// A short pause between commands that change something.
        const SLOW_COMMIT = 1 << 5;
        /// A long one.
        const VERY_SLOW_COMMIT = 1 << 6;
        /// KCS status registers are read without pauses.
        const SPIN_POLL = 1 << 7;
        /// KCS registers that the firmware describes as memory are I/O ports.
        const ASSUME_IO = 1 << 8;
    }
}

impl Leniency {
    /// Where a request goes that was meant for `target`; the controller that the user named, `named`, stays.
    pub(crate) fn target(self, target: Target, named: Target, request: &Request) -> Target {
        let of_sensor = request.net_fn == NetFn::SENSOR_EVENT && target != named;
        match target {
            Target::Ipmb { .. } if of_sensor && self.contains(Self::ASSUME_BMC_OWNER) => Target::Bmc,
            target => target,
        }
    }

    /// True when answers to `request` are changed by [`amend`](Self::amend).
    pub(crate) fn amends(self, request: &Request) -> bool {
        let reading = request.net_fn == NetFn::SENSOR_EVENT && request.cmd == GetSensorReading::CMD;
        reading && self.contains(Self::IGNORE_SCANNING_DISABLED)
    }

    /// The answer as it should have been.
    pub(crate) fn amend(mut response: Response) -> Response {
        if let Some(flags) = response.data.get_mut(1) {
            *flags |= SCANNING;
        }
        response
    }

    /// How long after a command that changed something the next one may follow.
    pub(crate) fn pause(self) -> Duration {
        if self.contains(Self::VERY_SLOW_COMMIT) {
            Duration::from_secs(1)
        } else if self.contains(Self::SLOW_COMMIT) {
            Duration::from_millis(100)
        } else {
            Duration::ZERO
        }
    }
}

/// Get Sensor Reading: the sensor is scanned.
const SCANNING: u8 = 0x40;

#[derive(Debug, Clone, Copy)]
enum Act {
    /// In the log-in or the session.
    Link(Quirks),
    /// In the number of requests under way.
    OneAtATime,
    /// In Serial over LAN.
    Sol(SolQuirks),
    /// In requests and answers.
    Lenient(Leniency),
    /// For every BMC, without being asked for.
    Always,
}

/// Every quirk, by name.
pub const QUIRKS: &[Quirk] = &[
    Quirk {
        name: "assumebmcowner",
        symptom: "sensors of other controllers are refused or stay silent, as their owner in the records is wrong",
        effect: "they are asked of the BMC",
        seen_on: "Fujitsu RX300",
        act: Act::Lenient(Leniency::ASSUME_BMC_OWNER),
    },
    Quirk {
        name: "assumeio",
        symptom: "the firmware describes the KCS registers as memory although they are I/O ports",
        effect: "they are taken for I/O ports",
        seen_on: "HP DL145 G1",
        act: Act::Lenient(Leniency::ASSUME_IO),
    },
    Quirk {
        name: "assumemaxsdrrecordcount",
        symptom: "the records of the repository never end",
        effect: "no more are read than the repository says it has",
        seen_on: "Inspur",
        act: Act::Lenient(Leniency::SDR_RECORD_COUNT),
    },
    Quirk {
        name: "authcap",
        symptom: "the BMC says that it has no such users, authentication types, key or version",
        effect: "what Get Channel Authentication Capabilities says is not believed",
        seen_on: "Asus P5M2, RS162; Intel SR1520ML, X38ML; Sun Fire 2200, 4150, 4450",
        act: Act::Link(Quirks::AUTHCAP),
    },
    Quirk {
        name: "discretereading",
        symptom: "a sensor with an analog reading has a discrete event type",
        effect: "its reading is shown as a number",
        seen_on: "HP DL380 G7, ML310 G5",
        act: Act::Lenient(Leniency::DISCRETE_READING),
    },
    Quirk {
        name: "endianseq",
        symptom: "no usable answers after an IPMI 1.5 log-in",
        effect: "sequence numbers of IPMI 1.5 most significant byte first",
        seen_on: "Sun ILOM 1, 2",
        act: Act::Link(Quirks::ENDIANSEQ),
    },
    Quirk {
        name: "forcepermsg",
        symptom: "no answers after an IPMI 1.5 log-in without authentication per message",
        effect: "every message is authenticated",
        seen_on: "IBM x325",
        act: Act::Link(Quirks::FORCEPERMSG),
    },
    Quirk {
        name: "guidformat",
        symptom: "the parts of the GUID come in another order than the specification says",
        effect: "it is shown in the order of its bytes",
        seen_on: "",
        act: Act::Lenient(Leniency::GUID_FORMAT),
    },
    Quirk {
        name: "idzero",
        symptom: "the session id of an IPMI 1.5 session is zero",
        effect: "session id zero is accepted",
        seen_on: "Tyan S2882",
        act: Act::Link(Quirks::IDZERO),
    },
    Quirk {
        name: "ignoreauthcode",
        symptom: "authentication codes of IPMI 1.5 answers to sensor readings are wrong",
        effect: "no codes of answers are verified, as with noauthcodecheck",
        seen_on: "Inventec 5441, 5442",
        act: Act::Link(Quirks::NOAUTHCODECHECK),
    },
    Quirk {
        name: "ignorescanningdisabled",
        symptom: "sensors say that they are not scanned although they are",
        effect: "that bit is ignored",
        seen_on: "Dell PowerEdge 2900, 2950, R410, R610; HP rx3600",
        act: Act::Lenient(Leniency::IGNORE_SCANNING_DISABLED),
    },
    Quirk {
        name: "integritycheckvalue",
        symptom: "RAKP message 4 of cipher suite 0 carries a check value",
        effect: "the value is ignored",
        seen_on: "Supermicro X8DT; Intel S5500WBV, S2600JF",
        act: Act::Link(Quirks::INTEGRITYCHECKVALUE),
    },
    Quirk {
        name: "intel20",
        symptom: "the user is unknown, or the codes of the RMCP+ log-in do not match",
        effect: "user names padded, passwords cut to 16 bytes with HMAC-MD5, check value by the integrity algorithm",
        seen_on: "Intel SE7520AF2",
        act: Act::Link(Quirks::INTEL20),
    },
    Quirk {
        name: "noauthcodecheck",
        symptom: "authentication codes of IPMI 1.5 answers are wrong",
        effect: "they are not verified",
        seen_on: "Xyratex; Intel and Wiwynn Windmill; Quanta Winterfell",
        act: Act::Link(Quirks::NOAUTHCODECHECK),
    },
    Quirk {
        name: "nochecksumcheck",
        symptom: "checksums of answers are wrong",
        effect: "they are not compared",
        seen_on: "Supermicro X9SCM-iiF, X9DRi-F, X9DRFR",
        act: Act::Link(Quirks::NOCHECKSUMCHECK),
    },
    Quirk {
        name: "oneatatime",
        symptom: "of several requests sent together only the first is answered",
        effect: "one request at a time",
        seen_on: "BMCs without a request queue",
        act: Act::OneAtATime,
    },
    Quirk {
        name: "opensesspriv",
        symptom: "the codes of the RMCP+ log-in are made with the level of the Open Session Request",
        effect: "both messages name the same level, which every log-in does",
        seen_on: "Sun; Inventec and Dell Xanadu; Supermicro X8DTH; Intel S5500WBV, S2600JF; Quanta; Dell C5220",
        act: Act::Link(Quirks::OPENSESSPRIV),
    },
    Quirk {
        name: "serialalertsdeferred",
        symptom: "Activate Payload is refused as invalid",
        effect: "serial alerts are deferred during Serial over LAN instead of reported as sent",
        seen_on: "Intel and Asus boards with shared serial ports",
        act: Act::Sol(SolQuirks::ALERTS_DEFERRED),
    },
    Quirk {
        name: "skipchecks",
        symptom: "FRU checksums, offsets or format versions are wrong",
        effect: "what can be read is shown with a remark, for every BMC",
        seen_on: "many",
        act: Act::Always,
    },
    Quirk {
        name: "slowcommit",
        symptom: "settings written one after the other get lost",
        effect: "a pause of 100 ms between commands that change something",
        seen_on: "",
        act: Act::Lenient(Leniency::SLOW_COMMIT),
    },
    Quirk {
        name: "solpacketseq",
        symptom: "packet numbers of Serial over LAN are wrong",
        effect: "what is not the expected packet is neither shown nor an error, for every BMC",
        seen_on: "",
        act: Act::Always,
    },
    Quirk {
        name: "solpayloadsize",
        symptom: "payload sizes of Serial over LAN are byte-swapped or make no sense",
        effect: "they are swapped, or a small size is used",
        seen_on: "Asus P5M2; Intel S5000PAL; Supermicro X8DTG, X8DTU",
        act: Act::Sol(SolQuirks::PAYLOAD_SIZE),
    },
    Quirk {
        name: "solport",
        symptom: "the port of Serial over LAN is byte-swapped, zero, or nobody listens there",
        effect: "Serial over LAN goes over the port of the session",
        seen_on: "Asus P5MT-R; Supermicro X8DTG, X8DTU",
        act: Act::Sol(SolQuirks::PORT),
    },
    Quirk {
        name: "solstatus",
        symptom: "status bits of Serial over LAN make no sense",
        effect: "bits that mean nothing here are ignored, for every BMC",
        seen_on: "",
        act: Act::Always,
    },
    Quirk {
        name: "spinpoll",
        symptom: "KCS transfers are slow",
        effect: "status registers are read without pauses, which costs processor time",
        seen_on: "",
        act: Act::Lenient(Leniency::SPIN_POLL),
    },
    Quirk {
        name: "sun20",
        symptom: "codes of the RMCP+ log-in have a wrong length, cipher suite records are malformed",
        effect: "both are accepted",
        seen_on: "Sun Fire 4100, 4200, 4500",
        act: Act::Link(Quirks::SUN20),
    },
    Quirk {
        name: "supermicro20",
        symptom: "codes of the RMCP+ log-in have a wrong length",
        effect: "the wrong length is accepted",
        seen_on: "Supermicro H8QME",
        act: Act::Link(Quirks::SUPERMICRO20),
    },
    Quirk {
        name: "unexpectedauth",
        symptom: "answers are authenticated although authentication per message is off",
        effect: "they are accepted",
        seen_on: "Dell PowerEdge 2850, SC1425",
        act: Act::Link(Quirks::UNEXPECTEDAUTH),
    },
    Quirk {
        name: "veryslowcommit",
        symptom: "as slowcommit",
        effect: "a pause of 1 s between commands that change something",
        seen_on: "",
        act: Act::Lenient(Leniency::VERY_SLOW_COMMIT),
    },
];

/// What was asked for by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Forced {
    /// In the log-in and the session.
    pub(crate) link: Quirks,
    /// One request at a time.
    pub(crate) one_at_a_time: bool,
    /// In Serial over LAN.
    pub(crate) sol: SolQuirks,
    /// In requests and answers.
    pub(crate) lenient: Leniency,
}

/// Checks names.
///
/// # Errors
/// An unknown name, with all that are known.
pub fn check(names: &[String]) -> Result<(), String> {
    forced(names).map(drop)
}

/// Looks names up.
///
/// # Errors
/// An unknown name, with all that are known.
pub(crate) fn forced(names: &[String]) -> Result<Forced, String> {
    let mut forced = Forced::default();
    for name in names {
        let Some(quirk) = QUIRKS.iter().find(|quirk| quirk.name.eq_ignore_ascii_case(name)) else {
            let known: Vec<_> = QUIRKS.iter().map(|quirk| quirk.name).collect();
            return Err(format!("unknown quirk {name:?}; known are {}", known.join(", ")));
        };
        match quirk.act {
            Act::Link(quirks) => forced.link |= quirks,
            Act::OneAtATime => forced.one_at_a_time = true,
            Act::Sol(quirks) => forced.sol |= quirks,
            Act::Lenient(leniency) => forced.lenient |= leniency,
            Act::Always => {}
        }
    }
    Ok(forced)
}

/// What was done about these deviations, a line each.
pub(crate) fn remarks(quirks: Quirks, one_at_a_time: bool) -> Vec<String> {
    let applied = |quirk: &&Quirk| match quirk.act {
        Act::Link(acting) => quirks.contains(acting) && Quirks::named(quirk.name) == Some(acting),
        Act::OneAtATime => one_at_a_time,
        Act::Sol(_) | Act::Lenient(_) | Act::Always => false,
    };
    QUIRKS.iter().filter(applied).map(Quirk::remark).collect()
}

/// What was done about a deviation of Serial over LAN.
pub(crate) fn sol_remark(quirk: SolQuirks) -> Option<String> {
    QUIRKS.iter().find(|row| matches!(row.act, Act::Sol(acting) if acting == quirk)).map(Quirk::remark)
}

impl Quirk {
    fn remark(&self) -> String {
        format!("quirk {} ({}): {}", self.name, self.symptom, self.effect)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_order_and_has_every_quirk_of_the_link() {
        assert!(QUIRKS.windows(2).all(|pair| pair[0].name < pair[1].name));
        let mut all = Quirks::empty();
        for quirk in QUIRKS {
            if let (Act::Link(quirks), true) = (quirk.act, quirk.name != "ignoreauthcode") {
                assert_eq!(Quirks::named(quirk.name), Some(quirks));
                all |= quirks;
            }
        }
        assert_eq!(all, Quirks::all());
    }

    #[test]
    fn remarks_name_what_was_applied() {
        assert_eq!(remarks(Quirks::empty(), false), [""; 0]);
        let remarks = remarks(Quirks::SUN20, true);
        assert_eq!(remarks.len(), 2);
        assert!(remarks[0].starts_with("quirk oneatatime ") && remarks[1].starts_with("quirk sun20 "), "{remarks:?}");
    }

    #[test]
    fn names_are_looked_up() {
        let names = |names: &[&str]| forced(&names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>());
        assert_eq!(names(&[]), Ok(Forced::default()));
        let expected =
            Forced { link: Quirks::INTEL20, one_at_a_time: true, sol: SolQuirks::PORT, lenient: Leniency::empty() };
        assert_eq!(names(&["Intel20", "oneatatime", "solport"]), Ok(expected));
        let error = names(&["spinpol"]).unwrap_err();
        assert!(error.contains("spinpol") && error.contains("authcap"), "{error}");
    }

    #[test]
    fn every_workaround_of_freeipmi_is_known() {
        let known = "assumeio spinpoll authcap nochecksumcheck idzero unexpectedauth forcepermsg endianseq \
                     noauthcodecheck intel20 supermicro20 sun20 opensesspriv integritycheckvalue \
                     assumemaxsdrrecordcount discretereading ignorescanningdisabled assumebmcowner ignoreauthcode \
                     skipchecks guidformat slowcommit veryslowcommit solpayloadsize solport solstatus solpacketseq \
                     serialalertsdeferred";
        for name in known.split_whitespace() {
            assert!(QUIRKS.iter().any(|quirk| quirk.name == name), "{name}");
        }
    }

    #[test]
    fn sensors_of_others_are_asked_of_the_bmc() {
        let all = Leniency::all();
        let satellite = Target::of_controller(ipmi_core::SlaveAddress(0x2C), ipmi_core::ChannelNumber::PRIMARY_IPMB);
        let reading = Request::new(NetFn::SENSOR_EVENT, 0x2D, [1]);
        assert_eq!(all.target(satellite, Target::Bmc, &reading), Target::Bmc);
        assert_eq!(all.target(satellite, satellite, &reading), satellite);
        assert_eq!(all.target(satellite, Target::Bmc, &Request::new(NetFn::STORAGE, 0x11, [0])), satellite);
        assert_eq!(all.target(Target::Software, Target::Bmc, &reading), Target::Software);
        assert_eq!(Leniency::empty().target(satellite, Target::Bmc, &reading), satellite);
    }

    #[test]
    fn readings_are_scanned_when_told_so() {
        let reading = Request::new(NetFn::SENSOR_EVENT, 0x2D, [1]);
        assert!(Leniency::IGNORE_SCANNING_DISABLED.amends(&reading) && !Leniency::DISCRETE_READING.amends(&reading));
        assert_eq!(Leniency::amend(Response::ok([7, 0x80, 1])), Response::ok([7, 0xC0, 1]));
        assert_eq!(Leniency::amend(Response::ok([7])), Response::ok([7]));
    }
}
