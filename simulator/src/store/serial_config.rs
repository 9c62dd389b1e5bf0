//! Serial/modem configuration parameters, for a port that is connected directly (IPMI 2.0 s25.2).

use super::parameter::{BLOCK, Parameter, Parameters, parameter};

/// Blocks of the modem init string.
const INIT_BLOCKS: u8 = 3;
/// Alert destinations that outlive a restart; a directly connected port has the volatile one alone.
const DESTINATIONS: u8 = 1;
/// Dial strings and the blocks of each.
const DIAL_STRINGS: u8 = 1;
const DIAL_BLOCKS: u8 = 2;
/// Terminal mode configuration: bits 7:6 say what to do with the others (parameter 29).
pub const TERMINAL_MODE: u8 = 29;

const TABLE: &[Parameter] = &[
    parameter(1, 1, &[0x17]).read_only(),
    parameter(2, 5, &[0x16, 0x16, 0x16, 0x16, 0]),
    // Direct connection in basic or terminal mode.
    parameter(3, 1, &[0x85]),
    parameter(4, 1, &[]),
    parameter(5, 5, &[0, 0, 0xFF, 0xFF, 0xFF]),
    parameter(6, 1, &[]),
    parameter(7, 2, &[0x00, 0x0A]).valid(is_communication),
    parameter(8, 2, &[0x30, 0x01]),
    parameter(9, 2, &[0x3F, 0x3F]),
    parameter(10, BLOCK, b"ATE1Q0V1X4&D0S0=").sets(1, INIT_BLOCKS).text(),
    parameter(11, 5, b"+++"),
    parameter(12, 8, b"ATH"),
    parameter(13, 8, b"ATD"),
    parameter(14, 1, &[]),
    parameter(15, 18, b"public"),
    parameter(16, 1, &[DESTINATIONS]).read_only(),
    parameter(17, 4, &[]).sets(0, DESTINATIONS).volatile_first(),
    parameter(18, 1, &[60]),
    parameter(19, 2, &[0x00, 0x0A]).sets(0, DESTINATIONS).volatile_first(),
    parameter(20, 1, &[DIAL_STRINGS]).read_only(),
    parameter(21, BLOCK, &[]).sets(1, DIAL_STRINGS).blocks(1, DIAL_BLOCKS).text(),
    parameter(22, 1, &[DESTINATIONS]).read_only(),
    parameter(23, 4, &[]).sets(0, DESTINATIONS).volatile_first(),
    // Line editing, echo, handshake; CR LF out, CR in.
    parameter(TERMINAL_MODE, 2, &[0x26, 0x11]),
];

// Flow control none, RTS/CTS or XON/XOFF; 9600 to 115200 bit/s.
fn is_communication(value: &[u8]) -> bool {
    matches!(value, [flow, rate] if flow >> 6 != 3 && matches!(rate & 0xF, 6..=0xA))
}

/// Who has the serial port.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Mux {
    /// The BMC, or else the system.
    pub at_bmc: bool,
    /// Requests to switch to the system are blocked.
    pub system_blocked: bool,
    /// Requests to switch to the BMC are blocked.
    pub bmc_blocked: bool,
}

/// The configuration of the serial channel.
#[derive(Debug, Clone)]
pub struct SerialConfig {
    /// The parameters as commands see them.
    pub parameters: Parameters,
    /// Who has the port.
    pub mux: Mux,
}

impl Default for SerialConfig {
    fn default() -> Self {
        Self { parameters: Parameters::new(TABLE), mux: Mux::default() }
    }
}
