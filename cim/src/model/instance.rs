//! Instances: a class and one value per slot.

use std::sync::Arc;

use super::{Class, Keys, ObjectPath, Slot, Value};

/// An instance of a class.
#[derive(Debug, Clone)]
pub struct Instance {
    class: Arc<Class>,
    values: Box<[Value]>,
}

impl PartialEq for Instance {
    fn eq(&self, other: &Self) -> bool {
        self.class.name == other.class.name && self.values == other.values
    }
}

impl Instance {
    /// An instance with the class's default values.
    pub fn new(class: Arc<Class>) -> Self {
        let values = class.properties().iter().map(|property| property.default.clone()).collect();
        Self { class, values }
    }

    /// Its class.
    pub fn class(&self) -> &Arc<Class> {
        &self.class
    }

    /// All values in slot order.
    pub fn values(&self) -> &[Value] {
        &self.values
    }

    /// The value in a slot; NULL for a slot of another class.
    pub fn value(&self, slot: Slot) -> &Value {
        self.values.get(slot.0).unwrap_or(&Value::Null)
    }

    /// A value by property name, case-insensitive; `None` when the class has no such property.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.class.slot(name).map(|slot| self.value(slot))
    }

    /// Stores a value in a slot; a slot the class does not have is ignored.
    pub fn put(&mut self, slot: Slot, value: impl Into<Value>) {
        if let Some(place) = self.values.get_mut(slot.0) {
            *place = value.into();
        }
    }

    /// Stores a value by property name; false when the class has no such property.
    pub fn set(&mut self, name: &str, value: impl Into<Value>) -> bool {
        let slot = self.class.slot(name);
        if let Some(slot) = slot {
            self.put(slot, value);
        }
        slot.is_some()
    }

    /// The same instance as one of a superclass: what the superclass does not have is dropped.
    pub fn cast(&self, superclass: &Arc<Class>) -> Self {
        let values = self.values.iter().take(superclass.properties().len()).cloned().collect();
        Self { class: superclass.clone(), values }
    }

    /// Clears every property that `keep` refuses.
    pub fn retain(&mut self, keep: impl Fn(Slot) -> bool) {
        for (index, value) in self.values.iter_mut().enumerate() {
            if !keep(Slot(index)) {
                *value = Value::Null;
            }
        }
    }

    /// The path that names this instance.
    pub fn path(&self) -> ObjectPath {
        let keys =
            self.class.keys().map(|(slot, property)| (property.name.clone(), self.value(slot).clone())).collect();
        ObjectPath {
            server: None,
            namespace: Some(self.class.namespace.clone()),
            class: self.class.name.clone(),
            keys: Keys::Named(keys),
        }
    }
}
