//! WQL: whole queries against a small broker, explanations, and conditions by themselves.
#![no_main]

use std::sync::LazyLock;

use cim::query::Condition;
use cim::{Access, Broker, Identity, OperationContext, Repository};
use libfuzzer_sys::fuzz_target;

const MOF: &str = r#"
class Base { [Key] string Id; string Name; uint64 Size; sint32 Temp; boolean Ok; datetime When; string Tags[]; real64 Ratio; };
class Disk : Base { uint64 Free; };
[Association] class Link { [Key] Base REF Owner; [Key] Base REF Part; };
instance of Base as $a { Id = "a"; Name = "Fan"; Size = 10; Temp = -5; Ok = TRUE; When = "20240101000000.000000+000"; Tags = { "x", "y" }; };
instance of Disk as $b { Id = "b"; Name = "DISK%B"; Size = 18446744073709551615; Ratio = 0.5; Free = 0; };
instance of Link { Owner = $a; Part = $b; };
"#;

static BROKER: LazyLock<Broker> = LazyLock::new(|| {
    let mut repository = Repository::default();
    repository.load_mof("root/x", "fuzz.mof", MOF).expect("the classes compile");
    Broker::new(repository)
});

fuzz_target!(|text: &str| {
    let context = OperationContext { identity: Identity { user: "fuzz".into(), access: Access::Full }, deadline: None };
    let answer = BROKER.query(&context, "root/x", text);
    if let Err(error) = &answer {
        assert!(!error.to_string().is_empty());
    }
    let explained = BROKER.explain("root/x", text);
    assert!(answer.is_err() || explained.is_ok(), "answered but not explained: {explained:?}");
    let class = BROKER.repository().class("root/x", "Disk").expect("declared above");
    if let Ok(condition) = Condition::compile(&class, text) {
        for instance in BROKER.repository().static_instances(&class) {
            let all = cim::PropertySet::all(&class);
            // With every slot known, "may match" and "matches" are the same question.
            assert_eq!(condition.matches(instance), condition.may_match(instance, &all));
        }
    }
});
