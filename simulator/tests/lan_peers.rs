//! ipmitool and FreeIPMI, unmodified and without workaround flags, over every authentication type and cipher suite.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::net::SocketAddr;
use std::process::{Command, Output};
use std::time::Duration;

use simulator::engine::{Clock, Engine};
use simulator::face::Face;
use simulator::face::lan::{self, LanPort};
use simulator::{Bmc, Options, config};

const USERS: [&str; 4] = ["admin:admin", "op:oppass:operator", "guest:guest:user", "long:twenty-byte-passw0rd"];

struct Served {
    port: String,
    _face: Face,
    engine: Engine,
}

fn serve(address: &str) -> Served {
    let clock = Clock::start();
    let mut bmc = Bmc::builtin(&Options { freeze: true, ..Options::default() }, clock.now());
    bmc.users = config::users(&USERS).unwrap();
    let engine = Engine::start(bmc, clock, None).unwrap();
    let port = LanPort::bind(engine.handle(), address.parse().unwrap()).unwrap();
    let number = port.address().parse::<SocketAddr>().unwrap().port();
    Served { port: number.to_string(), _face: lan::start(vec![port]).unwrap(), engine }
}

/// True when the program is there. Without it the test is skipped by name, except on CI.
fn is_there(program: &str) -> bool {
    let there = Command::new("sh").args(["-c", &format!("command -v {program}")]).output().unwrap().status.success();
    if !there {
        assert!(std::env::var_os("CI").is_none(), "{program} is missing");
        eprintln!("skipped: {program} is missing");
    }
    there
}

/// Runs a program that may not hang.
fn run(program: &str, arguments: &[&str]) -> Output {
    Command::new("timeout").args(["30", program]).args(arguments).env("LC_ALL", "C").output().unwrap()
}

fn text(output: &Output) -> String {
    assert!(output.status.success(), "{output:?}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

impl Served {
    fn ipmitool(&self, login: &[&str], command: &str) -> Output {
        let mut arguments = vec!["-H", "127.0.0.1", "-p", &self.port];
        arguments.extend(login);
        arguments.extend(command.split(' '));
        run("ipmitool", &arguments)
    }

    fn freeipmi(&self, program: &str, login: &[&str], more: &[&str]) -> Output {
        let host = format!("127.0.0.1:{}", self.port);
        let mut arguments = vec!["-h", &host];
        arguments.extend(login);
        arguments.extend(more);
        run(program, &arguments)
    }
}

const PLUS: [&str; 6] = ["-I", "lanplus", "-U", "admin", "-P", "admin"];

#[test]
fn ipmitool_reads_the_same_over_every_suite_and_type() {
    if !is_there("ipmitool") {
        return;
    }
    let bmc = serve("127.0.0.1:0");
    for command in ["mc info", "mc guid", "sdr list", "fru print", "sel elist", "user list 1", "chassis status"] {
        let expected = text(&bmc.ipmitool(&[&PLUS[..], &["-C", "3"]].concat(), command));
        assert!(!expected.is_empty(), "{command}");
        // Its MD5-128 (11, 12) is an assertion that fails, whoever is at the other end.
        for suite in ["1", "2", "6", "7", "8", "15", "16", "17"] {
            let found = text(&bmc.ipmitool(&[&PLUS[..], &["-C", suite]].concat(), command));
            assert_eq!(found, expected, "suite {suite}: {command}");
        }
        assert_eq!(text(&bmc.ipmitool(&PLUS, command)), expected, "its own choice: {command}");
        for auth in ["MD5", "PASSWORD"] {
            let login = ["-I", "lan", "-U", "admin", "-P", "admin", "-A", auth];
            assert_eq!(text(&bmc.ipmitool(&login, command)), expected, "{auth}: {command}");
        }
    }
}

#[test]
fn ipmitool_without_authentication_where_it_is_enabled() {
    if !is_there("ipmitool") {
        return;
    }
    let bmc = serve("127.0.0.1:0");
    let login = ["-I", "lan", "-U", "admin", "-P", "admin", "-A", "NONE"];
    let enable = |types| bmc.engine.handle().with(|bmc, _| bmc.settings.lan.parameters.set(2, &[types; 5]).unwrap());
    enable(0x16);
    assert!(!bmc.ipmitool(&login, "mc info").status.success());
    enable(0x17);
    let suite_3 = text(&bmc.ipmitool(&[&PLUS[..], &["-C", "3"]].concat(), "mc info"));
    assert_eq!(text(&bmc.ipmitool(&login, "mc info")), suite_3);
}

#[test]
fn freeipmi_reads_the_same_over_every_suite_and_type() {
    if !is_there("bmc-info") || !is_there("ipmi-sensors") {
        return;
    }
    let bmc = serve("127.0.0.1:0");
    let directory = tempfile::tempdir().unwrap();
    let cache = format!("--sdr-cache-directory={}", directory.path().display());
    let user = ["-u", "admin", "-p", "admin"];
    for (program, more) in [
        // Of channels it prints more than it reads: the rest is whatever its memory holds.
        ("bmc-info", &["--get-device-id"][..]),
        ("ipmi-sensors", &[cache.as_str()]),
        ("ipmi-fru", &[cache.as_str()]),
        ("ipmi-sel", &[cache.as_str()]),
        ("ipmi-chassis", &["--get-chassis-status"]),
        ("ipmi-raw", &["0", "6", "1"]),
    ] {
        let expected = text(&bmc.freeipmi(program, &[&user[..], &["-D", "LAN_2_0", "-I", "3"]].concat(), more));
        for suite in ["1", "2", "6", "7", "8", "11", "12", "15", "16", "17"] {
            let found = text(&bmc.freeipmi(program, &[&user[..], &["-D", "LAN_2_0", "-I", suite]].concat(), more));
            assert_eq!(found, expected, "suite {suite}: {program}");
        }
        for auth in ["MD2", "MD5", "STRAIGHT_PASSWORD_KEY"] {
            let found = text(&bmc.freeipmi(program, &[&user[..], &["-D", "LAN", "-a", auth]].concat(), more));
            assert_eq!(found, expected, "{auth}: {program}");
        }
    }
}

#[test]
fn privileges_keys_and_long_passwords() {
    if !is_there("ipmitool") {
        return;
    }
    let bmc = serve("127.0.0.1:0");
    let login = |user, password, more: &[&'static str]| {
        [&["-I", "lanplus", "-C", "17", "-U", user, "-P", password][..], more].concat()
    };
    assert!(bmc.ipmitool(&login("long", "twenty-byte-passw0rd", &[]), "mc info").status.success());
    assert!(!bmc.ipmitool(&login("long", "twenty-byte-passw0re", &[]), "mc info").status.success());
    assert!(!bmc.ipmitool(&login("nobody", "x", &[]), "mc info").status.success());
    assert!(!bmc.ipmitool(&login("guest", "guest", &["-L", "ADMINISTRATOR"]), "mc info").status.success());
    let user = login("guest", "guest", &["-L", "USER"]);
    assert!(bmc.ipmitool(&user, "mc info").status.success());
    assert!(!bmc.ipmitool(&user, "chassis identify 1").status.success());
    assert!(bmc.ipmitool(&login("op", "oppass", &["-L", "OPERATOR"]), "chassis identify 1").status.success());
    assert!(bmc.ipmitool(&login("admin", "admin", &["-L", "USER+"]), "mc info").status.success());
    bmc.engine.handle().with(|bmc, _| bmc.channels.kg = config::key("0x0102030405060708090a").unwrap());
    assert!(!bmc.ipmitool(&login("admin", "admin", &[]), "mc info").status.success());
    let key = ["-y", "0102030405060708090a"];
    assert!(bmc.ipmitool(&login("admin", "admin", &key), "mc info").status.success());
}

#[test]
fn satellites_behind_the_bmc() {
    if !is_there("ipmitool") {
        return;
    }
    let bmc = serve("127.0.0.1:0");
    for login in [&[&PLUS[..], &["-C", "3"]].concat()[..], &["-I", "lan", "-U", "admin", "-P", "admin"]] {
        let single = text(&bmc.ipmitool(&[login, &["-t", "0x2c"]].concat(), "mc info"));
        assert!(single.contains(": 44\n"), "{single}");
        assert!(!bmc.ipmitool(&[login, &["-t", "0x42", "-N", "1"]].concat(), "mc info").status.success());
    }
    let double = [&PLUS[..], &["-C", "3", "-T", "0x2c", "-B", "0", "-t", "0x20", "-b", "0"]].concat();
    assert!(text(&bmc.ipmitool(&double, "mc info")).contains(": 32\n"));
}

#[test]
fn over_ipv6() {
    if is_there("ipmitool") && std::net::UdpSocket::bind("[::1]:0").is_ok() {
        let bmc = serve("[::1]:0");
        let login = ["-H", "::1", "-p", &bmc.port, "-I", "lanplus", "-U", "admin", "-P", "admin", "-C", "17"];
        assert!(run("ipmitool", &[&login[..], &["mc", "info"]].concat()).status.success());
    }
}

#[test]
fn a_user_who_guesses_is_locked_out_for_a_time() {
    if !is_there("ipmitool") {
        return;
    }
    let bmc = serve("127.0.0.1:0");
    bmc.engine.handle().with(|bmc, _| bmc.settings.lan.parameters.set(26, &[0, 2, 0, 0, 0, 0]).unwrap());
    // Over RMCP+ ipmitool finds the BMC's proof wrong and sends none of its own: the BMC has nothing to count.
    let wrong = ["-I", "lan", "-A", "MD5", "-U", "op", "-P", "guess", "-L", "OPERATOR", "-N", "1", "-R", "1"];
    let right = ["-I", "lanplus", "-C", "3", "-U", "op", "-P", "oppass", "-L", "OPERATOR"];
    assert!(bmc.ipmitool(&right, "mc info").status.success());
    for _ in 0..2 {
        assert!(!bmc.ipmitool(&wrong, "mc info").status.success());
    }
    assert!(!bmc.ipmitool(&right, "mc info").status.success());
    assert!(bmc.ipmitool(&[&PLUS[..], &["-C", "3"]].concat(), "user enable 3").status.success());
    assert!(bmc.ipmitool(&right, "mc info").status.success());
    assert!(!bmc.engine.handle().with(|bmc, now: Duration| bmc.users.get(3).unwrap().is_locked(now)));
}
