//! `chassis bootdev`: what the system boots from next (IPMI 2.0 s28.12, s28.13, table 28-14).

use ipmi_core::Error;
use ipmi_core::command::chassis::SetSystemBootOptions;

use crate::command::CommandRow;
use crate::{Failure, Printer, Session, complain, line};

/// `chassis bootdev`.
pub const COMMAND: CommandRow = CommandRow {
    group: "chassis",
    name: "bootdev",
    words: "none|pxe|disk|safe|diag|cdrom|bios|floppy [clear-cmos=yes|no | options=...]",
    about: "Set what the system boots from next",
    run,
};

/// Parameters of the boot options.
const SET_IN_PROGRESS: u8 = 0;
const BOOT_INFO_ACKNOWLEDGE: u8 = 4;
const BOOT_FLAGS: u8 = 5;
const CMOS_CLEAR: u8 = 0x80;
const VALID: u8 = 0x80;

/// Devices with their bits in the second byte of the boot flags.
const DEVICES: &[(&str, u8)] = &[
    ("none", 0x00),
    ("pxe", 0x04),
    ("disk", 0x08),
    ("safe", 0x0C),
    ("diag", 0x10),
    ("cdrom", 0x14),
    ("bios", 0x18),
    ("floppy", 0x3C),
];

const USAGE: &[&str] = &[
    "bootdev <device> [clear-cmos=yes|no]",
    "bootdev <device> [options=help,...]",
    "  none  : Do not change boot device order",
    "  pxe   : Force PXE boot",
    "  disk  : Force boot from default Hard-drive",
    "  safe  : Force boot from default Hard-drive, request Safe Mode",
    "  diag  : Force boot from Diagnostic Partition",
    "  cdrom : Force boot from CD/DVD",
    "  bios  : Force boot into BIOS Setup",
    "  floppy: Force boot from Floppy/primary removable media",
];

/// An option: word, byte of the boot flags, bits that it sets, bits it sets among, description.
const OPTIONS: &[(&str, usize, u8, u8, &str)] = &[
    ("valid", 0, 0x80, 0x80, "Boot flags valid"),
    ("persistent", 0, 0x40, 0x40, "Changes are persistent for all future boots"),
    ("efiboot", 0, 0x20, 0x20, "Extensible Firmware Interface Boot (EFI)"),
    ("clear-cmos", 1, 0x80, 0x80, "CMOS clear"),
    ("lockkbd", 1, 0x40, 0x40, "Lock Keyboard"),
    ("screenblank", 1, 0x01, 0x01, "Screen Blank"),
    ("lockoutreset", 1, 0x02, 0x02, "Lock out Reset buttons"),
    ("lockout_power", 2, 0x80, 0x80, "Lock out (power off/sleep request) via Power Button"),
    ("verbose=default", 2, 0x00, 0x60, "Request quiet BIOS display"),
    ("verbose=no", 2, 0x20, 0x60, "Request quiet BIOS display"),
    ("verbose=yes", 2, 0x40, 0x60, "Request verbose BIOS display"),
    ("force_pet", 2, 0x10, 0x10, "Force progress event traps"),
    ("upw_bypass", 2, 0x08, 0x08, "User password bypass"),
    ("lockout_sleep", 2, 0x04, 0x04, "Lock out the Sleep button"),
    ("cons_redirect=default", 2, 0x00, 0x03, "Console redirection occurs per BIOS configuration setting"),
    ("cons_redirect=skip", 2, 0x01, 0x03, "Suppress (skip) console redirection if enabled"),
    ("cons_redirect=enable", 2, 0x02, 0x03, "Request console redirection be enabled"),
];

fn run(session: &Session, printer: &mut Printer<'_>, words: &[String]) -> Result<(), Failure> {
    let Some(device) = words.first().filter(|word| *word != "help") else {
        USAGE.iter().try_for_each(|text| complain!(printer, "{text}"))?;
        return Err(Failure::Said);
    };
    let mut flags = [0; 5];
    match words.get(1).map(String::as_str) {
        Some("clear-cmos=yes") => flags = [0, CMOS_CLEAR, 0, 0, 0],
        Some("clear-cmos=no") | None => {}
        Some(word) => match word.strip_prefix("options=") {
            Some(options) => set_options(printer, options, &mut flags)?,
            None => {
                USAGE.iter().try_for_each(|text| complain!(printer, "{text}"))?;
                return Err(Failure::Said);
            }
        },
    }
    let found = DEVICES.iter().find(|(name, _)| name == device);
    let Some((_, bits)) = found else { return Err(Failure::Message(format!("Invalid argument: {device}"))) };
    set_flags(session, printer, flags, *bits)?;
    line!(printer, "Set Boot Device to {device}")
}

fn set_options(printer: &mut Printer<'_>, words: &str, flags: &mut [u8; 5]) -> Result<(), Failure> {
    for word in words.split(',') {
        let found = OPTIONS.iter().find(|(name, ..)| *name == word);
        let Some((_, index, bits, among, _)) = found else {
            if word != "help" {
                complain!(printer, "Invalid option: {word}")?;
            }
            complain!(printer, "Legal options settings are:")?;
            complain!(printer, "  {:<22}: print this message", "help")?;
            for (name, .., about) in OPTIONS {
                complain!(printer, "  {name:<22}: {about}")?;
            }
            return Err(Failure::Said);
        };
        if let Some(byte) = flags.get_mut(*index) {
            *byte = *byte & !among | bits;
        }
    }
    Ok(())
}

/// Sets the boot flags to a device and options.
///
/// # Errors
/// When the BMC refuses.
pub(super) fn set_flags(
    session: &Session,
    printer: &mut Printer<'_>,
    mut flags: [u8; 5],
    device: u8,
) -> Result<(), Failure> {
    flags = [flags[0] | VALID, flags[1] | device, flags[2], flags[3], flags[4]];
    set_in_turn(session, printer, BOOT_FLAGS, &flags)
}

/// Sets a parameter between the marks that keep others from changing it, after the BMC was told that boot information
/// is none of its own business any more. BMCs without the marks have the parameter all the same; so have those that
/// cannot be told, which is said.
///
/// # Errors
/// When the BMC refuses the parameter.
pub(super) fn set_in_turn(
    session: &Session,
    printer: &mut Printer<'_>,
    parameter: u8,
    data: &[u8],
) -> Result<(), Failure> {
    let marked = set(session, SET_IN_PROGRESS, &[1]).is_ok();
    if let Err(Failure::Message(refusal)) = set(session, BOOT_INFO_ACKNOWLEDGE, &[1, 1]) {
        complain!(printer, "{refusal}")?;
    }
    let result = set(session, parameter, data);
    if marked {
        if result.is_ok() {
            // Commit is optional; complete ends it either way.
            let _ = set(session, SET_IN_PROGRESS, &[2]);
        }
        let _ = set(session, SET_IN_PROGRESS, &[0]);
    }
    result
}

fn set(session: &Session, parameter: u8, data: &[u8]) -> Result<(), Failure> {
    let command = SetSystemBootOptions { invalid: false, parameter, data: data.to_vec() };
    session.bmc()?.call(&command).map_err(|error| match error {
        Error::Completion { code, .. } => {
            Failure::Message(format!("Set Chassis Boot Parameter {parameter} failed: {code}"))
        }
        other => session.refusal(&other),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::printer::Format;

    fn flags(options: &str) -> Result<[u8; 5], String> {
        let (mut out, mut err, mut flags) = (Vec::new(), Vec::new(), [0; 5]);
        let result = set_options(&mut Printer::new(&mut out, &mut err, Format::Text), options, &mut flags);
        result.map(|()| flags).map_err(|_| String::from_utf8(err).unwrap())
    }

    /// The bytes ipmitool sends.
    #[test]
    fn options_are_bits_of_the_boot_flags() {
        assert_eq!(flags("efiboot,persistent"), Ok([0x60, 0, 0, 0, 0]));
        assert_eq!(flags("screenblank,lockoutreset"), Ok([0, 3, 0, 0, 0]));
        assert_eq!(flags("lockout_power,verbose=yes"), Ok([0, 0, 0xC0, 0, 0]));
        assert_eq!(flags("verbose=yes,verbose=no,cons_redirect=skip"), Ok([0, 0, 0x21, 0, 0]));
        let error = flags("foo").unwrap_err();
        assert!(error.starts_with("Invalid option: foo\nLegal options settings are:\n  help                  : print"));
        assert!(error.ends_with("  cons_redirect=enable  : Request console redirection be enabled\n"), "{error}");
    }
}
