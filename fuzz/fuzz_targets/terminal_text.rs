//! Text commands of terminal mode, one after the other: each is answered in printable lines, and nobody who is not
//! logged in switches the system.
#![no_main]

use std::time::Duration;

use ipmi_core::Secret;
use libfuzzer_sys::fuzz_target;
use simulator::serial::access::SerialAccess;
use simulator::serial::text::{TerminalSettings, run};
use simulator::{Bmc, Options};

const NOW: Duration = Duration::from_secs(1_700_000_000);

fuzz_target!(|data: &[u8]| {
    let Some((login, texts)) = data.split_first() else { return };
    let mut bmc = Bmc::builtin(&Options { freeze: true, seed: 1 }, NOW);
    let mut access = SerialAccess::new(login & 1 == 1, 36);
    let mut settings = TerminalSettings::default();
    let mut logged_in = login & 1 == 0;
    for text in texts.split(|byte| *byte == b'\n').take(64) {
        let was_on = bmc.chassis.power_on;
        logged_in |= text.windows(4).any(|word| word.eq_ignore_ascii_case(b" PWD"));
        let lines = run(&Secret::new(text), &mut access, &mut settings, &mut bmc, NOW);
        assert!(!lines.is_empty() && lines.len() < 300);
        assert!(lines.iter().flat_map(|line| line.bytes()).all(|byte| (b' '..=b'~').contains(&byte)));
        assert!(logged_in || bmc.chassis.power_on == was_on);
        assert!(bmc.take_actions().is_empty() || logged_in);
    }
});
