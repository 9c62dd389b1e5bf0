//! Qualifiers: which ones subclasses inherit, and how a subclass's own override them (DSP0004 s5.6).

use std::collections::HashMap;

use super::ast::{Literal, QualifierDeclaration, QualifierUse};
use super::error::{MofError, Position};
use super::value;
use crate::{Qualifier, Value};

/// Standard qualifiers that stay with the element they are written on (flavor Restricted in DSP0004).
pub(super) const RESTRICTED: &[&str] =
    &["abstract", "deprecated", "exception", "experimental", "override", "terminal", "version"];

/// The qualifier types known in a namespace.
#[derive(Debug, Clone, Default)]
pub(crate) struct Qualifiers {
    declared: HashMap<String, Declared>,
}

#[derive(Debug, Clone)]
struct Declared {
    to_subclass: bool,
    default: Value,
}

impl Qualifiers {
    /// Adds a declaration; a later one replaces an earlier one, for every schema file may bring its own copy.
    pub(crate) fn declare(&mut self, declaration: &QualifierDeclaration) -> Result<(), MofError> {
        let position = declaration.name.position;
        let default = match &declaration.default {
            Some(literal) => untyped(literal, position)?,
            None => Value::Null,
        };
        let declared = Declared { to_subclass: declaration.to_subclass, default };
        self.declared.insert(declaration.name.text.to_ascii_lowercase(), declared);
        Ok(())
    }

    /// The qualifiers of an element: those inherited, overridden by those written on it.
    pub(crate) fn apply(&self, inherited: &[Qualifier], written: &[QualifierUse]) -> Result<Vec<Qualifier>, MofError> {
        let mut qualifiers: Vec<Qualifier> =
            inherited.iter().filter(|qualifier| qualifier.to_subclass).cloned().collect();
        for used in written {
            let name = used.name.text.to_ascii_lowercase();
            let declared = self.declared.get(&name);
            let value = match &used.value {
                Some(literal) => untyped(literal, used.name.position)?,
                None => match declared.map(|declared| &declared.default) {
                    None | Some(Value::Null | Value::Boolean(_)) => Value::Boolean(true),
                    Some(default) => default.clone(),
                },
            };
            let to_subclass = used.to_subclass.unwrap_or_else(|| {
                declared.map_or_else(|| !RESTRICTED.contains(&name.as_str()), |declared| declared.to_subclass)
            });
            let qualifier = Qualifier { name: used.name.text.as_str().into(), value, to_subclass };
            match qualifiers.iter_mut().find(|known| known.name.eq_ignore_ascii_case(&name)) {
                Some(known) => *known = qualifier,
                None => qualifiers.push(qualifier),
            }
        }
        Ok(qualifiers)
    }
}

/// Whether a boolean qualifier is present and true.
pub(crate) fn is_set(qualifiers: &[Qualifier], name: &str) -> Option<bool> {
    let qualifier = qualifiers.iter().find(|qualifier| qualifier.name.eq_ignore_ascii_case(name))?;
    Some(qualifier.value != Value::Boolean(false))
}

/// Qualifier values carry their type in their spelling.
fn untyped(literal: &Literal, position: Position) -> Result<Value, MofError> {
    Ok(match literal {
        Literal::Integer(number) => i32::try_from(*number)
            .map(Value::Sint32)
            .or_else(|_| i64::try_from(*number).map(Value::Sint64))
            .or_else(|_| u64::try_from(*number).map(Value::Uint64))
            .map_err(|_| MofError::new(position, "a number of at most 64 bits", number))?,
        Literal::Array(items) => Value::Array(
            items.iter().map(|(item, position)| untyped(item, *position)).collect::<Result<Vec<_>, _>>()?.into(),
        ),
        Literal::Alias(_) | Literal::Instance(_) => {
            return Err(MofError::new(position, "a simple qualifier value", "an object"));
        }
        simple => value::simple(simple),
    })
}
