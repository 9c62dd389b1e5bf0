//! Sessions over LAN with OpenIPMI's simulator as the BMC.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod lan;

use std::time::{Duration, Instant};

use ipmi_core::command::app::GetDeviceId;
use ipmi_core::link::rmcp_plus::header::PayloadType;
use ipmi_core::link::session_1_5::AuthType;
use ipmi_core::{ChannelNumber, CompletionCode, NetFn, Privilege, Request, Secret, SlaveAddress, Target};
use kernel_bridge::walk::sdr;
use kernel_bridge::{Bmc, BmcUrl, Event, Options};
use lan::{Simulator, options, simulator};

fn open(simulator: &Simulator, query: &str) -> Result<Bmc, ipmi_core::Error> {
    Bmc::open(&simulator.url("lanplus", query), &options())
}

#[test]
fn every_suite_and_every_level_of_rmcp_plus() {
    let Some(simulator) = simulator("vnode") else { return };
    let expected = open(&simulator, "").unwrap().call(&GetDeviceId).unwrap();
    for suite in 0..=3 {
        let bmc = open(&simulator, &format!("?cipher={suite}")).unwrap();
        assert_eq!(bmc.call(&GetDeviceId).unwrap(), expected, "suite {suite}");
        bmc.close(Duration::from_secs(1));
    }
    for privilege in [Privilege::User, Privilege::Operator, Privilege::Administrator] {
        let mut options = options();
        options.session.privilege = privilege;
        let bmc = Bmc::open(&simulator.url("lanplus", "?cipher=3"), &options).unwrap();
        assert_eq!(bmc.call(&GetDeviceId).unwrap(), expected, "{privilege:?}");
        // Chassis Control belongs to operators.
        let reset = bmc.raw(Target::Bmc, &Request::new(NetFn::APP, 0x40, [0x0E, 0, 0])).unwrap();
        assert_eq!(reset.code == CompletionCode::INSUFFICIENT_PRIVILEGE, privilege < Privilege::Administrator);
    }
}

#[test]
fn every_authentication_type_of_1_5() {
    let Some(simulator) = simulator("vnode") else { return };
    for auth_type in
        [None, Some(AuthType::None), Some(AuthType::Md2), Some(AuthType::Md5), Some(AuthType::StraightPassword)]
    {
        let mut options = options();
        options.session.auth_type = auth_type;
        let bmc =
            Bmc::open(&simulator.url("lan", ""), &options).unwrap_or_else(|error| panic!("{auth_type:?}: {error}"));
        assert!(bmc.call(&GetDeviceId).is_ok(), "{auth_type:?}");
    }
}

#[test]
fn what_is_wrong_is_named() {
    let Some(simulator) = simulator("vnode") else { return };
    let url = simulator.url("lanplus", "?cipher=3");
    let with = |change: &dyn Fn(&mut Options)| {
        let mut options = options();
        change(&mut options);
        let started = Instant::now();
        let error = Bmc::open(&url, &options).unwrap_err().to_string();
        assert!(started.elapsed() < Duration::from_secs(3), "{error} after {:?}", started.elapsed());
        assert!(error.contains(&url.to_string()), "{error}");
        error
    };
    let error = with(&|options| options.session.password = Secret::new(*b"wrong"));
    assert!(error.contains("wrong password"), "{error}");
    let error = with(&|options| options.session.user = "nobody".to_owned());
    assert!(error.contains("unknown user"), "{error}");
    let error = with(&|options| options.session.quirks = vec!["nosuchquirk".to_owned()]);
    assert!(error.contains("nosuchquirk") && error.contains("intel20"), "{error}");
    let error = open(&simulator, "?cipher=17").unwrap_err().to_string();
    assert!(error.contains("cipher suite 17 refused"), "{error}");
}

#[test]
fn nobody_there() {
    let closed = std::net::UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let started = Instant::now();
    for scheme in ["lan", "lanplus"] {
        let url: BmcUrl = format!("{scheme}://{closed}").parse().unwrap();
        let error = Bmc::open(&url, &options()).unwrap_err().to_string();
        assert!(error.contains("nobody listens") && error.contains("127.0.0.1"), "{error}");
        let later = Bmc::open_later(&url, &options()).unwrap();
        let error = later.call(&GetDeviceId).unwrap_err().to_string();
        assert!(error.contains("nobody listens"), "{error}");
    }
    assert!(started.elapsed() < Duration::from_secs(1), "{:?}", started.elapsed());
    let url: BmcUrl = "lanplus://host.invalid".parse().unwrap();
    let error = Bmc::open(&url, &options()).unwrap_err().to_string();
    assert!(error.contains("Address lookup for host.invalid failed"), "{error}");
}

#[test]
fn satellites_answer_through_the_bmc() {
    let Some(simulator) = simulator("quanta_d51") else { return };
    let bmc = open(&simulator, "?cipher=3").unwrap();
    let at = |address| Target::Ipmb { channel: ChannelNumber::PRIMARY_IPMB, address: SlaveAddress(address) };
    let own = bmc.call(&GetDeviceId).unwrap();
    let other = bmc.call_to(at(0x2C), &GetDeviceId).unwrap();
    assert_ne!(own, other);
    let error = bmc.call_to(at(0x44), &GetDeviceId).unwrap_err();
    assert_eq!(error.completion_code(), Some(CompletionCode::DESTINATION_UNAVAILABLE));
    assert_eq!(bmc.call_to(at(0x2C), &GetDeviceId).unwrap(), other);
}

#[test]
fn everything_a_node_holds_is_read_with_several_requests_under_way() {
    let Some(simulator) = simulator("dell_r730") else { return };
    let bmc = open(&simulator, "?cipher=3").unwrap();
    let repository = sdr::read_repository(&bmc, |_, _| {}).unwrap();
    let expected = std::fs::read(simulator.node().join("sdr.bin")).unwrap();
    assert_eq!(repository.problems, []);
    assert_eq!(repository.to_bytes().len(), expected.len());
    let requests: Vec<_> =
        (0..200).map(|number| bmc.submit(Target::Bmc, Request::new(NetFn::SENSOR_EVENT, 0x2D, [number]))).collect();
    for (number, pending) in requests.into_iter().enumerate() {
        let together = pending.wait().unwrap();
        let alone = bmc.raw(Target::Bmc, &Request::new(NetFn::SENSOR_EVENT, 0x2D, [number as u8])).unwrap();
        assert_eq!(together, alone, "sensor {number}");
    }
}

#[test]
fn a_bmc_that_restarted_is_logged_in_to_again() {
    let Some(mut simulator) = simulator("vnode") else { return };
    for (scheme, query) in [("lanplus", "?cipher=3"), ("lan", "")] {
        let mut options = options();
        (options.session.timeout, options.session.retries) = (Some(Duration::from_millis(50)), 2);
        let bmc = Bmc::open(&simulator.url(scheme, query), &options).unwrap();
        let events = bmc.events();
        let expected = bmc.call(&GetDeviceId).unwrap();
        simulator.restart();
        assert_eq!(bmc.call(&GetDeviceId).unwrap(), expected, "{scheme}");
        assert_eq!(events.try_iter().collect::<Vec<_>>(), [Event::Disconnected, Event::Reconnected], "{scheme}");
    }
}

#[test]
fn a_session_is_described() {
    let Some(simulator) = simulator("vnode") else { return };
    let bmc = open(&simulator, "?cipher=2").unwrap();
    let facts = bmc.session().unwrap();
    let agreed = facts.agreed.unwrap();
    assert_eq!((agreed.cipher_suite.map(|suite| suite.0), agreed.privilege), (Some(2), Privilege::Administrator));
    assert_eq!(facts.address.map(|address| address.port()), Some(simulator.port()));
    assert_eq!(bmc.remarks(), [""; 0]);
    let payloads = bmc.payloads(PayloadType::Sol).unwrap();
    payloads.send(vec![1, 0, 0, 0]);
    drop(bmc);
    assert!(payloads.bmc().call(&GetDeviceId).is_ok());
    assert!(payloads.incoming().try_recv().is_err());
}

#[test]
fn what_was_learnt_outlives_a_process_and_a_suite_that_is_refused_is_asked_for_anew() {
    let Some(simulator) = simulator("vnode") else { return };
    let directory = tempfile::tempdir().unwrap();
    let options = Options { cache: Some(directory.path().to_owned()), ..options() };
    let file = directory.path().join(format!("lan/127.0.0.1_{}.bmc", simulator.port()));
    std::fs::create_dir_all(directory.path().join("lan")).unwrap();
    // What another process left behind: a suite that this BMC does not have.
    std::fs::write(&file, "cipher-suite=17\nend=\n").unwrap();
    let bmc = Bmc::open(&simulator.url("lanplus", ""), &options).unwrap();
    assert!(bmc.call(&GetDeviceId).is_ok());
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "cipher-suite=3\nend=\n");
}
