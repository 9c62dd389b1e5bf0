//! What a program costs: wall time, processor time and peak memory, as Linux counts them.

use std::io::Read;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::wait::{Id, WaitPidFlag, WaitStatus, waitid};
use nix::unistd::{Pid, SysconfVar, sysconf};

use crate::lan::Outcome;

/// How often memory is looked at. The kernel keeps the peak, so only growth at the very end can be missed.
const LOOK: Duration = Duration::from_millis(5);

/// What one run cost.
#[derive(Debug, Clone, Copy, Default)]
pub struct Usage {
    /// From start to end.
    pub wall: Duration,
    /// Processor time, of the program and in the kernel for it.
    pub cpu: Duration,
    /// Most memory resident at once, in KiB.
    pub peak_kib: u64,
}

/// Runs a program to its end.
///
/// # Panics
/// When it cannot be started.
pub fn run(mut command: Command) -> (Outcome, Usage) {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let started = Instant::now();
    let mut child = command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let (stdout, stderr) = (collect(child.stdout.take()), collect(child.stderr.take()));
    let pid = Pid::from_raw(child.id().cast_signed());
    let mut usage = Usage::default();
    // The child stays unreaped, so that its processor time can still be read when it has ended.
    let flags = WaitPidFlag::WEXITED | WaitPidFlag::WNOHANG | WaitPidFlag::WNOWAIT;
    while matches!(waitid(Id::Pid(pid), flags), Ok(WaitStatus::StillAlive)) {
        usage.peak_kib = peak_kib(pid).unwrap_or(usage.peak_kib);
        std::thread::sleep(LOOK);
    }
    usage.wall = started.elapsed();
    usage.cpu = cpu(pid).unwrap_or_default();
    let status = child.wait().expect("wait").code().unwrap_or(-1);
    let (stdout, stderr) = (stdout.join().expect("stdout"), stderr.join().expect("stderr"));
    (Outcome { status, stdout, stderr }, usage)
}

fn collect(stream: Option<impl Read + Send + 'static>) -> std::thread::JoinHandle<String> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = stream.map(|mut stream| stream.read_to_end(&mut bytes));
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

/// `VmHWM` of proc(5).
fn peak_kib(pid: Pid) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?.split_whitespace().next()?.parse().ok()
}

/// Fields 14 and 15 of proc(5)'s `stat`, in clock ticks.
fn cpu(pid: Pid) -> Option<Duration> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, after_name) = stat.rsplit_once(')')?;
    let fields: Vec<&str> = after_name.split_whitespace().collect();
    let ticks = fields.get(11)?.parse::<u32>().ok()? + fields.get(12)?.parse::<u32>().ok()?;
    let per_second = sysconf(SysconfVar::CLK_TCK).ok()??;
    Some(Duration::from_secs_f64(f64::from(ticks) / f64::from(u32::try_from(per_second).ok()?)))
}

/// Smallest, middle and largest of some figures.
#[derive(Debug, Clone, Copy)]
pub struct Spread {
    /// Smallest.
    pub min: f64,
    /// Middle; of two middles, the upper.
    pub median: f64,
    /// Largest.
    pub max: f64,
}

impl Spread {
    /// Of these figures.
    ///
    /// # Panics
    /// When there is none.
    pub fn of(mut figures: Vec<f64>) -> Self {
        figures.sort_by(f64::total_cmp);
        Self { min: figures[0], median: figures[figures.len() / 2], max: figures[figures.len() - 1] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_what_a_program_costs() {
        let mut command = Command::new("sh");
        command.args(["-c", "i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done; echo done; exit 3"]);
        let (outcome, usage) = run(command);
        assert_eq!((outcome.status, outcome.stdout.as_str()), (3, "done\n"));
        assert!(usage.peak_kib > 100 && usage.cpu > Duration::ZERO && usage.wall > Duration::ZERO, "{usage:?}");
    }

    #[test]
    fn spread() {
        let spread = Spread::of(vec![3.0, 1.0, 2.0]);
        assert_eq!((spread.min, spread.median, spread.max), (1.0, 2.0, 3.0));
    }
}
