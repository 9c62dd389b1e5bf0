//! `sol info`: Get SOL Configuration Parameters (IPMI 2.0 s26.3).

use ipmi_core::ChannelNumber;
use ipmi_core::command::parameter::ChannelParameter;
use ipmi_core::command::transport::GetSolConfigurationParameters;
use serde_json::json;

use crate::command::CommandRow;
use crate::{Failure, Printer, Session, complain, line, put};

/// `sol info`.
pub const COMMAND: CommandRow =
    CommandRow { group: "sol", name: "info", words: "[CHANNEL]", about: "Print the configuration of SOL", run };

/// Names of the parameters, by number.
const NAMES: [&str; 9] = [
    "Set In Progress (0)",
    "Enable (1)",
    "Authentication (2)",
    "Character Interval (3)",
    "Retry (4)",
    "Nonvolatile Bitrate (5)",
    "Volatile Bitrate (6)",
    "Payload Channel (7)",
    "Payload Port (8)",
];
/// The UDP port of a BMC that does not tell.
const PORT: [u8; 2] = [0x6F, 0x02];
const NOT_SUPPORTED: u8 = 0x80;

/// The configuration of SOL on a channel, as it comes from the BMC.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Parameters([Vec<u8>; NAMES.len()]);

impl Parameters {
    /// Asks for all parameters. Those the BMC does not have are empty.
    pub(super) fn read(session: &Session, printer: &mut Printer<'_>, channel: u8) -> Result<Self, Failure> {
        let mut parameters = Self::default();
        for ((number, name), value) in (0..).zip(NAMES).zip(&mut parameters.0) {
            let parameter = ChannelParameter::new(ChannelNumber::new(channel), number);
            match session.bmc()?.call(&GetSolConfigurationParameters(parameter)) {
                Ok(parameter) => *value = parameter.data,
                Err(error) if super::code(&error).is_some_and(|code| code.0 == NOT_SUPPORTED) => {
                    complain!(printer, "Info: SOL parameter '{name}' not supported")?;
                    if number == 8 {
                        *value = PORT.to_vec();
                    }
                }
                Err(error) => {
                    let what = format!("Error requesting SOL parameter '{name}'");
                    return Err(super::refusal(session, &error, &what));
                }
            }
        }
        Ok(parameters)
    }

    /// Byte `offset` of parameter `number`.
    pub(super) fn byte(&self, number: usize, offset: usize) -> u8 {
        self.0.get(number).and_then(|value| value.get(offset)).copied().unwrap_or(0)
    }
}

/// Words of set-in-progress.
pub(super) const PROGRESS: [&str; 3] = ["set-complete", "set-in-progress", "commit-write"];

/// Bit rates in kbit/s by code; 0 is that of the serial port.
pub(super) const BIT_RATES: [(u8, &str); 5] = [(6, "9.6"), (7, "19.2"), (8, "38.4"), (9, "57.6"), (10, "115.2")];

fn bit_rate(code: u8) -> String {
    match (code & 0xF, BIT_RATES.iter().find(|(known, _)| *known == code & 0xF)) {
        (0, _) => "IPMI-Over-Serial-Setting".to_owned(),
        (_, Some((_, name))) => (*name).to_owned(),
        (code, None) => format!("Unknown ({code:#04x})"),
    }
}

/// Privilege levels by code.
const LEVELS: [&str; 6] = ["Unknown", "CALLBACK", "USER", "OPERATOR", "ADMINISTRATOR", "OEM"];

fn privilege(code: u8) -> String {
    let code = code & 0xF;
    LEVELS.get(usize::from(code)).map_or_else(|| format!("Unknown ({code:#04x})"), |name| (*name).to_owned())
}

fn run(session: &Session, printer: &mut Printer<'_>, words: &[String]) -> Result<(), Failure> {
    if words.len() > 1 {
        return super::usage(printer);
    }
    let channel = super::channel(printer, words.first())?;
    let parameters = Parameters::read(session, printer, channel)?;
    let byte = |number, offset| parameters.byte(number, offset);
    let progress = PROGRESS.get(usize::from(byte(0, 0) & 3)).copied().unwrap_or("unknown");
    let flag = |number, bit: u8| byte(number, 0) >> bit & 1 != 0;
    let port = u16::from_le_bytes([byte(8, 0), byte(8, 1)]);
    let rows: [(&str, String); 12] = [
        ("Set in progress", progress.to_owned()),
        ("Enabled", flag(1, 0).to_string()),
        ("Force Encryption", flag(2, 7).to_string()),
        ("Force Authentication", flag(2, 6).to_string()),
        ("Privilege Level", privilege(byte(2, 0))),
        ("Character Accumulate Level (ms)", (u32::from(byte(3, 0)) * 5).to_string()),
        ("Character Send Threshold", byte(3, 1).to_string()),
        ("Retry Count", (byte(4, 0) & 7).to_string()),
        ("Retry Interval (ms)", (u32::from(byte(4, 1)) * 10).to_string()),
        ("Volatile Bit Rate (kbps)", bit_rate(byte(6, 0))),
        ("Non-Volatile Bit Rate (kbps)", bit_rate(byte(5, 0))),
        ("Payload Port", port.to_string()),
    ];
    let [.., (_, volatile), (_, lasting), _] = &rows;
    if printer.object(&json!({
        "set_in_progress": progress,
        "enabled": flag(1, 0),
        "force_encryption": flag(2, 7),
        "force_authentication": flag(2, 6),
        "privilege": privilege(byte(2, 0)),
        "accumulate_ms": u32::from(byte(3, 0)) * 5,
        "send_threshold": byte(3, 1),
        "retry_count": byte(4, 0) & 7,
        "retry_interval_ms": u32::from(byte(4, 1)) * 10,
        "volatile_bit_rate": volatile,
        "non_volatile_bit_rate": lasting,
        "payload_channel": byte(7, 0),
        "payload_port": port,
    }))? {
        return Ok(());
    }
    let (last, others) = rows.split_last().ok_or(Failure::Said)?;
    if printer.csv() {
        others.iter().try_for_each(|(_, value)| put!(printer, "{value},"))?;
        return line!(printer, "{},{}", byte(7, 0), last.1);
    }
    others.iter().try_for_each(|(name, value)| line!(printer, "{name:<31} : {value}"))?;
    line!(printer, "{:<31} : {} (0x{:02x})", "Payload Channel", byte(7, 0), byte(7, 0))?;
    line!(printer, "{:<31} : {}", last.0, last.1)
}
