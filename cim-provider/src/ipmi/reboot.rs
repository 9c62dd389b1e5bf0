//! Reboot of the host: soft shutdown, and power up once it is off. IPMI has no command for that, so somebody has to
//! wait.

use std::sync::Arc;
use std::time::{Duration, Instant};

use cim::CimError;
use ipmi_core::command::chassis::{ChassisAction, ChassisControl, GetChassisStatus};
use kernel_bridge::Bmc;

use super::Call;
use super::computer_system::{control, is_on};
use super::state_change::{BUSY, DONE, UNSPECIFIED};

/// How long the operating system may take to shut down. After that the host is left as it is.
const SHUTDOWN_TIME: Duration = Duration::from_secs(600);
const POLL: Duration = Duration::from_secs(1);

/// Asks for the shutdown and returns; the rest happens in the background. One reboot at a time.
pub(crate) fn start(call: &Call<'_>) -> Result<u32, CimError> {
    let Some(turn) = call.node.begin_reboot() else { return Ok(BUSY) };
    let code = control(call, ChassisAction::SoftShutdown)?;
    if code != DONE {
        return Ok(code);
    }
    let bmc = call.node.bmc().clone();
    let waiter = std::thread::Builder::new().name("reboot".to_owned()).spawn(move || power_up_when_off(&bmc, turn));
    Ok(if waiter.is_ok() { DONE } else { UNSPECIFIED })
}

fn power_up_when_off(bmc: &Bmc, turn: Arc<()>) {
    let started = Instant::now();
    while started.elapsed() < SHUTDOWN_TIME {
        std::thread::sleep(POLL);
        match bmc.call(&GetChassisStatus) {
            Ok(status) if !is_on(&status) => {
                match bmc.call(&ChassisControl { action: ChassisAction::PowerUp }) {
                    Ok(()) => tracing::info!(bmc = bmc.name(), "reboot: powered up"),
                    Err(error) => tracing::warn!(bmc = bmc.name(), %error, "reboot: the host stays off"),
                }
                return;
            }
            Ok(_) => {}
            Err(error) => tracing::debug!(bmc = bmc.name(), %error, "reboot: chassis status"),
        }
    }
    tracing::warn!(bmc = bmc.name(), "reboot: the host did not shut down in {} s", SHUTDOWN_TIME.as_secs());
    drop(turn);
}
