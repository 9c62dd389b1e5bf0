//! User ids (IPMI 2.0 s22.26): 1 to 63, 1 is the null user.

/// The number of a user, six bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct UserId(u8);

impl UserId {
    /// Keeps the low six bits.
    pub const fn new(id: u8) -> Self {
        Self(id & 0x3F)
    }

    /// The number, 0-3Fh.
    pub const fn get(self) -> u8 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn six_bits() {
        assert_eq!(UserId::new(0xC2).get(), 2);
    }
}
