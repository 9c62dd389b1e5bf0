//! Serial over LAN: `ipmi`, ipmitool, FreeIPMI's ipmiconsole and pyghmi each hold the console of `bmc-sim` while the
//! network loses packets; sessions that are taken away or lost, terminals that are put back, consoles on pipes, ptys
//! and TCP ports.
#![allow(clippy::panic, clippy::expect_used, clippy::unwrap_used, clippy::indexing_slicing)]

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, UdpSocket};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;
use tests::lan::{self, Remote};
use tests::peer;
use tests::program::{self, Running};
use tests::proxy::{Path, Proxy};
use tests::terminal::Terminal;

const SHORT: Duration = Duration::from_secs(10);
/// Characters of output a console is held through.
const FLOOD: usize = 2_000_000;
const PROMPT: &[u8] = b"\r\nsim# ";

/// A BMC at 127.0.0.2 and its folder.
struct Bmc {
    remote: Remote,
    running: Running,
    home: tempfile::TempDir,
}

/// Starts `bmc-sim` with a SOL retry interval of 30 ms.
fn bmc(address: SocketAddr, arguments: &[&str]) -> Bmc {
    let home = tempfile::tempdir().unwrap();
    let config = home.path().join("bmc.toml");
    std::fs::write(&config, "[[parameter]]\nof = \"sol\"\nnumber = 4\nhex = \"0703\"\n").unwrap();
    let (lan, config) = (address.to_string(), config.display().to_string());
    let mut all = vec!["--lan", &lan, "--config", &config, "--freeze"];
    all.extend(arguments);
    let running = Running::start("bmc-sim", all);
    Bmc { remote: Remote::new(address, home.path()), running, home }
}

/// A BMC on a free port.
fn any_bmc(arguments: &[&str]) -> Bmc {
    let mut bmc = bmc("127.0.0.1:0".parse().unwrap(), arguments);
    bmc.remote.address = bmc.running.wait_for("ready lan ").parse().unwrap();
    bmc
}

/// A BMC and a proxy that loses 1 % of the packets each way, at the same port of different addresses: ipmitool wants
/// SOL on the port it talks to. The port has four digits: ipmiconsole takes no longer one.
fn lossy_bmc(seed: u64) -> (Bmc, Proxy) {
    let free = |port: &u16| {
        [[127, 0, 0, 1], [127, 0, 0, 2]].iter().all(|ip| UdpSocket::bind(SocketAddr::from((*ip, *port))).is_ok())
    };
    let first = 2000 + u16::try_from(std::process::id() % 6000).unwrap() + u16::try_from(seed).unwrap() * 97;
    let port = (first..9900).find(free).expect("a free port of four digits");
    let mut bmc = bmc(SocketAddr::from(([127, 0, 0, 2], port)), &[]);
    bmc.running.wait_for("ready lan ");
    let front = SocketAddr::from(([127, 0, 0, 1], port));
    let proxy = Proxy::start_at(front, bmc.remote.address, Path { loss_percent: 1, seed, ..Path::default() });
    bmc.remote = bmc.remote.at(proxy.address());
    (bmc, proxy)
}

fn ipmitool_style(remote: &Remote, program: impl AsRef<std::ffi::OsStr>, words: &str) -> Command {
    let mut client = Command::new(program);
    let (host, port) = (remote.address.ip().to_string(), remote.address.port().to_string());
    client.args(["-I", "lanplus", "-H", &host, "-p", &port, "-U", &remote.user, "-E"]).args(words.split_whitespace());
    remote.environment(&mut client);
    client
}

fn ipmi(remote: &Remote, words: &str) -> Command {
    ipmitool_style(remote, program::path("ipmi"), words)
}

/// What `flood` prints.
fn flood(count: usize) -> Vec<u8> {
    let lines = (0..).map(|number| format!("{number:08} abcdefghijklmnopqrstuvwxyz0123456789 the quick brown fox\r\n"));
    let mut all = Vec::with_capacity(count + 100);
    for line in lines {
        if all.len() >= count {
            break;
        }
        all.extend(line.bytes());
    }
    all.truncate(count);
    all
}

/// Has a client show the flood, `at_once` characters at a time, and compares it byte for byte.
fn hold(name: &str, client: &Command, greeting: &str, leave: &[u8], at_once: usize, proxy: &Proxy) {
    let mut terminal = Terminal::start(client);
    terminal.read_until(greeting.as_bytes(), Duration::from_secs(20));
    terminal.type_keys(b"\r");
    terminal.read_until(PROMPT, SHORT);
    let started = Instant::now();
    let expected = flood(at_once);
    for _ in 0..FLOOD / at_once {
        terminal.type_keys(format!("flood {at_once}\r").as_bytes());
        terminal.read_until(format!("flood {at_once}\r\n").as_bytes(), SHORT);
        let shown = terminal.read_until(PROMPT, Duration::from_secs(100));
        let shown = shown.strip_suffix(PROMPT).unwrap();
        let differs = shown.iter().zip(&expected).position(|(seen, wanted)| seen != wanted);
        assert!(
            shown == expected,
            "{name}: {} characters for {}, first difference at {differs:?}: {:?}",
            shown.len(),
            expected.len(),
            differs.map(|at| String::from_utf8_lossy(&shown[at.saturating_sub(80)..shown.len().min(at + 80)]))
        );
    }
    let took = started.elapsed();
    // What is typed arrives whole as well.
    for number in 0..100 {
        terminal.type_keys(format!("echo typed {number}\r").as_bytes());
        terminal.read_until(format!("\r\ntyped {number}\r\nsim# ").as_bytes(), SHORT);
    }
    terminal.type_keys(leave);
    assert!(terminal.wait(SHORT).success(), "{name}");
    assert!(terminal.is_ordinary(), "{name}: the terminal is left as it is during the session");
    eprintln!("{name}: {FLOOD} characters in {:.1} s", took.as_secs_f32());
    assert_lossy(proxy);
}

/// The network lost packets, about one in a hundred.
fn assert_lossy(proxy: &Proxy) {
    let record = proxy.take();
    eprintln!("{record}");
    let (dropped, all) = (record.dropped(), record.0.len());
    assert!(dropped * 500 > all && dropped > 10, "{dropped} of {all} datagrams lost");
}

#[test]
fn ipmi_holds_a_console_through_losses() {
    let (bmc, proxy) = lossy_bmc(1);
    hold("ipmi", &ipmi(&bmc.remote, "sol activate"), "[SOL Session operational.", b"\r~.", FLOOD, &proxy);
}

#[test]
fn ipmitool_holds_a_console_through_losses() {
    if !lan::installed(&["ipmitool"]) {
        return;
    }
    let (bmc, proxy) = lossy_bmc(2);
    let client = ipmitool_style(&bmc.remote, "ipmitool", "sol activate");
    hold("ipmitool", &client, "[SOL Session operational.", b"\r~.", FLOOD, &proxy);
}

#[test]
fn ipmiconsole_holds_a_console_through_losses() {
    if !lan::installed(&["ipmiconsole"]) {
        return;
    }
    let (bmc, proxy) = lossy_bmc(3);
    let mut client = peer::command("ipmiconsole");
    let Remote { address, user, password, .. } = &bmc.remote;
    client.args(["-h", &address.to_string(), "-u", user, "-p", password]);
    bmc.remote.environment(&mut client);
    // It gives up ("internal error") when its terminal is more than its buffers behind, as on a busy machine.
    hold("ipmiconsole", &client, "[SOL established]", b"\r&.", 20_000, &proxy);
}

#[test]
fn pyghmi_holds_a_console_through_losses() {
    let Some(python) = peer::python_with(&["pyghmi"]) else { return };
    let (bmc, proxy) = lossy_bmc(4);
    let Remote { address, user, password, .. } = &bmc.remote;
    let mut client = Command::new(python);
    client.arg(program::workspace().join("tests/python/pyghmi_console.py"));
    client.args([&address.ip().to_string(), &address.port().to_string(), user, password, &FLOOD.to_string()]);
    bmc.remote.environment(&mut client);
    let output = client.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut expected = format!("flood {FLOOD}\r\n").into_bytes();
    expected.extend(flood(FLOOD));
    expected.extend(PROMPT);
    let differs = output.stdout.iter().zip(&expected).position(|(seen, wanted)| seen != wanted);
    let (found, expected) = (output.stdout.len(), expected.len());
    assert_eq!((found, differs), (expected, None), "pyghmi: characters, first difference");
    assert_lossy(&proxy);
}

#[test]
fn the_console_is_taken_away_and_the_terminal_put_back() {
    let bmc = any_bmc(&[]);
    let mut terminal = Terminal::start(&ipmi(&bmc.remote, "sol activate"));
    terminal.read_until(b"[SOL Session operational.  Use ~? for help]\r\n", SHORT);
    assert!(!terminal.is_ordinary());
    let second = bmc.remote.ipmi("-I lanplus", "sol activate");
    assert_eq!((second.status, second.stderr.as_str()), (1, "Info: SOL payload already active on another session\n"));
    let deactivated = bmc.remote.ipmi("-I lanplus", "sol deactivate");
    assert_eq!((deactivated.status, deactivated.stderr.as_str()), (0, ""));
    assert_eq!(terminal.wait(SHORT).code(), Some(1));
    assert!(terminal.rest().contains("SOL session closed by BMC"));
    assert!(terminal.is_ordinary());
    let nobody = bmc.remote.ipmi("-I lanplus", "sol deactivate");
    assert_eq!((nobody.status, nobody.stderr.as_str()), (1, "Info: SOL payload already de-activated\n"));
}

#[test]
fn a_signal_puts_the_terminal_back_and_gives_the_console_back() {
    let bmc = any_bmc(&[]);
    for signal in [Signal::SIGTERM, Signal::SIGINT, Signal::SIGHUP, Signal::SIGQUIT] {
        let mut terminal = Terminal::start(&ipmi(&bmc.remote, "sol activate"));
        terminal.read_until(b"for help]\r\n", SHORT);
        assert!(!terminal.is_ordinary(), "{signal}");
        terminal.signal(signal);
        assert!(!terminal.wait(SHORT).success(), "{signal}");
        assert!(terminal.is_ordinary(), "{signal}");
        let nobody = bmc.remote.ipmi("-I lanplus", "sol deactivate");
        assert_eq!(nobody.stderr, "Info: SOL payload already de-activated\n", "{signal}");
    }
}

#[test]
fn a_bmc_that_is_gone_puts_the_terminal_back() {
    let mut bmc = any_bmc(&[]);
    let mut terminal = Terminal::start(&ipmi(&bmc.remote, "-N 1 -R 2 sol activate"));
    terminal.read_until(b"for help]\r\n", SHORT);
    assert!(!terminal.is_ordinary());
    bmc.running.stop(Signal::SIGKILL);
    terminal.type_keys(b"x");
    assert_eq!(terminal.wait(Duration::from_secs(30)).code(), Some(1));
    let said = terminal.rest();
    assert!(said.contains(&bmc.remote.address.to_string()) && said.contains(": SOL session lost: "), "{said}");
    assert!(terminal.is_ordinary());
}

#[test]
fn the_console_of_a_bmc_that_hangs_is_left() {
    let bmc = any_bmc(&[]);
    // Four sendings of five seconds and more, if they were waited for.
    let mut terminal = Terminal::start(&ipmi(&bmc.remote, "-N 5 -R 4 sol activate"));
    terminal.read_until(b"for help]\r\n", SHORT);
    let simulator = nix::unistd::Pid::from_raw(i32::try_from(bmc.running.id()).unwrap());
    nix::sys::signal::kill(simulator, Signal::SIGSTOP).unwrap();
    terminal.type_keys(b"~.");
    assert!(terminal.wait(Duration::from_secs(15)).success());
    assert!(terminal.is_ordinary());
}

#[test]
fn a_reader_that_is_gone_puts_the_terminal_back() {
    let bmc = any_bmc(&[]);
    let client = ipmi(&bmc.remote, "sol activate");
    let words: Vec<_> = client.get_args().map(|word| word.to_string_lossy().into_owned()).collect();
    let mut inside = Command::new("sh");
    inside.args(["-c", "\"$@\" | head -n 3", "sh"]).arg(client.get_program()).args(words);
    bmc.remote.environment(&mut inside);
    let mut terminal = Terminal::start(&inside);
    terminal.read_until(b"for help]\r\n", SHORT);
    assert!(!terminal.is_ordinary());
    terminal.type_keys(b"flood 100000\r");
    terminal.wait(SHORT);
    assert!(terminal.is_ordinary());
}

#[test]
fn a_lost_session_is_told_and_opened_again_when_wanted() {
    let mut first = any_bmc(&[]);
    let address = first.remote.address;
    let mut once = Terminal::start(&ipmi(&first.remote, "-N 1 -R 2 sol activate"));
    once.read_until(b"for help]\r\n", SHORT);
    let restart = |bmc: &mut Bmc| {
        bmc.running.stop(Signal::SIGKILL);
        let again = self::bmc(address, &[]);
        again.running.wait_for("ready lan ");
        again
    };
    let mut second = restart(&mut first);
    // The BMC knows nothing of the session: what is typed is never acknowledged.
    once.type_keys(b"x");
    assert_eq!(once.wait(Duration::from_secs(20)).code(), Some(1));
    assert!(once.rest().contains("SOL session lost"), "told");
    assert!(once.is_ordinary());
    let mut again = Terminal::start(&ipmi(&second.remote, "-N 1 -R 2 sol activate reconnect"));
    again.read_until(b"for help]\r\n", SHORT);
    let _third = restart(&mut second);
    again.type_keys(b"x");
    again.read_until(b"[SOL Session operational again]\r\n", Duration::from_secs(40));
    again.type_keys(b"\r");
    again.read_until(PROMPT, SHORT);
    again.type_keys(b"~.");
    assert!(again.wait(SHORT).success());
}

#[test]
fn escape_sequences_do_what_they_say() {
    let bmc = any_bmc(&[]);
    let mut terminal = Terminal::start(&ipmi(&bmc.remote, "-e @ sol activate usesolkeepalive instance=1"));
    terminal.read_until(b"Use @? for help]\r\n", SHORT);
    terminal.type_keys(b"@?");
    terminal.read_until(b"@B  - send break\r\n", SHORT);
    terminal.type_keys(b"@B");
    terminal.read_until(b"<break>", SHORT);
    terminal.type_keys(b"@@x\r");
    terminal.read_until(b"@x\r\n@x: no such command", SHORT);
    terminal.type_keys(b"\x03");
    terminal.read_until(b"^C\r\nsim# ", SHORT);
    terminal.type_keys(b"\r@.");
    assert!(terminal.wait(SHORT).success());
    assert!(terminal.is_ordinary());
}

#[test]
fn commands_come_from_a_pipe() {
    let bmc = any_bmc(&[]);
    let mut client = ipmi(&bmc.remote, "sol activate");
    let mut child = client.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"whoami\rflood 100000\r").unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    let mut expected = b"whoami\r\nsim\r\nsim# flood 100000\r\n".to_vec();
    expected.extend(flood(100_000));
    expected.extend(PROMPT);
    assert!(output.stdout == expected, "{}", String::from_utf8_lossy(&output.stdout));
}

#[test]
fn a_guest_behind_a_tcp_port_shows_its_console() {
    let guest = TcpListener::bind("127.0.0.1:0").unwrap();
    let place = format!("tcp:{}", guest.local_addr().unwrap());
    let bmc = any_bmc(&["--sol", &place]);
    let (mut line, _) = guest.accept().unwrap();
    // Nobody listens yet: this is lost.
    line.write_all(b"early\r\n").unwrap();
    std::thread::sleep(Duration::from_millis(300));
    let mut terminal = Terminal::start(&ipmi(&bmc.remote, "sol activate"));
    terminal.read_until(b"for help]\r\n", SHORT);
    let printed = flood(500_000);
    let writer = {
        let (mut line, printed) = (line.try_clone().unwrap(), printed.clone());
        std::thread::spawn(move || line.write_all(&printed).and_then(|()| line.write_all(b"login: ")))
    };
    let shown = terminal.read_until(b"login: ", Duration::from_secs(60));
    writer.join().unwrap().unwrap();
    assert!(shown.strip_suffix(b"login: ") == Some(&printed[..]), "{} characters", shown.len());
    terminal.type_keys(b"root\r");
    let mut typed = [0; 5];
    line.read_exact(&mut typed).unwrap();
    assert_eq!(&typed, b"root\r");
    terminal.type_keys(b"~.");
    assert!(terminal.wait(SHORT).success());
}

#[test]
fn sol_on_a_port_of_its_own_is_followed_or_left() {
    // The BMC says that SOL is on a port where nobody listens: the session's own serves.
    let home = tempfile::tempdir().unwrap();
    let config = home.path().join("port.toml");
    std::fs::write(&config, "[[parameter]]\nof = \"sol\"\nnumber = 8\nhex = \"0100\"\n").unwrap();
    let running = Running::start("bmc-sim", ["--lan", "127.0.0.1:0", "--config", &config.display().to_string()]);
    let remote = Remote::new(running.wait_for("ready lan ").parse().unwrap(), home.path());
    let mut client = ipmi(&remote, "-v -N 1 -R 1 sol activate");
    let mut child = client.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"whoami\r").unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), "whoami\r\nsim\r\nsim# ");
    assert!(String::from_utf8_lossy(&output.stderr).contains("quirk solport"));
}

#[test]
fn who_gives_the_console_back_gets_it_again_at_once() {
    if !lan::installed(&["ipmitool"]) {
        return;
    }
    let bmc = any_bmc(&[]);
    let outcome = bmc.remote.ipmitool("-I lanplus", "sol looptest 4 50");
    assert_eq!(outcome.status, 0, "{outcome:?}");
    assert_eq!(outcome.stdout.matches("SOL Session operational").count(), 4);
}

#[test]
fn configuration_reads_and_writes_as_with_ipmitool() {
    if !lan::installed(&["ipmitool"]) {
        return;
    }
    let bmc = any_bmc(&[]);
    let commands = [
        "sol info",
        "-c sol info 1",
        "sol set retry-interval 20",
        "sol set privilege-level admin",
        "sol set volatile-bit-rate serial",
        "sol set retry-count 9",
        "sol set colour red",
        "sol set force-encryption true 9",
        "sol info",
        "sol info 9",
        "sol info x",
        "sol payload status 1 2",
        "sol payload disable 1 2",
        "sol payload status 1 2",
        "sol activate",
        "sol payload enable 1 2",
        "sol payload status 1 99",
        "sol deactivate",
        "sol deactivate instance=3",
        "sol activate instance=16",
    ];
    for command in commands {
        let theirs = bmc.remote.ipmitool("-I lanplus", command);
        // What is set twice stays set.
        let ours = bmc.remote.ipmi("-I lanplus", command);
        assert_eq!(ours, theirs, "{command}");
    }
    assert!(bmc.home.path().exists());
}
