//! Selectors and endpoint references: which instance a message is about (DSP0226 s5.1, DSP0227 s5).

use cim::{Class, Keys, ObjectPath, Value};

use crate::fault::{Fault, FaultKind};
use crate::ns;
use crate::resource_uri::{NAMESPACE_SELECTOR, ResourceUri, Style};
use crate::soap::{Element, XmlWriter};

/// Most selectors accepted in a set.
pub const MAX_SELECTORS: usize = 64;

/// The value of a selector.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SelectorValue {
    /// Text.
    Text(String),
    /// A reference to another instance.
    Reference(EndpointReference),
}

/// A set of selectors.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SelectorSet(pub Vec<(String, SelectorValue)>);

/// The address of a resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndpointReference {
    /// Its resource URI.
    pub resource_uri: String,
    /// Its selectors.
    pub selectors: SelectorSet,
}

impl SelectorSet {
    /// Reads a w:SelectorSet element.
    ///
    /// # Errors
    /// Too many selectors, one given twice, one without a name or with neither text nor reference.
    pub fn parse(set: &Element) -> Result<Self, Fault> {
        Self::parse_nested(set, 0)
    }

    fn parse_nested(set: &Element, depth: usize) -> Result<Self, Fault> {
        let mut selectors: Vec<(String, SelectorValue)> = Vec::new();
        for selector in set.children().filter(|child| child.is(ns::WSMAN, "Selector")) {
            if selectors.len() >= MAX_SELECTORS {
                return Err(Fault::new(
                    FaultKind::SelectorLimit,
                    format!("There are more than {MAX_SELECTORS} selectors."),
                ));
            }
            let name = selector
                .attribute("", "Name")
                .map(str::trim)
                .filter(|name| !name.is_empty())
                .ok_or_else(|| Fault::new(FaultKind::SchemaValidationError, "A Selector has no Name attribute."))?;
            if selectors.iter().any(|(other, _)| other.eq_ignore_ascii_case(name)) {
                return Err(Fault::new(FaultKind::DuplicateSelectors, format!("The selector {name} is given twice.")));
            }
            let value = match selector.child(ns::ADDRESSING, "EndpointReference") {
                // A reference to something that is itself named by a reference, and so on, names nothing here.
                Some(_) if depth >= 4 => {
                    return Err(Fault::new(
                        FaultKind::InvalidSelectorValue,
                        "Endpoint references are nested too deep.",
                    ));
                }
                Some(reference) => SelectorValue::Reference(EndpointReference::parse_nested(reference, depth + 1)?),
                None => SelectorValue::Text(selector.text().into_owned()),
            };
            selectors.push((name.to_owned(), value));
        }
        Ok(Self(selectors))
    }

    /// The namespace selector's text.
    pub fn cim_namespace(&self) -> Option<&str> {
        self.0.iter().find(|(name, _)| name.eq_ignore_ascii_case(NAMESPACE_SELECTOR)).and_then(|(_, value)| match value
        {
            SelectorValue::Text(text) => Some(text.as_str()),
            SelectorValue::Reference(_) => None,
        })
    }

    /// The selectors that are keys: all but the namespace.
    pub fn keys(&self) -> impl Iterator<Item = (&str, &SelectorValue)> {
        self.0
            .iter()
            .filter(|(name, _)| !name.eq_ignore_ascii_case(NAMESPACE_SELECTOR))
            .map(|(name, value)| (name.as_str(), value))
    }

    /// The path the selectors name in a class. No selectors name a singleton, or nothing when the class has keys.
    ///
    /// # Errors
    /// Selectors that are no keys, keys without selector, values of the wrong type.
    pub fn to_path(&self, class: &Class, default_namespace: &str) -> Result<ObjectPath, Fault> {
        if let Some((name, _)) =
            self.keys().find(|(name, _)| !class.keys().any(|(_, key)| key.name.eq_ignore_ascii_case(name)))
        {
            return Err(Fault::new(FaultKind::UnexpectedSelectors, format!("{name} is not a key of {}.", class.name)));
        }
        let mut keys = Vec::new();
        for (_, key) in class.keys() {
            let (_, value) = self.keys().find(|(name, _)| key.name.eq_ignore_ascii_case(name)).ok_or_else(|| {
                Fault::new(
                    FaultKind::InsufficientSelectors,
                    format!("The key {} of {} has no selector.", key.name, class.name),
                )
            })?;
            let value = match value {
                SelectorValue::Text(text) => Value::parse(&key.cim_type, text).map_err(|error| {
                    Fault::new(FaultKind::SelectorTypeMismatch, format!("Selector {}: {}.", key.name, error.message))
                })?,
                SelectorValue::Reference(reference) => reference.to_value(default_namespace)?,
            };
            keys.push((key.name.clone(), value));
        }
        let keys = if keys.is_empty() { Keys::Singleton } else { Keys::Named(keys) };
        Ok(ObjectPath { server: None, namespace: Some(class.namespace.clone()), class: class.name.clone(), keys })
    }
}

impl EndpointReference {
    /// Reads an element that holds a:Address and a:ReferenceParameters, directly or inside a:EndpointReference.
    ///
    /// # Errors
    /// `InvalidSelectors` or `InvalidRepresentation` when there is no resource URI inside.
    pub fn parse(element: &Element) -> Result<Self, Fault> {
        Self::parse_nested(element, 0)
    }

    fn parse_nested(element: &Element, depth: usize) -> Result<Self, Fault> {
        let inner = element.child(ns::ADDRESSING, "EndpointReference").unwrap_or(element);
        let parameters = inner
            .child(ns::ADDRESSING, "ReferenceParameters")
            .or_else(|| inner.child(ns::ADDRESSING, "ReferenceProperties"));
        let uri = parameters.and_then(|parameters| parameters.child(ns::WSMAN, "ResourceURI"));
        let (Some(parameters), Some(uri)) = (parameters, uri) else {
            return Err(Fault::new(FaultKind::InvalidRepresentation, "An endpoint reference has no ResourceURI."));
        };
        let selectors = match parameters.child(ns::WSMAN, "SelectorSet") {
            Some(set) => SelectorSet::parse_nested(set, depth)?,
            None => SelectorSet::default(),
        };
        Ok(Self { resource_uri: uri.trimmed().into_owned(), selectors })
    }

    /// The object path it stands for; key values stay text until the class is known.
    ///
    /// # Errors
    /// As [`ResourceUri::parse`].
    pub fn to_object_path(&self, default_namespace: &str) -> Result<ObjectPath, Fault> {
        let uri = ResourceUri::parse(&self.resource_uri, self.selectors.cim_namespace(), default_namespace)?;
        let class =
            uri.class.ok_or_else(|| Fault::new(FaultKind::InvalidSelectorValue, "A reference must name one class."))?;
        let mut keys = Vec::new();
        for (name, value) in self.selectors.keys() {
            let value = match value {
                SelectorValue::Text(text) => Value::from(text.as_str()),
                SelectorValue::Reference(reference) => reference.to_value(default_namespace)?,
            };
            keys.push((name.into(), value));
        }
        let keys = if keys.is_empty() { Keys::Singleton } else { Keys::Named(keys) };
        Ok(ObjectPath { server: None, namespace: Some(uri.namespace.into()), class: class.into(), keys })
    }

    fn to_value(&self, default_namespace: &str) -> Result<Value, Fault> {
        self.to_object_path(default_namespace).map(Value::from)
    }
}

/// Writes a:Address and a:ReferenceParameters of a path, without a wrapper.
pub fn write_reference(xml: &mut XmlWriter, uri: &ResourceUri, path: &ObjectPath) {
    let namespace = path.namespace.as_deref().unwrap_or(&uri.namespace);
    xml.element("a:Address", ns::ANONYMOUS).start("a:ReferenceParameters");
    xml.element("w:ResourceURI", &uri.of_class(namespace, &path.class)).start("w:SelectorSet");
    let mut selector = |name: &str, value: &Value| {
        xml.start("w:Selector").attribute("Name", name);
        match value {
            Value::Reference(target) => {
                xml.start("a:EndpointReference");
                write_reference(xml, uri, target);
                xml.end("a:EndpointReference")
            }
            value => xml.text(&value.to_string()),
        };
        xml.end("w:Selector");
    };
    match &path.keys {
        Keys::Named(keys) => {
            let mut sorted: Vec<_> = keys.iter().collect();
            sorted.sort_by(|left, right| left.0.cmp(&right.0));
            sorted.into_iter().for_each(|(name, value)| selector(name, value));
        }
        Keys::Single(value) => selector("Name", value),
        Keys::None | Keys::Singleton => {}
    }
    if uri.style == Style::Dmtf {
        selector(NAMESPACE_SELECTOR, &Value::from(namespace));
    }
    xml.end("w:SelectorSet").end("a:ReferenceParameters");
}

/// Writes an a:EndpointReference of a path.
pub fn write_endpoint_reference(xml: &mut XmlWriter, uri: &ResourceUri, path: &ObjectPath) {
    xml.start("a:EndpointReference");
    write_reference(xml, uri, path);
    xml.end("a:EndpointReference");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::tests::in_envelope;
    use crate::resource_uri::{DMTF, WMI};
    use crate::soap::parse;

    fn uri(style: Style) -> ResourceUri {
        ResourceUri { style, namespace: "root/hardware".to_owned(), class: Some("Sensor".to_owned()) }
    }

    #[test]
    fn references_are_written_and_read_back() {
        let path = ObjectPath::instance("Sensor", [("DeviceID", "81.0.32"), ("CreationClassName", "Sensor")]);
        let mut xml = XmlWriter::new();
        write_endpoint_reference(&mut xml, &uri(Style::Wmi), &path);
        let text = xml.finish();
        assert_eq!(
            text,
            format!(
                "<a:EndpointReference><a:Address>{}</a:Address><a:ReferenceParameters>\
                 <w:ResourceURI>{WMI}/root/hardware/Sensor</w:ResourceURI><w:SelectorSet>\
                 <w:Selector Name=\"CreationClassName\">Sensor</w:Selector><w:Selector Name=\"DeviceID\">81.0.32</w:Selector>\
                 </w:SelectorSet></a:ReferenceParameters></a:EndpointReference>",
                ns::ANONYMOUS
            )
        );
        let body = parse(&in_envelope(&text)).unwrap();
        let read = EndpointReference::parse(&body).unwrap().to_object_path("root/cimv2").unwrap();
        assert!(read.same_object(&path), "{read}");
    }

    #[test]
    fn dmtf_references_carry_the_namespace() {
        let mut xml = XmlWriter::new();
        write_reference(&mut xml, &uri(Style::Dmtf), &ObjectPath::instance("CIM_X", [("K", 5_u16)]));
        let text = xml.finish();
        assert!(text.contains(&format!("<w:ResourceURI>{DMTF}/CIM_X</w:ResourceURI>")));
        assert!(text.contains("<w:Selector Name=\"__cimnamespace\">root/hardware</w:Selector></w:SelectorSet>"));
    }

    #[test]
    fn bad_sets() {
        let set = |inner: &str| {
            let body = parse(&in_envelope(&format!("<w:SelectorSet>{inner}</w:SelectorSet>"))).unwrap();
            SelectorSet::parse(body.children().next().unwrap()).map_err(|fault| fault.kind)
        };
        assert_eq!(
            set("<w:Selector Name='A'>1</w:Selector><w:Selector Name='a'>2</w:Selector>"),
            Err(FaultKind::DuplicateSelectors)
        );
        assert_eq!(set("<w:Selector>1</w:Selector>"), Err(FaultKind::SchemaValidationError));
        let many: String = (0..=MAX_SELECTORS).map(|n| format!("<w:Selector Name='{n}'/>")).collect();
        assert_eq!(set(&many), Err(FaultKind::SelectorLimit));
    }
}
