//! What is printed: text as Windows has it, XML, JSON.

use std::fmt::Write as _;

use serde_json::{Map, Value};
use wsman::ns;
use wsman::soap::Element;

/// Text without characters that a terminal would act on.
pub(crate) fn printable(text: &str) -> String {
    text.chars()
        .map(|character| {
            if character.is_control() && !matches!(character, '\n' | '\t') {
                char::REPLACEMENT_CHARACTER
            } else {
                character
            }
        })
        .collect()
}

/// An element as indented names and values.
pub(crate) fn text(element: &Element) -> String {
    let mut out = String::new();
    write_text(element, 0, &mut out);
    out
}

fn write_text(element: &Element, depth: usize, out: &mut String) {
    let indent = "    ".repeat(depth);
    // Writing to a string cannot fail.
    let _ = writeln!(out, "{indent}{}", element.name);
    let mut done: Vec<&str> = Vec::new();
    for child in element.children() {
        let same = || element.children().filter(|other| other.name == child.name);
        if child.children().next().is_some() {
            write_text(child, depth + 1, out);
        } else if let Some(name) = child.attribute("", "Name") {
            let _ = writeln!(out, "{indent}    {}: {} = {}", child.name, printable(name), printable(&child.text()));
        } else if !done.contains(&&*child.name) {
            done.push(&child.name);
            let values: Vec<String> =
                same().filter(|other| other.children().next().is_none()).map(value_text).collect();
            let joined = values.join(", ");
            let _ = match joined.as_str() {
                "" => writeln!(out, "{indent}    {}", child.name),
                joined => writeln!(out, "{indent}    {} = {joined}", child.name),
            };
        }
    }
}

fn value_text(element: &Element) -> String {
    if element.is_nil() { "null".to_owned() } else { printable(&element.text()).replace('\n', " ") }
}

/// An element's content as JSON: text, null, an object, or a list where a name is repeated.
pub(crate) fn json(element: &Element) -> Value {
    if element.is_nil() {
        return Value::Null;
    }
    // The wrapper of a datetime says nothing its characters do not.
    let wrapped =
        element.children().next().filter(|child| &*child.namespace == ns::CIM.uri && child.children().next().is_none());
    if let Some(wrapped) = wrapped {
        return json(wrapped);
    }
    if element.children().next().is_none() {
        return Value::String(element.text().into_owned());
    }
    let mut object = Map::new();
    for child in element.children() {
        let (key, value) = match child.attribute("", "Name") {
            Some(name) => (name.to_owned(), json(child)),
            None => (child.name.to_string(), json(child)),
        };
        match object.get_mut(&key) {
            None => {
                object.insert(key, value);
            }
            Some(Value::Array(list)) => list.push(value),
            Some(first) => *first = Value::Array(vec![first.take(), value]),
        }
    }
    Value::Object(object)
}

#[cfg(test)]
mod tests {
    use super::*;
    use wsman::soap::parse;

    const XML: &str = "<p:Fan xmlns:p='urn:f' xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'><p:Name>a\u{9b}b</p:Name>\
                       <p:Status>2</p:Status><p:Status>5</p:Status><p:Speed xsi:nil='true'/><p:Note/>\
                       <p:Set><p:Selector Name='K'>v</p:Selector></p:Set></p:Fan>";

    #[test]
    fn text_is_indented_and_safe() {
        assert_eq!(
            text(&parse(XML).unwrap()),
            "Fan\n    Name = a\u{FFFD}b\n    Status = 2, 5\n    Speed = null\n    Note\n    Set\n        Selector: K = v\n"
        );
    }

    #[test]
    fn json_keeps_nil_and_lists() {
        let expected = serde_json::json!({
            "Name": "a\u{9b}b", "Status": ["2", "5"], "Speed": null, "Note": "", "Set": { "K": "v" }
        });
        assert_eq!(json(&parse(XML).unwrap()), expected);
    }
}
