//! `winrm`: the WS-Management client.
fn main() {}
