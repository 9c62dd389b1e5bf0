//! A query as written (WQL reference s2).

use std::fmt;

use super::lexer::Relation;
use crate::{Number, ObjectPath};

/// Any query.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Query {
    Select(Select),
    Associators(Association),
    References(Association),
}

/// `SELECT list FROM class WHERE filter`
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Select {
    /// `None` for `*`.
    pub(crate) list: Option<Vec<Selected>>,
    pub(crate) from: String,
    pub(crate) filter: Option<Expression>,
}

/// One name in the list.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Selected {
    pub(crate) name: Name,
    /// Written with `.*` at the end.
    pub(crate) star: bool,
}

/// A property name, with the path into embedded objects.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Name {
    pub(crate) first: String,
    pub(crate) rest: Vec<String>,
}

/// A constant.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Literal {
    Text(String),
    Number(Number),
    Boolean(bool),
}

/// A condition.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Expression {
    And(Vec<Expression>),
    Or(Vec<Expression>),
    Not(Box<Expression>),
    Compare(Name, Relation, Literal),
    IsNull(Name),
    Like(Name, String),
    Isa(Name, String),
}

/// What follows `ASSOCIATORS OF` or `REFERENCES OF`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Association {
    pub(crate) source: ObjectPath,
    pub(crate) assoc_class: Option<String>,
    pub(crate) result_class: Option<String>,
    pub(crate) result_role: Option<String>,
    pub(crate) role: Option<String>,
    pub(crate) required_assoc_qualifier: Option<String>,
    pub(crate) required_qualifier: Option<String>,
    pub(crate) class_defs_only: bool,
    pub(crate) schema_only: bool,
    pub(crate) keys_only: bool,
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.first)?;
        self.rest.iter().try_for_each(|part| write!(f, ".{part}"))
    }
}

impl fmt::Display for Literal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(f, "{text:?}"),
            Self::Number(Number::Integer(number)) => write!(f, "{number}"),
            Self::Number(Number::Real(number)) => write!(f, "{number}"),
            Self::Boolean(value) => f.write_str(if *value { "TRUE" } else { "FALSE" }),
        }
    }
}

impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |f: &mut fmt::Formatter<'_>, items: &[Self], word: &str| {
            f.write_str("(")?;
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    write!(f, " {word} ")?;
                }
                item.fmt(f)?;
            }
            f.write_str(")")
        };
        match self {
            Self::And(items) => list(f, items, "AND"),
            Self::Or(items) => list(f, items, "OR"),
            Self::Not(inner) => write!(f, "NOT {inner}"),
            Self::Compare(name, relation, literal) => write!(f, "{name} {} {literal}", relation.text()),
            Self::IsNull(name) => write!(f, "{name} IS NULL"),
            Self::Like(name, pattern) => write!(f, "{name} LIKE {pattern:?}"),
            Self::Isa(name, class) => write!(f, "{name} ISA {class:?}"),
        }
    }
}
