//! Resource URIs of CIM classes (MS-WSMV 2.2.4.38, DSP0227 s5.1).

use crate::fault::{Fault, FaultKind};

/// What URIs of this stack's own resources begin with.
pub const WSMAN: &str = "http://schemas.microsoft.com/wbem/wsman/1";
/// What WMI URIs begin with; a slash, the namespace and the class follow.
pub const WMI: &str = "http://schemas.microsoft.com/wbem/wsman/1/wmi";
/// What DMTF class URIs begin with; a slash and the class follow.
pub const DMTF: &str = "http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2";
/// All classes of the namespace the `__cimnamespace` selector names.
pub const DMTF_ALL: &str = "http://schemas.dmtf.org/wbem/wscim/1/*";
/// The selector that names the namespace of a DMTF URI (DSP0227 s5.2).
pub const NAMESPACE_SELECTOR: &str = "__cimnamespace";

/// Longest URI accepted.
pub const MAX_LENGTH: usize = 2048;

/// How a URI names classes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// The namespace is part of the path.
    Wmi,
    /// The namespace is a selector.
    Dmtf,
}

/// The class, or all classes, a request addresses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResourceUri {
    /// How it was written, and how replies name classes.
    pub style: Style,
    /// Namespace with forward slashes.
    pub namespace: String,
    /// Class; `None` for `*`.
    pub class: Option<String>,
}

impl ResourceUri {
    /// Reads a URI. `selector` is the value of the `__cimnamespace` selector, `default` the namespace of a DMTF URI
    /// without it.
    ///
    /// # Errors
    /// `DestinationUnreachable` for any other resource, `EncodingLimit` for one too long, and an error for two
    /// namespaces that disagree.
    ///
    /// ```
    /// use wsman::resource_uri::{ResourceUri, WMI};
    /// let uri = ResourceUri::parse(&format!("{WMI}/root/hardware/NumericSensor"), None, "root/hardware")?;
    /// assert_eq!((uri.namespace.as_str(), uri.class.as_deref()), ("root/hardware", Some("NumericSensor")));
    /// # Ok::<(), wsman::fault::Fault>(())
    /// ```
    pub fn parse(uri: &str, selector: Option<&str>, default: &str) -> Result<Self, Fault> {
        if uri.len() > MAX_LENGTH {
            return Err(Fault::new(
                FaultKind::UriLimit,
                format!("The resource URI is longer than {MAX_LENGTH} octets."),
            ));
        }
        let unknown = || Fault::new(FaultKind::InvalidResourceUri, format!("There is no resource {uri}."));
        let selector = selector.map(|namespace| namespace.trim().trim_matches('/').replace('\\', "/"));
        // Vendor pages print https; on the wire it is http.
        let normal = uri.strip_prefix("https://schemas.").map(|rest| format!("http://schemas.{rest}"));
        let plain = normal.as_deref().unwrap_or(uri);
        if let Some(path) = strip_prefix_ignoring_case(plain, WMI).and_then(|rest| rest.strip_prefix('/')) {
            let (namespace, class) = path.trim_end_matches('/').rsplit_once('/').ok_or_else(unknown)?;
            if let Some(selector) = selector.filter(|selector| !selector.eq_ignore_ascii_case(namespace)) {
                return Err(Fault::new(
                    FaultKind::InvalidSelectorValue,
                    format!("The URI names namespace {namespace}, the {NAMESPACE_SELECTOR} selector {selector}."),
                )
                .with_number(DIFFERENT_CIM_SELECTOR));
            }
            return Self::build(Style::Wmi, namespace.to_owned(), class).ok_or_else(unknown);
        }
        let class = if plain.eq_ignore_ascii_case(DMTF_ALL) { Some("*") } else { dmtf_class(plain) };
        let namespace = selector.filter(|namespace| !namespace.is_empty()).unwrap_or_else(|| default.to_owned());
        class.and_then(|class| Self::build(Style::Dmtf, namespace, class)).ok_or_else(unknown)
    }

    fn build(style: Style, namespace: String, class: &str) -> Option<Self> {
        let word = |part: &str| {
            !part.is_empty()
                && part.chars().all(|character| character.is_alphanumeric() || matches!(character, '_' | '-'))
        };
        if !namespace.split('/').all(word) {
            return None;
        }
        match class {
            "*" => Some(Self { style, namespace, class: None }),
            class => word(class).then(|| Self { style, namespace, class: Some(class.to_owned()) }),
        }
    }

    /// The URI of a class as replies write it.
    pub fn of_class(&self, namespace: &str, class: &str) -> String {
        match self.style {
            Style::Wmi => format!("{WMI}/{namespace}/{class}"),
            Style::Dmtf => format!("{DMTF}/{class}"),
        }
    }
}

/// ERROR_WSMAN_DIFFERENT_CIM_SELECTOR.
const DIFFERENT_CIM_SELECTOR: u32 = 2_150_859_067;

/// What vendors put before their class names; the namespace comes from the selector as with DMTF classes.
const VENDOR_ROOTS: &[&str] = &[
    DMTF,
    "http://schema.omc-project.org/wbem/wscim/1/cim-schema/2",
    "http://schemas.dell.com/wbem/wscim/1/cim-schema/2",
    "http://schema.openwbem.org/wbem/wscim/1/cim-schema/2",
    "http://schema.openwsman.org/wbem/wscim/1/cim-schema/2",
    "http://sblim.sf.net/wbem/wscim/1/cim-schema/2",
];

fn dmtf_class(uri: &str) -> Option<&str> {
    VENDOR_ROOTS.iter().find_map(|root| strip_prefix_ignoring_case(uri, root)?.strip_prefix('/'))
}

fn strip_prefix_ignoring_case<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let (start, rest) = text.split_at_checked(prefix.len())?;
    start.eq_ignore_ascii_case(prefix).then_some(rest)
}

/// The method an action URI names: what follows the resource URI and a slash.
pub fn method_of<'a>(action: &'a str, resource: &str) -> Option<&'a str> {
    let method = strip_prefix_ignoring_case(action, resource)?.strip_prefix('/')?;
    (!method.is_empty() && !method.contains('/')).then_some(method)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(uri: &str, selector: Option<&str>) -> Result<(String, Option<String>), FaultKind> {
        ResourceUri::parse(uri, selector, "root/hardware")
            .map(|uri| (uri.namespace, uri.class))
            .map_err(|fault| fault.kind)
    }

    #[test]
    fn wmi_and_dmtf_forms() {
        let hardware = |class: &str| Ok(("root/hardware".to_owned(), Some(class.to_owned())));
        assert_eq!(parse(&format!("{WMI}/root/hardware/Sensor"), None), hardware("Sensor"));
        assert_eq!(parse(&format!("{}/root/hardware/Sensor", WMI.to_uppercase()), None), hardware("Sensor"));
        assert_eq!(parse(&format!("{DMTF}/CIM_Sensor"), None), hardware("CIM_Sensor"));
        assert_eq!(parse(&format!("{DMTF}/CIM_Sensor"), Some("root\\hardware")), hardware("CIM_Sensor"));
        assert_eq!(parse(&format!("{WMI}/root/hardware/*"), None), Ok(("root/hardware".to_owned(), None)));
        assert_eq!(parse(DMTF_ALL, Some("root/wmi")), Ok(("root/wmi".to_owned(), None)));
        assert_eq!(parse(&format!("{WMI}/root/hardware/Sensor"), Some("ROOT/Hardware")), hardware("Sensor"));
    }

    #[test]
    fn others_are_faults() {
        for uri in [
            "",
            "wmi/root/hardware/Sensor",
            &format!("{WMI}/Sensor"),
            &format!("{WMI}//Sensor"),
            &format!("{DMTF}/a b"),
        ] {
            assert_eq!(parse(uri, None), Err(FaultKind::InvalidResourceUri), "{uri}");
        }
        assert_eq!(
            parse(&format!("{WMI}/root/hardware/Sensor"), Some("root/wmi")),
            Err(FaultKind::InvalidSelectorValue)
        );
        assert_eq!(parse(&"x".repeat(MAX_LENGTH + 1), None), Err(FaultKind::UriLimit));
    }

    #[test]
    fn methods() {
        let uri = format!("{WMI}/root/hardware/RecordLog");
        assert_eq!(method_of(&format!("{uri}/ClearLog"), &uri), Some("ClearLog"));
        assert_eq!(method_of(&format!("{uri}/"), &uri), None);
        assert_eq!(method_of(&format!("{uri}/a/b"), &uri), None);
        assert_eq!(method_of("ClearLog", &uri), None);
    }
}
