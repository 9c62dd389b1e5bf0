//! KCS registers in I/O space, through /dev/port (IPMI 2.0 s9): for machines without the Linux IPMI driver.
//!
//! /dev/port is a file whose offset is the port number, so no instruction of our own is needed. A BMC owned by the
//! kernel's driver must not be driven from here as well: both would take each other's bytes.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt;
use std::time::{Duration, Instant};

use ipmi_core::link::kcs::{KcsError, KcsHost, Step};
use ipmi_core::link::kcs_register::{Register, SMS_ATN};
use ipmi_core::link::serial_kcs::Access;
use ipmi_core::link::system_message;
use ipmi_core::{Request, Response, Target};

use super::openipmi::os_text;
use super::{Failure, Notice, Transport};

const PORTS: &str = "/dev/port";
/// Where the kernel says who owns which ports.
const OWNERS: &str = "/proc/ioports";
/// What the names of the kernel's IPMI drivers begin with.
const KERNEL_DRIVER: &str = "ipmi";
/// Status reads without a pause: a BMC that is quick needs no more.
const SPIN: u32 = 64;
const FIRST_PAUSE: Duration = Duration::from_micros(20);
const LONGEST_PAUSE: Duration = Duration::from_millis(1);
/// One wait access takes at most this long; the KCS host asks for another one as long as its deadline allows.
const WAIT_SLICE: Duration = Duration::from_millis(100);
/// How often the status register is read while somebody listens for events: there is no interrupt here.
const ATTENTION_INTERVAL: Duration = Duration::from_millis(100);
/// What a port without a device reads as.
const NO_DEVICE: u8 = 0xFF;

/// The two registers of a KCS interface.
pub trait Registers: Send {
    /// Reads a register.
    ///
    /// # Errors
    /// When the system does not let us.
    fn read(&mut self, register: Register) -> io::Result<u8>;

    /// Writes a register.
    ///
    /// # Errors
    /// When the system does not let us.
    fn write(&mut self, register: Register, value: u8) -> io::Result<()>;
}

/// Registers in I/O space.
#[derive(Debug)]
pub struct PortRegisters {
    ports: File,
    base: u16,
    spacing: u8,
}

impl PortRegisters {
    fn offset(&self, register: Register) -> u64 {
        let base = u64::from(self.base);
        match register {
            Register::Data => base,
            Register::CommandStatus => base + u64::from(self.spacing),
        }
    }
}

impl Registers for PortRegisters {
    fn read(&mut self, register: Register) -> io::Result<u8> {
        let mut byte = [0];
        self.ports.read_exact_at(&mut byte, self.offset(register))?;
        let [value] = byte;
        Ok(value)
    }

    fn write(&mut self, register: Register, value: u8) -> io::Result<()> {
        self.ports.write_all_at(&[value], self.offset(register))
    }
}

/// The host end of a KCS interface whose registers can be reached one access at a time.
pub struct PortKcs<R> {
    name: String,
    registers: R,
    host: KcsHost,
    spins: bool,
}

impl PortKcs<PortRegisters> {
    /// Opens /dev/port and looks whether there is a KCS interface at `base`.
    ///
    /// # Errors
    /// What is wrong, with the address.
    pub fn open(base: u16, spacing: u8) -> Result<Self, String> {
        let name = format!("KCS at I/O port {base:#x}");
        let owners = std::fs::read_to_string(OWNERS).unwrap_or_default();
        for port in [base, base.saturating_add(u16::from(spacing))] {
            match owner(&owners, port) {
                None => {}
                Some(owner) if owner.starts_with(KERNEL_DRIVER) => {
                    return Err(format!("{name}: the kernel's driver has these ports ({owner}); use open:0"));
                }
                Some(owner) => return Err(format!("{name}: port {port:#x} belongs to another device ({owner})")),
            }
        }
        let ports = OpenOptions::new().read(true).write(true).open(PORTS).map_err(|error| {
            format!("{name}: {PORTS}: {} (it needs root and a kernel without lockdown)", os_text(&error))
        })?;
        let mut registers = PortRegisters { ports, base, spacing };
        match registers.read(Register::CommandStatus) {
            Ok(NO_DEVICE) => Err(format!("{name}: no device answers (status FFh)")),
            Ok(_) => Ok(Self::over(name, registers)),
            Err(error) => Err(format!("{name}: {error}")),
        }
    }
}

impl<R: Registers> PortKcs<R> {
    /// A KCS interface behind `registers`; `name` goes into error messages.
    pub fn over(name: String, registers: R) -> Self {
        let mut host = KcsHost::new();
        // Whoever used the interface before may have left a transfer half done.
        host.line_lost();
        Self { name, registers, host, spins: false }
    }

    /// Reads the status register without pauses, which is quick with slow timers and costs processor time.
    #[must_use]
    pub fn spinning(self, spins: bool) -> Self {
        Self { spins, ..self }
    }

    fn access(&mut self, access: Access) -> io::Result<Option<u8>> {
        match access {
            Access::Write(register, value) => self.registers.write(register, value).map(|()| None),
            Access::Read(register) => self.registers.read(register).map(Some),
            Access::Wait { mask, value } => self.wait(mask, value).map(Some),
            // Only a host behind a line asks for this one.
            Access::Next => Err(io::ErrorKind::Unsupported.into()),
        }
    }

    fn wait(&mut self, mask: u8, value: u8) -> io::Result<u8> {
        let (end, mut pause, mut reads) = (Instant::now() + WAIT_SLICE, FIRST_PAUSE, 0);
        loop {
            let status = self.registers.read(Register::CommandStatus)?;
            if status & mask == value || Instant::now() >= end {
                return Ok(status);
            }
            reads += 1;
            if reads > SPIN && !self.spins {
                std::thread::sleep(pause);
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
        }
    }

    fn transfer(&mut self, request: &[u8], deadline: Instant) -> Result<Vec<u8>, Failure> {
        self.host.start(request, deadline);
        loop {
            match self.host.poll() {
                Step::Access(access) => {
                    let outcome = self.access(access);
                    let failed = |error| Failure::after_sending(format!("{}: {error}", self.name));
                    if let Some(byte) = outcome.map_err(failed)? {
                        self.host.complete(byte, Instant::now());
                    }
                }
                Step::Done(response) => return Ok(response),
                Step::Failed(KcsError::Timeout { .. }) => return Err(Failure::Timeout),
                Step::Failed(error) => return Err(Failure::after_sending(format!("{}: {error}", self.name))),
                Step::Blocked | Step::Idle => {
                    return Err(Failure::after_sending(format!("{}: the KCS transfer was lost", self.name)));
                }
            }
        }
    }
}

impl<R: Registers> Transport for PortKcs<R> {
    fn exchange(&mut self, _target: Target, request: &Request, deadline: Instant) -> Result<Response, Failure> {
        let bytes = self.transfer(&system_message::emit_request(request), deadline)?;
        system_message::parse_response(request, &bytes)
            .map_err(|error| Failure::after_sending(format!("{}: {error}", self.name)))
    }

    fn notice(&mut self) -> Result<Option<Notice>, Failure> {
        let status = self.registers.read(Register::CommandStatus);
        let status = status.map_err(|error| Failure::before_sending(format!("{}: {error}", self.name)))?;
        Ok((status != NO_DEVICE && status & SMS_ATN != 0).then_some(Notice::Attention))
    }

    fn notice_interval(&self) -> Option<Duration> {
        Some(ATTENTION_INTERVAL)
    }
}

/// The driver that has `port`, by the lines of /proc/ioports (`  0ca2-0ca2 : ipmi_si`), if one has.
///
/// Buses and devices that only the firmware tells of are no drivers; their names have colons (`PCI Bus 0000:00`,
/// `IPI0001:00`, `pnp 00:03`) or say that they are IPMI's (`IPMI Address 1`, `dmi-ipmi-si.0`).
fn owner(owners: &str, port: u16) -> Option<&str> {
    let is_driver = |name: &str| {
        name.starts_with(KERNEL_DRIVER) || !(name.contains(':') || name.to_ascii_lowercase().contains("ipmi"))
    };
    owners.lines().filter_map(|line| line.trim().split_once(" : ")).find_map(|(range, owner)| {
        let (first, last) = range.split_once('-')?;
        let number = |text| u32::from_str_radix(text, 16).ok();
        let holds = (number(first)?..=number(last)?).contains(&u32::from(port));
        (holds && is_driver(owner)).then_some(owner)
    })
}

#[cfg(test)]
mod tests {
    use ipmi_core::link::kcs_bmc::KcsBmc;
    use ipmi_core::{CompletionCode, NetFn};

    use super::*;

    /// A BMC that echoes the request data, busy for some reads after every write.
    struct Echo {
        bmc: KcsBmc,
        busy: u32,
        left: u32,
        broken: bool,
        reads: u32,
    }

    impl Registers for Echo {
        fn read(&mut self, register: Register) -> io::Result<u8> {
            self.reads += 1;
            if self.broken {
                return Err(io::ErrorKind::PermissionDenied.into());
            }
            if register == Register::CommandStatus && self.left > 0 {
                self.left -= 1;
                return Ok(self.bmc.status() | ipmi_core::link::kcs_register::IBF);
            }
            Ok(self.bmc.read(register))
        }

        fn write(&mut self, register: Register, value: u8) -> io::Result<()> {
            self.left = self.busy;
            if let Some(request) = self.bmc.write(register, value) {
                let message = system_message::parse_request(&request.bytes).unwrap();
                let response = system_message::emit_response(&message, &Response::ok(message.data.clone()));
                self.bmc.respond(request.ticket, &response);
            }
            Ok(())
        }
    }

    fn echo(busy: u32) -> PortKcs<Echo> {
        PortKcs::over("test".into(), Echo { bmc: KcsBmc::new(), busy, left: 0, broken: false, reads: 0 })
    }

    fn deadline() -> Instant {
        Instant::now() + Duration::from_secs(5)
    }

    #[test]
    fn requests_come_back_byte_for_byte() {
        let mut kcs = echo(3);
        for length in [0, 1, 40] {
            let request = Request::new(NetFn::APP, 0x52, vec![0xA5; length]);
            let response = kcs.exchange(Target::Bmc, &request, deadline()).unwrap();
            assert_eq!((response.code, response.data.len()), (CompletionCode::OK, length));
        }
        assert_eq!(kcs.notice().unwrap(), None);
        kcs.registers.bmc.set_sms_atn(true);
        assert_eq!(kcs.notice().unwrap(), Some(Notice::Attention));
    }

    #[test]
    fn a_bmc_that_stays_busy_is_a_timeout_and_a_dead_port_is_named() {
        let mut kcs = echo(u32::MAX);
        let request = Request::new(NetFn::APP, 0x01, []);
        let soon = Instant::now() + Duration::from_millis(20);
        assert_eq!(kcs.exchange(Target::Bmc, &request, soon), Err(Failure::Timeout));
        kcs.registers.broken = true;
        let Err(Failure::Broken { reason, .. }) = kcs.exchange(Target::Bmc, &request, deadline()) else { panic!() };
        assert!(reason.starts_with("test: "), "{reason}");
    }

    #[test]
    fn a_busy_bmc_is_asked_ever_more_rarely_unless_told_otherwise() {
        let reads = |spins| {
            let mut kcs = echo(u32::MAX).spinning(spins);
            let soon = Instant::now() + Duration::from_millis(20);
            let request = Request::new(NetFn::APP, 0x01, []);
            assert_eq!(kcs.exchange(Target::Bmc, &request, soon), Err(Failure::Timeout));
            kcs.registers.reads
        };
        let pausing = reads(false);
        assert!(pausing < reads(true), "{pausing}");
    }

    #[test]
    fn ports_of_drivers_are_left_alone() {
        let owners = "0000-0cf7 : PCI Bus 0000:00\n  0070-0071 : rtc0\n  0ca2-0ca3 : IPI0001:00\n    \
            0ca2-0ca2 : IPMI Address 1\n      0ca2-0ca2 : ipmi_si\n    0ca3-0ca3 : IPMI Address 2\n";
        assert_eq!(owner(owners, 0xCA2), Some("ipmi_si"));
        assert_eq!(owner(owners, 0xCA3), None);
        assert_eq!(owner(owners, 0xCA8), None);
        assert_eq!(owner(owners, 0x71), Some("rtc0"));
        assert_eq!(owner("nonsense\nxx-yy : ipmi_si", 0xCA2), None);
    }
}
