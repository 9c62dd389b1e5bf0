//! Our own TOML configuration: a BMC from its parts, or the built-in server with changes (docs/bmc-sim.md).

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;

use super::range::within;
use super::records::{SEL_CAPACITY, SEL_SUPPORT};
use super::{
    ConfigError, Options, behaviour, channel, extension, hex, input, reading, records, settings, standing, user,
};
use crate::bmc::{BMC_ADDRESS, Bmc};
use crate::controller::{Controller, Identity};
use crate::sensor::Sensor;
use crate::session::{MAX_SESSION_LIMIT, Sessions};
use crate::store::fru::FruDevice;
use crate::store::sel::Sel;

/// Largest SDR dump or FRU image read.
const MAX_FILE: u64 = 1 << 20;

/// Why a recording without its end is not served.
const BROKEN_OFF: &str = "the recording broke off before its end: record the BMC again (without the line \
                          `recorded = true` what there is of it is served)";

/// A configuration file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    /// What the file changes: the built-in server, or a BMC with nothing in it.
    #[serde(default)]
    base: Base,
    /// It is a recording, which ends with `[recording]`.
    #[serde(default)]
    recorded: bool,
    #[serde(default)]
    recording: Recording,
    /// Seed of the noise; the command line's where it is left out.
    seed: Option<u64>,
    #[serde(default)]
    device: Device,
    /// System GUID, 32 hexadecimal digits in wire order.
    system_guid: Option<String>,
    /// Device GUID, likewise.
    device_guid: Option<String>,
    /// System power at the start.
    power: Option<bool>,
    /// Power restore policy: 0 off, 1 previous, 2 on.
    restore_policy: Option<u8>,
    /// Most data bytes in a response.
    max_response: Option<usize>,
    /// Time an erase of the SEL takes, in milliseconds.
    erase_ms: Option<u64>,
    sel: Option<records::SelConfig>,
    /// What Get SDR Repository Info says beside the records.
    #[serde(default)]
    repository: records::Repository,
    /// What was set and counted while it ran.
    #[serde(default)]
    state: standing::Standing,
    #[serde(default)]
    channel: Vec<channel::ChannelConfig>,
    #[serde(default)]
    channels: channel::Others,
    #[serde(default)]
    lan: settings::Lan,
    /// Users in place of admin:admin.
    user: Option<Vec<user::UserConfig>>,
    /// The slots they are in.
    #[serde(default)]
    users: user::Slots,
    /// Key of RMCP+ sessions: text, or 0x and digits.
    kg: Option<user::KeyText>,
    /// Where the serial console is.
    sol: Option<String>,
    /// Sessions at a time, 1-63.
    session_limit: Option<usize>,
    #[serde(default)]
    parameter: Vec<settings::Parameter>,
    dcmi: Option<extension::DcmiConfig>,
    #[serde(default)]
    extensions: extension::Extensions,
    #[serde(default)]
    oem: Vec<extension::OemConfig>,
    #[serde(default)]
    satellite: Vec<Satellite>,
    #[serde(default)]
    sdr: Vec<Records>,
    #[serde(default)]
    fru: Vec<Fru>,
    #[serde(default)]
    reading: Vec<reading::Reading>,
    #[serde(default)]
    chassis: behaviour::ChassisConfig,
    #[serde(default)]
    behaviour: behaviour::Behaviour,
}

/// The end of a recording: without it, it broke off.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Recording {
    #[serde(default)]
    complete: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Base {
    #[default]
    Builtin,
    Empty,
}

/// What Get Device ID says, where it differs.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Device {
    device_id: Option<u8>,
    device_revision: Option<u8>,
    device_sdrs: Option<bool>,
    firmware_major: Option<u8>,
    firmware_minor: Option<u8>,
    ipmi_version: Option<u8>,
    support: Option<u8>,
    manufacturer: Option<u32>,
    product: Option<u16>,
    /// Auxiliary firmware revision, four bytes.
    auxiliary_firmware: Option<[u8; 4]>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Satellite {
    address: u8,
    /// Channel of its bus.
    #[serde(default)]
    channel: u8,
    #[serde(default)]
    device: Device,
    /// Device GUID, 32 hexadecimal digits in wire order.
    guid: Option<String>,
}

/// SDRs, here or in a file beside this one.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Records {
    hex: Option<String>,
    file: Option<PathBuf>,
    /// The controller whose device SDRs they are, in place of the repository.
    device: Option<u8>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Fru {
    id: u8,
    #[serde(default = "bmc_address")]
    owner: u8,
    /// Size of the device; that of its content where it is left out.
    size: Option<u16>,
    hex: Option<String>,
    file: Option<PathBuf>,
}

fn bmc_address() -> u8 {
    BMC_ADDRESS
}

/// Builds the BMC a file describes.
pub(super) fn load(path: &Path, options: &Options, now: Duration) -> Result<Bmc, ConfigError> {
    parse(&input::text(path)?, path, options, now)
}

/// Builds the BMC that the text of a file describes.
pub(super) fn parse(text: &str, path: &Path, options: &Options, now: Duration) -> Result<Bmc, ConfigError> {
    let config: Config = toml::from_str(text).map_err(|error| ConfigError::file(path, error.to_string()))?;
    config.build(path, options, now)
}

impl Config {
    fn build(self, path: &Path, options: &Options, now: Duration) -> Result<Bmc, ConfigError> {
        let wrong = |reason: String| ConfigError::file(path, reason);
        if self.recorded && !self.recording.complete {
            return Err(wrong(BROKEN_OFF.to_owned()));
        }
        let options = Options { seed: self.seed.unwrap_or(options.seed), ..options.clone() };
        let mut bmc = match self.base {
            Base::Builtin => Bmc::builtin(&options, now),
            Base::Empty => empty(now),
        };
        self.device.apply(&mut bmc.main.identity);
        if let Some(text) = &self.system_guid {
            bmc.profile.system_guid = Some(guid(text).map_err(|reason| wrong(format!("system_guid: {reason}")))?);
        }
        if let Some(text) = &self.device_guid {
            bmc.main.guid = Some(guid(text).map_err(|reason| wrong(format!("device_guid: {reason}")))?);
        }
        if let Some(bytes) = self.max_response {
            bmc.profile.max_response = within("max_response", bytes, 16..=1024).map_err(wrong)?;
        }
        bmc.profile.erase_time = self.erase_ms.map_or(bmc.profile.erase_time, Duration::from_millis);
        if let Some(policy) = self.restore_policy {
            bmc.chassis.restore_policy = within("restore_policy", policy, 0..=3).map_err(wrong)?;
        }
        if let Some(sel) = &self.sel {
            sel.apply(&mut bmc).map_err(wrong)?;
        }
        channel::configure(&self.channel, &mut bmc).map_err(wrong)?;
        self.channels.apply(&mut bmc);
        self.lan.apply(&mut bmc.settings).map_err(wrong)?;
        if let Some(users) = &self.user {
            user::configure(users, &self.users, &mut bmc).map_err(wrong)?;
        }
        if let Some(kg) = &self.kg {
            bmc.channels.kg = user::key(&kg.0).map_err(wrong)?;
        }
        if let Some(place) = &self.sol {
            bmc.settings.sol.console = place.parse().map_err(|reason| wrong(format!("sol: {reason}")))?;
        }
        if let Some(limit) = self.session_limit {
            bmc.sessions = Sessions::with_limit(within("session_limit", limit, 1..=MAX_SESSION_LIMIT).map_err(wrong)?);
        }
        for parameter in &self.parameter {
            parameter.apply(&mut bmc).map_err(wrong)?;
        }
        if let Some(dcmi) = &self.dcmi {
            dcmi.apply(&mut bmc).map_err(wrong)?;
        }
        self.extensions.apply(&mut bmc);
        for oem in &self.oem {
            oem.apply(&mut bmc).map_err(wrong)?;
        }
        for satellite in self.satellite {
            // Software ids (odd) are there too: some servers answer at them.
            if satellite.address == BMC_ADDRESS {
                return Err(wrong(format!("satellite.address: expected another than the BMC's, {BMC_ADDRESS:#04x}")));
            }
            let mut identity = empty_identity();
            satellite.device.apply(&mut identity);
            let mut controller = Controller::new(satellite.address, identity);
            controller.channel = satellite.channel & 0xF;
            controller.guid = satellite.guid.as_deref().map(guid).transpose().map_err(wrong)?;
            bmc.satellites.insert(satellite.address, controller);
        }
        for data in &self.sdr {
            let bytes = bytes(path, data.hex.as_deref(), data.file.as_deref())?;
            let keep_ids = self.repository.keep_ids;
            add_records(&mut bmc, data.device, keep_ids, &bytes).map_err(wrong)?;
        }
        self.repository.apply(&mut bmc);
        for fru in &self.fru {
            let bytes = bytes(path, fru.hex.as_deref(), fru.file.as_deref())?;
            let size = fru.size.unwrap_or(u16::try_from(bytes.len()).unwrap_or(u16::MAX));
            let controller = bmc.controller_mut(fru.owner);
            let controller =
                controller.ok_or_else(|| wrong(format!("fru {}: no controller {:#04x}", fru.id, fru.owner)))?;
            controller.frus.insert(fru.id, FruDevice::new(size, &bytes));
        }
        for reading in &self.reading {
            reading.apply(&mut bmc).map_err(wrong)?;
        }
        if self.power == Some(false) {
            bmc.power_off(now);
            bmc.take_actions();
        }
        self.chassis.apply(&mut bmc).map_err(wrong)?;
        self.behaviour.apply(&mut bmc);
        self.state.apply(&mut bmc).map_err(wrong)?;
        bmc.dirty = false;
        Ok(bmc)
    }
}

fn guid(text: &str) -> Result<[u8; 16], String> {
    let bytes = hex::bytes(text)?;
    let found = bytes.len();
    bytes.try_into().map_err(|_| format!("expected 16 bytes, found {found}"))
}

fn empty(now: Duration) -> Bmc {
    let mut main = Controller::new(BMC_ADDRESS, empty_identity());
    main.sel = Some(Sel::new(SEL_CAPACITY, SEL_SUPPORT));
    Bmc::new(main, true, now)
}

fn empty_identity() -> Identity {
    Identity {
        device_id: 0x20,
        device_sdrs: false,
        device_revision: 1,
        firmware_major: 1,
        firmware_minor: 0,
        ipmi_version: 0x02,
        support: 0xBF,
        manufacturer: 0,
        product: 0,
        auxiliary_firmware: None,
    }
}

impl Device {
    fn apply(&self, identity: &mut Identity) {
        fn set<T: Copy>(slot: &mut T, value: Option<T>) {
            *slot = value.unwrap_or(*slot);
        }
        set(&mut identity.device_id, self.device_id);
        set(&mut identity.device_revision, self.device_revision);
        set(&mut identity.device_sdrs, self.device_sdrs);
        set(&mut identity.firmware_major, self.firmware_major);
        set(&mut identity.firmware_minor, self.firmware_minor);
        set(&mut identity.ipmi_version, self.ipmi_version);
        set(&mut identity.support, self.support);
        set(&mut identity.manufacturer, self.manufacturer);
        set(&mut identity.product, self.product);
        identity.auxiliary_firmware = self.auxiliary_firmware.or(identity.auxiliary_firmware);
    }
}

/// Adds the records of a dump, one after the other, to the repository or the device SDRs of a controller, and the
/// sensors they describe to their owners.
fn add_records(bmc: &mut Bmc, device: Option<u8>, keep_ids: bool, mut dump: &[u8]) -> Result<(), String> {
    while let [_, _, _, _, length, ..] = dump {
        let size = usize::from(*length) + 5;
        let (record, rest) = dump
            .split_at_checked(size)
            .ok_or_else(|| format!("sdr: expected {size} bytes of a record, found {}", dump.len()))?;
        let store = match device {
            None => &mut bmc.main.sdr,
            Some(address) => {
                let controller = bmc.controller_mut(address);
                &mut controller.ok_or_else(|| format!("sdr: no controller {address:#04x}"))?.device_sdr
            }
        };
        let added = if keep_ids { store.add_as_is(record) } else { store.add(record) };
        added.map_err(|code| format!("sdr: {code}"))?;
        if let (Some(sensor), Some(owner)) = (Sensor::from_record(record), record.get(5))
            && let Some(controller) = bmc.controller_mut(*owner)
        {
            controller.add_sensor(sensor);
        }
        dump = rest;
    }
    if dump.is_empty() {
        Ok(())
    } else {
        Err(format!("sdr: expected a 5-byte record header, found {} bytes", dump.len()))
    }
}

fn bytes(path: &Path, text: Option<&str>, file: Option<&Path>) -> Result<Vec<u8>, ConfigError> {
    match (text, file) {
        (Some(text), None) => hex::bytes(text).map_err(|reason| ConfigError::file(path, reason)),
        (None, Some(file)) => {
            let file = path.parent().unwrap_or(Path::new("")).join(file);
            input::bytes(&file, MAX_FILE)
        }
        _ => Err(ConfigError::file(path, "expected either `hex` or `file`, found both or none")),
    }
}

#[cfg(test)]
mod tests {
    use ipmi_core::{NetFn, Request};

    use super::*;

    const NOW: Duration = Duration::from_secs(1_790_000_000);

    fn load_text(text: &str) -> Result<Bmc, ConfigError> {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("bmc.toml");
        std::fs::write(&path, text).unwrap();
        load(&path, &Options::default(), NOW)
    }

    #[test]
    fn an_empty_file_is_the_built_in_server() {
        let bmc = load_text("").unwrap();
        assert_eq!(bmc.main.sdr.len(), Bmc::builtin(&Options::default(), NOW).main.sdr.len());
    }

    #[test]
    fn a_bmc_from_its_parts() {
        let record = "0100 51 02 1d 2c0001070163400108ff0f000f000f00c000000100000000000000c141";
        let text = format!(
            "base = \"empty\"\nmax_response = 36\npower = false\n[device]\nmanufacturer = 674\n\
             [[satellite]]\naddress = 0x2c\n[[sdr]]\nhex = \"{record}\"\n[[fru]]\nid = 3\nsize = 8\nhex = \"01 02\"\n\
             [[reading]]\nowner = 0x2c\nnumber = 1\nstates = 2\n"
        );
        let mut bmc = load_text(&text).unwrap();
        let id = bmc.handle(&Request::new(NetFn::APP, 0x01, []), NOW);
        assert_eq!(id.data[6..9], [0xA2, 0x02, 0x00]);
        assert_eq!(bmc.satellites[&0x2C].sensors[&(0, 1)].states, 2);
        assert_eq!(bmc.main.frus[&3].bytes(), [1, 2, 0, 0, 0, 0, 0, 0]);
        assert!(!bmc.chassis.power_on);
    }

    #[test]
    fn the_documented_example_is_right() {
        let text = include_str!("../../../docs/bmc-sim.md");
        let (_, example) = text.split_once("```toml\n").unwrap();
        let (example, _) = example.split_once("```").unwrap();
        let config: Config = toml::from_str(example).unwrap();
        assert_eq!(config.sel.unwrap().build().unwrap().records().len(), 1);
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (text, expected) in [
            ("bass = 1", "bass"),
            ("recorded = true", "broke off before its end"),
            ("recorded = true\n[recording]\ncomplete = false", "broke off before its end"),
            ("system_guid = \"0102\"", "expected 16 bytes, found 2"),
            ("[[sdr]]\nhex = \"01\"", "expected a 5-byte record header, found 1 bytes"),
            ("[[sdr]]\nhex = \"010051c009ff\"", "expected 14 bytes of a record, found 6"),
            ("[[sdr]]", "expected either `hex` or `file`"),
            ("[[fru]]\nid = 1\nfile = \"nowhere\"", "nowhere"),
            ("[[reading]]\nnumber = 0xEE", "no such sensor"),
            ("restore_policy = 9", "restore_policy: expected 0 to 3, found 9"),
            ("max_response = 5", "max_response: expected 16 to 1024, found 5"),
            ("session_limit = 64", "session_limit: expected 1 to 63, found 64"),
            ("[[satellite]]\naddress = 0x20", "satellite.address: expected another than the BMC's, 0x20"),
            ("user = []\n[users]\ncount = 64", "users.count: expected 0 to 63, found 64"),
            ("[lan]\nmac = \"0g\"", "lan.mac: expected hexadecimal digits, found `g`"),
            ("[sel]\nrecords = [\"0g\"]", "found `g`"),
        ] {
            let error = load_text(text).unwrap_err().to_string();
            assert!(error.contains(expected), "{text}: {error}");
        }
    }
}
