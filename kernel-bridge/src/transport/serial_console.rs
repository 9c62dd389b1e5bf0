//! The console's end of a serial line in basic or terminal mode: one request at a time, with resends and bridging.
//!
//! The two modes differ in their framing and in how one logs in; everything else is here. A satellite controller is
//! reached by a tracked Send Message, as over the LAN. A line whose channel is the system interface (payload managers
//! of ATCA boards, OpenIPMI's simulator) does not track: there the receive message queue is used.

use std::time::{Duration, Instant};

use ipmi_core::link::ipmb::IpmbMessage;
use ipmi_core::{ChannelNumber, CompletionCode, NetFn, Request, Response, SlaveAddress, Target};

use super::serial_line::SerialLine;
use super::{Failure, Transport};
use crate::driver::bridge;
use crate::lan::envelope::{Envelope, Reading, Route};
use crate::lan::repeatable::is_repeatable;
use crate::options::Options;

/// Time without an answer after which a request is sent again, besides the time its bytes take.
const RESEND: Duration = Duration::from_secs(1);
/// Bytes of a request and its answer, when the time on the line is reckoned.
const EXCHANGE_BYTES: u32 = 300;
/// Pause before another try on a bus that was not free.
const BUS_PAUSE: Duration = Duration::from_millis(10);
/// Get Channel Info: the medium of the system interface.
const MEDIUM_SYSTEM_INTERFACE: u8 = 0x0C;

/// How messages stand on a line.
pub(super) trait Framing: Send {
    /// The bytes of a request. `again`: it was sent before and nothing came back.
    fn emit(&mut self, request: &IpmbMessage, again: bool) -> Vec<u8>;

    /// Takes one byte; what it ends.
    fn push(&mut self, byte: u8) -> Option<Heard>;
}

/// What came off a line.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Heard {
    /// A message.
    Message(IpmbMessage),
    /// The BMC did as a text told it.
    Ok,
    /// The BMC could make nothing of what was sent, or refuses it.
    Error(Option<CompletionCode>),
}

/// The console's end of a line.
pub(super) struct Console<F> {
    pub(super) line: SerialLine,
    framing: F,
    route: Route,
    sequence: u8,
    resend: Duration,
    /// The other end is a system interface: no tracking. `None` until somebody bridges.
    system: Option<bool>,
    /// Sequence number of requests bridged through a system interface.
    bridge_sequence: u8,
}

impl<F: Framing> Console<F> {
    pub(super) fn new(line: SerialLine, framing: F, baud: u32, options: &Options) -> Self {
        let on_the_line = Duration::from_secs(1) * (EXCHANGE_BYTES * 10) / baud.max(1);
        let resend = options.session.timeout.unwrap_or(RESEND) + on_the_line;
        let route = Route { transit: options.transit, my_address: options.my_address };
        Self { line, framing, route, sequence: 0, resend, system: None, bridge_sequence: 0 }
    }

    /// Sends a text and waits for what the BMC says to it; `None` when it says nothing.
    pub(super) fn tell(&mut self, text: &[u8]) -> Result<Option<Heard>, Failure> {
        self.line.discard_input()?;
        self.line.write(text, true)?;
        let until = Instant::now() + self.resend;
        while Instant::now() < until {
            let heard = self.listen(until)?;
            let answer = heard.into_iter().find(|heard| !matches!(heard, Heard::Message(_)));
            if answer.is_some() {
                return Ok(answer);
            }
        }
        Ok(None)
    }

    fn listen(&mut self, until: Instant) -> Result<Vec<Heard>, Failure> {
        let bytes = self.line.read(until, true)?;
        Ok(bytes.into_iter().filter_map(|byte| self.framing.push(byte)).collect())
    }

    /// One request over the line itself, bridged by Send Message when `target` says so.
    fn converse(&mut self, target: Target, request: &Request, deadline: Instant) -> Result<Response, Failure> {
        self.line.discard_input()?;
        self.sequence = (self.sequence + 1) & 0x3F;
        let envelope = Envelope::new(target, request, self.route, self.sequence);
        let outer =
            IpmbMessage::parse(&envelope.emit()).map_err(|error| self.line.broken(false, &error.to_string()))?;
        let repeatable = is_repeatable(request);
        let mut again = false;
        loop {
            let frame = self.framing.emit(&outer, again);
            self.line.write(&frame, true)?;
            let until = if repeatable { deadline.min(Instant::now() + self.resend) } else { deadline };
            match self.hear(&envelope, until)? {
                Verdict::Answer(response) => return Ok(response),
                // What the BMC says it has not understood it has not done either.
                Verdict::Refused(code) if again => {
                    return Ok(Response::refused(code.unwrap_or(CompletionCode::UNSPECIFIED)));
                }
                Verdict::BusTrouble => std::thread::sleep(BUS_PAUSE),
                Verdict::Refused(_) | Verdict::Silence => {}
            }
            if Instant::now() >= deadline {
                return Err(Failure::Timeout);
            }
            again = true;
        }
    }

    /// Listens until something concerns the request.
    fn hear(&mut self, envelope: &Envelope, until: Instant) -> Result<Verdict, Failure> {
        loop {
            for heard in self.listen(until)? {
                match heard {
                    Heard::Message(message) if message.sequence == self.sequence => match envelope.read(&message) {
                        Some(Reading::Answer(response)) => return Ok(Verdict::Answer(response)),
                        Some(Reading::BusTrouble) => return Ok(Verdict::BusTrouble),
                        Some(Reading::PassedOn) | None => {}
                    },
                    Heard::Error(code) => return Ok(Verdict::Refused(code)),
                    // Late answers to requests given up, our own words come back, acknowledgements.
                    Heard::Message(_) | Heard::Ok => {}
                }
            }
            if Instant::now() >= until {
                return Ok(Verdict::Silence);
            }
        }
    }

    /// Whether the BMC takes this line for a system interface; one that does not know its channels has sessions.
    fn is_system_interface(&mut self, deadline: Instant) -> Result<bool, Failure> {
        if let Some(system) = self.system {
            return Ok(system);
        }
        let info = Request::new(NetFn::APP, 0x42, [ChannelNumber::CURRENT.get()]);
        let answer = self.converse(Target::Bmc, &info, deadline)?;
        let medium = answer.data.get(1).map(|medium| medium & 0x7F);
        let system = answer.code == CompletionCode::OK && medium == Some(MEDIUM_SYSTEM_INTERFACE);
        self.system = Some(system);
        Ok(system)
    }
}

/// What came of listening.
enum Verdict {
    Answer(Response),
    Refused(Option<CompletionCode>),
    BusTrouble,
    Silence,
}

impl<F: Framing> Transport for Console<F> {
    fn exchange(&mut self, target: Target, request: &Request, deadline: Instant) -> Result<Response, Failure> {
        match target {
            Target::Ipmb { channel, address } if self.is_system_interface(deadline)? => {
                // The answer goes to the BMC's own LUN 2, whatever address the user has us go by.
                let to = bridge::Destination { channel, address, my_address: SlaveAddress::BMC };
                let mut sequence = self.bridge_sequence;
                let response = bridge::exchange(self, to, request, deadline, &mut sequence, &mut |_| ());
                self.bridge_sequence = sequence;
                response
            }
            _ => self.converse(target, request, deadline),
        }
    }

    fn bridges(&self) -> bool {
        true
    }
}
