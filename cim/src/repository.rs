//! The class repository: namespaces, the classes in them, and the instances written in MOF.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use crate::mof::{self, Compiled, Qualifiers};
use crate::{CimError, Class, Instance, Status};

/// Namespaces and classes, built from MOF.
///
/// ```
/// use cim::Repository;
///
/// let mut repository = Repository::default();
/// let mof = "class CIM_Sensor { [Key] string DeviceID; }; class Sensor : CIM_Sensor { uint16 SensorType; };";
/// repository.load_mof("root/hardware", "sensor.mof", mof).unwrap();
/// let class = repository.class("root\\hardware", "sensor").unwrap();
/// assert!(class.is_a("CIM_Sensor"));
/// assert_eq!(class.properties().len(), 2);
/// ```
#[derive(Debug, Default)]
pub struct Repository {
    namespaces: BTreeMap<String, Namespace>,
}

#[derive(Debug)]
struct Namespace {
    name: Arc<str>,
    classes: Vec<Arc<Class>>,
    by_name: HashMap<String, Arc<Class>>,
    qualifiers: Qualifiers,
    /// By lower-case class name.
    instances: HashMap<String, Vec<Instance>>,
}

impl Repository {
    /// Compiles MOF text into a namespace, all of it or nothing; the namespace is made when it is new. Forward
    /// references to superclasses are fine; `#pragma namespace` and `locale` are ignored.
    ///
    /// # Errors
    /// Names file, line, column, expected and found.
    pub fn load_mof(&mut self, namespace: &str, file: &str, text: &str) -> Result<(), CimError> {
        let name = normalize(namespace);
        if name.is_empty() || !name.split('/').all(|part| !part.is_empty() && part.chars().all(is_namespace_character))
        {
            return Err(CimError::new(Status::InvalidNamespace, format!("{namespace:?} is not a namespace name")));
        }
        let key = name.to_ascii_lowercase();
        let place = self.namespaces.get(&key);
        let name: Arc<str> = place.map_or_else(|| name.into(), |place| place.name.clone());
        let known = |class: &str| place.and_then(|place| place.by_name.get(&class.to_ascii_lowercase()).cloned());
        let qualifiers = place.map(|place| place.qualifiers.clone()).unwrap_or_default();
        let compiled = mof::compile(name.clone(), &known, &qualifiers, file, text)?;
        if let Some(place) = place {
            place.refuse_duplicates(file, &compiled)?;
        }
        let place = self.namespaces.entry(key).or_insert_with(|| Namespace {
            name,
            classes: Vec::new(),
            by_name: HashMap::new(),
            qualifiers: Qualifiers::default(),
            instances: HashMap::new(),
        });
        place.add(compiled);
        Ok(())
    }

    /// Compiles several texts, given as (file, text), whatever order their superclasses need.
    ///
    /// # Errors
    /// Those of [`load_mof`](Self::load_mof) for the first text that cannot be loaded; what was loaded before stays.
    pub fn load_mof_files(&mut self, namespace: &str, files: &[(&str, &str)]) -> Result<(), CimError> {
        let mut waiting = files.to_vec();
        while !waiting.is_empty() {
            let before = waiting.len();
            let mut missing = None;
            let mut later = Vec::new();
            for (file, text) in waiting {
                match self.load_mof(namespace, file, text) {
                    Ok(()) => {}
                    // The class may come with another file.
                    Err(error) if error.status == Status::InvalidClass => {
                        missing = missing.or(Some(error));
                        later.push((file, text));
                    }
                    Err(error) => return Err(error),
                }
            }
            waiting = later;
            if let Some(error) = missing.filter(|_| waiting.len() == before) {
                return Err(error);
            }
        }
        Ok(())
    }

    /// A class by namespace and name, both case-insensitive.
    ///
    /// # Errors
    /// `InvalidNamespace` or `InvalidClass`.
    pub fn class(&self, namespace: &str, name: &str) -> Result<Arc<Class>, CimError> {
        let place = self.namespace(namespace)?;
        place.by_name.get(&name.to_ascii_lowercase()).cloned().ok_or_else(|| {
            CimError::new(Status::InvalidClass, format!("namespace {} has no class {name:?}", place.name))
        })
    }

    /// All classes of a namespace; superclasses come before their subclasses.
    ///
    /// # Errors
    /// `InvalidNamespace`.
    pub fn classes(&self, namespace: &str) -> Result<&[Arc<Class>], CimError> {
        self.namespace(namespace).map(|place| place.classes.as_slice())
    }

    /// All classes derived from a class, at any distance, without the class itself.
    ///
    /// # Errors
    /// `InvalidNamespace` or `InvalidClass`.
    pub fn subclasses(&self, namespace: &str, name: &str) -> Result<Vec<Arc<Class>>, CimError> {
        let class = self.class(namespace, name)?;
        let classes = self.classes(namespace)?.iter();
        Ok(classes.filter(|other| !Arc::ptr_eq(other, &class) && other.is_a(&class.name)).cloned().collect())
    }

    /// The names of all namespaces, sorted.
    pub fn namespaces(&self) -> impl Iterator<Item = &str> {
        self.namespaces.values().map(|place| &*place.name)
    }

    /// The instances of exactly this class that MOF declared.
    pub fn static_instances(&self, class: &Class) -> &[Instance] {
        self.namespaces
            .get(&class.namespace.to_ascii_lowercase())
            .and_then(|place| place.instances.get(&class.name.to_ascii_lowercase()))
            .map_or(&[], Vec::as_slice)
    }

    fn namespace(&self, name: &str) -> Result<&Namespace, CimError> {
        let key = normalize(name).to_ascii_lowercase();
        self.namespaces
            .get(&key)
            .ok_or_else(|| CimError::new(Status::InvalidNamespace, format!("namespace {name:?} does not exist")))
    }
}

impl Namespace {
    fn refuse_duplicates(&self, file: &str, compiled: &Compiled) -> Result<(), CimError> {
        for instance in &compiled.instances {
            let known = self.instances.get(&instance.class().name.to_ascii_lowercase());
            let path = instance.path();
            if known.is_some_and(|known| known.iter().any(|other| other.path().same_object(&path))) {
                return Err(CimError::new(Status::AlreadyExists, format!("{file}: instance {path} exists already")));
            }
        }
        Ok(())
    }

    fn add(&mut self, compiled: Compiled) {
        for class in compiled.classes {
            self.by_name.insert(class.name.to_ascii_lowercase(), class.clone());
            self.classes.push(class);
        }
        for instance in compiled.instances {
            self.instances.entry(instance.class().name.to_ascii_lowercase()).or_default().push(instance);
        }
        self.qualifiers = compiled.qualifiers;
    }
}

/// Forward slashes, none at the ends.
fn normalize(namespace: &str) -> String {
    namespace.replace('\\', "/").trim_matches('/').to_owned()
}

fn is_namespace_character(character: char) -> bool {
    character == '_' || character == '-' || character.is_alphanumeric()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Slot, Value};

    fn load(text: &str) -> Result<Repository, CimError> {
        let mut repository = Repository::default();
        repository.load_mof("root/test", "t.mof", text).map(|()| repository)
    }

    const TEXT: &str = r#"
        class C : B { [Override("Name"), Description("mine")] string Name = "c"; uint8 Third; };
        class B : A { uint8 Second = 7; [Override] void Do([Out] uint8 Y); };
        [Abstract, Version("2"), Description("root")]
        class A { [Key, Read] string Id; [Write] string Name = "a"; uint32 Do([In] uint8 X, [In, Out] uint8 Z); };
    "#;

    #[test]
    fn inheritance_keeps_slots_and_qualifiers() {
        let repository = load(TEXT).unwrap();
        let (a, c) = (repository.class("root/test", "a").unwrap(), repository.class("ROOT\\TEST", "C").unwrap());
        for (slot, property) in a.properties().iter().enumerate() {
            assert_eq!(c.property(Slot(slot)).unwrap().name, property.name);
        }
        assert_eq!(c.slot("NAME"), Some(Slot(1)));
        let name = c.property(Slot(1)).unwrap();
        assert_eq!((name.default.clone(), &*name.origin), (Value::from("c"), "C"));
        assert_eq!(name.qualifiers.iter().map(|q| &*q.name).collect::<Vec<_>>(), ["Write", "Override", "Description"]);
        assert!(c.property(Slot(0)).unwrap().key);
        assert_eq!(c.qualifier("description"), Some(&Value::from("root")));
        assert!(a.qualifier("Abstract").is_some() && c.qualifier("Abstract").is_none());
        assert_eq!(Instance::new(c.clone()).get("second"), Some(&Value::Uint8(7)));
        let method = c.method("do").unwrap();
        assert_eq!((method.result.is_none(), &*method.origin), (true, "B"));
        assert!(!method.parameters[0].input && method.parameters[0].output);
        assert!(a.method("Do").unwrap().parameters.iter().all(|parameter| parameter.input));
        let names: Vec<_> = repository.subclasses("root/test", "A").unwrap().iter().map(|c| c.name.clone()).collect();
        assert_eq!(names, ["B".into(), "C".into()] as [Arc<str>; 2]);
        assert_eq!(repository.namespaces().collect::<Vec<_>>(), ["root/test"]);
    }

    #[test]
    fn a_bad_text_changes_nothing() {
        let mut repository = load(TEXT).unwrap();
        for (text, status) in [
            ("class D {}; class C {};", Status::AlreadyExists),
            ("class D {}; class d {};", Status::AlreadyExists),
            ("class D : Nope {};", Status::InvalidClass),
            ("class D : E {}; class E : D {};", Status::InvalidClass),
            ("class D : D {};", Status::InvalidClass),
            ("class D : A { uint8 Name; };", Status::TypeMismatch),
            ("class D { uint8 X; string x; };", Status::AlreadyExists),
            ("class D { uint8 X = 256; };", Status::TypeMismatch),
            ("class D {}; instance of Nope { };", Status::InvalidClass),
            ("class D {}; instance of C { Nope = 1; };", Status::InvalidProperty),
            ("class D {}; instance of C { Name = \"no key\"; };", Status::IllegalNull),
            ("class D {}; instance of C { Id = {\"a\"}; };", Status::Failed),
        ] {
            let error = repository.load_mof("root/test", "bad.mof", text).unwrap_err();
            assert_eq!(error.status, status, "{text}: {error}");
            assert!(error.message.starts_with("bad.mof:1:"), "{error}");
            assert!(repository.class("root/test", "D").is_err());
        }
    }

    #[test]
    fn instances_use_aliases_and_strings_for_objects() {
        let repository = load(
            r#"class Part { [Key] string Id; uint8 N; };
               class Link { [Key] Part REF To; [EmbeddedInstance("Part")] string Copy; [EmbeddedObject] string All[]; };
               instance of Part as $P { Id = "p"; N = 3; };
               instance of Link { To = $P; Copy = $P; All = { $P, "instance of Part { N = 4; };" }; };"#,
        )
        .unwrap();
        let class = repository.class("root/test", "Link").unwrap();
        let [link] = repository.static_instances(&class) else { panic!("one link") };
        assert_eq!(link.get("To").unwrap().to_string(), "Part.Id=\"p\"");
        let Some(Value::Instance(copy)) = link.get("Copy") else { panic!("embedded") };
        assert_eq!(copy.get("N"), Some(&Value::Uint8(3)));
        let Some(Value::Array(all)) = link.get("All") else { panic!("array") };
        assert!(matches!(&all[1], Value::Instance(part) if part.get("N") == Some(&Value::Uint8(4))));
    }

    #[test]
    fn files_come_in_any_order() {
        let mut repository = Repository::default();
        let (c, b, a) = (("c.mof", "class C : B {};"), ("b.mof", "class B : A {};"), ("a.mof", "class A {};"));
        repository.load_mof_files("root/test", &[c, b, a]).unwrap();
        assert!(repository.class("root/test", "C").unwrap().is_a("A"));
        let mut repository = Repository::default();
        let error = repository.load_mof_files("root/test", &[c, b]).unwrap_err();
        assert_eq!(error.message, "c.mof:1:11: superclass B of C does not exist");
    }

    #[test]
    fn unknown_names_are_errors() {
        let repository = load(TEXT).unwrap();
        assert_eq!(repository.class("root/none", "A").unwrap_err().status, Status::InvalidNamespace);
        assert_eq!(repository.class("root/test", "None").unwrap_err().status, Status::InvalidClass);
        assert_eq!(
            load("x").unwrap_err().message,
            "t.mof:1:1: expected class, instance of, qualifier or #pragma, found 'x'"
        );
        assert!(Repository::default().load_mof("", "t.mof", "").is_err());
    }
}
