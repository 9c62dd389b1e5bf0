//! Ways past the kernel's driver, in guests: KCS registers through /dev/port and SSIF through i2c-dev say what the BMC
//! says over the LAN and what /dev/ipmi0 says once the driver is loaded, and leave the driver's interface alone from
//! then on.
#![allow(clippy::panic, clippy::expect_used, clippy::unwrap_used, clippy::indexing_slicing)]

use tests::bmc_sim::BmcSim;
use tests::guest::{Guest, Machine, Outcome};
use tests::{diff, program};

/// Asked both ways; with listings, and with requests and responses longer than any single SMBus block.
const COMMANDS: &[&str] = &[
    "mc info",
    "mc guid",
    "sdr elist all",
    "sensor list",
    "sel list",
    "fru print",
    "chassis status",
    "raw 6 0xff",
    "-t 0x2c mc info",
    // Into a part of the FRU that nothing uses, and out of it.
    "raw 0x0a 0x12 0 0 1 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 33 34",
    "raw 0x0a 0x11 0 0 1 100",
];

/// A device that no driver of the kernel has at first.
struct Way<'a> {
    machine: Machine<'a>,
    url: &'a str,
    /// Loads the kernel's driver.
    driver: &'a str,
    /// How often the driver is asked, one of which it must be right.
    driver_tries: usize,
    /// Command lines before that, with a part of what they must print.
    before: &'a [(&'a str, &'a str)],
    /// Command lines after it, the same.
    after: &'a [(&'a str, &'a str)],
}

fn check(way: &Way<'_>) {
    let Some(guest) = Guest::prepare() else { return };
    let Some(bmc) = BmcSim::start(&[], "", &["--vm", "127.0.0.1:0"]) else { return };
    let address = bmc.running.wait_for("ready vm ");
    let wait = "tries=0; while [ ! -e /dev/ipmi0 ] && [ $tries -lt 300 ]; do usleep 20000; tries=$((tries + 1)); done";
    let mut lines: Vec<String> = way.before.iter().map(|(line, _)| (*line).to_owned()).collect();
    lines.extend(direct_lines(way.url));
    lines.push(format!("{}; modprobe ipmi_devintf; {wait}; ls /dev/ipmi0", way.driver));
    for _ in 0..way.driver_tries {
        lines.extend(COMMANDS.iter().map(|command| format!("ipmi --no-cache {command}")));
    }
    lines.extend(way.after.iter().map(|(line, _)| (*line).to_owned()));

    let over_lan = over_lan(&bmc);
    let mut outcomes = guest.run_machine(way.machine, Some(&address), &[&program::path("ipmi")], &lines).into_iter();
    let mut take = |count: usize| outcomes.by_ref().take(count).collect::<Vec<_>>();
    expect(way.before, &take(way.before.len()));
    let direct = take(COMMANDS.len());
    assert_same(way.url, &direct, &over_lan);
    assert_eq!(take(1)[0].stdout, "/dev/ipmi0\n", "the kernel's driver finds the BMC");
    let by_driver: Vec<Vec<Outcome>> = (0..way.driver_tries).map(|_| take(COMMANDS.len())).collect();
    for (index, (command, direct)) in COMMANDS.iter().zip(&direct).enumerate() {
        let same = by_driver.iter().any(|by_driver| {
            let by_driver = &by_driver[index];
            (direct.status, &direct.stdout, &direct.stderr) == (by_driver.status, &by_driver.stdout, &by_driver.stderr)
        });
        assert!(same, "{} {command} and by the driver: {direct:?} {:?}", way.url, by_driver[0][index]);
    }
    expect(way.after, &take(way.after.len()));
}

fn direct_lines(url: &str) -> impl Iterator<Item = String> {
    COMMANDS.iter().map(move |command| format!("ipmi --no-cache --bmc '{url}' {command}"))
}

fn over_lan(bmc: &BmcSim) -> Vec<tests::lan::Outcome> {
    COMMANDS.iter().map(|command| bmc.outcome("ipmi", command)).collect()
}

fn assert_same(what: &str, found: &[Outcome], expected: &[tests::lan::Outcome]) {
    assert_eq!((found.len(), expected.len()), (COMMANDS.len(), COMMANDS.len()));
    for ((command, found), expected) in COMMANDS.iter().zip(found).zip(expected) {
        assert!(!expected.stdout.is_empty() || !expected.stderr.is_empty(), "{command} printed nothing");
        diff::assert_same(&format!("{what} {command}"), &expected.stdout, &found.stdout);
        assert_eq!((found.status, &found.stderr), (expected.status, &expected.stderr), "{what} {command}");
    }
}

fn expect(expectations: &[(&str, &str)], outcomes: &[Outcome]) {
    for ((line, text), outcome) in expectations.iter().zip(outcomes) {
        let said = format!("{}{}", outcome.stdout, outcome.stderr);
        assert!(said.contains(text), "{line}: no {text:?} in (status {})\n{said}", outcome.status);
    }
}

#[test]
fn kcs_ports_at_the_usual_place() {
    check(&Way {
        machine: Machine { devices: &["-device", "isa-ipmi-kcs,bmc=bmc0"], setup: "" },
        url: "kcs:0xca2",
        driver: "modprobe ipmi_si",
        driver_tries: 1,
        before: &[
            ("ipmi discover", "kcs:0xca2                    | KCS at I/O port 0xca2, IPMI 2.0\n"),
            ("ipmi --json discover", "\"url\": \"kcs:0xca2\""),
            ("ipmi -I kcs raw 6 1", " 20 01 02 14"),
            ("ipmi --bmc kcs:0xcb0 mc info", "KCS at I/O port 0xcb0: no device answers (status FFh)"),
            ("ipmi --bmc 'kcs:0xca2?spacing=4' mc info", "KCS at I/O port 0xca2: no device answers (status FFh)"),
            ("ipmi --bmc kcs:0x70 mc info", "KCS at I/O port 0x70: port 0x70 belongs to another device (rtc"),
            ("ipmi mc info", "Could not open device at /dev/ipmi0"),
        ],
        after: &[
            ("ipmi --bmc kcs:0xca2 mc info", "the kernel's driver has these ports (ipmi_si); use open:0"),
            ("ipmi --bmc kcs: mc info", "the kernel's driver has these ports (ipmi_si); use open:0"),
            ("ipmi discover", "open:0                       | Linux driver\nkcs:0xca2"),
        ],
    });
}

#[test]
fn kcs_ports_where_the_firmware_says() {
    check(&Way {
        machine: Machine { devices: &["-device", "isa-ipmi-kcs,bmc=bmc0,ioport=0xca8"], setup: "" },
        url: "kcs:",
        driver: "modprobe ipmi_si",
        driver_tries: 1,
        before: &[
            ("ipmi discover", "kcs:0xca8 "),
            ("ipmi --bmc kcs:0xca8 raw 6 1", " 20 01 02 14"),
            ("ipmi --bmc kcs:0xca2 raw 6 1", "KCS at I/O port 0xca2: no device answers (status FFh)"),
        ],
        after: &[],
    });
}

const SSIF: Machine<'_> = Machine {
    devices: &["-machine", "q35", "-device", "smbus-ipmi,bmc=bmc0,address=0x20"],
    setup: "modprobe i2c-i801\nmodprobe i2c-dev\n",
};

#[test]
fn ssif_over_the_machines_smbus() {
    check(&Way {
        machine: SSIF,
        url: "ssif:/dev/i2c-0?address=0x20",
        driver: "modprobe ipmi_ssif",
        // When the BMC takes too long QEMU's device hands out the last response, which the driver takes.
        driver_tries: 3,
        before: &[
            ("ipmi discover", "ssif:/dev/i2c-0?address=0x20 | SSIF at SMBus 0x20, IPMI 2.0\n"),
            ("ipmi -I ssif -D '/dev/i2c-0?address=0x20' raw 6 1", " 20 01 02 14"),
            ("ipmi --bmc ssif:/dev/i2c-0 mc info", "SSIF at /dev/i2c-0 address 0x10: nobody takes what is written"),
            ("ipmi --bmc ssif:/dev/i2c-9 mc info", "SSIF at /dev/i2c-9 address 0x10: No such file or directory"),
        ],
        after: &[(
            "ipmi --bmc 'ssif:/dev/i2c-0?address=0x20' mc info",
            "the kernel's driver has this device; use open:0",
        )],
    });
}

#[test]
fn ssif_of_a_bmc_that_takes_its_time() {
    let Some(guest) = Guest::prepare() else { return };
    let more = ["--vm", "127.0.0.1:0", "--fault", "slow-records=8ms"];
    let Some(bmc) = BmcSim::start(&[], "", &more) else { return };
    let address = bmc.running.wait_for("ready vm ");
    let over_lan = over_lan(&bmc);
    let url = "ssif:/dev/i2c-0?address=0x20";
    let lines: Vec<String> = direct_lines(url).collect();
    let direct = guest.run_machine(SSIF, Some(&address), &[&program::path("ipmi")], &lines);
    assert_same(url, &direct, &over_lan);
}

#[test]
fn a_machine_without_a_bmc() {
    let Some(guest) = Guest::prepare() else { return };
    let machine = Machine { devices: &[], setup: "" };
    let lines = ["ipmi discover; echo $?", "ipmi --json discover", "ipmi --bmc kcs: mc info"].map(str::to_owned);
    let outcomes = guest.run_machine(machine, None, &[&program::path("ipmi")], &lines);
    assert_eq!(outcomes[0].stdout, "1\n");
    assert!(outcomes[0].stderr.contains("No BMC found"), "{}", outcomes[0].stderr);
    assert_eq!(outcomes[1].stdout, "[]\n");
    assert_eq!(outcomes[2].stderr, "KCS at I/O port 0xca2: no device answers (status FFh)\n");
}
