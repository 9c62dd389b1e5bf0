//! Text from a BMC made fit for CIM strings, which travel as XML and end on terminals.

use std::sync::Arc;

/// The text with control characters replaced, as the command line shows it too.
pub(crate) fn printable(text: &str) -> Arc<str> {
    ipmi_core::text::printable(text).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_replaced() {
        assert_eq!(&*printable("CPU Temp"), "CPU Temp");
        assert_eq!(&*printable("a\u{1b}[31mb\0"), "a.[31mb.");
    }
}
