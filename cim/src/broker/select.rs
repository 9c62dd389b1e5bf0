//! Runs queries: SELECT over instances and over class definitions (WQL reference s1, s9).

use std::sync::Arc;

use super::scan::{Rows, check_deadline};
use super::{Broker, QueryResult};
use crate::query::ast::{Query, Select};
use crate::query::compile::{self, Schema};
use crate::query::{Condition, Projection, parser, unfit};
use crate::{CimError, Class, OperationContext, PropertySet, Status};

/// A SELECT compiled against its class.
pub(super) struct Plan {
    pub(super) class: Arc<Class>,
    pub(super) projection: Option<Projection>,
    pub(super) condition: Option<Condition>,
}

impl Plan {
    /// What a class's provider is asked for: a subclass offers more when everything is selected.
    pub(super) fn wanted(&self, target: &Class) -> PropertySet {
        let class = if self.projection.is_some() { &self.class } else { target };
        compile::wanted(class, self.projection.as_ref(), self.condition.as_ref())
    }
}

impl Broker {
    pub(super) fn run(&self, context: &OperationContext, namespace: &str, text: &str) -> Result<QueryResult, CimError> {
        match parser::parse(text)? {
            Query::Select(select) if is_meta_class(&select.from) => {
                let classes = self.select_classes(context, namespace, &select)?;
                tracing::debug!(query = text, returned = classes.len(), "schema query");
                Ok(QueryResult { classes, ..QueryResult::default() })
            }
            Query::Select(select) => self.select_instances(context, self.plan(namespace, &select)?, text),
            Query::Associators(association) => self.associate(context, namespace, &association, true, text),
            Query::References(association) => self.associate(context, namespace, &association, false, text),
        }
    }

    /// Compiles a SELECT over instances.
    pub(super) fn plan(&self, namespace: &str, select: &Select) -> Result<Plan, CimError> {
        let from = &select.from;
        let class = self.repository.class(namespace, from).map_err(|error| match error.status {
            Status::InvalidClass if is_event_name(from) => not_data(from),
            _ => error,
        })?;
        if class.is_a("__Event") || is_event_name(&class.name) {
            return Err(not_data(from));
        }
        let projection = select.list.as_ref().map(|list| compile::project(&class, list)).transpose()?;
        let filter = select.filter.as_ref();
        let condition = filter.map(|filter| compile::compile(Schema::Instances(&class), filter)).transpose()?;
        Ok(Plan { class, projection, condition })
    }

    fn select_instances(&self, context: &OperationContext, plan: Plan, text: &str) -> Result<QueryResult, CimError> {
        let mut rows = Rows::new(context);
        for target in self.served(&plan.class) {
            self.scan(&target, &plan.wanted(&target), plan.condition.as_ref(), &mut rows)?;
        }
        let Rows { mut instances, seen, .. } = rows;
        if let Some(projection) = &plan.projection {
            instances.iter_mut().for_each(|instance| projection.apply(instance));
        }
        if tracing::enabled!(tracing::Level::DEBUG) {
            let wanted = names(&plan.class, &plan.wanted(&plan.class)).join(",");
            tracing::debug!(query = text, class = %plan.class.name, wanted, seen, returned = instances.len(), "query");
        }
        let (projection, system) = plan.projection.map_or((None, Vec::new()), |p| (Some(p.slots), p.system));
        Ok(QueryResult { class: Some(plan.class), instances, projection, system, classes: Vec::new() })
    }

    fn select_classes(
        &self,
        context: &OperationContext,
        namespace: &str,
        select: &Select,
    ) -> Result<Vec<Arc<Class>>, CimError> {
        check_deadline(context)?;
        let condition = self.plan_classes(select)?;
        let matches = |class: &&Arc<Class>| condition.as_ref().is_none_or(|condition| condition.matches_class(class));
        Ok(self.repository.classes(namespace)?.iter().filter(matches).cloned().collect())
    }

    /// Compiles a SELECT over class definitions.
    pub(super) fn plan_classes(&self, select: &Select) -> Result<Option<Condition>, CimError> {
        if select.list.is_some() {
            return Err(unfit("a query of meta_class selects *"));
        }
        select.filter.as_ref().map(|filter| compile::compile(Schema::Classes, filter)).transpose()
    }
}

pub(super) fn is_meta_class(name: &str) -> bool {
    name.eq_ignore_ascii_case("meta_class")
}

/// The names of properties in a set.
pub(super) fn names<'a>(class: &'a Class, set: &PropertySet) -> Vec<&'a str> {
    let properties = class.properties().iter().enumerate();
    properties.filter(|(index, _)| set.contains(crate::Slot(*index))).map(|(_, property)| &*property.name).collect()
}

/// The intrinsic event classes are known by name: no repository has to declare them.
fn is_event_name(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.starts_with("__") && name.ends_with("event")
}

fn not_data(name: &str) -> CimError {
    unfit(format!("{name} is an event class: it takes a subscription, not a data query"))
}
