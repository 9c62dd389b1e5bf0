//! Says how a query would be run, without running it.

use std::fmt::Write;

use super::Broker;
use super::select::{is_meta_class, names};
use crate::query::ast::Query;
use crate::query::{Condition, parser};
use crate::{CimError, Class};

impl Broker {
    /// How a query would be run: class, properties wanted, what providers can decide early.
    ///
    /// # Errors
    /// As [`query`](Self::query).
    pub fn explain(&self, namespace: &str, text: &str) -> Result<String, CimError> {
        let mut out = format!("query: {}\n", text.split_whitespace().collect::<Vec<_>>().join(" "));
        // Writing into a String cannot fail.
        let _ = match parser::parse(text)? {
            Query::Select(select) if is_meta_class(&select.from) => {
                let condition = self.plan_classes(&select)?;
                let classes = self.repository.classes(namespace)?.len();
                let _ = writeln!(out, "looks at: {classes} class definitions of {namespace}, no provider");
                condition.map_or(Ok(()), |condition| write_filter(&mut out, None, &condition))
            }
            Query::Select(select) => {
                let plan = self.plan(namespace, &select)?;
                let _ = writeln!(out, "class: {}:{}", plan.class.namespace, plan.class.name);
                let served = self.served(&plan.class);
                for target in &served {
                    let by = if self.provider(target).is_some() { "a provider" } else { "MOF instances" };
                    let _ = writeln!(out, "asks: {} ({by})", target.name);
                    let _ = writeln!(out, "  wanted: {}", names(target, &plan.wanted(target)).join(", "));
                }
                if served.is_empty() {
                    let _ = writeln!(out, "asks: nobody (no class below it has instances)");
                }
                match &plan.condition {
                    Some(condition) => write_filter(&mut out, Some(&plan.class), condition),
                    None => writeln!(out, "filter: none, every instance is read"),
                }
            }
            Query::Associators(association) => {
                let links = self.link_names(namespace, &association, true)?.join(", ");
                let _ = writeln!(out, "source: {}", association.source);
                writeln!(out, "association classes: {links}\nthen: reads each object at the other end")
            }
            Query::References(association) => {
                let links = self.link_names(namespace, &association, false)?.join(", ");
                writeln!(out, "source: {}\nassociation classes: {links}", association.source)
            }
        };
        Ok(out)
    }
}

fn write_filter(out: &mut String, class: Option<&Class>, condition: &Condition) -> std::fmt::Result {
    writeln!(out, "filter: all of these; each can drop a row as soon as what it needs is known")?;
    for conjunct in condition.conjuncts() {
        let needs: Vec<&str> = class.map_or_else(Vec::new, |class| {
            conjunct.slots.iter().filter_map(|slot| class.property(*slot)).map(|property| &*property.name).collect()
        });
        let needs = if needs.is_empty() { "the class only".to_owned() } else { needs.join(", ") };
        writeln!(out, "  {} (needs {needs})", conjunct.text)?;
    }
    Ok(())
}
