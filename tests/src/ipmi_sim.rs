//! OpenIPMI's `ipmi_sim` as a BMC behind LAN: users, authentication types and a free port, stopped when dropped.

use std::net::{SocketAddr, TcpListener, UdpSocket};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::peer;

/// A user of every `ipmi_sim` started here: administrator.
pub const USER: &str = "admin";
/// Its password.
pub const PASSWORD: &str = "admin";
/// The password of the user without a name, an ordinary user.
pub const ANONYMOUS_PASSWORD: &str = "test";
/// Longest time to answer the first ping.
const START: Duration = Duration::from_secs(20);
/// Tries to get a port: another program may take the one that was free.
const TRIES: usize = 3;

/// A running `ipmi_sim`.
pub struct IpmiSim {
    child: Child,
    address: SocketAddr,
    serial: Option<SocketAddr>,
    _directory: tempfile::TempDir,
}

impl IpmiSim {
    /// Starts it on 127.0.0.1; `None`, with a line that says so, when the program is not installed.
    ///
    /// # Panics
    /// When it does not answer.
    pub fn start(script: &str) -> Option<Self> {
        Self::start_on("127.0.0.1", script)
    }

    /// The same on another loopback address, for example `::1`.
    ///
    /// # Panics
    /// When it does not answer.
    pub fn start_on(host: &str, script: &str) -> Option<Self> {
        Self::start_as(host, script, None)
    }

    /// The same on 127.0.0.1, with a serial line that speaks `codec` behind a TCP port.
    ///
    /// # Panics
    /// When it does not answer.
    pub fn start_serial(script: &str, codec: &str) -> Option<Self> {
        Self::start_as("127.0.0.1", script, Some(codec))
    }

    fn start_as(host: &str, script: &str, codec: Option<&str>) -> Option<Self> {
        let program = peer::program("ipmi_sim")?;
        for _ in 0..TRIES {
            if let Some(running) = Self::attempt(&program, host, script, codec) {
                return Some(running);
            }
        }
        panic!("ipmi_sim answers no ping on {host}");
    }

    fn attempt(program: &Path, host: &str, script: &str, codec: Option<&str>) -> Option<Self> {
        let directory = tempfile::tempdir().expect("folder");
        let socket = UdpSocket::bind((host, 0)).expect("loopback");
        let address = socket.local_addr().expect("bound");
        drop(socket);
        let (configuration, emu) = (directory.path().join("lan.conf"), directory.path().join("node.emu"));
        let mut text = lan_configuration(host, address.port());
        let mut serial = None;
        if let Some(codec) = codec {
            let port = TcpListener::bind((host, 0)).and_then(|listener| listener.local_addr()).expect("loopback");
            text.push_str(&format!("  serial 15 {host} {} codec {codec}\n", port.port()));
            serial = Some(port);
        }
        std::fs::write(&configuration, text).expect("lan.conf");
        std::fs::write(&emu, script).expect("node.emu");
        // It ends when its standard input does, so that stays open.
        let child = Command::new(program)
            .args(["-n", "-p", "-c"])
            .arg(&configuration)
            .arg("-f")
            .arg(&emu)
            .arg("-s")
            .arg(directory.path())
            .env("TZ", "UTC")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("ipmi_sim starts");
        let mut running = Self { child, address, serial, _directory: directory };
        running.answers_ping().then_some(running)
    }

    /// Asks for authentication capabilities until an answer comes.
    fn answers_ping(&mut self) -> bool {
        let socket = UdpSocket::bind((self.address.ip(), 0)).expect("loopback");
        socket.connect(self.address).expect("connect");
        socket.set_read_timeout(Some(Duration::from_millis(50))).expect("timeout");
        let capabilities = [
            0x06, 0x00, 0xFF, 0x07, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9, 0x20, 0x18, 0xC8, 0x81, 0x00, 0x38, 0x0E, 0x04, 0x35,
        ];
        let end = Instant::now() + START;
        while Instant::now() < end {
            if self.child.try_wait().expect("wait").is_some() {
                return false;
            }
            let _ = socket.send(&capabilities);
            if socket.recv(&mut [0; 256]).is_ok() {
                return true;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        false
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where its serial line is, when it has one.
    pub fn serial(&self) -> Option<SocketAddr> {
        self.serial
    }
}

impl Drop for IpmiSim {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn lan_configuration(host: &str, port: u16) -> String {
    let types = "none md2 md5 straight";
    let allowed: String = ["admin", "callback", "user", "operator"]
        .iter()
        .map(|level| format!("    allowed_auths_{level} {types}\n"))
        .collect();
    format!(
        "name \"bmc\"\nset_working_mc 0x20\n  startlan 1\n    addr {host} {port}\n    priv_limit admin\n{allowed}    \
         guid a123456789abcdefa123456789abcdef\n  endlan\n  user 1 true \"\" \"{ANONYMOUS_PASSWORD}\" user 10 {types}\n  \
         user 2 true \"{USER}\" \"{PASSWORD}\" admin 10 {types}\n"
    )
}
