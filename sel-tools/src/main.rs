//! `ipmi`.
fn main() {}
