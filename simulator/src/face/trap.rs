//! Sends what a BMC sends by itself: SNMP traps over UDP.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, UdpSocket};

use crate::pef::alert::Datagram;

/// Sends a datagram. One that cannot be sent is lost, as any datagram may be.
pub(crate) fn send(datagram: &Datagram) {
    match try_send(datagram) {
        Ok(()) => tracing::debug!(to = %datagram.to, "trap"),
        Err(error) => tracing::warn!("a trap to {} cannot be sent: {error}", datagram.to),
    }
}

// Alerts are rare: a socket for each costs less than one that is kept.
fn try_send(datagram: &Datagram) -> io::Result<()> {
    let any: IpAddr = match datagram.to {
        std::net::SocketAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        std::net::SocketAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    let socket = UdpSocket::bind((any, 0))?;
    socket.set_nonblocking(true)?;
    socket.send_to(&datagram.bytes, datagram.to).map(drop)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_datagram_arrives() {
        for address in ["127.0.0.1:0", "[::1]:0"] {
            let Ok(receiver) = UdpSocket::bind(address) else { continue };
            receiver.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
            send(&Datagram { to: receiver.local_addr().unwrap(), bytes: vec![1, 2, 3] });
            let mut buffer = [0; 8];
            let (length, _) = receiver.recv_from(&mut buffer).unwrap();
            assert_eq!(buffer[..length], [1, 2, 3]);
        }
    }
}
