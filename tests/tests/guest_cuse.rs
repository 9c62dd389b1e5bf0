//! `bmc-sim --cuse` beside the kernel's own driver in one guest: what programs made for the driver print over the one
//! device they print over the other.
#![allow(clippy::panic, clippy::expect_used, clippy::unwrap_used, clippy::indexing_slicing)]

use tests::guest::{Guest, KERNEL_DRIVER, Machine};
use tests::{diff, peer, program};

/// `@` stands for the device's number.
const COMMANDS: &[&str] = &[
    "ipmitool -I open -d @ mc info",
    "ipmitool -I open -d @ mc guid",
    "ipmitool -I open -d @ sdr elist all",
    "ipmitool -I open -d @ sensor list",
    "ipmitool -I open -d @ sel elist",
    "ipmitool -I open -d @ fru print",
    "ipmitool -I open -d @ chassis status",
    "ipmitool -I open -d @ raw 6 0xff",
    "ipmitool -I open -d @ -m 0x82 -t 0x2c mc info",
    "ipmi -d @ --no-cache sdr elist all",
    "ipmi -d @ sel list",
    "ipmi -d @ -t 0x2c mc info",
    "ipmi -d @ raw 0x0a 0x11 0 0 0 100",
    // Only this part: channels without information it prints from memory it never set.
    "bmc-info -D OPENIPMI --driver-device=/dev/ipmi@ --get-device-id",
    "bmc-info -D OPENIPMI --driver-device=/dev/ipmi@ --get-system-guid",
    "ipmi-sensors -D OPENIPMI --driver-device=/dev/ipmi@ --ignore-sdr-cache --bridge-sensors",
    "ipmi-sel -D OPENIPMI --driver-device=/dev/ipmi@ --ignore-sdr-cache",
    "ipmi-raw -D OPENIPMI --driver-device=/dev/ipmi@ 0 6 1",
];
/// FreeIPMI looks for the key of its semaphores and for a home folder.
const SETUP: &str = "modprobe cuse\nmkdir -p /var/lib/freeipmi\n: >/var/lib/freeipmi/ipckey\n\
    echo root:x:0:0::/tmp:/bin/sh >/etc/passwd\nbmc-sim --cuse ipmi1 --freeze >/tmp/sim 2>&1 &\n\
    tries=0\nwhile [ ! -e /dev/ipmi1 ] && [ $tries -lt 300 ]; do usleep 20000; tries=$((tries + 1)); done\n";

#[test]
fn programs_cannot_tell_the_device_from_the_drivers() {
    let Some(guest) = Guest::prepare() else { return };
    let freeipmi = ["bmc-info", "ipmi-sensors", "ipmi-sel", "ipmi-raw"].map(peer::program);
    let Some(mut programs) = freeipmi.into_iter().collect::<Option<Vec<_>>>() else { return };
    programs.extend([program::path("ipmi"), program::path("bmc-sim")]);
    let bmc = program::Running::start("bmc-sim", ["--vm", "127.0.0.1:0", "--freeze"]);
    let address = bmc.wait_for("ready vm ");

    let setup = format!("{}{SETUP}", KERNEL_DRIVER.setup);
    let mut lines = vec!["cat /tmp/sim".to_owned()];
    lines.extend(COMMANDS.iter().flat_map(|command| ["0", "1"].map(|device| command.replace('@', device))));
    lines.extend(
        [
            "bmc-sim --cuse ipmi0",
            "kill $(pidof bmc-sim); usleep 500000; ls /dev/ipmi1",
            "bmc-sim --cuse ../ipmi2",
            "rmmod cuse; bmc-sim --cuse ipmi2",
        ]
        .map(str::to_owned),
    );
    let programs: Vec<_> = programs.iter().map(std::path::PathBuf::as_path).collect();
    let machine = Machine { setup: &setup, ..KERNEL_DRIVER };
    let mut outcomes = guest.run_machine(machine, Some(&address), &programs, &lines).into_iter();

    assert_eq!(outcomes.next().unwrap().stdout, "ready cuse /dev/ipmi1\n");
    for command in COMMANDS {
        let (driver, ours) = (outcomes.next().unwrap(), outcomes.next().unwrap());
        assert!(!driver.stdout.is_empty() || !driver.stderr.is_empty(), "{command} printed nothing");
        diff::assert_same(command, &driver.stdout, &ours.stdout);
        assert_eq!((driver.status, &driver.stderr), (ours.status, &ours.stderr), "{command}");
    }
    for said in [
        "bmc-sim: --cuse ipmi0: /dev/ipmi0 is there already\n",
        "ls: /dev/ipmi1: No such file or directory\n",
        "bmc-sim: --cuse ../ipmi2: expected the name of a device, for example ipmi0, found \"../ipmi2\"\n",
        "bmc-sim: --cuse ipmi2: /dev/cuse: No such file or directory (the kernel has no CUSE, or its module is not \
         loaded: modprobe cuse)\n",
    ] {
        assert_eq!(outcomes.next().unwrap().stderr, said);
    }
}
