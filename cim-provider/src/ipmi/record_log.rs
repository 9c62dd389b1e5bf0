//! RecordLog: the System Event Log of the BMC.

use std::ops::ControlFlow;

use cim::provider::Sink;
use cim::{CimError, Instance, ObjectPath, Status, Value};
use ipmi_core::CompletionCode;
use ipmi_core::command::app::{GetBmcGlobalEnables, GlobalEnables, SetBmcGlobalEnables};
use ipmi_core::command::storage::{GetSelInfo, SelInfo, SelSupport};
use ipmi_core::table::Severity;
use kernel_bridge::walk::sel;

use super::computer_system::put_health;
use super::state_change::{self, DONE, FAILED, INVALID_PARAMETER, NOT_SUPPORTED, requested};
use super::{Call, Invoked, ServedClass, View, not_implemented, put, returns};
use crate::error::is_link_error;
use crate::map::health::Health;

/// The class.
pub(crate) struct RecordLog;

/// InstanceID of the log.
pub(crate) const INSTANCE_ID: &str = "IPMI:SEL Log";
/// Name of the log, and LogName of its records.
pub(crate) const NAME: &str = "SEL";
/// Bytes of a record.
const RECORD_SIZE: u64 = 16;

impl ServedClass for RecordLog {
    fn name(&self) -> &'static str {
        "RecordLog"
    }

    fn enumerate(&self, call: &Call<'_>, view: &View<'_>, sink: &mut Sink<'_>) -> Result<ControlFlow<()>, CimError> {
        let Some(state) = state(call)? else { return Ok(ControlFlow::Continue(())) };
        let mut log = Instance::new(view.class.clone());
        put(&mut log, "InstanceID", INSTANCE_ID);
        put(&mut log, "Name", NAME);
        put(&mut log, "ElementName", "BMC System Event Log");
        put(&mut log, "Caption", "BMC System Event Log");
        put(
            &mut log,
            "Description",
            format!("System Event Log of the management controller at {}", call.node.bmc().name()),
        );
        put(&mut log, "RequestedState", call.node.requested_state(INSTANCE_ID));
        put(&mut log, "OverwritePolicy", 7u16);
        put_state(&mut log, state);
        if view.wants(&["EnabledState"]) {
            put(&mut log, "EnabledState", enabled_state(call)?);
        }
        Ok(sink(log))
    }

    fn invoke(&self, call: &Call<'_>, _target: &ObjectPath, method: &str, inputs: &[Value]) -> Invoked {
        match method.to_ascii_lowercase().as_str() {
            "clearlog" => {
                tracing::info!(bmc = call.node.bmc().name(), user = %call.context.identity.user, "Clear SEL");
                match sel::clear(call.node.bmc()) {
                    // ClearLog has a code of its own for an erase that does not end.
                    Err(ipmi_core::Error::Timeout { .. }) if call.node.is_there() => Ok(returns(3)),
                    result => Ok(returns(clear_code(state_change::return_code(call, result)?))),
                }
            }
            "requeststatechange" => {
                let code = match state_change::parameters(inputs) {
                    Ok(wanted) => request_state(call, wanted)?,
                    Err(code) => code,
                };
                Ok(state_change::output(code))
            }
            _ => Err(not_implemented(self.name(), method)),
        }
    }
}

/// What Get SEL Info says about the log.
pub(crate) enum LogState {
    /// An erase is going on.
    Erasing,
    /// Its figures.
    Known(SelInfo),
}

/// The state of the log; `None` when the BMC keeps no log.
pub(crate) fn state(call: &Call<'_>) -> Result<Option<LogState>, CimError> {
    match call.node.bmc().call(&GetSelInfo) {
        Ok(info) => Ok(Some(LogState::Known(info))),
        Err(error) if error.completion_code() == Some(ERASING) => Ok(Some(LogState::Erasing)),
        Err(error) => match call.node.failure(error) {
            error if error.status == Status::NotSupported => Ok(None),
            error => Err(error),
        },
    }
}

fn put_state(log: &mut Instance, state: LogState) {
    let LogState::Known(info) = state else {
        put(log, "LogState", 3u16);
        return put_health(log, Health::OK);
    };
    let overflow = info.support.contains(SelSupport::OVERFLOW);
    put(log, "MaxNumberOfRecords", capacity(&info));
    put(log, "CurrentNumberOfRecords", u64::from(info.entries));
    put(log, "LogState", 2u16);
    put_health(log, if overflow { Health::of(Severity::NonCritical) } else { Health::OK });
    if overflow {
        put(log, "StatusDescriptions", Value::array(["Log overflow"]));
    }
}

/// ClearLog has none of the codes of state changes.
fn clear_code(code: u32) -> u32 {
    if code > INVALID_PARAMETER { FAILED } else { code }
}

/// Get SEL Info: an erase is going on.
const ERASING: CompletionCode = CompletionCode(0x81);

/// Records the log can hold: those in it and those there is room for.
fn capacity(info: &SelInfo) -> u64 {
    u64::from(info.entries) + u64::from(info.free) / RECORD_SIZE
}

/// Whether the BMC logs events; 5 when it does not tell, as over a network session.
fn enabled_state(call: &Call<'_>) -> Result<u16, CimError> {
    match call.node.bmc().call(&GetBmcGlobalEnables) {
        Ok(enables) => Ok(if enables.contains(GlobalEnables::SEL_LOGGING) { 2 } else { 3 }),
        Err(error) if is_link_error(&error) => Err(call.node.failure(error)),
        Err(_) => Ok(5),
    }
}

/// Switches the logging of events; the other enables stay as they are.
fn request_state(call: &Call<'_>, wanted: u16) -> Result<u32, CimError> {
    let log = match wanted {
        requested::ENABLED => true,
        requested::DISABLED => false,
        _ => return Ok(NOT_SUPPORTED),
    };
    let bmc = call.node.bmc();
    let result = bmc.call(&GetBmcGlobalEnables).and_then(|mut enables| {
        enables.set(GlobalEnables::SEL_LOGGING, log);
        bmc.call(&SetBmcGlobalEnables { enables })
    });
    let code = state_change::return_code(call, result)?;
    if code == DONE {
        call.node.remember_requested_state(INSTANCE_ID, wanted);
    }
    Ok(code)
}
