//! `mc guid`: Get System GUID (IPMI 2.0 s22.14).

use ipmi_core::command::app::{GetSystemGuid, Guid, GuidEncoding};
use kernel_bridge::quirk::Leniency;
use serde::Serialize;
use time::OffsetDateTime;

use crate::command::CommandRow;
use crate::{Failure, Printer, Session, line};

/// `mc guid`.
pub const COMMAND: CommandRow = CommandRow {
    group: "mc",
    name: "guid",
    words: "[auto|smbios|ipmi|rfc4122|dump]",
    about: "Print the GUID of the system",
    run,
};

/// The GUID as JSON.
#[derive(Debug, Serialize)]
struct GuidRow {
    guid: String,
    bytes: String,
    encoding: Option<String>,
    version: Option<String>,
}

fn run(session: &Session, printer: &mut Printer<'_>, words: &[String]) -> Result<(), Failure> {
    let guid = session.call(&GetSystemGuid)?;
    let asked = match words.first().map(String::as_str) {
        Some("smbios") => Some(GuidEncoding::Smbios),
        Some("ipmi") => Some(GuidEncoding::Ipmi),
        Some("rfc") => Some(GuidEncoding::Rfc4122),
        Some("dump") => return dump(printer, &guid),
        _ if session.bmc()?.leniency().contains(Leniency::GUID_FORMAT) => Some(GuidEncoding::Rfc4122),
        _ => None,
    };
    let year = i64::from(OffsetDateTime::now_utc().year());
    let Some(encoding) = asked.or_else(|| guid.detect(year)) else { return dump(printer, &guid) };
    let fields = guid.fields(encoding);
    let row = GuidRow {
        guid: fields.to_string(),
        bytes: guid.to_string(),
        encoding: Some(encoding.to_string()),
        version: Some(fields.version().to_string()),
    };
    if printer.object(&row)? {
        return Ok(());
    }
    line!(printer, "System GUID   : {fields}")?;
    if asked.is_none() {
        line!(printer, "GUID Encoding : {encoding}")?;
    }
    line!(printer, "GUID Version  : {}", fields.version())?;
    if let Some(stamp) = fields.unix_seconds().and_then(|seconds| u32::try_from(seconds).ok()) {
        line!(printer, "Timestamp     : {}", printer.clock.numeric(stamp))?;
    }
    Ok(())
}

fn dump(printer: &mut Printer<'_>, guid: &Guid) -> Result<(), Failure> {
    let bytes = guid.to_string();
    if printer.object(&GuidRow { guid: bytes.clone(), bytes, encoding: None, version: None })? {
        return Ok(());
    }
    line!(printer, "System GUID   : {guid}")
}
