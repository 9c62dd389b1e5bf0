//! WS-Management as WinRM speaks it: SOAP messages in, CIM operations in the middle, SOAP messages out.
#![forbid(unsafe_code)]

pub mod duration;
pub mod fault;
pub mod ns;
pub mod soap;
