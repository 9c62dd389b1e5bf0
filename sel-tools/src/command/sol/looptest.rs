//! `sol looptest`: activates and deactivates Serial over LAN many times.

use std::time::Duration;

use kernel_bridge::lan::SolOptions;

use super::require_lanplus;
use crate::args::number;
use crate::command::CommandRow;
use crate::{Failure, Printer, Session, line};

/// `sol looptest`.
pub const COMMAND: CommandRow = CommandRow {
    group: "sol",
    name: "looptest",
    words: "[TIMES [INTERVAL_MS [INSTANCE]]]",
    about: "Open and close the console again and again",
    run,
};

const TIMES: u32 = 200;
const INTERVAL: u64 = 100;

fn run(session: &Session, printer: &mut Printer<'_>, words: &[String]) -> Result<(), Failure> {
    if words.len() > 3 {
        return super::usage(printer);
    }
    require_lanplus(session)?;
    let number = |index: usize| words.get(index).map(|word| (word, number::parse::<u32>(word)));
    let times = match number(0) {
        None => TIMES,
        Some((_, Some(times))) => times.max(1),
        Some((word, None)) => return Err(Failure::Message(format!("Given cnt '{word}' is invalid."))),
    };
    let interval = match number(1) {
        None => INTERVAL,
        Some((_, Some(interval))) => interval.into(),
        Some((word, None)) => return Err(Failure::Message(format!("Given interval '{word}' is invalid."))),
    };
    let mut options = SolOptions::default();
    if let Some(word) = words.get(2) {
        let instance = super::instance(&format!("instance={word}"));
        options.instance = instance.unwrap_or(Err(Failure::Said))?;
    }
    for left in (1..=times).rev() {
        let opened = session.bmc()?.sol(options).and_then(|console| console.close());
        line!(printer, "remain loop test counter: {left}")?;
        printer.flush()?;
        opened.map_err(|error| super::refusal(session, &error, "SOL looptest failed"))?;
        std::thread::sleep(Duration::from_millis(interval));
    }
    Ok(())
}
