//! OpenIPMI's simulator with a LAN channel, and a proxy that counts datagrams.
#![allow(dead_code, clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use std::net::UdpSocket;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use ipmi_core::Secret;
use kernel_bridge::{BmcUrl, Family, Options};

/// Says what is missing; that is a failure under `CI=true`.
fn missing(what: &str) {
    assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "missing: {what}");
    println!("skipped: no {what}");
}

/// A running simulator, ended when dropped.
pub(crate) struct Simulator {
    child: Child,
    port: u16,
    node: PathBuf,
    state: tempfile::TempDir,
}

impl Drop for Simulator {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The user of the simulated BMCs.
pub(crate) fn options() -> Options {
    let mut options = Options::default();
    options.session.user = "admin".to_owned();
    options.session.password = Secret::new(*b"admin");
    options
}

/// The simulator with a node of the shared data, once it answers.
pub(crate) fn simulator(node: &str) -> Option<Simulator> {
    let data = std::env::var_os("SHARED_DATA")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data"), PathBuf::from);
    let node = data.join("nodes").join(node);
    if !node.is_dir() {
        missing("shared data");
        return None;
    }
    if Command::new("ipmi_sim").arg("--help").stdout(Stdio::null()).stderr(Stdio::null()).status().is_err() {
        missing("ipmi_sim");
        return None;
    }
    let port = UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let state = tempfile::tempdir().unwrap();
    let configuration = state.path().join("lan.conf");
    let allowed: String = ["callback", "user", "operator", "admin"]
        .iter()
        .map(|level| format!("    allowed_auths_{level} none md2 md5 straight\n"))
        .collect();
    let text = format!(
        "name \"bmc\"\nset_working_mc 0x20\n  startlan 1\n    addr 127.0.0.1 {port}\n    priv_limit admin\n{allowed}    \
         guid a123456789abcdefa123456789abcdef\n  endlan\n  user 1 true \"\" \"test\" user 10 none md2 md5 straight\n  \
         user 2 true \"admin\" \"admin\" admin 10 none md2 md5 straight\n"
    );
    std::fs::write(&configuration, text).unwrap();
    let child = spawn(&node, state.path());
    let simulator = Simulator { child, port, node, state };
    simulator.wait();
    Some(simulator)
}

fn spawn(node: &Path, state: &Path) -> Child {
    Command::new("ipmi_sim")
        .args(["-n", "-p", "-c"])
        .arg(state.join("lan.conf"))
        .arg("-f")
        .arg(node.join("node.emu"))
        .arg("-s")
        .arg(state)
        // It ends when its standard input does.
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

impl Simulator {
    /// Waits until it answers.
    fn wait(&self) {
        let BmcUrl::Lanplus { host, .. } = self.url("lanplus", "") else { panic!("not a LAN URL") };
        let deadline = Instant::now() + Duration::from_secs(20);
        while let Err(error) = kernel_bridge::lan::ping(&host, Family::Any, Duration::from_millis(200)) {
            assert!(Instant::now() < deadline, "{error}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Ends it and starts it anew: it knows nothing of former sessions.
    pub(crate) fn restart(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.child = spawn(&self.node, self.state.path());
        self.wait();
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn node(&self) -> &Path {
        &self.node
    }

    pub(crate) fn url(&self, scheme: &str, query: &str) -> BmcUrl {
        format!("{scheme}://127.0.0.1:{}{query}", self.port).parse().unwrap()
    }
}

/// Passes datagrams on to a BMC and counts them; drops, delays or swallows as told.
pub(crate) struct Proxy {
    port: u16,
    requests: std::sync::Arc<std::sync::atomic::AtomicUsize>,
    end: std::sync::Arc<std::sync::atomic::AtomicBool>,
    thread: Option<std::thread::JoinHandle<()>>,
}

/// What a proxy does to datagrams.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Trouble {
    /// Time each direction takes.
    pub(crate) delay: Duration,
    /// Every datagram of this number is dropped, counted over both directions.
    pub(crate) drop_each: Option<usize>,
    /// A request that comes while another one is being answered is dropped.
    pub(crate) one_at_a_time: bool,
}

impl Proxy {
    pub(crate) fn start(to: u16, trouble: Trouble) -> Self {
        use std::sync::atomic::Ordering;
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let port = socket.local_addr().unwrap().port();
        let bmc = UdpSocket::bind("127.0.0.1:0").unwrap();
        bmc.connect(("127.0.0.1", to)).unwrap();
        socket.set_nonblocking(true).unwrap();
        bmc.set_nonblocking(true).unwrap();
        let (requests, end) = (std::sync::Arc::default(), std::sync::Arc::default());
        let (counter, ended) = (std::sync::Arc::clone(&requests), std::sync::Arc::clone(&end));
        let counter: std::sync::Arc<std::sync::atomic::AtomicUsize> = counter;
        let ended: std::sync::Arc<std::sync::atomic::AtomicBool> = ended;
        let thread = std::thread::spawn(move || {
            let mut client = None;
            let mut queue = std::collections::VecDeque::new();
            let (mut seen, mut waiting) = (0, false);
            let mut buffer = [0; 2048];
            while !ended.load(Ordering::Relaxed) {
                let mut idle = true;
                let now = Instant::now();
                while let Ok((length, from)) = socket.recv_from(&mut buffer) {
                    idle = false;
                    client = Some(from);
                    counter.fetch_add(1, Ordering::Relaxed);
                    seen += 1;
                    let busy = trouble.one_at_a_time && std::mem::replace(&mut waiting, true);
                    if !busy && trouble.drop_each.is_none_or(|each| seen % each != 0) {
                        queue.push_back((now + trouble.delay, true, buffer[..length].to_vec()));
                    }
                }
                while let Ok(length) = bmc.recv(&mut buffer) {
                    idle = false;
                    seen += 1;
                    waiting = false;
                    if trouble.drop_each.is_none_or(|each| seen % each != 0) {
                        queue.push_back((now + trouble.delay, false, buffer[..length].to_vec()));
                    }
                }
                while queue.front().is_some_and(|(due, _, _)| *due <= now) {
                    let Some((_, to_bmc, bytes)) = queue.pop_front() else { break };
                    if to_bmc {
                        let _ = bmc.send(&bytes);
                    } else if let Some(client) = client {
                        let _ = socket.send_to(&bytes, client);
                    }
                }
                if idle {
                    std::thread::sleep(Duration::from_micros(200));
                }
            }
        });
        Self { port, requests, end, thread: Some(thread) }
    }

    pub(crate) fn url(&self, scheme: &str, query: &str) -> BmcUrl {
        format!("{scheme}://127.0.0.1:{}{query}", self.port).parse().unwrap()
    }

    /// Datagrams towards the BMC so far.
    pub(crate) fn requests(&self) -> usize {
        self.requests.load(std::sync::atomic::Ordering::Relaxed)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.end.store(true, std::sync::atomic::Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
