//! `mc getenables`: Get BMC Global Enables (IPMI 2.0 s22.2).

use ipmi_core::command::app::{GetBmcGlobalEnables, GlobalEnables};
use serde_json::{Map, Value};

use crate::command::CommandRow;
use crate::{Failure, Printer, Session, line};

/// `mc getenables`.
pub const COMMAND: CommandRow =
    CommandRow { group: "mc", name: "getenables", words: "", about: "Print the global enables", run };

fn run(session: &Session, printer: &mut Printer<'_>, _words: &[String]) -> Result<(), Failure> {
    let enables = session.call(&GetBmcGlobalEnables)?;
    let rows = GlobalEnables::NAMES.iter().map(|(bit, name, text)| (enables.contains(*bit), *name, *text));
    let object: Map<String, Value> = rows.clone().map(|(on, name, _)| (name.to_owned(), on.into())).collect();
    if printer.object(&object)? {
        return Ok(());
    }
    for (on, _, text) in rows {
        line!(printer, "{text:<40} : {}", if on { "enabled" } else { "disabled" })?;
    }
    Ok(())
}
