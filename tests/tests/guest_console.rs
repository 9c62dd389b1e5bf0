//! A QEMU guest as the machine of `bmc-sim`: ipmitool switches it on, resets and switches it off, `ipmi sol activate`
//! shows its kernel and works in its shell.
#![allow(clippy::panic, clippy::expect_used, clippy::unwrap_used, clippy::indexing_slicing)]

use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;
use std::time::{Duration, Instant};

use tempfile::TempDir;
use tests::guest::Guest;
use tests::lan::{self, Remote};
use tests::program::{self, Running};
use tests::terminal::Terminal;

const HOOK: &str = "simulator/examples/chassis-hook-qemu.sh";
/// Most time a guest takes to boot; a few seconds unless the machine is busy.
const BOOT: Duration = Duration::from_secs(120);
const SHORT: Duration = Duration::from_secs(20);
/// What the guest does: a shell on its console.
const INIT: &str = "#!/bin/busybox sh\n/bin/busybox --install -s /bin\nmount -t proc proc /proc\nmount -t sysfs sys /sys\n\
    mount -t devtmpfs dev /dev\nexport PATH=/bin PS1='guest# '\nwhile :; do setsid cttyhack sh; done\n";

/// The folder where the hook keeps its guests; those left over are ended.
struct Guests(TempDir);

impl Drop for Guests {
    fn drop(&mut self) {
        let hook = program::workspace().join(HOOK);
        let _ = Command::new(hook).arg("off").env("RUN_DIRECTORY", self.0.path()).status();
    }
}

#[test]
fn a_qemu_guest_is_the_machine_of_a_bmc() {
    let Some(guest) = Guest::prepare().filter(|_| lan::installed(&["ipmitool"])) else { return };
    let Guests(work) = &Guests(tempfile::tempdir().unwrap());
    let root = work.path().join("root");
    std::fs::create_dir(&root).unwrap();
    std::fs::write(root.join("init"), INIT).unwrap();
    std::fs::set_permissions(root.join("init"), std::fs::Permissions::from_mode(0o755)).unwrap();
    let (kernel, image) = (guest.kernel(), guest.pack(&root));

    // The guest must know the console's port before it is started.
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut command = Command::new(program::path("bmc-sim"));
    command
        .args(["--lan", "127.0.0.1:0", "--freeze", "--sol", &format!("listen:127.0.0.1:{port}"), "--chassis-hook"])
        .arg(program::workspace().join(HOOK))
        .env("RUN_DIRECTORY", work.path())
        .env("CONSOLE", format!("tcp:127.0.0.1:{port}"))
        .env(
            "GUEST",
            format!(
                "-accel tcg -m 384 -nodefaults -kernel {} -initrd {} -append console=ttyS0",
                kernel.display(),
                image.display()
            ),
        );
    let running = Running::spawn("bmc-sim", command);
    let remote = Remote::new(running.wait_for("ready lan ").parse().unwrap(), work.path());
    let ask = |command: &str| {
        let outcome = remote.ipmitool("-I lanplus", command);
        assert_eq!(outcome.status, 0, "{command}: {}", outcome.stderr);
        outcome.stdout
    };
    let becomes = |state: &str| {
        let deadline = Instant::now() + SHORT;
        while ask("chassis power status") != format!("Chassis Power is {state}\n") {
            assert!(Instant::now() < deadline, "the power does not become {state}");
            std::thread::sleep(Duration::from_millis(50));
        }
    };
    // The guest's process says what the power is.
    becomes("off");
    let mut client = Command::new(program::path("ipmi"));
    let (host, port) = (remote.address.ip().to_string(), remote.address.port().to_string());
    client.args(["-I", "lanplus", "-H", &host, "-p", &port, "-U", &remote.user, "-E", "sol", "activate"]);
    remote.environment(&mut client);
    let mut console = Terminal::start(&client);
    console.read_until(b"for help]\r\n", SHORT);

    ask("chassis power on");
    console.read_until(b"Linux version", BOOT);
    console.read_until(b"guest# ", BOOT);
    console.type_keys(b"echo $((6*7)) $(cat /proc/1/comm)\r");
    console.read_until(b"\r\n42 init\r\n", SHORT);
    becomes("on");
    ask("chassis power reset");
    console.read_until(b"Linux version", BOOT);
    console.read_until(b"guest# ", BOOT);
    // The guest powers itself off, and the BMC learns it.
    console.type_keys(b"poweroff -f\r");
    becomes("off");
    ask("chassis power on");
    console.read_until(b"guest# ", BOOT);
    ask("chassis power off");
    becomes("off");
    console.type_keys(b"\r~.");
    assert!(console.wait(SHORT).success());
    assert!(!work.path().join("bmc-sim-guest-0/pid").exists(), "the guest is gone");
}
