//! The lines printed after the listeners are up: what was found, and two commands to try.

use cim::{Access, Broker, Identity, Instance, OperationContext, Value};

const NAMESPACE: &str = "root/hardware";

/// What the broker finds, in one line; a BMC that is away is no reason not to serve.
pub(crate) fn found(broker: &Broker, bmc: &str) -> String {
    match facts(broker) {
        Ok(facts) => format!("BMC {bmc}: {facts}"),
        Err(error) => format!("BMC {bmc} cannot be read yet ({}); clients get faults until it can", error.message),
    }
}

fn facts(broker: &Broker) -> Result<String, cim::CimError> {
    let identity = Identity { user: "cimd".into(), access: Access::Read };
    let context = OperationContext { identity, deadline: None };
    let query = |text: &str| broker.query(&context, NAMESPACE, text).map(|found| found.instances);
    let systems = query(
        "SELECT ElementName, Dedicated, OtherIdentifyingInfo, IdentifyingDescriptions, EnabledState FROM ComputerSystem",
    )?;
    let host = systems.iter().find(|system| dedicated(system, 0));
    let controller = systems.iter().find(|system| dedicated(system, 28));
    let power = match host.and_then(|host| host.get("EnabledState")) {
        Some(Value::Uint16(2)) => "on",
        Some(Value::Uint16(3)) => "off",
        _ => "unknown",
    };
    let firmware = controller.and_then(|controller| identifying(controller, "Firmware revision"));
    let numeric = broker.enumerate_paths(&context, NAMESPACE, "NumericSensor")?.len();
    let discrete = broker.enumerate_paths(&context, NAMESPACE, "Sensor")?.len();
    let logs = query("SELECT CurrentNumberOfRecords FROM RecordLog")?;
    let entries = match logs.first().and_then(|log| log.get("CurrentNumberOfRecords")) {
        Some(Value::Uint64(entries)) => entries.to_string(),
        _ => "unknown".to_owned(),
    };
    let name = host.and_then(|host| host.get("ElementName")).and_then(Value::as_str).unwrap_or("unknown system");
    Ok(format!(
        "{name}, power {power}, BMC firmware {}; {numeric} numeric and {discrete} discrete sensors, {entries} SEL entries",
        firmware.unwrap_or("unknown"),
    ))
}

fn dedicated(system: &Instance, to: u16) -> bool {
    system.get("Dedicated") == Some(&Value::array([to]))
}

/// The fact in OtherIdentifyingInfo with this description.
fn identifying<'a>(system: &'a Instance, description: &str) -> Option<&'a str> {
    let (Some(Value::Array(facts)), Some(Value::Array(names))) =
        (system.get("OtherIdentifyingInfo"), system.get("IdentifyingDescriptions"))
    else {
        return None;
    };
    let index = names.iter().position(|name| name.as_str() == Some(description))?;
    facts.get(index)?.as_str()
}

/// Commands a user can paste.
pub(crate) fn try_these(url: &str, user: &str, password: Option<&str>) -> String {
    let remote = url.strip_suffix("/wsman").unwrap_or(url);
    let remote = remote.replace("//0.0.0.0:", "//localhost:").replace("//[::]:", "//localhost:");
    let certificate = if remote.starts_with("https:") { " -skipCAcheck" } else { " -unencrypted" };
    // Started by `cargo run`, the programs are not on PATH yet.
    let winrm = if std::env::var_os("CARGO").is_some() { "cargo run --release --bin winrm --" } else { "winrm" };
    let login = format!("-r:{remote} -a:basic{certificate} -u:{user} -p:{}", password.unwrap_or("PASSWORD"));
    format!(
        "Try:\n  {winrm} enumerate wmi/root/hardware/NumericSensor {login}\n  {winrm} enumerate 'wmi/root/hardware/*' \
         -dialect:WQL '-filter:SELECT Name, CurrentReading FROM NumericSensor WHERE BaseUnits = 2' {login}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_name_an_address_one_can_connect_to() {
        let text = try_these("https://0.0.0.0:5986/wsman", "admin", None);
        assert!(text.contains("-r:https://localhost:5986 -a:basic -skipCAcheck -u:admin -p:PASSWORD"), "{text}");
        assert!(try_these("http://127.0.0.1:5985/wsman", "a", Some("b")).contains("-unencrypted -u:a -p:b"));
    }
}
