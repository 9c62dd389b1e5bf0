//! Configuration of `bmc-sim` as ipmitool and FreeIPMI see it: what they read they can write back, what they write they
//! read, and an event becomes a platform event trap that `ipmi-pet` understands.
#![allow(clippy::panic, clippy::expect_used, clippy::unwrap_used, clippy::indexing_slicing)]

use std::net::{SocketAddr, UdpSocket};
use std::time::Duration;

use tests::lan::{self, Remote};
use tests::program;

/// Last arc of the object id of a trap's variable, and the tag of an octet string.
const VARIABLE: &[u8] = &[0x2B, 0x06, 0x01, 0x04, 0x01, 0x98, 0x6F, 0x01, 0x01, 0x01, 0x04];
/// Generic trap 6; the number after it is the specific trap.
const ENTERPRISE_SPECIFIC: &[u8] = &[0x02, 0x01, 0x06, 0x02];

struct Bmc {
    remote: Remote,
    home: tempfile::TempDir,
    _running: program::Running,
}

fn bmc(peers: &[&str], config: &str) -> Option<Bmc> {
    if !lan::installed(peers) {
        return None;
    }
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("bmc.toml");
    std::fs::write(&file, config).unwrap();
    let running =
        program::Running::start("bmc-sim", ["--lan", "127.0.0.1:0", "--freeze", "--config", file.to_str().unwrap()]);
    let address: SocketAddr = running.wait_for("ready lan ").parse().expect("address");
    Some(Bmc { remote: Remote::new(address, home.path()), home, _running: running })
}

impl Bmc {
    fn ipmitool(&self, command: &str) -> String {
        let outcome = self.remote.ipmitool("-I lanplus", command);
        assert_eq!(outcome.status, 0, "ipmitool {command}: {}{}", outcome.stdout, outcome.stderr);
        outcome.stdout
    }

    fn freeipmi(&self, tool: &str, command: &str) -> (i32, String) {
        let outcome = self.remote.freeipmi(tool, "-D LAN_2_0 -l ADMIN", command);
        (outcome.status, outcome.stdout + &outcome.stderr)
    }
}

#[test]
fn what_ipmi_config_reads_it_can_write_back() {
    let Some(bmc) = bmc(&["ipmi-config"], "") else { return };
    for category in ["core", "chassis", "sensors", "pef"] {
        let file = bmc.home.path().join(category);
        let file = file.to_str().unwrap();
        // Keys the BMC does not have (cipher suites, K_R) make the status 1.
        let (_, output) = bmc.freeipmi("ipmi-config", &format!("--category={category} --checkout --filename={file}"));
        let text = std::fs::read_to_string(file).unwrap_or_else(|error| panic!("{category}: {error}: {output}"));
        assert!(text.matches("\nSection ").count() >= 3, "{category}: {text}");
        let (status, output) =
            bmc.freeipmi("ipmi-config", &format!("--category={category} --commit --filename={file}"));
        assert_eq!(status, 0, "{category}: {output}");
        let (status, output) = bmc.freeipmi("ipmi-config", &format!("--category={category} --diff --filename={file}"));
        let differences: Vec<&str> = output.lines().filter(|line| !line.contains("Caching")).collect();
        assert_eq!((status, differences), (0, vec![]), "{category}");
    }
}

#[test]
fn what_ipmitool_writes_it_reads() {
    let Some(bmc) = bmc(&["ipmitool"], "") else { return };
    for (write, read, expected) in [
        ("lan set 1 ipaddr 10.1.2.3", "lan print 1", "IP Address              : 10.1.2.3"),
        ("lan set 1 snmp private", "lan print 1", "SNMP Community String   : private"),
        ("lan set 1 vlan id 100", "lan print 1", "802.1q VLAN ID          : 100"),
        ("lan set 1 bad_pass_thresh 3 1 30 60", "lan print 1", "Bad Password Threshold  : 3"),
        ("lan alert set 1 2 ipaddr 10.0.0.7", "lan alert print 1 2", "Alert IP Address        : 10.0.0.7"),
        ("lan6 set 1 static_addr 0 enable fd00::5 64", "lan6 print 1", "Address:        fd00::5/64"),
        ("sol set volatile-bit-rate 57.6 1", "sol info 1", "Volatile Bit Rate (kbps)        : 57.6"),
        ("sol payload disable 1 2", "sol payload status 1 2", "User 2 on channel 1 is disabled"),
        ("chassis bootdev pxe", "chassis bootparam get 5", "Boot Device Selector : Force PXE"),
        ("chassis policy always-on", "chassis status", "Power Restore Policy : always-on"),
        ("pef policy enable 2", "pef policy list", " 2 | 0 | enabled | Match-always | 0"),
        ("pef filter enable 3", "pef filter list", " 3 | enabled, configurable"),
        (
            "mc watchdog set use=sms action=reset timeout=10 int=nmi pretimeout=2",
            "mc watchdog get",
            "Hard Reset (0x21)",
        ),
        (
            "mc setsysinfo system_name a-name-longer-than-one-block.example.com",
            "mc getsysinfo system_name",
            "a-name-longer-than-one-block.example.com",
        ),
    ] {
        bmc.ipmitool(write);
        let found = bmc.ipmitool(read);
        assert!(found.contains(expected), "after {write}, {read} prints {found}");
    }
}

/// The specific trap and the octet string of an SNMP datagram.
fn parts(datagram: &[u8]) -> (u64, Vec<u8>) {
    let find =
        |what: &[u8]| datagram.windows(what.len()).position(|window| window == what).expect("field") + what.len();
    let at = find(ENTERPRISE_SPECIFIC);
    let length = usize::from(datagram[at]);
    let specific = datagram[at + 1..=at + length].iter().fold(0, |number, byte| number << 8 | u64::from(*byte));
    let at = find(VARIABLE);
    let variable = datagram[at + 1..].to_vec();
    assert_eq!(usize::from(datagram[at]), variable.len());
    (specific, variable)
}

#[test]
fn an_event_becomes_a_trap_that_ipmi_pet_understands() {
    let manager = UdpSocket::bind("127.0.0.1:0").unwrap();
    manager.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    let port = manager.local_addr().unwrap().port();
    let Some(bmc) = bmc(&["ipmitool", "ipmi-pet"], &format!("[lan]\ntrap_port = {port}\n")) else { return };
    bmc.ipmitool("lan alert set 1 1 ipaddr 127.0.0.1");
    // PEF on; filter 1: any event alerts by policy 1; policy entry 1: destination 1 of channel 1.
    bmc.ipmitool("raw 4 0x12 1 1");
    bmc.ipmitool("raw 4 0x12 6 1 0x80 1 1 0x10 0xff 0xff 0xff 0xff 0xff 0xff 0xff 0 0 0 0 0 0 0 0 0");
    bmc.ipmitool("raw 4 0x12 9 1 0x18 0x11 0");
    bmc.ipmitool("event 1");
    let mut buffer = [0; 1500];
    let (length, _) = manager.recv_from(&mut buffer).expect("a trap");
    let (specific, variable) = parts(&buffer[..length]);
    // Temperature, threshold, upper critical going high.
    assert_eq!(specific, 0x0001_0109);
    let bytes: Vec<String> = variable.iter().map(|byte| format!("{byte:#04x}")).collect();
    let (status, output) = bmc.freeipmi("ipmi-pet", &format!("-vv {specific} {}", bytes.join(" ")));
    assert_eq!(status, 0, "{output}");
    let guid = bmc.ipmitool("mc guid");
    let guid = guid.lines().next().and_then(|line| line.split(": ").nth(1)).expect("GUID").trim();
    for expected in ["Temperature", "Upper Critical - going high", "Critical condition", "Assertion Event", guid] {
        assert!(output.contains(expected), "expected `{expected}`, found {output}");
    }
}
