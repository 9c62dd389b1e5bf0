//! Configuration parameters of every family: LAN, SOL, serial, PEF, boot options, system info (IPMI 2.0 s22.14, s23.1,
//! s25.1, s26.2, s28.13, s30.4).
//!
//! A value that a simulated BMC can have is written as `[[parameter]]`, a refusal of a parameter likewise; whatever
//! else a BMC says is recorded as it is.

use ipmi_core::NetFn;

use super::document::{Document, byte, hex};
use super::identity::INVALID_COMMAND;
use super::reader::{Answer, BMC, Reader, at};
use crate::Failure;

/// Where the set selectors of a parameter end.
#[derive(Debug, Clone, Copy)]
enum Sets {
    /// The parameter has none.
    None,
    /// From the first to the last.
    Range(u8, u8),
    /// From the first to the value of another parameter.
    Counted(u8, u8),
    /// As many as the text whose length stands in the first one needs.
    Text,
}

/// A parameter as a simulated BMC has it.
#[derive(Debug, Clone, Copy)]
struct Parameter {
    number: u8,
    /// Fewest and most bytes.
    length: (usize, usize),
    sets: Sets,
    /// First and last block selector.
    blocks: Option<(u8, u8)>,
    /// What nobody has set there is zero.
    zero: bool,
}

const fn plain(number: u8, length: usize) -> Parameter {
    Parameter { number, length: (length, length), sets: Sets::None, blocks: None, zero: false }
}

impl Parameter {
    const fn sets(self, sets: Sets) -> Self {
        Self { sets, zero: true, ..self }
    }

    const fn blocks(self, first: u8, last: u8) -> Self {
        Self { blocks: Some((first, last)), ..self }
    }

    const fn at_most(self, length: usize) -> Self {
        Self { length: (self.length.0, length), ..self }
    }

    /// What nobody has set is something else.
    const fn not_zero(self) -> Self {
        Self { zero: false, ..self }
    }
}

/// A family of parameters.
#[derive(Debug)]
pub(super) struct Family {
    /// Its name in `[[parameter]]`.
    name: &'static str,
    net_fn: NetFn,
    cmd: u8,
    parameters: &'static [Parameter],
}

const LAN_DESTINATIONS: Sets = Sets::Counted(0, 17);
const V6: Sets = Sets::Range(0, 3);

pub(super) const LAN: Family = Family {
    name: "lan",
    net_fn: NetFn::TRANSPORT,
    cmd: 0x02,
    parameters: &[
        plain(1, 1),
        plain(2, 5),
        plain(4, 1),
        plain(7, 3),
        plain(8, 2),
        plain(9, 2),
        plain(10, 1),
        plain(11, 1),
        plain(13, 6),
        plain(14, 4),
        plain(15, 6),
        plain(16, 18),
        plain(17, 1),
        plain(18, 3).sets(LAN_DESTINATIONS),
        plain(19, 12).at_most(17).sets(LAN_DESTINATIONS),
        plain(20, 2),
        plain(21, 1),
        plain(22, 1),
        plain(23, 1).at_most(17),
        plain(24, 9),
        plain(25, 3).sets(LAN_DESTINATIONS),
        plain(26, 6),
        plain(50, 1),
        plain(51, 1),
        plain(52, 1),
        plain(53, 1),
        plain(54, 3),
        plain(55, 3),
        plain(56, 19).sets(V6).not_zero(),
        plain(57, 1),
        plain(58, 16).sets(V6).blocks(0, 1),
        plain(59, 19).sets(V6).not_zero(),
        plain(60, 1),
        plain(61, 16).sets(V6).blocks(0, 1),
        plain(62, 1),
        plain(63, 16).sets(Sets::Range(0, 0)).blocks(0, 1),
        plain(64, 1),
        plain(65, 16),
        plain(66, 6),
        plain(67, 1),
        plain(68, 16),
        plain(69, 16),
        plain(70, 6),
        plain(71, 1),
        plain(72, 16),
        plain(73, 1),
        plain(74, 16).sets(Sets::Range(0, 0)),
        plain(75, 6).sets(Sets::Range(0, 0)),
        plain(76, 1).sets(Sets::Range(0, 0)),
        plain(77, 16).sets(Sets::Range(0, 0)),
        plain(78, 1),
        plain(79, 1),
        plain(80, 16).sets(Sets::Range(0, 0)).blocks(0, 0),
    ],
};

/// Channel and port, 7 and 8, are where a simulated BMC listens.
pub(super) const SOL: Family = Family {
    name: "sol",
    net_fn: NetFn::TRANSPORT,
    cmd: 0x22,
    parameters: &[plain(1, 1), plain(2, 1), plain(3, 2), plain(4, 2), plain(5, 1), plain(6, 1)],
};

pub(super) const SERIAL: Family = Family {
    name: "serial",
    net_fn: NetFn::TRANSPORT,
    cmd: 0x11,
    parameters: &[
        plain(1, 1),
        plain(2, 5),
        plain(3, 1),
        plain(4, 1),
        plain(5, 5),
        plain(6, 1),
        plain(7, 2),
        plain(8, 2),
        plain(9, 2),
        plain(14, 1),
        plain(15, 18),
        plain(16, 1),
        plain(18, 1),
        plain(20, 1),
        plain(22, 1),
        plain(29, 2),
    ],
};

pub(super) const PEF: Family = Family {
    name: "pef",
    net_fn: NetFn::SENSOR_EVENT,
    cmd: 0x13,
    parameters: &[
        plain(1, 1),
        plain(2, 1),
        plain(3, 1),
        plain(4, 1),
        plain(5, 1),
        plain(6, 20).sets(Sets::Counted(1, 5)),
        plain(8, 1),
        plain(9, 3).sets(Sets::Counted(1, 8)),
        plain(10, 17),
        plain(11, 1),
        plain(12, 2).sets(Sets::Counted(0, 11)),
        plain(13, 16).sets(Sets::Counted(0, 11)).blocks(1, 4),
        plain(14, 1),
    ],
};

pub(super) const BOOT: Family = Family {
    name: "boot",
    net_fn: NetFn::CHASSIS,
    cmd: 0x09,
    parameters: &[
        plain(1, 1),
        plain(2, 1),
        plain(3, 1),
        plain(4, 2),
        plain(5, 5),
        plain(6, 9),
        plain(7, 16).sets(Sets::Range(0, 4)),
    ],
};

pub(super) const SYSTEM_INFO: Family = Family {
    name: "system-info",
    net_fn: NetFn::APP,
    cmd: 0x59,
    parameters: &[
        plain(1, 16).sets(Sets::Text),
        plain(2, 16).sets(Sets::Text),
        plain(3, 16).sets(Sets::Text),
        plain(4, 16).sets(Sets::Text),
        plain(5, 16).sets(Sets::Text),
        plain(6, 16).sets(Sets::Text),
        plain(7, 16).sets(Sets::Text),
    ],
};

/// The set-in-progress lock of every family.
const SET_IN_PROGRESS: u8 = 0;
/// Most sets a simulated BMC has of what another parameter counts.
const MOST_SETS: u8 = 16;
/// Most sets of a text.
const TEXT_SETS: u8 = 15;
/// Boot options: the parameter is marked invalid.
const INVALID: u8 = 0x80;

impl Family {
    /// The request data for a parameter; those of a channel, and system info, have a byte in front.
    fn request(&self, channel: u8, number: u8, set: u8, block: u8) -> Vec<u8> {
        match self.name {
            "pef" | "boot" => vec![number, set, block],
            "system-info" => vec![0, number, set, block],
            _ => vec![channel, number, set, block],
        }
    }

    /// Selectors that are asked for before those that depend on another answer.
    fn sets(parameter: &Parameter, counts: &[(u8, u8)]) -> Vec<(u8, u8)> {
        let (first, last) = match parameter.sets {
            Sets::None | Sets::Text => (0, 0),
            Sets::Range(first, last) => (first, last),
            Sets::Counted(first, by) => {
                let count = counts.iter().find(|(number, _)| *number == by).map_or(0, |(_, count)| count & 0x7F);
                (first, count.min(MOST_SETS))
            }
        };
        let (from, to) = parameter.blocks.unwrap_or((0, 0));
        (first..=last).flat_map(|set| (from..=to).map(move |block| (set, block))).collect()
    }

    /// The value in an answer, without what stands before it; `None` for an answer of another form.
    fn value<'a>(&self, parameter: &Parameter, (set, block): (u8, u8), data: &'a [u8]) -> Option<&'a [u8]> {
        let mut header = vec![];
        if self.name == "boot" {
            header.push(parameter.number);
        }
        header.extend((!matches!(parameter.sets, Sets::None)).then_some(set));
        header.extend(parameter.blocks.map(|_| block));
        let (found, value) = data.get(1..)?.split_at_checked(header.len())?;
        let fits = |(index, (found, expected)): (usize, (&u8, &u8))| {
            let mask = if self.name == "boot" && index == 0 { !INVALID } else { 0xFF };
            found & mask == *expected
        };
        let known = found.iter().zip(&header).enumerate().all(fits);
        let (fewest, most) = parameter.length;
        (known && (fewest..=most).contains(&value.len())).then_some(value)
    }
}

/// Writes a family of the BMC; `channel` counts where a channel has it.
pub(super) fn record(
    reader: &Reader<'_>,
    family: &Family,
    channel: u8,
    document: &mut Document,
) -> Result<(), Failure> {
    let &Family { net_fn, cmd, .. } = family;
    let lock = reader.ask(net_fn, cmd, &family.request(channel, SET_IN_PROGRESS, 0, 0))?;
    if lock == Err(INVALID_COMMAND) {
        document.answer(BMC, net_fn, cmd, &[], &lock);
        return Ok(());
    }
    if let Err(code) = lock {
        let table = document.table("[[parameter]]").entry("of", format!("\"{}\"", family.name));
        table.entry("number", SET_IN_PROGRESS).entry("code", byte(code));
    }
    let mut counts = Vec::new();
    for parameter in family.parameters {
        let mut keys = Family::sets(parameter, &counts);
        let mut done = 0;
        // A text says in its first set how many it has.
        while done < keys.len() {
            let asked: Vec<_> = keys.iter().skip(done).copied().collect();
            let requests: Vec<_> =
                asked.iter().map(|(set, block)| family.request(channel, parameter.number, *set, *block)).collect();
            let answers = reader.ask_all(net_fn, cmd, &requests)?;
            done += asked.len();
            if let (Sets::Text, 1, Some(Ok(first))) = (parameter.sets, done, answers.first()) {
                let length = u16::from(at(first, 3)) + 2;
                let last = u8::try_from(length.div_ceil(16).saturating_sub(1)).unwrap_or(TEXT_SETS).min(TEXT_SETS);
                keys.extend((1..=last).map(|set| (set, 0)));
            }
            if let (Sets::None, Some(Ok(data))) = (parameter.sets, answers.first()) {
                counts.push((parameter.number, at(data, 1)));
            }
            write(family, parameter, channel, &asked, &answers, document);
        }
    }
    Ok(())
}

fn write(
    family: &Family,
    parameter: &Parameter,
    channel: u8,
    keys: &[(u8, u8)],
    answers: &[Answer],
    document: &mut Document,
) {
    let begin = |document: &mut Document| {
        let table = document.table("[[parameter]]");
        table.entry("of", format!("\"{}\"", family.name)).entry("number", parameter.number);
    };
    if let Some(Err(code)) = answers.first()
        && answers.iter().all(Result::is_err)
    {
        begin(document);
        document.entry("code", byte(*code));
        return;
    }
    for ((set, block), answer) in keys.iter().zip(answers) {
        let value = answer.as_ref().ok().and_then(|data| family.value(parameter, (*set, *block), data));
        let Some(value) = value else {
            let request = family.request(channel, parameter.number, *set, *block);
            document.answer(BMC, family.net_fn, family.cmd, &request, answer);
            continue;
        };
        if parameter.zero && value.iter().all(|byte| *byte == 0) {
            continue;
        }
        begin(document);
        if *set != 0 {
            document.entry("set", set);
        }
        if *block != 0 {
            document.entry("block", block);
        }
        document.entry("hex", hex(value));
        let marked = answer.as_ref().is_ok_and(|data| at(data, 1) & INVALID != 0);
        if family.name == "boot" && marked {
            document.entry("invalid", true);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FAMILIES: [&Family; 6] = [&LAN, &SOL, &SERIAL, &PEF, &BOOT, &SYSTEM_INFO];

    fn written(family: &Family, number: u8, keys: &[(u8, u8)], answers: &[Answer]) -> String {
        let parameter = family.parameters.iter().find(|row| row.number == number).unwrap();
        let mut document = Document::default();
        write(family, parameter, 1, keys, answers, &mut document);
        document.text().replace("\n[recording]\ncomplete = true\n", "").trim().to_owned()
    }

    #[test]
    fn values_refusals_and_other_answers() {
        let value = written(&LAN, 4, &[(0, 0)], &[Ok(vec![0x11, 2])]);
        assert_eq!(value, "[[parameter]]\nof = \"lan\"\nnumber = 4\nhex = \"02\"");
        let refused = written(&LAN, 26, &[(0, 0)], &[Err(0x80)]);
        assert_eq!(refused, "[[parameter]]\nof = \"lan\"\nnumber = 26\ncode = 0x80");
        let long = written(&LAN, 4, &[(0, 0)], &[Ok(vec![0x11, 2, 3])]);
        assert!(long.contains("[[oem]]") && long.contains("request = \"01040000\"\nresponse = \"110203\""), "{long}");
    }

    #[test]
    fn selectors_are_checked_and_zeros_left_out() {
        let keys = [(0, 0), (1, 0), (2, 0)];
        let answers = [Ok(vec![0x11, 0, 0, 0, 0]), Ok(vec![0x11, 1, 9, 8, 7]), Ok(vec![0x11, 7, 1, 1, 1])];
        let text = written(&LAN, 18, &keys, &answers);
        assert_eq!(text.matches("[[parameter]]").count(), 1);
        assert!(text.contains("number = 18\nset = 1\nhex = \"090807\""), "{text}");
        assert!(text.contains("request = \"01120200\"\nresponse = \"1107010101\""), "{text}");
    }

    #[test]
    fn boot_options_may_be_marked_invalid() {
        let text = written(&BOOT, 5, &[(0, 0)], &[Ok(vec![1, 0x85, 0x80, 4, 0, 0, 0])]);
        assert!(text.contains("number = 5\nhex = \"8004000000\"\ninvalid = true"), "{text}");
    }

    #[test]
    fn sets_are_as_many_as_another_parameter_says() {
        let row = |number| PEF.parameters.iter().find(|row| row.number == number).unwrap();
        assert_eq!(Family::sets(row(6), &[(5, 3)]), [(1, 0), (2, 0), (3, 0)]);
        assert_eq!(Family::sets(row(13), &[(11, 0)]), [(0, 1), (0, 2), (0, 3), (0, 4)]);
        assert_eq!(Family::sets(row(6), &[]), []);
        assert_eq!(Family::sets(row(6), &[(5, 255)]).len(), 16);
    }

    #[test]
    fn answers_of_any_length_are_written() {
        for family in FAMILIES {
            for parameter in family.parameters {
                for length in 0..24 {
                    let text = written(family, parameter.number, &[(0, 0)], &[Ok(vec![0x11; length])]);
                    assert!(!text.contains("code"), "{text}");
                }
            }
        }
    }
}
