//! The class repository: namespaces and the classes in them.

use std::sync::Arc;

use crate::{CimError, Class};

/// Namespaces and classes, built from MOF.
#[derive(Debug, Default)]
pub struct Repository {}

impl Repository {
    /// Compiles MOF text into a namespace.
    ///
    /// # Errors
    /// Names file, line, expected and found.
    pub fn load_mof(&mut self, namespace: &str, file: &str, text: &str) -> Result<(), CimError> {
        let _ = (namespace, file, text);
        unimplemented!("skeleton")
    }

    /// A class by namespace and name, both case-insensitive.
    ///
    /// # Errors
    /// `InvalidNamespace` or `InvalidClass`.
    pub fn class(&self, namespace: &str, name: &str) -> Result<Arc<Class>, CimError> {
        let _ = (namespace, name);
        unimplemented!("skeleton")
    }
}
