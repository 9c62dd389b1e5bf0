//! Byte protocols as state machines without I/O, both ends.
//!
//! | protocol | host end | BMC end |
//! |---|---|---|
//! | KCS registers (IPMI 2.0 s9) | [`kcs`] | [`kcs_bmc`] |
//! | KCS register accesses over a serial line | [`serial_kcs`] | [`serial_kcs_bmc`] |
//! | VM protocol | [`vm`] | [`vm`] |
//! | IPMB frames (bridged messages) | [`ipmb`] | [`ipmb`] |

pub mod ipmb;
pub mod kcs;
pub mod kcs_bmc;
pub mod kcs_register;
pub mod serial_kcs;
pub mod serial_kcs_bmc;
pub mod system_message;
pub mod vm;
pub mod vm_control;
