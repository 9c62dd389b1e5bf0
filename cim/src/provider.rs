//! What a provider offers the broker, and what the broker tells it it needs.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Instant;

use crate::query::Condition;
use crate::{CimError, Class, Instance, ObjectPath, Slot, Status, Value};

/// A set of property slots of one class.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PropertySet {
    words: Vec<u64>,
}

impl PropertySet {
    /// No property.
    pub fn none() -> Self {
        Self::default()
    }

    /// Every property of a class.
    pub fn all(class: &Class) -> Self {
        (0..class.properties().len()).map(Slot).collect()
    }

    /// Adds a slot.
    pub fn insert(&mut self, slot: Slot) {
        let word = slot.0 / 64;
        if self.words.len() <= word {
            self.words.resize(word + 1, 0);
        }
        if let Some(bits) = self.words.get_mut(word) {
            *bits |= 1 << (slot.0 % 64);
        }
    }

    /// Whether a slot is in the set.
    pub fn contains(&self, slot: Slot) -> bool {
        self.words.get(slot.0 / 64).is_some_and(|bits| bits >> (slot.0 % 64) & 1 == 1)
    }

    /// Whether the two sets share a slot.
    pub fn intersects(&self, other: &Self) -> bool {
        self.words.iter().zip(&other.words).any(|(a, b)| a & b != 0)
    }
}

impl FromIterator<Slot> for PropertySet {
    fn from_iter<I: IntoIterator<Item = Slot>>(slots: I) -> Self {
        let mut set = Self::none();
        slots.into_iter().for_each(|slot| set.insert(slot));
        set
    }
}

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Name as authenticated.
    pub user: Arc<str>,
    /// What the name may do.
    pub access: Access,
}

/// What a user may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Access {
    /// Read instances.
    Read,
    /// Read, change and call methods.
    Full,
}

/// Everything about a call that is not its arguments.
#[derive(Debug, Clone)]
pub struct OperationContext {
    /// Who asks.
    pub identity: Identity,
    /// When the caller stops waiting; providers give up with [`Status::TimedOut`] then.
    pub deadline: Option<Instant>,
}

/// An enumeration as the provider sees it: the class, the properties someone will look at, and a filter it may use
/// early.
///
/// The saving protocol: fill what costs nothing, ask [`may_match`](Self::may_match) with the set of slots filled so
/// far, and fetch the expensive rest only when the answer is yes and [`wants`](Self::wants) says that someone looks at
/// it.
#[derive(Debug)]
pub struct EnumerateRequest<'a> {
    /// The class asked for: the provider yields it and nothing else (subclasses are asked for separately).
    pub class: &'a Arc<Class>,
    /// Properties that the projection or the filter looks at; keys are always included.
    pub wanted: &'a PropertySet,
    /// The filter, when there is one. The broker applies it again to every instance.
    pub condition: Option<&'a Condition>,
}

impl EnumerateRequest<'_> {
    /// Whether anyone looks at this slot.
    pub fn wants(&self, slot: Slot) -> bool {
        self.wanted.contains(slot)
    }

    /// Whether the instance can still satisfy the filter when only the slots in `known` hold their values.
    pub fn may_match(&self, instance: &Instance, known: &PropertySet) -> bool {
        self.condition.is_none_or(|condition| condition.may_match(instance, known))
    }
}

/// What a method returned.
#[derive(Debug, Clone, PartialEq)]
pub struct MethodOutput {
    /// The method's result; NULL for void.
    pub result: Value,
    /// Out parameters by name.
    pub parameters: Vec<(Arc<str>, Value)>,
}

/// Receives instances; [`ControlFlow::Break`] asks the provider to stop.
pub type Sink<'a> = dyn FnMut(Instance) -> ControlFlow<()> + 'a;

/// Serves the instances of some classes.
///
/// Calls may block for as long as the hardware needs, but not beyond the context's deadline; the broker calls from
/// several threads at once.
pub trait Provider: Send + Sync {
    /// The classes served, as (namespace, class name).
    fn classes(&self) -> Vec<(&str, &str)>;

    /// Yields the instances of `request.class`, in a stable order.
    ///
    /// # Errors
    /// When the instances cannot be listed at all; an instance that cannot be read in full has NULL where the facts are
    /// missing.
    fn enumerate(
        &self,
        context: &OperationContext,
        request: &EnumerateRequest<'_>,
        sink: &mut Sink<'_>,
    ) -> Result<(), CimError>;

    /// Reads one instance; `path` holds every key of `class`.
    ///
    /// # Errors
    /// [`Status::NotFound`] when there is none.
    fn get(
        &self,
        context: &OperationContext,
        class: &Arc<Class>,
        path: &ObjectPath,
        wanted: &PropertySet,
    ) -> Result<Instance, CimError>;

    /// Changes the properties in `changed` to the values in `instance`, whose keys name it.
    ///
    /// # Errors
    /// [`Status::NotSupported`] unless overridden.
    fn modify(&self, _context: &OperationContext, instance: &Instance, _changed: &PropertySet) -> Result<(), CimError> {
        Err(not_supported("modified", instance.class()))
    }

    /// Creates an instance and returns its path.
    ///
    /// # Errors
    /// [`Status::NotSupported`] unless overridden.
    fn create(&self, _context: &OperationContext, instance: &Instance) -> Result<ObjectPath, CimError> {
        Err(not_supported("created", instance.class()))
    }

    /// Deletes an instance.
    ///
    /// # Errors
    /// [`Status::NotSupported`] unless overridden.
    fn delete(&self, _context: &OperationContext, class: &Arc<Class>, _path: &ObjectPath) -> Result<(), CimError> {
        Err(not_supported("deleted", class))
    }

    /// Calls a method; `inputs` holds one value per input parameter of the declaration, in its order, NULL where none
    /// was given.
    ///
    /// # Errors
    /// [`Status::MethodNotImplemented`] unless overridden.
    fn invoke(
        &self,
        _context: &OperationContext,
        class: &Arc<Class>,
        _path: &ObjectPath,
        method: &str,
        _inputs: &[Value],
    ) -> Result<MethodOutput, CimError> {
        Err(CimError::new(Status::MethodNotImplemented, format!("{}.{method} is not implemented", class.name)))
    }
}

fn not_supported(what: &str, class: &Class) -> CimError {
    CimError::new(Status::NotSupported, format!("instances of {} cannot be {what}", class.name))
}
