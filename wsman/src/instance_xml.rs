//! Instances as XML and back (DSP0230 s7, wsman reference s6.1).

use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use cim::{CimError, Class, Instance, Slot, Status, Value};

use crate::fault::{Fault, FaultKind};
use crate::ns;
use crate::resource_uri::ResourceUri;
use crate::soap::{Element, XmlWriter};
use crate::value_xml::{ValueReader, write_value};

/// Writes instances of one reply; remembers the property order of the classes met.
#[derive(Debug)]
pub struct InstanceWriter {
    uri: ResourceUri,
    classes: Vec<(Arc<Class>, Rc<Layout>)>,
}

/// What is written for every instance of a class.
#[derive(Debug)]
struct Layout {
    uri: String,
    /// Slots in alphabetical order of their names.
    order: Vec<Slot>,
}

impl InstanceWriter {
    /// A writer that names classes the way the request did.
    pub fn new(uri: ResourceUri) -> Self {
        Self { uri, classes: Vec::new() }
    }

    /// How classes are named.
    pub fn uri(&self) -> &ResourceUri {
        &self.uri
    }

    /// Writes an instance: `<p:Class xmlns:p="class URI" ...>`, properties in alphabetical order.
    pub fn write(&mut self, xml: &mut XmlWriter, instance: &Instance) {
        let class = instance.class();
        let layout = self.layout(class);
        xml.start_in("p", &class.name);
        declare(xml, &layout.uri);
        xml.attribute("xsi:type", &format!("p:{}_Type", class.name)).attribute("xml:lang", ns::LANGUAGE);
        self.write_properties(xml, "p", instance, &layout.order);
        xml.end_in("p", &class.name);
    }

    /// Writes the selected properties of a row, in query order (DSP0227 s10).
    pub fn write_fragment(&mut self, xml: &mut XmlWriter, instance: &Instance, slots: &[Slot]) {
        let layout = self.layout(instance.class());
        xml.start("w:XmlFragment");
        declare(xml, &layout.uri);
        self.write_properties(xml, "p", instance, slots);
        xml.end("w:XmlFragment");
    }

    /// Writes what makes the element just opened an embedded instance.
    pub(crate) fn write_embedded(&mut self, xml: &mut XmlWriter, instance: &Instance) {
        let layout = self.layout(instance.class());
        xml.declare("q", &layout.uri).attribute("xsi:type", &format!("q:{}_Type", instance.class().name));
        self.write_properties(xml, "q", instance, &layout.order);
    }

    fn write_properties(&mut self, xml: &mut XmlWriter, prefix: &str, instance: &Instance, slots: &[Slot]) {
        let class = instance.class().clone();
        for &slot in slots {
            if let Some(property) = class.property(slot) {
                write_value(xml, self, prefix, &property.name, instance.value(slot));
            }
        }
    }

    fn layout(&mut self, class: &Arc<Class>) -> Rc<Layout> {
        if let Some((_, layout)) = self.classes.iter().find(|(known, _)| Arc::ptr_eq(known, class)) {
            return layout.clone();
        }
        let mut named: Vec<_> =
            class.properties().iter().enumerate().map(|(index, property)| (&*property.name, Slot(index))).collect();
        named.sort_unstable_by(|left, right| left.0.cmp(right.0));
        let layout = Rc::new(Layout {
            uri: self.uri.of_class(&class.namespace, &class.name),
            order: named.into_iter().map(|(_, slot)| slot).collect(),
        });
        self.classes.push((class.clone(), layout.clone()));
        layout
    }
}

/// Declares what instance elements use: `xsi`, `p` for the class, `cim`.
pub(crate) fn declare(xml: &mut XmlWriter, class_uri: &str) {
    xml.declare("xsi", ns::XSI.uri).declare("p", class_uri).declare("cim", ns::CIM.uri);
}

/// The child elements of an instance or method body, those of one name together.
pub(crate) struct Properties<'a> {
    named: Vec<(&'a str, Vec<&'a Element>)>,
}

impl<'a> Properties<'a> {
    pub(crate) fn of(parent: &'a Element) -> Self {
        let mut places: HashMap<&str, usize> = HashMap::new();
        let mut named: Vec<(&str, Vec<&Element>)> = Vec::new();
        for child in parent.children() {
            let place = *places.entry(&child.name).or_insert(named.len());
            match named.get_mut(place) {
                Some((_, elements)) => elements.push(child),
                None => named.push((&child.name, vec![child])),
            }
        }
        Self { named }
    }

    /// Names in the order they first appear, with their elements.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&'a str, &[&'a Element])> {
        self.named.iter().map(|(name, elements)| (*name, elements.as_slice()))
    }

    /// The first child that is not in the namespace the body must have.
    pub(crate) fn foreign(&self, uri: &str) -> Option<&'a Element> {
        self.named.iter().flat_map(|(_, elements)| elements).find(|element| !same_uri(&element.namespace, uri)).copied()
    }
}

/// Class URIs are compared without regard to case.
pub(crate) fn same_uri(left: &str, right: &str) -> bool {
    left.eq_ignore_ascii_case(right)
}

/// Reads the property values of an instance body; element names are case-sensitive.
///
/// # Errors
/// `InvalidRepresentation` faults: unknown element, wrong value, wrong namespace.
pub(crate) fn read_instance(
    element: &Element,
    class: &Class,
    uri: &str,
    values: &ValueReader<'_>,
) -> Result<Vec<(Slot, Value)>, Fault> {
    if !same_uri(&element.namespace, uri) {
        return Err(Fault::new(
            FaultKind::InvalidXmlNamespace,
            format!("{} must be in the namespace {uri}, not {:?}.", element.name, &*element.namespace),
        ));
    }
    let properties = Properties::of(element);
    if let Some(foreign) = properties.foreign(uri) {
        return Err(Fault::new(
            FaultKind::InvalidXmlNamespace,
            format!("{} must be in the namespace {uri}.", foreign.name),
        ));
    }
    let mut read = Vec::new();
    for (name, elements) in properties.iter() {
        let found = class.slot(name).and_then(|slot| Some((slot, class.property(slot)?)));
        let Some((slot, property)) = found.filter(|(_, property)| &*property.name == name) else {
            let error = CimError::new(Status::InvalidProperty, format!("{} has no property {name}", class.name));
            return Err(Fault::from(error).with_number(FaultKind::InvalidXmlValues.number()));
        };
        let value = values
            .read(elements, &property.cim_type, property.array)
            .map_err(|error| Fault::from(error).with_number(FaultKind::InvalidXmlValues.number()))?;
        read.push((slot, value));
    }
    Ok(read)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resource_uri::{Style, WMI};
    use cim::Repository;

    const MOF: &str = "class Part { [Key] string Name; uint8 Octets[]; datetime Made; };
                       class Fan : Part { uint32 Speed; Part REF Inside; };";

    fn fan() -> Arc<Class> {
        let mut repository = Repository::default();
        repository.load_mof("root/hardware", "test.mof", MOF).unwrap();
        repository.class("root/hardware", "fan").unwrap()
    }

    fn writer() -> InstanceWriter {
        InstanceWriter::new(ResourceUri { style: Style::Wmi, namespace: "ROOT/hardware".to_owned(), class: None })
    }

    #[test]
    fn properties_stand_in_alphabetical_order() {
        let mut instance = Instance::new(fan());
        instance.set("Name", "Fan & 1");
        instance.set("Speed", 1200_u32);
        let mut xml = XmlWriter::new();
        writer().write(&mut xml, &instance);
        assert_eq!(
            xml.finish(),
            format!(
                "<p:Fan xmlns:xsi=\"{}\" xmlns:p=\"{WMI}/root/hardware/Fan\" xmlns:cim=\"{}\" xsi:type=\"p:Fan_Type\" \
                 xml:lang=\"en-US\"><p:Inside xsi:nil=\"true\"/><p:Made xsi:nil=\"true\"/><p:Name>Fan &amp; 1</p:Name>\
                 <p:Octets xsi:nil=\"true\"/><p:Speed>1200</p:Speed></p:Fan>",
                ns::XSI.uri,
                ns::CIM.uri
            )
        );
    }

    #[test]
    fn projections_keep_the_order_of_the_query() {
        let class = fan();
        let mut instance = Instance::new(class.clone());
        instance.set("Name", "a");
        let slots = [class.slot("Speed").unwrap(), class.slot("Name").unwrap()];
        let mut xml = XmlWriter::new();
        writer().write_fragment(&mut xml, &instance, &slots);
        let text = xml.finish();
        assert!(text.starts_with("<w:XmlFragment xmlns:xsi="), "{text}");
        assert!(text.ends_with("><p:Speed xsi:nil=\"true\"/><p:Name>a</p:Name></w:XmlFragment>"), "{text}");
    }

    #[test]
    fn what_is_written_is_read_back() {
        let class = fan();
        let mut instance = Instance::new(class.clone());
        instance.set("Name", "a");
        instance.set("Octets", Value::array([1_u8, 2]));
        instance.set("Inside", cim::ObjectPath::instance("Part", [("Name", "Box")]));
        let mut xml = XmlWriter::new();
        writer().write(&mut xml, &instance);
        let body = crate::soap::parse(&crate::fault::tests::in_envelope(&xml.finish())).unwrap();
        let find = |_: &str| Err(CimError::new(Status::InvalidClass, ""));
        let values = ValueReader { default_namespace: "root/hardware", class: &find };
        let uri = format!("{WMI}/root/hardware/fan");
        let element = body.children().next().unwrap();
        let mut read = Instance::new(class.clone());
        for (slot, value) in read_instance(element, &class, &uri, &values).unwrap() {
            read.put(slot, value);
        }
        assert_eq!(read.get("Octets"), instance.get("Octets"));
        assert!(matches!(read.get("Inside"), Some(Value::Reference(path)) if &*path.class == "Part"));
    }

    #[test]
    fn unknown_elements_and_namespaces_are_faults() {
        let class = fan();
        let find = |_: &str| Err(CimError::new(Status::InvalidClass, ""));
        let values = ValueReader { default_namespace: "root/hardware", class: &find };
        for (xml, expected) in [
            ("<Fan xmlns='urn:f'><Weight>1</Weight></Fan>", FaultKind::InvalidXmlValues),
            ("<Fan xmlns='urn:f'><name>1</name></Fan>", FaultKind::InvalidXmlValues),
            ("<Fan xmlns='urn:f'><Speed>fast</Speed></Fan>", FaultKind::InvalidXmlValues),
            ("<Fan xmlns='urn:g'><Speed>1</Speed></Fan>", FaultKind::InvalidXmlNamespace),
            ("<Fan xmlns='urn:f'><Speed xmlns=''>1</Speed></Fan>", FaultKind::InvalidXmlNamespace),
        ] {
            let element = crate::soap::parse(xml).unwrap();
            let fault = read_instance(&element, &class, "urn:f", &values).unwrap_err();
            assert_eq!((fault.kind, fault.number), (expected, expected.number()), "{xml}");
        }
    }
}
