//! A QEMU guest with Debian's kernel, whose BMC is a program outside that speaks the VM protocol.
//!
//! The guest boots from memory, sets itself up (for the most part: /dev/ipmi0 by ipmi_si), runs a list of shell
//! commands, sends each one's output and status over a serial port of its own, and powers off: 3 to 6 seconds in all.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use crate::peer;

/// Most time a guest may take; a run takes a few seconds unless the machine is busy.
const LIMIT: Duration = Duration::from_secs(180);

/// A guest ready to be booted.
pub struct Guest {
    qemu: PathBuf,
    files: PathBuf,
}

/// How a guest is wired to its BMC, and what it does before the commands.
#[derive(Debug, Clone, Copy)]
pub struct Machine<'a> {
    /// QEMU's words for machine and devices; the BMC outside is `bmc0`.
    pub devices: &'a [&'a str],
    /// Shell lines that the guest starts with.
    pub setup: &'a str,
}

/// KCS at the usual ports, and the kernel's driver for it.
pub const KERNEL_DRIVER: Machine<'static> = Machine {
    devices: &["-device", "isa-ipmi-kcs,bmc=bmc0"],
    setup: "modprobe ipmi_si\nmodprobe ipmi_devintf\ntries=0\n\
        while [ ! -e /dev/ipmi0 ] && [ $tries -lt 300 ]; do usleep 20000; tries=$((tries + 1)); done\n",
};

/// What one command in the guest did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Exit status.
    pub status: i32,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl Guest {
    /// Finds QEMU and prepares kernel and base image (once per machine); `None` when a peer is missing.
    ///
    /// # Panics
    /// When the image cannot be made.
    pub fn prepare() -> Option<Self> {
        let qemu = peer::program("qemu-system-x86_64")?;
        for tool in ["ipmitool", "busybox", "depmod"] {
            peer::program(tool)?;
        }
        let files = crate::program::workspace().join("tests/.cache/guest");
        let script = crate::program::workspace().join("tests/guest/prepare");
        let output = Command::new(script).arg(&files).output().expect("prepare runs");
        assert!(output.status.success(), "prepare: {}", String::from_utf8_lossy(&output.stderr));
        Some(Self { qemu, files })
    }

    /// The kernel's file, for those who boot it themselves.
    pub fn kernel(&self) -> PathBuf {
        self.files.join("vmlinux")
    }

    /// Puts the files below `root` over the guest's own and returns the image, which is beside `root`.
    ///
    /// # Panics
    /// When the image cannot be made.
    pub fn pack(&self, root: &Path) -> PathBuf {
        let image = root.with_file_name("initrd");
        let pack = format!(
            "cd {} && find . | busybox cpio -o -H newc 2>/dev/null >../own.cpio && cat {} ../own.cpio >{}",
            root.display(),
            self.files.join("base.cpio").display(),
            image.display()
        );
        assert!(Command::new("sh").args(["-c", &pack]).status().unwrap().success(), "packing the guest's files");
        image
    }

    /// Boots the guest against the BMC that listens on `bmc` (host:port, VM protocol), with `programs` in /bin, and
    /// runs `commands` one after the other.
    ///
    /// # Panics
    /// When the guest does not run them all.
    pub fn run(&self, bmc: &str, programs: &[&Path], commands: &[String]) -> Vec<Outcome> {
        self.run_machine(KERNEL_DRIVER, Some(bmc), programs, commands)
    }

    /// Boots a machine of another kind; without `bmc` its devices are all there is.
    ///
    /// # Panics
    /// When the guest does not run all commands.
    pub fn run_machine(
        &self,
        machine: Machine<'_>,
        bmc: Option<&str>,
        programs: &[&Path],
        commands: &[String],
    ) -> Vec<Outcome> {
        let work = tempfile::tempdir().expect("work folder");
        let root = work.path().join("root");
        std::fs::create_dir_all(root.join("bin")).unwrap();
        std::fs::write(
            root.join("commands"),
            commands.iter().map(|command| format!("{command}\n")).collect::<String>(),
        )
        .unwrap();
        std::fs::write(root.join("setup"), machine.setup).unwrap();
        for program in programs {
            install(program, &root);
        }
        let image = self.pack(&root);
        let socket = bmc.map(|bmc| {
            let (host, port) = bmc.rsplit_once(':').expect("host:port");
            format!("socket,id=ipmi0,host={host},port={port},reconnect=10")
        });
        let outside = socket
            .iter()
            .flat_map(|socket| ["-chardev", socket.as_str(), "-device", "ipmi-bmc-extern,id=bmc0,chardev=ipmi0"]);
        let (console, results) = (work.path().join("console"), work.path().join("results"));
        let mut child = Command::new(&self.qemu)
            .args(["-accel", "tcg", "-m", "384", "-nodefaults", "-display", "none", "-no-reboot"])
            .arg("-kernel")
            .arg(self.kernel())
            .arg("-initrd")
            .arg(&image)
            .args([
                "-append",
                "console=ttyS0 quiet panic=-1 mitigations=off cryptomgr.notests=1 tsc=reliable no_timer_check",
            ])
            .args([
                "-serial",
                &format!("file:{}", console.display()),
                "-serial",
                &format!("file:{}", results.display()),
            ])
            .args(outside)
            .args(machine.devices)
            .args(["-device", "isa-debug-exit,iobase=0xf4,iosize=1"])
            .spawn()
            .expect("qemu starts");
        let end = Instant::now() + LIMIT;
        while child.try_wait().unwrap().is_none() {
            if Instant::now() > end {
                let _ = child.kill();
                let _ = child.wait();
                panic!(
                    "the guest did not end in {LIMIT:?}; console:\n{}",
                    std::fs::read_to_string(&console).unwrap_or_default()
                );
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        let outcomes = parse(&std::fs::read(&results).unwrap_or_default());
        let console = std::fs::read(&console).unwrap_or_default();
        assert_eq!(outcomes.len(), commands.len(), "guest console:\n{}", String::from_utf8_lossy(&console));
        outcomes
    }
}

/// Copies a program, without its debug information, and the shared libraries it needs.
fn install(program: &Path, root: &Path) {
    let target = root.join("bin").join(program.file_name().unwrap());
    let stripped =
        Command::new("strip").arg("-o").arg(&target).arg(program).status().is_ok_and(|status| status.success());
    if !stripped {
        std::fs::copy(program, &target).unwrap();
    }
    let libraries = Command::new("ldd").arg(program).output().expect("ldd");
    for library in String::from_utf8_lossy(&libraries.stdout).split_whitespace().filter(|word| word.starts_with('/')) {
        let place = root.join(library.trim_start_matches('/'));
        std::fs::create_dir_all(place.parent().unwrap()).unwrap();
        std::fs::copy(library, place).unwrap();
    }
}

/// Takes `result N STATUS OUT ERR` headers and the bytes behind them apart.
fn parse(mut bytes: &[u8]) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    while let Some(end) = bytes.iter().position(|byte| *byte == b'\n') {
        let header = String::from_utf8_lossy(&bytes[..end]).into_owned();
        let numbers: Vec<i64> = header.split(' ').skip(1).filter_map(|word| word.parse().ok()).collect();
        let [_, status, out, err] = numbers[..] else { break };
        let (out, err) = (usize::try_from(out).unwrap(), usize::try_from(err).unwrap());
        let rest = &bytes[end + 1..];
        assert!(rest.len() >= out + err, "the guest's results are cut off");
        outcomes.push(Outcome {
            status: i32::try_from(status).unwrap(),
            stdout: String::from_utf8_lossy(&rest[..out]).into_owned(),
            stderr: String::from_utf8_lossy(&rest[out..out + err]).into_owned(),
        });
        bytes = &rest[out + err..];
    }
    outcomes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_taken_apart() {
        let outcomes = parse(b"result 0 0 3 0\nab\nresult 1 7 0 2\n!!done 2\n");
        assert_eq!(outcomes.len(), 2);
        assert_eq!((outcomes[0].stdout.as_str(), outcomes[1].status, outcomes[1].stderr.as_str()), ("ab\n", 7, "!!"));
    }
}
