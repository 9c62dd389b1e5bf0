//! Resources on the command line: aliases and `URI?Key=Value+Key2=Value2` (wsman reference s5).

use anyhow::Context as _;
use wsman::client::Resource;
use wsman::resource_uri::{DMTF, WMI, WSMAN};

/// Alias, and what it stands for. Only clients know aliases.
const ALIASES: &[(&str, &str, &str)] = &[
    ("wmicimv2", WMI, "/root/cimv2"),
    ("wmi", WMI, ""),
    ("cimv2", DMTF, ""),
    ("winrm", WSMAN, ""),
    ("wsman", WSMAN, ""),
    ("shell", WSMAN, "/windows/shell"),
];

/// Reads a resource.
pub(crate) fn parse(text: &str) -> anyhow::Result<Resource> {
    let (path, query) = match text.split_once('?') {
        Some((path, query)) => (path, query),
        None => (text, ""),
    };
    let mut selectors = Vec::new();
    for pair in query.split('+').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').with_context(|| format!("expected Key=Value, found {pair}"))?;
        selectors.push((decode(name), decode(value.trim_matches('"'))));
    }
    Ok(Resource { uri: expand(path), selectors, ..Resource::default() })
}

/// The URI an alias stands for.
pub(crate) fn expand(path: &str) -> String {
    let (first, rest) = path.split_once('/').map_or((path, None), |(first, rest)| (first, Some(rest)));
    let known = ALIASES.iter().find(|(alias, ..)| alias.eq_ignore_ascii_case(first));
    match (known, rest) {
        (Some((_, root, below)), Some(rest)) => format!("{root}{below}/{rest}"),
        (Some((_, root, below)), None) => format!("{root}{below}"),
        (None, _) => path.to_owned(),
    }
}

/// Resolves `%2B` and the like: `+` and `=` separate, so values that have them are written so.
fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let code = match (first, after) {
            (b'%', [high, low, ..]) => {
                std::str::from_utf8(&[*high, *low]).ok().and_then(|hex| u8::from_str_radix(hex, 16).ok())
            }
            _ => None,
        };
        bytes.push(code.unwrap_or(first));
        rest = if code.is_some() { after.get(2..).unwrap_or_default() } else { after };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The class name of a URI: what follows its last slash.
pub(crate) fn class_of(uri: &str) -> &str {
    uri.rsplit('/').next().unwrap_or(uri)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn aliases_and_selectors() {
        let resource = parse("WMI/root/hardware/Sensor?DeviceID=81.0.32+Name=a%2Bb").unwrap();
        assert_eq!(resource.uri, format!("{WMI}/root/hardware/Sensor"));
        assert_eq!(
            resource.selectors,
            [("DeviceID".to_owned(), "81.0.32".to_owned()), ("Name".to_owned(), "a+b".to_owned())]
        );
        assert_eq!(parse("wmicimv2/Win32_Service").unwrap().uri, format!("{WMI}/root/cimv2/Win32_Service"));
        assert_eq!(parse("http://x/y").unwrap().uri, "http://x/y");
        assert_eq!(parse("winrm/config").unwrap().uri, format!("{WSMAN}/config"));
        assert!(parse("x?y").is_err());
        assert_eq!(class_of("a/b/C"), "C");
        assert_eq!(decode("%zz%4"), "%zz%4");
    }
}
