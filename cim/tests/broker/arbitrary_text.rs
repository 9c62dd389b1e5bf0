//! No text makes a parser panic: queries, conditions, object paths, datetimes and MOF.

use crate::sample::{MOF, NAMESPACE, context, from_mof};
use cim::query::Condition;
use cim::{Access, DateTime, ObjectPath, Repository};
use proptest::prelude::*;

/// Words of the grammar in any order go deeper into the parser than letters do.
fn words() -> impl Strategy<Value = String> {
    let word = prop::sample::select(vec![
        "SELECT",
        "*",
        "FROM",
        "T_Base",
        "T_Holder",
        "WHERE",
        "Id",
        "Part.Name",
        "Size",
        "When",
        "Tags",
        "__CLASS",
        "__this",
        "=",
        "<>",
        "<",
        ">=",
        "AND",
        "OR",
        "NOT",
        "(",
        ")",
        "LIKE",
        "ISA",
        "IS",
        "NULL",
        "TRUE",
        "'x'",
        "\"[a-\"",
        "'%'",
        "'20240101'",
        "5",
        "-1.5e3",
        ",",
        ".",
        "{T_Box='x1'}",
        "ASSOCIATORS",
        "REFERENCES",
        "OF",
        "KeysOnly",
        "ResultClass",
        "meta_class",
        "WITHIN",
        "GROUP",
        "\\",
        "é",
    ]);
    prop::collection::vec(word, 0..24).prop_map(|words| words.join(" "))
}

proptest! {
    #[test]
    fn queries(text in prop_oneof![".*", words(), words().prop_map(|rest| format!("SELECT * FROM T_Base WHERE {rest}"))]) {
        let broker = from_mof();
        let _ = broker.query(&context(Access::Read), NAMESPACE, &text);
        let _ = broker.explain(NAMESPACE, &text);
        let class = broker.repository().class(NAMESPACE, "T_Base").unwrap();
        let _ = Condition::compile(&class, &text);
    }

    #[test]
    fn like_patterns(pattern in "[%_\\[\\]^a-c=\\-]{0,12}", text in "[a-c%_\\[\\]\\-]{0,12}") {
        let broker = from_mof();
        let class = broker.repository().class(NAMESPACE, "T_Base").unwrap();
        if let Ok(condition) = Condition::compile(&class, &format!("Name LIKE '{pattern}'")) {
            let mut instance = cim::Instance::new(class);
            instance.set("Name", text.as_str());
            let negated = Condition::compile(instance.class(), &format!("NOT Name LIKE '{pattern}'")).unwrap();
            prop_assert_ne!(condition.matches(&instance), negated.matches(&instance));
        }
    }

    #[test]
    fn paths_round_trip(text in ".*", key in ".*") {
        let _ = ObjectPath::parse(&text);
        let path = ObjectPath::instance("T_Base", [("Id", key.as_str())]);
        let again = ObjectPath::parse(&path.to_string()).unwrap();
        prop_assert_eq!(again, path);
    }

    #[test]
    fn datetimes_round_trip(text in "[0-9*.+:TPDHMSZ-]{0,30}", seconds in 0i64..253_000_000_000, offset in -720i16..=720) {
        let _ = DateTime::parse(&text);
        let value = DateTime::Point { micros: seconds * 1_000_000 + 17, offset_minutes: offset };
        prop_assert_eq!(DateTime::parse(&value.to_string()).unwrap(), value);
        prop_assert_eq!(DateTime::parse(&value.iso8601()).unwrap(), value);
    }

    #[test]
    fn mof_strings_round_trip(id in "\\PC*|.*") {
        let class = "class A { [Key] string Id; };";
        let mut repository = Repository::default();
        repository.load_mof(NAMESPACE, "t.mof", class).unwrap();
        let mut instance = cim::Instance::new(repository.class(NAMESPACE, "A").unwrap());
        instance.set("Id", id.as_str());
        repository.load_mof(NAMESPACE, "t.mof", &cim::mof::instance_text(&instance)).unwrap();
        prop_assert_eq!(repository.static_instances(instance.class()), &[instance.clone()][..]);
    }

    #[test]
    fn mof(text in ".*", cut in 0usize..3000, insert in "[\\[\\]{}();:=,\"'$#a0.-]{0,3}") {
        let _ = Repository::default().load_mof(NAMESPACE, "t.mof", &text);
        let at = (0..=cut.min(MOF.len())).rev().find(|at| MOF.is_char_boundary(*at)).unwrap();
        let damaged = format!("{}{insert}{}", &MOF[..at], &MOF[at..]);
        let _ = Repository::default().load_mof(NAMESPACE, "t.mof", &damaged);
        let _ = Repository::default().load_mof(NAMESPACE, "t.mof", &MOF[..at]);
    }
}
