//! Object paths: the names of classes and instances (WQL reference s8).

use std::cmp::Ordering;
use std::sync::Arc;

use super::fold::equal_folded;
use super::{Class, DateTime, Number, Value};
use crate::{CimError, Status};

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
///
/// ```
/// use cim::ObjectPath;
///
/// let path = ObjectPath::parse(r#"\\.\root\cimv2:Win32_Service.Name="WinRM""#).unwrap();
/// assert!(path.same_object(&ObjectPath::parse("win32_service='winrm'").unwrap()));
/// assert_eq!(path.relpath(), r#"Win32_Service.Name="WinRM""#);
/// ```
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

    /// The path of an instance in no particular namespace.
    pub fn instance<N: Into<Arc<str>>, V: Into<Value>>(
        class: impl Into<Arc<str>>,
        keys: impl IntoIterator<Item = (N, V)>,
    ) -> Self {
        let keys = keys.into_iter().map(|(name, value)| (name.into(), value.into())).collect();
        Self { server: None, namespace: None, class: class.into(), keys: Keys::Named(keys) }
    }

    /// A key by name, case-insensitive; a single unnamed key answers to any name.
    pub fn key(&self, name: &str) -> Option<&Value> {
        match &self.keys {
            Keys::Single(value) => Some(value),
            Keys::Named(keys) => keys.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value),
            Keys::None | Keys::Singleton => None,
        }
    }

    /// Whether both name the same object: class, key names and string values compare case-insensitively, key order does
    /// not matter, servers are ignored, and a namespace counts only when both paths have one.
    pub fn same_object(&self, other: &Self) -> bool {
        let namespaces = match (&self.namespace, &other.namespace) {
            (Some(left), Some(right)) => left.eq_ignore_ascii_case(right),
            _ => true,
        };
        namespaces && self.class.eq_ignore_ascii_case(&other.class) && self.same_keys(other)
    }

    /// Whether both have the same keys with the same values.
    pub fn same_keys(&self, other: &Self) -> bool {
        match (&self.keys, &other.keys) {
            (Keys::None, Keys::None) | (Keys::Singleton, Keys::Singleton) => true,
            (Keys::Singleton, Keys::Named(keys)) | (Keys::Named(keys), Keys::Singleton) => keys.is_empty(),
            (Keys::Single(left), Keys::Single(right)) => same_value(left, right),
            (Keys::Single(value), Keys::Named(keys)) | (Keys::Named(keys), Keys::Single(value)) => {
                matches!(keys.as_slice(), [(_, only)] if same_value(only, value))
            }
            (Keys::Named(left), Keys::Named(right)) => {
                left.len() == right.len()
                    && left.iter().all(|(name, value)| other.key(name).is_some_and(|key| same_value(key, value)))
            }
            _ => false,
        }
    }

    /// This instance path with its keys as `class` declares them: names in MOF spelling and declaration order, values
    /// of the declared types, the class itself and its namespace.
    ///
    /// # Errors
    /// `InvalidObjectPath` when a key is missing, unknown or of the wrong type.
    pub fn resolve(&self, class: &Class) -> Result<Self, CimError> {
        let invalid = |message: String| CimError::new(Status::InvalidObjectPath, message);
        let declared = class.keys().count();
        let given = match &self.keys {
            Keys::None if declared > 0 => {
                return Err(invalid(format!("{self} names a class: the keys of {} are missing", class.name)));
            }
            Keys::None | Keys::Singleton => 0,
            Keys::Single(_) => 1,
            Keys::Named(keys) => {
                if let Some((name, _)) = keys
                    .iter()
                    .find(|(name, _)| !class.keys().any(|(_, property)| property.name.eq_ignore_ascii_case(name)))
                {
                    return Err(invalid(format!("{} has no key {name}", class.name)));
                }
                keys.len()
            }
        };
        if given != declared && !matches!(self.keys, Keys::Singleton) {
            return Err(invalid(format!("{} has {declared} keys, the path gives {given}", class.name)));
        }
        let keys = match &self.keys {
            Keys::Singleton => Keys::Singleton,
            _ => {
                let key = |(_, property): (_, &super::Property)| {
                    let given = self
                        .key(&property.name)
                        .ok_or_else(|| invalid(format!("key {} of {} is missing", property.name, class.name)))?;
                    let value = if !given.is_null() && given.fits(&property.cim_type, false) {
                        given.clone()
                    } else {
                        Value::parse(&property.cim_type, &given.to_string()).map_err(|error| {
                            invalid(format!("key {} of {}: {}", property.name, class.name, error.message))
                        })?
                    };
                    Ok((property.name.clone(), value))
                };
                Keys::Named(class.keys().map(key).collect::<Result<_, CimError>>()?)
            }
        };
        Ok(Self { server: None, namespace: Some(class.namespace.clone()), class: class.name.clone(), keys })
    }
}

/// Key values compare across the forms a path can give them in: text against number, datetime or reference.
fn same_value(left: &Value, right: &Value) -> bool {
    if let (Some(left), Some(right)) = (left.number(), right.number()) {
        return left.compare(right) == Some(Ordering::Equal);
    }
    match (left, right) {
        (Value::String(left), Value::String(right)) => equal_folded(left, right),
        (Value::Boolean(left), Value::Boolean(right)) => left == right,
        (Value::DateTime(left), Value::DateTime(right)) => left.compare(right) == Some(Ordering::Equal),
        (Value::Reference(left), Value::Reference(right)) => left.same_object(right),
        (Value::String(text), other) | (other, Value::String(text)) => match other {
            Value::Boolean(value) => text.eq_ignore_ascii_case(if *value { "true" } else { "false" }),
            Value::DateTime(value) => {
                DateTime::parse(text).is_ok_and(|parsed| parsed.compare(value) == Some(Ordering::Equal))
            }
            Value::Reference(path) => ObjectPath::parse(text).is_ok_and(|parsed| parsed.same_object(path)),
            _ => match (Number::parse(text), other.number()) {
                (Some(left), Some(right)) => left.compare(right) == Some(Ordering::Equal),
                _ => false,
            },
        },
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Repository;

    fn path(text: &str) -> ObjectPath {
        ObjectPath::parse(text).unwrap()
    }

    #[test]
    fn sameness_ignores_case_order_server_and_value_form() {
        assert!(path("A.X=1,Y='b'").same_object(&path("a.y=\"B\",x='1'")));
        assert!(path("//./root/x:A.X=1").same_object(&path("A=1")));
        assert!(path("root/x:A.X=1").same_object(&path("ROOT\\X:A.X=1")));
        assert!(!path("root/y:A.X=1").same_object(&path("root/x:A.X=1")));
        assert!(!path("A.X=1").same_object(&path("A.X=1,Y=2")));
        assert!(!path("A.X=1").same_object(&path("B.X=1")));
        assert!(!path("A").same_object(&path("A=@")));
        let typed = ObjectPath::instance("L", [("Owner", path("T_Box.Id='x1'"))]);
        assert!(typed.same_object(&path(r#"L.Owner="T_Box.Id=\"X1\"""#)));
    }

    #[test]
    fn resolving_gives_declared_names_and_types() {
        let mut repository = Repository::default();
        repository.load_mof("root/x", "t.mof", "class A { [Key] uint8 Num; [Key] string Id; string Other; };").unwrap();
        let class = repository.class("root/x", "A").unwrap();
        let resolved = path("a.ID='q',NUM='7'").resolve(&class).unwrap();
        assert_eq!(resolved.keys, Keys::Named(vec![("Num".into(), Value::Uint8(7)), ("Id".into(), "q".into())]));
        assert_eq!(resolved.to_string(), "root\\x:A.Id=\"q\",Num=7");
        for bad in ["A", "A='q'", "A.Id='q'", "A.Id='q',Other='x'", "A.Id='q',Num=256", "A.Id='q',Num=1,Other='x'"] {
            assert_eq!(path(bad).resolve(&class).unwrap_err().status, Status::InvalidObjectPath, "{bad}");
        }
    }
}
