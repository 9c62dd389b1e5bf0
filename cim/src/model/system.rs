//! System properties: facts about an object that every class has (WQL reference s11).

use super::{Class, Instance, ObjectPath, Value};

macro_rules! system_properties {
    ($($(#[$doc:meta])* $name:ident = $text:literal;)*) => {
        /// A system property.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum SystemProperty { $($(#[$doc])* $name,)* }

        impl SystemProperty {
            /// Every system property.
            pub const ALL: &'static [SystemProperty] = &[$(Self::$name),*];

            /// Its name, e.g. `__CLASS`.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }
    };
}

system_properties! {
    /// 1 for a class, 2 for an instance.
    Genus = "__GENUS";
    /// Class name.
    Class = "__CLASS";
    /// Direct superclass or NULL.
    Superclass = "__SUPERCLASS";
    /// Root ancestor.
    Dynasty = "__DYNASTY";
    /// Path within the namespace.
    Relpath = "__RELPATH";
    /// Number of properties.
    PropertyCount = "__PROPERTY_COUNT";
    /// Superclasses, nearest first.
    Derivation = "__DERIVATION";
    /// Server name.
    Server = "__SERVER";
    /// Namespace with backslashes.
    Namespace = "__NAMESPACE";
    /// Full path.
    Path = "__PATH";
}

/// The server a path means when it names none.
const LOCAL_SERVER: &str = ".";

impl SystemProperty {
    /// Finds one by name, case-insensitive.
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|property| property.name().eq_ignore_ascii_case(name))
    }

    /// Whether its value depends on the keys.
    pub fn needs_keys(self) -> bool {
        matches!(self, Self::Relpath | Self::Path)
    }

    /// Whether it is one text, known from the class alone.
    pub(crate) fn class_text(self, class: &Class) -> Option<&str> {
        match self {
            Self::Class => Some(&class.name),
            Self::Superclass => class.superclass.as_deref().map(|superclass| &*superclass.name),
            Self::Dynasty => class.lineage().last().map(|root| &*root.name),
            Self::Server => Some(LOCAL_SERVER),
            _ => None,
        }
    }

    /// The value for a class, or for an instance of it.
    pub fn value(self, class: &Class, instance: Option<&Instance>) -> Value {
        let path = || match instance {
            Some(instance) => instance.path(),
            None => ObjectPath { namespace: Some(class.namespace.clone()), ..ObjectPath::class(class.name.clone()) },
        };
        match self {
            Self::Genus => Value::Sint32(if instance.is_some() { 2 } else { 1 }),
            Self::Class | Self::Superclass | Self::Dynasty | Self::Server => {
                self.class_text(class).map(str::to_owned).into()
            }
            Self::Relpath => path().relpath().into(),
            Self::PropertyCount => Value::Sint32(i32::try_from(class.properties().len()).unwrap_or(i32::MAX)),
            Self::Derivation => Value::array(class.lineage().skip(1).map(|ancestor| ancestor.name.clone())),
            Self::Namespace => class.namespace.replace('/', "\\").into(),
            Self::Path => ObjectPath { server: Some(LOCAL_SERVER.into()), ..path() }.to_string().into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Repository;

    #[test]
    fn values_of_class_and_instance() {
        let mut repository = Repository::default();
        let text = "class A { [Key] string Id; }; class B : A { uint8 N; }; class C : B {};";
        repository.load_mof("root/x", "t.mof", text).unwrap();
        let class = repository.class("root/x", "c").unwrap();
        let mut instance = Instance::new(class.clone());
        instance.set("Id", "i\"1");
        let text = |property: SystemProperty| property.value(&class, Some(&instance)).to_string();
        assert_eq!(text(SystemProperty::Class), "C");
        assert_eq!(text(SystemProperty::Superclass), "B");
        assert_eq!(text(SystemProperty::Dynasty), "A");
        assert_eq!(text(SystemProperty::Derivation), "{B, A}");
        assert_eq!(text(SystemProperty::PropertyCount), "2");
        assert_eq!(text(SystemProperty::Namespace), "root\\x");
        assert_eq!(text(SystemProperty::Path), r#"\\.\root\x:C.Id="i\"1""#);
        assert_eq!(SystemProperty::Relpath.value(&class, None), Value::from("C"));
        assert_eq!(SystemProperty::find("__class"), Some(SystemProperty::Class));
        assert_eq!(SystemProperty::find("__nope"), None);
    }
}
