//! `fru read`: a whole inventory area as bytes.

use ipmi_core::Error;
use ipmi_core::command::storage::FruDeviceId;
use kernel_bridge::walk::fru;

use crate::args::number;
use crate::command::CommandRow;
use crate::output::json::Done;
use crate::{Failure, Printer, Session, complain, line};

/// `fru read`.
pub const COMMAND: CommandRow =
    CommandRow { group: "fru", name: "read", words: "ID FILE", about: "Write an inventory into a file", run };

fn run(session: &Session, printer: &mut Printer<'_>, words: &[String]) -> Result<(), Failure> {
    let [word, file, ..] = words else {
        let asked = words.first().is_some_and(|word| word == "help");
        if !asked {
            complain!(printer, "Not enough parameters given.")?;
        }
        complain!(printer, "fru read <fru id> <fru file>")?;
        complain!(printer, "Note: FRU ID and file(incl. full path) must be specified.")?;
        complain!(printer, "Example: ipmitool fru read 0 /root/fru.bin")?;
        return if asked { Ok(()) } else { Err(Failure::Said) };
    };
    let Some(id) = number::parse::<u8>(word) else {
        return Err(Failure::Message(format!("FRU ID '{word}' is either invalid or out of range.")));
    };
    let bmc = session.bmc()?;
    let image = fru::read_whole(bmc, bmc.options().target, FruDeviceId(id)).map_err(|error| match error {
        Error::Completion { code, .. } => Failure::Message(format!("Device not present ({code})")),
        other => session.refusal(&other),
    })?;
    line!(printer, "Fru Size         : {} bytes", image.info.size)?;
    std::fs::write(file, &image.bytes).map_err(|error| Failure::Message(format!("{file}: {error}")))?;
    if let Some(problem) = &image.problem {
        complain!(printer, " FRU {id}: {problem}")?;
    }
    if !printer.object(&Done { done: "read" })? {
        line!(printer, "Done")?;
    }
    if image.problem.is_none() { Ok(()) } else { Err(Failure::Said) }
}
