//! The CIM meta model (DSP0004): types, values, classes, instances, object paths.

mod class;
mod datetime;
mod datetime_text;
pub(crate) mod fold;
mod instance;
mod iso8601;
mod number;
mod path;
mod path_text;
mod system;
mod value;
mod value_text;

pub(crate) use datetime::Civil;
pub(crate) use datetime_text::range as datetime_range;
pub(crate) use iso8601::parse as parse_iso8601;

pub use class::{Class, Method, Parameter, Property, Qualifier, Slot};
pub use datetime::DateTime;
pub use instance::Instance;
pub use number::Number;
pub use path::{Keys, ObjectPath};
pub use system::SystemProperty;
pub use value::{CimType, Value};
