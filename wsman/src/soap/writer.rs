//! Writing XML: no declaration, no white space between elements, prefixes chosen by the caller.

use super::reader::is_xml_char;

/// Appends XML to a string. The caller keeps tags balanced; attributes go between [`start`](Self::start) and the
/// content.
///
/// ```
/// let mut xml = wsman::soap::XmlWriter::new();
/// xml.start("s:Body").end("s:Body");
/// xml.start("a").attribute("b", "1\"").text("<").end("a").leaf("c");
/// assert_eq!(xml.finish(), "<s:Body></s:Body><a b=\"1&quot;\">&lt;</a><c/>");
/// ```
#[derive(Debug, Default)]
pub struct XmlWriter {
    out: String,
    open: bool,
}

impl XmlWriter {
    /// An empty writer.
    pub fn new() -> Self {
        Self::default()
    }

    /// Bytes written so far.
    pub fn len(&self) -> usize {
        self.out.len()
    }

    /// Whether nothing was written yet.
    pub fn is_empty(&self) -> bool {
        self.out.is_empty()
    }

    /// Opens an element.
    pub fn start(&mut self, name: &str) -> &mut Self {
        self.close_tag();
        self.out.push('<');
        self.out.push_str(name);
        self.open = true;
        self
    }

    /// Opens an element whose name is made of a prefix and a local name.
    pub fn start_in(&mut self, prefix: &str, name: &str) -> &mut Self {
        self.close_tag();
        self.out.push('<');
        self.push_name(prefix, name);
        self.open = true;
        self
    }

    /// Writes an attribute of the element just opened.
    pub fn attribute(&mut self, name: &str, value: &str) -> &mut Self {
        debug_assert!(self.open, "attribute {name} outside a tag");
        self.out.push(' ');
        self.out.push_str(name);
        self.out.push_str("=\"");
        escape(&mut self.out, value, true);
        self.out.push('"');
        self
    }

    /// Declares a prefix on the element just opened.
    pub fn declare(&mut self, prefix: &str, uri: &str) -> &mut Self {
        self.out.push_str(" xmlns:");
        self.out.push_str(prefix);
        self.out.push_str("=\"");
        escape(&mut self.out, uri, true);
        self.out.push('"');
        self
    }

    /// Writes text. A character XML does not have becomes U+FFFD.
    pub fn text(&mut self, text: &str) -> &mut Self {
        self.close_tag();
        escape(&mut self.out, text, false);
        self
    }

    /// Writes what is XML already.
    pub fn raw(&mut self, xml: &str) -> &mut Self {
        self.close_tag();
        self.out.push_str(xml);
        self
    }

    /// Closes an element with an end tag, also when it is empty: `<a></a>`.
    pub fn end(&mut self, name: &str) -> &mut Self {
        self.close_tag();
        self.out.push_str("</");
        self.out.push_str(name);
        self.out.push('>');
        self
    }

    /// [`end`](Self::end) for a name made of a prefix and a local name.
    pub fn end_in(&mut self, prefix: &str, name: &str) -> &mut Self {
        self.close_tag();
        self.out.push_str("</");
        self.push_name(prefix, name);
        self.out.push('>');
        self
    }

    /// Closes the element just opened as an empty one: `<a/>`.
    pub fn end_empty(&mut self) -> &mut Self {
        self.out.push_str("/>");
        self.open = false;
        self
    }

    /// An element that holds nothing: `<a/>`.
    pub fn leaf(&mut self, name: &str) -> &mut Self {
        self.start(name).end_empty()
    }

    /// An element that holds text.
    pub fn element(&mut self, name: &str, text: &str) -> &mut Self {
        self.start(name).text(text).end(name)
    }

    /// The text written.
    pub fn finish(mut self) -> String {
        self.close_tag();
        self.out
    }

    fn close_tag(&mut self) {
        if std::mem::take(&mut self.open) {
            self.out.push('>');
        }
    }

    fn push_name(&mut self, prefix: &str, name: &str) {
        self.out.push_str(prefix);
        self.out.push(':');
        self.out.push_str(name);
    }
}

fn escape(out: &mut String, text: &str, attribute: bool) {
    let special = |character: char| {
        matches!(character, '<' | '>' | '&' | '\r')
            || (attribute && matches!(character, '"' | '\t' | '\n'))
            || !is_xml_char(character)
    };
    let mut rest = text;
    while let Some((at, character)) = rest.char_indices().find(|&(_, character)| special(character)) {
        let (before, after) = rest.split_at(at);
        out.push_str(before);
        match character {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            // As it is, a reader would turn it into a line feed or a space.
            '\r' => out.push_str("&#xD;"),
            '\n' => out.push_str("&#xA;"),
            '\t' => out.push_str("&#x9;"),
            _ => out.push(char::REPLACEMENT_CHARACTER),
        }
        rest = after.get(character.len_utf8()..).unwrap_or_default();
    }
    out.push_str(rest);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::soap::parse;

    #[test]
    fn what_is_written_reads_back() {
        let nasty = "a<b>&\"'\r\n\t]]> \u{10FFFF}";
        let mut xml = XmlWriter::new();
        xml.start("a").attribute("b", nasty).text(nasty).end("a");
        let root = parse(&xml.finish()).unwrap();
        assert_eq!(root.text(), nasty);
        assert_eq!(root.attribute("", "b"), Some(nasty));
    }

    #[test]
    fn control_characters_are_replaced() {
        let mut xml = XmlWriter::new();
        xml.element("a", "\u{1B}[31m\u{0}");
        assert_eq!(xml.finish(), "<a>\u{FFFD}[31m\u{FFFD}</a>");
    }
}
