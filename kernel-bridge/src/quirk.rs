//! Deviations of real BMCs that can be borne, by the names FreeIPMI gave them: the one table of them.
//!
//! A quirk of a session over LAN is applied when its symptom shows, unless that would let somebody else pose as the
//! BMC, and remembered for the BMC; `--quirk NAME` applies any of them from the start.

mod leniency;
mod table;

use ipmi_core::link::console::Quirks;

pub use leniency::Leniency;
pub use table::QUIRKS;

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
    /// When that is done.
    pub applied: Applied,
    act: Act,
}

/// When a quirk is applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Applied {
    /// When it shows, unless quirks are not to be looked for.
    Shown,
    /// When it is asked for by name: it does not show, or bearing it would let somebody else pose as the BMC.
    Named,
    /// For every BMC.
    Always,
}

impl Applied {
    /// In words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Shown => "when it shows",
            Self::Named => "when named",
            Self::Always => "always",
        }
    }
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
    /// In requests and answers.
    Lenient(Leniency),
    /// For every BMC, without being asked for.
    Always,
}

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

/// What was done about a deviation whatever the way to the BMC.
pub(crate) fn lenient_remark(quirk: Leniency) -> Option<String> {
    QUIRKS.iter().find(|row| matches!(row.act, Act::Lenient(acting) if acting == quirk)).map(Quirk::remark)
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
}
