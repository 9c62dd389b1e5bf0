//! `raw`: any request, as bytes.

use ipmi_core::{CompletionCode, Lun, NetFn, Request};
use serde_json::json;

use super::CommandRow;
use crate::args::number;
use crate::{Failure, Printer, Session, complain, line, put};

/// `raw`.
pub const COMMAND: CommandRow = CommandRow {
    group: "raw",
    name: "",
    words: "NETFN CMD [DATA...]",
    about: "Send a request as bytes and print the answer",
    run,
};

/// Network functions by the names ipmitool gives them.
const NET_FNS: &[(NetFn, &str)] = &[
    (NetFn::CHASSIS, "Chassis"),
    (NetFn::BRIDGE, "Bridge"),
    (NetFn::SENSOR_EVENT, "SensorEvent"),
    (NetFn::APP, "Application"),
    (NetFn::FIRMWARE, "Firmware"),
    (NetFn::STORAGE, "Storage"),
    (NetFn::TRANSPORT, "Transport"),
];

fn run(session: &Session, printer: &mut Printer<'_>, words: &[String]) -> Result<(), Failure> {
    let (net_fn, cmd, data) = match words {
        [help, ..] if help == "help" => return usage(printer),
        [net_fn, cmd, data @ ..] => (net_fn, cmd, data),
        _ => {
            complain!(printer, "Not enough parameters given.")?;
            usage(printer)?;
            return Err(Failure::Said);
        }
    };
    let invalid = |what: &str, word: &str| Failure::Message(format!("Given {what} \"{word}\" is invalid."));
    let net_fn = net_fn_of(net_fn).ok_or_else(|| invalid("netfn", net_fn))?;
    let cmd = number::parse::<u8>(cmd).ok_or_else(|| invalid("command", cmd))?;
    let data = data
        .iter()
        .map(|word| number::parse::<u8>(word).ok_or_else(|| invalid("data", word)))
        .collect::<Result<Vec<u8>, Failure>>()?;
    let lun = Lun::new(session.arguments.lun);
    let bmc = session.bmc()?;
    let request = Request { lun, ..Request::new(net_fn, cmd, data) };
    let response = bmc.raw(bmc.options().target, &request).map_err(|error| session.refusal(&error))?;
    if printer.object(&json!({ "completion_code": response.code.0, "data": response.data }))? {
        return if response.code == CompletionCode::OK { Ok(()) } else { Err(Failure::Said) };
    }
    if response.code != CompletionCode::OK {
        return Err(Failure::Message(format!(
            "Unable to send RAW command (channel=0x{:x} netfn=0x{:x} lun=0x{:x} cmd=0x{cmd:x} rsp=0x{:x}): {}",
            session.arguments.channel,
            net_fn.get(),
            lun.get(),
            response.code.0,
            response.code,
        )));
    }
    for (index, byte) in response.data.iter().enumerate() {
        if index > 0 && index % 16 == 0 {
            line!(printer)?;
        }
        put!(printer, " {byte:02x}")?;
    }
    line!(printer)
}

/// A name, whole and in any case, or a number.
fn net_fn_of(word: &str) -> Option<NetFn> {
    let named = NET_FNS.iter().find(|(_, name)| name.eq_ignore_ascii_case(word)).map(|(net_fn, _)| *net_fn);
    named.or_else(|| number::parse::<u8>(word).filter(|code| *code < 0x40).map(NetFn::new))
}

fn usage(printer: &mut Printer<'_>) -> Result<(), Failure> {
    complain!(printer, "RAW Commands:  raw <netfn> <cmd> [data]")?;
    complain!(printer, "\nNetwork Function Codes:\n")?;
    complain!(printer, "  VAL\tHEX\tSTRING")?;
    complain!(printer, "==============================================")?;
    for (net_fn, name) in NET_FNS {
        complain!(printer, "  {0}\t0x{0:02x}\t{name}", net_fn.get())?;
    }
    complain!(printer, "\n(can also use raw hex values)")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn network_functions_by_whole_name_or_number() {
        assert_eq!(net_fn_of("application"), Some(NetFn::APP));
        assert_eq!(net_fn_of("0x06"), Some(NetFn::APP));
        for word in ["app", "se", "0x40", "300", ""] {
            assert_eq!(net_fn_of(word), None, "{word}");
        }
    }
}
