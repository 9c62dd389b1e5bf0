//! What a select list leaves of a row (WQL reference s6).

use std::sync::Arc;

use crate::{Instance, Slot, SystemProperty, Value};

/// A compiled select list.
#[derive(Debug, Clone, Default)]
pub(crate) struct Projection {
    /// Selected properties in query order, each once.
    pub(crate) slots: Vec<Slot>,
    /// Selected system properties in query order, each once.
    pub(crate) system: Vec<SystemProperty>,
    /// Slots that are not selected but needed for those that are.
    pub(crate) hidden: Vec<Slot>,
    /// Selected names inside embedded objects, for those that are not selected whole.
    parts: Vec<(Slot, Vec<String>)>,
    whole: Vec<Slot>,
}

impl Projection {
    /// Adds a property, or a property within it.
    pub(crate) fn add(&mut self, slot: Slot, names: &[String], star: bool) {
        if !self.slots.contains(&slot) {
            self.slots.push(slot);
        }
        if names.is_empty() {
            self.whole.push(slot);
        } else {
            let mut names = names.to_vec();
            if star {
                names.push("*".to_owned());
            }
            self.parts.push((slot, names));
        }
    }

    /// Clears what was not selected inside embedded objects.
    pub(crate) fn apply(&self, instance: &mut Instance) {
        for slot in &self.slots {
            if self.whole.contains(slot) {
                continue;
            }
            let paths: Vec<&[String]> =
                self.parts.iter().filter(|(part, _)| part == slot).map(|(_, names)| names.as_slice()).collect();
            if let Value::Instance(embedded) = instance.value(*slot) {
                let trimmed = trim(embedded, &paths);
                instance.put(*slot, Value::Instance(Arc::new(trimmed)));
            }
        }
    }
}

/// A copy with only the named properties; names that the object does not have are no error.
fn trim(instance: &Instance, paths: &[&[String]]) -> Instance {
    let mut copy = instance.clone();
    for (index, property) in instance.class().properties().iter().enumerate() {
        let slot = Slot(index);
        let inside: Vec<&[String]> = paths
            .iter()
            .filter_map(|path| path.split_first())
            .filter(|(first, _)| *first == "*" || first.eq_ignore_ascii_case(&property.name))
            .map(|(_, rest)| rest)
            .collect();
        if inside.is_empty() {
            copy.put(slot, Value::Null);
        } else if let Value::Instance(embedded) = instance.value(slot)
            && inside.iter().all(|rest| !rest.is_empty())
        {
            copy.put(slot, Value::Instance(Arc::new(trim(embedded, &inside))));
        }
    }
    copy
}
