//! Where what was learnt about BMCs is kept between runs.

use std::ffi::OsString;
use std::path::PathBuf;

/// `$IPMI_CACHE_DIR` (empty: nowhere), else `$XDG_CACHE_HOME/ipmi`, else `~/.cache/ipmi`.
pub fn directory() -> Option<PathBuf> {
    directory_from(|name| std::env::var_os(name))
}

fn directory_from(variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    if let Some(directory) = variable("IPMI_CACHE_DIR") {
        return Some(PathBuf::from(directory)).filter(|path| !path.as_os_str().is_empty());
    }
    // The XDG specification: relative paths there are invalid and to be ignored.
    let absolute = |name: &str| variable(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let base = absolute("XDG_CACHE_HOME").or_else(|| Some(absolute("HOME")?.join(".cache")));
    Some(base?.join("ipmi"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(variables: &[(&str, &str)]) -> Option<PathBuf> {
        let find = |name: &str| variables.iter().find(|(found, _)| *found == name).map(|(_, value)| (*value).into());
        directory_from(find)
    }

    #[test]
    fn variables_have_an_order() {
        let all = [("HOME", "/h"), ("XDG_CACHE_HOME", "/x"), ("IPMI_CACHE_DIR", "/i")];
        assert_eq!(of(&all), Some("/i".into()));
        assert_eq!(of(&all[..2]), Some("/x/ipmi".into()));
        assert_eq!(of(&all[..1]), Some("/h/.cache/ipmi".into()));
        assert_eq!(of(&[("HOME", "/h"), ("XDG_CACHE_HOME", "x")]), Some("/h/.cache/ipmi".into()));
        assert_eq!(of(&[("HOME", "/h"), ("IPMI_CACHE_DIR", "")]), None);
        assert_eq!(of(&[]), None);
    }
}
