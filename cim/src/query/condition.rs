//! Evaluates a compiled condition over rows (WQL reference s4).
//!
//! NULL makes every comparison false and NOT makes that true: two values, as WMI has it. A third one, unknown, exists
//! only in [`Condition::may_match`], for properties that were not fetched yet.

use super::ast::Name;
use super::constant::Constant;
use super::lexer::Relation;
use super::like::Pattern;
use crate::{Class, Instance, ObjectPath, PropertySet, Slot, SystemProperty, Value};

/// A WHERE condition compiled against a class: names are slots, literals have the property's type.
#[derive(Debug, Clone)]
pub struct Condition {
    pub(super) root: Node,
    pub(super) slots: PropertySet,
    pub(super) conjuncts: Vec<Conjunct>,
}

/// One of the terms that must all hold.
#[derive(Debug, Clone)]
pub struct Conjunct {
    /// The term as text.
    pub text: String,
    /// The properties it looks at.
    pub slots: Vec<Slot>,
}

/// A compiled expression.
#[derive(Debug, Clone)]
pub(super) enum Node {
    And(Box<[Node]>),
    Or(Box<[Node]>),
    Not(Box<Node>),
    Test(Operand, Test),
}

/// What a test looks at.
#[derive(Debug, Clone)]
pub(super) enum Operand {
    Slot(Slot),
    /// A property inside an embedded object.
    Embedded(Slot, Box<[String]>),
    System(SystemProperty),
    /// The object itself (`__THIS`).
    This,
}

/// A test of one value.
#[derive(Debug, Clone)]
pub(super) enum Test {
    IsNull,
    /// One constant, or several where the type is known with the row only.
    Compare(Relation, Box<[Constant]>),
    Like(Pattern),
    Isa(Box<str>),
}

/// The object a condition is applied to: an instance, or a class by itself in schema queries.
#[derive(Clone, Copy)]
struct Subject<'a> {
    class: &'a Class,
    instance: Option<&'a Instance>,
    known: Option<&'a PropertySet>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Truth {
    False,
    Unknown,
    True,
}

impl From<bool> for Truth {
    fn from(value: bool) -> Self {
        if value { Self::True } else { Self::False }
    }
}

impl Condition {
    /// Whether the instance satisfies the condition.
    pub fn matches(&self, instance: &Instance) -> bool {
        self.root.eval(Subject { class: instance.class(), instance: Some(instance), known: None }) == Truth::True
    }

    /// Whether it can still satisfy it when only `known` slots hold their values; the others count as unknown.
    pub fn may_match(&self, instance: &Instance, known: &PropertySet) -> bool {
        self.root.eval(Subject { class: instance.class(), instance: Some(instance), known: Some(known) })
            != Truth::False
    }

    /// Whether a class definition satisfies the condition of a schema query.
    pub(crate) fn matches_class(&self, class: &Class) -> bool {
        self.root.eval(Subject { class, instance: None, known: None }) == Truth::True
    }

    /// The slots the condition looks at.
    pub fn slots(&self) -> &PropertySet {
        &self.slots
    }

    /// The terms that must all hold. Each decides about a row as soon as its properties are known.
    pub fn conjuncts(&self) -> &[Conjunct] {
        &self.conjuncts
    }

    /// A condition that one of these reference slots holds one of these paths; for association queries.
    pub(crate) fn any_reference(slots: &[Slot], paths: &[ObjectPath]) -> Self {
        let test = |slot: &Slot| {
            let same = |path: &ObjectPath| {
                let constant = Constant::Path(Box::new(path.clone()));
                Node::Test(Operand::Slot(*slot), Test::Compare(Relation::Equal, Box::new([constant])))
            };
            Node::Or(paths.iter().map(same).collect())
        };
        let names: Vec<_> = paths.iter().map(ToString::to_string).collect();
        Self {
            root: Node::Or(slots.iter().map(test).collect()),
            slots: slots.iter().copied().collect(),
            conjuncts: vec![Conjunct { text: format!("a reference to {}", names.join(" or ")), slots: slots.to_vec() }],
        }
    }
}

impl Node {
    fn eval(&self, subject: Subject<'_>) -> Truth {
        match self {
            Self::And(items) => {
                let mut result = Truth::True;
                for item in items {
                    result = result.min(item.eval(subject));
                    if result == Truth::False {
                        break;
                    }
                }
                result
            }
            Self::Or(items) => {
                let mut result = Truth::False;
                for item in items {
                    result = result.max(item.eval(subject));
                    if result == Truth::True {
                        break;
                    }
                }
                result
            }
            Self::Not(inner) => match inner.eval(subject) {
                Truth::True => Truth::False,
                Truth::False => Truth::True,
                Truth::Unknown => Truth::Unknown,
            },
            Self::Test(operand, test) => {
                if operand.is_known(subject) {
                    operand.test(subject, test).into()
                } else {
                    Truth::Unknown
                }
            }
        }
    }
}

impl Operand {
    fn is_known(&self, subject: Subject<'_>) -> bool {
        let Some(known) = subject.known else { return true };
        match self {
            Self::Slot(slot) | Self::Embedded(slot, _) => known.contains(*slot),
            Self::System(property) => {
                !property.needs_keys() || subject.class.keys().all(|(slot, _)| known.contains(slot))
            }
            Self::This => true,
        }
    }

    fn test(&self, subject: Subject<'_>, test: &Test) -> bool {
        match self {
            Self::Slot(slot) => subject.instance.is_some_and(|instance| test.value(instance.value(*slot))),
            // A name that the embedded object does not have is no error, and no row either.
            Self::Embedded(slot, names) => subject
                .instance
                .and_then(|instance| descend(instance.value(*slot), names))
                .is_some_and(|value| test.value(value)),
            Self::System(property) => match property.class_text(subject.class) {
                Some(text) => test.text(text),
                None => test.value(&property.value(subject.class, subject.instance)),
            },
            Self::This => matches!(test, Test::Isa(name) if subject.class.is_a(name)),
        }
    }
}

fn descend<'a>(value: &'a Value, names: &[String]) -> Option<&'a Value> {
    names.iter().try_fold(value, |value, name| match value {
        Value::Instance(instance) => instance.get(name),
        Value::Null => Some(value),
        _ => None,
    })
}

impl Test {
    fn value(&self, value: &Value) -> bool {
        match self {
            Self::IsNull => value.is_null(),
            Self::Compare(relation, constants) => match value {
                // Only __DERIVATION gets here with an array: = means "contains".
                Value::Array(items) => {
                    let contains =
                        items.iter().any(|item| constants.iter().any(|c| c.holds(Relation::Equal, item) == Some(true)));
                    contains == (*relation == Relation::Equal)
                }
                Value::Null => false,
                value => constants.iter().find_map(|constant| constant.holds(*relation, value)).unwrap_or(false),
            },
            Self::Like(pattern) => matches!(value, Value::String(text) if pattern.matches(text)),
            Self::Isa(name) => matches!(value, Value::Instance(instance) if instance.class().is_a(name)),
        }
    }

    fn text(&self, text: &str) -> bool {
        match self {
            Self::IsNull | Self::Isa(_) => false,
            Self::Compare(relation, constants) => {
                constants.iter().find_map(|constant| constant.holds_text(*relation, text)).unwrap_or(false)
            }
            Self::Like(pattern) => pattern.matches(text),
        }
    }
}

/// Whether a name stands for the object itself.
pub(super) fn is_this(name: &Name) -> bool {
    name.rest.is_empty() && name.first.eq_ignore_ascii_case("__THIS")
}
