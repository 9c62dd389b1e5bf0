//! Somebody on the way between console and BMC who wants a session that hides nothing: what he changes before there are
//! keys must not get him one where there was a better one before.
#![allow(clippy::panic, clippy::expect_used, clippy::unwrap_used, clippy::indexing_slicing)]

use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use ipmi_core::command::app::GetDeviceId;
use kernel_bridge::{Bmc, Options};
use tests::bmc_sim::BmcSim;

/// Open Session Request and Response.
const OPEN: [u8; 2] = [0x10, 0x11];
/// No cipher suite match with proposed security algorithms.
const NO_MATCH: u8 = 0x11;
/// Where the confidentiality algorithm stands in the datagram of an Open Session Request.
const CONFIDENTIALITY: usize = 16 + 28;

/// Passes datagrams on between one console and the BMC. Once `active`, it lets no packet of the session before through,
/// and refuses every suite with encryption in the BMC's name.
fn man_in_the_middle(bmc: SocketAddr, active: Arc<AtomicBool>) -> SocketAddr {
    let front = UdpSocket::bind("127.0.0.1:0").unwrap();
    let back = UdpSocket::bind("127.0.0.1:0").unwrap();
    back.connect(bmc).unwrap();
    let address = front.local_addr().unwrap();
    std::thread::spawn(move || {
        let (mut buffer, mut before) = ([0; 2048], [0; 4]);
        while let Ok((length, console)) = front.recv_from(&mut buffer) {
            let datagram = &buffer[..length];
            let kind = datagram[5] & 0x3F;
            let session = <[u8; 4]>::try_from(&datagram[6..10]).unwrap();
            if !active.load(Ordering::Relaxed) {
                before = session;
            } else if datagram[4] == 6 {
                if session != [0; 4] && session == before {
                    continue;
                }
                if kind == OPEN[0] && datagram.get(CONFIDENTIALITY) != Some(&0) {
                    let head = [6, 0, 0xFF, 7, 6, OPEN[1], 0, 0, 0, 0, 0, 0, 0, 0, 8, 0];
                    let refusal = [&head[..], &[datagram[16], NO_MATCH, 0, 0], &datagram[20..24]].concat();
                    front.send_to(&refusal, console).unwrap();
                    continue;
                }
            }
            back.send(datagram).unwrap();
            back.set_read_timeout(Some(Duration::from_secs(2))).unwrap();
            if let Ok(length) = back.recv(&mut buffer) {
                front.send_to(&buffer[..length], console).unwrap();
            }
        }
    });
    address
}

#[test]
fn a_session_that_is_lost_is_followed_by_one_as_good() {
    let Some(sim) = BmcSim::start(&[], "", &[]) else { return };
    let active = Arc::new(AtomicBool::new(false));
    let middle = man_in_the_middle(sim.remote.address, Arc::clone(&active));
    let mut options = Options::default();
    options.session.password = ipmi_core::Secret::new(*b"admin");
    options.session.timeout = Some(Duration::from_millis(150));
    options.session.retries = 2;
    let bmc = Bmc::open(&format!("lanplus://admin@{middle}").parse().unwrap(), &options).unwrap();
    bmc.call(&GetDeviceId).unwrap();
    active.store(true, Ordering::Relaxed);
    let reasons: Vec<String> =
        (0..3).filter_map(|_| bmc.call(&GetDeviceId).err()).map(|error| error.to_string()).collect();
    assert_eq!(reasons.len(), 3, "a session without encryption was opened");
    assert!(
        reasons.iter().any(|reason| reason.contains("every cipher suite with encryption is refused")),
        "{reasons:?}"
    );
    active.store(false, Ordering::Relaxed);
    std::thread::sleep(Duration::from_millis(300));
    bmc.call(&GetDeviceId).unwrap();
}
