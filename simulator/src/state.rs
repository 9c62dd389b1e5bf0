//! The state directory: what survives a restart of the simulator, as one TOML file that is replaced as a whole.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use ipmi_core::text::hex;
use nix::fcntl::OFlag;
use serde::{Deserialize, Serialize};

use crate::bmc::Bmc;
use crate::config::{self, ConfigError, input};
use crate::sensor::{Sensor, THRESHOLDS};
use crate::store::dcmi::SavedDcmi;
use crate::store::firewall::Firewall;
use crate::store::fru::FruDevice;
use crate::store::logins::SavedLogins;
use crate::store::settings::SavedSettings;

/// Name of the file.
const FILE: &str = "state.toml";
/// Name it has while it is written.
const NEW_FILE: &str = "state.toml.new";
/// Locked while a BMC uses the directory.
const LOCK_FILE: &str = "lock";
/// Version of the file's format.
const VERSION: u32 = 1;

/// A directory a BMC's state is kept in.
#[derive(Debug)]
pub struct StateDir {
    path: PathBuf,
    _lock: File,
}

/// What every version of the file has.
#[derive(Deserialize)]
struct Versioned {
    version: u32,
}

#[derive(Debug, Serialize, Deserialize)]
struct Saved {
    version: u32,
    power_on: bool,
    /// Seconds the power was on in all.
    power_on_time: u64,
    restore_policy: u8,
    /// Users, channels and keys.
    #[serde(default)]
    logins: SavedLogins,
    utc_offset: i16,
    sel: Option<SavedSel>,
    /// The SDR repository, when commands changed it.
    sdr: Option<Vec<String>>,
    /// FRU devices that were written.
    fru: BTreeMap<String, String>,
    sensor: Vec<SavedSensor>,
    /// Configuration parameters that were set.
    #[serde(default)]
    parameters: SavedSettings,
    chassis_capabilities: Option<[u8; 6]>,
    /// Time off during a power cycle, in seconds.
    cycle_interval: Option<u64>,
    /// User payload access that was set, by user.
    #[serde(default)]
    payload_access: BTreeMap<String, [u8; 4]>,
    /// Last event that software handled.
    last_software: Option<u16>,
    /// Last event that the BMC handled.
    last_bmc: Option<u16>,
    #[serde(default)]
    dcmi: Option<SavedDcmi>,
    #[serde(default)]
    firewall: Firewall,
}

#[derive(Debug, Serialize, Deserialize)]
struct SavedSel {
    last_id: u16,
    clock_offset: i64,
    last_add: Option<u32>,
    last_erase: Option<u32>,
    overflow: bool,
    records: Vec<String>,
}

/// A sensor whose thresholds, hysteresis or event enables were changed.
#[derive(Debug, Serialize, Deserialize)]
struct SavedSensor {
    owner: u8,
    lun: u8,
    number: u8,
    thresholds: [u8; THRESHOLDS],
    positive_hysteresis: u8,
    negative_hysteresis: u8,
    events_enabled: bool,
    scanning_enabled: bool,
    assert_enabled: u16,
    deassert_enabled: u16,
}

impl StateDir {
    /// Uses `path`, making the directory where there is none.
    ///
    /// # Errors
    /// When it cannot be made, or another BMC uses it: each would overwrite what the other saved.
    pub fn open(path: &Path) -> io::Result<Self> {
        std::fs::create_dir_all(path)?;
        // In a directory that somebody else has made, its name may be a link to any file.
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false).custom_flags(OFlag::O_NOFOLLOW.bits());
        let lock = options.open(path.join(LOCK_FILE))?;
        match lock.try_lock() {
            Err(TryLockError::WouldBlock) => Err(io::Error::other("another BMC has its state there")),
            // A file system without locks keeps a state all the same.
            Ok(()) | Err(TryLockError::Error(_)) => Ok(Self { path: path.to_owned(), _lock: lock }),
        }
    }

    /// Puts a saved state, if there is one, into `bmc`.
    ///
    /// # Errors
    /// When the file is there and cannot be read or is wrong; names it and what is wrong.
    pub fn load(&self, bmc: &mut Bmc, now: Duration) -> Result<(), ConfigError> {
        let file = self.path.join(FILE);
        let text = match input::text(&file) {
            Ok(text) => text,
            Err(ConfigError::Read { cause, .. }) if cause.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error),
        };
        // Of another version nothing else can be expected.
        if let Ok(Versioned { version }) = toml::from_str(&text)
            && version != VERSION
        {
            return Err(ConfigError::file(&file, format!("expected version {VERSION}, found {version}")));
        }
        let saved: Saved = toml::from_str(&text).map_err(|error| ConfigError::file(&file, error.to_string()))?;
        saved.restore(bmc, now).map_err(|reason| ConfigError::file(&file, reason))
    }

    /// Writes the state: a new file takes the place of the old one, so that a crash leaves one of them.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn save(&self, bmc: &Bmc, now: Duration) -> io::Result<()> {
        let text = toml::to_string(&Saved::of(bmc, now)).map_err(io::Error::other)?;
        let new = self.path.join(NEW_FILE);
        // Only for its owner, whoever made a file of that name before: passwords are among what is kept.
        let _ = std::fs::remove_file(&new);
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&new)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        std::fs::rename(new, self.path.join(FILE))
    }
}

impl Saved {
    fn of(bmc: &Bmc, now: Duration) -> Self {
        let controllers = std::iter::once(&bmc.main).chain(bmc.satellites.values());
        let sensor = controllers.flat_map(|controller| {
            let changed = controller.sensors.values().filter(|sensor| sensor.changed);
            changed.map(|sensor| SavedSensor::of(controller.address, sensor))
        });
        let access = bmc.settings.payloads.access.iter();
        Self {
            version: VERSION,
            power_on: bmc.chassis.power_on,
            power_on_time: bmc.chassis.power_on_time(now).as_secs(),
            restore_policy: bmc.chassis.restore_policy,
            logins: SavedLogins::of(&bmc.users, &bmc.channels),
            utc_offset: bmc.utc_offset,
            parameters: bmc.settings.saved(),
            chassis_capabilities: Some(bmc.chassis.capabilities),
            cycle_interval: Some(bmc.chassis.cycle_interval.as_secs()),
            payload_access: access.map(|(user, masks)| (user.to_string(), *masks)).collect(),
            last_software: bmc.pef.last_software,
            last_bmc: bmc.pef.last_bmc,
            sel: bmc.main.sel.as_ref().map(|sel| SavedSel {
                last_id: sel.last_id(),
                clock_offset: sel.clock_offset,
                last_add: sel.last_add,
                last_erase: sel.last_erase,
                overflow: sel.overflow,
                records: sel.records().iter().map(|record| hex(record)).collect(),
            }),
            sdr: bmc.main.sdr.changed.then(|| bmc.main.sdr.records().map(hex).collect()),
            fru: bmc
                .main
                .frus
                .iter()
                .filter(|(_, fru)| fru.dirty)
                .map(|(id, fru)| (id.to_string(), hex(fru.bytes())))
                .collect(),
            sensor: sensor.collect(),
            dcmi: bmc.dcmi.enabled.then(|| SavedDcmi::of(&bmc.dcmi)),
            firewall: bmc.firewall.clone(),
        }
    }

    fn restore(self, bmc: &mut Bmc, now: Duration) -> Result<(), String> {
        // The power first: the events of switching it are not among the saved records.
        if !self.power_on {
            bmc.power_off(now);
        } else {
            bmc.machine_connected(now);
        }
        bmc.take_actions();
        bmc.chassis.on_time = Duration::from_secs(self.power_on_time);
        bmc.chassis.restore_policy = self.restore_policy;
        bmc.utc_offset = self.utc_offset;
        bmc.settings.restore(&self.parameters)?;
        self.logins.restore(&mut bmc.users, &mut bmc.channels)?;
        bmc.chassis.capabilities = self.chassis_capabilities.unwrap_or(bmc.chassis.capabilities);
        bmc.chassis.cycle_interval = self.cycle_interval.map_or(bmc.chassis.cycle_interval, Duration::from_secs);
        for (user, masks) in &self.payload_access {
            let user = user.parse().map_err(|_| format!("expected a user id, found `{user}`"))?;
            bmc.settings.payloads.access.insert(user, *masks);
        }
        (bmc.pef.last_software, bmc.pef.last_bmc) = (self.last_software, self.last_bmc);
        if let Some(saved) = self.dcmi {
            saved.restore(&mut bmc.dcmi);
        }
        bmc.firewall = self.firewall;
        for saved in &self.sensor {
            let controller = bmc.controller_mut(saved.owner);
            if let Some(sensor) = controller.and_then(|c| c.sensors.get_mut(&(saved.lun, saved.number))) {
                saved.restore(sensor);
            }
        }
        for (id, bytes) in self.fru {
            let id = id.parse().map_err(|_| format!("expected a FRU id, found `{id}`"))?;
            let bytes = config::hex::bytes(&bytes)?;
            let size = u16::try_from(bytes.len()).map_err(|_| format!("FRU {id} is larger than 65535 bytes"))?;
            let mut fru = FruDevice::new(size, &bytes);
            fru.dirty = true;
            bmc.main.frus.insert(id, fru);
        }
        if let Some(records) = self.sdr {
            let records: Result<Vec<_>, _> = records.iter().map(|record| config::hex::bytes(record)).collect();
            bmc.main.sdr.restore(records?);
        }
        if let (Some(saved), Some(sel)) = (self.sel, bmc.main.sel.as_mut()) {
            let mut records = Vec::new();
            for record in &saved.records {
                let bytes = config::hex::bytes(record)?;
                let found = bytes.len();
                records
                    .push(bytes.try_into().map_err(|_| format!("expected 16 bytes of a SEL record, found {found}"))?);
            }
            sel.restore(records, saved.last_id);
            sel.clock_offset = saved.clock_offset;
            (sel.last_add, sel.last_erase, sel.overflow) = (saved.last_add, saved.last_erase, saved.overflow);
        }
        bmc.dirty = false;
        Ok(())
    }
}

impl SavedSensor {
    fn of(owner: u8, sensor: &Sensor) -> Self {
        Self {
            owner,
            lun: sensor.lun,
            number: sensor.number,
            thresholds: sensor.thresholds,
            positive_hysteresis: sensor.positive_hysteresis,
            negative_hysteresis: sensor.negative_hysteresis,
            events_enabled: sensor.events_enabled,
            scanning_enabled: sensor.scanning_enabled,
            assert_enabled: sensor.assert_enabled,
            deassert_enabled: sensor.deassert_enabled,
        }
    }

    fn restore(&self, sensor: &mut Sensor) {
        sensor.thresholds = self.thresholds;
        sensor.positive_hysteresis = self.positive_hysteresis;
        sensor.negative_hysteresis = self.negative_hysteresis;
        sensor.events_enabled = self.events_enabled;
        sensor.scanning_enabled = self.scanning_enabled;
        sensor.assert_enabled = self.assert_enabled;
        sensor.deassert_enabled = self.deassert_enabled;
        sensor.changed = true;
        // The condition was reported before the restart.
        if sensor.available {
            let _ = sensor.compare();
        }
    }
}

#[cfg(test)]
mod tests {
    use ipmi_core::{NetFn, Request};

    use super::*;
    use crate::Options;

    const NOW: Duration = Duration::from_secs(1_790_000_000);

    fn ask(bmc: &mut Bmc, net_fn: u8, cmd: u8, data: &[u8]) -> Vec<u8> {
        let response = bmc.handle(&Request::new(NetFn::new(net_fn), cmd, data), NOW);
        assert_eq!(response.code.0, 0, "{net_fn:02X}h {cmd:02X}h");
        response.data
    }

    #[test]
    fn what_lies_there_is_not_written_through() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let directory = tempfile::tempdir().unwrap();
        let precious = directory.path().join("precious");
        std::fs::write(&precious, "precious").unwrap();
        std::fs::set_permissions(&precious, std::fs::Permissions::from_mode(0o644)).unwrap();
        let state = directory.path().join("state");
        std::fs::create_dir(&state).unwrap();
        symlink(&precious, state.join(NEW_FILE)).unwrap();
        let bmc = Bmc::builtin(&crate::config::Options::default(), Duration::from_secs(1_700_000_000));
        StateDir::open(&state).unwrap().save(&bmc, Duration::from_secs(1_700_000_000)).unwrap();
        assert_eq!(std::fs::metadata(state.join(FILE)).unwrap().permissions().mode() & 0o777, 0o600);
        std::fs::remove_file(state.join(LOCK_FILE)).unwrap();
        symlink(&precious, state.join(LOCK_FILE)).unwrap();
        assert!(StateDir::open(&state).is_err());
        assert_eq!(std::fs::read_to_string(&precious).unwrap(), "precious");
    }

    #[test]
    fn what_was_changed_is_there_after_a_restart() {
        let directory = tempfile::tempdir().unwrap();
        let state = StateDir::open(&directory.path().join("new")).unwrap();
        let mut bmc = Bmc::builtin(&Options { seed: 1, freeze: true }, NOW);
        state.load(&mut bmc, NOW).unwrap();
        ask(&mut bmc, 4, 0x26, &[0x03, 0x08, 0, 0, 0, 80, 0, 0]);
        ask(&mut bmc, 0x0A, 0x12, &[1, 0x10, 0, 0xAB]);
        ask(&mut bmc, 0x0A, 0x24, &[0, 0, 0x51, 0xC0, 4, 1, 2, 3, 4]);
        ask(&mut bmc, 0x2C, 0x08, &[0xDC, 0, 2, b'T', b'1']);
        ask(&mut bmc, 0x2C, 0x0B, &[0xDC, 0x40, 1, 0x20, 50, 9, 0]);
        ask(&mut bmc, 0, 0x02, &[0]);
        ask(&mut bmc, 0x0C, 0x01, &[1, 3, 10, 0, 0, 9]);
        ask(&mut bmc, 4, 0x12, &[9, 2, 0x18, 0x11, 0x00]);
        ask(&mut bmc, 0, 0x08, &[5, 0xC0, 0x04, 0, 0, 0]);
        ask(&mut bmc, 4, 0x14, &[0, 5, 0]);
        ask(&mut bmc, 0, 0x05, &[0x02, 0x20, 0x20, 0x20, 0x20]);
        ask(&mut bmc, 0, 0x0B, &[9]);
        ask(&mut bmc, 6, 0x4C, &[1, 0x42, 2, 0, 0, 0]);
        let reservation = ask(&mut bmc, 0x0A, 0x42, &[]);
        ask(&mut bmc, 0x0A, 0x46, &[reservation[0], reservation[1], 1, 0]);
        state.save(&bmc, NOW).unwrap();

        let mut again = Bmc::builtin(&Options { seed: 1, freeze: true }, NOW);
        state.load(&mut again, NOW).unwrap();
        assert_eq!(ask(&mut again, 4, 0x27, &[3])[4], 80);
        assert_eq!(ask(&mut again, 0x0A, 0x11, &[1, 0x10, 0, 1]), [1, 0xAB]);
        assert_eq!(again.main.sdr.len(), bmc.main.sdr.len());
        assert_eq!(ask(&mut again, 0x2C, 0x06, &[0xDC, 0, 16]), [0xDC, 2, b'T', b'1']);
        assert_eq!(ask(&mut again, 0x2C, 0x0C, &[0xDC, 0x40, 1]), [0xDC, 0x20, 50, 9, 0]);
        assert!(!again.chassis.power_on);
        assert_eq!(ask(&mut again, 0x0C, 0x02, &[1, 3, 0, 0]), [0x11, 10, 0, 0, 9]);
        assert_eq!(ask(&mut again, 4, 0x13, &[9, 2, 0]), [0x11, 2, 0x18, 0x11, 0x00]);
        assert_eq!(ask(&mut again, 0, 0x09, &[5, 0, 0]), [1, 5, 0xC0, 0x04, 0, 0, 0]);
        assert_eq!(again.pef.last_software, Some(5));
        assert_eq!(ask(&mut again, 0, 0x00, &[])[0], 0x02);
        assert_eq!(again.chassis.cycle_interval, Duration::from_secs(9));
        assert_eq!(ask(&mut again, 6, 0x4D, &[1, 2]), [0; 4]);
        let (before, after) = (bmc.main.sel.as_ref().unwrap(), again.main.sel.as_ref().unwrap());
        assert_eq!(before.records(), after.records());
        assert_eq!(before.last_id(), after.last_id());
    }

    #[test]
    fn a_broken_file_is_named() {
        let directory = tempfile::tempdir().unwrap();
        let state = StateDir::open(directory.path()).unwrap();
        let mut bmc = Bmc::builtin(&Options::default(), NOW);
        state.save(&bmc, NOW).unwrap();
        let file = directory.path().join(FILE);
        let good = std::fs::read_to_string(&file).unwrap();
        for (from, to) in
            [("version = 1", "version = 7"), ("power_on", "power"), ("records = [\"01", "records = [\"x1")]
        {
            assert!(good.contains(from));
            std::fs::write(&file, good.replacen(from, to, 1)).unwrap();
            let error = state.load(&mut bmc, NOW).unwrap_err().to_string();
            assert!(error.contains("state.toml: "), "{error}");
        }
    }

    #[test]
    fn files_of_other_versions_and_directories_in_use_are_refused() {
        let directory = tempfile::tempdir().unwrap();
        let state = StateDir::open(directory.path()).unwrap();
        assert!(StateDir::open(directory.path()).unwrap_err().to_string().contains("another BMC"));
        std::fs::write(directory.path().join(FILE), "version = 9\nwhat = 1").unwrap();
        let error = state.load(&mut Bmc::builtin(&Options::default(), NOW), NOW).unwrap_err();
        assert!(error.to_string().ends_with("expected version 1, found 9"), "{error}");
        drop(state);
        StateDir::open(directory.path()).unwrap();
    }
}
