//! System info parameters: names and versions the host leaves with the BMC (IPMI 2.0 s22.14a, s22.14b).

use super::parameter::{BLOCK, Parameter, Parameters, parameter};

/// Set selectors of a text: 14 bytes in the first, 16 in the others, 254 in all.
const SETS: u8 = 15;
const FIRMWARE_VERSION: u8 = 1;
const SYSTEM_NAME: u8 = 2;

const TABLE: &[Parameter] =
    &[text(FIRMWARE_VERSION), text(SYSTEM_NAME), text(3).volatile(), text(4), text(5), text(6), text(7)];

const fn text(number: u8) -> Parameter {
    parameter(number, BLOCK, &[]).sets(0, SETS).text()
}

/// The system info parameters.
#[derive(Debug, Clone)]
pub struct SystemInfo {
    /// The parameters as commands see them.
    pub parameters: Parameters,
}

impl Default for SystemInfo {
    fn default() -> Self {
        Self { parameters: Parameters::new(TABLE) }
    }
}

impl SystemInfo {
    /// Configures the system firmware version.
    pub fn set_firmware_version(&mut self, version: &str) {
        self.configure(FIRMWARE_VERSION, version);
    }

    /// Configures the system name.
    pub fn set_system_name(&mut self, name: &str) {
        self.configure(SYSTEM_NAME, name);
    }

    // Encoding (0 ASCII, 1 UTF-8) and length come first; what goes beyond 254 bytes is cut.
    fn configure(&mut self, number: u8, text: &str) {
        let bytes: Vec<u8> = text.bytes().take(14 + usize::from(SETS) * BLOCK).collect();
        let mut value = vec![u8::from(!text.is_ascii()), u8::try_from(bytes.len()).unwrap_or(u8::MAX)];
        value.extend(bytes);
        for (set, chunk) in (0_u8..).zip(value.chunks(BLOCK)) {
            let mut block = chunk.to_vec();
            block.resize(BLOCK, 0);
            self.parameters.configure(number, set, 0, &block);
        }
    }
}
