//! Text from a BMC made fit for CIM strings, which travel as XML.

use std::sync::Arc;

/// The text with control characters replaced: XML cannot carry them, and terminals obey them.
pub(crate) fn printable(text: &str) -> Arc<str> {
    if text.chars().any(char::is_control) {
        text.chars().map(|c| if c.is_control() { '\u{FFFD}' } else { c }).collect::<String>().into()
    } else {
        text.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_replaced() {
        assert_eq!(&*printable("CPU Temp"), "CPU Temp");
        assert_eq!(&*printable("a\u{1b}[31mb\0"), "a\u{FFFD}[31mb\u{FFFD}");
    }
}
