//! LAN configuration parameters of the LAN channel, and what the session server needs of them (IPMI 2.0 s23.2).

use std::net::{Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use ipmi_core::{CompletionCode, Privilege};

use super::parameter::{BLOCK, Parameter, Parameters, parameter};

/// Alert destinations that outlive a restart; destination 0 is the volatile one beside them.
pub const DESTINATIONS: u8 = 4;
/// Static and dynamic IPv6 addresses.
const ADDRESSES_V6: u8 = 4;
/// Dynamic router sets.
const ROUTERS_V6: u8 = 1;
/// Blocks of a DUID, block 0 with its length in front (s23.2, parameters 57-61).
const DUID_BLOCKS: u8 = 2;
/// Most cipher suites the parameters have room for.
const SUITES: usize = 16;
/// Authentication types: none, MD2, MD5, straight password. A BMC to test against takes them all.
const AUTH_ENABLED: u8 = 0x17;
/// UDP port SNMP managers take traps on.
const TRAP_PORT: u16 = 162;
/// Cipher suites offered: all there is cryptography for, and 0, which has none.
const CIPHER_SUITES: [u8; 12] = [0, 1, 2, 3, 6, 7, 8, 11, 12, 15, 16, 17];

const AUTH_ENABLES: u8 = 2;
const ADDRESS: u8 = 3;
const MAC: u8 = 5;
const SUBNET_MASK: u8 = 6;
const GATEWAY: u8 = 12;
const COMMUNITY: u8 = 16;
const DESTINATION_TYPE: u8 = 18;
const DESTINATION_ADDRESS: u8 = 19;
const SUITE_COUNT: u8 = 22;
const SUITE_IDS: u8 = 23;
const SUITE_PRIVILEGES: u8 = 24;
const BAD_PASSWORD: u8 = 26;
const STATIC_V6: u8 = 56;
/// Last byte of an IPv6 address parameter: active, disabled.
const ACTIVE: u8 = 0;
const DISABLED: u8 = 1;
/// Flags and source, address, prefix length, status: a static address that is disabled, and a SLAAC one.
const NO_ADDRESS_V6: [u8; 19] = no_address_v6(0x00);
const NO_DYNAMIC_V6: [u8; 19] = no_address_v6(0x01);

const TABLE: &[Parameter] = &[
    parameter(1, 1, &[0x17]).read_only(),
    parameter(AUTH_ENABLES, 5, &[AUTH_ENABLED, AUTH_ENABLED, AUTH_ENABLED, AUTH_ENABLED, 0]),
    parameter(ADDRESS, 4, &[192, 0, 2, 20]),
    parameter(4, 1, &[1]).valid(|value| value.iter().all(|source| source & 0xF <= 4)),
    parameter(MAC, 6, &[0x02, 0x00, 0x5E, 0x10, 0x00, 0x01]),
    parameter(SUBNET_MASK, 4, &[255, 255, 255, 0]),
    parameter(7, 3, &[0x40, 0x40, 0x10]),
    parameter(8, 2, &[0x6F, 0x02]),
    parameter(9, 2, &[0x98, 0x02]),
    parameter(10, 1, &[0x02]),
    parameter(11, 1, &[0x03]),
    parameter(GATEWAY, 4, &[192, 0, 2, 1]),
    parameter(13, 6, &[0x02, 0x00, 0x5E, 0x10, 0x00, 0xFE]),
    parameter(14, 4, &[]),
    parameter(15, 6, &[]),
    parameter(COMMUNITY, 18, b"public"),
    parameter(17, 1, &[DESTINATIONS]).read_only(),
    parameter(DESTINATION_TYPE, 3, &[]).sets(0, DESTINATIONS).volatile_first().valid(is_destination_type),
    parameter(DESTINATION_ADDRESS, 12, &[]).at_most(17).sets(0, DESTINATIONS).volatile_first().valid(is_destination),
    parameter(20, 2, &[]),
    parameter(21, 1, &[]).valid(|value| value.iter().all(|priority| *priority <= 7)),
    parameter(SUITE_COUNT, 1, &[]).read_only(),
    parameter(SUITE_IDS, 1, &[]).at_most(1 + SUITES).read_only(),
    parameter(SUITE_PRIVILEGES, 9, &[]).valid(are_privileges),
    parameter(25, 3, &[]).sets(0, DESTINATIONS).volatile_first(),
    parameter(BAD_PASSWORD, 6, &[]),
    parameter(50, 1, &[0x07]).read_only(),
    parameter(51, 1, &[0x00]).valid(|value| value.iter().all(|enables| *enables <= 2)),
    parameter(52, 1, &[]),
    parameter(53, 1, &[0x40]),
    parameter(54, 3, &[]).valid(|value| value.first().is_some_and(|high| *high <= 0x0F)),
    parameter(55, 3, &[ADDRESSES_V6, ADDRESSES_V6, 0x03]).read_only(),
    parameter(STATIC_V6, 19, &NO_ADDRESS_V6).sets(0, ADDRESSES_V6 - 1),
    parameter(57, 1, &[DUID_BLOCKS]).read_only(),
    parameter(58, BLOCK, &[]).sets(0, ADDRESSES_V6 - 1).blocks(0, DUID_BLOCKS - 1),
    parameter(59, 19, &NO_DYNAMIC_V6).sets(0, ADDRESSES_V6 - 1).read_only(),
    parameter(60, 1, &[DUID_BLOCKS]).read_only(),
    parameter(61, BLOCK, &[]).sets(0, ADDRESSES_V6 - 1).blocks(0, DUID_BLOCKS - 1).read_only(),
    parameter(62, 1, &[0x01]).read_only(),
    parameter(63, BLOCK, &[]).sets(0, 0).blocks(0, 1),
    parameter(64, 1, &[0x02]).valid(|value| value.iter().all(|control| *control <= 3)),
    parameter(65, 16, &[]),
    parameter(66, 6, &[]),
    parameter(67, 1, &[]).valid(is_prefix_length),
    parameter(68, 16, &[]),
    parameter(69, 16, &[]),
    parameter(70, 6, &[]),
    parameter(71, 1, &[]).valid(is_prefix_length),
    parameter(72, 16, &[]),
    parameter(73, 1, &[ROUTERS_V6]).read_only(),
    parameter(74, 16, &[]).sets(0, ROUTERS_V6 - 1).read_only(),
    parameter(75, 6, &[]).sets(0, ROUTERS_V6 - 1).read_only(),
    parameter(76, 1, &[]).sets(0, ROUTERS_V6 - 1).read_only(),
    parameter(77, 16, &[]).sets(0, ROUTERS_V6 - 1).read_only(),
    parameter(78, 1, &[]).read_only(),
    parameter(79, 1, &[0x01]).read_only(),
    parameter(80, BLOCK, &[]).sets(0, 0).blocks(0, 0),
];

const fn no_address_v6(source: u8) -> [u8; 19] {
    [source, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, DISABLED]
}

// PET, OEM 1 or OEM 2.
fn is_destination_type(value: &[u8]) -> bool {
    value.first().is_some_and(|kind| matches!(kind & 7, 0 | 6 | 7))
}

// IPv4 with a MAC address is shorter than IPv6.
fn is_destination(value: &[u8]) -> bool {
    value.first().is_some_and(|format| matches!((format >> 4, value.len()), (0, 12) | (1, 17)))
}

fn are_privileges(value: &[u8]) -> bool {
    value.iter().skip(1).all(|pair| pair & 0xF <= 5 && pair >> 4 <= 5)
}

fn is_prefix_length(value: &[u8]) -> bool {
    value.iter().all(|length| *length <= 128)
}

/// What happens after bad passwords (parameter 26).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BadPassword {
    /// A session audit event is logged when a user is locked out.
    pub log: bool,
    /// Bad passwords that lock a user out, 0 for never.
    pub threshold: u8,
    /// Bad passwords this long ago no longer count; `None`: they always count.
    pub forget_after: Option<Duration>,
    /// How long a user stays locked out; `None`: until enabled again.
    pub lockout: Option<Duration>,
}

/// Where an alert goes (parameters 18 and 19).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Destination {
    /// It is a PET trap; OEM kinds are not sent.
    pub is_pet: bool,
    /// The alert is sent until somebody acknowledges it.
    pub acknowledged: bool,
    /// How long to wait for an acknowledgement, or between two traps.
    pub timeout: Duration,
    /// How often the alert is sent again.
    pub retries: u8,
    /// Address of the receiver.
    pub address: std::net::IpAddr,
}

/// Packet counters of Get IP/UDP/RMCP Statistics, in its order; they stay at FFFFh (s23.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Statistics {
    counters: [u16; 9],
}

/// A counter of [`Statistics`] that a UDP socket can see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counter {
    /// IP packets received.
    IpReceived = 0,
    /// IP packets transmitted.
    IpSent = 4,
    /// UDP packets received.
    UdpReceived = 5,
    /// Valid RMCP packets received.
    RmcpReceived = 6,
}

impl Statistics {
    /// Counts one packet.
    pub fn count(&mut self, counter: Counter) {
        if let Some(count) = self.counters.get_mut(counter as usize) {
            *count = count.saturating_add(1);
        }
    }

    /// The bytes of the response.
    pub fn emit(&self) -> Vec<u8> {
        self.counters.iter().flat_map(|count| count.to_le_bytes()).collect()
    }
}

/// The LAN configuration of the BMC.
#[derive(Debug, Clone)]
pub struct LanConfig {
    /// The parameters as commands see them.
    pub parameters: Parameters,
    /// Packets counted.
    pub statistics: Statistics,
    /// UDP port alerts are sent to.
    pub trap_port: u16,
}

impl Default for LanConfig {
    fn default() -> Self {
        let parameters = Parameters::new(TABLE);
        let mut config = Self { parameters, statistics: Statistics::default(), trap_port: TRAP_PORT };
        config.offer_suites(&CIPHER_SUITES);
        config
    }
}

impl LanConfig {
    /// Set LAN Configuration Parameters; true when the value outlives a restart. The status of a static IPv6 address
    /// is the BMC's to say, so a request may leave it out.
    ///
    /// # Errors
    /// As [`Parameters::set`].
    pub fn set(&mut self, number: u8, data: &[u8]) -> Result<bool, CompletionCode> {
        let mut data = data.to_vec();
        if let (STATIC_V6, 19 | 20, Some(flags)) = (number, data.len(), data.get(1)) {
            let status = if flags & 0x80 != 0 { ACTIVE } else { DISABLED };
            data.truncate(19);
            data.push(status);
        }
        self.parameters.set(number, &data)
    }

    /// Authentication types enabled for sessions up to this privilege: bit 0 none, 1 MD2, 2 MD5, 4 straight password.
    pub fn auth_types(&self, privilege: Privilege) -> u8 {
        self.parameters.byte(AUTH_ENABLES, 0, usize::from(privilege as u8 - 1)) & 0x37
    }

    /// The cipher suites offered, in order.
    pub fn cipher_suites(&self) -> Vec<u8> {
        self.parameters.value(SUITE_IDS, 0, 0).split_first().map_or_else(Vec::new, |(_, ids)| ids.to_vec())
    }

    /// Highest privilege a session with this cipher suite may have; `None` when it may not be used.
    pub fn suite_privilege(&self, suite: u8) -> Option<Privilege> {
        let entry = self.cipher_suites().iter().position(|id| *id == suite)?;
        let pair = self.parameters.byte(SUITE_PRIVILEGES, 0, 1 + entry / 2);
        Privilege::from_code(if entry % 2 == 0 { pair & 0xF } else { pair >> 4 })
    }

    /// Offers these cipher suites, each up to administrator; those there is no cryptography for are listed without a
    /// level, unused. More than 16 are left out.
    pub fn offer_suites(&mut self, suites: &[u8]) {
        let suites = suites.get(..SUITES).unwrap_or(suites);
        let mut ids = vec![0];
        ids.extend(suites);
        let mut privileges = vec![0; 9];
        for (entry, _) in suites.iter().enumerate().filter(|(_, suite)| CIPHER_SUITES.contains(suite)) {
            if let Some(pair) = privileges.get_mut(1 + entry / 2) {
                *pair |= if entry % 2 == 0 { 0x04 } else { 0x40 };
            }
        }
        self.parameters.configure(SUITE_COUNT, 0, 0, &[u8::try_from(suites.len()).unwrap_or(0)]);
        self.parameters.configure(SUITE_IDS, 0, 0, &ids);
        self.parameters.configure(SUITE_PRIVILEGES, 0, 0, &privileges);
    }

    /// What happens after bad passwords.
    pub fn bad_password(&self) -> BadPassword {
        let value = self.parameters.value(BAD_PASSWORD, 0, 0);
        let byte = |offset: usize| value.get(offset).copied().unwrap_or(0);
        let tens = |offset: usize| match u16::from_le_bytes([byte(offset), byte(offset + 1)]) {
            0 => None,
            count => Some(Duration::from_secs(u64::from(count) * 10)),
        };
        BadPassword { log: byte(0) & 1 != 0, threshold: byte(1), forget_after: tens(2), lockout: tens(4) }
    }

    /// IPv4 address.
    pub fn address(&self) -> Ipv4Addr {
        self.quad(ADDRESS)
    }

    /// Configures the IPv4 address.
    pub fn set_address(&mut self, address: Ipv4Addr) {
        self.parameters.configure(ADDRESS, 0, 0, &address.octets());
    }

    /// Configures the subnet mask.
    pub fn set_subnet_mask(&mut self, mask: Ipv4Addr) {
        self.parameters.configure(SUBNET_MASK, 0, 0, &mask.octets());
    }

    /// Configures the default gateway.
    pub fn set_gateway(&mut self, gateway: Ipv4Addr) {
        self.parameters.configure(GATEWAY, 0, 0, &gateway.octets());
    }

    /// MAC address.
    pub fn mac(&self) -> [u8; 6] {
        self.parameters.value(MAC, 0, 0).try_into().unwrap_or_default()
    }

    /// Configures the MAC address.
    pub fn set_mac(&mut self, mac: [u8; 6]) {
        self.parameters.configure(MAC, 0, 0, &mac);
    }

    /// SNMP community of alerts, `public` when it is empty.
    pub fn community(&self) -> Vec<u8> {
        let value = self.parameters.value(COMMUNITY, 0, 0);
        let community: Vec<u8> = value.into_iter().take_while(|byte| *byte != 0).collect();
        if community.is_empty() { b"public".to_vec() } else { community }
    }

    /// Configures the SNMP community; more than 18 bytes are cut.
    pub fn set_community(&mut self, community: &str) {
        let mut value: Vec<u8> = community.bytes().take(18).collect();
        value.resize(18, 0);
        self.parameters.configure(COMMUNITY, 0, 0, &value);
    }

    /// Alert destination `set`; `None` when there is none or its address is unspecified.
    pub fn destination(&self, set: u8) -> Option<Destination> {
        if set > DESTINATIONS {
            return None;
        }
        let kind = self.parameters.byte(DESTINATION_TYPE, set, 0);
        let timeout = self.parameters.byte(DESTINATION_TYPE, set, 1).max(1);
        let value = self.parameters.value(DESTINATION_ADDRESS, set, 0);
        let address = match value.as_slice() {
            [format, octets @ ..] if format >> 4 == 1 => {
                Ipv6Addr::from(<[u8; 16]>::try_from(octets).unwrap_or_default()).into()
            }
            [_, _, a, b, c, d, ..] => Ipv4Addr::new(*a, *b, *c, *d).into(),
            _ => std::net::IpAddr::V4(Ipv4Addr::UNSPECIFIED),
        };
        (!address.is_unspecified()).then(|| Destination {
            is_pet: kind & 7 == 0,
            acknowledged: kind & 0x80 != 0,
            timeout: Duration::from_secs(u64::from(timeout)),
            retries: self.parameters.byte(DESTINATION_TYPE, set, 2) & 7,
            address,
        })
    }

    fn quad(&self, number: u8) -> Ipv4Addr {
        let value = self.parameters.value(number, 0, 0);
        Ipv4Addr::from(<[u8; 4]>::try_from(value).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suites_have_privileges() {
        let mut config = LanConfig::default();
        assert_eq!(config.parameters.get(22, 0, 0), Ok(vec![12]));
        assert_eq!(config.parameters.get(23, 0, 0), Ok(vec![0, 0, 1, 2, 3, 6, 7, 8, 11, 12, 15, 16, 17]));
        assert_eq!(config.parameters.get(24, 0, 0), Ok(vec![0, 0x44, 0x44, 0x44, 0x44, 0x44, 0x44, 0, 0]));
        assert_eq!(config.suite_privilege(17), Some(Privilege::Administrator));
        assert_eq!(config.suite_privilege(4), None);
        config.parameters.set(24, &[0, 0x44, 0x20, 0x44, 0x44, 0x44, 0x04, 0, 0]).unwrap();
        assert_eq!(config.suite_privilege(2), None);
        assert_eq!(config.suite_privilege(3), Some(Privilege::User));
        assert!(config.parameters.set(24, &[0, 0x74, 0, 0, 0, 0, 0, 0, 0]).is_err());
    }

    #[test]
    fn bad_passwords_are_counted_in_tens_of_seconds() {
        let mut config = LanConfig::default();
        assert_eq!(config.bad_password().threshold, 0);
        config.parameters.set(26, &[1, 3, 6, 0, 0, 1]).unwrap();
        let expected = BadPassword {
            log: true,
            threshold: 3,
            forget_after: Some(Duration::from_secs(60)),
            lockout: Some(Duration::from_secs(2560)),
        };
        assert_eq!(config.bad_password(), expected);
    }

    #[test]
    fn authentication_types_are_enabled_per_privilege() {
        let mut config = LanConfig::default();
        config.parameters.set(2, &[0, 0x01, 0x04, 0x14, 0]).unwrap();
        assert_eq!(config.auth_types(Privilege::User), 0x01);
        assert_eq!(config.auth_types(Privilege::Administrator), 0x14);
        assert_eq!(config.auth_types(Privilege::Oem), 0);
    }

    #[test]
    fn destinations_have_either_kind_of_address() {
        let mut config = LanConfig::default();
        assert_eq!(config.destination(1), None);
        config.parameters.set(18, &[1, 0x80, 3, 2]).unwrap();
        config.parameters.set(19, &[1, 0, 0, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0]).unwrap();
        let destination = config.destination(1).unwrap();
        assert!(destination.is_pet && destination.acknowledged);
        assert_eq!((destination.timeout, destination.retries), (Duration::from_secs(3), 2));
        assert_eq!(destination.address, std::net::IpAddr::from([127, 0, 0, 1]));
        let mut v6 = vec![2, 0x10];
        v6.extend(Ipv6Addr::LOCALHOST.octets());
        config.parameters.set(19, &v6).unwrap();
        assert_eq!(config.destination(2).unwrap().address, std::net::IpAddr::from(Ipv6Addr::LOCALHOST));
        assert!(config.parameters.set(19, &v6[..14]).is_err());
        assert_eq!(config.destination(9), None);
    }

    #[test]
    fn static_ipv6_addresses_have_a_status() {
        let mut config = LanConfig::default();
        assert_eq!(config.parameters.value(56, 1, 0)[18], DISABLED);
        let mut request = vec![1, 0x80];
        request.extend(Ipv6Addr::LOCALHOST.octets());
        request.push(64);
        assert_eq!(config.set(56, &request), Ok(true));
        assert_eq!(config.parameters.value(56, 1, 0)[17..], [64, ACTIVE]);
        request.push(3);
        request[1] = 0;
        assert_eq!(config.set(56, &request), Ok(true));
        assert_eq!(config.parameters.value(56, 1, 0)[17..], [64, DISABLED]);
        assert!(config.set(56, &request[..18]).is_err());
    }

    #[test]
    fn communities_end_at_a_nul() {
        let mut config = LanConfig::default();
        assert_eq!(config.community(), b"public");
        config.set_community("a community that is long");
        assert_eq!(config.community(), b"a community that i");
        config.set_community("");
        assert_eq!(config.community(), b"public");
    }
}
