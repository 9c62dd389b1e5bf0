//! Times one `ipmi` process beside `ipmi-sensors` with its fan-out on many simulated BMCs: `tests/bench sweep`.
//!
//! Prints a Markdown table: wall time, processor time and peak memory (minimum / median / maximum of the rounds,
//! programs in turn), with cold and with warm caches of sensor data records.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use tests::fleet::Fleet;
use tests::lan::Remote;
use tests::measure::{self, Spread, Usage};

/// Programs and the words after the hosts; FreeIPMI's fan-out is 64 unless told otherwise, and its output has no
/// headers then.
const FREEIPMI: &str = "--quiet-cache --no-header-output";
const FREEIPMI_WIDE: &str = "--quiet-cache --no-header-output --fanout=256";

fn main() {
    let mut words = std::env::args().skip(1).map(|word| word.parse::<u16>().unwrap());
    let (count, rounds) = (words.next().unwrap_or(1000), words.next().unwrap_or(3));
    let fleet = Fleet::start(count);
    let mut runs: Vec<Vec<Usage>> = vec![Vec::new(); 6];
    for round in 0..rounds {
        let homes: Vec<_> = (0..3).map(|_| tempfile::tempdir().unwrap()).collect();
        for step in 0..3 {
            // Another program is first in each round.
            let program = usize::from((round + step) % 3);
            let remote = fleet.remote(homes[program].path());
            for warm in [0, 1] {
                runs[program * 2 + warm].push(run(&fleet, &remote, program, count));
            }
        }
    }
    println!("| {count} BMCs, every sensor | wall s min / median / max | processor s | peak MiB |\n|---|---|---|---|");
    let names = ["ipmi", "ipmi-sensors, fan-out 64", "ipmi-sensors, fan-out 256"];
    for (index, usages) in runs.iter().enumerate() {
        let show = |figure: fn(&Usage) -> f64| {
            let spread = Spread::of(usages.iter().map(figure).collect());
            format!("{:.2} / {:.2} / {:.2}", spread.min, spread.median, spread.max)
        };
        println!(
            "| {}, {} | {} | {} | {} |",
            names[index / 2],
            ["cold", "warm"][index % 2],
            show(|usage| usage.wall.as_secs_f64()),
            show(|usage| usage.cpu.as_secs_f64()),
            show(|usage| f64::from(u32::try_from(usage.peak_kib).unwrap()) / 1024.0),
        );
    }
}

/// One run, which must read everything.
fn run(fleet: &Fleet, remote: &Remote, program: usize, count: u16) -> Usage {
    let mut command = match program {
        0 => fleet.ipmi("sdr elist"),
        1 => fleet.freeipmi("ipmi-sensors", FREEIPMI),
        _ => fleet.freeipmi("ipmi-sensors", FREEIPMI_WIDE),
    };
    remote.environment(&mut command);
    let (outcome, usage) = measure::run(command);
    let expected = usize::from(count) * tests::emu::SMALL_SENSORS;
    let lines = outcome.stdout.lines().count();
    assert!(outcome.status == 0 && lines == expected, "status {}, {lines} lines of {expected}", outcome.status);
    usage
}
