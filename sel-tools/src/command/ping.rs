//! `ping`: RMCP presence ping, whether BMCs are there at all, without a log-in (an addition to ipmitool's commands).

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::time::Duration;

use kernel_bridge::lan::{Presence, ping};
use kernel_bridge::url::{HostPort, RMCP_PORT};
use serde::Serialize;

use crate::args::Arguments;
use crate::command::CommandRow;
use crate::fleet::FANOUT;
use crate::{Failure, Printer, Session, complain, hosts, line};

/// `ping`.
pub const COMMAND: CommandRow = CommandRow {
    group: "ping",
    name: "",
    words: "[HOST...]",
    about: "Ask BMCs on the LAN whether they are there (RMCP presence ping, no log-in)",
    run,
};

/// Time an answer may take, and how often the question is put, unless `-N` and `-R` say otherwise.
const TIMEOUT: u32 = 1;
const ATTEMPTS: u32 = 4;
const STACK: usize = 1 << 18;

/// An answer as JSON.
#[derive(Debug, Serialize)]
struct Row {
    host: String,
    answered: bool,
    ipmi: Option<bool>,
    asf_version: Option<u8>,
    enterprise: Option<u32>,
    milliseconds: Option<f64>,
    message: Option<String>,
}

fn run(session: &Session, printer: &mut Printer<'_>, words: &[String]) -> Result<(), Failure> {
    let arguments = &session.arguments;
    let hosts = targets(arguments, words)?;
    let (next, (sender, answers)) = (AtomicUsize::new(0), channel());
    let threads = usize::from(arguments.fanout.unwrap_or(FANOUT)).min(hosts.len());
    std::thread::scope(|scope| {
        for started in 0..threads {
            let (sender, next, hosts) = (sender.clone(), &next, &hosts);
            let worker = move || {
                while let Some((index, host)) = next_of(next, hosts) {
                    if sender.send((index, ask(arguments, host))).is_err() {
                        return;
                    }
                }
            };
            match std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, worker) {
                Ok(_) => {}
                // The system may have fewer threads than were asked for; one is enough.
                Err(_) if started > 0 => break,
                Err(error) => return Err(Failure::Message(format!("cannot start a thread: {error}"))),
            }
        }
        drop(sender);
        let (mut waiting, mut expected, mut silent) = (BTreeMap::new(), 0, 0_usize);
        for (index, answer) in answers {
            waiting.insert(index, answer);
            while let Some(answer) = waiting.remove(&expected) {
                let printed = hosts.get(expected).map_or(Ok(()), |host| print(printer, host, &answer));
                if printed.is_err() {
                    // Nobody reads on: hosts not yet asked are not asked.
                    next.store(hosts.len(), Ordering::Relaxed);
                }
                printed?;
                silent += usize::from(answer.is_err());
                expected += 1;
            }
        }
        printer.end_rows()?;
        if silent > 0 { Err(Failure::Said) } else { Ok(()) }
    })
}

fn next_of<'a>(next: &AtomicUsize, hosts: &'a [HostPort]) -> Option<(usize, &'a HostPort)> {
    let index = next.fetch_add(1, Ordering::Relaxed);
    hosts.get(index).map(|host| (index, host))
}

/// The hosts of the command line: its words, or what `-H` says.
fn targets(arguments: &Arguments, words: &[String]) -> Result<Vec<HostPort>, Failure> {
    let words = match (words, &arguments.host) {
        ([], Some(host)) => std::slice::from_ref(host),
        ([], None) => return Err(Failure::new("ping: expected HOST... or -H HOST")),
        (words, _) => words,
    };
    let port = arguments.login.port.unwrap_or(RMCP_PORT);
    let mut targets = Vec::new();
    for word in words {
        for host in hosts::expand(word).map_err(|reason| Failure::Message(format!("ping: {reason}")))? {
            let target = HostPort::parse(&host, Some(port));
            targets.push(target.map_err(|reason| Failure::Message(format!("ping {host}: {reason}")))?);
        }
    }
    Ok(targets)
}

fn ask(arguments: &Arguments, host: &HostPort) -> Result<Presence, String> {
    let timeout = Duration::from_secs(arguments.login.timeout.unwrap_or(TIMEOUT).max(1).into());
    let mut answer = ping(host, arguments.login.family, timeout);
    for _ in 1..arguments.login.retries.unwrap_or(ATTEMPTS) {
        if answer.is_ok() {
            break;
        }
        answer = ping(host, arguments.login.family, timeout);
    }
    answer
}

fn print(printer: &mut Printer<'_>, host: &HostPort, answer: &Result<Presence, String>) -> Result<(), Failure> {
    let presence = answer.as_ref().ok();
    let pong = presence.map(|presence| presence.pong);
    let row = Row {
        host: host.to_string(),
        answered: answer.is_ok(),
        ipmi: pong.map(|pong| pong.supports_ipmi()),
        asf_version: pong.map(|pong| pong.entities & 0xF),
        enterprise: pong.map(|pong| pong.enterprise),
        milliseconds: presence.map(|presence| presence.after.as_secs_f64() * 1000.0),
        message: answer.as_ref().err().cloned(),
    };
    if printer.row(&row) {
        return Ok(());
    }
    match (answer, pong) {
        (Ok(presence), Some(pong)) => {
            let supported = if pong.supports_ipmi() { "IPMI supported" } else { "IPMI not supported" };
            let asf = match pong.entities & 0xF {
                0 => String::new(),
                version => format!(", ASF {version}.0"),
            };
            let milliseconds = presence.after.as_secs_f64() * 1000.0;
            line!(printer, "{host}: {supported}{asf}, enterprise {}, {milliseconds:.1} ms", pong.enterprise)
        }
        (Err(reason), _) => complain!(printer, "{reason}"),
        (Ok(_), None) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments(line: &str) -> Arguments {
        Arguments::parse(line.split_whitespace().map(str::to_owned)).unwrap()
    }

    fn targets_of(line: &str) -> Result<Vec<String>, Failure> {
        let arguments = arguments(line);
        let hosts = targets(&arguments, &arguments.command[1..])?;
        Ok(hosts.iter().map(HostPort::to_string).collect())
    }

    #[test]
    fn hosts_are_words_or_what_dash_h_says() {
        assert_eq!(targets_of("ping n[1-2] ::1").unwrap(), ["n1:623", "n2:623", "[::1]:623"]);
        assert_eq!(targets_of("-p 9000 ping a b:1").unwrap(), ["a:9000", "b:1"]);
        assert_eq!(targets_of("-H node ping").unwrap(), ["node:623"]);
        assert!(targets_of("ping").is_err() && targets_of("ping a,,b").is_err() && targets_of("ping [::1").is_err());
    }

    #[test]
    fn who_does_not_answer_is_named_and_the_status_says_so() {
        let closed = std::net::UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let words = ["ping".to_owned(), closed.to_string()];
        assert_eq!(crate::run(words, &mut out, &mut err), 1);
        let err = String::from_utf8(err).unwrap();
        assert!(out.is_empty() && err.starts_with(&closed.to_string()) && err.contains("nobody listens"), "{err}");
    }
}
