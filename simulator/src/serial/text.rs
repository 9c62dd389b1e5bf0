//! What the BMC does and says when a text command comes in terminal mode (IPMI 2.0 s14.7.8).

use std::fmt::Write;
use std::time::Duration;

use ipmi_core::link::terminal_command::{Configure, Identify, TextCommand};
use ipmi_core::{CompletionCode, NetFn, Request, Secret};

use super::access::SerialAccess;
use super::health::{self, Level, PARTS};
use crate::bmc::Bmc;
use crate::handler::Source;
use crate::store::channel::SERIAL;

/// Serial parameter 29.
const TERMINAL_MODE: u8 = 29;
/// Boot options: boot info acknowledge, boot flags.
const BOOT_ACKNOWLEDGE: u8 = 4;
const BOOT_FLAGS: u8 = 5;
/// Boot flags: these are valid.
const BOOT_FLAGS_VALID: u8 = 0x80;
/// Boot info acknowledge: write mask, every bit set.
const EVERYBODY: [u8; 2] = [0xFF, 0x1F];
/// Pairs of an answer in one line.
const PAIRS_PER_LINE: usize = 4;
/// Chassis Control.
const POWER_DOWN: u8 = 0;
const POWER_UP: u8 = 1;
const HARD_RESET: u8 = 3;

/// What a terminal needs besides the line: its configuration until the next restart, when that is not the kept one.
#[derive(Debug, Default)]
pub struct TerminalSettings {
    volatile: Option<[u8; 2]>,
}

impl TerminalSettings {
    /// The configuration in force.
    pub fn in_force(&self, bmc: &Bmc) -> [u8; 2] {
        self.volatile.unwrap_or_else(|| kept(bmc))
    }
}

fn kept(bmc: &Bmc) -> [u8; 2] {
    let byte = |offset| bmc.settings.serial.parameters.byte(TERMINAL_MODE, 0, offset);
    [byte(0), byte(1)]
}

/// Carries out the text between brackets; gives the lines of the answer, their ends not included.
pub fn run(
    text: &Secret,
    access: &mut SerialAccess,
    settings: &mut TerminalSettings,
    bmc: &mut Bmc,
    now: Duration,
) -> Vec<String> {
    let command = std::str::from_utf8(text.as_bytes()).ok().and_then(TextCommand::parse);
    let lines = match command {
        Some(command) => obey(command, access, settings, bmc, now),
        None => Err(CompletionCode::INVALID_COMMAND),
    };
    lines.unwrap_or_else(|code| vec![refusal(code)])
}

/// The line of a refusal.
pub fn refusal(code: CompletionCode) -> String {
    format!("[ERR {:02X}]", code.0)
}

fn obey(
    command: TextCommand,
    access: &mut SerialAccess,
    settings: &mut TerminalSettings,
    bmc: &mut Bmc,
    now: Duration,
) -> Result<Vec<String>, CompletionCode> {
    let mut ask = |net_fn, cmd, data: &[u8]| {
        let response = access.ask(bmc, &Request::new(net_fn, cmd, data), now).response;
        if response.code == CompletionCode::OK { Ok(response.data) } else { Err(response.code) }
    };
    let mut lines = Vec::new();
    match command {
        TextCommand::LogIn { user, password } => access.log_in(bmc, user.as_bytes(), &password, now)?,
        TextCommand::LogOut => access.log_out(bmc),
        TextCommand::NoOperation => return Ok(vec!["[OK TMODE]".to_owned()]),
        TextCommand::Reset => drop(ask(NetFn::CHASSIS, 0x02, &[HARD_RESET])?),
        TextCommand::Power { on } => {
            drop(ask(NetFn::CHASSIS, 0x02, &[if on { POWER_UP } else { POWER_DOWN }])?);
        }
        TextCommand::Identify(identify) => drop(match identify {
            Identify::Default => ask(NetFn::CHASSIS, 0x04, &[])?,
            Identify::On => ask(NetFn::CHASSIS, 0x04, &[0, 1])?,
            Identify::Seconds(seconds) => ask(NetFn::CHASSIS, 0x04, &[seconds])?,
            Identify::Off => ask(NetFn::CHASSIS, 0x04, &[0])?,
        }),
        TextCommand::Health { verbose } => {
            if !matches!(access.source(bmc), Source::Session(_)) {
                return Err(CompletionCode::INSUFFICIENT_PRIVILEGE);
            }
            lines = if verbose { long_health(bmc) } else { vec![short_health(bmc)] };
        }
        TextCommand::SetBoot([first, rest @ ..]) => {
            ask(NetFn::CHASSIS, 0x08, &[&[BOOT_ACKNOWLEDGE][..], &EVERYBODY].concat())?;
            ask(NetFn::CHASSIS, 0x08, &[&[BOOT_FLAGS, first | BOOT_FLAGS_VALID][..], &rest].concat())?;
        }
        TextCommand::SetBootOption(data) => drop(ask(NetFn::CHASSIS, 0x08, &data)?),
        TextCommand::GetBootOption(data) => lines = pairs(&ask(NetFn::CHASSIS, 0x09, &data)?),
        TextCommand::Configure(change) => {
            configure(change, settings, &mut ask)?;
            let kept = kept(bmc);
            let volatile = settings.in_force(bmc);
            lines = [("V", volatile), ("N", kept)].map(|(name, [a, b])| format!("{name}:{a:02X} {b:02X}")).into();
        }
        TextCommand::Oem(_) => return Err(CompletionCode::INVALID_COMMAND),
    }
    lines.push("[OK]".to_owned());
    Ok(lines)
}

fn configure(
    change: Option<Configure>,
    settings: &mut TerminalSettings,
    ask: &mut impl FnMut(NetFn, u8, &[u8]) -> Result<Vec<u8>, CompletionCode>,
) -> Result<(), CompletionCode> {
    const SET: u8 = 0x10;
    const GET: u8 = 0x11;
    // Even who only looks must be allowed to.
    let present = ask(NetFn::TRANSPORT, GET, &[SERIAL, TERMINAL_MODE, 0, 0])?;
    let Some(Configure { kept, bytes: [flags, newlines] }) = change else { return Ok(()) };
    let flags = flags & 0x3F;
    if kept {
        ask(NetFn::TRANSPORT, SET, &[SERIAL, TERMINAL_MODE, 0x40 | flags, newlines])?;
        settings.volatile = None;
    } else if present.len() == 3 {
        settings.volatile = Some([flags, newlines]);
    }
    Ok(())
}

fn pairs(data: &[u8]) -> Vec<String> {
    let line = |bytes: &[u8]| {
        bytes.iter().fold(String::new(), |mut line, byte| {
            let _ = write!(line, "{}{byte:02X}", if line.is_empty() { "" } else { " " });
            line
        })
    };
    data.chunks(PAIRS_PER_LINE).map(line).collect()
}

fn power(bmc: &Bmc) -> &'static str {
    if bmc.chassis.power_on { "ON" } else { "OFF" }
}

fn short_health(bmc: &Bmc) -> String {
    let mut line = format!("PWR:{} H:{}", power(bmc), Level::short(health::overall(bmc)));
    for part in &PARTS {
        let _ = write!(line, " {}:{}", part.letters, Level::short(health::of_part(bmc, part)));
    }
    line
}

fn long_health(bmc: &Bmc) -> Vec<String> {
    let mut lines = vec![format!("SYS Health:{}", Level::long(health::overall(bmc))), format!("Power:{}", power(bmc))];
    lines.extend(PARTS.iter().map(|part| format!("{}:{}", part.name, Level::long(health::of_part(bmc, part)))));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Options;

    const NOW: Duration = Duration::from_secs(1_700_000_000);

    struct Line {
        bmc: Bmc,
        access: SerialAccess,
        settings: TerminalSettings,
    }

    impl Line {
        fn new(login_required: bool) -> Self {
            let bmc = Bmc::builtin(&Options { freeze: true, ..Options::default() }, NOW);
            Self { bmc, access: SerialAccess::new(login_required, 36), settings: TerminalSettings::default() }
        }

        fn say(&mut self, text: &str) -> String {
            let text = Secret::new(text.as_bytes());
            run(&text, &mut self.access, &mut self.settings, &mut self.bmc, NOW).join("|")
        }
    }

    #[test]
    fn nothing_but_the_log_in_works_before_it() {
        let mut line = Line::new(true);
        assert_eq!(line.say("SYS TMODE"), "[OK TMODE]");
        for text in
            ["SYS POWER OFF", "SYS RESET", "SYS HEALTH QUERY", "SYS IDENTIFY", "SYS SET TCFG", "SYS GET BOOTOPT 5 0 0"]
        {
            assert!(["[ERR D4]", "[ERR C1]"].contains(&&*line.say(text)), "{text}");
        }
        assert_eq!(line.say("SYS PWD -U admin nimda"), "[ERR D4]");
        assert_eq!(line.say("SYS PWD -U admin admin"), "[OK]");
        assert_eq!(line.say("SYS POWER OFF"), "[OK]");
        assert!(!line.bmc.chassis.power_on);
        assert_eq!(line.say("SYS RESET"), "[ERR D5]");
        assert_eq!(line.say("SYS POWER ON"), "[OK]");
        assert_eq!(line.say("SYS PWD -X"), "[OK]");
        assert_eq!(line.say("SYS POWER OFF"), "[ERR D4]");
        assert!(line.bmc.chassis.power_on);
    }

    #[test]
    fn users_do_what_they_may() {
        let mut line = Line::new(true);
        let user = crate::store::users::User::new(b"guest", b"g", ipmi_core::Privilege::User);
        assert!(line.bmc.users.add(user));
        assert_eq!(line.say("SYS PWD -U guest g"), "[OK]");
        assert_eq!(line.say("SYS POWER OFF"), "[ERR D4]");
        assert!(line.say("SYS HEALTH QUERY").starts_with("PWR:ON H:"));
    }

    #[test]
    fn health_names_every_part() {
        let mut line = Line::new(false);
        let short = line.say("SYS HEALTH QUERY");
        let letters: Vec<_> = short.trim_end_matches("|[OK]").split(' ').map(|word| word.split(':').next()).collect();
        assert_eq!(letters, ["PWR", "H", "T", "V", "PS", "C", "D", "S", "O"].map(Some));
        let long = line.say("SYS HEALTH QUERY -V");
        assert!(long.starts_with("SYS Health:") && long.contains("|Temperature:OK|Voltage:OK|"), "{long}");
    }

    #[test]
    fn boot_options() {
        let mut line = Line::new(false);
        assert_eq!(line.say("SYS SET BOOT 00 18 00 00 00"), "[OK]");
        assert_eq!(line.say("SYS GET BOOTOPT 05 00 00"), "01 05 80 18|00 00 00|[OK]");
        assert_eq!(line.say("SYS SET BOOTOPT 03 1F"), "[OK]");
        assert_eq!(line.say("SYS GET BOOTOPT 03 00 00"), "01 03 1F|[OK]");
    }

    #[test]
    fn terminal_configuration() {
        let mut line = Line::new(false);
        assert_eq!(line.say("SYS SET TCFG"), "V:26 11|N:26 11|[OK]");
        assert_eq!(line.say("SYS SET TCFG -V 24 51"), "V:24 51|N:26 11|[OK]");
        assert_eq!(line.settings.in_force(&line.bmc), [0x24, 0x51]);
        assert_eq!(line.say("SYS SET TCFG -N 22 11"), "V:22 11|N:22 11|[OK]");
    }

    #[test]
    fn identification_and_unknown_texts() {
        let mut line = Line::new(false);
        assert_eq!(line.say("SYS IDENTIFY -ON"), "[OK]");
        assert_eq!(line.bmc.chassis.identify_state(NOW), 2);
        assert_eq!(line.say("SYS IDENTIFY -ON 1E"), "[OK]");
        assert_eq!(line.bmc.chassis.identify_state(NOW), 1);
        assert_eq!(line.say("SYS IDENTIFY -OFF"), "[OK]");
        assert_eq!(line.bmc.chassis.identify_state(NOW), 0);
        assert_eq!(line.say("SYS 000157 DO"), "[ERR C1]");
        assert_eq!(line.say("nonsense \u{7F}"), "[ERR C1]");
    }
}
