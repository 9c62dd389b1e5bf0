//! Groups of commands with ipmitool's usage texts.

/// What a group without a subcommand does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Empty {
    /// Runs this subcommand.
    Run(&'static str),
    /// Prints the usage.
    Usage {
        /// With exit status 1.
        fails: bool,
    },
    /// Says so and prints the usage, with exit status 1.
    NotEnough,
}

/// A group of commands.
#[derive(Debug, Clone, Copy)]
pub struct Group {
    /// Its name.
    pub name: &'static str,
    /// Other names.
    pub aliases: &'static [&'static str],
    /// Its name in "Invalid ... command".
    pub title: &'static str,
    /// What it is about, in one line.
    pub about: &'static str,
    /// Usage text.
    pub usage: &'static [&'static str],
    /// What it does without a subcommand.
    pub empty: Empty,
    /// `help` ends with exit status 1.
    pub help_fails: bool,
    /// An unknown subcommand gets the usage too.
    pub usage_when_unknown: bool,
}

/// Every group, in the order ipmitool lists them.
pub const GROUPS: &[Group] = &[
    Group {
        name: "raw",
        aliases: &[],
        title: "raw",
        about: "Send a RAW IPMI request and print response",
        usage: &[],
        empty: Empty::NotEnough,
        help_fails: false,
        usage_when_unknown: false,
    },
    Group {
        name: "record",
        aliases: &[],
        title: "record",
        about: "Print a configuration of bmc-sim that answers as this BMC",
        usage: &[],
        empty: Empty::Usage { fails: false },
        help_fails: false,
        usage_when_unknown: false,
    },
    Group {
        name: "chassis",
        aliases: &[],
        title: "chassis",
        about: "Get chassis status and set power state",
        usage: &["Chassis Commands:", "  status, power, policy, restart_cause", "  poh, identify, bootdev, bootparam"],
        empty: Empty::Usage { fails: true },
        help_fails: true,
        usage_when_unknown: false,
    },
    Group {
        name: "power",
        aliases: &[],
        title: "chassis power",
        about: "Shortcut to chassis power commands",
        usage: &["chassis power Commands: status, on, off, cycle, reset, diag, soft"],
        empty: Empty::Usage { fails: false },
        help_fails: false,
        usage_when_unknown: false,
    },
    Group {
        name: "mc",
        aliases: &["bmc"],
        title: "mc/bmc",
        about: "Management Controller status and global enables",
        usage: &[
            "MC Commands:",
            "  reset <warm|cold>",
            "  guid [auto|smbios|ipmi|rfc4122|dump]",
            "  info",
            "  selftest",
            "  getenables",
            "  setenables <option=on|off> ...",
            "    recv_msg_intr         Receive Message Queue Interrupt",
            "    event_msg_intr        Event Message Buffer Full Interrupt",
            "    event_msg             Event Message Buffer",
            "    system_event_log      System Event Logging",
            "    oem0                  OEM 0",
            "    oem1                  OEM 1",
            "    oem2                  OEM 2",
            "",
        ],
        empty: Empty::NotEnough,
        help_fails: false,
        usage_when_unknown: true,
    },
    Group {
        name: "sdr",
        aliases: &[],
        title: "SDR",
        about: "Print Sensor Data Repository entries and readings",
        usage: &[
            "usage: sdr <command> [options]",
            "               list | elist [option]",
            "                     all           All SDR Records",
            "                     full          Full Sensor Record",
            "                     compact       Compact Sensor Record",
            "                     event         Event-Only Sensor Record",
            "                     mcloc         Management Controller Locator Record",
            "                     fru           FRU Locator Record",
            "                     generic       Generic Device Locator Record",
            "",
            "               type [option]",
            "                     <Sensor_Type> Retrieve the state of specified sensor.",
            "                                   Sensor_Type can be specified either as",
            "                                   a string or a hex value.",
            "                     list          Get a list of available sensor types",
            "",
            "               get <Sensor_ID>",
            "                     Retrieve state of the first sensor matched by Sensor_ID",
            "",
            "               info",
            "                     Display information about the repository itself",
            "",
            "               entity <Entity_ID>[.<Instance_ID>]",
            "                     Display all sensors associated with an entity",
            "",
            "               dump <file>",
            "                     Dump raw SDR data to a file",
        ],
        empty: Empty::Run("list"),
        help_fails: false,
        usage_when_unknown: false,
    },
    Group {
        name: "sensor",
        aliases: &[],
        title: "sensor",
        about: "Print detailed sensor information",
        usage: &["Sensor Commands:  list thresh get reading"],
        empty: Empty::Run("list"),
        help_fails: false,
        usage_when_unknown: false,
    },
    Group {
        name: "fru",
        aliases: &[],
        title: "FRU",
        about: "Print built-in FRU and scan SDR for FRU locators",
        usage: &["FRU Commands:  print read"],
        empty: Empty::Run("print"),
        help_fails: false,
        usage_when_unknown: true,
    },
    Group {
        name: "sel",
        aliases: &[],
        title: "SEL",
        about: "Print System Event Log (SEL)",
        usage: &["SEL Commands:  info clear delete list elist get time save writeraw"],
        empty: Empty::Run("info"),
        help_fails: false,
        usage_when_unknown: false,
    },
    Group {
        name: "sol",
        aliases: &[],
        title: "SOL",
        about: "Configure and connect IPMIv2.0 Serial-over-LAN",
        usage: &[
            "SOL Commands: info [<channel number>]",
            "              set <parameter> <value> [channel]",
            "              payload <enable|disable|status> [channel] [userid]",
            "              activate [<usesolkeepalive|nokeepalive>] [instance=<number>]",
            "              deactivate [instance=<number>]",
            "              looptest [<loop times> [<loop interval(in ms)> [<instance>]]]",
        ],
        empty: Empty::Usage { fails: false },
        help_fails: false,
        usage_when_unknown: true,
    },
    Group {
        name: "cache",
        aliases: &[],
        title: "cache",
        about: "Sensor data records kept between runs",
        usage: &["Cache Commands:  list clear"],
        empty: Empty::Run("list"),
        help_fails: false,
        usage_when_unknown: true,
    },
    Group {
        name: "discover",
        aliases: &[],
        title: "discover",
        about: "This machine's BMCs and the URLs that reach them",
        usage: &[],
        empty: Empty::Usage { fails: true },
        help_fails: false,
        usage_when_unknown: false,
    },
    Group {
        name: "ping",
        aliases: &[],
        title: "ping",
        about: "Ask BMCs on the LAN whether they are there",
        usage: &[],
        empty: Empty::Usage { fails: true },
        help_fails: false,
        usage_when_unknown: false,
    },
];
