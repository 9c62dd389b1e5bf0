//! Who may do what over the LAN side of `bmc-sim`, as ipmitool and FreeIPMI find it: users, levels, channel access,
//! session limits, lockout, authentication switched off; and what is said to those who have not logged in.
#![allow(clippy::panic, clippy::expect_used, clippy::unwrap_used, clippy::indexing_slicing)]

use std::io::{BufRead, BufReader, Write};
use std::net::UdpSocket;
use std::process::{Child, Stdio};
use std::time::Duration;

use tests::bmc_sim::BmcSim;
use tests::lan::Remote;
use tests::peer;

/// Users of every level, one without a name, one with a password of 20 bytes.
const USERS: &str = r#"
session_limit = 3
[[user]]
name = "admin"
password = "admin"
[[user]]
name = "operator"
password = "op"
privilege = "operator"
[[user]]
name = "reader"
password = "re"
privilege = "user"
[[user]]
name = "caller"
password = "ca"
privilege = "callback"
[[user]]
name = "long"
password = "a-password-of-20byte"
"#;

fn bmc(config: &str) -> Option<BmcSim> {
    BmcSim::start(&["ipmitool", "bmc-info", "ipmi-raw"], config, &[])
}

fn login(bmc: &BmcSim, user: &str, password: &str) -> Remote {
    Remote { user: user.to_owned(), password: password.to_owned(), ..bmc.remote.clone() }
}

/// Whether ipmitool gets in and an answer to Get Device ID.
fn gets_in(remote: &Remote, options: &str) -> bool {
    remote.ipmitool(&format!("{options} -N 1 -R 2"), "raw 6 1").status == 0
}

#[test]
fn levels_of_users() {
    let Some(bmc) = bmc(USERS) else { return };
    // Level asked for, and whether each user gets it.
    for (level, users) in [
        ("USER", [true, true, true, false]),
        ("OPERATOR", [true, true, false, false]),
        ("ADMINISTRATOR", [true, false, false, false]),
    ] {
        let names = [("admin", "admin"), ("operator", "op"), ("reader", "re"), ("caller", "ca")];
        for ((name, password), expected) in names.into_iter().zip(users) {
            for options in ["-I lanplus -C 17", "-I lan -A MD5"] {
                let found = gets_in(&login(&bmc, name, password), &format!("{options} -L {level}"));
                assert_eq!(found, expected, "{name} {options} {level}");
            }
        }
    }
    // A user reads, an operator switches, an administrator configures.
    let may = |name, password, level: &str, command| {
        login(&bmc, name, password).ipmitool(&format!("-I lanplus -C 3 -L {level}"), command)
    };
    let refused = may("reader", "re", "USER", "raw 0 4 0");
    assert!(refused.stderr.contains("Insufficient privilege level"), "{}", refused.stderr);
    assert_eq!(may("operator", "op", "OPERATOR", "raw 0 4 0").status, 0);
    assert!(may("operator", "op", "OPERATOR", "raw 6 2").stderr.contains("rsp=0xd4"));
    assert_eq!(may("admin", "admin", "ADMINISTRATOR", "raw 6 0x41 1 0x80").status, 0);
    // What no controller answers is unknown to everybody.
    assert!(may("reader", "re", "USER", "raw 0x30 1").stderr.contains("rsp=0xc1"));
    let raw = login(&bmc, "reader", "re").freeipmi("ipmi-raw", "-D LAN_2_0 -I 3 -l USER", "0 0 4 0");
    assert!(raw.stdout.contains("rcvd: 04 D4"), "{}{}", raw.stdout, raw.stderr);
    let info = login(&bmc, "operator", "op").freeipmi("bmc-info", "-D LAN_2_0 -I 3 -l ADMIN", "");
    assert!(info.stderr.contains("privilege level"), "{}", info.stderr);
}

#[test]
fn passwords_of_20_bytes_are_for_rmcp_plus() {
    let Some(bmc) = bmc(USERS) else { return };
    let long = login(&bmc, "long", "a-password-of-20byte");
    assert!(gets_in(&long, "-I lanplus -C 3") && gets_in(&long, "-I lanplus -C 17"));
    assert!(!gets_in(&login(&bmc, "long", "a-password-of-20"), "-I lanplus -C 3"));
    assert!(!gets_in(&login(&bmc, "long", "a-password-of-20"), "-I lan -A MD5"));
    assert_eq!(long.freeipmi("bmc-info", "-D LAN_2_0 -I 8", "--get-device-id").status, 0);
    // Set through one tool, used by the other.
    bmc.ask("ipmitool", "user set password 3 twenty-bytes-exactly 20");
    assert!(bmc.ask("ipmitool", "user test 3 20 twenty-bytes-exactly").contains("Success"));
    let operator = login(&bmc, "operator", "twenty-bytes-exactly");
    assert_eq!(operator.freeipmi("bmc-info", "-D LAN_2_0 -I 17 -l OPERATOR", "--get-device-id").status, 0);
}

#[test]
fn users_that_are_disabled_or_have_no_name() {
    let config = "[[user]]\nname = \"\"\npassword = \"anonymous\"\nprivilege = \"user\"\n\
                  [[user]]\nname = \"admin\"\npassword = \"admin\"\n[[user]]\nname = \"other\"\npassword = \"other\"\n";
    let Some(bmc) = bmc(config) else { return };
    let nobody = login(&bmc, "", "anonymous");
    for options in ["-I lanplus -C 3 -L USER", "-I lan -A MD5 -L USER"] {
        assert!(gets_in(&nobody, options), "{options}");
        assert!(!gets_in(&login(&bmc, "", "wrong"), options), "{options}");
    }
    let other = login(&bmc, "other", "other");
    // `channel setaccess ... ipmi=off` of ipmitool 1.8.19 sends the bit that means on: these are raw.
    for (command, expected) in [
        ("user disable 3", false),
        ("user enable 3", true),
        ("raw 6 0x43 0x81 3 4", false),
        ("raw 6 0x43 0xb1 3 4", true),
        ("channel setaccess 1 3 privilege=15", false),
        ("channel setaccess 1 3 privilege=4", true),
    ] {
        bmc.ask("ipmitool", command);
        for options in ["-I lanplus -C 17", "-I lan -A MD5"] {
            assert_eq!(gets_in(&other, options), expected, "{command} {options}");
        }
        let status = other.freeipmi("bmc-info", "-D LAN_2_0 -I 17 -l USER", "--get-device-id").status;
        assert_eq!(status == 0, expected, "{command}");
    }
}

#[test]
fn channels_suites_and_types_set_limits() {
    let Some(bmc) = bmc(USERS) else { return };
    let administrator = |options: &str| gets_in(&bmc.remote, &format!("{options} -L ADMINISTRATOR"));
    // Suites in the order of parameter 23; 17 is the last of the twelve.
    bmc.ask("ipmitool", "raw 0x0c 1 1 24 0 0x44 0x44 0x44 0x44 0x44 0x24 0 0");
    assert!(!administrator("-I lanplus -C 17") && administrator("-I lanplus -C 3"));
    assert!(gets_in(&login(&bmc, "reader", "re"), "-I lanplus -C 17 -L USER"));
    bmc.remote.ipmitool("-I lanplus -C 3", "raw 0x0c 1 1 24 0 0x44 0x44 0x44 0x44 0x44 0x44 0 0");
    // Straight password is switched off for administrators.
    bmc.ask("ipmitool", "lan set 1 auth ADMIN MD5");
    assert!(administrator("-I lan -A MD5") && !administrator("-I lan -A PASSWORD"));
    assert!(gets_in(&login(&bmc, "reader", "re"), "-I lan -A PASSWORD -L USER"));
    // The channel's limit for now is operator, then it takes nobody; what is kept comes back with a reset.
    bmc.ask("ipmitool", "raw 6 0x40 1 0x00 0x83");
    assert!(!administrator("-I lanplus -C 17") && gets_in(&bmc.remote, "-I lanplus -C 17 -L OPERATOR"));
}

#[test]
fn a_disabled_channel_is_silent() {
    let Some(bmc) = bmc(USERS) else { return };
    // The answer does not come: the channel is off by then.
    let _ = bmc.remote.ipmitool("-I lanplus -C 17 -N 1 -R 1", "raw 6 0x40 1 0x80 0");
    assert!(!gets_in(&bmc.remote, "-I lanplus -C 17") && !gets_in(&bmc.remote, "-I lan -A MD5"));
}

/// Sessions of ipmitool's shell, which stay open until its input ends.
#[test]
fn as_many_sessions_as_there_are_slots() {
    let Some(bmc) = bmc(USERS) else { return };
    let open = || {
        let mut shell = peer::command("ipmitool");
        let address = bmc.remote.address;
        shell.args(["-I", "lanplus", "-C", "3", "-U", "admin", "-E", "-H", &address.ip().to_string()]);
        shell.args(["-p", &address.port().to_string(), "shell"]);
        bmc.remote.environment(&mut shell);
        let mut shell = shell.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        // The answer says that the session is there.
        shell.stdin.as_mut().unwrap().write_all(b"raw 6 1\n").unwrap();
        let mut lines = BufReader::new(shell.stdout.take().unwrap()).lines().map_while(Result::ok);
        assert!(lines.any(|line| line.starts_with(" 20 01")), "an answer");
        (shell, lines)
    };
    let close = |(mut shell, lines): (Child, _)| {
        // At the end of its input alone the shell would go round for ever.
        shell.stdin.as_mut().unwrap().write_all(b"exit\n").unwrap();
        shell.wait().unwrap();
        drop(lines);
    };
    let (first, second) = (open(), open());
    bmc.expect("ipmitool", "session info active", "active sessions : 3");
    let third = open();
    assert!(!gets_in(&bmc.remote, "-I lanplus -C 3") && !gets_in(&bmc.remote, "-I lan -A MD5"));
    let refused = bmc.outcome("bmc-info", "--get-device-id");
    assert_ne!(refused.status, 0, "{}", refused.stdout);
    close(first);
    assert!(gets_in(&bmc.remote, "-I lanplus -C 3") && gets_in(&bmc.remote, "-I lan -A MD5"));
    close(second);
    close(third);
}

#[test]
fn authentication_can_be_switched_off() {
    let Some(bmc) = bmc(USERS) else { return };
    for (flags, what) in [(0x92_u8, "per message"), (0x8A, "user level"), (0x9A, "both")] {
        bmc.ask("ipmitool", &format!("raw 6 0x40 1 {flags:#x} 0"));
        for options in ["-I lan -A MD5", "-I lan -A PASSWORD", "-I lanplus -C 17"] {
            assert!(gets_in(&bmc.remote, options), "{what} {options}");
            assert!(!gets_in(&login(&bmc, "admin", "wrong"), options), "{what} {options}: the log-in is authenticated");
        }
        for options in ["-D LAN -a MD5", "-D LAN -a MD2", "-D LAN_2_0 -I 17"] {
            let outcome = bmc.remote.freeipmi("bmc-info", options, "--get-device-id");
            assert_eq!(outcome.status, 0, "{what} {options}: {}", outcome.stderr);
        }
    }
}

#[test]
fn wrong_passwords_lock_a_user_out() {
    let Some(bmc) = bmc(USERS) else { return };
    bmc.ask("ipmitool", "lan set 1 bad_pass_thresh 2 1 0 0");
    let wrong = login(&bmc, "reader", "wrong");
    let right = login(&bmc, "reader", "re");
    for _ in 0..2 {
        assert!(!gets_in(&wrong, "-I lan -A MD5 -L USER"));
    }
    assert!(!gets_in(&right, "-I lanplus -C 17 -L USER") && !gets_in(&right, "-I lan -A MD5 -L USER"));
    assert!(gets_in(&bmc.remote, "-I lanplus -C 17"), "others are not locked out");
    bmc.expect("ipmitool", "sel elist last 1", "Session Audit");
    bmc.ask("ipmitool", "user enable 4");
    assert!(gets_in(&right, "-I lanplus -C 17 -L USER"));
}

/// A message without a session in a packet of IPMI 1.5, and the same in one of RMCP+.
fn outside(net_fn: u8, cmd: u8, data: &[u8]) -> [Vec<u8>; 2] {
    let sum = |bytes: &[u8]| bytes.iter().fold(0_u8, |sum, byte| sum.wrapping_sub(*byte));
    let header = [0x20, net_fn << 2];
    let body = [&[0x81, 0x04, cmd][..], data].concat();
    let message = [&header[..], &[sum(&header)], &body, &[sum(&body)]].concat();
    let length = u8::try_from(message.len()).unwrap();
    let old = [&[0x06, 0, 0xFF, 0x07, 0, 0, 0, 0, 0, 0, 0, 0, 0, length][..], &message].concat();
    let new = [&[0x06, 0, 0xFF, 0x07, 0x06, 0, 0, 0, 0, 0, 0, 0, 0, 0, length, 0][..], &message].concat();
    [old, new]
}

/// Every command of every network function, and log-ins of strangers: few are answered, and what they say is short.
#[test]
fn strangers_hear_little() {
    let Some(bmc) = bmc(USERS) else { return };
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.connect(bmc.remote.address).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let ping = [0x06, 0, 0xFF, 0x06, 0, 0, 0x11, 0xBE, 0x80, 7, 0, 0];
    let mut answered = Vec::new();
    let mut buffer = [0; 2048];
    for net_fn in (0..0x40).step_by(2) {
        for cmd in 0..=0xFF {
            let requests = outside(net_fn, cmd, &[0x0E, 0x04, 0x00]);
            for request in &requests {
                socket.send(request).unwrap();
            }
        }
        // A ping at the end of each: all before it was answered or never will be.
        socket.send(&ping).unwrap();
        loop {
            let length = socket.recv(&mut buffer).unwrap();
            if buffer[3] == 0x06 {
                break;
            }
            assert!(length <= 64, "{length} bytes: {:02X?}", &buffer[..length]);
            answered.push((net_fn, buffer[length.min(19)]));
        }
    }
    let net_fns: std::collections::BTreeSet<u8> = answered.iter().map(|(net_fn, _)| *net_fn).collect();
    assert!(net_fns.iter().all(|net_fn| [0x04, 0x06].contains(net_fn)), "{net_fns:02X?}");
    // Channel authentication capabilities, cipher suites, system GUID, session challenge, PET acknowledge: by either
    // packet.
    assert!(answered.len() <= 10, "{answered:02X?}");
}

#[test]
fn a_bmc_on_all_addresses_answers_from_the_one_asked() {
    let peers = ["ipmitool", "bmc-info"];
    let Some(mut bmc) = BmcSim::start_at("0.0.0.0:0", &peers, "", &[]) else { return };
    bmc.remote.address.set_ip([127, 0, 0, 9].into());
    bmc.expect("ipmitool", "mc guid", "2a1e6d00-8b5a-11f0-8001-3cecef000042");
    bmc.expect("ipmi", "mc guid", "2a1e6d00-8b5a-11f0-8001-3cecef000042");
    bmc.expect("bmc-info", "--get-device-id", "IPMI Version");
}
