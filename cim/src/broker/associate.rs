//! ASSOCIATORS OF and REFERENCES OF: from an object over association instances to the objects at the other end (WQL
//! reference s7).

use std::sync::Arc;

use super::scan::{Rows, check_deadline};
use super::{Broker, QueryResult, keys_of};
use crate::query::ast::Association;
use crate::query::{Condition, unfit};
use crate::{
    CimError, CimType, Class, Instance, Keys, ObjectPath, OperationContext, Property, PropertySet, Slot, Status, Value,
};

/// An association class with the references that can point to the source.
struct Link {
    class: Arc<Class>,
    near: Vec<Slot>,
}

impl Broker {
    pub(super) fn associate(
        &self,
        context: &OperationContext,
        namespace: &str,
        association: &Association,
        associators: bool,
        text: &str,
    ) -> Result<QueryResult, CimError> {
        let source = self.repository.class(namespace, &association.source.class)?;
        for name in [&association.assoc_class, &association.result_class].into_iter().flatten() {
            self.repository.class(namespace, name)?;
        }
        if association.schema_only {
            if association.source.keys != Keys::None {
                return Err(unfit("SchemaOnly takes the path of a class"));
            }
            let classes = self.associated_classes(namespace, &source, association, associators)?;
            return Ok(QueryResult { classes, ..QueryResult::default() });
        }
        let source = self.locate(context, namespace, &association.source, keys_of)?;
        let mut rows = Rows::new(context);
        let keys_only = association.keys_only || association.class_defs_only;
        let paths = names_of(&source);
        let mut seen = 0;
        for link in self.links(namespace, source.class(), association, associators)? {
            if !self.is_served(&link.class) {
                continue;
            }
            let condition = Condition::any_reference(&link.near, &paths);
            let references = references(&link.class).map(|(slot, _)| slot);
            let wanted = match (associators, keys_only) {
                (false, false) => PropertySet::all(&link.class),
                _ => references.collect(),
            };
            let mut found = Rows::new(context);
            self.scan(&link.class, &wanted, Some(&condition), &mut found)?;
            seen += found.seen;
            for instance in found.instances {
                if associators {
                    self.follow(namespace, &instance, &link, &paths, association, &mut rows)?;
                } else {
                    rows.keep(instance)?;
                }
            }
        }
        let mut instances = rows.instances;
        tracing::debug!(query = text, seen, returned = instances.len(), "association query");
        if association.class_defs_only {
            let mut classes = Vec::new();
            instances.iter().for_each(|instance| add_once(&mut classes, instance.class()));
            return Ok(QueryResult { classes, ..QueryResult::default() });
        }
        if keys_only {
            for instance in &mut instances {
                let keys = keys_of(instance.class());
                instance.retain(|slot| keys.contains(slot));
            }
        }
        Ok(QueryResult { instances, ..QueryResult::default() })
    }

    /// Adds the objects at the other ends of an association instance.
    fn follow(
        &self,
        namespace: &str,
        instance: &Instance,
        link: &Link,
        source: &[ObjectPath],
        association: &Association,
        rows: &mut Rows<'_>,
    ) -> Result<(), CimError> {
        let is_source =
            |value: &Value| matches!(value, Value::Reference(path) if source.iter().any(|s| s.same_object(path)));
        for near in link.near.iter().filter(|near| is_source(instance.value(**near))) {
            for (far, property) in references(&link.class) {
                if far == *near || !plays(&association.result_role, property) {
                    continue;
                }
                let Value::Reference(path) = instance.value(far) else { continue };
                check_deadline(rows.context)?;
                let keys_only = association.keys_only || association.class_defs_only;
                let wanted = if keys_only { keys_of } else { PropertySet::all };
                match self.locate(rows.context, namespace, path, wanted) {
                    Ok(result) if fits_result(result.class(), association) => rows.keep(result)?,
                    Ok(_) => {}
                    // A link whose end is gone, or lies in another namespace, leads nowhere.
                    Err(error) if is_dangling(&error) => tracing::debug!(%path, %error, "dangling reference"),
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(())
    }

    /// Association classes that can link the class, after the filters that classes alone decide.
    fn links(
        &self,
        namespace: &str,
        source: &Class,
        association: &Association,
        associators: bool,
    ) -> Result<Vec<Link>, CimError> {
        let mut links = Vec::new();
        for class in self.repository.classes(namespace)?.iter().filter(|class| class.is_association()) {
            if !derives(class, &association.assoc_class)
                || !qualified(class, &association.required_assoc_qualifier)
                || (!associators && !fits_result(class, association))
            {
                continue;
            }
            let near: Vec<Slot> = references(class)
                .filter(|(_, property)| plays(&association.role, property) && refers_to(property, source))
                .map(|(slot, _)| slot)
                .collect();
            if !near.is_empty() {
                links.push(Link { class: class.clone(), near });
            }
        }
        Ok(links)
    }

    /// The result of SchemaOnly: declarations instead of instances.
    fn associated_classes(
        &self,
        namespace: &str,
        source: &Class,
        association: &Association,
        associators: bool,
    ) -> Result<Vec<Arc<Class>>, CimError> {
        let mut classes = Vec::new();
        for link in self.links(namespace, source, association, associators)? {
            if !associators {
                add_once(&mut classes, &link.class);
                continue;
            }
            for (far, property) in references(&link.class) {
                let CimType::Reference(name) = &property.cim_type else { continue };
                if link.near.iter().all(|near| *near == far) || !plays(&association.result_role, property) {
                    continue;
                }
                let Ok(class) = self.repository.class(namespace, name) else { continue };
                if fits_result(&class, association) {
                    add_once(&mut classes, &class);
                }
            }
        }
        Ok(classes)
    }

    fn is_served(&self, class: &Class) -> bool {
        self.provider(class).is_some() || !self.repository.static_instances(class).is_empty()
    }

    /// The association classes a query looks through, for explanations.
    pub(super) fn link_names(
        &self,
        namespace: &str,
        association: &Association,
        associators: bool,
    ) -> Result<Vec<Arc<str>>, CimError> {
        let source = self.repository.class(namespace, &association.source.class)?;
        let links = self.links(namespace, &source, association, associators)?;
        Ok(links.into_iter().map(|link| link.class.name.clone()).collect())
    }
}

/// The paths a reference may name the instance by: its class, or a superclass with the same keys.
fn names_of(instance: &Instance) -> Vec<ObjectPath> {
    let path = instance.path();
    let names = instance.class().lineage().filter(|class| class.keys().next().is_some());
    names.map(|class| ObjectPath { class: class.name.clone(), ..path.clone() }).collect()
}

fn references(class: &Class) -> impl Iterator<Item = (Slot, &Property)> {
    let properties = class.properties().iter().enumerate();
    properties
        .filter(|(_, property)| matches!(property.cim_type, CimType::Reference(_)) && !property.array)
        .map(|(index, property)| (Slot(index), property))
}

fn refers_to(property: &Property, class: &Class) -> bool {
    matches!(&property.cim_type, CimType::Reference(name) if class.is_a(name))
}

fn plays(role: &Option<String>, property: &Property) -> bool {
    role.as_ref().is_none_or(|role| property.name.eq_ignore_ascii_case(role))
}

fn derives(class: &Class, name: &Option<String>) -> bool {
    name.as_ref().is_none_or(|name| class.is_a(name))
}

fn qualified(class: &Class, qualifier: &Option<String>) -> bool {
    let is_there = |name: &String| class.qualifier(name).is_some_and(|value| *value != Value::Boolean(false));
    qualifier.as_ref().is_none_or(is_there)
}

fn fits_result(class: &Class, association: &Association) -> bool {
    derives(class, &association.result_class) && qualified(class, &association.required_qualifier)
}

fn is_dangling(error: &CimError) -> bool {
    matches!(
        error.status,
        Status::NotFound | Status::InvalidClass | Status::InvalidNamespace | Status::InvalidObjectPath
    )
}

fn add_once(classes: &mut Vec<Arc<Class>>, class: &Arc<Class>) {
    if !classes.iter().any(|known| Arc::ptr_eq(known, class)) {
        classes.push(class.clone());
    }
}
