//! Names of manufacturers that the built-in table does not have, from IANA's registry of enterprise numbers where the
//! system keeps a copy (Debian's ipmitool package installs one). Without it nothing fails: the number is shown.

use std::fs::File;
use std::io::{BufRead, BufReader};

use ipmi_core::table::Manufacturer;

const REGISTRY: &str = "/usr/share/misc/enterprise-numbers.txt";
/// Most lines looked at: the registry has a quarter of a million.
const MOST_LINES: usize = 2_000_000;

/// The name of a manufacturer, from the built-in table or else from the registry.
pub fn manufacturer_name(manufacturer: Manufacturer) -> Option<String> {
    if let Some(name) = manufacturer.name() {
        return Some(name.to_owned());
    }
    // Both numbers say that there is no manufacturer; ipmitool has words of its own for them.
    if [Manufacturer::UNSPECIFIED, Manufacturer::RESERVED].contains(&manufacturer) {
        return None;
    }
    find(BufReader::new(File::open(REGISTRY).ok()?), manufacturer.0)
}

/// A number stands alone on its line, the organisation indented by two blanks on the next.
fn find(registry: impl BufRead, number: u32) -> Option<String> {
    let wanted = number.to_string();
    let mut lines = registry.split(b'\n').take(MOST_LINES).map_while(Result::ok);
    lines.find(|line| *line == wanted.as_bytes())?;
    let line = lines.next()?;
    let name = super::output::text::from_bytes(line.strip_prefix(b"  ")?);
    (!name.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_line_below_the_number() {
        let registry = b"Decimal\n| Organization\n\n7\n  Seven Ltd.\n    A Person\n77\n  Double Seven\n8\n".as_slice();
        assert_eq!(find(registry, 7).as_deref(), Some("Seven Ltd."));
        assert_eq!(find(registry, 77).as_deref(), Some("Double Seven"));
        assert_eq!((find(registry, 8), find(registry, 9)), (None, None));
    }

    #[test]
    fn known_names_need_no_file() {
        assert_eq!(manufacturer_name(Manufacturer::DELL).as_deref(), Some("Dell Inc."));
        assert_eq!(manufacturer_name(Manufacturer::UNSPECIFIED), None);
    }
}
