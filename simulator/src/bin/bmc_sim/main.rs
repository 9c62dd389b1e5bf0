//! `bmc-sim`: a BMC to test against, reached over the LAN, by QEMU's machines and over serial lines.

mod record;

use std::ffi::OsString;
use std::io::{ErrorKind, IsTerminal, Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, bail};
use clap::{CommandFactory, Parser, Subcommand};
use ipmi_core::Secret;
use nix::sys::signal::{SigSet, Signal};
use simulator::engine::{Clock, Engine};
use simulator::face::console::Opened;
use simulator::face::lan::{self, LanPort};
use simulator::face::{Face, cuse, hook, serial_basic, serial_kcs, serial_terminal, vm};
use simulator::fault::Faults;
use simulator::fault::request::RequestFaults;
use simulator::sol::Place;
use simulator::state::StateDir;
use simulator::store::users::Users;
use simulator::{Bmc, Options, config};

/// What is read of a file that holds a key: more than the longest one has.
const LONGEST_KEY: u64 = 1024;

const EXAMPLES: &str = "\
Examples:
  bmc-sim --lan 127.0.0.1:9623          then: ipmitool -I lanplus -H 127.0.0.1 -p 9623 -U admin
                                              -P admin sdr elist
  bmc-sim --lan 127.0.1.1+:623 --count 200 --fault drop=1%,delay=5ms
  bmc-sim --serial-kcs ./bmc            then: ipmi --bmc serial-kcs:./bmc sdr elist
  bmc-sim --vm 127.0.0.1:9002 --emu node.emu --freeze
  bmc-sim record --bmc lanplus://admin@HOST > node.toml
  qemu-system-x86_64 -chardev socket,id=ipmi0,host=127.0.0.1,port=9002,reconnect=10 \\
      -device ipmi-bmc-extern,id=bmc0,chardev=ipmi0 -device isa-ipmi-kcs,bmc=bmc0 ...

One line `ready FACE ADDRESS` per face on standard output, then it serves until SIGTERM or SIGINT.
RUST_LOG=simulator=trace shows every request on standard error.
`bmc-sim completions bash` prints completions for a shell, `bmc-sim man` the manual page.";

/// A simulated BMC with the faces a real one has.
#[derive(Debug, Parser)]
#[command(name = "bmc-sim", version, about, after_help = EXAMPLES, args_conflicts_with_subcommands = true)]
struct Cli {
    #[command(subcommand)]
    extra: Option<Extra>,
    /// BMC described in a TOML file; without --config and --emu: a built-in two-socket server.
    #[arg(long, value_name = "F.toml", conflicts_with = "emu")]
    config: Option<PathBuf>,
    /// BMC described in an OpenIPMI emulator file (ipmi_sim -f).
    #[arg(long, value_name = "F.emu")]
    emu: Option<PathBuf>,
    /// Serve RMCP and RMCP+ on this UDP address; port 0 takes a free one. With --count, `ADDR+:PORT` goes through
    /// consecutive addresses instead of ports.
    #[arg(long, value_name = "ADDR:PORT")]
    lan: Option<String>,
    /// Serve KCS registers on a pty; LINK becomes a symbolic link to it.
    #[arg(long, value_name = "LINK")]
    serial_kcs: Option<PathBuf>,
    /// Serve serial basic mode on a pty; LINK becomes a symbolic link to it.
    #[arg(long, value_name = "LINK")]
    serial_basic: Option<PathBuf>,
    /// Serve serial terminal mode on a pty; LINK becomes a symbolic link to it.
    #[arg(long, value_name = "LINK")]
    serial_terminal: Option<PathBuf>,
    /// Serial basic and terminal mode answer only to who logs in; without, whoever is connected is an administrator.
    #[arg(long)]
    serial_login: bool,
    /// Serve the VM protocol for QEMU's ipmi-bmc-extern on this TCP address; port 0 takes a free one.
    #[arg(long, value_name = "ADDR:PORT")]
    vm: Option<String>,
    /// Make /dev/NAME (ipmi0), which works as the Linux driver's devices do, through /dev/cuse (root; docs/bmc-sim.md).
    #[arg(long, value_name = "NAME")]
    cuse: Option<String>,
    /// A user of faces with a login, in place of admin:admin; an empty name is the null user. Other users of this
    /// machine see the password: those of a configuration file are not seen.
    #[arg(long, value_name = "NAME:PASSWORD[:PRIVILEGE]")]
    user: Vec<String>,
    /// Key of RMCP+ sessions (K_G): text, or 0x and digits, or @FILE. Without it, passwords make the keys.
    #[arg(long, value_name = "KEY", env = "BMC_SIM_KG", hide_env_values = true)]
    kg: Option<String>,
    /// The serial console that Serial over LAN shows: shell (a loopback shell), pty:LINK, tcp:HOST:PORT (QEMU's
    /// `-serial tcp:HOST:PORT,server=on,wait=off`) or listen:ADDR:PORT (QEMU's `-serial tcp:HOST:PORT`).
    #[arg(long, value_name = "CONSOLE")]
    sol: Option<Place>,
    /// Serve N BMCs on consecutive ports.
    #[arg(long, value_name = "N", default_value_t = 1)]
    count: u16,
    /// Stop the model: readings stand still.
    #[arg(long)]
    freeze: bool,
    /// Keep SEL, SDR, FRU, thresholds, power state, users and settings here.
    #[arg(long, value_name = "DIR")]
    state_dir: Option<PathBuf>,
    /// Run PROGRAM on|off|reset|diag|soft for each power action, and PROGRAM status to see whether the machine is on
    /// (docs/bmc-sim.md).
    #[arg(long, value_name = "PROGRAM")]
    chassis_hook: Option<PathBuf>,
    /// Seed of the noise on the readings and of the faults.
    #[arg(long, value_name = "SEED", default_value_t = 1)]
    seed: u64,
    /// Inject faults, e.g. drop=1%,delay=5ms..20ms,busy=5% (docs/bmc-sim.md).
    #[arg(long, value_name = "SPEC")]
    fault: Option<Faults>,
}

#[derive(Debug, Subcommand)]
enum Extra {
    /// Print a configuration that answers as a live BMC does: `bmc-sim record --bmc URL > node.toml`.
    #[command(name = record::NAME, after_help = record::HELP, disable_help_flag = true)]
    Record {
        /// Options of `ipmi`.
        #[arg(value_name = "OPTION", trailing_var_arg = true, allow_hyphen_values = true)]
        options: Vec<OsString>,
    },
    /// Print shell completions.
    #[command(hide = true)]
    Completions {
        /// bash, elvish, fish, powershell or zsh.
        shell: clap_complete::Shell,
    },
    /// Print the manual page.
    #[command(hide = true)]
    Man,
}

fn main() -> ExitCode {
    end_on_panic();
    let words: Vec<OsString> = std::env::args_os().skip(1).collect();
    let options = Cli::command();
    let own: Vec<_> = options.get_arguments().filter_map(|option| option.get_long().map(str::to_owned)).collect();
    let result = if record::is_asked(&words, &own) {
        record_or_help(&words)
    } else {
        let cli = Cli::parse();
        let filter = tracing_subscriber::EnvFilter::try_from_default_env()
            .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn"));
        let logs = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
        logs.with_ansi(std::io::stderr().is_terminal()).init();
        run(&cli)
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever read our output has seen enough.
        Err(error) if error.downcast_ref::<std::io::Error>().is_some_and(|e| e.kind() == ErrorKind::BrokenPipe) => {
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("bmc-sim: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// `bmc-sim record`.
fn record_or_help(words: &[OsString]) -> anyhow::Result<()> {
    if !record::asks_for_help(words) {
        match record::run(words)? {}
    }
    let mut command = Cli::command();
    let record = command.find_subcommand_mut(record::NAME).context("record")?;
    write!(std::io::stdout(), "{}", record.clone().bin_name("bmc-sim record").render_long_help())?;
    Ok(())
}

/// A thread that panicked would leave a BMC that lives on without one of its faces.
fn end_on_panic() {
    let report = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        report(panic);
        std::process::exit(101);
    }));
}

fn run(cli: &Cli) -> anyhow::Result<()> {
    match &cli.extra {
        Some(Extra::Completions { shell }) => {
            // The generator panics when it cannot write; a buffer takes everything.
            let mut text = Vec::new();
            clap_complete::generate(*shell, &mut Cli::command(), "bmc-sim", &mut text);
            std::io::stdout().write_all(&text)?;
            return Ok(());
        }
        Some(Extra::Man) => {
            clap_mangen::Man::new(Cli::command()).render(&mut std::io::stdout())?;
            return Ok(());
        }
        // main() has done it.
        Some(Extra::Record { .. }) | None => {}
    }
    reject_unsupported(cli)?;
    // Before any thread starts, so that all of them leave the signals to this one.
    let mut signals = SigSet::empty();
    signals.add(Signal::SIGTERM);
    signals.add(Signal::SIGINT);
    signals.thread_block().context("blocking signals")?;

    if let Some(faults) = &cli.fault {
        eprintln!("bmc-sim: faults {faults} with --seed {}", cli.seed);
    }
    // A name alone is looked for on PATH.
    if let Some(hook) = cli.chassis_hook.as_ref().filter(|hook| hook.components().count() > 1 && !hook.is_file()) {
        bail!("--chassis-hook: expected a program, found no file {}", hook.display());
    }
    let logins = Logins::of(cli)?;
    let (mut servers, mut ports) = (Vec::new(), Vec::new());
    for index in 0..cli.count {
        let server = serve(cli, &logins, index)?;
        if let Some(address) = &cli.lan {
            let address = consecutive(address, index)?;
            let console = console(cli, &server.1, index)?;
            let port = LanPort::bind(server.1.handle(), address).with_context(|| format!("--lan {address}"))?;
            ports.push(port.with_console(console));
        }
        servers.push(server);
    }
    let _lan = serve_lan(ports)?;
    signals.wait().context("waiting for signals")?;
    // Faces first, so that no request reaches a BMC that is being saved.
    for (faces, engine) in servers {
        drop(faces);
        drop(engine);
    }
    Ok(())
}

/// Says plainly what the command line offers and this version does not have.
fn reject_unsupported(cli: &Cli) -> anyhow::Result<()> {
    let lines = [&cli.serial_kcs, &cli.serial_basic, &cli.serial_terminal];
    let any_line = lines.iter().any(|line| line.is_some()) || cli.cuse.is_some();
    if cli.lan.is_none() && cli.vm.is_none() && !any_line {
        bail!(
            "expected at least one of --lan ADDR:PORT, --vm ADDR:PORT, --serial-kcs LINK, --serial-basic LINK, \
             --serial-terminal LINK and --cuse NAME, found none (see --help)"
        );
    }
    if cli.count == 0 || cli.count > 1 && any_line {
        bail!("--count: expected a number from 1, and only 1 with a serial line or --cuse, found {}", cli.count);
    }
    Ok(())
}

/// Who may log in, as the command line says.
struct Logins {
    users: Option<Users>,
    kg: Option<Secret>,
}

impl Logins {
    fn of(cli: &Cli) -> anyhow::Result<Self> {
        let wrong = |error: String| anyhow::anyhow!("{error}");
        for remark in cli.user.iter().filter_map(|user| config::remark(user)) {
            eprintln!("bmc-sim: --user: {remark}");
        }
        let users = (!cli.user.is_empty()).then(|| config::users(&cli.user)).transpose();
        let kg = match cli.kg.as_deref() {
            Some(key) if key.starts_with('@') => {
                let file = key.trim_start_matches('@');
                let mut text = String::new();
                let read = std::fs::File::open(file).and_then(|file| file.take(LONGEST_KEY).read_to_string(&mut text));
                read.with_context(|| format!("--kg {key}"))?;
                Some(text)
            }
            key => key.map(str::to_owned),
        };
        let kg = kg.map(|key| config::key(key.trim_end_matches(['\r', '\n']))).transpose();
        Ok(Self { users: users.map_err(wrong).context("--user")?, kg: kg.map_err(wrong).context("--kg")? })
    }

    fn apply(&self, bmc: &mut Bmc) {
        if let Some(users) = &self.users {
            bmc.users = users.clone();
        }
        if let Some(kg) = &self.kg {
            bmc.channels.kg = kg.clone();
        }
    }
}

/// Opens and announces the serial console of BMC number `index`.
fn console(cli: &Cli, engine: &Engine, index: u16) -> anyhow::Result<Opened> {
    let place = cli.sol.clone().unwrap_or_else(|| engine.handle().with(|bmc, _| bmc.settings.sol.console.clone()));
    let place = place.nth(index).map_err(|reason| anyhow::anyhow!("--sol: {reason}"))?;
    let opened = Opened::new(&place).with_context(|| format!("--sol {place}"))?;
    if let Some(address) = opened.address() {
        let mut out = std::io::stdout().lock();
        writeln!(out, "ready sol {address}")?;
        out.flush()?;
    }
    Ok(opened)
}

/// Serves and announces the LAN side of all BMCs.
fn serve_lan(ports: Vec<LanPort>) -> anyhow::Result<Option<Face>> {
    if ports.is_empty() {
        return Ok(None);
    }
    let addresses: Vec<_> = ports.iter().map(|port| port.address().to_owned()).collect();
    let face = lan::start(ports).context("--lan")?;
    let mut out = std::io::stdout().lock();
    for address in addresses {
        writeln!(out, "ready lan {address}")?;
    }
    out.flush()?;
    Ok(Some(face))
}

/// Starts BMC number `index` with its faces and announces them.
fn serve(cli: &Cli, logins: &Logins, index: u16) -> anyhow::Result<(Vec<Face>, Engine)> {
    let clock = Clock::start();
    let options = Options { seed: cli.seed.wrapping_add(u64::from(index)), freeze: cli.freeze };
    let mut bmc = match (&cli.emu, &cli.config) {
        (Some(path), _) => Bmc::from_emu(path, clock.now())?,
        (None, Some(path)) => Bmc::from_toml(path, &options, clock.now())?,
        (None, None) => Bmc::builtin(&options, clock.now()),
    };
    if let Some(faults) = &cli.fault {
        bmc.faults = Some(RequestFaults::new(faults, options.seed));
    }
    logins.apply(&mut bmc);
    if cli.chassis_hook.is_some() {
        bmc.chassis.soft_off_time = hook::SOFT_OFF;
    }
    let state = match &cli.state_dir {
        Some(path) if cli.count > 1 => Some(path.join(index.to_string())),
        path => path.clone(),
    };
    let state = state.map(|path| StateDir::open(&path).with_context(|| format!("--state-dir {}", path.display())));
    let state = state.transpose()?;
    if let Some(state) = &state {
        state.load(&mut bmc, clock.now())?;
    }
    let engine = Engine::start(bmc, clock, state).context("starting the BMC")?;
    let mut faces = Vec::new();
    if let Some(address) = &cli.vm {
        let address = consecutive(address, index)?;
        faces.push(vm::start(engine.handle(), address).with_context(|| format!("--vm {address}"))?);
    }
    if let Some(link) = &cli.serial_kcs {
        let face = serial_kcs::start(engine.handle(), Some(link));
        faces.push(face.with_context(|| format!("--serial-kcs {}", link.display()))?);
    }
    if let Some(link) = &cli.serial_terminal {
        let face = serial_terminal::start(engine.handle(), Some(link), cli.serial_login);
        faces.push(face.with_context(|| format!("--serial-terminal {}", link.display()))?);
    }
    if let Some(link) = &cli.serial_basic {
        let face = serial_basic::start(engine.handle(), Some(link), cli.serial_login);
        faces.push(face.with_context(|| format!("--serial-basic {}", link.display()))?);
    }
    if let Some(name) = &cli.cuse {
        faces.push(cuse::start(engine.handle(), name).with_context(|| format!("--cuse {name}"))?);
    }
    let mut out = std::io::stdout().lock();
    for face in &faces {
        writeln!(out, "ready {} {}", face.name, face.address)?;
    }
    out.flush()?;
    if let Some(program) = &cli.chassis_hook {
        let hook = hook::start(engine.handle(), program, index);
        faces.push(hook.with_context(|| format!("--chassis-hook {}", program.display()))?);
    }
    Ok((faces, engine))
}

/// The address of BMC number `index`: its port is that much higher, and 0 stays 0. After a host that ends in `+` it is
/// the host address that is higher.
fn consecutive(address: &str, index: u16) -> anyhow::Result<SocketAddr> {
    let (hosts_follow, plain) = match address.rsplit_once(':') {
        Some((host, port)) if host.ends_with('+') => (true, format!("{}:{port}", host.trim_end_matches('+'))),
        _ => (false, address.to_owned()),
    };
    let mut found: SocketAddr = plain
        .to_socket_addrs()
        .with_context(|| format!("expected ADDR:PORT, found `{address}`"))?
        .next()
        .with_context(|| format!("`{address}` has no address"))?;
    if hosts_follow {
        let beyond = "--count: the addresses go beyond the last one";
        found.set_ip(match found.ip() {
            IpAddr::V4(ip) => Ipv4Addr::from(u32::from(ip).checked_add(u32::from(index)).context(beyond)?).into(),
            IpAddr::V6(ip) => Ipv6Addr::from(u128::from(ip).checked_add(u128::from(index)).context(beyond)?).into(),
        });
    } else if found.port() != 0 {
        let port = found.port().checked_add(index).context("--count: the ports go beyond 65535")?;
        found.set_port(port);
    }
    Ok(found)
}
