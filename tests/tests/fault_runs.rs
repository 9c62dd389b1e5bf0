//! Ten thousand runs with faults drawn from a seed, in memory and on a virtual clock, end in a right answer or a named
//! error. `FAULT_SEED=n` does one of them again.
#![allow(clippy::panic, clippy::expect_used, clippy::unwrap_used, clippy::indexing_slicing)]

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tests::fault_run::{Outcome, Run, Secrets};

/// Runs unless `FAULT_RUNS` says otherwise.
const RUNS: u64 = 10_000;
/// Failures after which the rest is not run.
const FAILURES: usize = 5;

#[derive(Default)]
struct Tally {
    outcomes: BTreeMap<String, u32>,
    jobs: BTreeMap<String, [u32; 3]>,
    failures: Vec<String>,
    /// Runs whose console knows what it needs, and those of them that ended right.
    able: [u64; 2],
    slowest: Duration,
    datagrams: u64,
}

impl Tally {
    fn run(&mut self, seed: u64) {
        let run = Run::new(seed);
        let (outcome, story) = match catch_unwind(AssertUnwindSafe(|| run.run())) {
            Ok(done) => done,
            Err(panic) => {
                let text = panic.downcast_ref::<String>().cloned();
                let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
                self.failures.push(format!("{run}\n    {}", text.unwrap_or_default()));
                return;
            }
        };
        if run.secrets == Secrets::Right {
            self.able = [self.able[0] + 1, self.able[1] + u64::from(outcome == Outcome::Right)];
        }
        let (column, name) = match outcome {
            Outcome::Right => (0, "right".to_owned()),
            Outcome::Partial(reason) => (1, format!("partial: {}", without_numbers(&reason))),
            Outcome::Failed(reason) => (2, format!("error: {reason}")),
        };
        *self.outcomes.entry(name).or_default() += 1;
        self.jobs.entry(format!("{:?}", run.job)).or_default()[column] += 1;
        self.slowest = self.slowest.max(story.slowest);
        self.datagrams += u64::from(story.sent + story.received);
    }

    fn add(&mut self, other: Self) {
        for (name, count) in other.outcomes {
            *self.outcomes.entry(name).or_default() += count;
        }
        for (job, counts) in other.jobs {
            let sums = self.jobs.entry(job).or_default();
            sums.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
        }
        self.failures.extend(other.failures);
        self.able = [self.able[0] + other.able[0], self.able[1] + other.able[1]];
        self.slowest = self.slowest.max(other.slowest);
        self.datagrams += other.datagrams;
    }

    fn print(&self) {
        println!("{:<12} {:>7} {:>7} {:>7}", "job", "right", "partial", "error");
        for (job, [right, partial, error]) in &self.jobs {
            println!("{job:<12} {right:>7} {partial:>7} {error:>7}");
        }
        let mut outcomes: Vec<_> = self.outcomes.iter().collect();
        outcomes.sort_by_key(|(name, count)| (u32::MAX - **count, *name));
        for (name, count) in outcomes {
            println!("{count:>7}  {name}");
        }
        println!("{} of {} runs with the right secrets ended right", self.able[1], self.able[0]);
        println!("{} datagrams; the slowest request took {:?} of virtual time", self.datagrams, self.slowest);
    }
}

/// A reason with its numbers left out, so that reasons of one kind are counted together.
fn without_numbers(reason: &str) -> String {
    let words =
        reason.split(' ').map(|word| if word.chars().any(|letter| letter.is_ascii_digit()) { "N" } else { word });
    words.collect::<Vec<_>>().join(" ")
}

fn number(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name}: expected a number, found {text}")))
}

#[test]
fn runs_with_faults_end_in_a_right_answer_or_a_named_error() {
    if let Some(seed) = number("FAULT_SEED") {
        let run = Run::new(seed);
        println!("{run}");
        println!("{:?}", run.run());
        return;
    }
    let runs = number("FAULT_RUNS").unwrap_or(RUNS);
    let next = AtomicU64::new(0);
    let mut tally = Tally::default();
    std::thread::scope(|scope| {
        let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let work = || {
            let mut tally = Tally::default();
            while tally.failures.len() < FAILURES {
                let seed = next.fetch_add(1, Ordering::Relaxed);
                if seed >= runs {
                    break;
                }
                tally.run(seed);
            }
            tally
        };
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        workers.into_iter().for_each(|worker| tally.add(worker.join().unwrap()));
    });
    tally.print();
    assert!(tally.failures.is_empty(), "{}", tally.failures.join("\n"));
    let done: u32 = tally.outcomes.values().sum();
    assert_eq!(u64::from(done), runs);
    // An error is an answer, but most faults are there to be got over.
    let [able, right] = tally.able;
    assert!(right * 4 >= able * 3, "{right} of {able} runs with the right secrets ended right");
}
