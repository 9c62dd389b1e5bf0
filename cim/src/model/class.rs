//! Class declarations with their inherited features flattened (DSP0004 s5.1).

use std::collections::HashMap;
use std::sync::Arc;

use super::{CimType, Value};

/// A qualifier with its value, e.g. `Key` = true.
#[derive(Debug, Clone, PartialEq)]
pub struct Qualifier {
    /// Name in MOF spelling.
    pub name: Arc<str>,
    /// Value.
    pub value: Value,
    /// Whether subclasses (and overriding properties and methods) inherit it.
    pub to_subclass: bool,
}

/// Index of a property within its class. A superclass's slots are a prefix of each subclass's, so one compiled for the
/// superclass is right for every subclass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Slot(pub usize);

/// A property declaration.
#[derive(Debug, Clone, PartialEq)]
pub struct Property {
    /// Name in MOF spelling.
    pub name: Arc<str>,
    /// Type; of each element when `array`.
    pub cim_type: CimType,
    /// Whether it is an array.
    pub array: bool,
    /// Whether it is part of the key.
    pub key: bool,
    /// Default value.
    pub default: Value,
    /// Class that declared it.
    pub origin: Arc<str>,
    /// All qualifiers, inherited ones included.
    pub qualifiers: Vec<Qualifier>,
}

impl Property {
    /// A qualifier by name, case-insensitive.
    pub fn qualifier(&self, name: &str) -> Option<&Value> {
        find_qualifier(&self.qualifiers, name)
    }

    /// Whether clients may change it: qualifier Write, and no key.
    pub fn is_writable(&self) -> bool {
        !self.key && self.qualifier("Write") == Some(&Value::Boolean(true))
    }
}

/// A method parameter.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameter {
    /// Name in MOF spelling.
    pub name: Arc<str>,
    /// Type; of each element when `array`.
    pub cim_type: CimType,
    /// Whether it is an array.
    pub array: bool,
    /// Passed in (qualifier In, the default).
    pub input: bool,
    /// Passed out (qualifier Out).
    pub output: bool,
}

/// A method declaration.
#[derive(Debug, Clone, PartialEq)]
pub struct Method {
    /// Name in MOF spelling.
    pub name: Arc<str>,
    /// Result type; `None` for void.
    pub result: Option<CimType>,
    /// Parameters in order.
    pub parameters: Vec<Parameter>,
    /// Static methods need no instance.
    pub is_static: bool,
    /// Class that declared it.
    pub origin: Arc<str>,
    /// Qualifiers.
    pub qualifiers: Vec<Qualifier>,
}

/// A class with everything it inherits.
#[derive(Debug)]
pub struct Class {
    /// Name in MOF spelling.
    pub name: Arc<str>,
    /// Namespace with forward slashes, e.g. `root/hardware`.
    pub namespace: Arc<str>,
    /// Direct superclass.
    pub superclass: Option<Arc<Class>>,
    /// Qualifiers.
    pub qualifiers: Vec<Qualifier>,
    pub(crate) properties: Vec<Property>,
    pub(crate) methods: Vec<Method>,
    pub(crate) slots: HashMap<Box<str>, Slot>,
}

impl Class {
    /// All properties, the root class's first.
    pub fn properties(&self) -> &[Property] {
        &self.properties
    }

    /// All methods, the root class's first.
    pub fn methods(&self) -> &[Method] {
        &self.methods
    }

    /// The slot of a property; names are case-insensitive.
    pub fn slot(&self, name: &str) -> Option<Slot> {
        // Names are short: fold them on the stack, for queries look names up in every row.
        let mut buffer = [0; 64];
        match buffer.get_mut(..name.len()) {
            Some(folded) => {
                folded.copy_from_slice(name.as_bytes());
                folded.make_ascii_lowercase();
                self.slots.get(std::str::from_utf8(folded).ok()?).copied()
            }
            None => self.slots.get(name.to_ascii_lowercase().as_str()).copied(),
        }
    }

    /// The property in a slot.
    pub fn property(&self, slot: Slot) -> Option<&Property> {
        self.properties.get(slot.0)
    }

    /// A method by name, case-insensitive.
    pub fn method(&self, name: &str) -> Option<&Method> {
        self.methods.iter().find(|method| method.name.eq_ignore_ascii_case(name))
    }

    /// Slots and declarations of the key properties.
    pub fn keys(&self) -> impl Iterator<Item = (Slot, &Property)> {
        self.properties
            .iter()
            .enumerate()
            .filter(|(_, property)| property.key)
            .map(|(index, property)| (Slot(index), property))
    }

    /// A qualifier of the class by name, case-insensitive.
    pub fn qualifier(&self, name: &str) -> Option<&Value> {
        find_qualifier(&self.qualifiers, name)
    }

    /// Whether it is an association (qualifier Association).
    pub fn is_association(&self) -> bool {
        self.qualifier("Association") == Some(&Value::Boolean(true))
    }

    /// This class and its superclasses, nearest first.
    pub fn lineage(&self) -> impl Iterator<Item = &Class> {
        std::iter::successors(Some(self), |class| class.superclass.as_deref())
    }

    /// Whether this class is `name` or derives from it; case-insensitive.
    pub fn is_a(&self, name: &str) -> bool {
        self.lineage().any(|class| class.name.eq_ignore_ascii_case(name))
    }
}

fn find_qualifier<'a>(qualifiers: &'a [Qualifier], name: &str) -> Option<&'a Value> {
    qualifiers.iter().find(|qualifier| qualifier.name.eq_ignore_ascii_case(name)).map(|qualifier| &qualifier.value)
}
