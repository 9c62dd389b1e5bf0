//! `sel info`: Get SEL Info and Get SEL Allocation Info (IPMI 2.0 s31.2, s31.3).

use ipmi_core::command::storage::{AllocationInfo, GetSelAllocationInfo, GetSelInfo, SelInfo, SelSupport};
use ipmi_core::sel::RECORD_LEN;
use serde::Serialize;

use crate::command::CommandRow;
use crate::output::json::Timestamp;
use crate::{Failure, Printer, Session, line};

/// `sel info`.
pub const COMMAND: CommandRow =
    CommandRow { group: "sel", name: "info", words: "", about: "Describe the system event log", run };

/// The log as JSON.
#[derive(Debug, Serialize)]
struct Info {
    version: u8,
    entries: u16,
    free_bytes: u16,
    last_addition: Timestamp,
    last_erase: Timestamp,
    overflow: bool,
    delete: bool,
    partial_add: bool,
    reserve: bool,
    allocation_info: bool,
}

/// More free bytes than the field can say.
const OR_MORE: u16 = 0xFFFF;

fn run(session: &Session, printer: &mut Printer<'_>, _words: &[String]) -> Result<(), Failure> {
    let info = session.call(&GetSelInfo)?;
    let has = |bit| info.support.contains(bit);
    let stamp = |seconds: u32| Timestamp { seconds, time: printer.clock.iso(seconds) };
    let object = Info {
        version: info.version,
        entries: info.entries,
        free_bytes: info.free,
        last_addition: stamp(info.last_addition.0),
        last_erase: stamp(info.last_erase.0),
        overflow: has(SelSupport::OVERFLOW),
        delete: has(SelSupport::DELETE),
        partial_add: has(SelSupport::PARTIAL_ADD),
        reserve: has(SelSupport::RESERVE),
        allocation_info: has(SelSupport::ALLOCATION_INFO),
    };
    if printer.object(&object)? {
        return Ok(());
    }
    print(printer, &info)?;
    if has(SelSupport::ALLOCATION_INFO) {
        print_allocation(printer, &session.call(&GetSelAllocationInfo)?)?;
    }
    Ok(())
}

fn print(printer: &mut Printer<'_>, info: &SelInfo) -> Result<(), Failure> {
    let (low, high) = (info.version & 0x0F, info.version >> 4);
    let known = matches!(info.version, 0x51 | 0x02);
    let used = RECORD_LEN as u32 * u32::from(info.entries);
    let percent = match used * 100 / (used + u32::from(info.free)).max(1) {
        // ipmitool does not know how full a log is whose free space it does not know.
        _ if info.free == OR_MORE => "unknown".to_owned(),
        percent => format!("{percent}%"),
    };
    let date = |seconds: u32| {
        if seconds == u32::MAX || seconds == 0 { "Not Available".to_owned() } else { printer.clock.numeric(seconds) }
    };
    let commands: String = [
        (SelSupport::DELETE, "'Delete' "),
        (SelSupport::PARTIAL_ADD, "'Partial Add' "),
        (SelSupport::RESERVE, "'Reserve' "),
        (SelSupport::ALLOCATION_INFO, "'Get Alloc Info' "),
    ]
    .iter()
    .filter(|(bit, _)| info.support.contains(*bit))
    .map(|(_, name)| *name)
    .collect();
    let rows = [
        ("Version", format!("{low}.{high} ({})", if known { "v1.5, v2 compliant" } else { "Unknown" })),
        ("Entries", info.entries.to_string()),
        ("Free Space", format!("{} bytes {}", info.free, if info.free == OR_MORE { "or more" } else { "" })),
        ("Percent Used", percent),
        ("Last Add Time", date(info.last_addition.0)),
        ("Last Del Time", date(info.last_erase.0)),
        ("Overflow", info.support.contains(SelSupport::OVERFLOW).to_string()),
        ("Supported Cmds", commands),
    ];
    line!(printer, "SEL Information")?;
    rows.iter().try_for_each(|(label, value)| line!(printer, "{label:<16} : {value}"))
}

fn print_allocation(printer: &mut Printer<'_>, info: &AllocationInfo) -> Result<(), Failure> {
    line!(printer, "# of Alloc Units : {}", info.units)?;
    line!(printer, "Alloc Unit Size  : {}", info.unit_size)?;
    line!(printer, "# Free Units     : {}", info.free_units)?;
    line!(printer, "Largest Free Blk : {}", info.largest_free_block)?;
    line!(printer, "Max Record Size  : {}", info.largest_record)
}
