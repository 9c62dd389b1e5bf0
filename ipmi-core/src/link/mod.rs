//! Byte protocols as state machines without I/O, both ends.
//!
//! | protocol | host end | BMC end |
//! |---|---|---|
//! | KCS registers (IPMI 2.0 s9) | [`kcs`] | [`kcs_bmc`] |
//! | KCS register accesses over a serial line | [`serial_kcs`] | [`serial_kcs_bmc`] |
//! | VM protocol | [`vm`] | [`vm`] |
//! | serial basic mode (IPMI 2.0 s14.4) | [`serial_basic`] | [`serial_basic`] |
//! | serial terminal mode (IPMI 2.0 s14.7) | [`serial_terminal`] | [`serial_terminal_bmc`], [`terminal_command`] |
//! | SMBus system interface (IPMI 2.0 s12) | [`ssif`] | |
//! | IPMB frames (bridged messages) | [`ipmb`] | [`ipmb`] |
//!
//! Packet formats of IPMI over LAN, used by both ends: [`rmcp`], [`asf`], [`session_1_5`], [`rmcp_plus`], [`sol`]. The
//! state machines are not shared; [`console`] is the remote end's.

pub mod asf;
pub mod console;
mod cursor;
pub mod ipmb;
pub mod kcs;
pub mod kcs_bmc;
pub mod kcs_register;
pub mod rmcp;
pub mod rmcp_plus;
pub mod serial_basic;
pub mod serial_kcs;
pub mod serial_kcs_bmc;
pub mod serial_terminal;
pub mod serial_terminal_bmc;
pub mod session_1_5;
pub mod sol;
pub mod sol_console;
pub mod ssif;
pub mod system_message;
pub mod terminal_command;
pub mod vm;
pub mod vm_control;
