//! `record`: a BMC as a configuration of `bmc-sim` (docs/bmc-sim.md), so that what was seen on one machine can be looked
//! into on another.
//!
//! What the BMC refuses is recorded with its completion code. Passwords and keys cannot be read and are not there.

mod chassis;
mod document;
mod identity;
mod inventory;
mod network;
mod oem;
mod reader;
mod sensors;

use self::document::Document;
use self::reader::Reader;
use super::CommandRow;
use crate::{Failure, Printer, Session, complain, put};

/// `record`.
pub const COMMAND: CommandRow = CommandRow {
    group: "record",
    name: "",
    words: "[--oem NETFN:CMD[:DATA]]...",
    about: "Print a configuration of bmc-sim that answers as this BMC",
    run,
};

fn run(session: &Session, printer: &mut Printer<'_>, words: &[String]) -> Result<(), Failure> {
    if words.first().is_some_and(|word| word == "help") {
        complain!(printer, "record [--oem NETFN:CMD[:DATA]]... > node.toml")?;
        complain!(printer, "Then: bmc-sim --config node.toml --freeze --lan 127.0.0.1:6230 --user NAME:PASSWORD")?;
        return Ok(());
    }
    let questions = oem::questions(words)?;
    let bmc = session.bmc()?;
    let reader = Reader::new(session, bmc);
    let mut document = Document::new(bmc.name());
    let mut step = |what: &str| complain!(printer, "Recording {what}...");
    step("the controller")?;
    identity::record(&reader, &mut document)?;
    step("the chassis")?;
    chassis::record(&reader, &mut document)?;
    step("sensor data records")?;
    let records = inventory::record_sdrs(&reader, &mut document)?;
    step("sensors")?;
    let codes = sensors::record(&reader, &records, &mut document)?;
    step("inventories")?;
    inventory::record_frus(&reader, &records, &codes, &mut document)?;
    step("the event log")?;
    inventory::record_sel(&reader, &mut document)?;
    step("channels, users, LAN and SOL")?;
    network::record(&reader, &mut document)?;
    oem::record(&reader, &questions, &mut document)?;
    put!(printer, "{}", document.text())
}
