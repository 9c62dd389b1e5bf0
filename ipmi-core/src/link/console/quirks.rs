//! Deviations of BMCs that a console can be told to bear, by the names FreeIPMI gave them.

bitflags::bitflags! {
    /// What a BMC does otherwise than the specification says.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
    pub struct Quirks: u32 {
        /// IPMI 1.5: the BMC uses session id 0.
        const IDZERO = 1 << 0;
        /// IPMI 1.5: authenticated messages come although authentication per message is off.
        const UNEXPECTEDAUTH = 1 << 1;
        /// IPMI 1.5: every message is authenticated, also when the BMC says it need not be.
        const FORCEPERMSG = 1 << 2;
        /// IPMI 1.5: sequence numbers of the BMC come most significant byte first.
        const ENDIANSEQ = 1 << 3;
        /// IPMI 1.5: authentication codes of the BMC are not verified.
        const NOAUTHCODECHECK = 1 << 4;
        /// RMCP+: user names padded to 16 bytes, passwords cut to 16 with HMAC-MD5, the code of RAKP message 3 without
        /// the padding and the bit for the lookup by name, and the value of RAKP message 4 by the integrity algorithm.
        const INTEL20 = 1 << 5;
        /// RMCP+: the code of RAKP message 2 may be a byte too long.
        const SUPERMICRO20 = 1 << 6;
        /// RMCP+: the code of RAKP message 2 may be a byte too long with HMAC-SHA1, and the cipher suite records may be
        /// malformed; [`OPENSESSPRIV`](Self::OPENSESSPRIV) comes with it.
        const SUN20 = 1 << 7;
        /// RMCP+: the BMC hashes the level of the Open Session Request. Every log-in sends the same level there and in
        /// RAKP message 1, so that these BMCs are served without being named.
        const OPENSESSPRIV = 1 << 8;
        /// RMCP+: RAKP message 4 carries a check value in suite 0.
        const INTEGRITYCHECKVALUE = 1 << 9;
        /// What Get Channel Authentication Capabilities says about users, types, Kg and versions is not believed.
        const AUTHCAP = 1 << 10;
        /// Checksums of messages are not compared; the session's own protection stays.
        const NOCHECKSUMCHECK = 1 << 11;
    }
}

/// Every quirk by its name.
const NAMES: [(&str, Quirks); 12] = [
    ("idzero", Quirks::IDZERO),
    ("unexpectedauth", Quirks::UNEXPECTEDAUTH),
    ("forcepermsg", Quirks::FORCEPERMSG),
    ("endianseq", Quirks::ENDIANSEQ),
    ("noauthcodecheck", Quirks::NOAUTHCODECHECK),
    ("intel20", Quirks::INTEL20),
    ("supermicro20", Quirks::SUPERMICRO20),
    ("sun20", Quirks::SUN20),
    ("opensesspriv", Quirks::OPENSESSPRIV),
    ("integritycheckvalue", Quirks::INTEGRITYCHECKVALUE),
    ("authcap", Quirks::AUTHCAP),
    ("nochecksumcheck", Quirks::NOCHECKSUMCHECK),
];

impl Quirks {
    /// The quirk with this name, whatever its case.
    ///
    /// ```
    /// use ipmi_core::link::console::Quirks;
    /// assert_eq!(Quirks::named("IntegrityCheckValue"), Some(Quirks::INTEGRITYCHECKVALUE));
    /// assert_eq!(Quirks::named("spinpoll"), None);
    /// assert_eq!((Quirks::IDZERO | Quirks::AUTHCAP).names().collect::<Vec<_>>(), ["idzero", "authcap"]);
    /// ```
    pub fn named(name: &str) -> Option<Self> {
        NAMES.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, quirk)| *quirk)
    }

    /// The names of those that are set.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        NAMES.iter().filter(move |(_, quirk)| self.contains(*quirk)).map(|(name, _)| *name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_quirk_has_one_name() {
        let all = NAMES.iter().fold(Quirks::empty(), |all, (_, quirk)| all | *quirk);
        assert_eq!(all, Quirks::all());
        for (name, quirk) in NAMES {
            assert_eq!(Quirks::named(name), Some(quirk));
            assert_eq!(quirk.names().collect::<Vec<_>>(), [name]);
        }
    }
}
