//! Literals as values of a declared type.

use super::Scope;
use super::ast::{InstanceDeclaration, Literal};
use super::error::{MofError, Position};
use super::parser;
use crate::{CimType, Instance, ObjectPath, Status, Value};

/// Turns aliases and nested instances into objects; class defaults have none.
pub(crate) trait Objects {
    /// The instance an alias stands for.
    fn alias(&self, name: &str) -> Option<&Instance>;

    /// Builds an instance that is written as a value.
    fn embedded(&self, declaration: &InstanceDeclaration) -> Result<Instance, MofError>;
}

/// No objects: for defaults in class declarations.
pub(crate) struct NoObjects<'a>(pub(crate) &'a Scope<'a>);

impl Objects for NoObjects<'_> {
    fn alias(&self, _name: &str) -> Option<&Instance> {
        None
    }

    fn embedded(&self, declaration: &InstanceDeclaration) -> Result<Instance, MofError> {
        super::instance::build(self.0, self, declaration)
    }
}

/// Values whose type shows in their spelling.
pub(crate) fn simple(literal: &Literal) -> Value {
    match literal {
        Literal::Boolean(value) => Value::Boolean(*value),
        Literal::Real(value) => Value::Real64(*value),
        Literal::Character(unit) => Value::Char16(*unit),
        Literal::Text(text) => text.as_str().into(),
        _ => Value::Null,
    }
}

/// The value of a property or parameter.
pub(crate) fn typed(
    objects: &dyn Objects,
    cim_type: &CimType,
    array: bool,
    literal: &Literal,
    position: Position,
) -> Result<Value, MofError> {
    match (literal, array) {
        (Literal::Null, _) => Ok(Value::Null),
        (Literal::Array(items), true) => {
            let item = |(item, position): &(Literal, Position)| scalar(objects, cim_type, item, *position);
            Ok(Value::Array(items.iter().map(item).collect::<Result<Vec<_>, _>>()?.into()))
        }
        (Literal::Array(_), false) => Err(MofError::new(position, &format!("one {cim_type}"), "an array")),
        (_, true) => Err(MofError::new(position, &format!("an array of {cim_type} in braces"), "one value")),
        (scalar_literal, false) => scalar(objects, cim_type, scalar_literal, position),
    }
}

fn scalar(objects: &dyn Objects, cim_type: &CimType, literal: &Literal, at: Position) -> Result<Value, MofError> {
    let mismatch =
        |found: String| MofError::with(at, Status::TypeMismatch, format!("expected a {cim_type}, found {found}"));
    match (literal, cim_type) {
        (Literal::Null, _) => Ok(Value::Null),
        (Literal::Integer(number), _) => {
            Value::from_integer(cim_type, *number).ok_or_else(|| mismatch(number.to_string()))
        }
        (Literal::Real(number), CimType::Real32) => Ok(Value::Real32(*number as f32)),
        (Literal::Boolean(_), CimType::Boolean)
        | (Literal::Real(_), CimType::Real64)
        | (Literal::Character(_), CimType::Char16)
        | (Literal::Text(_), CimType::String) => Ok(simple(literal)),
        (Literal::Text(text), CimType::DateTime | CimType::Reference(_)) => {
            Value::parse(cim_type, text).map_err(|error| MofError::with(at, error.status, error.message))
        }
        (Literal::Text(text), CimType::Instance(_)) => {
            let declaration = parser::parse_embedded(text)
                .map_err(|error| MofError::with(at, error.status, format!("embedded instance: {}", error.message)))?;
            objects.embedded(&declaration).map(Value::from)
        }
        (Literal::Instance(declaration), CimType::Instance(_)) => objects.embedded(declaration).map(Value::from),
        (Literal::Alias(alias), CimType::Instance(_) | CimType::Reference(_)) => {
            let instance = objects
                .alias(alias)
                .ok_or_else(|| MofError::new(at, "an alias defined further up", format!("${alias}")))?;
            Ok(match cim_type {
                CimType::Instance(_) => instance.clone().into(),
                _ => ObjectPath { namespace: None, ..instance.path() }.into(),
            })
        }
        (Literal::Boolean(value), _) => Err(mismatch(value.to_string())),
        (Literal::Real(value), _) => Err(mismatch(value.to_string())),
        (Literal::Text(text), _) => Err(mismatch(format!("{text:?}"))),
        (Literal::Character(_), _) => Err(mismatch("a character".to_owned())),
        (Literal::Array(_), _) => Err(mismatch("an array".to_owned())),
        (Literal::Instance(_), _) => Err(mismatch("an instance".to_owned())),
        (Literal::Alias(alias), _) => Err(mismatch(format!("${alias}"))),
    }
}
