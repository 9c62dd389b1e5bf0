//! Constants typed after the property they are compared with, once per query, so that a row costs a comparison and
//! nothing more (WQL reference s3, s4.2).

use std::cmp::Ordering;

use super::ast::Literal;
use super::date_text;
use super::error::unfit;
use super::lexer::Relation;
use crate::model::fold::{compare_folded, equal_folded, fold, fold_text};
use crate::{CimError, CimType, DateTime, Number, ObjectPath, Value};

/// A typed constant.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Constant {
    /// Folded text.
    Text(Box<str>),
    /// One folded character.
    Character(char),
    Number(Number),
    Boolean(bool),
    /// The lowest and highest moment meant.
    DateTime(DateTime, DateTime),
    Path(Box<ObjectPath>),
}

impl Relation {
    fn holds(self, ordering: Ordering) -> bool {
        match self {
            Self::Equal => ordering.is_eq(),
            Self::NotEqual => ordering.is_ne(),
            Self::Less => ordering.is_lt(),
            Self::LessOrEqual => ordering.is_le(),
            Self::Greater => ordering.is_gt(),
            Self::GreaterOrEqual => ordering.is_ge(),
        }
    }

    fn is_equality(self) -> bool {
        matches!(self, Self::Equal | Self::NotEqual)
    }
}

impl Constant {
    /// The constant for a property of this type, or why it does not fit. `name` is for the message.
    pub(crate) fn new(name: &str, cim_type: &CimType, relation: Relation, literal: &Literal) -> Result<Self, CimError> {
        let misfit = || unfit(format!("{literal} does not fit {name}, a {cim_type}"));
        let constant = match (cim_type, literal) {
            (CimType::String, Literal::Text(text)) => Self::Text(fold_text(text).into()),
            (CimType::String, Literal::Number(_)) => Self::Text(fold_text(&literal.to_string()).into()),
            (CimType::Char16, Literal::Text(text)) if text.chars().count() == 1 => {
                text.chars().next().map(|character| Self::Character(fold(character))).ok_or_else(misfit)?
            }
            (CimType::Boolean, literal) => Self::Boolean(boolean(literal).ok_or_else(misfit)?),
            (CimType::DateTime, Literal::Text(text)) => {
                let (low, high) = date_text::parse(text).ok_or_else(misfit)?;
                Self::DateTime(low, high)
            }
            (CimType::Reference(_), Literal::Text(text)) => {
                Self::Path(Box::new(ObjectPath::parse(text).map_err(|error| unfit(error.message))?))
            }
            (CimType::String | CimType::DateTime | CimType::Reference(_) | CimType::Instance(_), _)
            | (_, Literal::Boolean(_)) => return Err(misfit()),
            (numeric, literal) => Self::Number(number(numeric, literal).ok_or_else(misfit)?),
        };
        if !relation.is_equality() && matches!(constant, Self::Boolean(_) | Self::Path(_)) {
            return Err(unfit(format!("{name} {} {literal}: only = and <> compare a {cim_type}", relation.text())));
        }
        Ok(constant)
    }

    /// All constants a literal can mean, for properties whose type each row decides.
    pub(crate) fn any(literal: &Literal) -> Box<[Self]> {
        let mut constants = Vec::new();
        match literal {
            Literal::Text(text) => {
                constants.push(Self::Text(fold_text(text).into()));
                constants.extend(Number::parse(text.trim()).map(Self::Number));
                constants.extend(date_text::parse(text).map(|(low, high)| Self::DateTime(low, high)));
                constants.extend(ObjectPath::parse(text).ok().map(|path| Self::Path(Box::new(path))));
            }
            Literal::Number(number) => {
                constants.push(Self::Number(*number));
                constants.push(Self::Text(fold_text(&literal.to_string()).into()));
            }
            Literal::Boolean(_) => {}
        }
        constants.extend(boolean(literal).map(Self::Boolean));
        constants.into()
    }

    /// Whether the relation holds; `None` when the value is of another kind or NULL.
    pub(crate) fn holds(&self, relation: Relation, value: &Value) -> Option<bool> {
        match (self, value) {
            (Self::Text(constant), Value::String(text)) => Some(text_holds(relation, text, constant)),
            (Self::Number(constant), value) => Some(relation.holds(value.number()?.compare(*constant)?)),
            (Self::Boolean(constant), Value::Boolean(value)) if relation.is_equality() => {
                Some(relation.holds(value.cmp(constant)))
            }
            (Self::DateTime(low, high), Value::DateTime(value)) => {
                let ordering = value.compare(low)?;
                if relation.is_equality() && ordering.is_gt() && value.compare(high)?.is_le() {
                    return Some(relation == Relation::Equal);
                }
                Some(relation.holds(ordering))
            }
            (Self::Path(constant), Value::Reference(path)) if relation.is_equality() => {
                Some(path.same_object(constant) == (relation == Relation::Equal))
            }
            (Self::Character(constant), Value::Char16(unit)) => {
                Some(relation.holds(char::from_u32((*unit).into()).map(fold)?.cmp(constant)))
            }
            _ => None,
        }
    }

    /// [`holds`](Self::holds) for a text that is not in a value.
    pub(crate) fn holds_text(&self, relation: Relation, text: &str) -> Option<bool> {
        match self {
            Self::Text(constant) => Some(text_holds(relation, text, constant)),
            _ => None,
        }
    }
}

fn text_holds(relation: Relation, text: &str, constant: &str) -> bool {
    match relation {
        Relation::Equal => equal_folded(text, constant),
        Relation::NotEqual => !equal_folded(text, constant),
        _ => relation.holds(compare_folded(text, constant)),
    }
}

/// TRUE is 1 in one document and -1 in another.
fn boolean(literal: &Literal) -> Option<bool> {
    match literal {
        Literal::Boolean(value) => Some(*value),
        Literal::Number(Number::Integer(1 | -1)) => Some(true),
        Literal::Number(Number::Integer(0)) => Some(false),
        Literal::Text(text) if text.eq_ignore_ascii_case("true") => Some(true),
        Literal::Text(text) if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

/// Integers must fit the type of the property; reals may be compared with any number.
fn number(cim_type: &CimType, literal: &Literal) -> Option<Number> {
    let number = match literal {
        Literal::Number(number) => *number,
        Literal::Text(text) => Number::parse(text.trim())?,
        Literal::Boolean(_) => return None,
    };
    match number {
        Number::Integer(integer) => Value::from_integer(cim_type, integer).map(|_| number),
        Number::Real(_) => Some(number),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fits(cim_type: &CimType, relation: Relation, literal: &Literal) -> bool {
        Constant::new("P", cim_type, relation, literal).is_ok()
    }

    #[test]
    fn literals_must_fit_the_type() {
        use Relation::{Equal, Less};
        let integer = |value| Literal::Number(Number::Integer(value));
        let text = |value: &str| Literal::Text(value.into());
        assert!(fits(&CimType::Uint8, Equal, &integer(255)) && !fits(&CimType::Uint8, Equal, &integer(256)));
        assert!(fits(&CimType::Uint8, Less, &Literal::Number(Number::Real(0.5))));
        assert!(fits(&CimType::Sint8, Equal, &text("-128")) && !fits(&CimType::Sint8, Equal, &text("x")));
        assert!(!fits(&CimType::Uint8, Equal, &Literal::Boolean(true)));
        assert!(fits(&CimType::Boolean, Equal, &integer(-1)) && !fits(&CimType::Boolean, Equal, &integer(2)));
        assert!(!fits(&CimType::Boolean, Less, &integer(1)));
        assert!(fits(&CimType::Char16, Equal, &text("A")) && fits(&CimType::Char16, Equal, &integer(65)));
        assert!(!fits(&CimType::Char16, Equal, &text("AB")) && !fits(&CimType::Instance(None), Equal, &text("x")));
        assert!(fits(&CimType::Reference("A".into()), Equal, &text("A=1")));
        assert!(!fits(&CimType::Reference("A".into()), Less, &text("A=1")));
    }

    #[test]
    fn open_datetimes_equal_everything_they_span() {
        let constant =
            Constant::new("P", &CimType::DateTime, Relation::Equal, &Literal::Text("20240131******.******+000".into()));
        let constant = constant.unwrap();
        let noon = Value::DateTime(DateTime::parse("2024-01-31T12:00:00Z").unwrap());
        assert_eq!(constant.holds(Relation::Equal, &noon), Some(true));
        assert_eq!(constant.holds(Relation::NotEqual, &noon), Some(false));
        assert_eq!(constant.holds(Relation::Greater, &noon), Some(true));
        assert_eq!(constant.holds(Relation::Equal, &Value::DateTime(DateTime::interval_seconds(5))), None);
    }
}
