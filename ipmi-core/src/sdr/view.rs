//! How every record type is looked at and written: a fixed body laid over the bytes, then an id string or other tail.

use std::ops::Deref;

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use super::{IdString, SDR_VERSION, SdrHeader};
use crate::ParseError;

/// The fixed part of a record after its header, byte for byte.
pub trait SdrBody: FromBytes + IntoBytes + Immutable + KnownLayout + Unaligned {
    /// Record type in the header.
    const RECORD_TYPE: u8;
    /// Name for error messages.
    const NAME: &'static str;
    /// Bytes that must follow the body: 1 where an id string's type/length byte belongs there, else 0.
    const TAIL_MIN: usize = 0;
}

/// A body that is followed by an id string.
pub trait NamedBody: SdrBody {}

/// A record in place: its header, its body and whatever follows the body, nothing copied but the header.
///
/// The view stands for the body through `Deref`, so the body's accessors are the view's.
#[derive(Debug)]
pub struct RecordView<'a, B> {
    /// Record header.
    pub header: SdrHeader,
    /// Fixed part.
    pub body: &'a B,
    /// Bytes of the record after the fixed part.
    pub tail: &'a [u8],
}

impl<B> Clone for RecordView<'_, B> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<B> Copy for RecordView<'_, B> {}

impl<B: PartialEq> PartialEq for RecordView<'_, B> {
    fn eq(&self, other: &Self) -> bool {
        self.header == other.header && self.body == other.body && self.tail == other.tail
    }
}

impl<B: Eq> Eq for RecordView<'_, B> {}

impl<B> Deref for RecordView<'_, B> {
    type Target = B;

    fn deref(&self) -> &B {
        self.body
    }
}

impl<'a, B: SdrBody> RecordView<'a, B> {
    /// Lays the body over `rest`, the bytes of the record after its header.
    ///
    /// # Errors
    /// When the fixed part does not fit; `expected` and `found` count from the start of the record.
    pub fn new(header: SdrHeader, rest: &'a [u8]) -> Result<Self, ParseError> {
        let truncated = ParseError::Truncated {
            field: B::NAME,
            expected: SdrHeader::LEN + size_of::<B>() + B::TAIL_MIN,
            found: SdrHeader::LEN + rest.len(),
        };
        let (body, tail) = B::ref_from_prefix(rest).map_err(|_| truncated)?;
        if tail.len() < B::TAIL_MIN {
            return Err(truncated);
        }
        Ok(Self { header, body, tail })
    }
}

impl<'a, B: NamedBody> RecordView<'a, B> {
    /// The id string. It is cut where the record ends, however long its length byte says it is.
    pub fn id(&self) -> IdString<'a> {
        IdString::split(self.tail).0
    }
}

/// Appends a record that ends with an id string. Ids longer than 16 characters are cut, as the format demands;
/// characters outside Latin-1 become `?`.
///
/// ```
/// use ipmi_core::sdr::{emit, FruLocatorBody, SdrRecord};
/// let mut bytes = Vec::new();
/// emit(7, &FruLocatorBody { fru_id: 3, ..Default::default() }, "PSU1", &mut bytes);
/// let Ok(SdrRecord::FruLocator(view)) = SdrRecord::parse(&bytes) else { panic!() };
/// assert_eq!((view.fru_id, view.id().decode().as_ref()), (3, "PSU1"));
/// ```
pub fn emit<B: NamedBody>(record_id: u16, body: &B, id: &str, out: &mut Vec<u8>) {
    let mut tail = [0u8; 1 + IdString::MAX];
    let mut len = 0u8;
    for (slot, character) in tail.iter_mut().skip(1).zip(id.chars()) {
        *slot = u8::try_from(u32::from(character)).unwrap_or(b'?');
        len += 1;
    }
    tail[0] = 0xC0 | len;
    emit_bytes(record_id, B::RECORD_TYPE, body.as_bytes(), tail.get(..=usize::from(len)).unwrap_or_default(), out);
}

/// Appends a record without an id string; `tail` holds what follows the body, if anything (OEM data).
pub fn emit_plain<B: SdrBody>(record_id: u16, body: &B, tail: &[u8], out: &mut Vec<u8>) {
    emit_bytes(record_id, B::RECORD_TYPE, body.as_bytes(), tail, out);
}

/// A record holds at most 255 bytes after its header: what is beyond is cut rather than written with a wrong length.
fn emit_bytes(record_id: u16, record_type: u8, body: &[u8], tail: &[u8], out: &mut Vec<u8>) {
    let tail = tail.get(..usize::from(u8::MAX).saturating_sub(body.len())).unwrap_or(tail);
    let length = u8::try_from(body.len() + tail.len()).unwrap_or(u8::MAX);
    let header = SdrHeader { record_id: record_id.into(), version: SDR_VERSION, record_type, length };
    out.extend_from_slice(header.as_bytes());
    out.extend_from_slice(body);
    out.extend_from_slice(tail);
}
