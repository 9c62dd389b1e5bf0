//! Deviations of real BMCs that sessions over LAN bear, by the names FreeIPMI gave them.
//!
//! A quirk is applied when its symptom shows, and remembered for the BMC; `--quirk NAME` applies it from the start.
//! Deviations that need no naming are not here: readers always go on after bad FRU checksums, take a GUID in either
//! byte order, and never ask software owners.

use ipmi_core::link::console::Quirks;

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

#[derive(Debug, Clone, Copy)]
enum Act {
    /// In the log-in or the session.
    Link(Quirks),
    /// In the number of requests under way.
    OneAtATime,
    /// In Serial over LAN.
    Sol(SolQuirks),
}

/// Every quirk, by name.
pub const QUIRKS: &[Quirk] = &[
    Quirk {
        name: "authcap",
        symptom: "the BMC says that it has no such users, authentication types, key or version",
        effect: "what Get Channel Authentication Capabilities says is not believed",
        seen_on: "Asus P5M2, RS162; Intel SR1520ML, X38ML; Sun Fire 2200, 4150, 4450",
        act: Act::Link(Quirks::AUTHCAP),
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
        name: "idzero",
        symptom: "the session id of an IPMI 1.5 session is zero",
        effect: "session id zero is accepted",
        seen_on: "Tyan S2882",
        act: Act::Link(Quirks::IDZERO),
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
        }
    }
    Ok(forced)
}

/// What was done about these deviations, a line each.
pub(crate) fn remarks(quirks: Quirks, one_at_a_time: bool) -> Vec<String> {
    let applied = |quirk: &&Quirk| match quirk.act {
        Act::Link(acting) => quirks.contains(acting),
        Act::OneAtATime => one_at_a_time,
        Act::Sol(_) => false,
    };
    QUIRKS.iter().filter(applied).map(Quirk::remark).collect()
}

/// What was done about a deviation of Serial over LAN.
pub(crate) fn sol_remark(quirk: SolQuirks) -> Option<String> {
    QUIRKS.iter().find(|row| matches!(row.act, Act::Sol(acting) if acting == quirk)).map(Quirk::remark)
}

impl Quirk {
    fn remark(&self) -> String {
        format!("quirk {}: {}", self.name, self.effect)
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
            if let Act::Link(quirks) = quirk.act {
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
        assert!(remarks[0].starts_with("quirk oneatatime:") && remarks[1].starts_with("quirk sun20:"), "{remarks:?}");
    }

    #[test]
    fn names_are_looked_up() {
        let names = |names: &[&str]| forced(&names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>());
        assert_eq!(names(&[]), Ok(Forced::default()));
        let expected = Forced { link: Quirks::INTEL20, one_at_a_time: true, sol: SolQuirks::PORT };
        assert_eq!(names(&["Intel20", "oneatatime", "solport"]), Ok(expected));
        let error = names(&["spinpoll"]).unwrap_err();
        assert!(error.contains("spinpoll") && error.contains("authcap"), "{error}");
    }
}
