//! Microsoft_IPMI in root/wmi: the BMC as the driver sees it, and raw commands.

use std::ops::ControlFlow;
use std::sync::Arc;

use cim::provider::Sink;
use cim::{CimError, Instance, MethodOutput, ObjectPath, Status, Value};
use ipmi_core::command::app::GetMessageFlags;
use ipmi_core::{ChannelNumber, Lun, NetFn, Request, SlaveAddress, Target};

use super::{Call, Invoked, ServedClass, View, not_implemented, put};
use crate::schema::WMI;

/// The class.
pub(crate) struct MicrosoftIpmi;

/// InstanceName of the BMC.
const INSTANCE_NAME: &str = "ipmi0_0";
/// Most bytes a request may have: what fits into the messages of every interface.
const MOST_DATA: usize = 240;
/// Bit of the interface status register that asks for attention.
const SMS_ATN: u8 = 1 << 2;

impl ServedClass for MicrosoftIpmi {
    fn namespace(&self) -> &'static str {
        WMI
    }

    fn name(&self) -> &'static str {
        "Microsoft_IPMI"
    }

    fn enumerate(&self, call: &Call<'_>, view: &View<'_>, sink: &mut Sink<'_>) -> Result<ControlFlow<()>, CimError> {
        let mut driver = Instance::new(view.class.clone());
        put(&mut driver, "InstanceName", INSTANCE_NAME);
        put(&mut driver, "BMCAddress", SlaveAddress::BMC.0);
        if view.wants(&["Active"]) {
            put(&mut driver, "Active", call.node.is_there());
        }
        Ok(sink(driver))
    }

    fn invoke(&self, call: &Call<'_>, _target: &ObjectPath, method: &str, inputs: &[Value]) -> Invoked {
        match (method.to_ascii_lowercase().as_str(), inputs) {
            ("requestresponse", [net_fn, lun, responder, command, size, data]) => {
                let data = bytes("RequestData", data)?;
                check_size("RequestDataSize", size, &data)?;
                request_response(call, [net_fn, lun, responder, command], data)
            }
            ("requestresponseex", [net_fn, lun, responder, command, size, data_size, data]) => {
                let data = bytes("Data", data)?;
                check_size("RequestDataSize", size, &data)?;
                check_size("DataSize", data_size, &data)?;
                request_response(call, [net_fn, lun, responder, command], data)
            }
            ("sms_attention", _) => sms_attention(call),
            _ => Err(not_implemented(self.name(), method)),
        }
    }
}

fn invalid(message: String) -> CimError {
    CimError::new(Status::InvalidParameter, message)
}

fn byte(name: &str, value: &Value) -> Result<u8, CimError> {
    match value {
        Value::Uint8(byte) => Ok(*byte),
        _ => Err(invalid(format!("{name}: expected a uint8"))),
    }
}

/// Request data: an array, or NULL for none.
fn bytes(name: &str, value: &Value) -> Result<Vec<u8>, CimError> {
    let data = match value {
        Value::Null => Vec::new(),
        Value::Array(items) => items.iter().map(|item| byte(name, item)).collect::<Result<_, _>>()?,
        single => vec![byte(name, single)?],
    };
    if data.len() > MOST_DATA {
        return Err(invalid(format!("{name}: {} bytes are more than a message holds ({MOST_DATA})", data.len())));
    }
    Ok(data)
}

fn check_size(name: &str, value: &Value, data: &[u8]) -> Result<(), CimError> {
    match value {
        Value::Null => Ok(()),
        Value::Uint32(size) if usize::try_from(*size) == Ok(data.len()) => Ok(()),
        Value::Uint32(size) => Err(invalid(format!("{name} is {size}, but there are {} bytes", data.len()))),
        _ => Err(invalid(format!("{name}: expected a uint32"))),
    }
}

fn request_response(call: &Call<'_>, [net_fn, lun, responder, command]: [&Value; 4], data: Vec<u8>) -> Invoked {
    let (net_fn, lun) = (byte("NetworkFunction", net_fn)?, byte("Lun", lun)?);
    let (responder, command) = (byte("ResponderAddress", responder)?, byte("Command", command)?);
    if net_fn & 1 == 1 || net_fn > 0x3E {
        return Err(invalid(format!("NetworkFunction {net_fn}: expected an even number up to 62")));
    }
    if lun > 3 {
        return Err(invalid(format!("Lun {lun}: expected 0 to 3")));
    }
    let target = match SlaveAddress(responder) {
        SlaveAddress::BMC => Target::Bmc,
        address if address.is_software() => {
            return Err(invalid(format!("ResponderAddress {responder}: software does not answer")));
        }
        address => Target::Ipmb { channel: ChannelNumber::PRIMARY_IPMB, address },
    };
    let request = Request { net_fn: NetFn::new(net_fn), lun: Lun::new(lun), cmd: command, data };
    tracing::info!(bmc = call.node.bmc().name(), user = %call.context.identity.user, net_fn, command, "raw command");
    let response = call.node.bmc().raw(target, &request).map_err(|error| call.node.failure(error))?;
    let size = u32::try_from(response.data.len()).unwrap_or(u32::MAX);
    let parameters: Vec<(Arc<str>, Value)> = vec![
        ("CompletionCode".into(), response.code.0.into()),
        ("ResponseDataSize".into(), size.into()),
        ("ResponseData".into(), Value::array(response.data)),
    ];
    Ok(MethodOutput { result: Value::Null, parameters })
}

/// There is no access to the register of every interface; what it would show follows from the message flags.
fn sms_attention(call: &Call<'_>) -> Invoked {
    let flags = call.node.call(&GetMessageFlags)?;
    let attention = !flags.is_empty();
    let status = if attention { SMS_ATN } else { 0 };
    let parameters: Vec<(Arc<str>, Value)> =
        vec![("AttentionSet".into(), attention.into()), ("StatusRegisterValue".into(), status.into())];
    Ok(MethodOutput { result: Value::Null, parameters })
}
