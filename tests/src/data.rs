//! Records of real machines, kept beside the checkout because their licences differ from the project's.

use std::path::PathBuf;

/// The folder of shared data: `SHARED_DATA`, or `../shared/data` beside the checkout. `None`, with a line that says so,
/// when it is not there.
///
/// # Panics
/// Under `CI=true`, when it is missing.
pub fn shared() -> Option<PathBuf> {
    let path = std::env::var_os("SHARED_DATA")
        .map_or_else(|| crate::program::workspace().join("../shared/data"), PathBuf::from);
    if path.join("INDEX.md").is_file() {
        return Some(path);
    }
    crate::peer::missing(&format!("shared data ({})", path.display()));
    None
}

/// The folders of the captured nodes, by name; empty only when there is no shared data.
///
/// # Panics
/// When the data holds no node: a test over none would show nothing.
pub fn nodes() -> Vec<(String, PathBuf)> {
    let Some(data) = shared() else { return Vec::new() };
    let mut nodes: Vec<_> = std::fs::read_dir(data.join("nodes"))
        .expect("nodes folder")
        .filter_map(|entry| Some((entry.as_ref().ok()?.file_name().into_string().ok()?, entry.ok()?.path())))
        .filter(|(_, path)| path.join("node.emu").is_file())
        .collect();
    assert!(!nodes.is_empty(), "no node in {}", data.display());
    nodes.sort();
    nodes
}
