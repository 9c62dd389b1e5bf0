//! A UDP socket that many sessions share: datagrams, and what ICMP says about those that could not be delivered.

use std::io::{ErrorKind, IoSliceMut};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6, UdpSocket};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};

use ipmi_core::link::rmcp::MAX_DATAGRAM;
use nix::cmsg_space;
use nix::poll::{PollFd, PollFlags, PollTimeout};
use nix::sys::socket::{ControlMessageOwned, MsgFlags, SockaddrStorage, recvmsg, setsockopt, sockopt};

/// Room for the answers of a thousand BMCs that come at once.
const RECEIVE_BUFFER: usize = 8 << 20;
/// Longest wait for room to send, in milliseconds.
const SEND_WAIT: u16 = 20;

/// A socket for one address family.
#[derive(Debug)]
pub(super) struct Socket {
    socket: UdpSocket,
    buffer: Vec<u8>,
}

impl Socket {
    /// A socket for the family of `peer`, at a port the system chooses.
    pub(super) fn for_peer(peer: &SocketAddr) -> std::io::Result<Self> {
        let any = match peer {
            SocketAddr::V4(_) => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
            SocketAddr::V6(_) => IpAddr::V6(Ipv6Addr::UNSPECIFIED),
        };
        let socket = UdpSocket::bind((any, 0))?;
        socket.set_nonblocking(true)?;
        let wished = [
            // The system grants what it allows; the forced form needs a capability.
            setsockopt(&socket, sockopt::RcvBuf, &RECEIVE_BUFFER),
            setsockopt(&socket, sockopt::RcvBufForce, &RECEIVE_BUFFER),
            match peer {
                SocketAddr::V4(_) => setsockopt(&socket, sockopt::Ipv4RecvErr, &true),
                SocketAddr::V6(_) => setsockopt(&socket, sockopt::Ipv6RecvErr, &true),
            },
        ];
        for errno in wished.into_iter().filter_map(Result::err) {
            tracing::debug!(%errno, "UDP socket option");
        }
        Ok(Self { socket, buffer: vec![0; MAX_DATAGRAM] })
    }

    pub(super) fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }

    /// The next datagram, if one has come.
    pub(super) fn receive(&mut self) -> Option<(&[u8], SocketAddr)> {
        loop {
            match self.socket.recv_from(&mut self.buffer) {
                Ok((length, from)) => return Some((self.buffer.get(..length).unwrap_or_default(), key(from))),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return None,
                // Errors of datagrams sent before; the error queue has them too.
                Err(error) if is_about_another(&error) => {}
                Err(error) => {
                    tracing::warn!(%error, "receiving from the LAN");
                    return None;
                }
            }
        }
    }

    /// The next datagram that could not be delivered: to whom, and why.
    pub(super) fn undelivered(&self) -> Option<(SocketAddr, std::io::Error)> {
        let mut data = [0; 64];
        let mut control = cmsg_space!(libc::sock_extended_err, libc::sockaddr_in6);
        let mut parts = [IoSliceMut::new(&mut data)];
        let flags = MsgFlags::MSG_ERRQUEUE | MsgFlags::MSG_DONTWAIT;
        let message =
            recvmsg::<SockaddrStorage>(self.socket.as_raw_fd(), &mut parts, Some(&mut control), flags).ok()?;
        let peer = message.address.as_ref().and_then(address)?;
        let errno = message.cmsgs().ok()?.find_map(|part| match part {
            ControlMessageOwned::Ipv4RecvErr(error, _) | ControlMessageOwned::Ipv6RecvErr(error, _) => {
                i32::try_from(error.ee_errno).ok()
            }
            _ => None,
        })?;
        Some((key(peer), std::io::Error::from_raw_os_error(errno)))
    }

    /// Sends a datagram.
    ///
    /// # Errors
    /// What the system says about `to`: no route, not permitted.
    pub(super) fn send(&self, bytes: &[u8], to: SocketAddr) -> std::io::Result<()> {
        let mut waited = false;
        // The errors of earlier datagrams come up here as well; each try takes one away.
        for _ in 0..16 {
            match self.socket.send_to(bytes, to) {
                Ok(_) => return Ok(()),
                Err(error) if error.kind() == ErrorKind::WouldBlock && !waited => {
                    waited = true;
                    let mut fds = [PollFd::new(self.socket.as_fd(), PollFlags::POLLOUT)];
                    let _ = nix::poll::poll(&mut fds, PollTimeout::from(SEND_WAIT));
                }
                // A datagram without room counts as lost; it is sent again in time.
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) if is_about_another(&error) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

/// True for errors that ICMP brought and that may concern any peer of the socket.
fn is_about_another(error: &std::io::Error) -> bool {
    matches!(error.kind(), ErrorKind::Interrupted | ErrorKind::ConnectionRefused | ErrorKind::HostUnreachable)
}

fn address(storage: &SockaddrStorage) -> Option<SocketAddr> {
    if let Some(v4) = storage.as_sockaddr_in() {
        return Some(SocketAddr::from((v4.ip(), v4.port())));
    }
    storage.as_sockaddr_in6().map(|v6| SocketAddr::V6(SocketAddrV6::new(v6.ip(), v6.port(), 0, v6.scope_id())))
}

/// The address as conversations are found by: without the flow label, which may differ from datagram to datagram.
pub(super) fn key(address: SocketAddr) -> SocketAddr {
    match address {
        SocketAddr::V4(_) => address,
        SocketAddr::V6(v6) => SocketAddr::V6(SocketAddrV6::new(*v6.ip(), v6.port(), 0, v6.scope_id())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_closed_port_is_told_by_address() {
        let closed = UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let mut socket = Socket::for_peer(&closed).unwrap();
        socket.send(b"hello", closed).unwrap();
        let mut fds = [PollFd::new(socket.as_fd(), PollFlags::POLLIN)];
        nix::poll::poll(&mut fds, PollTimeout::from(1000u16)).unwrap();
        assert!(socket.receive().is_none());
        let (peer, error) = socket.undelivered().unwrap();
        assert_eq!((peer, error.kind()), (closed, ErrorKind::ConnectionRefused));
        assert!(socket.undelivered().is_none());
    }

    #[test]
    fn datagrams_come_with_their_sender() {
        let peer = UdpSocket::bind("127.0.0.1:0").unwrap();
        let address = peer.local_addr().unwrap();
        let mut socket = Socket::for_peer(&address).unwrap();
        socket.send(b"ping", address).unwrap();
        let mut buffer = [0; 16];
        let (length, from) = peer.recv_from(&mut buffer).unwrap();
        peer.send_to(&buffer[..length], from).unwrap();
        let mut fds = [PollFd::new(socket.as_fd(), PollFlags::POLLIN)];
        nix::poll::poll(&mut fds, PollTimeout::from(1000u16)).unwrap();
        assert_eq!(socket.receive(), Some((&b"ping"[..], address)));
    }
}
