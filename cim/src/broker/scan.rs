//! Reads the instances of one class and filters them, within the caller's deadline and a limit on rows.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Instant as Clock;

use super::Broker;
use crate::query::Condition;
use crate::{CimError, Class, EnumerateRequest, Instance, OperationContext, PropertySet, Status};

/// Most instances one operation may return.
const MAX_ROWS: usize = 1_000_000;
/// How many rows pass between two looks at the clock.
const ROWS_PER_CHECK: usize = 256;

/// What an operation has found so far.
pub(super) struct Rows<'a> {
    pub(super) context: &'a OperationContext,
    pub(super) instances: Vec<Instance>,
    /// Rows that providers yielded, filtered out or not.
    pub(super) seen: usize,
}

impl<'a> Rows<'a> {
    pub(super) fn new(context: &'a OperationContext) -> Self {
        Self { context, instances: Vec::new(), seen: 0 }
    }

    /// Keeps an instance that satisfies the condition.
    fn offer(&mut self, instance: Instance, condition: Option<&Condition>) -> Result<(), CimError> {
        self.seen += 1;
        if self.seen.is_multiple_of(ROWS_PER_CHECK) {
            check_deadline(self.context)?;
        }
        if condition.is_none_or(|condition| condition.matches(&instance)) {
            self.keep(instance)?;
        }
        Ok(())
    }

    /// Keeps an instance.
    pub(super) fn keep(&mut self, instance: Instance) -> Result<(), CimError> {
        if self.instances.len() >= MAX_ROWS {
            return Err(CimError::new(Status::QuotaViolation, format!("more than {MAX_ROWS} instances")));
        }
        self.instances.push(instance);
        Ok(())
    }
}

/// Fails once the caller has stopped waiting.
pub(super) fn check_deadline(context: &OperationContext) -> Result<(), CimError> {
    match context.deadline {
        Some(deadline) if Clock::now() >= deadline => {
            Err(CimError::new(Status::TimedOut, "the operation did not finish within its time limit"))
        }
        _ => Ok(()),
    }
}

impl Broker {
    /// Adds the instances of exactly this class that satisfy the condition.
    pub(super) fn scan(
        &self,
        class: &Arc<Class>,
        wanted: &PropertySet,
        condition: Option<&Condition>,
        rows: &mut Rows<'_>,
    ) -> Result<(), CimError> {
        for instance in self.repository.static_instances(class) {
            rows.offer(instance.clone(), condition)?;
        }
        let Some(provider) = self.provider(class) else { return Ok(()) };
        let context = rows.context;
        check_deadline(context)?;
        let mut wanted = wanted.clone();
        class.keys().for_each(|(slot, _)| wanted.insert(slot));
        let request = EnumerateRequest { class, wanted: &wanted, condition };
        let mut failure = None;
        let result = provider.enumerate(context, &request, &mut |instance: Instance| {
            if !Arc::ptr_eq(instance.class(), class) && instance.class().name != class.name {
                tracing::warn!(asked = %class.name, got = %instance.class().name, "a provider yielded another class");
                return ControlFlow::Continue(());
            }
            match rows.offer(instance, condition) {
                Ok(()) => ControlFlow::Continue(()),
                Err(error) => {
                    failure = Some(error);
                    ControlFlow::Break(())
                }
            }
        });
        match failure {
            Some(error) => Err(error),
            None => result,
        }
    }
}
