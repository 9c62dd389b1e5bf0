//! CIM values and their types (DSP0004 s5.2).

use std::sync::Arc;

use super::{DateTime, Instance, ObjectPath};

/// The type of a property, parameter or method result. Arrays are marked where the type is used.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum CimType {
    /// True or false.
    Boolean,
    /// Unsigned 8 bit.
    Uint8,
    /// Unsigned 16 bit.
    Uint16,
    /// Unsigned 32 bit.
    Uint32,
    /// Unsigned 64 bit.
    Uint64,
    /// Signed 8 bit.
    Sint8,
    /// Signed 16 bit.
    Sint16,
    /// Signed 32 bit.
    Sint32,
    /// Signed 64 bit.
    Sint64,
    /// IEEE single.
    Real32,
    /// IEEE double.
    Real64,
    /// One UCS-2 character.
    Char16,
    /// Text.
    String,
    /// Point in time or interval.
    DateTime,
    /// Reference to an instance of the named class.
    Reference(Arc<str>),
    /// Embedded instance; of the named class when one is given.
    Instance(Option<Arc<str>>),
}

/// A value. Cheap to clone: everything large is shared.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// No value.
    Null,
    /// Boolean.
    Boolean(bool),
    /// uint8.
    Uint8(u8),
    /// uint16.
    Uint16(u16),
    /// uint32.
    Uint32(u32),
    /// uint64.
    Uint64(u64),
    /// sint8.
    Sint8(i8),
    /// sint16.
    Sint16(i16),
    /// sint32.
    Sint32(i32),
    /// sint64.
    Sint64(i64),
    /// real32.
    Real32(f32),
    /// real64.
    Real64(f64),
    /// char16.
    Char16(u16),
    /// string.
    String(Arc<str>),
    /// datetime.
    DateTime(DateTime),
    /// Reference.
    Reference(Arc<ObjectPath>),
    /// Embedded instance.
    Instance(Arc<Instance>),
    /// Array; elements are all of the property's type.
    Array(Arc<[Value]>),
}

impl Value {
    /// True for NULL.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// The text of a string value.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// An array of anything that converts into values.
    pub fn array<T: Into<Value>>(items: impl IntoIterator<Item = T>) -> Self {
        Self::Array(items.into_iter().map(Into::into).collect())
    }
}

macro_rules! from {
    ($($type:ty => $variant:ident),* $(,)?) => {
        $(impl From<$type> for Value {
            fn from(value: $type) -> Self {
                Self::$variant(value.into())
            }
        })*
    };
}

from! {
    bool => Boolean, u8 => Uint8, u16 => Uint16, u32 => Uint32, u64 => Uint64, i8 => Sint8, i16 => Sint16, i32 => Sint32,
    i64 => Sint64, f32 => Real32, f64 => Real64, &str => String, String => String, Arc<str> => String, DateTime => DateTime,
    ObjectPath => Reference, Instance => Instance,
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}
