//! Times `ipmi` and ipmitool side by side over a network with 5 ms more round trip, against `ipmi_sim` with 165 SDRs
//! and 500 SEL records: `tests/bench lan`.
//!
//! Prints a Markdown table: datagrams to the BMC, seconds per run (minimum / median / maximum of the rounds, programs
//! in turn), and the ratio of each round's pair.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::time::{Duration, Instant};

use tests::emu;
use tests::ipmi_sim::IpmiSim;
use tests::lan::{Outcome, Remote};
use tests::measure::Spread;
use tests::proxy::{Path, Proxy};

const ROUND_TRIP: Duration = Duration::from_millis(5);
/// What a BMC that takes one request at a time needs for each.
const SERVICE: Duration = Duration::from_millis(2);

/// One row.
struct Case {
    name: &'static str,
    command: &'static str,
    options: &'static str,
    /// Options of ipmitool's run, when they are others; `CACHE` stands for its file of SDRs.
    theirs: Option<&'static str>,
    /// Whether `ipmi` runs once before, so that its caches are full.
    warm: bool,
    one_at_a_time: bool,
}

const SUITE_3: &str = "-I lanplus -C 3";

const fn case(name: &'static str, command: &'static str) -> Case {
    Case { name, command, options: SUITE_3, theirs: None, warm: false, one_at_a_time: false }
}

const CASES: &[Case] = &[
    case("`mc info`", "mc info"),
    Case { options: "-I lanplus", ..case("`mc info`, suite not named", "mc info") },
    case("`sdr elist`, cold", "sdr elist"),
    Case { warm: true, ..case("`sdr elist`, warm", "sdr elist") },
    Case {
        warm: true,
        theirs: Some("-I lanplus -C 3 -S CACHE"),
        ..case("`sdr elist`, warm, ipmitool with -S", "sdr elist")
    },
    case("`sel list`", "sel list"),
    Case { one_at_a_time: true, ..case("`sdr elist`, cold, one request at a time", "sdr elist") },
    Case { one_at_a_time: true, warm: true, ..case("`sdr elist`, warm, one request at a time", "sdr elist") },
    Case { one_at_a_time: true, ..case("`sel list`, one request at a time", "sel list") },
];

/// The figures of one program in one case.
#[derive(Default)]
struct Runs {
    seconds: Vec<f64>,
    requests: Vec<f64>,
}

fn main() {
    let rounds: usize = std::env::args().nth(1).map_or(7, |word| word.parse().unwrap());
    let script = emu::script();
    println!(
        "| command | datagrams ipmitool / ipmi | ipmitool min / median / max s | ipmi min / median / max s | ratio |"
    );
    println!("|---|---|---|---|---|");
    for case in CASES {
        let bmc = IpmiSim::start(&script).unwrap_or_else(|| panic!("ipmi_sim and ipmitool are needed"));
        let path = Path { one_at_a_time: case.one_at_a_time.then_some(SERVICE), ..Path::round_trip(ROUND_TRIP) };
        let proxy = Proxy::start(bmc.address(), path);
        let (mut theirs, mut ours) = (Runs::default(), Runs::default());
        for round in 0..rounds {
            let home = tempfile::tempdir().unwrap();
            let remote = Remote::new(proxy.address(), home.path());
            let cache = home.path().join("sdr");
            let options = case.theirs.unwrap_or(case.options).replace("CACHE", cache.to_str().unwrap());
            if case.theirs.is_some() {
                remote.ipmitool(SUITE_3, &format!("sdr dump {}", cache.display()));
            }
            if case.warm {
                remote.ipmi(case.options, case.command);
            }
            let first = |runs: &mut Runs| measure(runs, &proxy, || remote.ipmitool(&options, case.command));
            let second = |runs: &mut Runs| measure(runs, &proxy, || remote.ipmi(case.options, case.command));
            let (left, right) = if round % 2 == 0 {
                let left = first(&mut theirs);
                (left, second(&mut ours))
            } else {
                let right = second(&mut ours);
                (first(&mut theirs), right)
            };
            assert_eq!(left.stdout, right.stdout, "{}", case.name);
        }
        row(case, theirs, ours);
    }
}

fn measure(runs: &mut Runs, proxy: &Proxy, run: impl Fn() -> Outcome) -> Outcome {
    let _ = proxy.take();
    let started = Instant::now();
    let outcome = run();
    runs.seconds.push(started.elapsed().as_secs_f64());
    runs.requests.push(f64::from(u32::try_from(proxy.take().requests()).unwrap()));
    assert_eq!(outcome.status, 0, "{}", outcome.stderr);
    outcome
}

fn row(case: &Case, theirs: Runs, ours: Runs) {
    let show = |spread: Spread| format!("{:.3} / {:.3} / {:.3}", spread.min, spread.median, spread.max);
    let ratios = theirs.seconds.iter().zip(&ours.seconds).map(|(theirs, ours)| theirs / ours).collect();
    let ratio = Spread::of(ratios);
    println!(
        "| {} | {} / {} | {} | {} | {:.1} / {:.1} / {:.1} |",
        case.name,
        Spread::of(theirs.requests).median,
        Spread::of(ours.requests).median,
        show(Spread::of(theirs.seconds)),
        show(Spread::of(ours.seconds)),
        ratio.min,
        ratio.median,
        ratio.max
    );
}
