//! MOF: the text form of classes and instances (DSP0221).
//!
//! ```text
//! text -> lexer -> parser -> declarations -> class, instance (names resolved, features inherited) -> repository
//! ```

mod ast;
mod class;
mod error;
mod instance;
mod lexer;
mod parse_qualifier;
mod parse_value;
mod parser;
mod qualifier;
mod value;
mod write;

use std::collections::HashMap;
use std::sync::Arc;

use self::ast::{ClassDeclaration, MofText};
use self::error::MofError;
use self::instance::Instances;
pub(crate) use self::qualifier::Qualifiers;
pub use self::write::{class_text, instance_text};
use crate::{CimError, Class, Instance, Status};

/// The classes visible to a text: those of the namespace and those the text has declared so far.
pub(crate) struct Scope<'a> {
    pub(crate) namespace: Arc<str>,
    pub(crate) known: &'a dyn Fn(&str) -> Option<Arc<Class>>,
    declared: HashMap<String, Arc<Class>>,
}

impl Scope<'_> {
    fn class(&self, name: &str) -> Option<Arc<Class>> {
        self.declared.get(&name.to_ascii_lowercase()).cloned().or_else(|| (self.known)(name))
    }
}

/// What a text declares, in its order; superclasses come before their subclasses.
pub(crate) struct Compiled {
    pub(crate) qualifiers: Qualifiers,
    pub(crate) classes: Vec<Arc<Class>>,
    pub(crate) instances: Vec<Instance>,
}

/// Compiles a text against what a namespace holds already.
pub(crate) fn compile(
    namespace: Arc<str>,
    known: &dyn Fn(&str) -> Option<Arc<Class>>,
    qualifiers: &Qualifiers,
    file: &str,
    text: &str,
) -> Result<Compiled, CimError> {
    let mut scope = Scope { namespace, known, declared: HashMap::new() };
    let compiled = parser::parse(text).and_then(|text| compile_text(&mut scope, qualifiers.clone(), text));
    compiled.map_err(|error| error.in_file(file))
}

fn compile_text(scope: &mut Scope<'_>, mut qualifiers: Qualifiers, text: MofText) -> Result<Compiled, MofError> {
    for declaration in &text.qualifiers {
        qualifiers.declare(declaration)?;
    }
    let mut classes = Vec::new();
    for index in superclasses_first(scope, &text.classes)? {
        let Some(declaration) = text.classes.get(index) else { continue };
        let class = Arc::new(class::build(scope, &qualifiers, declaration)?);
        scope.declared.insert(class.name.to_ascii_lowercase(), class.clone());
        classes.push(class);
    }
    let mut instances = Instances::new(scope);
    for declaration in &text.instances {
        instances.declare(declaration)?;
    }
    let instances = instances.finish();
    Ok(Compiled { qualifiers, classes, instances })
}

/// The order to build classes in: a text may use a superclass that it declares further down.
fn superclasses_first(scope: &Scope<'_>, declarations: &[ClassDeclaration]) -> Result<Vec<usize>, MofError> {
    let mut by_name = HashMap::new();
    for (index, declaration) in declarations.iter().enumerate() {
        let name = &declaration.name;
        if by_name.insert(name.text.to_ascii_lowercase(), index).is_some() || (scope.known)(&name.text).is_some() {
            let message = format!("class {} exists already", name.text);
            return Err(MofError::with(name.position, Status::AlreadyExists, message));
        }
    }
    let mut order = Vec::with_capacity(declarations.len());
    let mut placed = vec![false; declarations.len()];
    for start in 0..declarations.len() {
        // The chain of superclasses that are not placed yet, nearest first.
        let mut chain = Vec::new();
        let mut next = Some(start);
        while let Some(index) = next.filter(|index| placed.get(*index) == Some(&false)) {
            let Some(declaration) = declarations.get(index) else { break };
            if chain.len() > declarations.len() {
                let message = format!("class {} derives from itself", declaration.name.text);
                return Err(MofError::with(declaration.name.position, Status::InvalidClass, message));
            }
            chain.push(index);
            let superclass = declaration.superclass.as_ref();
            next = superclass.and_then(|name| by_name.get(&name.text.to_ascii_lowercase()).copied());
        }
        for index in chain.into_iter().rev() {
            if let Some(place) = placed.get_mut(index) {
                *place = true;
            }
            order.push(index);
        }
    }
    Ok(order)
}
