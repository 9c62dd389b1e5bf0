//! Command groups of ipmitool and FreeIPMI against `bmc-sim --lan`: the log and its events, buses, the firewall,
//! satellite controllers, extensions, scripts, OEM answers, whole configurations; and what the installed tools cannot
//! do with any BMC.
#![allow(clippy::panic, clippy::expect_used, clippy::unwrap_used, clippy::indexing_slicing)]

use std::io::Write;
use std::process::Stdio;

use tests::bmc_sim::BmcSim;
use tests::peer;

fn bmc(peers: &[&str], config: &str) -> Option<BmcSim> {
    BmcSim::start(peers, config, &[])
}

/// Records of the log, as FreeIPMI counts them.
fn records(bmc: &BmcSim) -> usize {
    let text = bmc.ask("ipmi-sel", "--info");
    let line = text.lines().find(|line| line.starts_with("Number of log entries")).expect("count");
    line.split(':').nth(1).unwrap().trim().parse().unwrap()
}

#[test]
fn the_log() {
    let Some(bmc) = bmc(&["ipmitool", "ipmi-sel"], "") else { return };
    let before = records(&bmc);
    for (sample, expected) in
        [("1", "Upper Critical going high"), ("2", "Lower Critical going low"), ("3", "Correctable ECC")]
    {
        bmc.ask("ipmitool", &format!("event {sample}"));
        bmc.expect("ipmi", "sel list last 1", expected);
    }
    bmc.expect("ipmi-sel", "--tail=1", "Memory");
    assert_eq!(records(&bmc), before + 3);
    // A remote console is software 41h on channel 1.
    bmc.expect("ipmi-sel", "--tail=1 --legacy-output --hex-dump", "GID:[81][10]");
    let saved = bmc.home().join("sel.txt");
    let saved = saved.to_str().unwrap();
    bmc.ask("ipmitool", &format!("sel save {saved}"));
    bmc.ask("ipmitool", "sel clear");
    assert_eq!(records(&bmc), 0);
    bmc.ask("ipmitool", &format!("sel add {saved}"));
    assert_eq!(records(&bmc), before + 3);
    // The ids go on where they were.
    let list = bmc.ask("ipmitool", "sel list first 1");
    let first = u16::from_str_radix(list.split('|').next().unwrap().trim(), 16).unwrap();
    bmc.ask("ipmi-sel", &format!("--delete={first}"));
    bmc.refused("ipmitool", &format!("sel get {first:#x}"));
    assert_eq!(records(&bmc), before + 2);
    // ipmitool has one reservation for all of them.
    bmc.ask("ipmitool", &format!("sel delete {} {}", first + 1, first + 2));
    assert_eq!(records(&bmc), before);
    bmc.ask("ipmi-sel", "--clear");
    bmc.expect("ipmitool", "sel info", "Entries : 0");
}

#[test]
fn private_buses() {
    let Some(bmc) = bmc(&["ipmitool", "ipmi-raw"], "") else { return };
    let image = bmc.home().join("fru.bin");
    bmc.ask("ipmitool", &format!("fru read 0 {}", image.display()));
    let image = std::fs::read(image).unwrap();
    let bytes: Vec<String> = image[..16].iter().map(|byte| format!("{byte:02x}")).collect();
    bmc.expect("ipmitool", "i2c bus=0 0xa0 16 0", &bytes.join(" "));
    let raw = bytes.join(" ").to_uppercase();
    bmc.expect("ipmi-raw", "0 6 0x52 1 0xa0 16 0", &format!("rcvd: 52 00 {raw}"));
    // The second page of the EEPROM goes by the next address.
    let second: Vec<String> = image[256..264].iter().map(|byte| format!("{byte:02x}")).collect();
    bmc.expect("ipmi", "raw 6 0x52 1 0xa2 8 0", &second.join(" "));
    for expected in ["DDR4 SDRAM", "RDIMM", "32768 MB"] {
        bmc.expect("ipmitool", "spd 1 0xa0", expected);
    }
    assert!(bmc.refused("ipmitool", "i2c bus=0 0xb0 16 0").contains("NAK on Write"));
    bmc.refused("ipmitool", "i2c bus=2 0xa0 16 0");
    bmc.expect("ipmi-raw", "0 6 0x57 1", "rcvd: 57 00 00 00 FF");
}

#[test]
fn the_firewall() {
    let Some(bmc) = bmc(&["ipmitool", "ipmi-raw"], "") else { return };
    let command = "channel 1 lun 0 netfn 0x0a command 0x48";
    bmc.ask("ipmitool", &format!("firewall disable {command} force"));
    bmc.expect("ipmi-raw", "0 0x0a 0x48", "rcvd: 48 D6");
    bmc.refused("ipmi", "raw 0x0a 0x48");
    bmc.ask("ipmitool", &format!("firewall enable {command}"));
    bmc.expect("ipmi-raw", "0 0x0a 0x48", "rcvd: 48 00");
}

#[test]
fn satellites() {
    let Some(bmc) = bmc(&["ipmitool", "ipmi-sensors", "ipmi-sel", "ipmi-raw"], "") else { return };
    bmc.expect("ipmi-sensors", "-b --comma-separated-output", "SAT Board Temp");
    bmc.expect("ipmitool", "sdr elist all", "SAT Board Temp | 01h | ok");
    for options in ["-t 0x2c", "-t 0x2c -b 0", "-m 0x20 -t 0x2c"] {
        for tool in ["ipmitool", "ipmi"] {
            bmc.expect(tool, &format!("{options} sdr elist"), "SAT Board Temp | 01h | ok");
            bmc.expect(tool, &format!("{options} fru print 0"), "Board Product : EX-SAT Mezzanine");
            bmc.expect(tool, &format!("{options} mc info"), "Device ID : 44");
        }
    }
    // Double bridging: the satellite sends the BMC an event. It is in the log under the satellite's address.
    let event = frame(0x20, 0x04, 0x2C, 0x02, &[0x04, 0x01, 0x01, 0x01, 0x57, 99, 90]);
    let carrier = frame(0x2C, 0x06, 0x20, 0x34, &[&[0x00][..], &event].concat());
    let words: Vec<String> = carrier.iter().map(|byte| format!("{byte:#04x}")).collect();
    bmc.ask("ipmitool", &format!("raw 6 0x34 0 {}", words.join(" ")));
    let line = bmc.ask("ipmi-sel", "--tail=1 --legacy-output --hex-dump");
    assert!(line.contains("GID:[2C][00]"), "{line}");
}

#[test]
fn extensions_of_other_bodies() {
    let config = "[extensions]\npicmg = true\nhpm = true\nvita = true\n";
    let Some(bmc) = bmc(&["ipmitool", "ipmi-raw"], config) else { return };
    for (tool, command, expected) in [
        ("ipmitool", "picmg properties", "PICMG Ext. Version : 2.3"),
        ("ipmi", "raw 0x2c 0 0", "00 32 07 00"),
        ("ipmitool", "picmg addrinfo", "IPMB-0 Address : 0x20"),
        ("ipmitool", "hpm check", "|* 0|BMC firmware | 2.14"),
        ("ipmitool", "vita properties", "VSO Standard : VITA 46.11"),
        ("ipmi-raw", "0 0x2c 0 0", "rcvd: 00 00 00 32"),
    ] {
        bmc.expect(tool, command, expected);
    }
    // Of group extensions only DCMI's capabilities are for those who have not logged in.
    let socket = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.connect(bmc.remote.address).unwrap();
    socket.set_read_timeout(Some(std::time::Duration::from_secs(20))).unwrap();
    let mut buffer = [0; 256];
    for body in [0x00, 0x03, 0xDC] {
        socket.send(&outside(0x2C, 0x01, &[body, 1])).unwrap();
    }
    let length = socket.recv(&mut buffer).unwrap();
    assert_eq!(buffer[..length][20..22], [0x00, 0xDC], "{:02X?}", &buffer[..length]);
}

/// A request as it goes over an IPMB.
fn frame(responder: u8, net_fn: u8, requester: u8, cmd: u8, data: &[u8]) -> Vec<u8> {
    let sum = |bytes: &[u8]| bytes.iter().fold(0_u8, |sum, byte| sum.wrapping_sub(*byte));
    let header = [responder, net_fn << 2];
    let body = [&[requester, 0x04, cmd][..], data].concat();
    [&header[..], &[sum(&header)], &body, &[sum(&body)]].concat()
}

/// A request without a session, in a packet of IPMI 1.5.
fn outside(net_fn: u8, cmd: u8, data: &[u8]) -> Vec<u8> {
    let message = frame(0x20, net_fn, 0x81, cmd, data);
    let length = u8::try_from(message.len()).unwrap();
    [&[0x06, 0, 0xFF, 0x07, 0, 0, 0, 0, 0, 0, 0, 0, 0, length][..], &message].concat()
}

#[test]
fn scripts_and_the_shell() {
    let Some(bmc) = bmc(&["ipmitool"], "") else { return };
    let script = bmc.home().join("script");
    std::fs::write(&script, "lan set 1 ipaddr 10.4.5.6\nchassis policy always-on\nsel info\n").unwrap();
    bmc.expect("ipmitool", &format!("exec {}", script.display()), "SEL Information");
    bmc.expect("ipmi", "raw 0x0c 2 1 3 0 0", "11 0a 04 05 06");
    bmc.expect("ipmi", "chassis status", "Power Restore Policy : always-on");
    let mut shell = peer::command("ipmitool");
    let address = bmc.remote.address;
    shell.args(["-I", "lanplus", "-C", "17", "-U", "admin", "-E", "-H", &address.ip().to_string()]);
    shell.args(["-p", &address.port().to_string(), "shell"]);
    bmc.remote.environment(&mut shell);
    let mut shell = shell.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    shell.stdin.take().unwrap().write_all(b"chassis policy previous\nmc guid\nexit\n").unwrap();
    let output = shell.wait_with_output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success() && text.contains("System GUID"), "{text}");
    bmc.expect("ipmi", "chassis status", "Power Restore Policy : previous");
}

#[test]
fn oem_answers() {
    // Fujitsu's product and its answer to "what switched the power on".
    let config = "[device]\nmanufacturer = 10368\nproduct = 0\n[[oem]]\nnet_fn = 0x2E\ncmd = 0x01\nresponse = \"80 28 00 01 05\"\n";
    let Some(bmc) = bmc(&["ipmi-oem", "ipmi-raw"], config) else { return };
    let text = bmc.ask("ipmi-oem", "Fujitsu get-power-on-source");
    assert!(text.contains("Automatic restart after critical temperature shutdown"), "{text}");
    bmc.expect("ipmi-raw", "0 0x2e 1", "rcvd: 01 00 80 28 00 01 05");
}

/// `ipmi-config` is content with a BMC that lists every cipher suite it knows and supports every authentication type;
/// those nobody has cryptography for are there without a level.
#[test]
fn a_configuration_without_gaps() {
    let config = "[lan]\ncipher_suites = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]\n\
                  [[parameter]]\nof = \"lan\"\nnumber = 1\nhex = \"37\"\n";
    let Some(bmc) = bmc(&["ipmi-config", "ipmitool"], config) else { return };
    let outcome = bmc.remote.freeipmi("ipmi-config", "-D LAN_2_0 -I 3 -l ADMIN", "--category=core --checkout");
    assert_eq!(outcome.status, 0, "{}", outcome.stderr);
    for expected in ["Cipher_Suite_Id_3 Administrator", "Cipher_Suite_Id_4 Unused", "Cipher_Suite_Id_15 Administrator"]
    {
        let squeezed = outcome.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(squeezed.contains(expected), "{expected}");
    }
    let ciphers = bmc.remote.ipmitool("-I lanplus -C 3", "channel getciphers ipmi").stdout;
    let ids: Vec<&str> = ciphers.lines().skip(1).filter_map(|line| line.split_whitespace().next()).collect();
    assert_eq!(ids, ["0", "1", "2", "3", "6", "7", "8", "11", "12", "15"]);
    let limits = bmc.remote.ipmitool("-I lanplus -C 3", "lan print 1").stdout;
    assert!(limits.contains("aaaaXXaaaXXaaXX"), "{limits}");
}

/// Responses of every length, each read once: FreeIPMI drops one that has a pad byte after its message.
#[test]
fn freeipmi_reads_every_record_over_ipmi_1_5() {
    let Some(bmc) = bmc(&["ipmi-sensors"], "") else { return };
    for options in ["-D LAN", "-D LAN -a NONE", "-D LAN_2_0 -I 3"] {
        let cache = bmc.home().join(options.replace(' ', "_"));
        std::fs::create_dir(&cache).unwrap();
        let outcome =
            bmc.remote.freeipmi("ipmi-sensors", options, &format!("-Q --sdr-cache-directory={}", cache.display()));
        assert_eq!(outcome.status, 0, "{options}: {}", outcome.stderr);
        assert!(outcome.stdout.contains("Inlet Temp"), "{options}: {}", outcome.stdout);
    }
}

/// The built-in server's own channels; those after them are memory that bmc-info never wrote to.
#[test]
fn bmc_info_finds_every_channel() {
    let Some(bmc) = bmc(&["bmc-info"], "") else { return };
    let text = bmc.ask("bmc-info", "");
    let (_, channels) = text.split_once("Channel Information").unwrap();
    let mut numbers = channels.lines().filter_map(|line| line.strip_prefix("Channel Number       : "));
    assert_eq!([numbers.next(), numbers.next(), numbers.next()], [Some("0"), Some("1"), Some("2")]);
    for option in ["--get-device-id", "--get-device-guid", "--get-system-guid", "--get-system-info"] {
        assert!(!bmc.ask("bmc-info", option).trim().is_empty(), "{option}");
    }
}

/// When one of these succeeds the installed tool has learnt something, and the other tests can use it.
#[test]
fn what_the_installed_tools_cannot_do_with_any_bmc() {
    let Some(bmc) = bmc(&["ipmitool", "ipmipower"], "") else { return };
    for suite in ["11", "12"] {
        let outcome = bmc.remote.ipmitool(&format!("-I lanplus -C {suite}"), "mc info");
        assert_eq!(outcome.status, -1, "an assertion of its own ends it: {}", outcome.stdout);
        assert!(outcome.stderr.contains("Assertion"), "{}", outcome.stderr);
    }
    let outcome = bmc.remote.ipmitool("-I lan -A MD2 -N 1 -R 1", "mc info");
    assert_ne!(outcome.status, 0, "it is built without MD2");
    // A reset of a machine that is off is refused with D5h, which ipmipower says nothing about.
    bmc.ask("ipmipower", "--off");
    assert_eq!(bmc.ask("ipmipower", "--reset"), "");
    bmc.expect("ipmitool", "chassis power status", "Chassis Power is off");
    assert!(bmc.refused("ipmitool", "chassis power reset").contains("not supported in present state"));
}
