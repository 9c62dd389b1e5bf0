//! Records that `bmc-sim` refuses now and then, or always, as `ipmi` lists them: nothing is missing without a word and
//! an exit status.
#![allow(clippy::panic, clippy::unwrap_used)]

use tests::bmc_sim::BmcSim;

const LISTINGS: [&str; 6] = ["sel list", "sel elist", "sdr list", "sdr elist", "fru print", "--json sel list"];

#[test]
fn refusals_that_pass_hide_nothing() {
    let Some(sound) = BmcSim::start(&[], "", &[]) else { return };
    let Some(faulty) = BmcSim::start(&[], "", &["--fault", "truncate=5%"]) else { return };
    for listing in LISTINGS {
        assert_eq!(
            faulty.ask("ipmi", listing).lines().count(),
            sound.ask("ipmi", listing).lines().count(),
            "{listing}"
        );
    }
}

#[test]
fn what_is_never_given_is_said() {
    let Some(bmc) = BmcSim::start(&[], "", &["--fault", "truncate=100%"]) else { return };
    for listing in LISTINGS {
        let outcome = bmc.outcome("ipmi", listing);
        assert_eq!(outcome.status, 1, "{listing}");
        assert!(
            outcome.stderr.contains("Cannot return number of requested data bytes"),
            "{listing}: {}",
            outcome.stderr
        );
    }
}
