//! Privilege levels (IPMI 2.0 s6.8).

/// A privilege limit or the level a command asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Privilege {
    /// 1: may only start a callback.
    Callback = 1,
    /// 2: may read.
    User = 2,
    /// 3: may act, but not configure.
    Operator = 3,
    /// 4: may do everything.
    Administrator = 4,
    /// 5: defined by the manufacturer.
    Oem = 5,
}

impl Privilege {
    /// The level with this number; `None` for 0 (unspecified), Fh (no access) and reserved numbers.
    pub const fn from_code(code: u8) -> Option<Self> {
        Some(match code {
            1 => Self::Callback,
            2 => Self::User,
            3 => Self::Operator,
            4 => Self::Administrator,
            5 => Self::Oem,
            _ => return None,
        })
    }
}
