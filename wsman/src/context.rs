//! Enumeration contexts: what is left of an enumeration between two messages (WS-Enumeration s2, DSP0226 s8).

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use cim::{Instance, ObjectPath, Slot};

use crate::addressing::new_uuid;
use crate::fault::{Fault, FaultKind};
use crate::resource_uri::ResourceUri;

/// What is in an item (DSP0226 s8.7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum EnumerationMode {
    /// The instance.
    #[default]
    Object,
    /// Its endpoint reference.
    Epr,
    /// Both.
    ObjectAndEpr,
}

/// One thing to send.
#[derive(Debug, Clone)]
pub enum Item {
    /// An instance.
    Instance(Instance),
    /// The path of an instance that was not read.
    Path(ObjectPath),
}

/// An enumeration in progress.
#[derive(Debug)]
pub struct Enumeration {
    /// How classes are named.
    pub uri: ResourceUri,
    /// What is in an item.
    pub mode: EnumerationMode,
    /// The selected properties of a query that names them.
    pub projection: Option<Vec<Slot>>,
    /// What was not sent yet.
    pub items: VecDeque<Item>,
}

/// An enumeration with the user and resource it belongs to.
#[derive(Debug)]
struct Context {
    user: Arc<str>,
    resource_uri: String,
    lifetime: Duration,
    expires: Instant,
    enumeration: Arc<Mutex<Enumeration>>,
}

/// How many contexts there may be.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Of all users.
    pub total: usize,
    /// Of one user.
    pub per_user: usize,
}

/// All enumeration contexts.
#[derive(Debug)]
pub struct Contexts {
    limits: Limits,
    open: Mutex<HashMap<String, Context>>,
}

/// Locks without regard to a thread that panicked: the data is replaced as a whole.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Contexts {
    /// No contexts yet.
    pub fn new(limits: Limits) -> Self {
        Self { limits, open: Mutex::default() }
    }

    /// Keeps an enumeration for later and names it. It is dropped when nobody asks for it for `lifetime`.
    ///
    /// # Errors
    /// `QuotaLimit`.
    pub fn open(
        &self,
        enumeration: Enumeration,
        user: &Arc<str>,
        resource_uri: &str,
        lifetime: Duration,
        now: Instant,
    ) -> Result<String, Fault> {
        let mut open = lock(&self.open);
        open.retain(|_, context| context.expires > now);
        let of_user = open.values().filter(|context| context.user == *user).count();
        if open.len() >= self.limits.total || of_user >= self.limits.per_user {
            return Err(Fault::new(
                FaultKind::QuotaLimit,
                format!("There are {of_user} open enumerations of this user and {} in all.", open.len()),
            ));
        }
        let id = format!("uuid:{}", new_uuid());
        let context = Context {
            user: user.clone(),
            resource_uri: resource_uri.to_owned(),
            lifetime,
            expires: now + lifetime,
            enumeration: Arc::new(Mutex::new(enumeration)),
        };
        open.insert(id.clone(), context);
        Ok(id)
    }

    /// The enumeration of this name, which then lives on for another lifetime.
    ///
    /// # Errors
    /// `InvalidEnumerationContext` when there is none, or it is of another user or resource.
    pub fn find(
        &self,
        id: &str,
        user: &str,
        resource_uri: &str,
        now: Instant,
    ) -> Result<Arc<Mutex<Enumeration>>, Fault> {
        let mut open = lock(&self.open);
        let context = open
            .get_mut(id)
            .filter(|context| Self::may_use(context, user, resource_uri, now))
            .ok_or_else(|| invalid(id))?;
        context.expires = now + context.lifetime;
        Ok(context.enumeration.clone())
    }

    /// Forgets an enumeration.
    ///
    /// # Errors
    /// As [`find`](Self::find).
    pub fn close(&self, id: &str, user: &str, resource_uri: &str, now: Instant) -> Result<(), Fault> {
        let mut open = lock(&self.open);
        if !open.get(id).is_some_and(|context| Self::may_use(context, user, resource_uri, now)) {
            return Err(invalid(id));
        }
        open.remove(id);
        Ok(())
    }

    fn may_use(context: &Context, user: &str, resource_uri: &str, now: Instant) -> bool {
        &*context.user == user && context.resource_uri.eq_ignore_ascii_case(resource_uri) && context.expires > now
    }
}

fn invalid(id: &str) -> Fault {
    Fault::new(
        FaultKind::InvalidEnumerationContext,
        format!("There is no enumeration {id:?} of this user and resource."),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resource_uri::Style;

    fn enumeration() -> Enumeration {
        let uri = ResourceUri { style: Style::Wmi, namespace: "root/x".to_owned(), class: None };
        Enumeration { uri, mode: EnumerationMode::Object, projection: None, items: VecDeque::new() }
    }

    const MINUTE: Duration = Duration::from_secs(60);

    #[test]
    fn bound_to_user_resource_and_time() {
        let contexts = Contexts::new(Limits { total: 9, per_user: 9 });
        let start = Instant::now();
        let id = contexts.open(enumeration(), &"ann".into(), "urn:A", MINUTE, start).unwrap();
        assert!(contexts.find(&id, "bob", "urn:a", start).is_err());
        assert!(contexts.find(&id, "ann", "urn:b", start).is_err());
        assert!(contexts.find(&id, "ann", "urn:a", start + MINUTE / 2).is_ok());
        assert!(contexts.find(&id, "ann", "urn:a", start + MINUTE).is_ok(), "use prolongs it");
        assert!(contexts.find(&id, "ann", "urn:a", start + 2 * MINUTE).is_err());
        let id = contexts.open(enumeration(), &"ann".into(), "urn:A", MINUTE, start).unwrap();
        assert!(contexts.close(&id, "bob", "urn:a", start).is_err());
        assert!(contexts.close(&id, "ann", "urn:a", start).is_ok());
        assert!(contexts.close(&id, "ann", "urn:a", start).is_err());
    }

    #[test]
    fn number_is_bounded_and_expired_ones_make_room() {
        let contexts = Contexts::new(Limits { total: 3, per_user: 2 });
        let start = Instant::now();
        let open = |user: &str, now| contexts.open(enumeration(), &user.into(), "urn:a", MINUTE, now);
        assert!(open("ann", start).is_ok() && open("ann", start).is_ok());
        assert_eq!(open("ann", start).unwrap_err().kind, FaultKind::QuotaLimit);
        assert!(open("bob", start).is_ok());
        assert_eq!(open("cat", start).unwrap_err().kind, FaultKind::QuotaLimit);
        assert!(open("cat", start + MINUTE).is_ok());
    }
}
