//! When a channel can be used (IPMI 2.0 s22.22, s22.23).

/// Which of two settings: what holds at present, or what comes back after power was lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Store {
    /// 1: after power was lost.
    NonVolatile,
    /// 2: at present.
    Volatile,
}

impl Store {
    pub(super) const fn code(self) -> u8 {
        match self {
            Self::NonVolatile => 1,
            Self::Volatile => 2,
        }
    }
}

/// When a channel can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AccessMode {
    /// 0: never.
    Disabled,
    /// 1: before the operating system starts.
    PreBoot,
    /// 2: always; the BIOS does not get it.
    Always,
    /// 3: always; the BIOS shares it.
    Shared,
    /// Reserved.
    Unknown(u8),
}

impl AccessMode {
    /// The mode with this number; only the low three bits count.
    pub const fn from_code(code: u8) -> Self {
        match code & 0x07 {
            0 => Self::Disabled,
            1 => Self::PreBoot,
            2 => Self::Always,
            3 => Self::Shared,
            other => Self::Unknown(other),
        }
    }

    /// The number on the wire.
    pub const fn code(self) -> u8 {
        match self {
            Self::Disabled => 0,
            Self::PreBoot => 1,
            Self::Always => 2,
            Self::Shared => 3,
            Self::Unknown(code) => code & 0x07,
        }
    }
}

/// Access settings of a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ChannelAccess {
    /// Alerts are off.
    pub alerting_disabled: bool,
    /// Messages after the activation of a session need no authentication.
    pub per_message_auth_disabled: bool,
    /// Commands of privilege User need no authentication.
    pub user_level_auth_disabled: bool,
    /// When the channel can be used.
    pub mode: AccessMode,
    /// Highest level on the channel, as on the wire.
    pub privilege_limit: u8,
}

impl ChannelAccess {
    /// Reads the access and the limit byte.
    pub const fn from_bytes(access: u8, limit: u8) -> Self {
        Self {
            alerting_disabled: access & 0x20 != 0,
            per_message_auth_disabled: access & 0x10 != 0,
            user_level_auth_disabled: access & 0x08 != 0,
            mode: AccessMode::from_code(access),
            privilege_limit: limit & 0x0F,
        }
    }

    /// The access and the limit byte.
    pub fn to_bytes(self) -> [u8; 2] {
        let flags = u8::from(self.alerting_disabled) << 5
            | u8::from(self.per_message_auth_disabled) << 4
            | u8::from(self.user_level_auth_disabled) << 3;
        [flags | self.mode.code(), self.privilege_limit & 0x0F]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_comes_back() {
        for access in 0..0x40 {
            assert_eq!(ChannelAccess::from_bytes(access, 4).to_bytes(), [access, 4]);
        }
    }
}
