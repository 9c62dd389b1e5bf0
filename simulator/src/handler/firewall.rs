//! Firmware firewall: which commands there are, which can be switched off, which are (IPMI 2.0 s21).
//!
//! What is there comes from the command tables themselves. Commands answer on every LUN, but only LUN 0 is announced.

use ipmi_core::{CompletionCode, NetFn, Privilege};

use super::{Answer, Call, Row, Scope, answers, group, row, rows};
use crate::store::firewall::Function;

/// Channel Eh of a request: the one it came in on.
const CURRENT: u8 = 0xE;
/// The system interface.
const SYSTEM: u8 = 0xF;
/// Commands of half a network function.
const HALF: u8 = 128;
/// Bytes of a mask of them.
const MASK: usize = 16;
/// Specification of the sub-functions: IPMI 2.0, no errata.
const SPECIFICATION: [u8; 3] = [0x00, 0x02, 0x00];
/// LUN support: LUN 0 has the standard commands, the others none.
const LUNS: u8 = 0x01;

/// Commands that cannot be switched off: identity, log-in, and the way back.
const FIXED: [u8; 9] = [0x01, 0x38, 0x39, 0x3A, 0x3B, 0x3C, 0x54, 0x60, 0x61];

/// Sub-functions of a command: its network function, number, how many (table H-1).
const SUB_FUNCTIONS: [(NetFn, u8, u8); 1] = [(NetFn::CHASSIS, 0x02, 6)];

pub(super) const ROWS: &[Row] = &[
    row(NetFn::APP, 0x09, 1..=1, Privilege::User, Scope::Bmc, get_net_fn_support),
    row(NetFn::APP, 0x0A, 3..=6, Privilege::User, Scope::Bmc, get_command_support),
    row(NetFn::APP, 0x0B, 4..=7, Privilege::User, Scope::Bmc, get_sub_function_support),
    row(NetFn::APP, 0x0C, 3..=6, Privilege::User, Scope::Bmc, get_configurable_commands),
    row(NetFn::APP, 0x0D, 4..=7, Privilege::User, Scope::Bmc, get_configurable_sub_functions),
    row(NetFn::APP, 0x60, 19..=22, Privilege::Administrator, Scope::Bmc, set_command_enables),
    row(NetFn::APP, 0x61, 3..=6, Privilege::User, Scope::Bmc, get_command_enables),
    row(NetFn::APP, 0x62, 8..=15, Privilege::Administrator, Scope::Bmc, set_sub_function_enables),
    row(NetFn::APP, 0x63, 4..=7, Privilege::User, Scope::Bmc, get_sub_function_enables),
    row(NetFn::APP, 0x64, 3..=3, Privilege::User, Scope::Bmc, get_oem_net_fn_iana_support),
];

/// Requires that the firewall lets a request pass.
pub(super) fn require_enabled(call: &Call<'_>, row: &Row, body: Option<u8>) -> Result<(), CompletionCode> {
    if call.bmc.firewall.is_open() {
        return Ok(());
    }
    let channel = call.source.channel();
    let command = Function { channel, net_fn: row.net_fn.get(), body, cmd: row.cmd, sub_function: None };
    let part = Function { sub_function: call.data.first().map(|number| number & 0xF), ..command };
    let on = call.bmc.firewall.is_enabled(command) && (sub_functions(row) == 0 || call.bmc.firewall.is_enabled(part));
    if on { Ok(()) } else { Err(CompletionCode::COMMAND_DISABLED) }
}

/// How many sub-functions a command has.
fn sub_functions(row: &Row) -> u8 {
    let found = SUB_FUNCTIONS.iter().find(|(net_fn, cmd, _)| (*net_fn, *cmd) == (row.net_fn, row.cmd));
    found.map_or(0, |(_, _, count)| *count)
}

fn is_configurable(row: &Row) -> bool {
    row.net_fn != NetFn::APP || !FIXED.contains(&row.cmd)
}

/// What a request asks about: channel, network function, LUN, and for group extensions perhaps a body.
struct Question {
    channel: u8,
    net_fn: NetFn,
    /// First command of the half asked about.
    first: u8,
    lun: u8,
    body: Option<u8>,
}

impl Question {
    /// Reads it; the body of a group extension is at `body_at`.
    fn of(call: &Call<'_>, body_at: usize) -> Self {
        let net_fn = NetFn::new(call.byte(1)).request();
        let group = net_fn == NetFn::GROUP_EXTENSION;
        Self {
            channel: channel(call),
            net_fn,
            first: if call.byte(1) >> 6 == 0 { 0 } else { HALF },
            lun: call.byte(2) & 3,
            body: if group { call.data.get(body_at).copied() } else { None },
        }
    }

    /// The commands there are, with their bodies.
    fn commands(&self, call: &Call<'_>) -> Vec<(&'static Row, Option<u8>)> {
        if self.lun != 0 {
            return Vec::new();
        }
        let mut found: Vec<_> = rows().filter(|row| row.net_fn == self.net_fn).map(|row| (row, None)).collect();
        if self.net_fn == NetFn::GROUP_EXTENSION {
            let bodies = group::bodies(call.bmc).filter(|body| self.body.is_none_or(|code| code == body.code));
            found = bodies.flat_map(|body| body.rows().map(|row| (row, Some(body.code)))).collect();
        }
        found.retain(|(row, _)| match row.scope {
            Scope::SystemInterface => self.channel == SYSTEM,
            Scope::Any | Scope::Bmc => answers(row, call),
        });
        found
    }

    /// The mask of those commands of the half for which `is` is true.
    fn mask(&self, call: &Call<'_>, is: impl Fn(&Row, Option<u8>) -> bool) -> [u8; MASK] {
        let mut mask = [0; MASK];
        for (row, body) in self.commands(call) {
            let bit = row.cmd.checked_sub(self.first).filter(|bit| *bit < HALF);
            if let Some(byte) = bit.and_then(|bit| mask.get_mut(usize::from(bit / 8)))
                && is(row, body)
            {
                *byte |= 1 << (row.cmd % 8);
            }
        }
        mask
    }

    fn function(&self, row: &Row, body: Option<u8>) -> Function {
        Function { channel: self.channel, net_fn: row.net_fn.get(), body, cmd: row.cmd, sub_function: None }
    }

    /// The command a question about sub-functions names.
    fn command(&self, call: &Call<'_>) -> Result<(&'static Row, Option<u8>), CompletionCode> {
        let commands = self.commands(call);
        let named = commands.into_iter().find(|(row, _)| row.cmd == call.byte(3));
        named.ok_or(CompletionCode::INVALID_DATA_FIELD)
    }
}

fn channel(call: &Call<'_>) -> u8 {
    match call.byte(0) & 0xF {
        CURRENT => call.source.channel(),
        number => number,
    }
}

/// The bits of `count` sub-functions.
fn low_bits(count: u8) -> u32 {
    (0..count).fold(0, |bits, bit| bits | 1 << bit)
}

fn get_net_fn_support(call: &mut Call<'_>) -> Answer {
    let mut pairs = rows().fold(0_u32, |pairs, row| pairs | 1 << (row.net_fn.get() / 2));
    if group::bodies(call.bmc).next().is_some() {
        pairs |= 1 << (NetFn::GROUP_EXTENSION.get() / 2);
    }
    let mut answer = vec![LUNS];
    answer.extend(pairs.to_le_bytes());
    answer.extend([0; 12]);
    Ok(answer)
}

// A set bit is a command that is missing.
fn get_command_support(call: &mut Call<'_>) -> Answer {
    let mask = Question::of(call, 3).mask(call, |_, _| true);
    Ok(mask.iter().map(|byte| !byte).collect())
}

fn get_configurable_commands(call: &mut Call<'_>) -> Answer {
    Ok(Question::of(call, 3).mask(call, |row, _| is_configurable(row)).to_vec())
}

fn get_command_enables(call: &mut Call<'_>) -> Answer {
    let question = Question::of(call, 3);
    let mask = question.mask(call, |row, body| call.bmc.firewall.is_enabled(question.function(row, body)));
    Ok(mask.to_vec())
}

fn set_command_enables(call: &mut Call<'_>) -> Answer {
    let question = Question::of(call, 3 + MASK);
    let mask: Vec<u8> = call.rest(3).iter().copied().take(MASK).collect();
    for (row, body) in question.commands(call) {
        let bit = row.cmd.checked_sub(question.first).filter(|bit| *bit < HALF);
        if let Some(byte) = bit.and_then(|bit| mask.get(usize::from(bit / 8)))
            && is_configurable(row)
        {
            call.bmc.firewall.set(question.function(row, body), byte >> (row.cmd % 8) & 1 == 1);
        }
    }
    call.bmc.dirty = true;
    Ok(Vec::new())
}

// A set bit is a sub-function that is missing.
fn get_sub_function_support(call: &mut Call<'_>) -> Answer {
    let (row, _) = Question::of(call, 4).command(call)?;
    let mut answer = SPECIFICATION.to_vec();
    answer.extend((!low_bits(sub_functions(row))).to_le_bytes());
    Ok(answer)
}

fn get_configurable_sub_functions(call: &mut Call<'_>) -> Answer {
    let (row, _) = Question::of(call, 4).command(call)?;
    Ok(low_bits(sub_functions(row)).to_le_bytes().to_vec())
}

fn get_sub_function_enables(call: &mut Call<'_>) -> Answer {
    let question = Question::of(call, 4);
    let (row, body) = question.command(call)?;
    let command = question.function(row, body);
    let on = |bit: &u8| call.bmc.firewall.is_enabled(Function { sub_function: Some(*bit), ..command });
    let mask = (0..sub_functions(row)).filter(on).fold(0_u32, |mask, bit| mask | 1 << bit);
    Ok(mask.to_le_bytes().to_vec())
}

fn set_sub_function_enables(call: &mut Call<'_>) -> Answer {
    let question = Question::of(call, 8);
    let (row, body) = question.command(call)?;
    let command = question.function(row, body);
    let mask = u32::from(call.word(4));
    for bit in 0..sub_functions(row) {
        call.bmc.firewall.set(Function { sub_function: Some(bit), ..command }, mask >> bit & 1 == 1);
    }
    call.bmc.dirty = true;
    Ok(Vec::new())
}

fn get_oem_net_fn_iana_support(call: &mut Call<'_>) -> Answer {
    let (net_fn, index) = (NetFn::new(call.byte(1)).request(), usize::from(call.byte(2)));
    let bodies: Vec<_> = group::bodies(call.bmc).collect();
    let (Some(body), NetFn::GROUP_EXTENSION) = (bodies.get(index), net_fn) else {
        return Err(CompletionCode::INVALID_DATA_FIELD);
    };
    let last = u8::try_from(bodies.len().saturating_sub(1)).unwrap_or(0x7F);
    Ok(vec![last, LUNS, body.code])
}

#[cfg(test)]
mod tests {
    use super::super::testing::{ask, bmc, refuse};

    fn has(mask: &[u8], bit: usize) -> bool {
        mask[bit / 8] >> (bit % 8) & 1 == 1
    }

    #[test]
    fn what_is_there_comes_from_the_tables() {
        let mut bmc = bmc();
        let support = ask(&mut bmc, 6, 0x09, &[0x0E]);
        assert_eq!(support.len(), 17);
        // Chassis, Sensor/Event, App, Storage, Transport; no Bridge.
        assert_eq!((support[0], support[1] & 0x7F), (0x01, 0b0110_1101));
        assert!(!has(&support[1..], 0x2C / 2));
        bmc.dcmi.enabled = true;
        assert!(has(&ask(&mut bmc, 6, 0x09, &[0x0E])[1..], 0x2C / 2));
        let missing = ask(&mut bmc, 6, 0x0A, &[0x0E, 0x06, 0]);
        assert!(!has(&missing, 0x01) && !has(&missing, 0x31) && has(&missing, 0x00));
        assert!(has(&ask(&mut bmc, 6, 0x0A, &[0x01, 0x06, 0]), 0x31), "only over the system interface");
        assert!(ask(&mut bmc, 6, 0x0A, &[0x0E, 0x06, 1]).iter().all(|byte| *byte == 0xFF));
        assert!(ask(&mut bmc, 6, 0x0A, &[0x0E, 0x46, 0]).iter().all(|byte| *byte == 0xFF));
        assert!(!has(&ask(&mut bmc, 6, 0x0A, &[0x0E, 0x2C, 0, 0xDC]), 0x02));
        assert!(has(&ask(&mut bmc, 6, 0x0A, &[0x0E, 0x2C, 0, 0x00]), 0x02));
        assert_eq!(ask(&mut bmc, 6, 0x64, &[0x0E, 0x2C, 0]), [0, 1, 0xDC]);
        assert_eq!(refuse(&mut bmc, 6, 0x64, &[0x0E, 0x2C, 1]), 0xCC);
        assert_eq!(refuse(&mut bmc, 6, 0x64, &[0x0E, 0x2E, 0]), 0xCC);
    }

    #[test]
    fn a_command_that_is_switched_off_is_refused() {
        let mut bmc = bmc();
        let mut set = vec![0x0E, 0x00, 0x00];
        set.extend([0xFF; 16]);
        set[3] = 0xFD; // not 01h, Get Chassis Status
        assert_eq!(ask(&mut bmc, 6, 0x60, &set), []);
        assert_eq!(refuse(&mut bmc, 0, 0x01, &[]), 0xD6);
        assert_eq!(ask(&mut bmc, 0, 0x00, &[]).len(), 6);
        let enabled = ask(&mut bmc, 6, 0x61, &[0x0E, 0x00, 0x00]);
        assert!(!has(&enabled, 1) && has(&enabled, 2) && !has(&enabled, 0x7F));
        assert!(has(&ask(&mut bmc, 6, 0x61, &[0x01, 0x00, 0x00]), 1), "another channel");
        set[3] = 0xFF;
        ask(&mut bmc, 6, 0x60, &set);
        assert!(bmc.firewall.is_open());
    }

    #[test]
    fn the_way_back_cannot_be_switched_off() {
        let mut bmc = bmc();
        let mut set = vec![0x0E, 0x06, 0x00];
        set.extend([0; 16]);
        ask(&mut bmc, 6, 0x60, &set);
        assert_eq!(refuse(&mut bmc, 6, 0x04, &[]), 0xD6);
        assert_eq!(ask(&mut bmc, 6, 0x01, &[]).len(), 11);
        set[3..].fill(0xFF);
        ask(&mut bmc, 6, 0x60, &set);
        assert_eq!(ask(&mut bmc, 6, 0x04, &[]), [0x55, 0]);
        let configurable = ask(&mut bmc, 6, 0x0C, &[0x0F, 0x06, 0x00]);
        assert!(!has(&configurable, 0x60) && has(&configurable, 0x04));
    }

    #[test]
    fn sub_functions_of_chassis_control() {
        let mut bmc = bmc();
        assert_eq!(ask(&mut bmc, 6, 0x0B, &[0x0E, 0, 0, 2]), [0, 2, 0, 0xC0, 0xFF, 0xFF, 0xFF]);
        assert_eq!(ask(&mut bmc, 6, 0x0D, &[0x0E, 0, 0, 2]), [0x3F, 0, 0, 0]);
        assert_eq!(ask(&mut bmc, 6, 0x62, &[0x0E, 0, 0, 2, 0x3E, 0, 0, 0]), []);
        assert_eq!(ask(&mut bmc, 6, 0x63, &[0x0E, 0, 0, 2]), [0x3E, 0, 0, 0]);
        assert_eq!(refuse(&mut bmc, 0, 2, &[0]), 0xD6);
        assert_eq!(ask(&mut bmc, 0, 2, &[1]), []);
        assert_eq!(ask(&mut bmc, 6, 0x0D, &[0x0E, 6, 0, 1]), [0; 4]);
        assert_eq!(refuse(&mut bmc, 6, 0x0B, &[0x0E, 6, 0, 0xEE]), 0xCC);
    }
}
