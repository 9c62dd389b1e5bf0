//! WQL: lexer, parser, plan and evaluation.

use crate::{Instance, PropertySet};

/// A WHERE condition compiled against a class: names are slots, literals have the property's type.
#[derive(Debug, Clone)]
pub struct Condition {}

impl Condition {
    /// Whether the instance satisfies the condition.
    pub fn matches(&self, instance: &Instance) -> bool {
        let _ = instance;
        unimplemented!("skeleton")
    }

    /// Whether it can still satisfy it when only `known` slots hold their values; the others count as unknown.
    pub fn may_match(&self, instance: &Instance, known: &PropertySet) -> bool {
        let _ = (instance, known);
        unimplemented!("skeleton")
    }
}
