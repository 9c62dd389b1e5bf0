//! What `ipmi` keeps about a BMC from one run to the next, and what it does not.
#![allow(clippy::panic, clippy::expect_used, clippy::unwrap_used, clippy::indexing_slicing)]

use tests::bmc_sim::BmcSim;
use tests::lan::Remote;

/// Suite 0 lets anybody in who knows a user name, and suite 1 hides nothing: who names them once has not asked for them
/// the next time.
#[test]
fn a_suite_that_was_named_holds_for_that_run() {
    let Some(bmc) = BmcSim::start(&[], "", &[]) else { return };
    let stranger = Remote { password: "wrong".to_owned(), ..bmc.remote.clone() };
    for suite in ["0", "1"] {
        let named = bmc.remote.ipmi(&format!("-I lanplus -C {suite}"), "power status");
        assert_eq!(named.status, 0, "{}", named.stderr);
        let unnamed = stranger.ipmi("-I lanplus", "power status");
        assert_ne!(unnamed.status, 0, "after suite {suite}: {}", unnamed.stdout);
        assert!(unnamed.stderr.contains("wrong password"), "{}", unnamed.stderr);
    }
    let kept = bmc.home().join("cache/ipmi/lan").join(format!("127.0.0.1_{}.bmc", bmc.remote.address.port()));
    assert_eq!(bmc.remote.ipmi("-I lanplus", "power status").status, 0);
    assert_eq!(std::fs::read_to_string(&kept).unwrap(), "cipher-suite=17\nend=\n");
    // A file that says otherwise is not believed.
    std::fs::write(&kept, "cipher-suite=0\nend=\n").unwrap();
    assert_ne!(stranger.ipmi("-I lanplus", "power status").status, 0);
    assert_eq!(bmc.remote.ipmi("", "cache clear").status, 0);
    assert!(!kept.exists());
}

/// A BMC that does not take the acknowledgement of boot information has boot flags all the same, as ipmitool finds.
#[test]
fn boot_flags_without_boot_info_acknowledge() {
    let config = "[[parameter]]\nof = \"boot\"\nnumber = 4\ncode = 0x80\n";
    let Some(bmc) = BmcSim::start(&["ipmitool"], config, &[]) else { return };
    for (tool, device) in [("ipmitool", "pxe"), ("ipmi", "disk")] {
        let outcome = bmc.outcome(tool, &format!("chassis bootdev {device}"));
        assert_eq!(outcome.stdout, format!("Set Boot Device to {device}\n"), "{tool}: {}", outcome.stderr);
        assert_eq!(outcome.status, 0);
        assert!(outcome.stderr.starts_with("Set Chassis Boot Parameter 4 failed: "), "{tool}: {}", outcome.stderr);
    }
    bmc.expect("ipmitool", "chassis bootparam get 5", "Force Boot from default Hard-Drive");
    for command in ["chassis bootparam get 5 options=foo", "chassis bootparam get 5 0 0"] {
        let (theirs, ours) = (bmc.outcome("ipmitool", command), bmc.outcome("ipmi", command));
        assert_eq!((theirs.status, theirs.stdout, theirs.stderr), (ours.status, ours.stdout, ours.stderr), "{command}");
    }
}

/// Somebody who poses as the BMC in a session that proves nothing has a say there, and none later.
#[test]
fn records_from_a_session_without_authentication_stay_there() {
    let record = |name: u8| {
        let body = "2000010301 7f680101 950a857a3f3f 00010000010000000000 0728321e ff00 5a5046050a0f 0202000000 c2";
        format!("[sel]\nrecords = []\n[[sdr]]\nhex = \"010051012d {body} 4{name}4{name}\"\n")
    };
    let Some(posing) = BmcSim::start(&[], &record(1), &[]) else { return };
    let (address, home) = (posing.remote.address, posing.remote.clone());
    for options in ["-I lanplus -C 0", "-I lan -A NONE", "-I lanplus -C 1"] {
        let outcome = posing.remote.ipmi(options, "sdr list");
        assert!(outcome.stdout.contains("\nAA "), "{options}: {} {}", outcome.stdout, outcome.stderr);
    }
    drop(posing.running);
    let Some(real) = BmcSim::start_at(&address.to_string(), &[], &record(2), &[]) else { return };
    for options in ["-I lanplus", "-I lan"] {
        let outcome = home.ipmi(options, "sdr list");
        assert!(outcome.stdout.contains("\nBB "), "{options}: {} {}", outcome.stdout, outcome.stderr);
    }
    // What was read in sessions with authentication is there for the next one.
    let outcome = home.ipmi("-I lanplus -C 3", "cache list");
    assert!(outcome.stdout.contains("without authentication"), "{}", outcome.stdout);
    drop(real);
}
