//! `cimd`: the daemon.
fn main() {}
