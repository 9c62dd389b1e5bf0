//! The UDP socket of the LAN face: an answer leaves from the address the request came to, also where the socket is
//! bound to all addresses of the host. Consoles drop what comes from another.

use std::collections::HashMap;
use std::io::{self, IoSlice, IoSliceMut};
use std::net::{SocketAddr, SocketAddrV4, SocketAddrV6, UdpSocket};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};

use nix::libc::{in_pktinfo, in6_pktinfo};
use nix::sys::socket::{
    ControlMessage, ControlMessageOwned, MsgFlags, RecvMsg, SockaddrStorage, recvmsg, sendmsg, setsockopt, sockopt,
};

/// Receive buffer asked for: room for what many consoles send at once. The system may give less.
const RECEIVE_BUFFER: usize = 1 << 20;
/// Peers whose way is remembered. Beyond them all are forgotten: who sends again is known again.
const PEERS: usize = 4096;

/// The address of this host that a peer sends to.
#[derive(Clone, Copy)]
enum Local {
    V4(in_pktinfo),
    V6(in6_pktinfo),
}

/// A UDP socket that does not block.
pub(super) struct Udp {
    socket: UdpSocket,
    /// Where each peer sends to, when the socket is bound to all addresses.
    ways: Option<HashMap<SocketAddr, Local>>,
}

impl Udp {
    /// Binds `address`; port 0 takes a free one.
    ///
    /// # Errors
    /// When it cannot be bound.
    pub(super) fn bind(address: SocketAddr) -> io::Result<Self> {
        let socket = UdpSocket::bind(address)?;
        socket.set_nonblocking(true)?;
        // A smaller buffer only loses datagrams that consoles send again.
        let _ = setsockopt(&socket, sockopt::RcvBuf, &RECEIVE_BUFFER);
        if !address.ip().is_unspecified() {
            return Ok(Self { socket, ways: None });
        }
        if address.is_ipv4() {
            setsockopt(&socket, sockopt::Ipv4PacketInfo, &true)?;
        } else {
            setsockopt(&socket, sockopt::Ipv6RecvPacketInfo, &true)?;
        }
        Ok(Self { socket, ways: Some(HashMap::new()) })
    }

    /// The address bound.
    ///
    /// # Errors
    /// When the system does not say.
    pub(super) fn local_addr(&self) -> io::Result<SocketAddr> {
        self.socket.local_addr()
    }

    /// Takes a datagram.
    ///
    /// # Errors
    /// `WouldBlock` when there is none.
    pub(super) fn receive(&mut self, buffer: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        let Some(ways) = &mut self.ways else { return self.socket.recv_from(buffer) };
        let mut control = nix::cmsg_space!(in6_pktinfo, in_pktinfo);
        let mut data = [IoSliceMut::new(buffer)];
        let fd = self.socket.as_raw_fd();
        let message: RecvMsg<'_, '_, SockaddrStorage> =
            recvmsg(fd, &mut data, Some(&mut control), MsgFlags::MSG_DONTWAIT)?;
        let peer = message.address.as_ref().and_then(socket_addr);
        let peer = peer.ok_or_else(|| io::Error::other("a datagram without a sender"))?;
        let local = message.cmsgs()?.find_map(|part| match part {
            ControlMessageOwned::Ipv4PacketInfo(info) => Some(Local::V4(in_pktinfo { ipi_ifindex: 0, ..info })),
            ControlMessageOwned::Ipv6PacketInfo(info) => Some(Local::V6(in6_pktinfo { ipi6_ifindex: 0, ..info })),
            _ => None,
        });
        if ways.len() >= PEERS && !ways.contains_key(&peer) {
            ways.clear();
        }
        if let Some(local) = local {
            ways.insert(peer, local);
        }
        Ok((message.bytes, peer))
    }

    /// Sends a datagram.
    ///
    /// # Errors
    /// When the system cannot send it.
    pub(super) fn send(&self, datagram: &[u8], peer: SocketAddr) -> io::Result<()> {
        let Some(local) = self.ways.as_ref().and_then(|ways| ways.get(&peer)) else {
            return self.socket.send_to(datagram, peer).map(drop);
        };
        let from = match local {
            Local::V4(info) => ControlMessage::Ipv4PacketInfo(info),
            Local::V6(info) => ControlMessage::Ipv6PacketInfo(info),
        };
        let (data, to) = ([IoSlice::new(datagram)], SockaddrStorage::from(peer));
        sendmsg(self.socket.as_raw_fd(), &data, &[from], MsgFlags::MSG_DONTWAIT, Some(&to))?;
        Ok(())
    }
}

impl AsFd for Udp {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

impl std::fmt::Debug for Udp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.socket.fmt(f)
    }
}

fn socket_addr(address: &SockaddrStorage) -> Option<SocketAddr> {
    let v4 = address.as_sockaddr_in().map(|address| SocketAddrV4::from(*address).into());
    v4.or_else(|| address.as_sockaddr_in6().map(|address| SocketAddrV6::from(*address).into()))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// What a peer at `from` that sends to `to` gets back, and from where.
    fn echo(bound: &str, from: &str, to: &str) -> (Vec<u8>, SocketAddr) {
        let mut udp = Udp::bind(bound.parse().unwrap()).unwrap();
        let peer = UdpSocket::bind(from).unwrap();
        peer.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        let to = SocketAddr::new(to.parse().unwrap(), udp.local_addr().unwrap().port());
        peer.send_to(b"there", to).unwrap();
        let mut buffer = [0; 64];
        let (length, sender) = loop {
            match udp.receive(&mut buffer) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => std::thread::yield_now(),
                other => break other.unwrap(),
            }
        };
        udp.send(&buffer[..length], sender).unwrap();
        let (length, from) = peer.recv_from(&mut buffer).unwrap();
        assert_eq!(from.port(), to.port());
        (buffer[..length].to_vec(), from)
    }

    #[test]
    fn answers_leave_from_where_the_request_came_to() {
        for (bound, from) in
            [("127.0.0.7:0", "127.0.0.1:0"), ("0.0.0.0:0", "127.0.0.1:0"), ("0.0.0.0:0", "127.0.0.9:0")]
        {
            let (data, source) = echo(bound, from, "127.0.0.7");
            assert_eq!((data.as_slice(), source.ip().to_string()), (&b"there"[..], "127.0.0.7".to_owned()), "{bound}");
        }
    }

    #[test]
    fn a_socket_of_both_families_serves_both() {
        // A host without IPv6 has no such socket.
        if Udp::bind("[::1]:0".parse().unwrap()).is_err() {
            return;
        }
        assert_eq!(echo("[::]:0", "[::1]:0", "::1").1.ip().to_string(), "::1");
        assert_eq!(echo("[::]:0", "127.0.0.1:0", "127.0.0.7").1.ip().to_string(), "127.0.0.7");
    }
}
