//! `sdr info`: Get SDR Repository Info (IPMI 2.0 s33.9).

use ipmi_core::command::storage::{GetSdrRepositoryInfo, SdrRepositoryInfo, SdrRepositorySupport};
use serde::Serialize;

use crate::command::CommandRow;
use crate::output::json::Timestamp;
use crate::{Failure, Printer, Session, line};

/// `sdr info`.
pub const COMMAND: CommandRow =
    CommandRow { group: "sdr", name: "info", words: "", about: "Describe the SDR repository", run };

/// The repository as JSON.
#[derive(Debug, Serialize)]
struct Info {
    version: u8,
    records: u16,
    free_bytes: Option<u16>,
    last_addition: Timestamp,
    last_erase: Timestamp,
    overflow: bool,
    delete: bool,
    partial_add: bool,
    reserve: bool,
    allocation_info: bool,
}

fn run(session: &Session, printer: &mut Printer<'_>, _words: &[String]) -> Result<(), Failure> {
    let info = session.call(&GetSdrRepositoryInfo)?;
    let has = |bit| info.support.contains(bit);
    let stamp = |seconds: u32| Timestamp { seconds, time: printer.clock.iso(seconds) };
    let object = Info {
        version: info.version,
        records: info.records,
        free_bytes: Some(info.free).filter(|free| *free < 0xFFFE),
        last_addition: stamp(info.last_addition.0),
        last_erase: stamp(info.last_erase.0),
        overflow: has(SdrRepositorySupport::OVERFLOW),
        delete: has(SdrRepositorySupport::DELETE),
        partial_add: has(SdrRepositorySupport::PARTIAL_ADD),
        reserve: has(SdrRepositorySupport::RESERVE),
        allocation_info: has(SdrRepositorySupport::ALLOCATION_INFO),
    };
    if printer.object(&object)? {
        return Ok(());
    }
    print(printer, &info, &object)
}

fn print(printer: &mut Printer<'_>, info: &SdrRepositoryInfo, facts: &Info) -> Result<(), Failure> {
    let yes = |set: bool| if set { "yes" } else { "no" }.to_owned();
    let date = |known: bool, seconds: u32| {
        if known { printer.clock.numeric(seconds) } else { "NA".to_owned() }
    };
    let (non_modal, modal) =
        (info.support.contains(SdrRepositorySupport::NON_MODAL), info.support.contains(SdrRepositorySupport::MODAL));
    let rows = [
        ("SDR Version", format!("0x{:x}", info.version)),
        ("Record Count", info.records.to_string()),
        (
            "Free Space",
            match info.free {
                0 => "none (full)".to_owned(),
                0xFFFF => "unspecified".to_owned(),
                0xFFFE => "> 64Kb - 2 bytes".to_owned(),
                free => format!("{free} bytes"),
            },
        ),
        // ipmitool knows these dates only where records can be added or deleted.
        ("Most recent Addition", date(facts.partial_add, info.last_addition.0)),
        ("Most recent Erase", date(facts.delete, info.last_erase.0)),
        ("SDR overflow", yes(facts.overflow)),
        (
            "SDR Repository Update Support",
            match (modal, non_modal) {
                (false, false) => "unspecified",
                (false, true) => "non-modal",
                (true, false) => "modal",
                (true, true) => "modal and non-modal",
            }
            .to_owned(),
        ),
        ("Delete SDR supported", yes(facts.delete)),
        ("Partial Add SDR supported", yes(facts.partial_add)),
        ("Reserve SDR repository supported", yes(facts.reserve)),
        ("SDR Repository Alloc info supported", yes(facts.allocation_info)),
    ];
    for (label, value) in rows {
        line!(printer, "{label:<35} : {value}")?;
    }
    Ok(())
}
