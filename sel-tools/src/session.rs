//! One run's way to its BMC: opened when first needed, with the records read once.

use std::cell::{OnceCell, RefCell};
use std::path::Path;

use ipmi_core::command::app::{DeviceId, GetDeviceId};
use ipmi_core::sdr::SensorRecord;
use ipmi_core::table::{Manufacturer, SensorType};
use ipmi_core::{Command, Error, Target};
use kernel_bridge::Bmc;
use kernel_bridge::walk::ahead::{Ahead, Question};

use crate::args::Arguments;
use crate::repository::Repository;
use crate::{Failure, sensor_types};

/// Who answers for a sensor.
fn controller(sensor: &SensorRecord<'_>) -> Target {
    let key = sensor.key();
    Target::of_controller(key.owner, key.channel)
}

/// What [`Session::ask`] would ask a sensor.
pub fn question<C: Command>(sensor: &SensorRecord<'_>, command: &C) -> Question {
    Question::new(controller(sensor), command)
}

/// What commands work with.
pub struct Session {
    /// The command line.
    pub arguments: Arguments,
    bmc: OnceCell<Bmc>,
    repository: OnceCell<Repository>,
    device: OnceCell<Option<DeviceId>>,
    /// Group whose extension the BMC follows.
    group: OnceCell<Option<Manufacturer>>,
    /// Questions to sensors, some of them asked before their turn.
    ahead: RefCell<Option<Ahead>>,
}

impl Session {
    /// A session that opens the BMC the command line names when it is first asked for.
    pub fn new(arguments: Arguments) -> Self {
        Self {
            arguments,
            bmc: OnceCell::new(),
            repository: OnceCell::new(),
            device: OnceCell::new(),
            group: OnceCell::new(),
            ahead: RefCell::default(),
        }
    }

    /// A session with a BMC that is open already.
    pub fn with_bmc(arguments: Arguments, bmc: Bmc) -> Self {
        Self { bmc: OnceCell::from(bmc), ..Self::new(arguments) }
    }

    /// The BMC.
    ///
    /// # Errors
    /// When it cannot be reached.
    pub fn bmc(&self) -> Result<&Bmc, Failure> {
        if self.bmc.get().is_none() {
            let bmc = crate::connect::open(&self.arguments)?;
            return Ok(self.bmc.get_or_init(|| bmc));
        }
        self.bmc.get().ok_or(Failure::Said)
    }

    /// What was noticed about the BMC, a line each, as far as it was opened.
    pub fn remarks(&self) -> Vec<String> {
        self.bmc.get().map(Bmc::remarks).unwrap_or_default()
    }

    /// Sends a command.
    ///
    /// # Errors
    /// A message in ipmitool's words.
    pub fn call<C: Command>(&self, command: &C) -> Result<C::Response, Failure> {
        let bmc = self.bmc()?;
        bmc.call(command).map_err(|error| self.refusal(&error))
    }

    /// Asks the controller a sensor belongs to; `None` when it refuses or keeps silent.
    ///
    /// Software ids are asked at their own address, where a controller answers for the firmware of some Dell servers
    /// (B1h): ipmitool shows those readings, and whoever compares the two must see the same. Nothing else does this.
    /// An owner that let one request time out is not asked again, or a listing would wait for each of its sensors.
    ///
    /// # Errors
    /// When the BMC itself does not answer.
    pub fn ask<C: Command>(&self, sensor: &SensorRecord<'_>, command: &C) -> Result<Option<C::Response>, Failure> {
        let target = controller(sensor);
        let answer = self.ahead(|ahead| ahead.ask(target, command))?;
        match answer {
            Ok(answer) => Ok(Some(answer)),
            Err(Error::Timeout { .. }) if target != Target::Bmc => Ok(None),
            Err(error @ (Error::Timeout { .. } | Error::Transport { .. })) => Err(self.refusal(&error)),
            Err(_) => Ok(None),
        }
    }

    /// Says what [`ask`](Self::ask) will be asked next, in this order, so that it goes out before its turn comes.
    ///
    /// # Errors
    /// When the BMC cannot be reached.
    pub fn will_ask(&self, questions: impl IntoIterator<Item = Question>) -> Result<(), Failure> {
        let mut questions = questions.into_iter().peekable();
        // Records without sensors are listed without a BMC.
        if questions.peek().is_some() { self.ahead(|ahead| ahead.plan(questions)) } else { Ok(()) }
    }

    fn ahead<T>(&self, act: impl FnOnce(&mut Ahead) -> T) -> Result<T, Failure> {
        let bmc = self.bmc()?;
        Ok(act(self.ahead.borrow_mut().get_or_insert_with(|| Ahead::new(bmc.clone()))))
    }

    /// The line for an error: ipmitool's words for a refusal, else with the BMC's name in front.
    pub fn refusal(&self, error: &Error) -> Failure {
        Failure::Message(match (error, self.bmc.get()) {
            (Error::Completion { .. } | Error::Transport { .. }, _) | (_, None) => error.to_string(),
            (_, Some(bmc)) => format!("{}: {error}", bmc.name()),
        })
    }

    /// The sensor data records: from `-S` if that file can be read, else from the BMC.
    ///
    /// # Errors
    /// When there are none to be read at all.
    pub fn repository(&self) -> Result<&Repository, Failure> {
        if let Some(repository) = self.repository.get() {
            return Ok(repository);
        }
        let mut repository = match &self.arguments.sdr_file {
            Some(path) => match Repository::from_file(Path::new(path)) {
                // As ipmitool does: a file that cannot be read is named, and the BMC asked.
                Err(Failure::Message(problem)) if self.bmc().is_ok() => {
                    let mut repository = Repository::read(self.bmc()?)?;
                    repository.remarks.push(problem);
                    repository
                }
                outcome => outcome?,
            },
            None => Repository::read(self.bmc()?)?,
        };
        if self.arguments.verbose > 0 {
            let notes = std::mem::take(&mut repository.notes);
            repository.remarks.extend(notes);
        }
        Ok(self.repository.get_or_init(|| repository))
    }

    /// What the BMC says it is, if it does; for texts that depend on the manufacturer.
    pub fn device(&self) -> Option<&DeviceId> {
        self.device.get_or_init(|| self.bmc().ok()?.call(&GetDeviceId).ok()).as_ref()
    }

    /// Manufacturer of the BMC, 0 when it does not say.
    pub fn manufacturer(&self) -> u32 {
        self.device().map_or(0, |device| device.manufacturer)
    }

    /// Name of a sensor type on this BMC. Only types that the specification leaves to others make it ask.
    pub fn sensor_type_name(&self, sensor_type: SensorType) -> String {
        let group = || *self.group.get_or_init(|| sensor_types::group(self.bmc().ok()?));
        sensor_types::name(sensor_type, || Manufacturer(self.manufacturer()), group)
    }
}
