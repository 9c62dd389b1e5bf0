//! Tools that know no port but 623, against `bmc-sim` on an address of 127/8 of its own: ipmi-ping, rmcpping, and every
//! other tool without a port on its command line. Only root may listen there.
#![allow(clippy::panic, clippy::expect_used, clippy::unwrap_used, clippy::indexing_slicing)]

use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::process::Command;

use tests::bmc_sim::BmcSim;
use tests::peer;

/// The port of every BMC.
const PORT: u16 = 623;

/// A BMC on a loopback address that nobody else uses, `test` being the number of the test; `None`, with a line that
/// says so, for those who may not listen there.
fn bmc(test: u8, peers: &[&str]) -> Option<(Ipv4Addr, BmcSim)> {
    let [.., high, low] = std::process::id().to_be_bytes();
    let candidates = (0..=u8::MAX).map(|n| Ipv4Addr::new(127, 60 + test, high ^ n, low.clamp(1, 254)));
    let may = |address: &Ipv4Addr| UdpSocket::bind((*address, PORT)).is_ok();
    let Some(address) = candidates.into_iter().find(may) else {
        if nix::unistd::geteuid().is_root() {
            peer::missing("free address for port 623");
        }
        eprintln!("skipped: only root may listen on port 623");
        return None;
    };
    let bmc = BmcSim::start_at(&SocketAddr::from((address, PORT)).to_string(), peers, "", &[])?;
    Some((address, bmc))
}

fn print(bmc: &BmcSim, tool: &str, words: &[&str]) -> String {
    let mut client = Command::new(tool);
    client.args(words);
    let outcome = bmc.remote.run(client);
    assert_eq!(outcome.status, 0, "{tool} {words:?}: {}{}", outcome.stdout, outcome.stderr);
    outcome.stdout
}

#[test]
fn pings() {
    let Some((address, bmc)) = bmc(0, &["ipmi-ping", "rmcpping"]) else { return };
    let host = address.to_string();
    let text = print(&bmc, "rmcpping", &["-c", "2", "-v", &host]);
    assert!(text.contains("2 pings transmitted, 2 pongs received in time"), "{text}");
    assert!(text.contains("ipmi supported"), "{text}");
    for version in ["1.5", "2.0"] {
        let text = print(&bmc, "ipmi-ping", &["-c", "2", "-v", "-r", version, &host]);
        assert!(text.contains("2 requests transmitted, 2 responses received in time"), "{text}");
        assert!(text.contains("md5=set") && text.contains("permsg=clear") && text.contains("non-null=set"), "{text}");
    }
}

#[test]
fn without_a_port() {
    let peers = ["ipmitool", "bmc-info", "ipmi-sensors", "ipmipower"];
    let Some((address, bmc)) = bmc(1, &peers) else { return };
    let host = address.to_string();
    let login = ["-h", &host, "-u", "admin", "-p", "admin"];
    assert!(print(&bmc, "bmc-info", &[&login[..], &["--get-device-id"]].concat()).contains("Device ID"));
    assert!(print(&bmc, "ipmi-sensors", &login).contains("Inlet Temp"));
    assert!(print(&bmc, "ipmipower", &[&login[..], &["--stat"]].concat()).contains("on"));
    let text = print(&bmc, "ipmitool", &["-I", "lanplus", "-H", &host, "-U", "admin", "-E", "mc", "info"]);
    assert!(text.contains("Device ID"), "{text}");
}
