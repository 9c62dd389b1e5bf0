//! An XML element with its namespace resolved (Namespaces in XML 1.0).

use std::borrow::Cow;
use std::sync::Arc;

use crate::ns::{self, Namespace};

/// An attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribute {
    /// Namespace URI; empty for an attribute without prefix.
    pub namespace: Arc<str>,
    /// Local name.
    pub name: Box<str>,
    /// Value with references resolved.
    pub value: Box<str>,
}

/// What stands between two tags.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Node {
    /// An element.
    Element(Element),
    /// Text with references resolved; neighbouring pieces are joined.
    Text(String),
}

/// An element: compared by namespace and local name, never by prefix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Element {
    /// Namespace URI; empty for none.
    pub namespace: Arc<str>,
    /// Local name.
    pub name: Box<str>,
    /// Attributes in document order, namespace declarations left out.
    pub attributes: Vec<Attribute>,
    /// Content in document order.
    pub nodes: Vec<Node>,
}

impl Element {
    /// Whether it is this element of this namespace.
    pub fn is(&self, namespace: Namespace, name: &str) -> bool {
        &*self.name == name && &*self.namespace == namespace.uri
    }

    /// An attribute by namespace URI (empty for none) and local name.
    pub fn attribute(&self, namespace: &str, name: &str) -> Option<&str> {
        self.attributes
            .iter()
            .find(|attribute| &*attribute.name == name && &*attribute.namespace == namespace)
            .map(|attribute| &*attribute.value)
    }

    /// The child elements.
    pub fn children(&self) -> impl Iterator<Item = &Element> {
        self.nodes.iter().filter_map(|node| match node {
            Node::Element(element) => Some(element),
            Node::Text(_) => None,
        })
    }

    /// The first child element of this name.
    pub fn child(&self, namespace: Namespace, name: &str) -> Option<&Element> {
        self.children().find(|element| element.is(namespace, name))
    }

    /// The first child element of this local name in any namespace.
    pub fn child_named(&self, name: &str) -> Option<&Element> {
        self.children().find(|element| &*element.name == name)
    }

    /// Its own text, elements left out, exactly as it stands.
    pub fn text(&self) -> Cow<'_, str> {
        let mut texts = self.nodes.iter().filter_map(|node| match node {
            Node::Text(text) => Some(text.as_str()),
            Node::Element(_) => None,
        });
        let first = texts.next().unwrap_or_default();
        match texts.next() {
            None => Cow::Borrowed(first),
            Some(second) => Cow::Owned([first, second].into_iter().chain(texts).collect()),
        }
    }

    /// Its text without the white space around it.
    pub fn trimmed(&self) -> Cow<'_, str> {
        match self.text() {
            Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
            Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
        }
    }

    /// Whether `xsi:nil` says that there is no value.
    pub fn is_nil(&self) -> bool {
        matches!(self.attribute(ns::XSI.uri, "nil").map(str::trim), Some("true" | "1"))
    }
}

#[cfg(test)]
mod tests {
    use crate::ns;
    use crate::soap::parse;

    #[test]
    fn reads_children_text_and_nil() {
        let root = parse(
            "<w:a xmlns:w='http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd' \
             xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'> one<w:b xsi:nil='1'/>two </w:a>",
        )
        .unwrap();
        assert!(root.is(ns::WSMAN, "a"));
        assert_eq!(root.text(), " onetwo ");
        assert_eq!(root.trimmed(), "onetwo");
        assert!(root.child(ns::WSMAN, "b").unwrap().is_nil());
        assert!(root.child(ns::SOAP, "b").is_none());
        assert!(root.child_named("b").is_some());
    }
}
