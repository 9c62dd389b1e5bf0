//! Products of makers of servers and chips with short lists (IPMI 2.0 s20.1).

/// Ericsson.
pub(super) const ERICSSON: &[(u16, &str)] = &[(0x0054, "Phantom")];

/// Intel.
pub(super) const INTEL: &[(u16, &str)] = &[
    (0x000C, "TSRLT2"),
    (0x001B, "TIGPR2U"),
    (0x0022, "TIGI2U"),
    (0x0026, "Bridgeport"),
    (0x0028, "S5000PAL"),
    (0x0029, "S5000PSL"),
    (0x0100, "Tiger4"),
    (0x0103, "McCarran"),
    (0x0800, "ZT5504"),
    (0x0808, "MPCBL0001"),
    (0x0811, "TIGW1U"),
    (0x4311, "NSI2U"),
];

/// Broadcom.
pub(super) const BROADCOM: &[(u16, &str)] = &[(0x165D, "BCM5725")];

/// YADRO.
pub(super) const YADRO: &[(u16, &str)] = &[
    (0x0001, "VESNIN BMC"),
    (0x000A, "TATLIN.UNIFIED Storage Controller BMC"),
    (0x0014, "VEGMAN Series BMC"),
    (0x0015, "TATLIN.ARCHIVE/xS BMC"),
];
