//! The strict reader: well-formed, namespace-correct XML without DTD or processing instructions (SOAP 1.2 part 1 s5).

use std::sync::Arc;

use quick_xml::events::{BytesStart, Event};
use quick_xml::name::ResolveResult;
use quick_xml::reader::NsReader;

use super::{Attribute, Element, Node};

/// Deepest nesting accepted.
pub const MAX_DEPTH: usize = 64;

/// Most attributes accepted on one element, namespace declarations included.
pub const MAX_ATTRIBUTES: usize = 64;

/// Why a text is not an acceptable document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum XmlError {
    /// Not well-formed.
    #[error("not well-formed at byte {position}: {message}")]
    Malformed {
        /// Where.
        position: u64,
        /// What is wrong.
        message: String,
    },
    /// A document type declaration or a processing instruction.
    #[error("{0} is not allowed in a SOAP message")]
    Forbidden(&'static str),
    /// A character XML 1.0 does not have.
    #[error("character U+{0:04X} is not allowed in XML")]
    Character(u32),
    /// A prefix nobody declared.
    #[error("prefix {0} is not declared")]
    UndeclaredPrefix(String),
    /// An entity other than the five of XML.
    #[error("entity {0} is not known")]
    UnknownEntity(String),
    /// Nesting deeper than [`MAX_DEPTH`].
    #[error("elements are nested deeper than {MAX_DEPTH}")]
    TooDeep,
    /// More than [`MAX_ATTRIBUTES`] attributes.
    #[error("an element has more than {MAX_ATTRIBUTES} attributes")]
    TooManyAttributes,
    /// The same attribute twice.
    #[error("attribute {0} is given twice")]
    DuplicateAttribute(String),
    /// No element at all.
    #[error("the document has no element")]
    Empty,
    /// The text ends inside an element.
    #[error("element {0} is not closed")]
    Unclosed(String),
    /// Something after the root element.
    #[error("{0} stands outside the root element")]
    OutsideRoot(&'static str),
}

/// Reads a document.
///
/// # Errors
/// Anything XML 1.0 with namespaces forbids, and what SOAP forbids besides.
///
/// ```
/// let root = wsman::soap::parse("<a xmlns='urn:x'>1 &lt; 2</a>")?;
/// assert_eq!((&*root.namespace, &*root.text()), ("urn:x", "1 < 2"));
/// assert!(wsman::soap::parse("<!DOCTYPE a><a/>").is_err());
/// # Ok::<(), wsman::soap::XmlError>(())
/// ```
pub fn parse(text: &str) -> Result<Element, XmlError> {
    if let Some(bad) = text.chars().find(|&character| !is_xml_char(character)) {
        return Err(XmlError::Character(bad.into()));
    }
    let mut reader = NsReader::from_str(text);
    reader.config_mut().check_comments = true;
    let mut builder = Builder::default();
    let mut first = true;
    loop {
        // The resolver borrows the reader: the namespace is copied out before the attributes are resolved.
        let (namespace, event) = match reader.read_resolved_event() {
            Ok((resolved, event)) => (builder.names.resolve(resolved), event),
            Err(error) => {
                return Err(XmlError::Malformed { position: reader.error_position(), message: error.to_string() });
            }
        };
        match event {
            Event::Start(start) => {
                let element = builder.element(namespace?, &start, &reader)?;
                builder.open(element)?;
            }
            Event::Empty(start) => {
                let element = builder.element(namespace?, &start, &reader)?;
                builder.open(element)?;
                builder.close()?;
            }
            Event::End(_) => builder.close()?,
            Event::Text(text) => builder.text(&text.xml10_content())?,
            Event::CData(text) => builder.cdata(&text.xml10_content())?,
            Event::GeneralRef(reference) => {
                let resolved = match reference.resolve_char_ref() {
                    Ok(Some(character)) if is_xml_char(character) => character,
                    Ok(Some(character)) => return Err(XmlError::Character(character.into())),
                    Ok(None) => named_entity(&reference.clone().into_inner())?,
                    Err(error) => {
                        return Err(XmlError::Malformed {
                            position: reader.buffer_position(),
                            message: error.to_string(),
                        });
                    }
                };
                builder.reference(resolved)?;
            }
            Event::Decl(_) if first => {}
            Event::Decl(_) => return Err(XmlError::Forbidden("a second or late XML declaration")),
            Event::Comment(_) => {}
            Event::PI(_) => return Err(XmlError::Forbidden("a processing instruction")),
            Event::DocType(_) => return Err(XmlError::Forbidden("a document type declaration")),
            Event::Eof => return builder.finish(),
        }
        first = false;
    }
}

fn named_entity(name: &str) -> Result<char, XmlError> {
    Ok(match name {
        "lt" => '<',
        "gt" => '>',
        "amp" => '&',
        "apos" => '\'',
        "quot" => '"',
        _ => return Err(XmlError::UnknownEntity(name.to_owned())),
    })
}

/// The Char production of XML 1.0 s2.2.
pub(super) fn is_xml_char(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\r' | ' '..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..='\u{10FFFF}')
}

/// One shared string per namespace in use.
#[derive(Default)]
struct Names(Vec<Arc<str>>);

impl Names {
    fn resolve(&mut self, resolved: ResolveResult<'_>) -> Result<Arc<str>, XmlError> {
        match resolved {
            ResolveResult::Bound(namespace) => {
                let raw = namespace.into_inner();
                if !raw.contains(['&', '\t', '\n', '\r']) {
                    return Ok(self.intern(raw));
                }
                // The resolver keeps the declaration as it was written. What is wrong with it is reported where it
                // stands.
                let resolved = attribute_value(raw, |message| XmlError::Malformed { position: 0, message });
                Ok(self.intern(resolved.as_deref().unwrap_or(raw)))
            }
            ResolveResult::Unbound => Ok(self.intern("")),
            ResolveResult::Unknown(prefix) => Err(XmlError::UndeclaredPrefix(prefix)),
        }
    }

    fn intern(&mut self, uri: &str) -> Arc<str> {
        // Newer vendor pages print the schema namespaces with https, and some clients copy that.
        let normal = uri.strip_prefix("https://schemas.").map(|rest| format!("http://schemas.{rest}"));
        let uri = normal.as_deref().unwrap_or(uri);
        if let Some(known) = self.0.iter().find(|known| &***known == uri) {
            return known.clone();
        }
        let name: Arc<str> = uri.into();
        // Past this many the document is odd: stop remembering rather than searching a long list.
        if self.0.len() < 64 {
            self.0.push(name.clone());
        }
        name
    }
}

#[derive(Default)]
struct Builder {
    names: Names,
    stack: Vec<Element>,
    root: Option<Element>,
}

impl Builder {
    fn element(
        &mut self,
        namespace: Arc<str>,
        start: &BytesStart<'_>,
        reader: &NsReader<&[u8]>,
    ) -> Result<Element, XmlError> {
        let malformed = |message: String| XmlError::Malformed { position: reader.buffer_position(), message };
        check_name(start.name().into_inner()).map_err(malformed)?;
        if start.name().into_inner().starts_with("xmlns:") {
            // Namespaces in XML 1.0 s3; the resolver would bind it.
            return Err(malformed("an element cannot have the prefix xmlns".to_owned()));
        }
        let mut attributes: Vec<Attribute> = Vec::new();
        for (count, attribute) in start.attributes().enumerate() {
            if count >= MAX_ATTRIBUTES {
                return Err(XmlError::TooManyAttributes);
            }
            let attribute = attribute.map_err(|error| malformed(error.to_string()))?;
            check_name(attribute.key.into_inner()).map_err(malformed)?;
            let value = attribute_value(&attribute.value, malformed)?;
            if attribute.key.as_namespace_binding().is_some() {
                if value.is_empty() && attribute.key.prefix().is_some() {
                    return Err(malformed("a prefix cannot be bound to an empty namespace".to_owned()));
                }
                continue;
            }
            let (resolved, local) = reader.resolver().resolve_attribute(attribute.key);
            let namespace = self.names.resolve(resolved)?;
            let name = local.into_inner();
            if attributes.iter().any(|other| &*other.name == name && other.namespace == namespace) {
                return Err(XmlError::DuplicateAttribute(name.to_owned()));
            }
            attributes.push(Attribute { namespace, name: name.into(), value: value.into() });
        }
        Ok(Element { namespace, name: start.local_name().into_inner().into(), attributes, nodes: Vec::new() })
    }

    fn open(&mut self, element: Element) -> Result<(), XmlError> {
        if self.root.is_some() {
            return Err(XmlError::OutsideRoot("a second root element"));
        }
        if self.stack.len() >= MAX_DEPTH {
            return Err(XmlError::TooDeep);
        }
        self.stack.push(element);
        Ok(())
    }

    fn close(&mut self) -> Result<(), XmlError> {
        let element = self.stack.pop().ok_or(XmlError::OutsideRoot("an end tag"))?;
        match self.stack.last_mut() {
            Some(parent) => parent.nodes.push(Node::Element(element)),
            None => self.root = Some(element),
        }
        Ok(())
    }

    fn text(&mut self, text: &str) -> Result<(), XmlError> {
        if self.stack.is_empty() && text.bytes().all(|byte| byte.is_ascii_whitespace()) {
            return Ok(());
        }
        if text.contains("]]>") {
            return Err(XmlError::Forbidden("]]> in text"));
        }
        self.cdata(text)
    }

    fn reference(&mut self, character: char) -> Result<(), XmlError> {
        self.cdata(character.encode_utf8(&mut [0; 4]))
    }

    fn cdata(&mut self, text: &str) -> Result<(), XmlError> {
        let parent = self.stack.last_mut().ok_or(XmlError::OutsideRoot("text"))?;
        match parent.nodes.last_mut() {
            Some(Node::Text(before)) => before.push_str(text),
            _ => parent.nodes.push(Node::Text(text.to_owned())),
        }
        Ok(())
    }

    fn finish(self) -> Result<Element, XmlError> {
        match self.stack.last() {
            Some(open) => Err(XmlError::Unclosed(open.name.to_string())),
            None => self.root.ok_or(XmlError::Empty),
        }
    }
}

/// Names as far as it matters here: no empty part, at most one colon, no character that only markup has.
fn check_name(name: &str) -> Result<(), String> {
    let bad = |character: char| !(character.is_alphanumeric() || matches!(character, '_' | '-' | '.' | ':' | '\u{B7}'));
    let starts = |part: &str| part.chars().next().is_some_and(|first| first.is_alphabetic() || first == '_');
    let mut parts = name.split(':');
    let well_formed = match (parts.next(), parts.next(), parts.next()) {
        (Some(local), None, None) => starts(local),
        (Some(prefix), Some(local), None) => starts(prefix) && starts(local),
        _ => false,
    };
    if well_formed && !name.contains(bad) { Ok(()) } else { Err(format!("{name:?} is not a name")) }
}

/// An attribute value with its references resolved and white space normalized (XML 1.0 s3.3.3).
fn attribute_value(raw: &str, malformed: impl Fn(String) -> XmlError) -> Result<String, XmlError> {
    if raw.contains('<') {
        return Err(malformed("< in an attribute value".to_owned()));
    }
    let mut value = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some((before, after)) = rest.split_once('&') {
        push_normalized(&mut value, before);
        let Some((name, tail)) = after.split_once(';') else {
            return Err(malformed("& without ; in an attribute value".to_owned()));
        };
        let character = match name.strip_prefix('#') {
            None => named_entity(name)?,
            Some(digits) => {
                let code = match digits.strip_prefix('x') {
                    Some(hex) if hex.bytes().all(|byte| byte.is_ascii_hexdigit()) => u32::from_str_radix(hex, 16).ok(),
                    None if digits.bytes().all(|byte| byte.is_ascii_digit()) => digits.parse().ok(),
                    _ => None,
                };
                let code = code.ok_or_else(|| malformed(format!("&#{digits}; is not a character reference")))?;
                char::from_u32(code).filter(|&character| is_xml_char(character)).ok_or(XmlError::Character(code))?
            }
        };
        value.push(character);
        rest = tail;
    }
    push_normalized(&mut value, rest);
    Ok(value)
}

fn push_normalized(value: &mut String, text: &str) {
    value.extend(text.chars().map(|character| if matches!(character, '\t' | '\n' | '\r') { ' ' } else { character }));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ns;

    #[test]
    fn refuses_what_soap_forbids() {
        for (text, expected) in [
            ("", XmlError::Empty),
            ("<!-- x -->", XmlError::Empty),
            ("<a>", XmlError::Unclosed("a".to_owned())),
            ("<a/><b/>", XmlError::OutsideRoot("a second root element")),
            ("<a/>x", XmlError::OutsideRoot("text")),
            ("x<a/>", XmlError::OutsideRoot("text")),
            ("<a/>&amp;", XmlError::OutsideRoot("text")),
            ("<p:a/>", XmlError::UndeclaredPrefix("p".to_owned())),
            ("<a p:b='1'/>", XmlError::UndeclaredPrefix("p".to_owned())),
            ("<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", XmlError::Forbidden("a document type declaration")),
            ("<?php x?><a/>", XmlError::Forbidden("a processing instruction")),
            ("<a><?xml version='1.0'?></a>", XmlError::Forbidden("a second or late XML declaration")),
            ("<a>&b;</a>", XmlError::UnknownEntity("b".to_owned())),
            ("<a b='&c;'/>", XmlError::UnknownEntity("c".to_owned())),
            ("<a>\u{1}</a>", XmlError::Character(1)),
            ("<a>&#1;</a>", XmlError::Character(1)),
            ("<a b='&#x1B;'/>", XmlError::Character(27)),
            ("<a xmlns:x='u' xmlns:y='u' x:b='1' y:b='2'/>", XmlError::DuplicateAttribute("b".to_owned())),
            ("<a>]]></a>", XmlError::Forbidden("]]> in text")),
        ] {
            assert_eq!(parse(text), Err(expected), "{text}");
        }
        for text in [
            "<a></b>",
            "<a b=1/>",
            "<a b='1' b='2'/>",
            "<a b='<'/>",
            "<a b='&'/>",
            "<a b='&#AA;'/>",
            "<a @@@ />",
            "</a>",
            "<a xmlns:p=''/>",
            "<1/>",
            "<a:b:c xmlns:a='u'/>",
            "<a>&#0;</a>",
            "<a b='&#+65;'/>",
            "<a",
            "<",
            "<a>&amp",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn counts_depth_and_attributes() {
        let deep = |count| format!("{}{}", "<a>".repeat(count), "</a>".repeat(count));
        assert!(parse(&deep(MAX_DEPTH)).is_ok());
        assert_eq!(parse(&deep(MAX_DEPTH + 1)), Err(XmlError::TooDeep));
        let wide = |count| format!("<a {}/>", (0..count).map(|n| format!("b{n}='' ")).collect::<String>());
        assert!(parse(&wide(MAX_ATTRIBUTES)).is_ok());
        assert_eq!(parse(&wide(MAX_ATTRIBUTES + 1)), Err(XmlError::TooManyAttributes));
    }

    #[test]
    fn joins_text_references_and_cdata() {
        let root =
            parse("<?xml version=\"1.0\"?>\n<a b=' &lt;&#65;\t'>x&#x41;&amp;<![CDATA[<&]]>y<!-- c --></a>\n").unwrap();
        assert_eq!(root.text(), "xA&<&y");
        assert_eq!(root.attribute("", "b"), Some(" <A "));
    }

    #[test]
    fn references_in_namespaces_are_resolved() {
        let root = parse("<p:a xmlns:p='urn:x?a&amp;b'/>").unwrap();
        assert_eq!(&*root.namespace, "urn:x?a&b");
        assert_eq!(parse(&root.to_xml()).unwrap(), root);
        assert!(matches!(parse("<p:a xmlns:p='urn:x?a&b'/>"), Err(XmlError::Malformed { .. })));
    }

    #[test]
    fn elements_have_no_xmlns_prefix() {
        assert!(matches!(parse("<a><xmlns:b/></a>"), Err(XmlError::Malformed { .. })));
    }

    #[test]
    fn https_schema_namespaces_are_the_http_ones() {
        let root = parse("<a xmlns='https://schemas.dmtf.org/wbem/wsman/1/wsman.xsd'/>").unwrap();
        assert!(root.is(ns::WSMAN, "a"));
    }
}
