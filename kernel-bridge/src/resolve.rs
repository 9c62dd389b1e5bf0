//! From a host with a port to socket addresses.

use std::io::{Error, Result};
use std::net::{Ipv6Addr, SocketAddr, SocketAddrV6, ToSocketAddrs};

use nix::net::if_::if_nametoindex;

use crate::url::HostPort;

/// The addresses a host stands for. Waits for the resolver.
pub(crate) fn addresses(host: &HostPort) -> Result<Vec<SocketAddr>> {
    match scoped(host) {
        Some(address) => Ok(vec![address?.into()]),
        None => Ok((host.host.as_str(), host.port).to_socket_addrs()?.collect()),
    }
}

/// An IPv6 address with a scope: the name or number of an interface. The C library's resolver takes scopes of
/// link-local addresses only.
fn scoped(host: &HostPort) -> Option<Result<SocketAddrV6>> {
    let (address, scope) = host.host.split_once('%')?;
    let address: Ipv6Addr = address.parse().ok()?;
    let index = match scope.parse() {
        Ok(index) => Ok(index),
        Err(_) => if_nametoindex(scope).map_err(|errno| {
            let error = Error::from(errno);
            Error::new(error.kind(), format!("interface {scope:?}: {error}"))
        }),
    };
    // Elsewhere the kernel takes no notice of scopes, and packets come from an address without one.
    let has_scope = address.is_unicast_link_local() || address.is_multicast();
    Some(index.map(|index| SocketAddrV6::new(address, host.port, 0, if has_scope { index } else { 0 })))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(host: &str) -> Result<Vec<SocketAddr>> {
        addresses(&HostPort { host: host.to_owned(), port: 623 })
    }

    #[test]
    fn scopes_of_any_address_are_taken() {
        let index = if_nametoindex("lo").unwrap();
        for (address, scope) in [("::1", 0), ("fe80::1", index), ("2001:db8::1", 0), ("ff02::1", index)] {
            let expected = vec![SocketAddrV6::new(address.parse().unwrap(), 623, 0, scope).into()];
            assert_eq!(found(&format!("{address}%lo")).unwrap(), expected);
            assert_eq!(found(&format!("{address}%{index}")).unwrap(), expected);
        }
        let error = found("fe80::1%nowhere").unwrap_err().to_string();
        assert!(error.starts_with("interface \"nowhere\": "), "{error}");
        assert!(found("::1%").is_err());
    }

    #[test]
    fn plain_addresses_stand_for_themselves() {
        assert_eq!(found("127.0.0.1").unwrap(), ["127.0.0.1:623".parse().unwrap()]);
        assert_eq!(found("::1").unwrap(), ["[::1]:623".parse().unwrap()]);
    }
}
