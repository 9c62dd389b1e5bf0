//! One command on many hosts: a run for each, so many at once, printed in the order of the hosts.
//!
//! Text lines begin with `HOST: `, comma separated ones with a field of the host, and JSON is one array with an object
//! for each host: `host`, `status`, `output` (what the command prints for one host) and `messages`.

use std::collections::BTreeMap;
use std::io::{self, BufRead, IsTerminal, Write};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};

use serde_json::{Value, json};

use crate::args::Arguments;
use crate::args::login::SecretSource;
use crate::output::clock::Clock;
use crate::progress::Progress;
use crate::{Failure, Session, command, connect, credentials, hosts};

/// How many hosts are asked at once unless the command line says otherwise.
pub(crate) const FANOUT: u16 = 256;
/// Enough for a run on one host, and little when there are hundreds.
const STACK: usize = 1 << 20;
/// Commands for one host: one needs the person in front of the terminal, the other prints a file.
const ONE_HOST: &[&[&str]] = &[&["sol", "activate"], &["record"]];
/// The command that asks several hosts by itself.
const FLEET_OF_ITS_OWN: &str = "ping";

/// The hosts, when the command line names several.
///
/// # Errors
/// When they cannot be understood, or the command works with one only.
pub fn hosts(arguments: &Arguments) -> Result<Option<Vec<String>>, String> {
    if arguments.command.first().is_some_and(|name| name == FLEET_OF_ITS_OWN) {
        return Ok(None);
    }
    let Some(word) = arguments.host.as_deref().filter(|_| arguments.bmc.is_none()) else { return Ok(None) };
    let hosts = hosts::expand(word)?;
    if hosts.is_empty() {
        return Err(format!("{word}: no host in it"));
    }
    if hosts.len() == 1 && hosts.first().is_some_and(|host| host == word) {
        return Ok(None);
    }
    let is_typed =
        |words: &&[&str]| arguments.command.iter().map(String::as_str).take(words.len()).eq(words.iter().copied());
    if ONE_HOST.iter().any(is_typed) {
        return Err(format!("{}: works with one host, found {}", arguments.command.join(" "), hosts.len()));
    }
    Ok(Some(hosts))
}

/// What a run on one host left behind.
struct Outcome {
    host: usize,
    status: u8,
    out: Vec<u8>,
    err: Vec<u8>,
}

/// Runs the command on every host and returns the exit status: 0 when it was 0 everywhere.
pub fn run(mut arguments: Arguments, hosts: &[String], clock: Clock, out: &mut dyn Write, err: &mut dyn Write) -> u8 {
    if !command::is_named(&arguments.command) {
        // What is said then concerns no host.
        return crate::run_session(&Session::new(arguments), clock, out, err);
    }
    // Asked for once, and before anything is sent.
    if let Err(failure) = resolve(&mut arguments) {
        if let Failure::Message(message) = failure {
            let _ = writeln!(err, "{message}");
        }
        return 1;
    }
    let (next, stop) = (AtomicUsize::new(0), AtomicBool::new(false));
    let (sender, outcomes) = channel();
    let threads = usize::from(arguments.fanout.unwrap_or(FANOUT)).min(hosts.len());
    std::thread::scope(|scope| {
        let mut started = 0;
        for _ in 0..threads {
            let (sender, arguments, clock, next, stop) = (sender.clone(), &arguments, &clock, &next, &stop);
            let worker = move || work(arguments, hosts, clock, next, stop, &sender);
            // The system may have fewer threads than were asked for; one is enough.
            match std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, worker) {
                Ok(_) => started += 1,
                Err(_) if started > 0 => break,
                Err(error) => {
                    let _ = writeln!(err, "cannot start a thread: {error}");
                    return 1;
                }
            }
        }
        drop(sender);
        let status = collect(&arguments, hosts, &outcomes, out, err);
        // A closed pipe ends the listing early: hosts not yet asked are not asked.
        stop.store(true, Ordering::Relaxed);
        status
    })
}

fn resolve(arguments: &mut Arguments) -> Result<(), Failure> {
    let url = connect::url(&Arguments { host: Some("host:1".into()), ..arguments.clone() }, None)?;
    if connect::logs_in(&url) {
        arguments.login.password = Some(SecretSource::Given(credentials::password(&arguments.login, true)?));
        arguments.login.kg = Some(SecretSource::Given(credentials::kg(&arguments.login)?));
    }
    Ok(())
}

fn work(
    arguments: &Arguments,
    hosts: &[String],
    clock: &Clock,
    next: &AtomicUsize,
    stop: &AtomicBool,
    outcomes: &Sender<Outcome>,
) {
    while !stop.load(Ordering::Relaxed) {
        let index = next.fetch_add(1, Ordering::Relaxed);
        let Some(host) = hosts.get(index) else { return };
        let session = Session::new(Arguments { host: Some(host.clone()), ..arguments.clone() });
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let status = crate::run_session(&session, clock.clone(), &mut out, &mut err);
        if outcomes.send(Outcome { host: index, status, out, err }).is_err() {
            return;
        }
    }
}

/// Prints outcomes in the order of the hosts, each as soon as those before it are there.
fn collect(
    arguments: &Arguments,
    hosts: &[String],
    outcomes: &Receiver<Outcome>,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> u8 {
    // A bar would run through lines that go to the same terminal.
    let mut progress = (!io::stdout().is_terminal() || arguments.json).then(|| Progress::new("asking hosts"));
    let (mut waiting, mut expected, mut failed, mut done) = (BTreeMap::new(), 0, 0_usize, 0);
    let mut array = arguments.json.then(JsonArray::default);
    for outcome in outcomes {
        done += 1;
        failed += usize::from(outcome.status != 0);
        waiting.insert(outcome.host, outcome);
        if let Some(progress) = &mut progress {
            progress.at(done, Some(hosts.len()));
        }
        while let Some(outcome) = waiting.remove(&expected) {
            let host = hosts.get(expected).map_or("", String::as_str);
            expected += 1;
            let printed = match &mut array {
                Some(array) => array.print(host, &outcome, out),
                None => print(host, arguments.csv, &outcome, out, err),
            };
            if let Err(error) = printed.and_then(|()| out.flush()) {
                // Whoever read the output has seen enough of it.
                return u8::from(error.kind() != io::ErrorKind::BrokenPipe);
            }
        }
    }
    if let Some(progress) = progress {
        progress.clear();
    }
    if let Some(array) = array
        && array.end(out).is_err()
    {
        return 1;
    }
    if failed > 0 {
        let _ = writeln!(err, "{failed} of {} hosts failed", hosts.len());
    }
    u8::from(failed > 0)
}

fn print(host: &str, csv: bool, outcome: &Outcome, out: &mut dyn Write, err: &mut dyn Write) -> io::Result<()> {
    let separator = if csv { "," } else { ": " };
    prefix(host, separator, &outcome.out, out)?;
    out.flush()?;
    prefix(host, ": ", &outcome.err, err)
}

fn prefix(host: &str, separator: &str, text: &[u8], to: &mut dyn Write) -> io::Result<()> {
    for line in text.lines() {
        // Output is text made fit for a terminal; bytes of `raw` files do not come here.
        writeln!(to, "{host}{separator}{}", line.unwrap_or_default())?;
    }
    Ok(())
}

/// One array, printed object by object.
#[derive(Default)]
struct JsonArray {
    begun: bool,
}

impl JsonArray {
    fn print(&mut self, host: &str, outcome: &Outcome, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(if std::mem::replace(&mut self.begun, true) { b",\n" } else { b"[\n" })?;
        let mut values: Vec<Value> =
            serde_json::Deserializer::from_slice(&outcome.out).into_iter().map_while(Result::ok).collect();
        // Most commands print one value.
        let output = match values.len() {
            0 => Value::Null,
            1 => values.remove(0),
            _ => Value::Array(values),
        };
        let messages: Vec<_> = outcome.err.lines().map_while(Result::ok).collect();
        let object = json!({ "host": host, "status": outcome.status, "output": output, "messages": messages });
        Ok(serde_json::to_writer(out, &object)?)
    }

    fn end(self, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(if self.begun { b"\n]\n" } else { b"[]\n" })?;
        out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments(line: &str) -> Arguments {
        Arguments::parse(line.split_whitespace().map(str::to_owned)).unwrap()
    }

    #[test]
    fn one_host_is_no_fleet() {
        assert_eq!(hosts(&arguments("-H node1 mc info")), Ok(None));
        assert_eq!(hosts(&arguments("mc info")), Ok(None));
        assert_eq!(hosts(&arguments("--bmc sim: -H a,b mc info")), Ok(None));
        assert_eq!(hosts(&arguments("-H n[1-3] mc info")).unwrap().unwrap().len(), 3);
        assert!(hosts(&arguments("-H a,b sol activate")).unwrap_err().contains("one host"));
        assert!(hosts(&arguments("-H a,b record")).unwrap_err().contains("one host"));
        assert_eq!(hosts(&arguments("-H a,b sol")).unwrap().unwrap().len(), 2);
    }

    #[test]
    fn outcomes_are_printed_in_the_order_of_hosts() {
        let (sender, outcomes) = channel();
        for host in [2, 0, 1] {
            let status = u8::from(host == 1);
            sender.send(Outcome { host, status, out: b"x\ny\n".to_vec(), err: Vec::new() }).unwrap();
        }
        drop(sender);
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let names = ["a", "b", "c"].map(str::to_owned);
        assert_eq!(collect(&arguments("-H x mc info"), &names, &outcomes, &mut out, &mut err), 1);
        assert_eq!(String::from_utf8(out).unwrap(), "a: x\na: y\nb: x\nb: y\nc: x\nc: y\n");
        assert_eq!(String::from_utf8(err).unwrap(), "1 of 3 hosts failed\n");
    }

    #[test]
    fn json_is_one_array() {
        let (sender, outcomes) = channel();
        sender.send(Outcome { host: 0, status: 0, out: b"[\n 1\n]\n".to_vec(), err: b"m\n".to_vec() }).unwrap();
        sender.send(Outcome { host: 1, status: 1, out: Vec::new(), err: Vec::new() }).unwrap();
        drop(sender);
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let names = ["a", "b"].map(str::to_owned);
        collect(&arguments("--json -H x mc info"), &names, &outcomes, &mut out, &mut err);
        let value: Value = serde_json::from_slice(&out).unwrap();
        assert_eq!(value[0], json!({ "host": "a", "status": 0, "output": [1], "messages": ["m"] }));
        assert_eq!(value[1]["output"], Value::Null);
    }

    #[test]
    fn what_is_no_command_is_said_once() {
        for line in ["-H n[1-9] mc foo", "-H n[1-9] foo", "-H n[1-9] help", "-H n[1-9] -h"] {
            let (mut out, mut err) = (Vec::new(), Vec::new());
            let arguments = arguments(line);
            let names = hosts(&arguments).unwrap().unwrap();
            run(arguments, &names, Clock::new(true), &mut out, &mut err);
            let text = String::from_utf8([out, err].concat()).unwrap();
            assert!(!text.is_empty() && !text.contains("n1: "), "{line}: {text}");
            assert!(!text.contains("hosts failed"), "{line}: {text}");
        }
    }

    #[test]
    fn hosts_without_a_bmc_fail_by_name() {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let arguments = arguments("-I vm -H 127.0.0.1:[1-2] mc info");
        let names = hosts(&arguments).unwrap().unwrap();
        assert_eq!(run(arguments, &names, Clock::new(true), &mut out, &mut err), 1);
        let err = String::from_utf8(err).unwrap();
        assert!(err.contains("127.0.0.1:2: ") && err.ends_with("2 of 2 hosts failed\n"), "{err}");
    }
}
