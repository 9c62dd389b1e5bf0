//! Who names the sensor types from C0h on: the maker of the controller, or the group whose extension it follows (IPMI
//! 2.0 table 42-3; PICMG 3.0 s3.4, Get PICMG Properties; VITA 46.11, Get VSO Capabilities).

use ipmi_core::table::{Manufacturer, SensorType};
use ipmi_core::{CompletionCode, NetFn, Request, Target};
use kernel_bridge::Bmc;

/// First type the specification leaves to others.
const OEM: u8 = 0xC0;
/// Get PICMG Properties and Get VSO Capabilities, told apart by the defining body.
const PROPERTIES: u8 = 0x00;
const PICMG: u8 = 0x00;
const VITA: u8 = 0x03;

/// The group whose extension a BMC follows. As ipmitool does, only a BMC without PICMG's is asked for VITA's.
pub(crate) fn group(bmc: &Bmc) -> Option<Manufacturer> {
    if answer(bmc, PICMG).is_some_and(|data| matches!(data.get(1).map(|byte| byte & 0xF), Some(2 | 4 | 5))) {
        return Some(Manufacturer::PICMG);
    }
    let data = answer(bmc, VITA)?;
    let [standard, revision] = [3, 4].map(|at: usize| data.get(at).copied().unwrap_or(0xFF));
    (standard & 3 == 0 && revision & 0xF == 1).then_some(Manufacturer::VITA)
}

fn answer(bmc: &Bmc, body: u8) -> Option<Vec<u8>> {
    let response = bmc.raw(Target::Bmc, &Request::new(NetFn::GROUP_EXTENSION, PROPERTIES, [body])).ok()?;
    (response.code == CompletionCode::OK && response.data.first() == Some(&body)).then_some(response.data)
}

/// Name of a type: the specification's, else the maker's, else the group's. Nobody is asked about types that belong to
/// the specification.
pub(crate) fn name(
    sensor_type: SensorType,
    maker: impl FnOnce() -> Manufacturer,
    group: impl FnOnce() -> Option<Manufacturer>,
) -> String {
    let from_others = || {
        let by_maker = sensor_type.name_of(maker());
        by_maker.or_else(|| sensor_type.name_of(group()?))
    };
    let name = if sensor_type.0 < OEM { None } else { from_others() };
    name.map_or_else(|| sensor_type.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ipmi_core::Response;
    use kernel_bridge::transport::in_process::InProcess;

    const KONTRON: Manufacturer = Manufacturer(15000);

    #[test]
    fn the_maker_comes_before_the_group() {
        let vita = || Some(Manufacturer::VITA);
        for (code, maker, expected) in [
            (0xF0, Manufacturer::DELL, "FRU State"),
            (0xF2, KONTRON, "RTM Module Hotswap"),
            (0xC0, KONTRON, "Firmware Info"),
            (0xC0, Manufacturer::DELL, "Unknown"),
        ] {
            assert_eq!(name(SensorType(code), || maker, vita), expected, "{code:02X}");
        }
        assert_eq!(name(SensorType(0xF0), || Manufacturer::DELL, || Some(Manufacturer::PICMG)), "FRU Hot Swap");
    }

    #[test]
    fn nobody_is_asked_about_types_of_the_specification() {
        assert_eq!(name(SensorType::FAN, || unreachable!(), || unreachable!()), "Fan");
        assert_eq!(name(SensorType(0x7F), || unreachable!(), || unreachable!()), "Unknown");
    }

    #[test]
    fn a_group_is_one_that_answers_with_a_known_version() {
        for (picmg, vita, expected) in [
            (&[0, 0x22, 0, 0][..], &[0xC1][..], Some(Manufacturer::PICMG)),
            (&[0, 0x03, 0, 0], &[3, 0, 0, 0, 1, 0, 0][..], Some(Manufacturer::VITA)),
            (&[0, 0x22], &[3, 0, 0, 0, 1], Some(Manufacturer::PICMG)),
            (&[0], &[3, 0, 0], None),
            (&[1, 0x22], &[3, 0, 0, 1, 1], None),
            (&[], &[], None),
        ] {
            let transport = InProcess::new(Box::new(move |request: &Request| match request.data.as_slice() {
                [PICMG] => Response::ok(picmg),
                _ => Response::ok(vita),
            }));
            let bmc = Bmc::from_transport("group", Box::new(transport), kernel_bridge::Options::default()).unwrap();
            assert_eq!(group(&bmc), expected);
        }
    }
}
