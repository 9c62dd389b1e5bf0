//! Deviations of BMCs as `ipmi` bears them by itself, says them and lists them; and that a lossy network is none.
#![allow(clippy::panic, clippy::expect_used, clippy::unwrap_used, clippy::indexing_slicing)]

use tests::bmc_sim::BmcSim;

/// Where `ipmi` keeps what it learnt of the BMC.
fn kept(bmc: &BmcSim) -> String {
    let file = bmc.home().join("cache/ipmi/lan").join(format!("127.0.0.1_{}.bmc", bmc.remote.address.port()));
    std::fs::read_to_string(file).unwrap_or_default()
}

/// ipmitool defers serial alerts, so it gets along with BMCs that take nothing else.
#[test]
fn a_console_with_deferred_alerts_only() {
    let config = "[[oem]]\nnet_fn = 6\ncmd = 0x48\nrequest = \"01 01 C8\"\ncode = 0xCC\n";
    let Some(bmc) = BmcSim::start(&[], config, &[]) else { return };
    let borne = bmc.remote.ipmi("-I lanplus -v", "sol activate");
    assert_eq!(borne.status, 0, "{}", borne.stderr);
    assert!(borne.stderr.contains("quirk serialalertsdeferred "), "{}", borne.stderr);
    let refused = bmc.remote.ipmi("-I lanplus --no-quirks", "sol activate");
    assert_ne!(refused.status, 0);
    assert!(refused.stderr.contains("Invalid data field"), "{}", refused.stderr);
    let named = bmc.remote.ipmi("-I lanplus --no-quirks --quirk serialalertsdeferred", "sol activate");
    assert_eq!(named.status, 0, "{}", named.stderr);
}

#[test]
fn loss_is_no_quirk_and_one_at_a_time_is() {
    let Some(bmc) = BmcSim::start(&[], "", &["--fault", "drop=3%"]) else { return };
    for _ in 0..3 {
        let listed = bmc.remote.ipmi("-I lanplus -C 3", "sdr list");
        assert_eq!((listed.status, listed.stderr.as_str()), (0, ""));
        let kept = kept(&bmc);
        assert!(!kept.contains("one-at-a-time") && !kept.contains("quirk"), "{kept}");
    }
    drop(bmc);
    let Some(bmc) = BmcSim::start(&[], "", &["--fault", "one-at-a-time,service=2ms"]) else { return };
    let listed = bmc.remote.ipmi("-I lanplus -v", "sdr list");
    assert!(listed.stderr.contains("quirk oneatatime "), "{}", listed.stderr);
    assert!(kept(&bmc).contains("one-at-a-time=yes"), "{}", kept(&bmc));
}

#[test]
fn the_list_says_when_each_is_applied() {
    let Some(bmc) = BmcSim::start(&[], "", &[]) else { return };
    let listed = bmc.remote.ipmi("--json --quirk list", "").stdout;
    let rows: Vec<serde_json::Value> = serde_json::from_str(&listed).unwrap();
    let applied = |name: &str| rows.iter().find(|row| row["name"] == name).map(|row| row["applied"].clone()).unwrap();
    assert_eq!(applied("noauthcodecheck"), "when named");
    assert_eq!(applied("intel20"), "when it shows");
    assert_eq!(applied("skipchecks"), "always");
}
