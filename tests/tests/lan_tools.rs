//! What one tool sets, the others read: ipmitool, FreeIPMI and `ipmi` over one `bmc-sim`, each in its own words.
#![allow(clippy::panic, clippy::expect_used, clippy::unwrap_used, clippy::indexing_slicing)]

use tests::bmc_sim::BmcSim;

/// A tool and its command line.
type Words = (&'static str, &'static str);

/// Something set, and what the others say of it then.
struct Change {
    set: Words,
    read: &'static [(&'static str, &'static str, &'static str)],
}

const fn change(set: Words, read: &'static [(&'static str, &'static str, &'static str)]) -> Change {
    Change { set, read }
}

fn run(config: &str, changes: &[Change]) {
    let tools =
        changes.iter().flat_map(|change| std::iter::once(change.set.0).chain(change.read.iter().map(|it| it.0)));
    let tools: Vec<&str> = tools.filter(|tool| *tool != "ipmi").collect();
    let Some(bmc) = BmcSim::start(&tools, config, &[]) else { return };
    for Change { set: (tool, command), read } in changes {
        bmc.ask(tool, command);
        for (reader, question, expected) in *read {
            bmc.expect(reader, question, expected);
        }
    }
}

#[test]
fn users_and_channels() {
    run(
        "",
        &[
            change(
                (
                    "ipmi-config",
                    "--category=core --commit --key-pair=User5:Username=carol --key-pair=User5:Password=secret7 \
                     --key-pair=User5:Enable_User=Yes --key-pair=User5:Lan_Privilege_Limit=Operator \
                     --key-pair=User5:Lan_Enable_IPMI_Msgs=Yes",
                ),
                &[
                    ("ipmitool", "user list 1", "5 carol true false true OPERATOR"),
                    ("ipmitool", "user test 5 16 secret7", "Success"),
                    ("ipmitool", "user summary 1", "Enabled User Count : 2"),
                    ("ipmi-raw", "0 6 0x44 1 5", "rcvd: 44 00 10 42 01 13"),
                    ("ipmi", "raw 6 0x44 1 5", "10 42 01 13"),
                ],
            ),
            change(("ipmitool", "user set name 6 dave"), &[]),
            change(
                ("ipmitool", "channel setaccess 1 6 callin=off ipmi=on link=on privilege=2"),
                &[
                    (
                        "ipmi-config",
                        "--category=core --checkout --key-pair=User6:Username --key-pair=User6:Lan_Privilege_Limit",
                        "Lan_Privilege_Limit User",
                    ),
                    ("ipmi", "raw 6 0x46 6", "64 61 76 65 00"),
                ],
            ),
            change(
                ("ipmi-config", "--category=core --commit --key-pair=Lan_Channel:Volatile_Enable_Per_Message_Auth=No"),
                &[
                    ("ipmitool", "channel info 1", "Per-message Auth : disabled"),
                    ("ipmi", "raw 6 0x41 1 0x80", "12 04"),
                ],
            ),
            change(
                ("ipmi", "raw 6 0x4c 1 0x06 2 0 0 0"),
                &[("ipmitool", "sol payload status 1 6", "User 6 on channel 1 is enabled")],
            ),
            change(("ipmitool", "session info active"), &[("ipmi", "raw 6 0x3d 0", "02 04 11 7f 00 00 01")]),
        ],
    );
}

#[test]
fn lan_and_serial_over_lan_parameters() {
    run(
        "",
        &[
            change(
                ("ipmi-config", "--category=core --commit --key-pair=Lan_Conf:IP_Address=10.9.8.7"),
                &[
                    ("ipmitool", "lan print 1", "IP Address : 10.9.8.7"),
                    ("ipmi", "raw 0x0c 2 1 3 0 0", "11 0a 09 08 07"),
                    ("ipmi-raw", "0 0x0c 2 1 3 0 0", "rcvd: 02 00 11 0A 09 08 07"),
                ],
            ),
            change(
                ("ipmitool", "lan set 1 defgw ipaddr 10.9.8.1"),
                &[(
                    "ipmi-config",
                    "--category=core --checkout --key-pair=Lan_Conf:Default_Gateway_IP_Address",
                    "Default_Gateway_IP_Address 10.9.8.1",
                )],
            ),
            change(
                ("ipmi", "raw 0x0c 1 1 20 77 0x80"),
                &[("ipmi-config", "--category=core --checkout --key-pair=Lan_Conf:Vlan_id", "Vlan_id 77")],
            ),
            change(
                ("ipmitool", "lan set 1 auth ADMIN MD5"),
                &[
                    (
                        "ipmi-config",
                        "--category=core --checkout --key-pair=Lan_Conf_Auth:Admin_Enable_Auth_Type_Straight_Password",
                        "Admin_Enable_Auth_Type_Straight_Password No",
                    ),
                    ("ipmi", "raw 0x0c 2 1 2 0 0", "11 17 17 17 04 00"),
                ],
            ),
            change(
                ("ipmi-config", "--category=core --commit --key-pair=SOL_Conf:SOL_Retry_Count=5"),
                &[("ipmitool", "sol info 1", "Retry Count : 5"), ("ipmi", "raw 0x0c 0x22 1 4 0 0", "11 05")],
            ),
            change(
                ("ipmi-config", "--category=pef --commit --key-pair=Community_String:Community_String=private"),
                &[("ipmitool", "lan print 1", "SNMP Community String : private")],
            ),
        ],
    );
}

#[test]
fn platform_event_filters() {
    run(
        "",
        &[
            change(
                ("ipmi-config", "--category=pef --commit --key-pair=Event_Filter_3:Enable_Filter=Yes"),
                &[
                    ("ipmitool", "pef filter list", "3 | enabled, configurable"),
                    ("ipmi", "raw 4 0x13 7 3 0", "11 03 80"),
                ],
            ),
            change(
                ("ipmitool", "pef policy enable 2"),
                &[(
                    "ipmi-config",
                    "--category=pef --checkout --key-pair=Alert_Policy_2:Policy_Enabled",
                    "Policy_Enabled Yes",
                )],
            ),
            change(
                ("ipmi-config", "--category=pef --commit --key-pair=PEF_Conf:Enable_PEF=Yes"),
                &[("ipmi-raw", "0 4 0x13 1 0 0", "rcvd: 13 00 11 01"), ("ipmi", "raw 4 0x13 1 0 0", "11 01")],
            ),
        ],
    );
}

#[test]
fn chassis_power_and_boot() {
    run(
        "",
        &[
            change(
                ("ipmipower", "--off"),
                &[
                    ("ipmitool", "chassis power status", "Chassis Power is off"),
                    ("ipmi", "chassis power status", "Chassis Power is off"),
                    ("ipmi-chassis", "--get-chassis-status", "System Power : off"),
                ],
            ),
            change(("ipmitool", "chassis power on"), &[("ipmipower", "--stat", ": on")]),
            change(
                ("ipmi-chassis", "--set-power-restore-policy=ALWAYS-ON"),
                &[("ipmitool", "chassis status", "Power Restore Policy : always-on")],
            ),
            change(
                ("ipmitool", "chassis policy always-off"),
                &[("ipmi-chassis", "--get-chassis-status", "Power restore policy : Always off")],
            ),
            change(
                ("ipmi-config", "--category=chassis --commit --key-pair=Chassis_Boot_Flags:Boot_Device=PXE"),
                &[
                    ("ipmitool", "chassis bootparam get 5", "Boot Device Selector : Force PXE"),
                    ("ipmi", "raw 0 9 5 0 0", "01 05 80 04 00 00 00"),
                ],
            ),
            change(
                ("ipmitool", "chassis bootdev cdrom options=persistent,efiboot"),
                &[
                    (
                        "ipmi-config",
                        "--category=chassis --checkout --key-pair=Chassis_Boot_Flags:Boot_Device",
                        "Boot_Device CD-DVD",
                    ),
                    (
                        "ipmi-config",
                        "--category=chassis --checkout --key-pair=Chassis_Boot_Flags:BIOS_Boot_Type",
                        "BIOS_Boot_Type EFI",
                    ),
                    ("ipmi-raw", "0 0 9 5 0 0", "rcvd: 09 00 01 05 E0 14 00 00 00"),
                ],
            ),
            change(
                ("ipmitool", "chassis bootmbox set text 32473 hello"),
                &[("ipmi", "raw 0 9 7 0 0", "68 65 6c 6c 6f")],
            ),
            change(("ipmi-chassis", "--chassis-identify=FORCE"), &[("ipmi", "raw 0 1", "60 00")]),
            change(
                ("ipmitool", "mc watchdog set use=sms action=reset timeout=100 int=nmi pretimeout=2"),
                &[
                    ("ipmi", "raw 6 0x25", "04 21 02 00 e8 03 e8 03"),
                    ("ipmi-raw", "0 6 0x25", "rcvd: 25 00 04 21 02 00 E8 03 E8 03"),
                ],
            ),
            change(("ipmi", "raw 6 0x22"), &[("ipmitool", "mc watchdog get", "Started/Running")]),
            change(("ipmitool", "mc watchdog off"), &[("ipmi", "raw 6 0x25", "04 00")]),
        ],
    );
}

#[test]
fn data_center_manageability() {
    run(
        "",
        &[
            change(("ipmi-dcmi", "--set-asset-tag=RACK-7"), &[("ipmitool", "dcmi asset_tag", "Asset tag: RACK-7")]),
            change(("ipmitool", "dcmi set_asset_tag RACK-8"), &[("ipmi-dcmi", "--get-asset-tag", "RACK-8")]),
            change(
                ("ipmitool", "dcmi power set_limit limit 350"),
                &[("ipmi-dcmi", "--get-power-limit", ": 350 watts")],
            ),
            change(
                ("ipmi-dcmi", "--activate-deactivate-power-limit=ACTIVATE"),
                &[
                    ("ipmitool", "dcmi power get_limit", "Power Limit Active"),
                    ("ipmi", "raw 0x2c 3 0xdc 0 0", "dc 00 00 00 5e 01"),
                ],
            ),
            change(
                ("ipmi-dcmi", "--set-management-controller-identifier-string=node9"),
                &[("ipmitool", "dcmi get_mc_id_string", "node9")],
            ),
            change(
                ("ipmitool", "dcmi power reading"),
                &[
                    ("ipmi-dcmi", "--get-system-power-statistics", "Power Measurement : Active"),
                    ("ipmi-dcmi", "--get-dcmi-sensor-info", "Inlet Temperature SDR Record IDs"),
                    ("ipmitool", "dcmi sensors", "Inlet Temp"),
                ],
            ),
        ],
    );
}

#[test]
fn sensors_and_inventory() {
    run(
        "",
        &[
            change(
                ("ipmitool", "sensor thresh P12V lower 9.9 10.2 10.8"),
                &[("ipmi", "sensor get P12V", "Lower Critical : 10.2")],
            ),
            change(
                ("ipmi-config", "--category=sensors --commit --key-pair=2_Inlet_Temp:Upper_Critical_Threshold=44"),
                &[
                    ("ipmitool", "sensor list", "Inlet Temp | 22.000 | degrees C | ok |"),
                    ("ipmi", "raw 4 0x27 1", "2c"),
                ],
            ),
            // A sensor set by hand: the raw value 60 is 60 degrees.
            change(
                ("ipmi-raw", "0 4 0x30 1 1 0x3c"),
                &[("ipmi-sensors", "--record-ids=2", "60.00"), ("ipmitool", "sdr type Temperature", "60 degrees C")],
            ),
            change(
                ("ipmitool", "fru edit 0 field p 4 EX2200-0043"),
                &[
                    ("ipmi-fru", "--device-id=0", "FRU Product Serial Number: EX2200-0043"),
                    ("ipmi", "fru print 0", "Product Serial : EX2200-0043"),
                ],
            ),
        ],
    );
}
