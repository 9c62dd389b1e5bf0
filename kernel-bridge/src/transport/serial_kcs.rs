//! KCS registers over a serial line (docs/serial-kcs.md; KCS: IPMI 2.0 s9).

use std::path::Path;
use std::time::{Duration, Instant};

use ipmi_core::link::kcs::{KcsError, KcsHost, Step};
use ipmi_core::link::kcs_register::{Register, SMS_ATN};
use ipmi_core::link::serial_kcs::{Access, RESYNCHRONISE_SEQUENCE, SYNCHRONISED, emit};
use ipmi_core::link::system_message;
use ipmi_core::{Request, Response, Target};

use super::serial_line::SerialLine;
use super::{Failure, Notice, Transport};

const BAUD: u32 = 115_200;
/// How long the other side may take to answer a resynchronisation. A wait access it is still holding takes 250 ms.
const RESYNCHRONISE_TIME: Duration = Duration::from_secs(1);
/// Silence after the answer that means that no older one is on its way.
const QUIET: Duration = Duration::from_millis(20);
/// How often the status register is read while somebody listens for events: there is no interrupt line.
const ATTENTION_INTERVAL: Duration = Duration::from_millis(100);
/// How long an idle look at the status register may take.
const LOOK_TIME: Duration = Duration::from_millis(500);
/// What recovery may take beyond a request's deadline.
const GRACE: Duration = Duration::from_millis(750);

/// The host end of a serial KCS line.
pub struct SerialKcs {
    line: SerialLine,
    host: KcsHost,
    in_step: bool,
}

impl SerialKcs {
    /// Opens the line and gets in step with the other side.
    ///
    /// # Errors
    /// What is wrong, with the path.
    pub fn open(path: &Path) -> Result<Self, String> {
        let shown = path.display();
        let line = SerialLine::open(path, BAUD)?;
        let mut host = KcsHost::over_line();
        // Whoever had the line before may have left a transfer half done.
        host.line_lost();
        let mut line = Self { line, host, in_step: false };
        match line.resynchronise(Instant::now() + RESYNCHRONISE_TIME) {
            Ok(()) => Ok(line),
            Err(Failure::Timeout) => Err(format!("{shown}: nobody answers on the line")),
            Err(Failure::Broken { reason, .. }) => Err(reason),
        }
    }

    /// Makes the other side forget a half-received access and throws away what it still had to say.
    fn resynchronise(&mut self, deadline: Instant) -> Result<(), Failure> {
        self.host.line_lost();
        self.line.write(&RESYNCHRONISE_SEQUENCE, false)?;
        let mut answered = false;
        loop {
            let until = if answered { deadline.min(Instant::now() + QUIET) } else { deadline };
            let bytes = self.line.read(until, false)?;
            match bytes.last() {
                Some(last) => answered = *last == SYNCHRONISED,
                None if answered => break,
                None if Instant::now() >= deadline => return Err(Failure::Timeout),
                None => {}
            }
        }
        self.in_step = true;
        Ok(())
    }

    fn lose_step(&mut self) {
        self.in_step = false;
        self.host.line_lost();
    }

    /// Throws away stray input before a request; finds a dead line before anything is sent.
    fn check_line(&mut self) -> Result<(), Failure> {
        if self.line.discard_input()? > 0 {
            self.in_step = false;
        }
        Ok(())
    }

    fn transfer(&mut self, request: &[u8], deadline: Instant) -> Result<Vec<u8>, Failure> {
        self.host.start(request, deadline);
        let mut line = Vec::new();
        loop {
            match self.host.poll() {
                Step::Access(access) => emit(access, &mut line),
                Step::Blocked => {
                    if !line.is_empty() {
                        self.line.write(&line, true)?;
                        line.clear();
                    }
                    let bytes = self.line.read(deadline + GRACE, true)?;
                    let now = Instant::now();
                    if bytes.is_empty() && now >= deadline + GRACE {
                        return Err(Failure::Timeout);
                    }
                    for byte in bytes {
                        self.host.complete(byte, now);
                    }
                }
                Step::Done(response) => return Ok(response),
                Step::Failed(KcsError::Timeout { .. }) => return Err(Failure::Timeout),
                Step::Failed(error) => return Err(self.line.broken(true, &error.to_string())),
                Step::Idle => return Err(self.line.broken(true, "the KCS transfer was lost")),
            }
        }
    }
}

impl Transport for SerialKcs {
    fn exchange(&mut self, _target: Target, request: &Request, deadline: Instant) -> Result<Response, Failure> {
        self.check_line()?;
        if !self.in_step {
            self.resynchronise(deadline)?;
        }
        let result = self
            .transfer(&system_message::emit_request(request), deadline)
            .and_then(|bytes| parse(request, &bytes).map_err(|error| self.line.broken(true, &error)));
        if result.is_err() {
            self.lose_step();
        }
        result
    }

    fn notice(&mut self) -> Result<Option<Notice>, Failure> {
        self.check_line()?;
        let deadline = Instant::now() + LOOK_TIME;
        if !self.in_step {
            self.resynchronise(deadline)?;
        }
        let mut look = Vec::new();
        emit(Access::Read(Register::CommandStatus), &mut look);
        self.line.write(&look, false)?;
        loop {
            match self.line.read(deadline, false)?.as_slice() {
                [] if Instant::now() < deadline => {}
                [status] => return Ok((status & SMS_ATN != 0).then_some(Notice::Attention)),
                _ => {
                    self.lose_step();
                    return Err(Failure::Timeout);
                }
            }
        }
    }

    fn notice_interval(&self) -> Option<Duration> {
        Some(ATTENTION_INTERVAL)
    }
}

fn parse(request: &Request, bytes: &[u8]) -> Result<Response, String> {
    system_message::parse_response(request, bytes).map_err(|error| error.to_string())
}
