//! CIM values as XML elements and back (DSP0230 s7, wsman reference s6.2).

use cim::{CimError, CimType, Class, Instance, Status, Value};
use std::sync::Arc;

use crate::instance_xml::{InstanceWriter, Properties};
use crate::ns;
use crate::resource_uri::Style;
use crate::selector::{EndpointReference, write_reference};
use crate::soap::{Element, XmlWriter};

/// Writes a property or parameter: one element, or one per array item.
pub(crate) fn write_value(xml: &mut XmlWriter, writer: &mut InstanceWriter, prefix: &str, name: &str, value: &Value) {
    match value {
        Value::Null => {
            xml.start_in(prefix, name).attribute("xsi:nil", "true").end_empty();
        }
        // An empty array has no element at all.
        Value::Array(items) => items.iter().for_each(|item| write_value(xml, writer, prefix, name, item)),
        Value::Instance(instance) => {
            xml.start_in(prefix, name);
            writer.write_embedded(xml, instance);
            xml.end_in(prefix, name);
        }
        scalar => {
            xml.start_in(prefix, name);
            write_scalar(xml, writer, scalar);
            xml.end_in(prefix, name);
        }
    }
}

fn write_scalar(xml: &mut XmlWriter, writer: &InstanceWriter, value: &Value) {
    match value {
        Value::DateTime(moment @ cim::DateTime::Point { .. }) => xml.element("cim:Datetime", &moment.iso8601()),
        Value::DateTime(length @ cim::DateTime::Interval { .. }) => xml.element("cim:Interval", &length.iso8601()),
        Value::Reference(path) => {
            write_reference(xml, writer.uri(), path);
            xml
        }
        Value::Char16(unit) if writer.uri().style == Style::Wmi => xml.text(&unit.to_string()),
        value => xml.text(&value.to_string()),
    };
}

/// What reading values needs to know besides their declarations.
pub(crate) struct ValueReader<'a> {
    /// Namespace of references that name none.
    pub(crate) default_namespace: &'a str,
    /// Finds the class of an embedded instance.
    pub(crate) class: &'a dyn Fn(&str) -> Result<Arc<Class>, CimError>,
}

impl ValueReader<'_> {
    /// Reads the elements of one property or parameter.
    ///
    /// # Errors
    /// `TypeMismatch` or `ValueOutOfRange`, naming element, type and text.
    pub(crate) fn read(&self, elements: &[&Element], cim_type: &CimType, array: bool) -> Result<Value, CimError> {
        match (elements, array) {
            ([only], _) if only.is_nil() => Ok(Value::Null),
            ([only], false) => self.scalar(only, cim_type),
            (items, true) => {
                let item = |element: &&Element| {
                    if element.is_nil() { Ok(Value::Null) } else { self.scalar(element, cim_type) }
                };
                Ok(Value::Array(items.iter().map(item).collect::<Result<_, _>>()?))
            }
            (elements, false) => {
                let name = elements.first().map(|element| &*element.name).unwrap_or_default();
                Err(CimError::new(
                    Status::TypeMismatch,
                    format!("{name} is given {} times but is no array", elements.len()),
                ))
            }
        }
    }

    fn scalar(&self, element: &Element, cim_type: &CimType) -> Result<Value, CimError> {
        let in_element = |error: CimError| CimError::new(error.status, format!("{}: {}", element.name, error.message));
        match cim_type {
            CimType::String => Ok(Value::from(&*element.text())),
            CimType::DateTime => {
                // The wrapper says the form, and so do the characters: plain text is as good.
                let text =
                    element.children().find(|child| &*child.namespace == ns::CIM.uri).unwrap_or(element).trimmed();
                Value::parse(cim_type, &text).map_err(in_element)
            }
            CimType::Reference(_) => EndpointReference::parse(element)
                .and_then(|reference| reference.to_object_path(self.default_namespace))
                .map(Value::from)
                .map_err(|fault| CimError::new(Status::TypeMismatch, format!("{}: {}", element.name, fault.message))),
            CimType::Instance(declared) => self.embedded(element, declared.as_deref()).map_err(in_element),
            CimType::Char16 => Value::parse(cim_type, &element.text()).map_err(in_element),
            _ => Value::parse(cim_type, &element.trimmed()).map_err(in_element),
        }
    }

    fn embedded(&self, element: &Element, declared: Option<&str>) -> Result<Value, CimError> {
        let stated = element.attribute(ns::XSI.uri, "type").and_then(|name| {
            let local = name.trim().rsplit(':').next().unwrap_or_default();
            local.strip_suffix("_Type")
        });
        let name = stated.or(declared).ok_or_else(|| {
            CimError::new(Status::TypeMismatch, "an embedded instance needs xsi:type to name its class")
        })?;
        let class = (self.class)(name)?;
        if let Some(declared) = declared.filter(|declared| !class.is_a(declared)) {
            return Err(CimError::new(Status::TypeMismatch, format!("expected a {declared}, found a {}", class.name)));
        }
        let mut instance = Instance::new(class.clone());
        for (name, elements) in Properties::of(element).iter() {
            let slot = class.slot(name).ok_or_else(|| {
                CimError::new(Status::InvalidProperty, format!("{} has no property {name}", class.name))
            })?;
            if let Some(property) = class.property(slot) {
                instance.put(slot, self.read(elements, &property.cim_type, property.array)?);
            }
        }
        Ok(Value::from(instance))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resource_uri::ResourceUri;
    use crate::soap::parse;

    fn writer(style: Style) -> InstanceWriter {
        InstanceWriter::new(ResourceUri { style, namespace: "root/hardware".to_owned(), class: None })
    }

    fn written(style: Style, value: &Value) -> String {
        let mut xml = XmlWriter::new();
        write_value(&mut xml, &mut writer(style), "p", "V", value);
        xml.finish()
    }

    fn read(xml: &str, cim_type: &CimType, array: bool) -> Result<Value, Status> {
        let text = format!("<b xmlns:p='urn:p' xmlns:cim='{}' xmlns:xsi='{}'>{xml}</b>", ns::CIM.uri, ns::XSI.uri);
        let body = parse(&text).unwrap();
        let class = |_: &str| Err(CimError::new(Status::InvalidClass, ""));
        ValueReader { default_namespace: "root/hardware", class: &class }
            .read(&body.children().collect::<Vec<_>>(), cim_type, array)
            .map_err(|error| error.status)
    }

    #[test]
    fn scalars_go_both_ways() {
        for (value, cim_type, xml) in [
            (Value::from(true), CimType::Boolean, "<p:V>true</p:V>"),
            (Value::from(u64::MAX), CimType::Uint64, "<p:V>18446744073709551615</p:V>"),
            (Value::from(-5_i32), CimType::Sint32, "<p:V>-5</p:V>"),
            (Value::from(1.5_f32), CimType::Real32, "<p:V>1.5</p:V>"),
            (Value::from(f64::INFINITY), CimType::Real64, "<p:V>INF</p:V>"),
            (Value::from(" a<b "), CimType::String, "<p:V> a&lt;b </p:V>"),
            (Value::Char16(65), CimType::Char16, "<p:V>65</p:V>"),
            (Value::Null, CimType::Uint8, "<p:V xsi:nil=\"true\"/>"),
            (
                Value::from(cim::DateTime::Point { micros: 1_706_692_830_123_456, offset_minutes: 60 }),
                CimType::DateTime,
                "<p:V><cim:Datetime>2024-01-31T10:20:30.123456+01:00</cim:Datetime></p:V>",
            ),
            (
                Value::from(cim::DateTime::Interval { micros: 93_784_000_005 }),
                CimType::DateTime,
                "<p:V><cim:Interval>P1DT2H3M4.000005S</cim:Interval></p:V>",
            ),
        ] {
            assert_eq!(written(Style::Wmi, &value), xml);
            assert_eq!(read(xml, &cim_type, false), Ok(value), "{xml}");
        }
        assert_eq!(written(Style::Dmtf, &Value::Char16(65)), "<p:V>A</p:V>");
    }

    #[test]
    fn arrays_repeat_the_element() {
        let value = Value::array([1_u8, 2]);
        assert_eq!(written(Style::Wmi, &value), "<p:V>1</p:V><p:V>2</p:V>");
        assert_eq!(read("<p:V>1</p:V><p:V>2</p:V>", &CimType::Uint8, true), Ok(value));
        assert_eq!(written(Style::Wmi, &Value::array::<u8>([])), "");
        assert_eq!(read("<p:V xsi:nil='true'/>", &CimType::Uint8, true), Ok(Value::Null));
        assert_eq!(read("<p:V>1</p:V><p:V>2</p:V>", &CimType::Uint8, false), Err(Status::TypeMismatch));
        assert_eq!(read("<p:V>256</p:V>", &CimType::Uint8, false), Err(Status::ValueOutOfRange));
        assert_eq!(read("<p:V>x</p:V>", &CimType::Uint8, false), Err(Status::TypeMismatch));
    }

    #[test]
    fn datetimes_are_read_without_their_wrapper() {
        let moment = Ok(Value::from(cim::DateTime::Point { micros: 0, offset_minutes: 0 }));
        assert_eq!(read("<p:V>19700101000000.000000+000</p:V>", &CimType::DateTime, false), moment);
        assert_eq!(read("<p:V>1970-01-01T00:00:00Z</p:V>", &CimType::DateTime, false), moment);
    }

    #[test]
    fn references_have_their_address_directly_inside() {
        let path = cim::ObjectPath::instance("Sensor", [("DeviceID", "1")]);
        let xml = written(Style::Wmi, &Value::from(path));
        assert!(xml.starts_with("<p:V><a:Address>") && xml.ends_with("</a:ReferenceParameters></p:V>"), "{xml}");
    }
}
