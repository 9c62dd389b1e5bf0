//! RMCP presence ping: is there a BMC, without a log-in (ASF 2.0 s3.2.4, IPMI 2.0 s13.2.3).

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use ipmi_core::link::asf::Pong;
use ipmi_core::link::console::{pong_in, presence_ping};
use nix::poll::{PollFd, PollFlags, PollTimeout};

use super::open::resolve;
use super::socket::{Socket, key};
use crate::options::Family;
use crate::url::HostPort;

/// A BMC that answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Presence {
    /// Where it is.
    pub address: SocketAddr,
    /// What it can do.
    pub pong: Pong,
    /// Time it took.
    pub after: Duration,
}

/// Asks every address of `host` in turn whether a BMC is there.
///
/// # Errors
/// When the name stands for nothing, or nobody answers within `timeout`.
pub fn ping(host: &HostPort, family: Family, timeout: Duration) -> Result<Presence, String> {
    let mut last = format!("{host}: no address");
    for address in resolve(host, family).map_err(|reason| format!("{host}: {reason}"))? {
        match ping_address(key(address), timeout) {
            Ok(presence) => return Ok(presence),
            Err(reason) => last = format!("{host}: {reason}"),
        }
    }
    Err(last)
}

fn ping_address(address: SocketAddr, timeout: Duration) -> Result<Presence, String> {
    let mut socket = Socket::for_peer(&address).map_err(|error| error.to_string())?;
    let mut tag = [0];
    rand::fill(&mut tag);
    // FFh asks for no answer.
    let tag = tag.map(|tag| tag & 0x7F)[0];
    let start = Instant::now();
    socket.send(&presence_ping(tag), address).map_err(|error| super::why_unreachable(&error))?;
    loop {
        while let Some((bytes, from)) = socket.receive() {
            if from == address
                && let Some(pong) = pong_in(bytes, tag)
            {
                return Ok(Presence { address, pong, after: start.elapsed() });
            }
        }
        if let Some((_, error)) = socket.undelivered() {
            return Err(super::why_unreachable(&error));
        }
        let Some(left) = timeout.checked_sub(start.elapsed()).filter(|left| !left.is_zero()) else {
            return Err("no answer to a presence ping".to_owned());
        };
        let wait = PollTimeout::try_from(left + Duration::from_micros(999)).unwrap_or(PollTimeout::MAX);
        let mut fds = [PollFd::new(socket.as_fd(), PollFlags::POLLIN)];
        if let Err(errno) = nix::poll::poll(&mut fds, wait) {
            tracing::debug!(%errno, "poll");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_closed_port_is_said_at_once() {
        let closed = std::net::UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let host = HostPort { host: "127.0.0.1".to_owned(), port: closed.port() };
        let error = ping(&host, Family::Any, Duration::from_secs(5)).unwrap_err();
        assert!(error.contains("nobody listens"), "{error}");
    }
}
