//! Builds a class from its declaration and its superclass: inherited features first, overrides in their place.

use std::collections::HashMap;
use std::sync::Arc;

use super::Scope;
use super::ast::{ClassDeclaration, MethodDeclaration, Named, PropertyDeclaration};
use super::error::MofError;
use super::qualifier::{Qualifiers, is_set};
use super::value::{self, NoObjects};
use crate::{CimType, Class, Method, Parameter, Property, Slot, Status, Value};

/// Most properties and methods a class may have.
const MAX_FEATURES: usize = 4096;

/// Builds the class; its superclass must be in scope.
pub(crate) fn build(
    scope: &Scope<'_>,
    qualifiers: &Qualifiers,
    declaration: &ClassDeclaration,
) -> Result<Class, MofError> {
    let superclass = match &declaration.superclass {
        Some(name) => Some(scope.class(&name.text).ok_or_else(|| {
            let message = format!("superclass {} of {} does not exist", name.text, declaration.name.text);
            MofError::with(name.position, Status::InvalidClass, message)
        })?),
        None => None,
    };
    let name: Arc<str> = declaration.name.text.as_str().into();
    let inherited = superclass.as_deref();
    let inherited_features = inherited.map_or(0, |class| class.properties.len() + class.methods.len());
    if inherited_features + declaration.properties.len() + declaration.methods.len() > MAX_FEATURES {
        let message = format!("class {name} has more than {MAX_FEATURES} properties and methods");
        return Err(MofError::with(declaration.name.position, Status::QuotaViolation, message));
    }
    let mut class = Class {
        name: name.clone(),
        namespace: scope.namespace.clone(),
        qualifiers: qualifiers.apply(inherited.map_or(&[], |class| &class.qualifiers), &declaration.qualifiers)?,
        properties: inherited.map_or_else(Vec::new, |class| class.properties.clone()),
        methods: inherited.map_or_else(Vec::new, |class| class.methods.clone()),
        slots: inherited.map_or_else(HashMap::new, |class| class.slots.clone()),
        superclass: superclass.clone(),
    };
    let mut seen = Vec::new();
    for declared in &declaration.properties {
        once(&mut seen, &declared.name)?;
        add_property(scope, qualifiers, &mut class, declared)?;
    }
    for declared in &declaration.methods {
        once(&mut seen, &declared.name)?;
        add_method(qualifiers, &mut class, declared)?;
    }
    Ok(class)
}

fn once(seen: &mut Vec<String>, name: &Named) -> Result<(), MofError> {
    let folded = name.text.to_ascii_lowercase();
    if seen.contains(&folded) {
        let message = format!("{} is declared twice in this class", name.text);
        return Err(MofError::with(name.position, Status::AlreadyExists, message));
    }
    seen.push(folded);
    Ok(())
}

fn add_property(
    scope: &Scope<'_>,
    qualifiers: &Qualifiers,
    class: &mut Class,
    declared: &PropertyDeclaration,
) -> Result<(), MofError> {
    let overridden = class.slot(&declared.name.text);
    let inherited = overridden.and_then(|slot| class.property(slot));
    if let Some(base) = inherited
        && (base.array != declared.array || !may_replace(&base.cim_type, &declared.cim_type))
    {
        let message = format!(
            "property {} is {}{} in {}: an override keeps the type",
            base.name,
            base.cim_type,
            if base.array { "[]" } else { "" },
            base.origin
        );
        return Err(MofError::with(declared.name.position, Status::TypeMismatch, message));
    }
    let qualifiers = qualifiers.apply(inherited.map_or(&[], |base| &base.qualifiers), &declared.qualifiers)?;
    let default = match &declared.default {
        Some((literal, position)) => {
            value::typed(&NoObjects(scope), &declared.cim_type, declared.array, literal, *position)?
        }
        None => inherited.map_or(Value::Null, |base| base.default.clone()),
    };
    let property = Property {
        name: inherited.map_or_else(|| declared.name.text.as_str().into(), |base| base.name.clone()),
        cim_type: declared.cim_type.clone(),
        array: declared.array,
        // A key stays a key: subclasses share the key space of their root (DSP0004 s5.1.2.10).
        key: is_set(&qualifiers, "Key") == Some(true) || inherited.is_some_and(|base| base.key),
        default,
        origin: class.name.clone(),
        qualifiers,
    };
    match overridden.and_then(|slot| class.properties.get_mut(slot.0)) {
        Some(place) => *place = property,
        None => {
            let slot = Slot(class.properties.len());
            class.slots.insert(declared.name.text.to_ascii_lowercase().into(), slot);
            class.properties.push(property);
        }
    }
    Ok(())
}

/// References and embedded instances may be narrowed to another class; a plain string may become an embedded object.
fn may_replace(base: &CimType, with: &CimType) -> bool {
    matches!(
        (base, with),
        (CimType::Reference(_), CimType::Reference(_)) | (CimType::Instance(_) | CimType::String, CimType::Instance(_))
    ) || base == with
}

fn add_method(qualifiers: &Qualifiers, class: &mut Class, declared: &MethodDeclaration) -> Result<(), MofError> {
    let index = class.methods.iter().position(|method| method.name.eq_ignore_ascii_case(&declared.name.text));
    let inherited = index.and_then(|index| class.methods.get(index));
    let own = qualifiers.apply(inherited.map_or(&[], |base| &base.qualifiers), &declared.qualifiers)?;
    let mut parameters = Vec::new();
    let mut seen = Vec::new();
    for parameter in &declared.parameters {
        once(&mut seen, &parameter.name)?;
        let marks = qualifiers.apply(&[], &parameter.qualifiers)?;
        let output = is_set(&marks, "Out") == Some(true);
        parameters.push(Parameter {
            name: parameter.name.text.as_str().into(),
            cim_type: parameter.cim_type.clone(),
            array: parameter.array,
            // In is the default, yet everyone writes a lone [Out] and means "only out".
            input: is_set(&marks, "In").unwrap_or(!output),
            output,
        });
    }
    let method = Method {
        name: inherited.map_or_else(|| declared.name.text.as_str().into(), |base| base.name.clone()),
        result: declared.result.clone(),
        parameters,
        is_static: is_set(&own, "Static") == Some(true),
        origin: class.name.clone(),
        qualifiers: own,
    };
    match index.and_then(|index| class.methods.get_mut(index)) {
        Some(place) => *place = method,
        None => class.methods.push(method),
    }
    Ok(())
}
