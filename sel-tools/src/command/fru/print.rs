//! `fru print` and `fru list`.

use ipmi_core::command::app::{DeviceSupport, GetDeviceId};
use ipmi_core::command::storage::FruDeviceId;
use ipmi_core::fru::{CommonHeader, FruArea, FruInventory};
use ipmi_core::sdr::{FruLocatorView, SdrRecord};
use ipmi_core::table::DeviceType;
use ipmi_core::{CompletionCode, Error, ParseError, SlaveAddress, Target};
use kernel_bridge::walk::fru::{self, FruImage};

use crate::args::number;
use crate::command::CommandRow;
use crate::command::sdr::end_listing;
use crate::layout;
use crate::output::text;
use crate::row::fru::FruRow;
use crate::row::sensor::id_text;
use crate::{Failure, Printer, Session, complain, line};

/// `fru print`.
pub const PRINT: CommandRow =
    CommandRow { group: "fru", name: "print", words: "[ID]", about: "Print one inventory, or all of them", run };

/// `fru list`.
pub const LIST: CommandRow = CommandRow { name: "list", about: "The same as print", ..PRINT };

fn run(session: &Session, printer: &mut Printer<'_>, words: &[String]) -> Result<(), Failure> {
    let Some(word) = words.first() else { return print_all(session, printer) };
    if word == "help" {
        complain!(printer, "fru print [fru id] - print information about FRU(s)")?;
        return Ok(());
    }
    let Some(id) = number::parse::<u8>(word) else {
        return Err(Failure::Message(format!("FRU ID '{word}' is either invalid or out of range.")));
    };
    let target = session.bmc()?.options().target;
    let fru = Fru { id, target, address: SlaveAddress::BMC.0, description: None };
    let found = print_fru(session, printer, &fru)?;
    printer.end_rows()?;
    if found == Found::Whole { Ok(()) } else { Err(Failure::Said) }
}

/// How much of a FRU could be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// What there is.
    Whole,
    /// It is there, and some of it or all could not be read.
    Part,
    /// It is not there, or nothing that is known.
    Nothing,
}

/// A FRU and where it is.
struct Fru {
    id: u8,
    target: Target,
    address: u8,
    description: Option<String>,
}

/// The built-in FRU, that of every satellite controller, and every FRU with a locator. As with ipmitool, absent ones do
/// not count unless the last is.
fn print_all(session: &Session, printer: &mut Printer<'_>) -> Result<(), Failure> {
    line!(printer, "FRU Device Description : Builtin FRU Device (ID 0)")?;
    let bmc = session.bmc()?;
    let (mut last, mut complete) = (Found::Whole, true);
    let mut found = |found| {
        last = found;
        complete &= found != Found::Part;
    };
    if session.call(&GetDeviceId)?.support.contains(DeviceSupport::FRU_INVENTORY) {
        let (target, description) = (bmc.options().target, Some("Builtin FRU Device".to_owned()));
        found(print_fru(session, printer, &Fru { id: 0, target, address: SlaveAddress::BMC.0, description })?);
        line!(printer)?;
    }
    let (records, complaints) = session.repository()?.parse();
    for record in &records {
        match record {
            SdrRecord::McLocator(view)
                if view.support().contains(DeviceSupport::FRU_INVENTORY) && view.address() != SlaveAddress::BMC =>
            {
                let name = id_text(view.id().encoding(), view.id().raw());
                line!(printer, "FRU Device Description : {name:<16}")?;
                let target = Target::of_controller(view.address(), view.channel());
                let fru = Fru { id: 0, target, address: view.slave_address, description: Some(name) };
                found(print_fru(session, printer, &fru)?);
                line!(printer)?;
            }
            SdrRecord::FruLocator(view) if view.is_logical() => found(print_located(session, printer, view)?),
            _ => {}
        }
    }
    printer.end_rows()?;
    end_listing(printer, &complaints)?;
    if complete && last != Found::Nothing { Ok(()) } else { Err(Failure::Said) }
}

/// Prints the FRU a locator is about, and says how much of it could be read.
///
/// # Errors
/// When the BMC cannot be reached or output cannot be written.
pub fn print_located(
    session: &Session,
    printer: &mut Printer<'_>,
    view: &FruLocatorView<'_>,
) -> Result<Found, Failure> {
    let behind_controller = DeviceType(view.device_type) == DeviceType::FRU_BEHIND_CONTROLLER;
    let eeprom = (0x08..=0x0F).contains(&view.device_type) && view.device_modifier == 2;
    if !behind_controller && !eeprom {
        return Ok(Found::Nothing);
    }
    if view.access_controller() == SlaveAddress::BMC && view.fru_id == 0 {
        return Ok(Found::Whole);
    }
    let name = id_text(view.id().encoding(), view.id().raw());
    line!(printer, "FRU Device Description : {name} (ID {})", view.fru_id)?;
    let target = Target::of_controller(view.access_controller(), view.channel());
    let fru = Fru { id: view.fru_id, target, address: view.access_address, description: Some(name) };
    let found = match view.device_modifier {
        0 | 2 => print_fru(session, printer, &fru)?,
        _ if printer.verbose > 0 => {
            let (device, modifier) = (view.device_type, view.device_modifier);
            let id = view.fru_id;
            line!(printer, " Unsupported device 0x{id:02x} type 0x{device:02x} with modifier 0x{modifier:02x}")?;
            Found::Whole
        }
        _ => {
            line!(printer, " Unsupported device")?;
            Found::Whole
        }
    };
    line!(printer)?;
    Ok(found)
}

fn print_fru(session: &Session, printer: &mut Printer<'_>, fru: &Fru) -> Result<Found, Failure> {
    let bmc = session.bmc()?;
    let image = match fru::read(bmc, fru.target, FruDeviceId(fru.id)) {
        Ok(image) => image,
        Err(Error::Completion { code, .. }) => {
            absent(printer, fru, &code.to_string())?;
            let is_there = code == CompletionCode::CANNOT_RETURN_REQUESTED_BYTES;
            return Ok(if is_there { Found::Part } else { Found::Nothing });
        }
        Err(Error::Timeout { .. }) => {
            absent(printer, fru, "No Response")?;
            return Ok(Found::Nothing);
        }
        Err(error) => return Err(session.refusal(&error)),
    };
    if image.info.size == 0 {
        complain!(printer, " Invalid FRU size 0")?;
        return Ok(Found::Nothing);
    }
    let inventory = match FruInventory::parse(&image.bytes) {
        Ok(inventory) => inventory,
        Err(error) => {
            match CommonHeader::view(&image.bytes) {
                Ok(header) => complain!(printer, " Unknown FRU header version 0x{:02x}", header.version)?,
                Err(_) => complain!(printer, " FRU {}: {error}", fru.id)?,
            }
            return Ok(Found::Nothing);
        }
    };
    let found = if image.problem.is_some() { Found::Part } else { Found::Whole };
    let problems = problems(&inventory, &image, printer.verbose > 0 || printer.json());
    for problem in &problems {
        complain!(printer, " FRU {}: {problem}", fru.id)?;
    }
    if printer.json() {
        let row = FruRow::new(fru.id, &inventory, &printer.clock);
        let description = fru.description.as_deref().map(text::to_unicode);
        printer.row(&FruRow { address: fru.address, description, problems, ..row });
        return Ok(found);
    }
    layout::fru::print(printer, &inventory)?;
    Ok(found)
}

/// What is wrong with the parts that are shown: multirecords only with `-v`, and the internal use area, which is not
/// read further than the others reach, not for being short.
fn problems(inventory: &FruInventory<'_>, image: &FruImage, verbose: bool) -> Vec<String> {
    let partly_read = image.bytes.len() < usize::from(image.info.size);
    let shown = inventory.problems.iter().filter(|problem| match (problem.area, problem.error) {
        (FruArea::InternalUse, ParseError::Truncated { .. }) => !partly_read,
        (FruArea::Multirecord, _) => verbose,
        _ => true,
    });
    shown.map(ToString::to_string).chain(image.problem.clone()).collect()
}

fn absent(printer: &mut Printer<'_>, fru: &Fru, reason: &str) -> Result<(), Failure> {
    let problems = vec![format!("Device not present ({reason})")];
    let description = fru.description.as_deref().map(text::to_unicode);
    if !printer.row(&FruRow { fru_id: fru.id, address: fru.address, description, problems, ..FruRow::default() }) {
        line!(printer, " Device not present ({reason})")?;
    }
    Ok(())
}
