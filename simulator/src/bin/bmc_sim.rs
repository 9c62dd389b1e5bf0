//! `bmc-sim`: the simulated BMC.
fn main() {}
