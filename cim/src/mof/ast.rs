//! MOF declarations as written, before names are resolved.

use super::error::Position;
use crate::CimType;

/// A name and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Named {
    pub(crate) text: String,
    pub(crate) position: Position,
}

/// A value as written.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Literal {
    Null,
    Boolean(bool),
    Integer(i128),
    Real(f64),
    Character(u16),
    Text(String),
    Alias(String),
    Instance(Box<InstanceDeclaration>),
    Array(Vec<(Literal, Position)>),
}

/// A qualifier in brackets before a declaration.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct QualifierUse {
    pub(crate) name: Named,
    pub(crate) value: Option<Literal>,
    /// `Some` when a flavor says whether subclasses inherit it.
    pub(crate) to_subclass: Option<bool>,
}

/// `Qualifier Name : type = default, Scope(...), Flavor(...);`
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct QualifierDeclaration {
    pub(crate) name: Named,
    pub(crate) default: Option<Literal>,
    pub(crate) to_subclass: bool,
}

/// A class.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ClassDeclaration {
    pub(crate) name: Named,
    pub(crate) alias: Option<String>,
    pub(crate) superclass: Option<Named>,
    pub(crate) qualifiers: Vec<QualifierUse>,
    pub(crate) properties: Vec<PropertyDeclaration>,
    pub(crate) methods: Vec<MethodDeclaration>,
}

/// A property or reference.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct PropertyDeclaration {
    pub(crate) name: Named,
    pub(crate) cim_type: CimType,
    pub(crate) array: bool,
    pub(crate) default: Option<(Literal, Position)>,
    pub(crate) qualifiers: Vec<QualifierUse>,
}

/// A method.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct MethodDeclaration {
    pub(crate) name: Named,
    pub(crate) result: Option<CimType>,
    pub(crate) parameters: Vec<PropertyDeclaration>,
    pub(crate) qualifiers: Vec<QualifierUse>,
}

/// `instance of X as $A { ... }`
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct InstanceDeclaration {
    pub(crate) class: Named,
    pub(crate) alias: Option<String>,
    pub(crate) values: Vec<(Named, Literal, Position)>,
}

/// Everything in one text.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct MofText {
    pub(crate) qualifiers: Vec<QualifierDeclaration>,
    pub(crate) classes: Vec<ClassDeclaration>,
    pub(crate) instances: Vec<InstanceDeclaration>,
}
