//! Comparing what two programs printed, line by line.

/// The lines that differ, as `- expected` / `+ found` pairs with line numbers; empty when the texts are equal. At most
/// 40 pairs.
pub fn lines(expected: &str, found: &str) -> Vec<String> {
    let (mut left, mut right) = (expected.split('\n'), found.split('\n'));
    let mut differences = Vec::new();
    for number in 1.. {
        match (left.next(), right.next()) {
            (None, None) => break,
            (a, b) if a == b => {}
            (a, b) => {
                differences.push(format!("{number}\n  - {}\n  + {}", shown(a), shown(b)));
                if differences.len() == 40 {
                    differences.push("...".to_owned());
                    break;
                }
            }
        }
    }
    differences
}

fn shown(line: Option<&str>) -> String {
    line.map_or_else(|| "(nothing)".to_owned(), |line| format!("{line:?}"))
}

/// Fails with the differing lines.
///
/// # Panics
/// When the texts differ.
pub fn assert_same(what: &str, expected: &str, found: &str) {
    let differences = lines(expected, found);
    assert!(differences.is_empty(), "{what} differs at line {}", differences.join("\n"));
}
