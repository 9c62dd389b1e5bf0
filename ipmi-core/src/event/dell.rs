//! Dell's use of OEM event data: what ipmitool appends in brackets for controllers of this manufacturer.

use super::Event;
use crate::table::SensorType;

/// Event data 2 is the manufacturer's (event data 1, bit 7 as Dell's decoders test it).
const OEM_2: u8 = 0x80;
/// Event data 3 is the manufacturer's.
const OEM_3: u8 = 0x20;
/// Dell's sensor types: security, non-fatal and fatal errors.
const SECURITY: SensorType = SensorType(0xC1);
const NON_FATAL: SensorType = SensorType(0xC2);
const FATAL: SensorType = SensorType(0xC3);

/// POST codes in event data 2 of firmware progress, offset Fh.
const POST_CODES: &[(u8, &str)] = &[
    (0x80, "No memory is detected."),
    (0x81, "Memory is detected but is not configurable."),
    (0x82, "Memory is configured but not usable."),
    (0x83, "System BIOS shadow failed."),
    (0x84, "CMOS failed."),
    (0x85, "DMA controller failed."),
    (0x86, "Interrupt controller failed."),
    (0x87, "Timer refresh failed."),
    (0x88, "Programmable interval timer error."),
    (0x89, "Parity error."),
    (0x8A, "SIO failed."),
    (0x8B, "Keyboard controller failed."),
    (0x8C, "System management interrupt initialization failed."),
    (0x8D, "TXT-SX Error."),
    (0xC0, "Shutdown test failed."),
    (0xC1, "BIOS POST memory test failed."),
    (0xC2, "RAC configuration failed."),
    (0xC3, "CPU configuration failed."),
    (0xC4, "Incorrect memory configuration."),
    (0xFE, "General failure after video."),
];

/// Trusted execution errors in event data 3.
const TXT_ERRORS: &[(u8, &str)] = &[
    (0x01, "BIOS TXT Error"),
    (0x02, "Processor/FIT TXT"),
    (0x03, "BIOS ACM TXT Error"),
    (0x04, "SINIT ACM TXT Error"),
    (0xFF, "Unrecognized TT Error12"),
];

fn text_of(table: &[(u8, &'static str)], code: u8) -> String {
    table.iter().find(|(row, _)| *row == code).map_or_else(String::new, |(_, text)| (*text).to_owned())
}

/// The addition to a sensor-specific event: `None` when event data is not Dell's, empty when nothing is known of it.
pub(super) fn addition(event: &Event, ipmi_version: u8) -> Option<String> {
    let first = event.data.first();
    let (second, third) = (event.data.second(), event.data.third());
    let offset = event.data.offset();
    let oem = first & 0xC0 == OEM_2 || first & 0x30 == OEM_3;
    let watchdog = first == SECURITY.0 && event.sensor_number == 0x23;
    if !oem && !watchdog {
        return None;
    }
    let both = first & OEM_2 != 0 && first & OEM_3 != 0;
    Some(match event.sensor_type {
        SensorType::PROCESSOR if first & 0xC0 == OEM_2 => processor(event),
        SensorType::MEMORY | SensorType::EVENT_LOGGING_DISABLED => memory(event, ipmi_version),
        SensorType::OS_CRITICAL_STOP if offset == 0 && both => text_of(TXT_ERRORS, third),
        SensorType::WATCHDOG2 if first == SECURITY.0 && second == 0x04 => {
            "Hard Reset|Interrupt type None,SMS/OS Timer used at expiration".to_owned()
        }
        SensorType::VERSION_CHANGE if offset == 2 && both && second == 0x02 => match third {
            0 => "between BMC/iDRAC Firmware and other hardware".to_owned(),
            1 => "between BMC/iDRAC Firmware and CPU".to_owned(),
            _ => String::new(),
        },
        SECURITY if event.sensor_number == 0x25 => match offset {
            1 if both => format!("Failed to program Virtual Mac Address at {}", pci(second, third)),
            1 => "Failed to program Virtual Mac Address".to_owned(),
            2 => "Device option ROM failed to support link tuning or flex address".to_owned(),
            3 => "Failed to get link tuning or flex address data from BMC/iDRAC".to_owned(),
            _ => String::new(),
        },
        SensorType::CRITICAL_INTERRUPT | NON_FATAL | FATAL => bus(event, both),
        SensorType::SYSTEM_FIRMWARES if offset == 0x0F && first & OEM_2 != 0 => text_of(POST_CODES, second),
        _ => String::new(),
    })
}

/// True for the events whose addition stands alone, in brackets, when the tables have no text.
pub(super) fn stands_alone(event: &Event) -> bool {
    matches!(
        (event.sensor_type, event.data.offset()),
        (SensorType::SYSTEM_FIRMWARES, 0x0F) | (SECURITY, 1..=3) | (NON_FATAL, 0 | 2) | (FATAL, 1)
    )
}

fn pci(second: u8, third: u8) -> String {
    format!("bus:{:02x} device:{:02x} function:{:x}", third & 0x7F, second >> 3, second & 7)
}

fn processor(event: &Event) -> String {
    let (offset, second) = (event.data.offset(), event.data.second());
    if second != 0 {
        let number = second.trailing_zeros() + 1;
        return if offset == 6 && event.sensor_number == 0x0A {
            format!("FSB {number} ")
        } else {
            format!("CPU {number} | APIC ID {} ", event.data.third())
        };
    }
    match offset {
        0 => "CPU Internal Err | ".to_owned(),
        6 => "CPU Protocol Err | ".to_owned(),
        _ => String::new(),
    }
}

fn bus(event: &Event, both: bool) -> String {
    let (offset, second, third) = (event.data.offset(), event.data.second(), event.data.third());
    // 29h is the sensor of the processor links.
    if event.sensor_number == 0x29 {
        if offset != 2 || !both {
            return String::new();
        }
        return format!(
            "Partner-(LinkId:{},AgentId:{})|ReportingAgent(LinkId:{},AgentId:{})|{}{}|RA-Type:{}",
            second & 0xC0,
            second & 0x30,
            second & 0x0C,
            second & 0x03,
            if third & 0xFC == 0 { "LinkWidthDegraded|" } else { "" },
            if third & 2 != 0 { "PA_Type:IOH" } else { "PA-Type:CPU" },
            if third & 1 != 0 { "IOH" } else { "CPU" },
        );
    }
    let what = match offset {
        0 => "PCIe Error |",
        1 => "I/O Error |",
        2 => return "IO channel Check NMI".to_owned(),
        4 => "PCI PERR |",
        5 => "PCI SERR |",
        _ => " ",
    };
    if third & 0x80 != 0 { format!("{what}Slot {}", third & 0x7F) } else { format!("{what}PCI {}", pci(second, third)) }
}

fn memory(event: &Event, ipmi_version: u8) -> String {
    /// Version byte of IPMI 1.5 controllers, which name banks instead of counting modules.
    const IPMI_1_5: u8 = 0x51;
    let (first, second, third) = (event.data.first(), event.data.second(), event.data.third());
    let is_memory = event.sensor_type == SensorType::MEMORY;
    let mut text = match (is_memory, event.data.offset()) {
        (true, 0) if event.sensor_number == 0x1C => return crc_error(event),
        (true, 0) => "Correctable ECC | ",
        (true, 1) => "UnCorrectable ECC | ",
        (false, 0) => "Corr Memory Log Disabled | ",
        _ => "",
    }
    .to_owned();
    let (card, bank) = (second >> 4, second & 0x0F);
    let mut base = 0;
    if first & OEM_2 != 0 {
        if card < 8 {
            text.push_str(&format!("Card {}", char::from(b'A' + card)));
        }
        match bank {
            0x0F => {}
            bank if ipmi_version == IPMI_1_5 => text.push_str(&format!("Bank {}", bank + 1)),
            bank => base = bank << 3,
        }
    }
    if first & OEM_3 != 0 {
        if ipmi_version == IPMI_1_5 {
            text.push_str(&format!("DIMM {}", char::from(b'A'.wrapping_add(third))));
        } else {
            let per_node = match card {
                0x8 => Some(4),
                0x9 => Some(6),
                0xA => Some(8),
                0xB => Some(9),
                0xC => Some(12),
                0xD => Some(24),
                0xE => Some(3),
                _ => None,
            };
            let modules: Vec<_> = (0..8)
                .filter(|bit| third >> bit & 1 == 1)
                .map(|bit| match per_node {
                    Some(per_node) => {
                        let node = char::from(b'A' + (base + bit) / per_node);
                        format!(" DIMM{node}{}", (base + bit) % per_node + 1)
                    }
                    None => format!(" DIMM{}", base + bit + 1),
                })
                .collect();
            text.push_str(&modules.join(","));
        }
    }
    text
}

fn crc_error(event: &Event) -> String {
    const LINKS: [&str; 4] =
        ["South Bound Memory", "South Bound Config", "North Bound memory", "North Bound memory-corr"];
    let (first, second, third) = (event.data.first(), event.data.second(), event.data.third());
    if first & OEM_2 == 0 || first & OEM_3 == 0 {
        return String::new();
    }
    let links: Vec<_> =
        LINKS.iter().zip(0..).filter(|(_, bit)| second >> bit & 1 == 1).map(|(link, _): (_, u8)| *link).collect();
    let channel = if third == 0xFF { String::new() } else { format!("|Failing_Channel:{third}") };
    format!("CRC Error on:{}{channel}", links.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{EventData, EventDirection};
    use crate::table::EventReadingType;

    fn event(sensor_type: u8, sensor_number: u8, data: [u8; 3]) -> Event {
        Event {
            sensor_type: SensorType(sensor_type),
            sensor_number,
            event_type: EventReadingType::SENSOR_SPECIFIC,
            direction: EventDirection::Asserted,
            data: EventData(data),
        }
    }

    #[test]
    fn additions() {
        for (sensor_type, number, data, text) in [
            (0x05, 0x73, [0x80, 0x02, 0xFF], Some("")),
            (0x05, 0x73, [0x00, 0x02, 0xFF], None),
            (0x07, 0x60, [0x80, 0x02, 0x10], Some("CPU 2 | APIC ID 16 ")),
            (0x07, 0x0A, [0x86, 0x01, 0x10], Some("FSB 1 ")),
            (0x0C, 0x02, [0xA0, 0x81, 0x05], Some("Correctable ECC |  DIMMC1, DIMMC3")),
            (0x0C, 0x02, [0xA1, 0x10, 0x80], Some("UnCorrectable ECC | Card B DIMM8")),
            (
                0x0C,
                0x1C,
                [0xA0, 0x05, 0x01],
                Some("CRC Error on:South Bound Memory,North Bound memory|Failing_Channel:1"),
            ),
            (0x0F, 0x11, [0xAF, 0x80, 0xFF], Some("No memory is detected.")),
            (0x13, 0x18, [0xA5, 0x1A, 0x03], Some("PCI SERR |PCI bus:03 device:03 function:2")),
            (0xC3, 0x1A, [0xA1, 0x00, 0x85], Some("I/O Error |Slot 5")),
            (0x23, 0x23, [0xC1, 0x04, 0xFF], Some("Hard Reset|Interrupt type None,SMS/OS Timer used at expiration")),
        ] {
            assert_eq!(
                addition(&event(sensor_type, number, data), 0x02).as_deref(),
                text,
                "{sensor_type:02X} {data:02X?}"
            );
        }
        assert_eq!(addition(&event(0x0C, 2, [0xA0, 0x11, 1]), 0x51).unwrap(), "Correctable ECC | Card BBank 2DIMM B");
    }

    #[test]
    fn no_byte_combination_panics() {
        for sensor_type in 0..=255 {
            for first in 0..=255 {
                for (second, third) in [(0, 0), (0xFF, 0xFF), (0xDE, 0xFE), (0x7E, 0x80)] {
                    for number in [0x0A, 0x1C, 0x23, 0x25, 0x29] {
                        let _ = addition(&event(sensor_type, number, [first, second, third]), 2);
                    }
                }
            }
        }
    }
}
