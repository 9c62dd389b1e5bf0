//! The broker: finds classes, compiles queries, calls providers, applies filters and projections.

use std::sync::Arc;

use crate::{
    CimError, Class, Instance, MethodOutput, ObjectPath, OperationContext, Provider, Repository, Slot, SystemProperty,
    Value,
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
    /// The rows.
    pub instances: Vec<Instance>,
    /// The selected properties, when the query names them: in query order, duplicates collapsed. `None` for `*`.
    pub projection: Option<Vec<Slot>>,
    /// The selected system properties, in query order; empty for `*`.
    pub system: Vec<SystemProperty>,
    /// The class definitions, when the query asks for these (`meta_class`, `ClassDefsOnly`, `SchemaOnly`).
    pub classes: Vec<Arc<Class>>,
}

/// Serves operations on classes and instances.
pub struct Broker {
    repository: Repository,
    providers: Vec<Arc<dyn Provider>>,
}

impl Broker {
    /// A broker without providers.
    pub fn new(repository: Repository) -> Self {
        Self { repository, providers: Vec::new() }
    }

    /// The classes.
    pub fn repository(&self) -> &Repository {
        &self.repository
    }

    /// Adds a provider for the classes it names.
    ///
    /// # Errors
    /// When a class is unknown or served already.
    pub fn register(&mut self, provider: Arc<dyn Provider>) -> Result<(), CimError> {
        self.providers.push(provider);
        Ok(())
    }

    /// Reads one instance. A path to a base class finds the subclass instance with these keys.
    ///
    /// # Errors
    /// `InvalidNamespace`, `InvalidClass`, `InvalidObjectPath` (missing or unknown keys), `NotFound`, and the provider's.
    pub fn get(&self, context: &OperationContext, namespace: &str, path: &ObjectPath) -> Result<Instance, CimError> {
        let _ = (context, namespace, path);
        unimplemented!("skeleton")
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
        let _ = (context, namespace, class, mode);
        unimplemented!("skeleton")
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
        let _ = (context, namespace, class);
        unimplemented!("skeleton")
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
        let _ = (context, namespace, class, equals);
        unimplemented!("skeleton")
    }

    /// Runs a WQL query (SELECT, ASSOCIATORS OF, REFERENCES OF).
    ///
    /// # Errors
    /// The error table of the WQL reference, section 12.
    pub fn query(&self, context: &OperationContext, namespace: &str, text: &str) -> Result<QueryResult, CimError> {
        let _ = (context, namespace, text);
        unimplemented!("skeleton")
    }

    /// How a query would be run: class, properties wanted, what providers can decide early.
    ///
    /// # Errors
    /// As [`query`](Self::query).
    pub fn explain(&self, namespace: &str, text: &str) -> Result<String, CimError> {
        let _ = (namespace, text);
        unimplemented!("skeleton")
    }

    /// Changes properties of an instance: `changes` by name; unchanged read-only ones are accepted. Returns the new state.
    ///
    /// # Errors
    /// `InvalidProperty`, `TypeMismatch`, `ReadOnly`, and as [`get`](Self::get).
    pub fn modify(
        &self,
        context: &OperationContext,
        namespace: &str,
        path: &ObjectPath,
        changes: &[(String, Value)],
    ) -> Result<Instance, CimError> {
        let _ = (context, namespace, path, changes);
        unimplemented!("skeleton")
    }

    /// Creates an instance.
    ///
    /// # Errors
    /// As the provider says.
    pub fn create(&self, context: &OperationContext, instance: &Instance) -> Result<ObjectPath, CimError> {
        let _ = (context, instance);
        unimplemented!("skeleton")
    }

    /// Deletes an instance.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub fn delete(&self, context: &OperationContext, namespace: &str, path: &ObjectPath) -> Result<(), CimError> {
        let _ = (context, namespace, path);
        unimplemented!("skeleton")
    }

    /// Calls a method. `inputs` by parameter name, already of the declared types.
    ///
    /// # Errors
    /// `InvalidMethod`, `InvalidMethodParameters`, `TypeMismatch`, and as [`get`](Self::get).
    pub fn invoke(
        &self,
        context: &OperationContext,
        namespace: &str,
        path: &ObjectPath,
        method: &str,
        inputs: &[(String, Value)],
    ) -> Result<MethodOutput, CimError> {
        let _ = (context, namespace, path, method, inputs);
        unimplemented!("skeleton")
    }
}
