//! Serial terminal mode: what either end makes of any bytes, and what a BMC answers to any text.
#![no_main]

use std::time::Duration;

use ipmi_core::link::serial_terminal::{Decoder, Line};
use ipmi_core::link::serial_terminal_bmc::{Input, TerminalBmc, TerminalConfiguration};
use libfuzzer_sys::fuzz_target;
use simulator::serial::access::SerialAccess;
use simulator::serial::text::{TerminalSettings, run};
use simulator::{Bmc, Options};

const NOW: Duration = Duration::from_secs(1_700_000_000);

fuzz_target!(|data: &[u8]| {
    let mut decoder = Decoder::default();
    for byte in data {
        if let Some(Ok(Line::Message(message))) = decoder.push(*byte) {
            let mut again = Decoder::default();
            let lines: Vec<_> = message.emit().bytes().filter_map(|byte| again.push(byte)).collect();
            assert_eq!(lines, [Ok(Line::Message(message))]);
        }
    }
    let Some((configuration, bytes)) = data.split_first_chunk() else { return };
    let mut terminal = TerminalBmc::default();
    terminal.configuration = TerminalConfiguration(*configuration);
    terminal.handle_input(bytes);
    let mut bmc = None;
    while let Some(input) = terminal.poll_input() {
        if let Input::Text(text) = input {
            let bmc = bmc.get_or_insert_with(|| Bmc::builtin(&Options::default(), NOW));
            let mut access = SerialAccess::new(false, 36);
            let lines = run(&text, &mut access, &mut TerminalSettings::default(), bmc, NOW);
            assert!(!lines.is_empty() && lines.iter().all(|line| line.is_ascii()));
        }
    }
    assert!(terminal.poll_output().len() <= bytes.len() * 3);
});
