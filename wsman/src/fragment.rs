//! Fragment transfer: a part of an instance, addressed with a few steps of XPath (DSP0226 s7.5, wsman reference s6.4).

use crate::addressing::Fragment;
use crate::fault::{Fault, FaultKind};
use crate::ns;
use crate::soap::{Element, XmlWriter};

/// XPath 1.0, the dialect when none is given.
pub const XPATH: &str = "http://www.w3.org/TR/1999/REC-xpath-19991116";
/// Level 1 of XPath, which is all that is understood here.
pub const XPATH_LEVEL_1: &str = "http://schemas.dmtf.org/wbem/wsman/1/wsman/xpath/1";

/// Every dialect served.
pub const DIALECTS: &[&str] = &[XPATH, XPATH_LEVEL_1];

/// ERROR_WSMAN_MISSING_FRAGMENT_PATH.
const MISSING_PATH: u32 = 2_150_858_897;

/// Most steps in a path.
const MAX_STEPS: usize = 16;

/// A step down: child elements of a name, or one of them.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Step {
    name: String,
    index: Option<usize>,
}

/// A path into an instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path {
    steps: Vec<Step>,
    /// Whether the text is wanted rather than the elements.
    text: bool,
}

impl Path {
    /// Reads the header's expression for an instance of a class: `Prop`, `/Class/Prop`, `Prop[2]`, `Prop/Sub`,
    /// `Prop/text()`.
    ///
    /// # Errors
    /// Another dialect, no expression, or one of another form.
    pub fn parse(fragment: &Fragment, class: &str) -> Result<Self, Fault> {
        if !fragment.dialect.is_empty() && !DIALECTS.iter().any(|known| known.eq_ignore_ascii_case(&fragment.dialect)) {
            let message = format!("The fragment dialect {} is not supported.", fragment.dialect);
            return Err(Fault::new(FaultKind::FragmentDialectUnavailable, message));
        }
        let expression = fragment.expression.trim();
        if expression.is_empty() {
            return Err(
                Fault::new(FaultKind::InvalidFragmentPath, "The fragment path is missing.").with_number(MISSING_PATH)
            );
        }
        let (relative, absolute) = match expression.strip_prefix('/') {
            Some(rest) => (rest, true),
            None => (expression, false),
        };
        let (path, text) = match relative.strip_suffix("/text()") {
            Some(path) => (path, true),
            None => (relative, false),
        };
        let mut steps = path.split('/').take(MAX_STEPS + 1).map(Step::parse).collect::<Option<Vec<_>>>();
        if let Some(found) = steps.as_mut().filter(|_| absolute) {
            // An absolute path begins with the instance itself.
            if found.first().is_some_and(|first| first.name == class && first.index.is_none_or(|index| index == 1)) {
                found.remove(0);
            } else {
                steps = None;
            }
        }
        match steps {
            Some(steps) if (1..=MAX_STEPS).contains(&steps.len()) => Ok(Self { steps, text }),
            _ => Err(invalid(expression, "Property, /Class/Property, Property[2], Property/Part or Property/text()")),
        }
    }

    /// The only property a change through this path is about, and whether its text is replaced.
    ///
    /// # Errors
    /// When the path leads deeper, or to one of several values.
    pub fn property(&self) -> Result<(&str, bool), Fault> {
        match self.steps.as_slice() {
            [Step { name, index: None }] => Ok((name, self.text)),
            _ => Err(Fault::new(FaultKind::InvalidFragmentPath, "Only whole properties can be changed.")),
        }
    }

    /// The first property on the way.
    pub fn first(&self) -> &str {
        self.steps.first().map_or("", |step| &step.name)
    }

    /// Writes what the path leads to in an instance as w:XmlFragment; nothing there is told with xsi:nil.
    pub fn write(&self, instance: &Element, xml: &mut XmlWriter) {
        let mut found = vec![instance];
        for step in &self.steps {
            let all =
                found.into_iter().flat_map(|element| element.children().filter(|child| *child.name == *step.name));
            found = match step.index {
                // Positions count from one.
                Some(index) => all.skip(index.saturating_sub(1)).take(1).collect(),
                None => all.collect(),
            };
        }
        xml.start("w:XmlFragment");
        if found.is_empty() || (self.text && found.iter().all(|element| element.is_nil())) {
            xml.declare("xsi", ns::XSI.uri).attribute("xsi:nil", "true").end_empty();
            return;
        }
        for element in found {
            if self.text {
                xml.text(&element.text());
            } else {
                xml.raw(&element.to_xml());
            }
        }
        xml.end("w:XmlFragment");
    }
}

impl Step {
    fn parse(text: &str) -> Option<Self> {
        let (name, index) = match text.split_once('[') {
            Some((name, rest)) => (name, Some(rest.strip_suffix(']')?.trim().parse().ok().filter(|index| *index > 0)?)),
            None => (text, None),
        };
        // Prefixes are the sender's; names are enough within one instance.
        let name = name.rsplit(':').next().unwrap_or(name).trim();
        let sound = !name.is_empty() && name.chars().all(|character| character.is_alphanumeric() || character == '_');
        sound.then(|| Self { name: name.to_owned(), index })
    }
}

/// The fault for a path that leads nowhere.
pub(crate) fn invalid(expression: &str, expected: &str) -> Fault {
    Fault::new(FaultKind::InvalidFragmentPath, format!("The fragment path {expression} is not one of {expected}."))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::soap::parse;

    fn path(expression: &str) -> Result<Path, FaultKind> {
        let fragment = Fragment { dialect: XPATH.to_owned(), expression: expression.to_owned() };
        Path::parse(&fragment, "Fan").map_err(|fault| fault.kind)
    }

    #[test]
    fn leads_to_elements_and_texts() {
        let fan = parse(
            "<p:Fan xmlns:p='urn:f' xmlns:x='http://www.w3.org/2001/XMLSchema-instance'><p:Name>a&amp;b</p:Name><p:S>1</p:S>\
             <p:S>2</p:S><p:Since><c:D xmlns:c='urn:c'>now</c:D></p:Since><p:None x:nil='true'/></p:Fan>",
        )
        .unwrap();
        let nil = "<w:XmlFragment xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:nil=\"true\"/>";
        for (expression, expected) in [
            ("Name", "<w:XmlFragment><p:Name xmlns:p=\"urn:f\">a&amp;b</p:Name></w:XmlFragment>"),
            ("/Fan/Name/text()", "<w:XmlFragment>a&amp;b</w:XmlFragment>"),
            ("/p:Fan/p:S[2]", "<w:XmlFragment><p:S xmlns:p=\"urn:f\">2</p:S></w:XmlFragment>"),
            ("Since/D/text()", "<w:XmlFragment>now</w:XmlFragment>"),
            ("S[3]", nil),
            ("None/text()", nil),
        ] {
            let mut xml = XmlWriter::new();
            path(expression).unwrap().write(&fan, &mut xml);
            assert_eq!(xml.finish(), expected, "{expression}");
        }
    }

    #[test]
    fn other_forms_are_refused() {
        for bad in ["", "/", "/Other/Name", "/Fan", "//Name", "Name[0]", "Name[x]", "a b", "@id", &"a/".repeat(40)] {
            assert_eq!(path(bad), Err(FaultKind::InvalidFragmentPath), "{bad}");
        }
        let fragment = Fragment { dialect: "urn:x".to_owned(), expression: "Name".to_owned() };
        assert_eq!(Path::parse(&fragment, "Fan").unwrap_err().kind, FaultKind::FragmentDialectUnavailable);
        assert_eq!(path("Name/text()").unwrap().property(), Ok(("Name", true)));
        assert!(path("Name[1]").unwrap().property().is_err());
    }
}
