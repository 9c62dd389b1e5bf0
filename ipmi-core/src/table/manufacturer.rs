//! Manufacturer ids: IANA enterprise numbers of who makes servers, boards and controllers (IPMI 2.0 s20.1).

use std::fmt;

/// A 20-bit IANA enterprise number. Unlisted numbers are values too.
///
/// ```
/// use ipmi_core::table::Manufacturer;
/// assert_eq!(Manufacturer(674).to_string(), "Dell Inc.");
/// assert_eq!(Manufacturer(0xABCDE).to_string(), "Unknown (0xABCDE)");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Manufacturer(pub u32);

/// Numbers and names in the words of IANA's list, which is what ipmitool prints, in order of the number.
pub const TABLE: &[(Manufacturer, &str)] = &[
    (Manufacturer(2), "IBM (https://w3.ibm.com/standards )"),
    (Manufacturer(11), "Hewlett-Packard"),
    (Manufacturer(34), "Cray"),
    (Manufacturer(42), "Sun Microsystems"),
    (Manufacturer(59), "Silicon Graphics, Inc."),
    (Manufacturer(94), "Nokia"),
    (Manufacturer(107), "Bull Company"),
    (Manufacturer(108), "Emulex Corporation"),
    (Manufacturer(111), "Oracle"),
    (Manufacturer(116), "Hitachi, Ltd."),
    (Manufacturer(119), "NEC Corporation"),
    (Manufacturer(161), "Motorola"),
    (Manufacturer(186), "Toshiba Corporation"),
    (Manufacturer(193), "Ericsson AB"),
    (Manufacturer(211), "Fujitsu Limited"),
    (Manufacturer(223), "Unisys_Corp"),
    (Manufacturer(231), "Fujitsu Technology Solutions GmbH (formerly 'Fujitsu Siemens Computers')"),
    (Manufacturer(236), "Samsung Electronics Co., LTD."),
    (Manufacturer(259), "ACCTON Technology"),
    (Manufacturer(311), "Microsoft"),
    (Manufacturer(318), "American Power Conversion Corp."),
    (Manufacturer(343), "Intel Corporation"),
    (Manufacturer(347), "Seagate Technology"),
    (Manufacturer(368), "Axis Communications AB"),
    (Manufacturer(373), "Tatung Co., Ltd."),
    (Manufacturer(399), "Hitachi Computer Products (America), Inc."),
    (Manufacturer(458), "Stratus Computer"),
    (Manufacturer(534), "Eaton Corporation"),
    (Manufacturer(674), "Dell Inc."),
    (Manufacturer(1139), "EMC Corp"),
    (Manufacturer(1449), "QUALCOMM Incorporated"),
    (Manufacturer(2011), "HUAWEI Technology Co.,Ltd"),
    (Manufacturer(2254), "Delta Electronics, Inc."),
    (Manufacturer(2487), "Phoenix Technologies Ltd."),
    (Manufacturer(2606), "Rittal-Werk Rudolf Loh GmbH & Co.KG"),
    (Manufacturer(2623), "ASUSTek Computer Inc."),
    (Manufacturer(2636), "Juniper Networks, Inc."),
    (Manufacturer(3704), "Advanced Micro Devices, Inc"),
    (Manufacturer(4128), "ARM Ltd."),
    (Manufacturer(4329), "Siemens AG"),
    (Manufacturer(4337), "RadiSys Corp."),
    (Manufacturer(4413), "Broadcom Limited"),
    (Manufacturer(4525), "Micron Technology, Inc."),
    (Manufacturer(4753), "MontaVista Software, Inc."),
    (Manufacturer(4769), "IBM Corporation"),
    (Manufacturer(4843), "Amazon.com Inc."),
    (Manufacturer(5127), "Western Digital Corporation"),
    (Manufacturer(5593), "Magnum Technologies Inc."),
    (Manufacturer(5703), "NVIDIA Corporation"),
    (Manufacturer(5771), "Cisco Systems, Inc."),
    (Manufacturer(6305), "Flextronics International"),
    (Manufacturer(6569), "INVENTEC CORPORATION"),
    (Manufacturer(6653), "Tyan Computer Corporation"),
    (Manufacturer(7154), "Intelligent Platform Management Interface forum"),
    (Manufacturer(7244), "Quanta Computer Inc."),
    (Manufacturer(9091), "MICRO-STAR INT'L CO., Ltd."),
    (Manufacturer(9237), "Viking Enterprise Solutions"),
    (Manufacturer(9342), "Penguin Computing"),
    (Manufacturer(10297), "Advantech Co., Ltd."),
    (Manufacturer(10368), "Fujitsu Technology Solutions GmbH (formerly 'Fujitsu Siemens Computers')"),
    (Manufacturer(10418), "Avocent Corporation"),
    (Manufacturer(10437), "Peppercon AG"),
    (Manufacturer(10808), "China Greatwall Computer Shenzhen Co., LTD"),
    (Manufacturer(10876), "Super Micro Computer Inc."),
    (Manufacturer(11102), "OSA Technologies Inc."),
    (Manufacturer(11129), "Google, Inc."),
    (Manufacturer(11161), "Wistron Corporation"),
    (Manufacturer(11183), "Mitac International Corp."),
    (Manufacturer(11591), "Free Software Foundation"),
    (Manufacturer(12244), "Celestica Corporation"),
    (Manufacturer(12634), "PICMG"),
    (Manufacturer(13400), "Vertiv Tech Co.,Ltd. (formerly 'Emerson Network Power Co.,Ltd.')"),
    (Manufacturer(13427), "Artesyn Embedded Technologies"),
    (Manufacturer(13742), "Raritan Computer, Inc."),
    (Manufacturer(14399), "NEC Platforms, Ltd."),
    (Manufacturer(14485), "Sanmina-SCI Inc"),
    (Manufacturer(15000), "Kontron Canada Inc"),
    (Manufacturer(15370), "GIGA-BYTE TECHNOLOGY CO., LTD"),
    (
        Manufacturer(16394),
        "nVent, Schroff GmbH (formerly 'Pentair Technical Products,' formerly 'Pigeon Point Systems')",
    ),
    (Manufacturer(17084), "HON HAI PRECISION IND. CO., LTD."),
    (Manufacturer(19046), "Lenovo Enterprise Business Group"),
    (Manufacturer(19621), "alibaba"),
    (Manufacturer(20301), "IBM eServer X"),
    (Manufacturer(20569), "Inventec Enterprise System Corp."),
    (Manufacturer(20974), "American Megatrends, Inc"),
    (Manufacturer(21317), "ATEN INTERNATIONAL CO., LTD."),
    (Manufacturer(22238), "FOXCONN Technology Group"),
    (Manufacturer(22742), "Acbel Polytech Inc."),
    (Manufacturer(23858), "VadaTech Inc."),
    (Manufacturer(24339), "ADLINK TECHNOLOGY INC."),
    (Manufacturer(24394), "Concurrent Technologies Plc."),
    (Manufacturer(24673), "ServerEngines LLC"),
    (Manufacturer(25506), "H3C"),
    (Manufacturer(26061), "SMART Embedded Computing, Inc. (formerly 'Artesyn Embedded Technologies')"),
    (Manufacturer(26266), "LITE-ON TECHNOLOGY CORP."),
    (Manufacturer(27238), "Winbond Electronics Corp."),
    (Manufacturer(27500), "Dawning Ltd."),
    (Manufacturer(28458), "Nokia Networks (formerly 'Nokia Siemens Networks')"),
    (Manufacturer(30065), "Arista Networks, Inc. (formerly 'Arastra, Inc.')"),
    (Manufacturer(32022), "Pegatron Computer Inc."),
    (Manufacturer(32353), "Baidu"),
    (Manufacturer(32473), "Example Enterprise Number for Documentation Use"),
    (Manufacturer(33049), "Mellanox Technologies LTD"),
    (Manufacturer(33118), "Freescale Semiconductor"),
    (Manufacturer(33196), "VITA"),
    (Manufacturer(34206), "Penguin Solutions"),
    (Manufacturer(34774), "Huawei Symantec Technologies Co.,Ltd"),
    (Manufacturer(36465), "Data Center Manageability Interface Forum"),
    (Manufacturer(37945), "Inspur(BeiJing) Electronic Information Industry Co.,Ltd"),
    (Manufacturer(40092), "Wiwynn Corporation"),
    (Manufacturer(40981), "Facebook, Inc."),
    (Manufacturer(42623), "Open Compute Project"),
    (Manufacturer(42817), "IBM Platform Firmware Division"),
    (Manufacturer(45065), "Insyde"),
    (Manufacturer(47196), "Hewlett Packard Enterprise"),
    (Manufacturer(47488), "Nedam ENG. Co., ltd."),
    (Manufacturer(48482), "Linaro Ltd"),
    (Manufacturer(48512), "Inspur Group Co.,Ltd."),
    (Manufacturer(49150), "Vertiv Co"),
    (Manufacturer(49622), "ASRock Rack Incorporation"),
    (Manufacturer(49769), "YADRO"),
    (Manufacturer(49871), "OpenBMC Project"),
    (Manufacturer(51974), "Raptor Computing Systems, LLC"),
    (Manufacturer(52538), "Ampere Computing"),
    (Manufacturer(52893), "Inspur Power Systems Co.,Ltd."),
];

impl Manufacturer {
    /// 0: not given.
    pub const UNSPECIFIED: Self = Self(0);
    /// FFFFFh: reserved, used by controllers that name no manufacturer.
    pub const RESERVED: Self = Self(0x0F_FFFF);
    /// Intel: Node Manager and ME records carry it.
    pub const INTEL: Self = Self(343);
    /// Dell.
    pub const DELL: Self = Self(674);
    /// Supermicro.
    pub const SUPERMICRO: Self = Self(10876);
    /// PICMG: group of the ATCA, AMC and MicroTCA records.
    pub const PICMG: Self = Self(12634);
    /// VITA: group of the VPX records.
    pub const VITA: Self = Self(33196);

    /// The number in three bytes, least significant first; bits above 20 are dropped.
    pub const fn from_bytes([low, middle, high]: [u8; 3]) -> Self {
        Self(u32::from_le_bytes([low, middle, high, 0]) & 0x0F_FFFF)
    }

    /// Three bytes, least significant first.
    pub const fn to_bytes(self) -> [u8; 3] {
        let [low, middle, high, _] = self.0.to_le_bytes();
        [low, middle, high]
    }

    /// Name of a listed manufacturer.
    pub fn name(self) -> Option<&'static str> {
        let index = TABLE.binary_search_by_key(&self, |(number, _)| *number).ok()?;
        TABLE.get(index).map(|(_, name)| *name)
    }
}

impl fmt::Display for Manufacturer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.pad(name),
            None if *self == Self::UNSPECIFIED => f.pad("Unknown"),
            None if *self == Self::RESERVED => f.pad("Unspecified"),
            None => write!(f, "Unknown (0x{:02X})", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt::Write;

    #[test]
    fn table_is_in_order_and_matches_the_list() {
        assert!(TABLE.windows(2).all(|pair| pair[0].0 < pair[1].0));
        let mut list = String::new();
        for (number, name) in TABLE {
            writeln!(list, "{} {name}", number.0).unwrap();
        }
        assert_eq!(list, include_str!("../../fixtures/manufacturers.txt"));
    }

    #[test]
    fn bytes_are_least_significant_first() {
        assert_eq!(Manufacturer::from_bytes([0x57, 0x01, 0x00]), Manufacturer::INTEL);
        assert_eq!(Manufacturer::PICMG.to_bytes(), [0x5A, 0x31, 0x00]);
        assert_eq!(Manufacturer::from_bytes([0xFF; 3]).to_string(), "Unspecified");
        assert_eq!(Manufacturer(0).to_string(), "Unknown");
        assert!([Manufacturer::DELL, Manufacturer::SUPERMICRO].iter().all(|known| known.name().is_some()));
    }
}
