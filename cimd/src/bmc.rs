//! The BMC that is served: a real one, or a simulated one inside the process.

use std::path::Path;
use std::time::Duration;

use anyhow::Context;
use ipmi_core::Secret;
use kernel_bridge::transport::InProcess;
use kernel_bridge::{Bmc, BmcUrl, Options, SessionOptions};
use simulator::engine::{Clock, Engine};
use simulator::face::{Face, serial_kcs};

use crate::settings::BmcChoice;

/// How long one command may take: a client must hear of a BMC that is gone within the time of its own request.
const COMMAND_TIMEOUT: Duration = Duration::from_secs(3);

/// How often a request is sent over LAN, for the same reason.
const SENDINGS: u32 = 2;

/// How many ptys of the simulation may turn out to be held by somebody else.
const PTY_TRIES: usize = 4;

/// A BMC and, when it is simulated, what keeps it alive.
pub(crate) struct Served {
    /// The way to it.
    pub(crate) bmc: Bmc,
    _simulation: Option<Simulation>,
}

/// A simulated BMC. Fields are dropped in this order.
struct Simulation {
    _face: Option<Face>,
    _engine: Engine,
}

/// Opens the BMC chosen, logging in with `password` where the way to it has a login. A real one may be away: it is
/// looked for whenever it is needed.
///
/// # Errors
/// When this build has no such transport, or the simulation cannot start.
pub(crate) fn open(choice: &BmcChoice, password: &Secret) -> anyhow::Result<Served> {
    let session = SessionOptions { password: password.clone(), retries: SENDINGS, ..SessionOptions::default() };
    let options = Options { timeout: COMMAND_TIMEOUT, session, ..Options::default() };
    match choice {
        BmcChoice::Simulated => simulate(&options),
        BmcChoice::Url(BmcUrl::Sim { file }) => in_process(file.as_deref(), options),
        BmcChoice::Url(url) => Ok(Served { bmc: Bmc::open_later(url, &options)?, _simulation: None }),
    }
}

/// The built-in server behind the same serial KCS driver a real BMC has.
fn simulate(options: &Options) -> anyhow::Result<Served> {
    let engine = start(None)?;
    // A program that lost its own pty may look for it under the number that is now ours, and hold it: take another one
    // then.
    let mut taken = Vec::new();
    loop {
        let face = serial_kcs::start(engine.handle(), None).context("serial KCS face of the simulated BMC")?;
        match Bmc::open(&BmcUrl::SerialKcs { path: face.address.clone().into() }, options) {
            Ok(bmc) => {
                let simulation = Simulation { _face: Some(face), _engine: engine };
                return Ok(Served { bmc, _simulation: Some(simulation) });
            }
            Err(error) if taken.len() >= PTY_TRIES => return Err(error.into()),
            Err(_) => taken.push(face),
        }
    }
}

/// `sim:`: a simulated BMC without a line in between.
fn in_process(file: Option<&Path>, options: Options) -> anyhow::Result<Served> {
    let engine = start(file)?;
    let handle = engine.handle();
    let transport = InProcess::new(Box::new(move |request| handle.ask(request.clone())));
    let name = BmcUrl::Sim { file: file.map(Path::to_owned) }.to_string();
    let bmc = Bmc::from_transport(name, Box::new(transport), options)?;
    let simulation = Simulation { _face: None, _engine: engine };
    Ok(Served { bmc, _simulation: Some(simulation) })
}

fn start(file: Option<&Path>) -> anyhow::Result<Engine> {
    let (clock, choices) = (Clock::start(), simulator::Options::default());
    let bmc = match file {
        None => simulator::Bmc::builtin(&choices, clock.now()),
        Some(file) if file.extension().is_some_and(|extension| extension == "toml") => {
            simulator::Bmc::from_toml(file, &choices, clock.now())?
        }
        Some(file) => simulator::Bmc::from_emu(file, clock.now())?,
    };
    Engine::start(bmc, clock, None).context("the simulated BMC cannot start")
}
