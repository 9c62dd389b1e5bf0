//! Builds instances from `instance of` declarations.

use std::collections::HashMap;

use super::Scope;
use super::ast::InstanceDeclaration;
use super::error::MofError;
use super::value::{self, Objects};
use crate::{Instance, Status};

/// The instances of one text, in order, with their aliases.
pub(crate) struct Instances<'a> {
    scope: &'a Scope<'a>,
    aliases: HashMap<String, Instance>,
    list: Vec<Instance>,
}

impl<'a> Instances<'a> {
    pub(crate) fn new(scope: &'a Scope<'a>) -> Self {
        Self { scope, aliases: HashMap::new(), list: Vec::new() }
    }

    /// Builds one; later ones may use its alias.
    pub(crate) fn declare(&mut self, declaration: &InstanceDeclaration) -> Result<(), MofError> {
        let instance = build(self.scope, self, declaration)?;
        for (slot, property) in instance.class().keys() {
            if instance.value(slot).is_null() {
                let message = format!("key {} of this {} has no value", property.name, instance.class().name);
                return Err(MofError::with(declaration.class.position, Status::IllegalNull, message));
            }
        }
        if let Some(alias) = &declaration.alias {
            self.aliases.insert(alias.to_ascii_lowercase(), instance.clone());
        }
        self.list.push(instance);
        Ok(())
    }

    pub(crate) fn finish(self) -> Vec<Instance> {
        self.list
    }
}

impl Objects for Instances<'_> {
    fn alias(&self, name: &str) -> Option<&Instance> {
        self.aliases.get(&name.to_ascii_lowercase())
    }

    fn embedded(&self, declaration: &InstanceDeclaration) -> Result<Instance, MofError> {
        build(self.scope, self, declaration)
    }
}

/// Builds an instance; embedded ones need no key values.
pub(crate) fn build(
    scope: &Scope<'_>,
    objects: &dyn Objects,
    declaration: &InstanceDeclaration,
) -> Result<Instance, MofError> {
    let name = &declaration.class;
    let class = scope.class(&name.text).ok_or_else(|| {
        MofError::with(name.position, Status::InvalidClass, format!("class {} does not exist", name.text))
    })?;
    let mut instance = Instance::new(class.clone());
    for (name, literal, position) in &declaration.values {
        let slot = class.slot(&name.text).ok_or_else(|| {
            let message = format!("class {} has no property {}", class.name, name.text);
            MofError::with(name.position, Status::InvalidProperty, message)
        })?;
        if let Some(property) = class.property(slot) {
            instance.put(slot, value::typed(objects, &property.cim_type, property.array, literal, *position)?);
        }
    }
    Ok(instance)
}
