//! The CIM meta model (DSP0004): types, values, classes, instances, object paths.

mod class;
mod datetime;
mod instance;
mod path;
mod value;

pub use class::{Class, Method, Parameter, Property, Qualifier, Slot};
pub use datetime::DateTime;
pub use instance::Instance;
pub use path::{Keys, ObjectPath};
pub use value::{CimType, Value};
