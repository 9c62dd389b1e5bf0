//! Filters of enumerations: dialects and what they ask of the broker (DSP0226 s8.3, DSP0227 s9, wsman reference s7).

use cim::{Broker, CimError, Instance, OperationContext, Slot, Status};

use crate::fault::{Fault, FaultKind};
use crate::ns;
use crate::resource_uri::ResourceUri;
use crate::selector::{EndpointReference, SelectorSet, SelectorValue};
use crate::soap::Element;

/// WQL query text.
pub const WQL: &str = "http://schemas.microsoft.com/wbem/wsman/1/WQL";
/// Equality of properties.
pub const SELECTOR: &str = "http://schemas.dmtf.org/wbem/wsman/1/wsman/SelectorFilter";
/// Instances associated with one, or the associations between them.
pub const ASSOCIATION: &str = "http://schemas.dmtf.org/wbem/wsman/1/cimbinding/associationFilter";

/// Every dialect served.
pub const DIALECTS: &[&str] = &[WQL, SELECTOR, ASSOCIATION];

/// A filter of an Enumerate request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Filter {
    /// A query, also for associations.
    Query(String),
    /// Properties that must equal these texts.
    Selectors(Vec<(String, String)>),
}

/// What a filter found.
#[derive(Debug)]
pub struct Found {
    /// The instances.
    pub instances: Vec<Instance>,
    /// The selected properties, when the query names them.
    pub projection: Option<Vec<Slot>>,
}

impl Filter {
    /// Reads the w:Filter, or n:Filter, of an Enumerate body.
    ///
    /// # Errors
    /// An unknown dialect, or content the dialect does not have.
    pub fn parse(enumerate: &Element, default_namespace: &str) -> Result<Option<Self>, Fault> {
        let Some(filter) = enumerate.child(ns::WSMAN, "Filter").or_else(|| enumerate.child(ns::ENUMERATION, "Filter"))
        else {
            return Ok(None);
        };
        let dialect = filter.attribute("", "Dialect").map(str::trim);
        let is = |known: &str| {
            dialect.is_some_and(|dialect| {
                dialect
                    .trim_start_matches("https://")
                    .trim_start_matches("http://")
                    .eq_ignore_ascii_case(known.trim_start_matches("http://"))
            })
        };
        // Without a dialect the specification says XPath, WinRM says WQL; text that is no XML can only be a query.
        if is(WQL) || (dialect.is_none() && filter.children().next().is_none()) {
            let query = filter.trimmed();
            if query.is_empty() {
                return Err(cannot_process("The filter has no query."));
            }
            return Ok(Some(Self::Query(query.into_owned())));
        }
        if is(SELECTOR) {
            let set = filter
                .child(ns::WSMAN, "SelectorSet")
                .ok_or_else(|| cannot_process("A selector filter holds a SelectorSet."))?;
            let texts = SelectorSet::parse(set)?
                .0
                .into_iter()
                .map(|(name, value)| match value {
                    SelectorValue::Text(text) => Ok((name, text)),
                    SelectorValue::Reference(_) => Err(cannot_process("A selector filter compares with text.")),
                })
                .collect::<Result<_, _>>()?;
            return Ok(Some(Self::Selectors(texts)));
        }
        if is(ASSOCIATION) {
            return association_query(filter, default_namespace).map(|query| Some(Self::Query(query)));
        }
        let message = format!("The filter dialect {} is not supported.", dialect.unwrap_or("(none)"));
        Err(Fault::new(FaultKind::FilterDialectUnavailable, message).with_supported(DIALECTS))
    }

    /// Finds the instances.
    ///
    /// # Errors
    /// What the broker says.
    pub fn run(&self, broker: &Broker, context: &OperationContext, uri: &ResourceUri) -> Result<Found, Fault> {
        match (self, &uri.class) {
            (Self::Query(query), _) => {
                let result = broker.query(context, &uri.namespace, query)?;
                if !result.classes.is_empty() {
                    // An empty list would say that there are none.
                    let message = "The query finds class definitions, which this service does not put into messages.";
                    let error = CimError::new(Status::NotSupported, message);
                    return Err(cannot_process(message).with_cim_error(error));
                }
                Ok(Found { instances: result.instances, projection: result.projection })
            }
            (Self::Selectors(equals), Some(class)) => {
                let instances = broker.select(context, &uri.namespace, class, equals)?;
                Ok(Found { instances, projection: None })
            }
            (Self::Selectors(_), None) => Err(cannot_process("A selector filter needs one class.")),
        }
    }
}

fn cannot_process(message: &str) -> Fault {
    Fault::new(FaultKind::EnumerateCannotProcessFilter, message)
}

/// An association filter as the WQL query that means the same.
fn association_query(filter: &Element, default_namespace: &str) -> Result<String, Fault> {
    let instances = filter.child(ns::CIM_BINDING, "AssociatedInstances");
    let associations = filter.child(ns::CIM_BINDING, "AssociationInstances");
    let (verb, inner, words): (_, _, &[_]) = match (instances, associations) {
        (Some(inner), None) => (
            "ASSOCIATORS OF",
            inner,
            &[
                ("AssociationClassName", "AssocClass"),
                ("Role", "Role"),
                ("ResultClassName", "ResultClass"),
                ("ResultRole", "ResultRole"),
            ],
        ),
        (None, Some(inner)) => ("REFERENCES OF", inner, &[("ResultClassName", "ResultClass"), ("Role", "Role")]),
        _ => return Err(cannot_process("An association filter holds AssociatedInstances or AssociationInstances.")),
    };
    let object = inner
        .child(ns::CIM_BINDING, "Object")
        .ok_or_else(|| cannot_process("An association filter names an Object."))?;
    let path = EndpointReference::parse(object)?.to_object_path(default_namespace)?;
    let mut query = format!("{verb} {{{}}}", path.relpath());
    let mut separator = " WHERE ";
    for (element, word) in words {
        let Some(value) = inner.child(ns::CIM_BINDING, element) else { continue };
        let value = value.trimmed();
        // It becomes part of a query: nothing but a name may pass.
        if value.is_empty() || !value.chars().all(|character| character.is_alphanumeric() || character == '_') {
            return Err(cannot_process("Classes and roles of an association filter are names."));
        }
        query.push_str(&format!("{separator}{word} = {value}"));
        separator = " ";
    }
    Ok(query)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::soap::parse;

    fn filter(xml: &str) -> Result<Option<Filter>, FaultKind> {
        let text = format!(
            "<n:Enumerate xmlns:n='{}' xmlns:w='{}' xmlns:b='{}' xmlns:a='{}'>{xml}</n:Enumerate>",
            ns::ENUMERATION.uri,
            ns::WSMAN.uri,
            ns::CIM_BINDING.uri,
            ns::ADDRESSING.uri
        );
        Filter::parse(&parse(&text).unwrap(), "root/hardware").map_err(|fault| fault.kind)
    }

    #[test]
    fn dialects() {
        assert_eq!(filter(""), Ok(None));
        let query = Ok(Some(Filter::Query("select * from A where B < 1".to_owned())));
        assert_eq!(filter(&format!("<w:Filter Dialect='{WQL}'> select * from A where B &lt; 1 </w:Filter>")), query);
        assert_eq!(filter("<w:Filter>select * from A where B &lt; 1</w:Filter>"), query);
        assert_eq!(
            filter(&format!(
                "<n:Filter Dialect='{}'><![CDATA[select * from A where B < 1]]></n:Filter>",
                WQL.to_lowercase()
            )),
            query
        );
        assert_eq!(
            filter(&format!(
                "<w:Filter Dialect='{SELECTOR}'><w:SelectorSet><w:Selector Name='A'>1</w:Selector></w:SelectorSet></w:Filter>"
            )),
            Ok(Some(Filter::Selectors(vec![("A".to_owned(), "1".to_owned())])))
        );
        assert_eq!(filter("<w:Filter Dialect='urn:x'>a</w:Filter>"), Err(FaultKind::FilterDialectUnavailable));
        assert_eq!(filter(&format!("<w:Filter Dialect='{WQL}'/>")), Err(FaultKind::EnumerateCannotProcessFilter));
        assert_eq!(filter(&format!("<w:Filter Dialect='{SELECTOR}'/>")), Err(FaultKind::EnumerateCannotProcessFilter));
    }

    #[test]
    fn associations_become_queries() {
        let object = "<b:Object><a:Address>x</a:Address><a:ReferenceParameters><w:ResourceURI>http://schemas.microsoft.com/\
                      wbem/wsman/1/wmi/root/hardware/Sensor</w:ResourceURI><w:SelectorSet><w:Selector Name='DeviceID'>1\
                      </w:Selector></w:SelectorSet></a:ReferenceParameters></b:Object>";
        let found = filter(&format!(
            "<w:Filter Dialect='http://schemas.dmtf.org/wbem/wsman/1/cimbinding/AssociationFilter'><b:AssociatedInstances>\
             {object}<b:ResultClassName>RecordLog</b:ResultClassName></b:AssociatedInstances></w:Filter>"
        ));
        let query = "ASSOCIATORS OF {Sensor.DeviceID=\"1\"} WHERE ResultClass = RecordLog";
        assert_eq!(found, Ok(Some(Filter::Query(query.to_owned()))));
        assert_eq!(
            filter(&format!(
                "<w:Filter Dialect='{ASSOCIATION}'><b:AssociationInstances>{object}<b:Role>a b</b:Role>\
                 </b:AssociationInstances></w:Filter>"
            )),
            Err(FaultKind::EnumerateCannotProcessFilter)
        );
    }
}
