//! The broker: finds classes, compiles queries, calls providers, applies filters and projections.

mod associate;
mod explain;
mod scan;
mod select;
mod write;

use std::collections::HashMap;
use std::sync::Arc;

use self::scan::Rows;
use crate::query::Condition;
use crate::{
    CimError, Class, Instance, Keys, ObjectPath, OperationContext, PropertySet, Provider, Repository, Slot, Status,
    SystemProperty,
};

/// How subclasses appear in an enumeration (DSP0227 s8.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Polymorphism {
    /// Subclass instances with all their properties.
    #[default]
    IncludeSubclassProperties,
    /// Subclass instances cast to the class asked for.
    ExcludeSubclassProperties,
    /// Only instances of exactly this class.
    None,
}

/// What a query found.
#[derive(Debug, Clone, Default)]
pub struct QueryResult {
    /// The FROM class (for association queries the class of each instance counts).
    pub class: Option<Arc<Class>>,
    /// The rows. Besides what was selected they hold their keys, so that their paths work, and what the filter looked
    /// at.
    pub instances: Vec<Instance>,
    /// The selected properties, when the query names them: in query order, duplicates collapsed. `None` for `*`.
    pub projection: Option<Vec<Slot>>,
    /// The selected system properties, in query order; empty for `*`.
    pub system: Vec<SystemProperty>,
    /// The class definitions, when the query asks for these (`meta_class`, `ClassDefsOnly`, `SchemaOnly`).
    pub classes: Vec<Arc<Class>>,
}

/// Serves operations on classes and instances.
///
/// Instances come from the provider registered for their class, and from `instance of` declarations in MOF.
pub struct Broker {
    repository: Repository,
    /// By lower-case namespace and class name.
    providers: HashMap<(String, String), Arc<dyn Provider>>,
}

impl Broker {
    /// A broker without providers.
    pub fn new(repository: Repository) -> Self {
        Self { repository, providers: HashMap::new() }
    }

    /// The classes.
    pub fn repository(&self) -> &Repository {
        &self.repository
    }

    /// Adds a provider for the classes it names.
    ///
    /// # Errors
    /// When a class is unknown or served already; then none of its classes is added.
    pub fn register(&mut self, provider: Arc<dyn Provider>) -> Result<(), CimError> {
        let mut keys = Vec::new();
        for (namespace, name) in provider.classes() {
            let class = self.repository.class(namespace, name)?;
            let key = key_of(&class);
            if self.providers.contains_key(&key) || keys.contains(&key) {
                let message = format!("{}:{} has a provider already", class.namespace, class.name);
                return Err(CimError::new(Status::AlreadyExists, message));
            }
            keys.push(key);
        }
        self.providers.extend(keys.into_iter().map(|key| (key, provider.clone())));
        Ok(())
    }

    /// Reads one instance. A path to a base class finds the subclass instance with these keys.
    ///
    /// # Errors
    /// `InvalidNamespace`, `InvalidClass`, `InvalidObjectPath` (missing or unknown keys), `NotFound`, and the
    /// provider's.
    pub fn get(&self, context: &OperationContext, namespace: &str, path: &ObjectPath) -> Result<Instance, CimError> {
        self.locate(context, namespace, path, PropertySet::all)
    }

    /// All instances of a class and its subclasses.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub fn enumerate(
        &self,
        context: &OperationContext,
        namespace: &str,
        class: &str,
        mode: Polymorphism,
    ) -> Result<Vec<Instance>, CimError> {
        let class = self.repository.class(namespace, class)?;
        let mut rows = Rows::new(context);
        for target in self.served(&class) {
            match mode {
                Polymorphism::None if !Arc::ptr_eq(&target, &class) => {}
                Polymorphism::ExcludeSubclassProperties => {
                    self.scan(&target, &PropertySet::all(&class), None, &mut rows)?;
                }
                _ => self.scan(&target, &PropertySet::all(&target), None, &mut rows)?,
            }
        }
        tracing::debug!(class = %class.name, ?mode, returned = rows.instances.len(), "enumerate");
        if mode == Polymorphism::ExcludeSubclassProperties {
            return Ok(rows.instances.iter().map(|instance| instance.cast(&class)).collect());
        }
        Ok(rows.instances)
    }

    /// Paths of all instances of a class and its subclasses: asks the providers for nothing but keys.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub fn enumerate_paths(
        &self,
        context: &OperationContext,
        namespace: &str,
        class: &str,
    ) -> Result<Vec<ObjectPath>, CimError> {
        let class = self.repository.class(namespace, class)?;
        let mut rows = Rows::new(context);
        for target in self.served(&class) {
            self.scan(&target, &keys_of(&target), None, &mut rows)?;
        }
        Ok(rows.instances.iter().map(Instance::path).collect())
    }

    /// Instances whose properties equal all of `equals` (WS-Man selector filters).
    ///
    /// # Errors
    /// As [`get`](Self::get), and `InvalidQuery` for an unknown property.
    pub fn select(
        &self,
        context: &OperationContext,
        namespace: &str,
        class: &str,
        equals: &[(String, String)],
    ) -> Result<Vec<Instance>, CimError> {
        let class = self.repository.class(namespace, class)?;
        let pairs = equals.iter().map(|(name, text)| (name.as_str(), text.as_str()));
        let condition = Condition::equals(&class, pairs)?;
        let mut rows = Rows::new(context);
        for target in self.served(&class) {
            self.scan(&target, &PropertySet::all(&target), Some(&condition), &mut rows)?;
        }
        tracing::debug!(class = %class.name, ?equals, seen = rows.seen, returned = rows.instances.len(), "select");
        Ok(rows.instances)
    }

    /// Runs a WQL query (SELECT, ASSOCIATORS OF, REFERENCES OF).
    ///
    /// # Errors
    /// The error table of the WQL reference, section 12.
    pub fn query(&self, context: &OperationContext, namespace: &str, text: &str) -> Result<QueryResult, CimError> {
        self.run(context, namespace, text)
    }

    /// The class and all derived from it that have instances to offer.
    fn served(&self, class: &Arc<Class>) -> Vec<Arc<Class>> {
        // The class comes from this repository, so its namespace is there.
        let all = self.repository.classes(&class.namespace).unwrap_or(&[]);
        all.iter()
            .filter(|other| other.is_a(&class.name))
            .filter(|other| self.provider(other).is_some() || !self.repository.static_instances(other).is_empty())
            .cloned()
            .collect()
    }

    fn provider(&self, class: &Class) -> Option<&Arc<dyn Provider>> {
        self.providers.get(&key_of(class))
    }

    /// Finds the instance that a path names; `wanted` says for its real class what to read.
    fn locate(
        &self,
        context: &OperationContext,
        namespace: &str,
        path: &ObjectPath,
        wanted: fn(&Class) -> PropertySet,
    ) -> Result<Instance, CimError> {
        let class = self.repository.class(namespace, &path.class)?;
        if let Some(other) = &path.namespace
            && !self.repository.class(other, &path.class).is_ok_and(|found| Arc::ptr_eq(&found, &class))
        {
            let message = format!("{path} is not in namespace {namespace}");
            return Err(CimError::new(Status::InvalidNamespace, message));
        }
        let path = path.resolve(&class)?;
        if path.keys == Keys::Singleton {
            return self.only_instance(context, &class, wanted);
        }
        let mut failure = None;
        for target in self.served(&class) {
            let path = ObjectPath { class: target.name.clone(), ..path.clone() };
            let known = self.repository.static_instances(&target);
            if let Some(found) = known.iter().find(|instance| instance.path().same_keys(&path)) {
                return Ok(found.clone());
            }
            let Some(provider) = self.provider(&target) else { continue };
            scan::check_deadline(context)?;
            match provider.get(context, &target, &path, &wanted(&target)) {
                Ok(instance) => return Ok(instance),
                Err(error) if error.status == Status::NotFound => {}
                Err(error) => failure = failure.or(Some(error)),
            }
        }
        Err(failure.unwrap_or_else(|| CimError::new(Status::NotFound, format!("{path} does not exist"))))
    }

    /// The instance of a path with `=@`.
    fn only_instance(
        &self,
        context: &OperationContext,
        class: &Arc<Class>,
        wanted: fn(&Class) -> PropertySet,
    ) -> Result<Instance, CimError> {
        let mut rows = Rows::new(context);
        for target in self.served(class) {
            self.scan(&target, &wanted(&target), None, &mut rows)?;
        }
        let found = rows.instances.len();
        match (rows.instances.pop(), found) {
            (Some(only), 1) => Ok(only),
            (None, _) => Err(CimError::new(Status::NotFound, format!("{} has no instance", class.name))),
            _ => {
                let message = format!("{}=@ needs a single instance, there are {found}", class.name);
                Err(CimError::new(Status::InvalidObjectPath, message))
            }
        }
    }
}

fn key_of(class: &Class) -> (String, String) {
    (class.namespace.to_ascii_lowercase(), class.name.to_ascii_lowercase())
}

/// The key slots of a class.
fn keys_of(class: &Class) -> PropertySet {
    class.keys().map(|(slot, _)| slot).collect()
}
