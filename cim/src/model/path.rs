//! Object paths: the names of classes and instances (WQL reference s8).

use std::sync::Arc;

use super::Value;

/// The key part of a path.
#[derive(Debug, Clone, PartialEq)]
pub enum Keys {
    /// A class path.
    None,
    /// `=@`: the only instance of the class.
    Singleton,
    /// `=value`: the value of the only key.
    Single(Value),
    /// `.name=value,...`
    Named(Vec<(Arc<str>, Value)>),
}

/// Names a class or an instance.
#[derive(Debug, Clone, PartialEq)]
pub struct ObjectPath {
    /// Server, when given.
    pub server: Option<Arc<str>>,
    /// Namespace with forward slashes, when given.
    pub namespace: Option<Arc<str>>,
    /// Class name.
    pub class: Arc<str>,
    /// Keys.
    pub keys: Keys,
}

impl ObjectPath {
    /// The path of a class in no particular namespace.
    pub fn class(name: impl Into<Arc<str>>) -> Self {
        Self { server: None, namespace: None, class: name.into(), keys: Keys::None }
    }

    /// A key by name, case-insensitive; a single unnamed key answers to any name.
    pub fn key(&self, name: &str) -> Option<&Value> {
        match &self.keys {
            Keys::Single(value) => Some(value),
            Keys::Named(keys) => keys.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value),
            Keys::None | Keys::Singleton => None,
        }
    }
}
