//! `chassis bootparam`: the boot options, parameter by parameter (IPMI 2.0 s28.12, s28.13, table 28-14).

use ipmi_core::Error;
use ipmi_core::command::chassis::{BootOption, GetSystemBootOptions};
use serde_json::json;

use super::bootdev;
use crate::args::number;
use crate::command::CommandRow;
use crate::{Failure, Printer, Session, complain, line};

/// `chassis bootparam`.
pub const COMMAND: CommandRow = CommandRow {
    group: "chassis",
    name: "bootparam",
    words: "get PARAMETER [SET [BLOCK]] | set bootflag DEVICE [options=...]",
    about: "Show or set boot options",
    run,
};

const VALID_BIT_CLEARING: u8 = 3;

const USAGE: &[&str] = &["bootparam get <param #>", "bootparam set bootflag <device> [options=...]"];
const DEVICE_USAGE: &[&str] = &[
    " Legal devices are:",
    "  none        : No override",
    "  force_pxe   : Force PXE boot",
    "  force_disk  : Force boot from default Hard-drive",
    "  force_safe  : Force boot from default Hard-drive, request Safe Mode",
    "  force_diag  : Force boot from Diagnostic Partition",
    "  force_cdrom : Force boot from CD/DVD",
    "  force_bios  : Force boot into BIOS Setup",
];
const OPTION_USAGE: &[&str] = &[
    " Legal options are:",
    "  help    : print this message",
    "  PEF     : Clear valid bit on reset/power cycle cause by PEF",
    "  timeout : Automatically clear boot flag valid bit on timeout",
    "  watchdog: Clear valid bit on reset/power cycle cause by watchdog",
    "  reset   : Clear valid bit on push button reset/soft reset",
    "  power   : Clear valid bit on power up via power push button or wake event",
    " Any Option may be prepended with no- to invert sense of operation",
    "",
];

/// Devices with their bits in the second byte of the boot flags.
const DEVICES: &[(&str, u8)] = &[
    ("none", 0x00),
    ("force_pxe", 0x04),
    ("force_disk", 0x08),
    ("force_safe", 0x0C),
    ("force_diag", 0x10),
    ("force_cdrom", 0x14),
    ("force_bios", 0x18),
];

/// What clears the valid bit, with the bits that keep it from doing so.
const CLEARING: &[(&str, u8)] =
    &[("PEF", 0x10), ("timeout", 0x08), ("watchdog", 0x04), ("reset", 0x02), ("power", 0x01)];

/// Boot devices by their bits.
const SELECTORS: &[&str] = &[
    "No override",
    "Force PXE",
    "Force Boot from default Hard-Drive",
    "Force Boot from default Hard-Drive, request Safe-Mode",
    "Force Boot from Diagnostic Partition",
    "Force Boot from CD/DVD",
    "Force Boot into BIOS Setup",
    "Force Boot from remotely connected Floppy/primary removable media",
    "Force Boot from remotely connected CD/DVD",
    "Force Boot from primary remote media",
    "Flag error",
    "Force Boot from remotely connected Hard-Drive",
    "Flag error",
    "Flag error",
    "Flag error",
    "Force Boot from Floppy/primary removable media",
];
const VERBOSITY: &[&str] = &["System Default", "Request Quiet Display", "Request Verbose Display", "Flag error"];
const REDIRECTION: &[&str] = &[
    "Console redirection occurs per BIOS configuration setting (default)",
    "Suppress (skip) console redirection if enabled",
    "Request console redirection be enabled",
    "Flag error",
];
const MUX: &[&str] = &[
    "BIOS uses recommended setting of the mux at the end of POST",
    "Requests BIOS to force mux to BMC at conclusion of POST/start of OS boot",
    "Requests BIOS to force mux to system at conclusion of POST/start of OS boot",
    "Flag error",
];

/// Bits of parameters that are lists of flags.
const SCAN: &[(u8, &str)] = &[(0x01, "Request BIOS to scan"), (0x02, "Service Partition Discovered")];
const CLEARING_TEXTS: &[(u8, &str)] = &[
    (0x10, "Don't clear valid bit on reset/power cycle cause by PEF"),
    (0x08, "Don't automatically clear boot flag valid bit on timeout"),
    (0x04, "Don't clear valid bit on reset/power cycle cause by watchdog"),
    (0x02, "Don't clear valid bit on push button reset // soft reset"),
    (0x01, "Don't clear valid bit on power up via power push button or wake event"),
];
const ACKNOWLEDGED: &[(u8, &str)] = &[
    (0x10, "OEM has handled boot info"),
    (0x08, "SMS has handled boot info"),
    (0x04, "OS // service partition has handled boot info"),
    (0x02, "OS Loader has handled boot info"),
    (0x01, "BIOS/POST has handled boot info"),
];

fn run(session: &Session, printer: &mut Printer<'_>, words: &[String]) -> Result<(), Failure> {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["get", parameter, selectors @ ..] => get(session, printer, parameter, selectors),
        ["set", "bootflag", rest @ ..] => set(session, printer, rest),
        _ => {
            for text in USAGE.iter().chain(DEVICE_USAGE).chain(OPTION_USAGE) {
                complain!(printer, "{text}")?;
            }
            Err(Failure::Said)
        }
    }
}

fn set(session: &Session, printer: &mut Printer<'_>, words: &[&str]) -> Result<(), Failure> {
    let device = words.first().and_then(|word| DEVICES.iter().find(|(name, _)| name == word));
    let Some((device, bits)) = device else {
        if let Some(word) = words.first() {
            complain!(printer, "Invalid argument: {word}")?;
        }
        for text in USAGE.iter().skip(1).chain(DEVICE_USAGE).chain(OPTION_USAGE) {
            complain!(printer, "{text}")?;
        }
        return Err(Failure::Said);
    };
    let (mut clears, mut keeps) = (0, 0);
    for word in words.get(1).and_then(|word| word.strip_prefix("options=")).iter().flat_map(|list| list.split(',')) {
        let (inverted, name) = word.strip_prefix("no-").map_or((false, word), |name| (true, name));
        let Some((_, bit)) = CLEARING.iter().find(|(option, _)| *option == name) else {
            if word != "help" {
                complain!(printer, "Invalid option: {word}")?;
            }
            OPTION_USAGE.iter().try_for_each(|text| complain!(printer, "{text}"))?;
            return Err(Failure::Said);
        };
        *(if inverted { &mut keeps } else { &mut clears }) |= bit;
    }
    bootdev::set_flags(session, printer, [0; 5], *bits)?;
    if clears | keeps != 0 {
        let before = ask(session, VALID_BIT_CLEARING, [0; 2])?.data.first().copied().unwrap_or_default();
        bootdev::set_in_turn(session, printer, VALID_BIT_CLEARING, &[before & !clears | keeps])?;
    }
    line!(printer, "Set Boot Device to {device}")
}

fn ask(session: &Session, parameter: u8, [set_selector, block_selector]: [u8; 2]) -> Result<BootOption, Failure> {
    let command = GetSystemBootOptions { parameter, set_selector, block_selector };
    session.bmc()?.call(&command).map_err(|error| match error {
        Error::Completion { code, .. } => {
            let text = if code.0 == 0x80 { "Unsupported parameter".to_owned() } else { code.to_string() };
            Failure::Message(format!("Get Chassis Boot Parameter {parameter} failed: {text}"))
        }
        other => session.refusal(&other),
    })
}

fn get(session: &Session, printer: &mut Printer<'_>, word: &str, words: &[&str]) -> Result<(), Failure> {
    let Some(parameter) = number::parse::<u8>(word) else {
        return Err(Failure::Message(format!("Invalid parameter '{word}' given instead of bootparam.")));
    };
    let mut selectors = [0; 2];
    for (selector, word) in selectors.iter_mut().zip(words) {
        *selector = number::parse(word)
            .ok_or_else(|| Failure::Message(format!("Invalid argument '{word}' given to bootparam 0")))?;
    }
    let option = ask(session, parameter, selectors)?;
    let data: String = option.data.iter().map(|byte| format!("{byte:02x}")).collect();
    if printer.object(&json!({ "parameter": option.parameter, "invalid": option.invalid, "data": data }))? {
        return Ok(());
    }
    line!(printer, "Boot parameter version: {}", option.version)?;
    let state = if option.invalid { "invalid/locked" } else { "valid/unlocked" };
    line!(printer, "Boot parameter {} is {state}", option.parameter)?;
    line!(printer, "Boot parameter data: {data}")?;
    let byte = |index: usize| option.data.get(index).copied().unwrap_or_default();
    match option.parameter {
        0 => {
            let state = if byte(0) & 3 == 0 { "set complete" } else { "set in progress" };
            line!(printer, " Set In Progress : {state}")
        }
        1 => match byte(0) {
            0 => line!(printer, " Service Partition Selector : unspecified"),
            number => line!(printer, " Service Partition Selector : {number}"),
        },
        2 => flags(printer, "Service Partition Scan", "     ", byte(0), SCAN),
        3 => flags(printer, "BMC boot flag valid bit clearing", "     ", byte(0), CLEARING_TEXTS),
        4 => flags(printer, "Boot Info Acknowledge", "    ", byte(1), ACKNOWLEDGED),
        5 => boot_flags(printer, [byte(0), byte(1), byte(2), byte(3)]),
        _ => Ok(()),
    }
}

fn flags(printer: &mut Printer<'_>, title: &str, indent: &str, byte: u8, texts: &[(u8, &str)]) -> Result<(), Failure> {
    line!(printer, " {title} :")?;
    if texts.iter().all(|(bit, _)| byte & bit == 0) {
        return line!(printer, "     No flag set");
    }
    for (_, text) in texts.iter().filter(|(bit, _)| byte & bit != 0) {
        line!(printer, "{indent}- {text}")?;
    }
    Ok(())
}

fn boot_flags(printer: &mut Printer<'_>, [first, second, third, fourth]: [u8; 4]) -> Result<(), Failure> {
    let of = |texts: &[&'static str], bits: u8| texts.get(usize::from(bits)).copied().unwrap_or("Flag error");
    line!(printer, " Boot Flags :")?;
    line!(printer, "   - Boot Flag {}", if first & 0x80 == 0 { "Invalid" } else { "Valid" })?;
    line!(printer, "   - Options apply to {}", if first & 0x40 == 0 { "only next boot" } else { "all future boots" })?;
    line!(printer, "   - BIOS {} boot ", if first & 0x20 == 0 { "PC Compatible (legacy)" } else { "EFI" })?;
    let mut some = |byte: u8, texts: &[(u8, &str)]| -> Result<(), Failure> {
        for (_, text) in texts.iter().filter(|(bit, _)| byte & bit != 0) {
            line!(printer, "   - {text}")?;
        }
        Ok(())
    };
    some(second, &[(0x80, "CMOS Clear"), (0x40, "Lock Keyboard")])?;
    let device = format!("Boot Device Selector : {}", of(SELECTORS, second >> 2 & 0x0F));
    some(1, &[(1, &device)])?;
    some(second, &[(0x01, "Screen blank"), (0x02, "Lock out Reset buttons")])?;
    some(third, &[(0x80, "Lock out (power off/sleep request) via Power Button")])?;
    let verbosity = format!("BIOS verbosity : {}", of(VERBOSITY, third >> 5 & 3));
    some(1, &[(1, &verbosity)])?;
    some(
        third,
        &[(0x10, "Force progress event traps"), (0x08, "User password bypass"), (0x04, "Lock Out Sleep Button")],
    )?;
    let redirection = format!("Console Redirection control : {}", of(REDIRECTION, third & 3));
    some(1, &[(1, &redirection)])?;
    some(fourth, &[(0x08, "BIOS Shared Mode Override")])?;
    let mux = format!("BIOS Mux Control Override : {}", of(MUX, fourth & 7));
    some(1, &[(1, &mux)])
}
