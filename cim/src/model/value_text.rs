//! Values as text: what WS-Man selectors, query literals and key values are made from.

use std::fmt;

use super::{CimType, DateTime, Number, ObjectPath, Value};
use crate::{CimError, Status};

impl Value {
    /// Reads a value of a (non-array) type from text: integers in decimal or `0x` hexadecimal, `true`/`false`/`1`/`0`,
    /// reals with `INF` and `NaN`, datetimes in CIM or ISO 8601 form, references as object paths, char16 as one
    /// character or its number.
    ///
    /// # Errors
    /// `TypeMismatch` or `ValueOutOfRange`, naming type and text.
    pub fn parse(cim_type: &CimType, text: &str) -> Result<Self, CimError> {
        let mismatch = || CimError::new(Status::TypeMismatch, format!("expected a {cim_type}, found {text:?}"));
        match cim_type {
            CimType::String => Ok(text.into()),
            CimType::Boolean => match text.trim() {
                text if text.eq_ignore_ascii_case("true") || text == "1" => Ok(Self::Boolean(true)),
                text if text.eq_ignore_ascii_case("false") || text == "0" => Ok(Self::Boolean(false)),
                _ => Err(mismatch()),
            },
            CimType::Char16 => {
                let mut units = text.encode_utf16();
                match (units.next(), units.next()) {
                    (Some(unit), None) => Ok(Self::Char16(unit)),
                    _ => Self::integer(cim_type, text).unwrap_or_else(|| Err(mismatch())),
                }
            }
            CimType::Real32 => text.trim().parse().map(Self::Real32).map_err(|_| mismatch()),
            CimType::Real64 => text.trim().parse().map(Self::Real64).map_err(|_| mismatch()),
            CimType::DateTime => DateTime::parse(text).map(Self::DateTime),
            CimType::Reference(_) => ObjectPath::parse(text).map(Self::from).map_err(|error| {
                CimError::new(Status::TypeMismatch, format!("expected a reference: {}", error.message))
            }),
            CimType::Instance(_) => Err(mismatch()),
            _ => Self::integer(cim_type, text.trim()).unwrap_or_else(|| Err(mismatch())),
        }
    }

    fn integer(cim_type: &CimType, text: &str) -> Option<Result<Self, CimError>> {
        let Some(Number::Integer(number)) = Number::parse(text) else { return None };
        Some(
            Self::from_integer(cim_type, number).ok_or_else(|| {
                CimError::new(Status::ValueOutOfRange, format!("{text} is out of the range of {cim_type}"))
            }),
        )
    }

    /// The value of a numeric type that an integer stands for; `None` when it does not fit.
    pub fn from_integer(cim_type: &CimType, number: i128) -> Option<Self> {
        Some(match cim_type {
            CimType::Uint8 => Self::Uint8(number.try_into().ok()?),
            CimType::Uint16 => Self::Uint16(number.try_into().ok()?),
            CimType::Uint32 => Self::Uint32(number.try_into().ok()?),
            CimType::Uint64 => Self::Uint64(number.try_into().ok()?),
            CimType::Sint8 => Self::Sint8(number.try_into().ok()?),
            CimType::Sint16 => Self::Sint16(number.try_into().ok()?),
            CimType::Sint32 => Self::Sint32(number.try_into().ok()?),
            CimType::Sint64 => Self::Sint64(number.try_into().ok()?),
            CimType::Char16 => Self::Char16(number.try_into().ok()?),
            CimType::Real32 => Self::Real32(number as f32),
            CimType::Real64 => Self::Real64(number as f64),
            _ => return None,
        })
    }

    /// Whether the value may be stored in a property of this type; NULL may be stored in any.
    pub fn fits(&self, cim_type: &CimType, array: bool) -> bool {
        match (self, array) {
            (Self::Null, _) => true,
            (Self::Array(items), true) => items.iter().all(|item| item.is_null() || item.is_scalar_of(cim_type)),
            (Self::Array(_), false) | (_, true) => false,
            (scalar, false) => scalar.is_scalar_of(cim_type),
        }
    }

    fn is_scalar_of(&self, cim_type: &CimType) -> bool {
        matches!(
            (self, cim_type),
            (Self::Boolean(_), CimType::Boolean)
                | (Self::Uint8(_), CimType::Uint8)
                | (Self::Uint16(_), CimType::Uint16)
                | (Self::Uint32(_), CimType::Uint32)
                | (Self::Uint64(_), CimType::Uint64)
                | (Self::Sint8(_), CimType::Sint8)
                | (Self::Sint16(_), CimType::Sint16)
                | (Self::Sint32(_), CimType::Sint32)
                | (Self::Sint64(_), CimType::Sint64)
                | (Self::Real32(_), CimType::Real32)
                | (Self::Real64(_), CimType::Real64)
                | (Self::Char16(_), CimType::Char16)
                | (Self::String(_), CimType::String)
                | (Self::DateTime(_), CimType::DateTime)
                | (Self::Reference(_), CimType::Reference(_))
                | (Self::Instance(_), CimType::Instance(_))
        )
    }
}

impl fmt::Display for Value {
    /// The plain text of the value: no quotes, `true`/`false`, decimal numbers, the 25 character datetime, canonical
    /// object paths; NULL is empty, arrays are `{a, b}`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => Ok(()),
            Self::Boolean(value) => value.fmt(f),
            Self::Uint8(value) => value.fmt(f),
            Self::Uint16(value) => value.fmt(f),
            Self::Uint32(value) => value.fmt(f),
            Self::Uint64(value) => value.fmt(f),
            Self::Sint8(value) => value.fmt(f),
            Self::Sint16(value) => value.fmt(f),
            Self::Sint32(value) => value.fmt(f),
            Self::Sint64(value) => value.fmt(f),
            Self::Real32(value) if value.is_infinite() => f.write_str(if *value > 0.0 { "INF" } else { "-INF" }),
            Self::Real64(value) if value.is_infinite() => f.write_str(if *value > 0.0 { "INF" } else { "-INF" }),
            Self::Real32(value) => value.fmt(f),
            Self::Real64(value) => value.fmt(f),
            Self::Char16(value) => match char::from_u32((*value).into()) {
                Some(character) => character.fmt(f),
                None => value.fmt(f),
            },
            Self::String(text) => f.write_str(text),
            Self::DateTime(value) => value.fmt(f),
            Self::Reference(path) => path.fmt(f),
            Self::Instance(instance) => instance.path().fmt(f),
            Self::Array(items) => {
                f.write_str("{")?;
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        f.write_str(", ")?;
                    }
                    item.fmt(f)?;
                }
                f.write_str("}")
            }
        }
    }
}

impl fmt::Display for CimType {
    /// The type as MOF spells it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Boolean => "boolean",
            Self::Uint8 => "uint8",
            Self::Uint16 => "uint16",
            Self::Uint32 => "uint32",
            Self::Uint64 => "uint64",
            Self::Sint8 => "sint8",
            Self::Sint16 => "sint16",
            Self::Sint32 => "sint32",
            Self::Sint64 => "sint64",
            Self::Real32 => "real32",
            Self::Real64 => "real64",
            Self::Char16 => "char16",
            Self::String => "string",
            Self::DateTime => "datetime",
            Self::Reference(class) => return write!(f, "{class} REF"),
            Self::Instance(Some(class)) => class,
            Self::Instance(None) => "object",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_round_trips_for_every_scalar_type() {
        for (cim_type, text) in [
            (CimType::Boolean, "true"),
            (CimType::Uint8, "255"),
            (CimType::Uint64, "18446744073709551615"),
            (CimType::Sint8, "-128"),
            (CimType::Sint64, "-9223372036854775808"),
            (CimType::Real32, "1.5"),
            (CimType::Real64, "-INF"),
            (CimType::Char16, "A"),
            (CimType::String, " as it is "),
            (CimType::DateTime, "20240131102030.123456+060"),
            (CimType::Reference("T_Box".into()), "T_Box.Id=\"x1\""),
        ] {
            let value = Value::parse(&cim_type, text).unwrap();
            assert_eq!(value.to_string(), text);
            assert!(value.fits(&cim_type, false));
            assert!(!value.fits(&cim_type, true));
        }
    }

    #[test]
    fn errors_say_type_and_text() {
        let error = Value::parse(&CimType::Uint8, "256").unwrap_err();
        assert_eq!(
            (error.status, error.message.as_str()),
            (Status::ValueOutOfRange, "256 is out of the range of uint8")
        );
        let error = Value::parse(&CimType::Sint32, "1.5").unwrap_err();
        assert_eq!((error.status, error.message.as_str()), (Status::TypeMismatch, "expected a sint32, found \"1.5\""));
        for (cim_type, text) in [(CimType::Boolean, "yes"), (CimType::DateTime, "now"), (CimType::Instance(None), "x")]
        {
            assert_eq!(Value::parse(&cim_type, text).unwrap_err().status, Status::TypeMismatch);
        }
    }

    #[test]
    fn null_fits_everywhere() {
        assert!(Value::Null.fits(&CimType::String, true));
        assert!(Value::array(["a", "b"]).fits(&CimType::String, true));
        assert!(!Value::array(["a"]).fits(&CimType::Uint8, true));
    }
}
