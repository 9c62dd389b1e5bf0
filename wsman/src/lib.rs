//! WS-Management as WinRM speaks it: SOAP messages in, CIM operations in the middle, SOAP messages out.
//!
//! ```text
//! HTTP (server) -> bytes -> soap -> addressing -> action -> cim::Broker -> instance_xml -> bytes
//!                           `------------- engine: no sockets, no clock -------------'
//! ```
#![forbid(unsafe_code)]

mod action;
pub mod addressing;
pub mod auth;
pub mod client;
pub mod context;
pub mod duration;
pub mod engine;
pub mod fault;
pub mod file;
pub mod filter;
pub mod fragment;
pub mod instance_xml;
pub mod ns;
pub mod resource_uri;
pub mod selector;
pub mod server;
pub mod soap;
mod value_xml;

pub use engine::{Engine, EngineConfig, Reply};
