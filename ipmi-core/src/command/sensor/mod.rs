//! Sensor and event commands (NetFn 04h).
