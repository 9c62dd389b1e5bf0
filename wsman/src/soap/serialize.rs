//! Writing a tree that was read: prefixes are chosen anew, namespaces stay.

use super::{Element, Node, XmlWriter};
use crate::ns;

impl Element {
    /// The element as XML of its own: every namespace in it is declared on it.
    pub fn to_xml(&self) -> String {
        let mut prefixes = Vec::new();
        collect(self, &mut prefixes);
        let mut xml = XmlWriter::new();
        write(self, &prefixes, true, &mut xml, None);
        xml.finish()
    }

    /// [`to_xml`](Self::to_xml) with one element per line, indented; elements that hold text stay on one line.
    pub fn to_pretty_xml(&self) -> String {
        let mut prefixes = Vec::new();
        collect(self, &mut prefixes);
        let mut xml = XmlWriter::new();
        write(self, &prefixes, true, &mut xml, Some(0));
        xml.finish()
    }
}

/// Namespace and prefix of everything in the tree.
fn collect(element: &Element, prefixes: &mut Vec<(String, String)>) {
    let attributes = element.attributes.iter().map(|attribute| &attribute.namespace);
    for uri in std::iter::once(&element.namespace).chain(attributes) {
        if uri.is_empty() || &**uri == ns::XML || prefixes.iter().any(|(known, _)| *known == **uri) {
            continue;
        }
        let taken = |prefix: &str| prefixes.iter().any(|(_, other)| other == prefix);
        // A resource's own elements carry `p`, as they do on the wire.
        let wanted = ns::ALL.iter().find(|known| known.uri == &**uri).map_or("p", |known| known.prefix);
        let prefix = if taken(wanted) { format!("ns{}", prefixes.len()) } else { wanted.to_owned() };
        prefixes.push((uri.to_string(), prefix));
    }
    element.children().for_each(|child| collect(child, prefixes));
}

fn write(element: &Element, prefixes: &[(String, String)], root: bool, xml: &mut XmlWriter, indent: Option<usize>) {
    let qualified = |namespace: &str, name: &str| match prefixes.iter().find(|(uri, _)| uri == namespace) {
        Some((_, prefix)) => format!("{prefix}:{name}"),
        None if namespace == ns::XML => format!("xml:{name}"),
        None => name.to_owned(),
    };
    let name = qualified(&element.namespace, &element.name);
    xml.start(&name);
    if root {
        prefixes.iter().for_each(|(uri, prefix)| {
            xml.declare(prefix, uri);
        });
    }
    for attribute in &element.attributes {
        xml.attribute(&qualified(&attribute.namespace, &attribute.name), &attribute.value);
    }
    if element.nodes.is_empty() {
        xml.end_empty();
        return;
    }
    // White space may be added only where there is no text to change.
    let blank = |node: &Node| matches!(node, Node::Text(text) if text.trim().is_empty());
    let inner = indent.filter(|_| element.nodes.iter().all(|node| blank(node) || matches!(node, Node::Element(_))));
    let line = |xml: &mut XmlWriter, depth: usize| {
        xml.text(&format!("\n{}", "  ".repeat(depth)));
    };
    for node in &element.nodes {
        match node {
            Node::Text(text) if inner.is_none() || !text.trim().is_empty() => {
                xml.text(text);
            }
            Node::Text(_) => {}
            Node::Element(child) => {
                if let Some(depth) = inner {
                    line(xml, depth + 1);
                }
                write(child, prefixes, false, xml, inner.map(|depth| depth + 1));
            }
        }
    }
    if let Some(depth) = inner {
        line(xml, depth);
    }
    xml.end(&name);
}

#[cfg(test)]
mod tests {
    use crate::soap::parse;

    #[test]
    fn namespaces_survive() {
        let text = "<i:Fan xmlns:i='urn:fan' xmlns:x='http://www.w3.org/2001/XMLSchema-instance' xml:lang='en'>\
                    <i:Name>a &amp; b</i:Name><i:Speed x:nil='true'/><o xmlns='urn:other'/></i:Fan>";
        let root = parse(text).unwrap();
        assert_eq!(
            root.to_xml(),
            "<p:Fan xmlns:p=\"urn:fan\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xmlns:ns2=\"urn:other\" \
             xml:lang=\"en\"><p:Name>a &amp; b</p:Name><p:Speed xsi:nil=\"true\"/><ns2:o/></p:Fan>"
        );
        assert_eq!(parse(&root.to_xml()).unwrap(), root);
        assert!(root.to_pretty_xml().contains("\n  <p:Name>a &amp; b</p:Name>\n  <p:Speed xsi:nil=\"true\"/>\n"));
    }
}
