//! FRU inventory devices behind a controller: a byte array each (IPMI 2.0 s34).

use ipmi_core::CompletionCode;

/// One FRU inventory device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FruDevice {
    bytes: Vec<u8>,
    /// Bytes that cannot be written, from the start of the device (80h).
    pub protected: usize,
    /// Written since the start: goes into a saved state.
    pub dirty: bool,
}

impl FruDevice {
    /// A device of `size` bytes that begins with `content`; the rest is 0.
    pub fn new(size: u16, content: &[u8]) -> Self {
        let mut bytes = content.to_vec();
        bytes.resize(usize::from(size), 0);
        Self { bytes, protected: 0, dirty: false }
    }

    /// Size of the device.
    pub fn size(&self) -> u16 {
        u16::try_from(self.bytes.len()).unwrap_or(u16::MAX)
    }

    /// All bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// At most `count` bytes from `offset`; fewer at the end of the device.
    ///
    /// # Errors
    /// C9h when the offset is at or beyond the end.
    pub fn read(&self, offset: u16, count: usize) -> Result<&[u8], CompletionCode> {
        let rest = self.bytes.get(usize::from(offset)..).filter(|rest| !rest.is_empty());
        let rest = rest.ok_or(CompletionCode::PARAMETER_OUT_OF_RANGE)?;
        Ok(rest.get(..count).unwrap_or(rest))
    }

    /// Writes `data` at `offset` and says how many bytes fitted.
    ///
    /// # Errors
    /// C9h when the offset is beyond the end, 80h in the protected part.
    pub fn write(&mut self, offset: u16, data: &[u8]) -> Result<u8, CompletionCode> {
        let offset = usize::from(offset);
        if offset < self.protected {
            return Err(CompletionCode(0x80));
        }
        let target = self.bytes.get_mut(offset..).ok_or(CompletionCode::PARAMETER_OUT_OF_RANGE)?;
        let mut written = 0_u8;
        for (to, from) in target.iter_mut().zip(data).take(usize::from(u8::MAX)) {
            *to = *from;
            written += 1;
        }
        self.dirty = true;
        Ok(written)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_and_writes_stop_at_the_end() {
        let mut fru = FruDevice::new(8, &[1, 2, 3]);
        assert_eq!(fru.read(6, 16), Ok(&[0, 0][..]));
        assert_eq!(fru.read(8, 1), Err(CompletionCode::PARAMETER_OUT_OF_RANGE));
        assert_eq!(fru.write(6, &[9, 9, 9]), Ok(2));
        assert_eq!(fru.bytes(), [1, 2, 3, 0, 0, 0, 9, 9]);
    }

    #[test]
    fn the_protected_part_cannot_be_written() {
        let mut fru = FruDevice::new(8, &[]);
        fru.protected = 4;
        assert_eq!(fru.write(3, &[1]), Err(CompletionCode(0x80)));
        assert_eq!(fru.write(4, &[1]), Ok(1));
    }
}
