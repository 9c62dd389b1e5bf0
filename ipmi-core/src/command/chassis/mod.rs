//! Chassis commands (NetFn 00h).
