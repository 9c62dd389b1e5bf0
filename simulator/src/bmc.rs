//! The BMC: state, `handle(request, now) -> response` and what it does by itself (`poll`). No I/O, no clock, no
//! threads.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use ipmi_core::{CompletionCode, Request, Response};

use crate::chassis::{Chassis, PowerAction, RestartCause};
use crate::controller::Controller;
use crate::fault::request::RequestFaults;
use crate::handler::{self, Call, Source};
use crate::messaging::{ENABLE_SEL_LOGGING, Messaging};
use crate::model::Model;
use crate::oem::OemAnswers;
use crate::pef::{NO_RECORD, Pef, Postpone};
use crate::sensor::SensorEvent;
use crate::session::Sessions;
use crate::store::boot_options::Clears;
use crate::store::channel::Channels;
use crate::store::dcmi::Dcmi;
use crate::store::firewall::Firewall;
use crate::store::sel::Record;
use crate::store::settings::Settings;
use crate::store::users::Users;
use crate::watchdog::{Expiry, Watchdog};

/// Address of a BMC on its IPMB.
pub const BMC_ADDRESS: u8 = 0x20;
/// Most power actions kept for faces that never fetch them.
const ACTION_LIMIT: usize = 16;

/// How a BMC behaves where the specification leaves room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// Reserved bits of the state bytes of Get Sensor Reading are 1, as most BMCs send them.
    pub reserved_state_bits: bool,
    /// Time an erase of the SEL takes.
    pub erase_time: Duration,
    /// Most data bytes in a response, completion code not counted. Reads of more fail with CAh.
    pub max_response: usize,
    /// System GUID in wire order.
    pub system_guid: Option<[u8; 16]>,
    /// Answer to requests for a sensor or FRU device that is not there.
    pub absent: CompletionCode,
    /// Answer to requests for thresholds or hysteresis a sensor does not have.
    pub unsuitable: CompletionCode,
    /// Get Sensor Event Status, an optional command, is answered.
    pub event_status: bool,
    /// Answer to requests for a channel that is not there.
    pub no_channel: CompletionCode,
    /// PICMG commands are answered.
    pub picmg: bool,
    /// HPM.1 upgrade targets can be discovered.
    pub hpm: bool,
    /// VITA 46.11 commands are answered.
    pub vita: bool,
}

impl Default for Profile {
    fn default() -> Self {
        Self {
            reserved_state_bits: true,
            erase_time: Duration::ZERO,
            max_response: 255,
            system_guid: None,
            absent: CompletionCode::NOT_PRESENT,
            unsuitable: CompletionCode::ILLEGAL_FOR_SENSOR,
            event_status: true,
            no_channel: CompletionCode::INVALID_DATA_FIELD,
            picmg: false,
            hpm: false,
            vita: false,
        }
    }
}

/// A simulated BMC with the satellite controllers behind its IPMB.
///
/// `now` is always the time since the Unix epoch; it should not run backwards.
///
/// ```
/// use std::time::Duration;
/// use ipmi_core::{NetFn, Request};
/// use simulator::{Bmc, Options};
///
/// let now = Duration::from_secs(1_700_000_000);
/// let mut bmc = Bmc::builtin(&Options::default(), now);
/// let device_id = bmc.handle(&Request::new(NetFn::APP, 0x01, []), now);
/// assert_eq!(device_id.code.0, 0);
/// assert_eq!(device_id.data[4], 0x02); // IPMI 2.0
/// ```
#[derive(Debug)]
pub struct Bmc {
    /// The BMC's own controller.
    pub main: Controller,
    /// Controllers behind IPMB channel 0, by address.
    pub satellites: BTreeMap<u8, Controller>,
    /// What waits for system software.
    pub messaging: Messaging,
    /// Power, identify, boot options.
    pub chassis: Chassis,
    /// Watchdog timer.
    pub watchdog: Watchdog,
    /// Who may log in.
    pub users: Users,
    /// The ways in.
    pub channels: Channels,
    /// Who is logged in.
    pub sessions: Sessions,
    /// Configuration parameters.
    pub settings: Settings,
    /// Platform event filtering.
    pub pef: Pef,
    /// When the BMC started.
    pub started: Duration,
    /// Power and thermal limits, asset tag, controller id.
    pub dcmi: Dcmi,
    /// Recorded answers.
    pub oem: OemAnswers,
    /// Commands that are switched off.
    pub firewall: Firewall,
    /// Behaviour where the specification leaves room.
    pub profile: Profile,
    /// ACPI system and device power state.
    pub acpi: (u8, u8),
    /// SEL time UTC offset in minutes, 07FFh unspecified.
    pub utc_offset: i16,
    /// What moves the sensors; `None` for readings that stand still.
    pub model: Option<Box<dyn Model + Send>>,
    /// What goes wrong with requests; `None` for nothing.
    pub faults: Option<RequestFaults>,
    actions: VecDeque<PowerAction>,
    /// Something that belongs into a saved state changed.
    pub(crate) dirty: bool,
}

impl Bmc {
    /// A BMC around its own controller, with the power on or off.
    pub fn new(main: Controller, power_on: bool, now: Duration) -> Self {
        Self {
            main,
            satellites: BTreeMap::new(),
            messaging: Messaging::default(),
            chassis: Chassis::new(power_on, now),
            watchdog: Watchdog::default(),
            users: Users::default(),
            channels: Channels::default(),
            sessions: Sessions::default(),
            settings: Settings::default(),
            pef: Pef::default(),
            started: now,
            dcmi: Dcmi::default(),
            oem: OemAnswers::default(),
            firewall: Firewall::default(),
            profile: Profile::default(),
            acpi: (if power_on { 0x00 } else { 0x06 }, 0x00),
            utc_offset: 0x07FF,
            model: None,
            faults: None,
            actions: VecDeque::new(),
            dirty: false,
        }
    }

    /// Answers a request from the system interface.
    pub fn handle(&mut self, request: &Request, now: Duration) -> Response {
        self.handle_from(Source::System, request, now)
    }

    /// Answers a request that came in from `source`.
    pub fn handle_from(&mut self, source: Source, request: &Request, now: Duration) -> Response {
        self.poll(now);
        let own = self.main.address;
        let response = self.handle_at(own, source, request, now);
        tracing::trace!(lun = request.lun.get(), "request {request}, response {response}");
        response
    }

    /// Answers a request that reached the controller at `address` from `source`.
    pub(crate) fn handle_at(&mut self, address: u8, source: Source, request: &Request, now: Duration) -> Response {
        if let Some(code) = self.fault_of(address, request) {
            return Response::refused(code);
        }
        handler::dispatch(&mut Call {
            bmc: self,
            at: address,
            source,
            net_fn: request.net_fn,
            lun: request.lun,
            cmd: request.cmd,
            data: &request.data,
            now,
            code: CompletionCode::OK,
        })
    }

    /// The completion code a fault gives a request instead of its answer.
    fn fault_of(&mut self, address: u8, request: &Request) -> Option<CompletionCode> {
        let faults = self.faults.as_mut()?;
        let main = address == self.main.address;
        let controller = if main { Some(&mut self.main) } else { self.satellites.get_mut(&address) };
        faults.refuse(request, controller?)
    }

    /// The controller at `address`, if there is one.
    pub fn controller(&self, address: u8) -> Option<&Controller> {
        if address == self.main.address { Some(&self.main) } else { self.satellites.get(&address) }
    }

    /// The controller at `address`, if there is one.
    pub fn controller_mut(&mut self, address: u8) -> Option<&mut Controller> {
        if address == self.main.address { Some(&mut self.main) } else { self.satellites.get_mut(&address) }
    }

    /// True while SMS_ATN is set: a message or an event waits.
    pub fn attention(&self) -> bool {
        self.messaging.attention()
    }

    /// True while something waits that may interrupt.
    pub fn interrupt(&self) -> bool {
        self.messaging.interrupt()
    }

    /// Takes what Chassis Control or the watchdog asked the outside world to do.
    pub fn take_actions(&mut self) -> Vec<PowerAction> {
        self.actions.drain(..).collect()
    }

    /// Puts a new raw reading or, for discrete sensors, nothing into a sensor and logs the events that follow.
    pub fn set_reading(&mut self, address: u8, key: (u8, u8), raw: u8, now: Duration) {
        if let Some(sensor) = self.controller_mut(address).and_then(|controller| controller.sensors.get_mut(&key)) {
            let events = sensor.set_reading(raw);
            self.log_events(address, &events, now);
        }
    }

    /// Sets the states of a discrete sensor and logs the events that follow.
    pub fn set_states(&mut self, address: u8, key: (u8, u8), states: u16, data: Option<[u8; 2]>, now: Duration) {
        if let Some(sensor) = self.controller_mut(address).and_then(|controller| controller.sensors.get_mut(&key)) {
            let events = sensor.set_states(states, data);
            self.log_events(address, &events, now);
        }
    }

    /// Sends events of a controller's sensors to its event receiver (s29.1). The BMC and satellite controllers with a
    /// SEL log them; at FFh, which switches events off, and everywhere else nobody does.
    pub fn log_events(&mut self, address: u8, events: &[SensorEvent], now: Duration) {
        let receiver = self.controller(address).map_or(self.main.address, |controller| controller.event_receiver.0);
        for event in events {
            let [data1, data2, data3] = event.data;
            let direction = u8::from(event.deassertion) << 7 | event.event_type;
            let source = [address, event.lun & 3, 0x04, event.sensor_type, event.number, direction];
            if receiver == self.main.address {
                self.log_event(source, [data1, data2, data3], now);
            } else if let Some(sel) = self.satellites.get_mut(&receiver).and_then(|satellite| satellite.sel.as_mut()) {
                // A full log has no room for it; that is all there is to say.
                let _ = sel.add(event_record(source, event.data), now);
            }
        }
    }

    /// Logs an event message: generator id (2), EvM revision, sensor type, number, direction and type; event data.
    pub fn log_event(&mut self, source: [u8; 6], data: [u8; 3], now: Duration) {
        let event = self.log_unfiltered(source, data, now);
        self.pef.offer(event);
    }

    /// Logs an event message that is nothing for platform event filtering; gives it back with its id, FFFFh when it
    /// could not be logged, and its time.
    pub(crate) fn log_unfiltered(&mut self, source: [u8; 6], data: [u8; 3], now: Duration) -> Record {
        let record = event_record(source, data);
        let (mut id, mut stamp) = (NO_RECORD, [0; 4]);
        if let Some(sel) = &mut self.main.sel {
            stamp = sel.time(now).to_le_bytes();
            if self.messaging.enables & ENABLE_SEL_LOGGING != 0 && !sel.is_erasing(now) {
                match sel.add(record, now) {
                    Ok(given) => id = given,
                    Err(_) => tracing::debug!("the SEL is full: event not logged"),
                }
            }
            self.dirty = true;
        }
        let mut message = record;
        for (byte, new) in message.iter_mut().zip([0xFF, 0xFF, 0x02].into_iter().chain(stamp)) {
            *byte = new;
        }
        self.messaging.offer_event(message);
        let mut event = message;
        for (byte, new) in event.iter_mut().zip(id.to_le_bytes()) {
            *byte = new;
        }
        event
    }

    /// Does what is due and says when to come back. Calling it too often does no harm.
    pub fn poll(&mut self, now: Duration) -> Option<Duration> {
        if self.chassis.off_at.is_some_and(|at| at <= now) {
            self.chassis.off_at = None;
            self.power_off(now);
        }
        if self.chassis.on_at.is_some_and(|at| at <= now) {
            self.chassis.on_at = None;
            self.power_on(self.chassis.on_cause, now);
        }
        loop {
            let logged = !self.watchdog.dont_log;
            let Some(expiry) = self.watchdog.poll(now) else { break };
            self.watchdog_expired(expiry, logged, now);
        }
        let mut model = self.model.take();
        let model_deadline = model.as_mut().and_then(|model| model.step(self, now));
        self.model = model;
        let limits = self.poll_limits(now);
        self.dirty |= self.settings.boot.poll(now);
        let pef = self.poll_pef(now);
        let own = [self.watchdog.deadline(), self.chassis.deadline(), self.settings.boot.deadline()];
        [model_deadline, limits, pef].into_iter().chain(own).flatten().min()
    }

    fn watchdog_expired(&mut self, expiry: Expiry, logged: bool, now: Duration) {
        let timer_use = self.watchdog.timer_use & 0xF;
        let (offset, interrupt) = match expiry {
            Expiry::PreTimeout(kind) => (8, kind),
            Expiry::Timeout(action) => (action.min(3), 0),
        };
        if logged {
            let number = self.watchdog_sensor();
            self.log_event(
                [self.main.address, 0, 0x04, 0x23, number, 0x6F],
                [0xC0 | offset, interrupt << 4 | timer_use, 0xFF],
                now,
            );
        }
        match expiry {
            Expiry::PreTimeout(3) => self.messaging.raise_pre_timeout(),
            Expiry::PreTimeout(_) => self.act(PowerAction::DiagnosticInterrupt),
            Expiry::Timeout(1) => self.reset_system(RestartCause::Watchdog, now),
            Expiry::Timeout(2) => self.power_off(now),
            Expiry::Timeout(3) => self.power_cycle(RestartCause::Watchdog, now),
            Expiry::Timeout(_) => {}
        }
    }

    fn watchdog_sensor(&self) -> u8 {
        let watchdog = self.main.sensors.values().find(|sensor| sensor.sensor_type == 0x23);
        watchdog.map_or(0, |sensor| sensor.number)
    }

    /// Switches the power off at once.
    pub fn power_off(&mut self, now: Duration) {
        (self.chassis.off_at, self.chassis.on_at) = (None, None);
        if self.chassis.switch(false, now) {
            self.acpi.0 = 0x06;
            self.act(PowerAction::Off);
            self.power_changed(now);
        }
    }

    /// Switches the power on.
    pub fn power_on(&mut self, cause: RestartCause, now: Duration) {
        (self.chassis.off_at, self.chassis.on_at) = (None, None);
        if self.chassis.switch(true, now) {
            self.acpi.0 = 0x00;
            self.chassis.restart_cause = cause;
            self.act(PowerAction::On);
            self.system_started(cause, now);
            self.power_changed(now);
        }
    }

    /// A running machine connected itself: its power is on, whoever switched it.
    pub fn machine_connected(&mut self, now: Duration) {
        if self.chassis.switch(true, now) {
            self.acpi.0 = 0x00;
            self.power_changed(now);
        }
    }

    /// Resets the system.
    pub fn reset_system(&mut self, cause: RestartCause, now: Duration) {
        self.chassis.restart_cause = cause;
        self.act(PowerAction::Reset);
        self.system_started(cause, now);
    }

    fn system_started(&mut self, cause: RestartCause, now: Duration) {
        self.pef.system_started(now);
        self.dirty |= match cause {
            RestartCause::Watchdog => self.settings.boot.clear_valid(Clears::Watchdog),
            RestartCause::PefReset | RestartCause::PefPowerCycle => self.settings.boot.clear_valid(Clears::Pef),
            _ => false,
        };
    }

    /// The machine is off, whoever switched it.
    pub fn machine_stopped(&mut self, now: Duration) {
        if self.chassis.switch(false, now) {
            self.chassis.off_at = None;
            self.acpi.0 = 0x06;
            self.power_changed(now);
        }
    }

    /// Switches the power off, and on again after the power cycle interval.
    pub fn power_cycle(&mut self, cause: RestartCause, now: Duration) {
        self.power_off(now);
        self.chassis.on_cause = cause;
        self.chassis.on_at = Some(now + self.chassis.cycle_interval);
    }

    fn power_changed(&mut self, now: Duration) {
        self.dirty = true;
        let mut model = self.model.take();
        if let Some(model) = &mut model {
            model.power_changed(self, now);
        }
        self.model = model;
    }

    /// Tells the outside world to do something.
    pub(crate) fn act(&mut self, action: PowerAction) {
        if self.actions.len() >= ACTION_LIMIT {
            self.actions.pop_front();
        }
        self.actions.push_back(action);
    }

    /// Cold reset of the BMC itself: what is volatile is gone.
    pub(crate) fn restart(&mut self) {
        self.messaging = Messaging::default();
        self.watchdog = Watchdog::default();
        self.channels.restart();
        self.sessions.clear();
        self.settings.restart();
        self.pef.postpone = Postpone::Off;
        self.cancel_reservations();
        let controllers = std::iter::once(&mut self.main).chain(self.satellites.values_mut());
        for sensor in controllers.flat_map(|controller| controller.sensors.values_mut()) {
            sensor.pinned = false;
        }
    }

    /// Warm reset (IPMI 2.0 s20.3): the interfaces start anew, enables, thresholds and other settings stay. So do
    /// sessions: ipmitool waits ten seconds for an answer to the Close Session that follows.
    pub(crate) fn restart_interfaces(&mut self) {
        self.messaging.clear(u8::MAX);
        self.cancel_reservations();
    }

    fn cancel_reservations(&mut self) {
        self.main.sdr.reservation.cancel();
        self.main.device_sdr.reservation.cancel();
        if let Some(sel) = &mut self.main.sel {
            sel.reservation.cancel();
        }
    }
}

/// The SEL record of an event message, without its id and time.
fn event_record([g0, g1, revision, kind, number, direction]: [u8; 6], [d1, d2, d3]: [u8; 3]) -> Record {
    [0, 0, 0x02, 0, 0, 0, 0, g0, g1, revision, kind, number, direction, d1, d2, d3]
}
