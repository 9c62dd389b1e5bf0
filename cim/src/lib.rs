//! The Common Information Model: values, classes, instances, object paths, MOF, WQL, and the broker that calls
//! providers.
//!
//! Nothing here knows IPMI or WS-Management:
//!
//! ```text
//! MOF text -> repository (classes) -+
//! WQL text -> query (plan) ---------+-> broker -> providers -> instances -> projection
//! object path ----------------------+
//! ```
#![forbid(unsafe_code)]

pub mod broker;
pub mod error;
pub mod model;
pub mod mof;
pub mod provider;
pub mod query;
pub mod repository;

pub use broker::Broker;
pub use error::{CimError, Status};
pub use model::{
    CimType, Class, DateTime, Instance, Keys, Method, Number, ObjectPath, Parameter, Property, Qualifier, Slot,
    SystemProperty, Value,
};
pub use provider::{Access, EnumerateRequest, Identity, MethodOutput, OperationContext, PropertySet, Provider};
pub use repository::Repository;
