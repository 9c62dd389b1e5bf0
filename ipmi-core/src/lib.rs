//! The IPMI specification as data and pure functions: messages, commands, records, tables and link protocols.
//!
//! No I/O, no clock, no threads, no unsafe. Data flows `bytes -> view -> fact`:
//!
//! ```text
//! link/      bytes on a wire        <-> message      (state machines, both ends, time is an argument)
//! message    NetFn, LUN, Cmd, data  <-> command/     (typed requests and responses)
//! sdr/ sel/ fru/  record bytes       -> zero-copy views
//! sensor/ event/  views + readings   -> facts (units, states, texts from table/)
//! ```
//!
//! Whatever comes from a BMC is hostile: no function here panics or allocates without bound on any input, and unknown
//! codes are values, never errors.
#![forbid(unsafe_code)]

pub mod address;
pub mod checksum;
pub mod command;
pub mod completion_code;
pub mod error;
pub mod event;
pub mod fru;
pub mod link;
pub mod lun;
pub mod message;
pub mod net_fn;
pub mod privilege;
pub mod sdr;
pub mod secret;
pub mod sel;
pub mod sensor;
pub mod table;
pub mod text;
pub mod time;

pub use address::{ChannelNumber, SlaveAddress, Target};
pub use command::Command;
pub use completion_code::CompletionCode;
pub use error::{Error, ParseError};
pub use lun::Lun;
pub use message::{Request, Response};
pub use net_fn::NetFn;
pub use privilege::Privilege;
pub use secret::Secret;
