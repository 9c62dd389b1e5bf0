//! The faces of a running BMC, driven with bytes written out here: VM over TCP, serial KCS over a pty.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::fd::AsFd;
use std::path::Path;
use std::time::Duration;

use ipmi_core::{NetFn, Request};
use nix::sys::termios::{SetArg, cfmakeraw, tcgetattr, tcsetattr};
use simulator::engine::{Clock, Engine};
use simulator::face::{serial_kcs, vm};
use simulator::state::StateDir;
use simulator::{Bmc, Options};

fn engine() -> Engine {
    let clock = Clock::start();
    let bmc = Bmc::builtin(&Options { seed: 1, freeze: true }, clock.now());
    Engine::start(bmc, clock, None).unwrap()
}

/// A host on the VM protocol. The frames used here need no escapes, except where a response has some.
struct Machine {
    stream: TcpStream,
    controls: Vec<Vec<u8>>,
    sequence: u8,
}

impl Machine {
    fn connect(address: &str) -> Self {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        // Version 1, all capabilities.
        stream.write_all(&[0xFF, 0x01, 0xA1, 0x08, 0x3F, 0xA1]).unwrap();
        Self { stream, controls: Vec::new(), sequence: 0 }
    }

    fn frame(&mut self) -> (u8, Vec<u8>) {
        let (mut payload, mut escaped) = (Vec::new(), false);
        loop {
            let mut byte = [0];
            self.stream.read_exact(&mut byte).unwrap();
            match byte[0] {
                end @ (0xA0 | 0xA1) => return (end, payload),
                0xAA => escaped = true,
                byte => payload.push(if std::mem::take(&mut escaped) { byte & !0x10 } else { byte }),
            }
        }
    }

    /// Completion code and data of the response.
    fn ask(&mut self, request: &[u8]) -> Vec<u8> {
        self.sequence += 1;
        let mut frame = vec![self.sequence];
        frame.extend(request);
        let sum = frame.iter().fold(0_u8, |sum, byte| sum.wrapping_add(*byte));
        frame.push(sum.wrapping_neg());
        assert!(!frame.iter().any(|byte| matches!(byte, 0xA0 | 0xA1 | 0xAA)), "{frame:02X?}");
        frame.push(0xA0);
        self.stream.write_all(&frame).unwrap();
        loop {
            match self.frame() {
                (0xA1, control) => self.controls.push(control),
                (_, message) => {
                    assert_eq!(message[..3], [self.sequence, request[0] | 4, request[1]]);
                    return message[3..message.len() - 1].to_vec();
                }
            }
        }
    }
}

#[test]
fn the_vm_face_answers_and_reports_attention_before_the_response() {
    let engine = engine();
    let face = vm::start(engine.handle(), "127.0.0.1:0".parse().unwrap()).unwrap();
    let mut machine = Machine::connect(&face.address);
    assert_eq!(machine.ask(&[0x18, 0x01])[..2], [0x00, 0x20]);
    assert_eq!(machine.controls[0], [0xFF, 0x01]);
    // Event buffer, logging and their interrupt on: "enable interrupts" comes before the response.
    assert_eq!(machine.ask(&[0x18, 0x2E, 0x0F]), [0x00]);
    assert_eq!(machine.controls.last().unwrap(), &[0x05]);
    // Platform Event: attention with interrupt.
    assert_eq!(machine.ask(&[0x10, 0x02, 0x41, 0x04, 0x01, 0x30, 0x01, 0x57, 0x60, 0x50]), [0x00]);
    assert_eq!(machine.controls.last().unwrap(), &[0x02]);
    assert_eq!(machine.ask(&[0x18, 0x31]), [0x00, 0x02]);
    assert_eq!(machine.ask(&[0x18, 0x35])[8..], [0x41, 0x00, 0x04, 0x01, 0x30, 0x01, 0x57, 0x60, 0x50]);
    assert_eq!(machine.controls.last().unwrap(), &[0x00]);
    // Power off: the response first, then the order to the machine.
    assert_eq!(machine.ask(&[0x00, 0x02, 0x00]), [0x00]);
    loop {
        let (end, control) = machine.frame();
        if (end, control.as_slice()) == (0xA1, &[0x03]) {
            break;
        }
    }
}

#[test]
fn garbage_on_the_vm_face_does_not_disturb_the_next_host() {
    let engine = engine();
    let face = vm::start(engine.handle(), "127.0.0.1:0".parse().unwrap()).unwrap();
    let mut noise = TcpStream::connect(&face.address).unwrap();
    for byte in 0..=255_u8 {
        noise.write_all(&[byte, byte.wrapping_mul(37), 0xA0]).unwrap();
    }
    noise.write_all(&[0x55; 5000]).unwrap();
    let mut machine = Machine::connect(&face.address);
    assert_eq!(machine.ask(&[0x18, 0x01])[0], 0x00);
}

#[test]
fn a_stopped_face_closes_its_connections_and_frees_its_port() {
    let engine = engine();
    let face = vm::start(engine.handle(), "127.0.0.1:0".parse().unwrap()).unwrap();
    let address = face.address.clone();
    let mut machine = Machine::connect(&address);
    machine.ask(&[0x18, 0x01]);
    drop(face);
    let mut rest = Vec::new();
    let _ = machine.stream.read_to_end(&mut rest);
    assert!(TcpStream::connect(&address).is_err());
}

/// A host on the serial KCS line, following the KCS write and read flow.
struct Line(File);

impl Line {
    fn open(path: &Path) -> Self {
        let line = OpenOptions::new().read(true).write(true).open(path).unwrap();
        let mut settings = tcgetattr(line.as_fd()).unwrap();
        cfmakeraw(&mut settings);
        tcsetattr(line.as_fd(), SetArg::TCSANOW, &settings).unwrap();
        let mut line = Self(line);
        line.send(&[0xFF]);
        assert_eq!(line.byte(), 0x5A);
        line
    }

    fn send(&mut self, bytes: &[u8]) {
        self.0.write_all(bytes).unwrap();
    }

    fn byte(&mut self) -> u8 {
        let mut byte = [0];
        self.0.read_exact(&mut byte).unwrap();
        byte[0]
    }

    fn status(&mut self) -> u8 {
        self.send(&[0x11]);
        self.byte()
    }

    /// Writes a register, waits until IBF is clear and expects the WRITE state.
    fn write(&mut self, register: u8, value: u8) {
        self.send(&[0x20 | register, value, 0x30, 0x02, 0x00]);
        assert_eq!(self.byte() >> 6, 2);
    }

    fn ask(&mut self, request: &[u8]) -> Vec<u8> {
        let (last, first) = request.split_last().unwrap();
        self.write(1, 0x61);
        for byte in first {
            self.write(0, *byte);
        }
        self.write(1, 0x62);
        self.send(&[0x20, *last]);
        let mut response = Vec::new();
        loop {
            self.send(&[0x30, 0x01, 0x01, 0x10]);
            let (status, byte) = (self.byte(), self.byte());
            match status >> 6 {
                1 => response.push(byte),
                0 => return response,
                state => panic!("state {state} after {response:02X?}"),
            }
            self.send(&[0x20, 0x68]);
        }
    }
}

#[test]
fn the_serial_kcs_face_answers_and_shows_attention() {
    let directory = tempfile::tempdir().unwrap();
    let link = directory.path().join("bmc");
    let engine = engine();
    let face = serial_kcs::start(engine.handle(), Some(&link)).unwrap();
    assert_eq!(face.address, link.display().to_string());
    let mut line = Line::open(&link);
    assert_eq!(line.ask(&[0x18, 0x01])[..4], [0x1C, 0x01, 0x00, 0x20]);
    assert_eq!(line.ask(&[0x18, 0x2E, 0x0C]), [0x1C, 0x2E, 0x00]);
    assert_eq!(line.status() & 0x04, 0);
    assert_eq!(line.ask(&[0x10, 0x02, 0x41, 0x04, 0x01, 0x30, 0x01, 0x57, 0x60, 0x50]), [0x14, 0x02, 0x00]);
    assert_eq!(line.status() & 0x04, 0x04);
    assert_eq!(line.ask(&[0x18, 0x35])[..6], [0x1C, 0x35, 0x00, 0xFF, 0xFF, 0x02]);
    assert_eq!(line.status() & 0x04, 0);
    // The line stays up for the next host, and the link goes away with the face.
    drop(line);
    assert_eq!(Line::open(&link).ask(&[0x18, 0x04]), [0x1C, 0x04, 0x00, 0x55, 0x00]);
    drop(face);
    assert!(std::fs::symlink_metadata(&link).is_err());
}

#[test]
fn a_pty_without_a_link_and_a_link_in_the_way() {
    let directory = tempfile::tempdir().unwrap();
    let engine = engine();
    let face = serial_kcs::start(engine.handle(), None).unwrap();
    assert_eq!(Line::open(Path::new(&face.address)).ask(&[0x18, 0x01])[2], 0x00);
    let taken = directory.path().join("file");
    std::fs::write(&taken, "mine").unwrap();
    assert!(serial_kcs::start(engine.handle(), Some(&taken)).is_err());
    assert_eq!(std::fs::read_to_string(&taken).unwrap(), "mine");
}

#[test]
fn a_stopped_bmc_leaves_its_state_to_the_next() {
    let directory = tempfile::tempdir().unwrap();
    let start = || {
        let state = StateDir::open(directory.path()).unwrap();
        let clock = Clock::start();
        let mut bmc = Bmc::builtin(&Options { seed: 1, freeze: true }, clock.now());
        state.load(&mut bmc, clock.now()).unwrap();
        Engine::start(bmc, clock, Some(state)).unwrap()
    };
    let entries = |engine: &Engine| engine.handle().ask(Request::new(NetFn::STORAGE, 0x40, [])).data[1];
    let engine = start();
    let before = entries(&engine);
    let event = [0, 0, 2, 0, 0, 0, 0, 0x41, 0, 4, 1, 9, 1, 0x57, 1, 2];
    assert_eq!(engine.handle().ask(Request::new(NetFn::STORAGE, 0x44, event)).code.0, 0);
    assert_eq!(engine.handle().ask(Request::new(NetFn::CHASSIS, 0x02, [0])).code.0, 0);
    let after = entries(&engine);
    assert!(after > before);
    drop(engine);
    let engine = start();
    assert_eq!(entries(&engine), after);
    assert_eq!(engine.handle().ask(Request::new(NetFn::CHASSIS, 0x01, [])).data[0] & 1, 0);
}
