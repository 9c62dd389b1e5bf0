//! `mc selftest`: Get Self Test Results (IPMI 2.0 s20.4).

use ipmi_core::Error;
use ipmi_core::command::app::{GetSelfTestResults, SelfTestFailures, SelfTestResults};
use serde::Serialize;

use crate::command::CommandRow;
use crate::{Failure, Printer, Session, line};

/// `mc selftest`.
pub const COMMAND: CommandRow =
    CommandRow { group: "mc", name: "selftest", words: "", about: "Print the result of the self test", run };

/// The result as JSON.
#[derive(Debug, Serialize)]
struct SelfTest {
    result: &'static str,
    failures: Vec<&'static str>,
    detail: Option<u8>,
}

/// What can be broken, in the order it is printed.
const FAILURES: &[(SelfTestFailures, &str)] = &[
    (SelfTestFailures::SEL, "SEL device not accessible"),
    (SelfTestFailures::SDR_REPOSITORY, "SDR repository not accesible"),
    (SelfTestFailures::FRU_DEVICE, "FRU device not accessible"),
    (SelfTestFailures::IPMB_LINES, "IPMB signal lines do not respond"),
    (SelfTestFailures::SDR_REPOSITORY_EMPTY, "SDR repository empty"),
    (SelfTestFailures::INTERNAL_USE_AREA, "Internal Use Area corrupted"),
    (SelfTestFailures::BOOT_BLOCK, "Controller update boot block corrupted"),
    (SelfTestFailures::OPERATIONAL_FIRMWARE, "controller operational firmware corrupted"),
];

fn run(session: &Session, printer: &mut Printer<'_>, _words: &[String]) -> Result<(), Failure> {
    let result = match session.bmc()?.call(&GetSelfTestResults) {
        Ok(result) => result,
        Err(Error::Completion { code, .. }) => return Err(Failure::Message(format!("Bad response: ({code})"))),
        Err(error) => return Err(session.refusal(&error)),
    };
    if printer.object(&facts(result))? {
        return Ok(());
    }
    match result {
        SelfTestResults::Passed => line!(printer, "Selftest: passed"),
        SelfTestResults::NotImplemented => line!(printer, "Selftest: not implemented"),
        SelfTestResults::Corrupted(failures) => {
            line!(printer, "Selftest: device corrupted")?;
            for (_, text) in broken(failures) {
                line!(printer, " -> {text}")?;
            }
            Ok(())
        }
        SelfTestResults::Fatal(detail) => {
            line!(printer, "Selftest     : fatal error")?;
            line!(printer, "Failure code : {detail:02x}")
        }
        SelfTestResults::Reserved(_) => line!(printer, "Selftest: N/A"),
        SelfTestResults::DeviceSpecific { code, detail } => {
            line!(printer, "Selftest     : device specific ({code:02X}h)")?;
            line!(printer, "Failure code : {detail:02X}h")
        }
    }
}

fn broken(failures: SelfTestFailures) -> impl Iterator<Item = &'static (SelfTestFailures, &'static str)> {
    FAILURES.iter().filter(move |(bit, _)| failures.contains(*bit))
}

fn facts(result: SelfTestResults) -> SelfTest {
    let (result, failures, detail) = match result {
        SelfTestResults::Passed => ("passed", SelfTestFailures::empty(), None),
        SelfTestResults::NotImplemented => ("not-implemented", SelfTestFailures::empty(), None),
        SelfTestResults::Corrupted(failures) => ("corrupted", failures, Some(failures.bits())),
        SelfTestResults::Fatal(detail) => ("fatal", SelfTestFailures::empty(), Some(detail)),
        SelfTestResults::Reserved(detail) => ("reserved", SelfTestFailures::empty(), Some(detail)),
        SelfTestResults::DeviceSpecific { detail, .. } => ("device-specific", SelfTestFailures::empty(), Some(detail)),
    };
    SelfTest { result, failures: broken(failures).map(|(_, text)| *text).collect(), detail }
}
