//! WQL: what compiling a query costs, and what one row costs.
#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "a bench has no input but its own")]

use cim::query::Condition;
use cim::{Instance, PropertySet, Repository};
use divan::{Bencher, counter::ItemsCount};

const MOF: &str = "class CIM_Sensor { [Key] string DeviceID; string Name; uint16 SensorType; string CurrentState;
    uint16 HealthState; datetime InstallDate; };
    class CIM_NumericSensor : CIM_Sensor { uint16 BaseUnits; sint32 UnitModifier; sint32 CurrentReading;
    sint32 UpperThresholdCritical; };";

const CONDITIONS: &[&str] = &[
    "BaseUnits = 2",
    "Name = 'CPU 7 Temp'",
    "BaseUnits = 2 AND CurrentReading > 30",
    "Name LIKE '%temp%'",
    "CurrentState <> 'Normal' OR HealthState > 5 AND NOT Name LIKE 'PS%'",
    "InstallDate > '20240101000000.000000+000'",
];

/// Shows that a row allocates nothing.
#[global_allocator]
static ALLOCATOR: divan::AllocProfiler = divan::AllocProfiler::system();

fn main() {
    divan::main();
}

fn rows() -> Vec<Instance> {
    let mut repository = Repository::default();
    repository.load_mof("root/hardware", "bench.mof", MOF).expect("the MOF is valid");
    let class = repository.class("root/hardware", "CIM_NumericSensor").expect("it is declared");
    (0..256u16)
        .map(|number| {
            let mut instance = Instance::new(class.clone());
            instance.set("DeviceID", format!("{number:04X}"));
            instance.set("Name", format!("CPU {number} Temp"));
            instance.set("CurrentState", if number % 9 == 0 { "Upper Critical" } else { "Normal" });
            instance.set("HealthState", 5u16);
            instance.set("BaseUnits", 2 + number % 3);
            instance.set("CurrentReading", i32::from(number) % 60);
            instance.set("InstallDate", cim::DateTime::from_unix_seconds(1_700_000_000 + 86_400 * i64::from(number)));
            instance
        })
        .collect()
}

#[divan::bench(args = CONDITIONS)]
fn compile(bencher: Bencher<'_, '_>, text: &str) {
    let rows = rows();
    let class = rows[0].class().clone();
    bencher.bench(|| Condition::compile(&class, divan::black_box(text)));
}

#[divan::bench(args = CONDITIONS)]
fn row(bencher: Bencher<'_, '_>, text: &str) {
    let rows = rows();
    let condition = Condition::compile(rows[0].class(), text).expect("the condition is valid");
    bencher
        .counter(ItemsCount::new(rows.len()))
        .bench(|| divan::black_box(&rows).iter().filter(|row| condition.matches(row)).count());
}

#[divan::bench(args = CONDITIONS)]
fn row_before_reading(bencher: Bencher<'_, '_>, text: &str) {
    let rows = rows();
    let class = rows[0].class();
    let condition = Condition::compile(class, text).expect("the condition is valid");
    let known: PropertySet = ["DeviceID", "Name", "BaseUnits"].iter().filter_map(|name| class.slot(name)).collect();
    bencher
        .counter(ItemsCount::new(rows.len()))
        .bench(|| divan::black_box(&rows).iter().filter(|row| condition.may_match(row, &known)).count());
}
