//! Case folding for names and string values: one character at a time, so that nothing is allocated.

use std::cmp::Ordering;

/// The folded form of a character. The few characters that fold to several keep the first.
pub(crate) fn fold(character: char) -> char {
    if character.is_ascii() {
        character.to_ascii_lowercase()
    } else {
        character.to_lowercase().next().unwrap_or(character)
    }
}

/// The folded form of a text.
pub(crate) fn fold_text(text: &str) -> String {
    text.chars().map(fold).collect()
}

/// Case-insensitive ordinal order.
pub(crate) fn compare_folded(left: &str, right: &str) -> Ordering {
    left.chars().map(fold).cmp(right.chars().map(fold))
}

/// Case-insensitive equality.
pub(crate) fn equal_folded(left: &str, right: &str) -> bool {
    if left.is_ascii() && right.is_ascii() {
        left.eq_ignore_ascii_case(right)
    } else {
        left.chars().map(fold).eq(right.chars().map(fold))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_and_equality_ignore_case() {
        assert!(equal_folded("ÄRGER", "ärger"));
        assert!(equal_folded("Fan", "FAN"));
        assert!(!equal_folded("Fan", "Fän"));
        assert_eq!(compare_folded("DISK%B", "disk_a"), Ordering::Less);
        assert_eq!(compare_folded("fan", "FAN 1"), Ordering::Less);
        assert_eq!(fold_text("T_Base"), "t_base");
    }
}
