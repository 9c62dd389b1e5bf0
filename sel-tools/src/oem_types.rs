//! `-o`: the kinds of BMC that ipmitool has to be told about. What deviates in them is a quirk here, or found out.

use std::io::Write;

/// A kind of BMC.
struct OemType {
    name: &'static str,
    about: &'static str,
    /// The quirk it stands for, when it is one that does not show by itself.
    quirk: Option<&'static str>,
}

const fn found_out(name: &'static str, about: &'static str) -> OemType {
    OemType { name, about, quirk: None }
}

/// In ipmitool's words and order.
const OEM_TYPES: &[OemType] = &[
    found_out("supermicro", "Supermicro IPMIv1.5 BMC with OEM LAN authentication support"),
    found_out("intelwv2", "Intel SE7501WV2 IPMIv1.5 BMC with extra LAN communication support"),
    OemType { name: "intelplus", about: "Intel IPMI 2.0 BMC with RMCP+ communication support", quirk: Some("intel20") },
    found_out("icts", "IPMI 2.0 ICTS compliance support"),
    found_out("ibm", "IBM OEM support"),
    found_out("i82571spt", "Intel 82571 MAC with integrated RMCP+ support in super pass-through mode"),
    found_out("kontron", "Kontron OEM big buffer support"),
    found_out("quanta", "Quanta IPMIv1.5 BMC with OEM LAN authentication support"),
];

/// The quirk that a kind of BMC stands for, if any.
///
/// # Errors
/// When there is no such kind, in ipmitool's words.
pub fn quirk(name: &str) -> Result<Option<&'static str>, String> {
    let row = OEM_TYPES.iter().find(|row| row.name.eq_ignore_ascii_case(name));
    row.map(|row| row.quirk).ok_or_else(|| format!("OEM setup for \"{name}\" failed"))
}

/// Prints what `-o list` prints.
///
/// # Errors
/// When it cannot be written.
pub fn list(to: &mut dyn Write) -> std::io::Result<()> {
    writeln!(to, "\nOEM Support:")?;
    OEM_TYPES.iter().try_for_each(|row| writeln!(to, "\t{:<12} {}", row.name, row.about))?;
    writeln!(to)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_words_and_their_quirks_exist() {
        assert_eq!(quirk("intelplus"), Ok(Some("intel20")));
        assert_eq!(quirk("Supermicro"), Ok(None));
        assert_eq!(quirk("foo").unwrap_err(), "OEM setup for \"foo\" failed");
        let quirks: Vec<String> = OEM_TYPES.iter().filter_map(|row| row.quirk).map(str::to_owned).collect();
        assert_eq!(kernel_bridge::quirk::check(&quirks), Ok(()));
    }

    #[test]
    fn the_list_is_that_of_ipmitool() {
        let mut text = Vec::new();
        list(&mut text).unwrap();
        let text = String::from_utf8(text).unwrap();
        assert!(text.starts_with("\nOEM Support:\n\tsupermicro   Supermicro IPMIv1.5 BMC"), "{text}");
        assert!(text.ends_with("\tquanta       Quanta IPMIv1.5 BMC with OEM LAN authentication support\n\n"), "{text}");
    }
}
