//! The VM protocol over TCP, machine side (QEMU `ipmi-bmc-extern`, `ipmi_sim` `codec VM`).

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::os::fd::{AsFd, BorrowedFd};
use std::time::{Duration, Instant};

use ipmi_core::link::system_message;
use ipmi_core::link::vm::{Capabilities, Decoder, Frame, ToBmc, ToMachine, VERSION, emit_request, emit_to_bmc};
use ipmi_core::{Request, Response, Target};

use super::line::wait_readable;
use super::{Failure, Notice, Transport};
use crate::resolve;
use crate::url::HostPort;

const CONNECT_TIME: Duration = Duration::from_secs(1);
const WRITE_TIME: Duration = Duration::from_secs(1);
/// How often the flags are looked at while the BMC holds attention without telling why.
const ATTENTION_INTERVAL: Duration = Duration::from_secs(1);

/// A connection to a BMC that takes us for a virtual machine.
pub struct Vm {
    address: HostPort,
    stream: TcpStream,
    decoder: Decoder,
    sequence: u8,
    attention: bool,
}

impl Vm {
    /// Connects and says who we are. We announce attention and nothing else: there is no machine here to reset.
    ///
    /// # Errors
    /// What is wrong, with the address.
    pub fn connect(address: &HostPort) -> Result<Self, String> {
        let stream = connect(address).map_err(|error| format!("{address}: cannot connect: {error}"))?;
        let mut vm =
            Self { address: address.clone(), stream, decoder: Decoder::default(), sequence: 0, attention: false };
        let mut hello = emit_to_bmc(ToBmc::Version(VERSION));
        hello.extend(emit_to_bmc(ToBmc::Capabilities(Capabilities::ATTENTION)));
        vm.write(&hello).map_err(|error| format!("{address}: {error}"))?;
        Ok(vm)
    }

    fn broken(&self, sent: bool, what: &str) -> Failure {
        Failure::Broken { reason: format!("{}: {what}", self.address), sent }
    }

    fn write(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.stream.set_nonblocking(false)?;
        self.stream.write_all(bytes)?;
        self.stream.set_nonblocking(true)
    }

    /// Takes what has come; gives the messages among it. Controls change our state.
    fn read(&mut self, sent: bool) -> Result<Vec<(u8, Vec<u8>)>, Failure> {
        let mut messages = Vec::new();
        let mut buffer = [0; 1024];
        match self.stream.read(&mut buffer) {
            Ok(0) => return Err(self.broken(sent, "the BMC closed the connection")),
            Ok(count) => {
                for byte in buffer.iter().take(count) {
                    match self.decoder.push(*byte) {
                        Some(Ok(Frame::Message { sequence, bytes })) => messages.push((sequence, bytes)),
                        Some(Ok(Frame::Control { id, argument })) => self.control(ToMachine::parse(id, argument)),
                        Some(Err(error)) => tracing::debug!(address = %self.address, %error, "bad frame"),
                        None => {}
                    }
                }
            }
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => {}
            Err(error) => return Err(self.broken(sent, &format!("the connection is lost: {error}"))),
        }
        Ok(messages)
    }

    fn control(&mut self, control: ToMachine) {
        match control {
            ToMachine::NoAttention => self.attention = false,
            ToMachine::Attention | ToMachine::AttentionInterrupt => self.attention = true,
            other => tracing::trace!(address = %self.address, ?other, "control"),
        }
    }

    /// Takes everything that has come, late answers included.
    fn drain(&mut self) -> Result<(), Failure> {
        while wait_readable(self.stream.as_fd(), Instant::now()).map_err(|errno| self.broken(false, errno.desc()))? {
            self.read(false)?;
        }
        Ok(())
    }
}

fn connect(address: &HostPort) -> std::io::Result<TcpStream> {
    let mut last = std::io::Error::new(ErrorKind::NotFound, "no address for this name");
    for socket in resolve::addresses(address)? {
        match TcpStream::connect_timeout(&socket, CONNECT_TIME) {
            Ok(stream) => {
                stream.set_nodelay(true)?;
                stream.set_write_timeout(Some(WRITE_TIME))?;
                return Ok(stream);
            }
            Err(error) => last = error,
        }
    }
    Err(last)
}

impl Transport for Vm {
    fn exchange(&mut self, _target: Target, request: &Request, deadline: Instant) -> Result<Response, Failure> {
        // Finds a connection that died while nobody looked, before anything is sent.
        self.drain()?;
        self.sequence = self.sequence.wrapping_add(1);
        let frame = emit_request(self.sequence, request);
        self.write(&frame).map_err(|error| self.broken(true, &format!("cannot send: {error}")))?;
        while wait_readable(self.stream.as_fd(), deadline).map_err(|errno| self.broken(true, errno.desc()))? {
            for (sequence, bytes) in self.read(true)? {
                // Other numbers are late answers to requests given up.
                if sequence == self.sequence {
                    return system_message::parse_response(request, &bytes)
                        .map_err(|error| self.broken(true, &error.to_string()));
                }
            }
        }
        Err(Failure::Timeout)
    }

    fn notice(&mut self) -> Result<Option<Notice>, Failure> {
        self.drain()?;
        Ok(self.attention.then_some(Notice::Attention))
    }

    fn notice_fd(&self) -> Option<BorrowedFd<'_>> {
        Some(self.stream.as_fd())
    }

    fn notice_interval(&self) -> Option<Duration> {
        self.attention.then_some(ATTENTION_INTERVAL)
    }
}
