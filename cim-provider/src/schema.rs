//! The classes served, as MOF text compiled into the program.

use cim::{CimError, Repository};

/// Namespace of the hardware classes.
pub const HARDWARE: &str = "root/hardware";
/// Namespace of the driver class.
pub const WMI: &str = "root/wmi";

/// Every MOF file: namespace, file name, text. Superclasses come first.
pub const SCHEMA: &[(&str, &str, &str)] = &[
    (HARDWARE, "core.mof", include_str!("../schema/core.mof")),
    (HARDWARE, "sensor.mof", include_str!("../schema/sensor.mof")),
    (HARDWARE, "log.mof", include_str!("../schema/log.mof")),
    (HARDWARE, "association.mof", include_str!("../schema/association.mof")),
    (HARDWARE, "hardware.mof", include_str!("../schema/hardware.mof")),
    (WMI, "microsoft_ipmi.mof", include_str!("../schema/microsoft_ipmi.mof")),
];

/// Compiles [`SCHEMA`] into a repository.
///
/// # Errors
/// When the repository holds classes of the same names already.
pub fn load(repository: &mut Repository) -> Result<(), CimError> {
    SCHEMA.iter().try_for_each(|(namespace, file, text)| repository.load_mof(namespace, file, text))
}

#[cfg(test)]
mod tests {
    use cim::{CimType, Value};

    use super::*;

    fn repository() -> Repository {
        let mut repository = Repository::default();
        load(&mut repository).unwrap();
        repository
    }

    #[test]
    fn keys_are_those_of_the_reference() {
        let repository = repository();
        let keys = |class: &str| -> Vec<String> {
            let class = repository.class(HARDWARE, class).unwrap();
            class.keys().map(|(_, property)| property.name.to_string()).collect()
        };
        assert_eq!(keys("NumericSensor"), ["SystemCreationClassName", "SystemName", "CreationClassName", "DeviceID"]);
        assert_eq!(keys("ComputerSystem").len(), 2);
        assert!(keys("AdminDomain").contains(&"Name".to_owned()));
        assert_eq!(keys("RecordLog"), ["InstanceID"]);
        assert_eq!(
            keys("LogRecord"),
            ["LogCreationClassName", "LogName", "CreationClassName", "RecordID", "MessageTimestamp"]
        );
        assert_eq!(keys("LogManagesRecord"), ["Log", "Record"]);
        assert_eq!(keys("SystemDevice"), ["GroupComponent", "PartComponent"]);
    }

    #[test]
    fn lineage_defaults_and_qualifiers() {
        let repository = repository();
        let sensor = repository.class(HARDWARE, "NumericSensor").unwrap();
        assert!(sensor.is_a("CIM_Sensor") && sensor.is_a("CIM_ManagedElement"));
        assert_eq!(sensor.qualifier("UUID").and_then(Value::as_str), Some("{7be7579b-4370-4a75-857c-9e789d1aff8a}"));
        let slot = |name: &str| sensor.property(sensor.slot(name).unwrap()).unwrap();
        assert_eq!((&slot("EnabledState").default, &slot("RequestedState").default), (&5u16.into(), &12u16.into()));
        assert_eq!(slot("CurrentReading").cim_type, CimType::Sint32);
        assert!(slot("SupportedThresholds").array);
        assert!(slot("UpperThresholdFatal").qualifiers.iter().any(|qualifier| &*qualifier.name == "Write"));
    }

    #[test]
    fn methods_have_their_parameters() {
        let repository = repository();
        let ipmi = repository.class(WMI, "Microsoft_IPMI").unwrap();
        let method = ipmi.method("RequestResponse").unwrap();
        assert_eq!(method.result, None);
        let inputs = method.parameters.iter().filter(|parameter| parameter.input);
        assert_eq!(inputs.count(), 6);
        let log = repository.class(HARDWARE, "RecordLog").unwrap();
        let change = log.method("RequestStateChange").unwrap();
        let inputs: Vec<_> = change.parameters.iter().filter(|parameter| parameter.input).collect();
        assert_eq!(inputs.len(), 2);
        assert!(log.method("ClearLog").is_some());
    }
}
