//! Management access, multirecord type 03h (FRU specification s18.4): where and how a system is managed.

use std::borrow::Cow;

use crate::ParseError;
use crate::text::latin_1;

/// What the data of a management access record is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ManagementAccessKind {
    /// 1: URL of the system's management.
    SystemUrl,
    /// 2: name of the system.
    SystemName,
    /// 3: address that answers to ping.
    SystemPingAddress,
    /// 4: URL of the component's management.
    ComponentUrl,
    /// 5: name of the component.
    ComponentName,
    /// 6: address of the component that answers to ping.
    ComponentPingAddress,
    /// 7: UUID of the system.
    SystemUuid,
    /// Other codes.
    Unknown(u8),
}

impl ManagementAccessKind {
    const fn new(code: u8) -> Self {
        match code {
            1 => Self::SystemUrl,
            2 => Self::SystemName,
            3 => Self::SystemPingAddress,
            4 => Self::ComponentUrl,
            5 => Self::ComponentName,
            6 => Self::ComponentPingAddress,
            7 => Self::SystemUuid,
            code => Self::Unknown(code),
        }
    }
}

/// A management access record in place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ManagementAccess<'a> {
    /// What the data is.
    pub kind: ManagementAccessKind,
    /// Data.
    pub data: &'a [u8],
}

impl<'a> ManagementAccess<'a> {
    pub(super) fn parse(data: &'a [u8]) -> Result<Self, ParseError> {
        let (&kind, data) =
            data.split_first().ok_or(ParseError::Truncated { field: "management access", expected: 1, found: 0 })?;
        Ok(Self { kind: ManagementAccessKind::new(kind), data })
    }

    /// The text, for every kind but the UUID.
    pub fn text(&self) -> Option<Cow<'a, str>> {
        (self.kind != ManagementAccessKind::SystemUuid).then(|| latin_1(self.data))
    }

    /// The UUID in the byte order of SMBIOS.
    pub fn uuid(&self) -> Option<[u8; 16]> {
        let uuid = self.data.first_chunk().copied()?;
        (self.kind == ManagementAccessKind::SystemUuid).then_some(uuid)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_and_uuids() {
        let url = ManagementAccess::parse(b"\x01http://bmc").unwrap();
        assert_eq!((url.text().as_deref(), url.uuid()), (Some("http://bmc"), None));
        let uuid = ManagementAccess::parse(&[7; 17]).unwrap();
        assert_eq!((uuid.text(), uuid.uuid()), (None, Some([7; 16])));
        assert!(ManagementAccess::parse(&[]).is_err());
    }
}
