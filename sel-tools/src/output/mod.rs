//! What the commands print: text and CSV like ipmitool, JSON as documented in [`json`].

pub mod clock;
pub mod json;
pub mod number;
pub mod printer;
pub mod text;
pub mod zone;

pub use printer::Printer;
pub use zone::LocalTime;
