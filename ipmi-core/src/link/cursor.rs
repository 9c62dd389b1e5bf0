//! Reading fixed fields one after another from a datagram, every length checked.

use crate::ParseError;

/// What is left of a structure named `field`.
#[derive(Debug, Clone)]
pub(super) struct Cursor<'a> {
    field: &'static str,
    length: usize,
    rest: &'a [u8],
}

impl<'a> Cursor<'a> {
    /// Starts at the first byte.
    pub(super) fn new(field: &'static str, bytes: &'a [u8]) -> Self {
        Self { field, length: bytes.len(), rest: bytes }
    }

    /// The next `N` bytes.
    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], ParseError> {
        let (taken, rest) = self.rest.split_first_chunk().ok_or_else(|| self.too_short(N))?;
        self.rest = rest;
        Ok(*taken)
    }

    /// The next `count` bytes.
    pub(super) fn slice(&mut self, count: usize) -> Result<&'a [u8], ParseError> {
        let (taken, rest) = self.rest.split_at_checked(count).ok_or_else(|| self.too_short(count))?;
        self.rest = rest;
        Ok(taken)
    }

    /// The next byte.
    pub(super) fn u8(&mut self) -> Result<u8, ParseError> {
        self.array().map(|[byte]| byte)
    }

    /// The next two bytes, least significant first.
    pub(super) fn u16(&mut self) -> Result<u16, ParseError> {
        self.array().map(u16::from_le_bytes)
    }

    /// The next four bytes, least significant first.
    pub(super) fn u32(&mut self) -> Result<u32, ParseError> {
        self.array().map(u32::from_le_bytes)
    }

    /// Everything not read yet.
    pub(super) fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// Checks that at most `allowed` bytes are left.
    pub(super) fn at_most(&self, allowed: usize) -> Result<(), ParseError> {
        if self.rest.len() > allowed {
            let expected = self.length - self.rest.len() + allowed;
            return Err(ParseError::Trailing { field: self.field, expected, found: self.length });
        }
        Ok(())
    }

    fn too_short(&self, wanted: usize) -> ParseError {
        let expected = self.length.saturating_sub(self.rest.len()).saturating_add(wanted);
        ParseError::Truncated { field: self.field, expected, found: self.length }
    }
}
