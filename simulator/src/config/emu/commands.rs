//! The emulator commands and what they do to the BMC being built.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

use ipmi_core::CompletionCode;

use super::arguments::Arguments;
use super::{MAX_SIZE, Problem, beside, input};
use crate::bmc::{BMC_ADDRESS, Bmc, Profile};
use crate::controller::{Controller, Identity};
use crate::sensor::{Access, Sensor, SensorEvent, THRESHOLDS};
use crate::store::fru::FruDevice;
use crate::store::sel::{Record, Sel};

/// The GUID of a BMC whose configuration names none, as `ipmi_sim` examples have it in their LAN configuration.
const DEFAULT_GUID: [u8; 16] =
    [0xA1, 0x23, 0x45, 0x67, 0x89, 0xAB, 0xCD, 0xEF, 0xA1, 0x23, 0x45, 0x67, 0x89, 0xAB, 0xCD, 0xEF];
/// Words of the two-bit access fields.
const ACCESS: [&str; 4] = ["none", "readable", "settable", "fixed"];
/// Words of the event message control field.
const EVENT_CONTROL: [&str; 4] = ["per-state", "entire-sensor", "global", "none"];

/// What a command adds to a SEL.
enum Entry {
    Event(SensorEvent),
    Record(Record),
}

/// A BMC under construction.
pub(super) struct Builder {
    /// Variables of `define`.
    pub(super) variables: BTreeMap<String, String>,
    /// Files included so far.
    pub(super) includes: usize,
    now: Duration,
    bmc_address: u8,
    controllers: BTreeMap<u8, Controller>,
    enabled: BTreeSet<u8>,
    /// What the SELs hold in the end, in the order of the file; logged when the BMC is complete.
    history: Vec<(u8, Entry)>,
    done: bool,
}

impl Builder {
    pub(super) fn new(now: Duration) -> Self {
        Self {
            variables: BTreeMap::new(),
            includes: 0,
            now,
            bmc_address: BMC_ADDRESS,
            controllers: BTreeMap::new(),
            enabled: BTreeSet::new(),
            history: Vec::new(),
            done: false,
        }
    }

    /// The BMC, once all commands ran.
    pub(super) fn finish(mut self) -> Result<Bmc, String> {
        let address = self.bmc_address;
        let main = self.controllers.remove(&address);
        let main = main.ok_or_else(|| format!("expected `mc_add {address:#04x} ...` for the BMC, found none"))?;
        // The emulator knows nothing of the system's power: it is off until somebody switches it on.
        let mut bmc = Bmc::new(main, false, self.now);
        bmc.profile = Profile {
            reserved_state_bits: false,
            erase_time: Duration::ZERO,
            system_guid: Some(bmc.main.guid.unwrap_or(DEFAULT_GUID)),
            absent: CompletionCode::INVALID_DATA_FIELD,
            unsuitable: CompletionCode::INVALID_COMMAND,
            event_status: false,
            ..Profile::default()
        };
        self.controllers.retain(|address, _| self.enabled.contains(address));
        bmc.satellites = self.controllers;
        for (address, entry) in self.history {
            match entry {
                Entry::Event(event) => bmc.log_events(address, &[event], self.now),
                Entry::Record(record) => {
                    let main = address == bmc.main.address;
                    let controller = if main { Some(&mut bmc.main) } else { bmc.satellites.get_mut(&address) };
                    let sel = controller.and_then(|controller| controller.sel.as_mut());
                    if sel.is_some_and(|sel| sel.add_as_is(record).is_err()) {
                        tracing::warn!(address, "the SEL is full: a record of sel_add is left out");
                    }
                }
            }
        }
        Ok(bmc)
    }

    /// Runs one command. `include` and `read_cmds` are the caller's.
    pub(super) fn run(&mut self, path: &Path, command: &str, words: &[String]) -> Result<(), Problem> {
        if self.done {
            return Ok(());
        }
        let mut arguments = Arguments::new(words);
        let arguments = &mut arguments;
        match command {
            "define" => {
                let name = arguments.word("a variable name")?.to_owned();
                self.variables.insert(name, arguments.word("a value")?.to_owned());
            }
            // Neither output nor waiting belongs to a configuration.
            "debug" | "sleep" | "mc_dump_fru_data" => drop(arguments.rest()),
            "quit" => self.done = true,
            "mc_setbmc" => self.bmc_address = arguments.byte("an IPMB address")?,
            "mc_add" => self.mc_add(arguments)?,
            "mc_delete" => {
                let address = self.controller(arguments)?.address;
                self.controllers.remove(&address);
            }
            "mc_enable" => {
                let address = self.controller(arguments)?.address;
                self.enabled.insert(address);
            }
            "mc_disable" => {
                let address = self.controller(arguments)?.address;
                self.enabled.remove(&address);
            }
            "mc_set_guid" => self.mc_set_guid(arguments)?,
            "mc_add_fru_data" => self.mc_add_fru_data(path, arguments)?,
            "sel_enable" => self.sel_enable(arguments)?,
            "sel_add" => self.sel_add(arguments)?,
            "main_sdr_add" => {
                let address = self.controller(arguments)?.address;
                let bytes = arguments.bytes("a byte of a record")?;
                self.add_record(address, &bytes, false)?;
            }
            "device_sdr_add" => {
                let address = self.controller(arguments)?.address;
                arguments.number("a LUN", 3)?;
                let bytes = arguments.bytes("a byte of a record")?;
                self.add_record(address, &bytes, true)?;
            }
            "sensor_add" => self.sensor_add(arguments)?,
            "sensor_set_value" => self.sensor_set_value(arguments)?,
            "sensor_set_bit" => self.sensor_set_bit(arguments)?,
            "sensor_set_bit_clr_rest" => self.sensor_set_only_bit(arguments)?,
            "sensor_set_hysteresis" => self.sensor_set_hysteresis(arguments)?,
            "sensor_set_threshold" => self.sensor_set_threshold(arguments)?,
            "sensor_set_event_support" => self.sensor_set_event_support(arguments)?,
            "atca_enable" | "atca_set_site" | "mc_set_num_leds" | "mc_set_power" => {
                tracing::warn!(command, "ATCA commands are not simulated: ignored");
                arguments.rest();
            }
            other => return Err(Problem::new("an emulator command (man 5 ipmi_sim_cmd)", format!("`{other}`"))),
        }
        // The emulator reads what a command needs and leaves the rest of the line alone: remarks are found there.
        let ignored = arguments.rest();
        if ignored.first().is_some_and(|word| !word.starts_with('#')) {
            tracing::warn!(command, ?ignored, "words after the command are ignored");
        }
        Ok(())
    }

    fn controller(&mut self, arguments: &mut Arguments<'_>) -> Result<&mut Controller, Problem> {
        let address = arguments.byte("an IPMB address")?;
        self.controllers
            .get_mut(&address)
            .ok_or_else(|| Problem::new("the address of a controller added with mc_add", format!("{address:#04x}")))
    }

    fn sensor(&mut self, arguments: &mut Arguments<'_>) -> Result<(u8, &mut Sensor), Problem> {
        let controller = self.controller(arguments)?;
        let lun = u8::try_from(arguments.number("a LUN", 3)?).unwrap_or_default();
        let number = arguments.byte("a sensor number")?;
        let address = controller.address;
        let sensor = controller.sensors.get_mut(&(lun, number)).ok_or_else(|| {
            Problem::new("a sensor added with sensor_add", format!("sensor {number:#04x} of {address:#04x}"))
        })?;
        Ok((address, sensor))
    }

    fn mc_add(&mut self, arguments: &mut Arguments<'_>) -> Result<(), Problem> {
        let address = arguments.byte("an IPMB address")?;
        let identity = Identity {
            device_id: arguments.byte("a device id")?,
            device_sdrs: arguments.flag("device SDRs", "no-device-sdrs", "has-device-sdrs")?,
            device_revision: arguments.byte("a device revision")?,
            firmware_major: arguments.byte("a major firmware revision")?,
            firmware_minor: arguments.byte("a minor firmware revision")?,
            ipmi_version: 0x02,
            support: arguments.byte("device support")?,
            manufacturer: arguments.number("a manufacturer id", 0xFF_FFFF)?,
            product: u16::try_from(arguments.number("a product id", 0xFFFF)?).unwrap_or_default(),
            auxiliary_firmware: Some([0; 4]),
        };
        for word in arguments.rest() {
            if !matches!(word.as_str(), "dynsens" | "persist_sdr" | "no-persist_sdr") {
                return Err(Problem::new("`dynsens` or `persist_sdr`", format!("`{word}`")));
            }
        }
        self.controllers.insert(address, Controller::new(address, identity));
        Ok(())
    }

    fn mc_set_guid(&mut self, arguments: &mut Arguments<'_>) -> Result<(), Problem> {
        let controller = self.controller(arguments)?;
        let word = arguments.word("a GUID")?;
        let digits: String = word.trim_start_matches("0x").chars().filter(|digit| *digit != '-').collect();
        let wrong = || Problem::new("a GUID of 32 hexadecimal digits", format!("`{word}`"));
        if digits.len() != 32 || !digits.is_ascii() {
            return Err(wrong());
        }
        let value = u128::from_str_radix(&digits, 16).map_err(|_| wrong())?;
        controller.guid = Some(value.to_be_bytes());
        Ok(())
    }

    fn mc_add_fru_data(&mut self, path: &Path, arguments: &mut Arguments<'_>) -> Result<(), Problem> {
        let address = self.controller(arguments)?.address;
        let id = arguments.byte("a FRU device id")?;
        let size = u16::try_from(arguments.number("a size", 0xFFFF)?).unwrap_or_default();
        let content = match arguments.word("`data` or `file`")? {
            "data" => arguments.bytes("a byte of FRU data")?,
            "file" => {
                let offset = arguments.number("an offset", u32::MAX)?;
                let name = arguments.word("a file name")?;
                let content = input::bytes(&beside(path, name), MAX_SIZE);
                let content = content.map_err(|error| Problem::new("a readable file", error.to_string()))?;
                let offset = usize::try_from(offset).unwrap_or(usize::MAX);
                content.get(offset..).unwrap_or(&[]).to_vec()
            }
            other => return Err(Problem::new("`data` or `file`", format!("`{other}`"))),
        };
        if let Some(controller) = self.controllers.get_mut(&address) {
            controller.frus.insert(id, FruDevice::new(size, &content));
        }
        Ok(())
    }

    fn sel_enable(&mut self, arguments: &mut Arguments<'_>) -> Result<(), Problem> {
        let controller = self.controller(arguments)?;
        let capacity = usize::try_from(arguments.number("a number of entries", 0xFFFF)?).unwrap_or_default();
        let support = arguments.byte("SEL flags")?;
        let mut sel = Sel::new(capacity, support);
        (sel.last_add, sel.last_erase) = (Some(0), Some(0));
        controller.sel = Some(sel);
        Ok(())
    }

    fn sel_add(&mut self, arguments: &mut Arguments<'_>) -> Result<(), Problem> {
        let controller = self.controller(arguments)?;
        let address = controller.address;
        let kind = arguments.byte("a record type")?;
        let mut body = Vec::with_capacity(13);
        while body.len() < 13 && !arguments.is_empty() {
            body.push(arguments.byte("a byte of a record")?);
        }
        let [b3, b4, b5, b6, b7, b8, b9, b10, b11, b12, b13, b14, b15] = *body.as_slice() else {
            return Err(Problem::new("13 bytes of a record", format!("{}", body.len())));
        };
        if controller.sel.is_none() {
            return Err(Problem::new("sel_enable before sel_add", format!("none for {address:#04x}")));
        }
        let record = [0, 0, kind, b3, b4, b5, b6, b7, b8, b9, b10, b11, b12, b13, b14, b15];
        self.history.push((address, Entry::Record(record)));
        Ok(())
    }

    fn add_record(&mut self, address: u8, bytes: &[u8], device: bool) -> Result<(), Problem> {
        let Some(controller) = self.controllers.get_mut(&address) else { return Ok(()) };
        let store = if device { &mut controller.device_sdr } else { &mut controller.sdr };
        let added = store.add(bytes);
        added
            .map(drop)
            .map_err(|code| Problem::new("a record with its 5-byte header and room for it", code.to_string()))
    }

    fn sensor_add(&mut self, arguments: &mut Arguments<'_>) -> Result<(), Problem> {
        let controller = self.controller(arguments)?;
        let lun = u8::try_from(arguments.number("a LUN", 3)?).unwrap_or_default();
        let number = arguments.byte("a sensor number")?;
        let sensor_type = arguments.byte("a sensor type")?;
        let event_type = arguments.byte("an event/reading code")?;
        let mut sensor = Sensor::new(lun, number, sensor_type, event_type);
        let mut options = arguments.rest().iter();
        while let Some(option) = options.next() {
            match option.as_str() {
                "event-only" => sensor.event_only = true,
                // Readings from files of the host do not belong to a simulated machine.
                "poll" => {
                    tracing::warn!(number, "`poll` is not simulated: the sensor keeps its value");
                    // Rate, kind and the file's name.
                    options.by_ref().take(3).for_each(drop);
                }
                option if option.contains('=') || matches!(option, "raw" | "ascii") => {}
                option if option.starts_with('#') => options.by_ref().for_each(drop),
                other => return Err(Problem::new("`poll` or `event-only`", format!("`{other}`"))),
            }
        }
        controller.add_sensor(sensor);
        Ok(())
    }

    fn keep(&mut self, address: u8, events: Vec<SensorEvent>, generate: bool) {
        if generate {
            self.history.extend(events.into_iter().map(|event| (address, Entry::Event(event))));
        }
    }

    fn sensor_set_value(&mut self, arguments: &mut Arguments<'_>) -> Result<(), Problem> {
        let (address, sensor) = self.sensor(arguments)?;
        let events = sensor.set_reading(arguments.byte("a value")?);
        let generate = arguments.byte("0 or 1")? != 0;
        self.keep(address, events, generate);
        Ok(())
    }

    fn sensor_set_bit(&mut self, arguments: &mut Arguments<'_>) -> Result<(), Problem> {
        let (address, sensor) = self.sensor(arguments)?;
        let mask = 1 << arguments.number("a bit number", 14)?;
        let value = arguments.byte("0 or 1")? != 0;
        let before = sensor.states & !mask;
        let events = sensor.set_bits(if value { before | mask } else { before });
        let generate = arguments.byte("0 or 1")? != 0;
        self.keep(address, events, generate);
        Ok(())
    }

    /// One bit instead of all others, whose number becomes the reading. `ipmi_sim` reads no value for it, though its
    /// manual names one: the word after the bit says whether events are generated.
    fn sensor_set_only_bit(&mut self, arguments: &mut Arguments<'_>) -> Result<(), Problem> {
        let (address, sensor) = self.sensor(arguments)?;
        let bit = u8::try_from(arguments.number("a bit number", 14)?).unwrap_or_default();
        let mut events = sensor.set_bits(sensor.states & 1 << bit);
        events.extend(sensor.set_bits(1 << bit));
        sensor.reading = bit;
        let generate = arguments.byte("0 or 1")? != 0;
        self.keep(address, events, generate);
        Ok(())
    }

    fn sensor_set_hysteresis(&mut self, arguments: &mut Arguments<'_>) -> Result<(), Problem> {
        let (_, sensor) = self.sensor(arguments)?;
        sensor.hysteresis_access = Access::from_code(arguments.keyword("hysteresis support", &ACCESS)?);
        sensor.positive_hysteresis = arguments.byte("positive hysteresis")?;
        sensor.negative_hysteresis = arguments.byte("negative hysteresis")?;
        Ok(())
    }

    fn sensor_set_threshold(&mut self, arguments: &mut Arguments<'_>) -> Result<(), Problem> {
        let (_, sensor) = self.sensor(arguments)?;
        sensor.threshold_access = Access::from_code(arguments.keyword("threshold support", &ACCESS)?);
        let mask = arguments.bits("enabled thresholds", THRESHOLDS)?;
        sensor.threshold_mask = u8::try_from(mask).unwrap_or_default();
        sensor.settable_mask = sensor.threshold_mask;
        // The values come highest first.
        for threshold in sensor.thresholds.iter_mut().rev() {
            if arguments.is_empty() {
                break;
            }
            *threshold = arguments.byte("a threshold")?;
        }
        Ok(())
    }

    fn sensor_set_event_support(&mut self, arguments: &mut Arguments<'_>) -> Result<(), Problem> {
        let (_, sensor) = self.sensor(arguments)?;
        sensor.events_enabled = arguments.flag("events enabled", "disable", "enable")?;
        sensor.scanning_enabled = arguments.flag("scanning", "no-scanning", "scanning")?;
        // Sensors whose events are switched for the whole controller are refused as those without events are.
        let control = arguments.keyword("event support", &EVENT_CONTROL)?;
        sensor.event_control = if control == 2 { 3 } else { control };
        // The masks may be absent.
        if arguments.is_empty() {
            return Ok(());
        }
        sensor.assert_supported = arguments.bits("assertion events supported", 15)?;
        sensor.deassert_supported = arguments.bits("deassertion events supported", 15)?;
        // What is not supported is not enabled either.
        sensor.assert_enabled = arguments.bits("assertion events enabled", 15)? & sensor.assert_supported;
        sensor.deassert_enabled = arguments.bits("deassertion events enabled", 15)? & sensor.deassert_supported;
        Ok(())
    }
}
