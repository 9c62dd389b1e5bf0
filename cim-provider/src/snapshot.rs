//! What was last read from a BMC: its identity, sensors and event log, and when that has to be looked at again.
//!
//! Facts are shared as [`Arc`]s: whoever reads holds the state it was given, and a refresh replaces the whole. The
//! locks protect pointers; only the refreshers wait for each other.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use cim::CimError;
use ipmi_core::command::app::GetDeviceId;
use ipmi_core::command::sensor::{DeviceSdrCount, DeviceSdrInfo, GetDeviceSdrInfo};
use ipmi_core::command::storage::{GetSdrRepositoryInfo, GetSelInfo, RecordId, SdrRepositoryInfo, SelInfo};
use ipmi_core::sdr::{SdrRecord, SensorKey};
use ipmi_core::{Command, Error, Lun, Target};
use kernel_bridge::Bmc;
use kernel_bridge::walk::{sdr, sel};

use crate::error::{BmcFailure, is_link_error};
use crate::facts::asset::Asset;
use crate::facts::identity::Identity;
use crate::facts::{SensorFact, sensor};
use crate::map::health::Health;

/// How long facts count as fresh without asking whether they changed.
const FRESH: Duration = Duration::from_secs(1);
/// How long the health of a sensor counts for the health of its system.
const HEALTH_FRESH: Duration = Duration::from_secs(10);

/// How long facts are kept that lack something the BMC did not give: not for good, since it may give it later, and not
/// for one question only, since it may never do.
const INCOMPLETE: Duration = Duration::from_secs(60);

/// A BMC that is served: the way to it and what is known about it.
pub struct Node {
    bmc: Bmc,
    state: Mutex<State>,
    identity_refresh: Mutex<()>,
    sdr_refresh: Mutex<()>,
    sel_refresh: Mutex<()>,
    reboot: Arc<()>,
}

#[derive(Default)]
struct State {
    identity: Option<Arc<Identity>>,
    asset: Option<Arc<Asset>>,
    sdr: Option<Checked>,
    sel: Option<Arc<Sel>>,
    /// The link failed since the identity was read: another BMC may answer now.
    suspect: bool,
    /// The last link failure.
    failed: Option<(Instant, CimError)>,
    requested: HashMap<Arc<str>, u16>,
    health: HashMap<Arc<str>, (Instant, Health)>,
}

/// Sensors, and when it was last made sure that they are still right.
struct Checked {
    facts: Arc<Sdr>,
    at: Instant,
}

/// The sensors of a repository as it stood at one time.
pub(crate) struct Sdr {
    /// In repository order.
    pub(crate) sensors: Vec<SensorFact>,
    /// Names of all sensors, those that only send events included.
    pub(crate) names: HashMap<SensorKey, Arc<str>>,
    stamp: Stamp,
    extent: Extent,
}

/// Whether everything was read.
#[derive(Clone, Copy)]
enum Extent {
    Whole,
    /// Something is missing since a walk at this time.
    Part(Instant),
}

impl Extent {
    fn of<T>(problems: &[T]) -> Self {
        if problems.is_empty() { Self::Whole } else { Self::Part(Instant::now()) }
    }

    /// True when what is missing is worth another walk.
    fn wants_more(self, now: Instant) -> bool {
        matches!(self, Self::Part(at) if now.saturating_duration_since(at) >= INCOMPLETE)
    }
}

/// What changes when records change.
#[derive(PartialEq)]
enum Stamp {
    Repository(SdrRepositoryInfo),
    Device(Option<DeviceSdrInfo>),
}

/// The event log as it stood at one time.
pub(crate) struct Sel {
    /// Get SEL Info.
    pub(crate) info: SelInfo,
    /// In log order.
    pub(crate) records: Vec<sel::Record>,
    extent: Extent,
}

impl Node {
    /// A BMC of which nothing is known yet; nothing is asked before somebody wants to know.
    pub fn new(bmc: Bmc) -> Self {
        let state = Mutex::new(State::default());
        Self {
            bmc,
            state,
            identity_refresh: Mutex::new(()),
            sdr_refresh: Mutex::new(()),
            sel_refresh: Mutex::new(()),
            reboot: Arc::new(()),
        }
    }

    /// The way to the BMC.
    pub(crate) fn bmc(&self) -> &Bmc {
        &self.bmc
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// An error of this BMC as a CIM error. After a link failure the BMC is looked at anew.
    pub(crate) fn failure(&self, error: Error) -> CimError {
        let is_link_error = is_link_error(&error);
        let error = CimError::from(BmcFailure { bmc: self.bmc.name(), error });
        if is_link_error {
            let mut state = self.state();
            state.suspect = true;
            state.failed = Some((Instant::now(), error.clone()));
            state.health.clear();
            state.sdr.iter_mut().for_each(|sdr| sdr.at = stale(sdr.at));
        }
        error
    }

    /// Waits for a turn to ask the BMC. Who waited while the link failed shares that failure: a BMC that is away must
    /// not make a queue of callers wait for one timeout each.
    fn turn<'a>(&self, refresh: &'a Mutex<()>) -> Result<MutexGuard<'a, ()>, CimError> {
        let waiting_since = Instant::now();
        let turn = refresh.lock().unwrap_or_else(PoisonError::into_inner);
        match &self.state().failed {
            Some((at, error)) if *at >= waiting_since => Err(error.clone()),
            _ => Ok(turn),
        }
    }

    /// Sends a command to the BMC itself.
    pub(crate) fn call<C: Command>(&self, command: &C) -> Result<C::Response, CimError> {
        self.call_to(Target::Bmc, command)
    }

    /// Sends a command to a controller.
    pub(crate) fn call_to<C: Command>(&self, target: Target, command: &C) -> Result<C::Response, CimError> {
        self.bmc.call_to(target, command).map_err(|error| self.failure(error))
    }

    /// Who the BMC is. Read once, and again after the link failed.
    pub(crate) fn identity(&self) -> Result<Arc<Identity>, CimError> {
        let known = |state: &State| state.identity.clone().filter(|_| !state.suspect);
        if let Some(identity) = known(&self.state()) {
            return Ok(identity);
        }
        let _turn = self.turn(&self.identity_refresh)?;
        if let Some(identity) = known(&self.state()) {
            return Ok(identity);
        }
        let identity = Arc::new(Identity::read(&self.bmc).map_err(|error| self.failure(error))?);
        let mut state = self.state();
        if state.identity.as_ref().is_some_and(|before| *before != identity) {
            tracing::info!(bmc = self.bmc.name(), "another BMC answers: everything known is forgotten");
            (state.sdr, state.sel, state.asset) = (None, None, None);
        }
        state.suspect = false;
        state.identity = Some(Arc::clone(&identity));
        Ok(identity)
    }

    /// What the FRU inventory says about the system. Read once for each BMC.
    pub(crate) fn asset(&self) -> Result<Arc<Asset>, CimError> {
        self.identity()?;
        if let Some(asset) = self.state().asset.clone() {
            return Ok(asset);
        }
        let _turn = self.turn(&self.identity_refresh)?;
        let asset = Arc::new(Asset::read(&self.bmc).map_err(|error| self.failure(error))?);
        self.state().asset = Some(Arc::clone(&asset));
        Ok(asset)
    }

    /// The sensors. Read once, and again when the repository says that it changed.
    pub(crate) fn sdr(&self) -> Result<Arc<Sdr>, CimError> {
        self.identity()?;
        let fresh =
            |state: &State| state.sdr.as_ref().filter(|sdr| sdr.at.elapsed() < FRESH).map(|sdr| sdr.facts.clone());
        if let Some(sdr) = fresh(&self.state()) {
            return Ok(sdr);
        }
        let _turn = self.turn(&self.sdr_refresh)?;
        if let Some(sdr) = fresh(&self.state()) {
            return Ok(sdr);
        }
        let known = self.state().sdr.as_ref().map(|sdr| Arc::clone(&sdr.facts));
        let unchanged = match &known {
            Some(known) => !known.extent.wants_more(Instant::now()) && self.stamp(&known.stamp)? == known.stamp,
            None => false,
        };
        let facts = match known.filter(|_| unchanged) {
            Some(known) => known,
            None => Arc::new(self.read_sdr()?),
        };
        self.state().sdr = Some(Checked { facts: Arc::clone(&facts), at: Instant::now() });
        Ok(facts)
    }

    /// The sensors, or none when the BMC has no records to give: what can be told without sensors is told.
    pub(crate) fn sdr_if_any(&self) -> Result<Arc<Sdr>, CimError> {
        match self.sdr() {
            Err(error) if !self.state().suspect => {
                tracing::warn!(bmc = self.bmc.name(), %error, "no sensors");
                Ok(Arc::new(Sdr {
                    sensors: Vec::new(),
                    names: HashMap::new(),
                    stamp: Stamp::Device(None),
                    extent: Extent::Whole,
                }))
            }
            result => result,
        }
    }

    fn stamp(&self, known: &Stamp) -> Result<Stamp, CimError> {
        Ok(match known {
            Stamp::Repository(_) => Stamp::Repository(self.call(&GetSdrRepositoryInfo)?),
            Stamp::Device(_) => Stamp::Device(self.device_stamp()?),
        })
    }

    fn device_stamp(&self) -> Result<Option<DeviceSdrInfo>, CimError> {
        match self.bmc.call(&GetDeviceSdrInfo { count: DeviceSdrCount::Sdrs, lun: Lun::BMC }) {
            Ok(info) => Ok(Some(info)),
            Err(error) if is_link_error(&error) => Err(self.failure(error)),
            Err(_) => Ok(None),
        }
    }

    fn read_sdr(&self) -> Result<Sdr, CimError> {
        let repository = sdr::read_repository(&self.bmc, |_, _| {}).map_err(|error| self.failure(error))?;
        for problem in &repository.problems {
            tracing::warn!(bmc = self.bmc.name(), %problem, "SDR");
        }
        let records: Vec<SdrRecord<'_>> = repository
            .records
            .iter()
            .filter_map(|record| {
                SdrRecord::parse(&record.bytes)
                    .inspect_err(|error| tracing::warn!(bmc = self.bmc.name(), record = %record.id, %error, "SDR"))
                    .ok()
            })
            .collect();
        let names = sensor::names(records.iter().copied());
        let sensors = SensorFact::all(records);
        tracing::info!(bmc = self.bmc.name(), records = repository.records.len(), sensors = sensors.len(), "SDRs read");
        let stamp = match repository.info {
            Some(info) => Stamp::Repository(info),
            None => Stamp::Device(self.device_stamp()?),
        };
        Ok(Sdr { sensors, names, stamp, extent: Extent::of(&repository.problems) })
    }

    /// The event log. Only what is new is read when it has just grown.
    pub(crate) fn sel(&self) -> Result<Arc<Sel>, CimError> {
        self.identity()?;
        let _turn = self.turn(&self.sel_refresh)?;
        let info = self.call(&GetSelInfo)?;
        let known = self.state().sel.clone().filter(|known| !known.extent.wants_more(Instant::now()));
        if let Some(known) = known.as_ref().filter(|known| known.info == info) {
            return Ok(Arc::clone(known));
        }
        let grown = known.filter(|known| known.info.last_erase == info.last_erase && known.info.entries < info.entries);
        let facts = match grown.map(|known| self.read_new(&known)) {
            Some(Some(facts)) => facts,
            _ => self.read_sel(RecordId::FIRST)?,
        };
        let facts = Arc::new(facts);
        self.state().sel = Some(Arc::clone(&facts));
        Ok(facts)
    }

    /// The event log; `None` when the BMC keeps none.
    pub(crate) fn sel_if_any(&self) -> Result<Option<Arc<Sel>>, CimError> {
        match self.sel() {
            Err(error) if error.status == cim::Status::NotSupported => Ok(None),
            result => result.map(Some),
        }
    }

    /// The log with what came after its last record; `None` when it does not fit on.
    fn read_new(&self, known: &Sel) -> Option<Sel> {
        let last = known.records.last()?;
        let log = self.read_sel(last.id).ok()?;
        let (first, new) = log.records.split_first()?;
        let records: Vec<_> = known.records.iter().chain(new).cloned().collect();
        (first == last && records.len() == usize::from(log.info.entries)).then_some(Sel { records, ..log })
    }

    fn read_sel(&self, start: RecordId) -> Result<Sel, CimError> {
        let log = sel::read_log(&self.bmc, start, |_, _| {}).map_err(|error| self.failure(error))?;
        for problem in &log.problems {
            tracing::warn!(bmc = self.bmc.name(), %problem, "SEL");
        }
        Ok(Sel { info: log.info, extent: Extent::of(&log.problems), records: log.records })
    }

    /// Whether the BMC answers.
    pub(crate) fn is_there(&self) -> bool {
        self.call(&GetDeviceId).is_ok()
    }

    /// The right to reboot the host, held until the reboot is over; `None` while somebody else holds it.
    pub(crate) fn begin_reboot(&self) -> Option<Arc<()>> {
        let _state = self.state();
        (Arc::strong_count(&self.reboot) == 1).then(|| Arc::clone(&self.reboot))
    }

    /// The RequestedState of an element, 12 when none was ever asked for.
    pub(crate) fn requested_state(&self, element: &str) -> u16 {
        self.state().requested.get(element).copied().unwrap_or(12)
    }

    /// Remembers the RequestedState of an element.
    pub(crate) fn remember_requested_state(&self, element: &str, requested: u16) {
        self.state().requested.insert(element.into(), requested);
    }

    /// The health of a sensor, if it was read lately.
    pub(crate) fn recent_health(&self, device_id: &str) -> Option<Health> {
        self.state().health.get(device_id).filter(|(at, _)| at.elapsed() < HEALTH_FRESH).map(|(_, health)| *health)
    }

    /// Remembers the health of a sensor.
    pub(crate) fn remember_health(&self, device_id: &Arc<str>, health: Health) {
        self.state().health.insert(Arc::clone(device_id), (Instant::now(), health));
    }
}

/// A time that is no longer fresh.
fn stale(at: Instant) -> Instant {
    at.checked_sub(FRESH).unwrap_or(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_looked_for_again_after_a_while() {
        let now = Instant::now();
        assert!(!Extent::of::<()>(&[]).wants_more(now + INCOMPLETE * 100));
        let part = Extent::of(&[()]);
        assert!(!part.wants_more(now));
        assert!(part.wants_more(now + INCOMPLETE + Duration::from_secs(1)));
    }
}
