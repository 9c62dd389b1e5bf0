//! Times `ipmi` and ipmitool side by side over /dev/ipmi0 in one guest:
//! `cargo run --release -p tests --example guest_times`.
//!
//! Prints a Markdown table: seconds per run (minimum, median, maximum of the runs, taken in turn) and the ratio of
//! medians.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use tests::{guest::Guest, program};

const RUNS: usize = 7;
const COMMANDS: &[&str] = &["mc info", "sdr elist all", "sensor list", "sel elist", "fru print"];

fn main() {
    let guest = Guest::prepare().unwrap_or_else(|| panic!("QEMU, busybox and ipmitool are needed"));
    let bmc = program::Running::start("bmc-sim", ["--vm", "127.0.0.1:0", "--freeze"]);
    let address = bmc.wait_for("ready vm ");
    let timed = |program: &str, command: &str| {
        format!(
            "a=$(cut -d' ' -f1 /proc/uptime); {program} {command} >/dev/null 2>&1; cut -d' ' -f1 /proc/uptime; echo $a"
        )
    };
    let mut lines = Vec::new();
    for command in COMMANDS {
        for _ in 0..RUNS {
            lines.push(timed("ipmitool", command));
            lines.push(timed("ipmi", command));
        }
    }
    let outcomes = guest.run(&address, &[&program::path("ipmi")], &lines);
    println!("| command | ipmitool min / median / max s | ipmi min / median / max s | ratio |\n|---|---|---|---|");
    for (command, runs) in COMMANDS.iter().zip(outcomes.chunks(2 * RUNS)) {
        let seconds = |offset: usize| {
            let mut all: Vec<f64> = runs.iter().skip(offset).step_by(2).map(|run| elapsed(&run.stdout)).collect();
            all.sort_by(f64::total_cmp);
            all
        };
        let (theirs, ours) = (seconds(0), seconds(1));
        let show = |all: &[f64]| format!("{:.2} / {:.2} / {:.2}", all[0], all[RUNS / 2], all[RUNS - 1]);
        let ratio = theirs[RUNS / 2] / ours[RUNS / 2];
        println!("| `{command}` | {} | {} | {ratio:.1} |", show(&theirs), show(&ours));
    }
}

/// End and start stand on a line each.
fn elapsed(text: &str) -> f64 {
    let stamps: Vec<f64> = text.lines().map(|line| line.parse().unwrap()).collect();
    stamps[0] - stamps[1]
}
