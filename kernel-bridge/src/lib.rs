//! kernel-bridge: reaches a BMC.
