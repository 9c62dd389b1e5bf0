//! Text of the multirecords `fru -v print` shows (FRU Information Storage Definition s18).

use ipmi_core::fru::multirecord::{DcLoad, DcOutput, OemRecord, PowerSupply, PowerSupplyFlags};
use ipmi_core::fru::{MultirecordArea, MultirecordData};
use ipmi_core::table::Manufacturer;

use crate::{Failure, Printer, complain, line};

/// Prints the records ipmitool has texts for; others print nothing.
pub fn print(printer: &mut Printer<'_>, area: &MultirecordArea<'_>) -> Result<(), Failure> {
    for record in area.records() {
        match record.decode() {
            Ok(MultirecordData::PowerSupply(supply)) => power_supply(printer, supply)?,
            Ok(MultirecordData::DcOutput(output)) if !record.is_extended_dc() => dc_output(printer, output)?,
            Ok(MultirecordData::DcLoad(load)) if !record.is_extended_dc() => dc_load(printer, load)?,
            Ok(MultirecordData::Oem(oem)) if record.record_type == 0xC0 => oem_record(printer, &oem)?,
            Ok(_) => {}
            Err(error) => complain!(printer, " multirecord of type {:02X}h: {error}", record.record_type)?,
        }
    }
    Ok(())
}

fn power_supply(printer: &mut Printer<'_>, supply: &PowerSupply) -> Result<(), Failure> {
    let features = supply.features();
    let predicts = features.contains(PowerSupplyFlags::PREDICTIVE_FAIL);
    let volts = |value: i16| i32::from(value.cast_unsigned()) / 100;
    let (low_1, high_1) = (volts(supply.low_voltage_1.get()), volts(supply.high_voltage_1.get()));
    let (low_2, high_2) = (volts(supply.low_voltage_2.get()), volts(supply.high_voltage_2.get()));
    let (peak, holdup) = (supply.peak.get() & 0x0FFF, supply.peak.get() >> 12);
    let rows = [
        ("Capacity", format!("{} W", supply.capacity)),
        ("Peak VA", format!("{} VA", supply.peak_va)),
        ("Inrush Current", format!("{} A", supply.inrush_current)),
        ("Inrush Interval", format!("{} ms", supply.inrush_interval)),
        ("Input Voltage Range 1", format!("{low_1}-{high_1} V")),
        ("Input Voltage Range 2", format!("{low_2}-{high_2} V")),
        ("Input Frequency Range", format!("{}-{} Hz", supply.low_frequency, supply.high_frequency)),
        ("A/C Dropout Tolerance", format!("{} ms", supply.dropout_tolerance)),
        ("Flags", flags(features, supply.tachometer_threshold)),
        ("Peak capacity", format!("{peak} W")),
        ("Peak capacity holdup", format!("{holdup} s")),
        ("Combined capacity", combined(supply)),
    ];
    line!(printer, " Power Supply Record")?;
    rows.iter().try_for_each(|(label, value)| line!(printer, "  {label:<26} : {value}"))?;
    if predicts {
        line!(printer, "  {:<26} : {} RPS", "Fan lower threshold", supply.tachometer_threshold)?;
    }
    Ok(())
}

fn flags(features: PowerSupplyFlags, threshold: u8) -> String {
    let mut text: String = [
        (PowerSupplyFlags::PREDICTIVE_FAIL, "'Predictive fail' "),
        (PowerSupplyFlags::POWER_FACTOR_CORRECTION, "'Power factor correction' "),
        (PowerSupplyFlags::AUTOSWITCH, "'Autoswitch voltage' "),
        (PowerSupplyFlags::HOT_SWAP, "'Hot swap' "),
    ]
    .iter()
    .filter(|(bit, _)| features.contains(*bit))
    .map(|(_, name)| *name)
    .collect();
    if features.contains(PowerSupplyFlags::PREDICTIVE_FAIL) {
        text.push_str(match (threshold, features.contains(PowerSupplyFlags::TWO_PULSES)) {
            (0, true) => "'Failure on pin de-assertion'",
            (0, false) => "'Failure on pin assertion'",
            (_, true) => "'Two pulses per rotation'",
            (_, false) => "'One pulse per rotation'",
        });
    }
    text
}

fn combined(supply: &PowerSupply) -> String {
    const RAILS: [&str; 4] = ["12 V", "-12 V", "5 V", "3.3 V"];
    let rail = |code: u8| RAILS.get(usize::from(code & 0x0F)).copied().unwrap_or("reserved");
    let watts = supply.combined_wattage.get();
    if watts == 0 {
        return "not specified".to_owned();
    }
    // ipmitool takes the low half of the byte for the first voltage.
    let voltages = supply.combined_voltages;
    format!("{watts} W ({} and {})", rail(voltages), rail(voltages >> 4))
}

/// Hundredths of a volt; ipmitool reads them as signed.
fn volts(value: i16) -> String {
    format!("{:.2} V", f64::from(value) / 100.0)
}

/// Thousandths of an ampere.
fn amperes(value: u16) -> String {
    format!("{:.3} A", f64::from(value) / 1000.0)
}

fn dc_output(printer: &mut Printer<'_>, output: &DcOutput) -> Result<(), Failure> {
    let rows = [
        ("Output Number", output.number().to_string()),
        ("Standby power", if output.is_standby() { "Yes" } else { "No" }.to_owned()),
        ("Nominal voltage", volts(output.nominal.get())),
        ("Max negative deviation", volts(output.negative_deviation.get())),
        ("Max positive deviation", volts(output.positive_deviation.get())),
        ("Ripple and noise pk-pk", format!("{} mV", output.ripple)),
        ("Minimum current draw", amperes(output.minimum_current.get())),
        ("Maximum current draw", amperes(output.maximum_current.get())),
    ];
    line!(printer, " DC Output Record")?;
    rows.iter().try_for_each(|(label, value)| line!(printer, "  {label:<26} : {value}"))
}

fn dc_load(printer: &mut Printer<'_>, load: &DcLoad) -> Result<(), Failure> {
    let rows = [
        ("Output Number", load.number().to_string()),
        ("Nominal voltage", volts(load.nominal.get())),
        ("Min voltage allowed", volts(load.minimum.get())),
        ("Max voltage allowed", volts(load.maximum.get())),
        ("Ripple and noise pk-pk", format!("{} mV", load.ripple)),
        ("Minimum current load", amperes(load.minimum_current.get())),
        ("Maximum current load", amperes(load.maximum_current.get())),
    ];
    line!(printer, " DC Load Record")?;
    rows.iter().try_for_each(|(label, value)| line!(printer, "  {label:<26} : {value}"))
}

fn oem_record(printer: &mut Printer<'_>, oem: &OemRecord<'_>) -> Result<(), Failure> {
    if oem.manufacturer == Manufacturer::PICMG {
        return line!(printer, "  PICMG Extension Record");
    }
    line!(printer, "  OEM ({}) Record", oem.manufacturer)
}
