//! The broker's other operations: get, enumerate, select, modify, create, delete, invoke, deadlines and access.

use std::time::{Duration, Instant as Clock};

use crate::sample::{NAMESPACE, context, from_mof, from_provider, label, repository};
use cim::broker::Polymorphism;
use cim::{Access, Instance, ObjectPath, OperationContext, Status, Value};

fn path(text: &str) -> ObjectPath {
    ObjectPath::parse(text).unwrap()
}

#[test]
fn a_base_class_path_finds_the_subclass_instance() {
    for broker in [from_mof(), from_provider().0] {
        let get = |text: &str| broker.get(&context(Access::Read), NAMESPACE, &path(text));
        assert_eq!(&*get("T_Base.Id='S1'").unwrap().class().name, "T_Ssd");
        assert_eq!(&*get("t_ssd='s1'").unwrap().class().name, "T_Ssd");
        assert_eq!(&*get("root/test:T_Base=\"b1\"").unwrap().class().name, "T_Base");
        for (text, status) in [
            ("T_Ssd.Id='d1'", Status::NotFound),
            ("T_Base", Status::InvalidObjectPath),
            ("T_Base.Nope='d1'", Status::InvalidObjectPath),
            ("T_Base=@", Status::InvalidObjectPath),
            ("Nope=1", Status::InvalidClass),
            ("root/other:T_Base='b1'", Status::InvalidNamespace),
        ] {
            assert_eq!(get(text).unwrap_err().status, status, "{text}");
        }
    }
}

#[test]
fn polymorphism_modes() {
    let (broker, provider) = from_provider();
    let list = |mode| broker.enumerate(&context(Access::Read), NAMESPACE, "T_Disk", mode).unwrap();
    let labels = |rows: &[Instance]| rows.iter().map(label).collect::<Vec<_>>().join(" ");
    assert_eq!(labels(&list(Polymorphism::IncludeSubclassProperties)), "d1 d2 s1 s2");
    assert_eq!(labels(&list(Polymorphism::None)), "d1 d2");
    let cast = list(Polymorphism::ExcludeSubclassProperties);
    assert_eq!(labels(&cast), "d1 d2 s1 s2");
    assert!(cast.iter().all(|row| &*row.class().name == "T_Disk" && row.get("Wear").is_none()));
    provider.reads();
    let paths = broker.enumerate_paths(&context(Access::Read), NAMESPACE, "T_Disk").unwrap();
    assert_eq!(paths[2].to_string(), "root\\test:T_Ssd.Id=\"s1\"");
    assert!(provider.reads().is_empty());
}

#[test]
fn selectors_are_converted_to_the_type_of_the_property() {
    let broker = from_mof();
    let select = |pairs: &[(&str, &str)]| {
        let pairs: Vec<_> = pairs.iter().map(|(name, text)| (name.to_string(), text.to_string())).collect();
        let rows = broker.select(&context(Access::Read), NAMESPACE, "T_Base", &pairs);
        rows.map(|rows| rows.iter().map(label).collect::<Vec<_>>().join(" ")).map_err(|error| error.status)
    };
    assert_eq!(select(&[("size", "100"), ("OK", "true")]), Ok("s1".into()));
    assert_eq!(select(&[]), Ok("b1 d1 d2 s1 s2".into()));
    assert_eq!(select(&[("Nope", "1")]), Err(Status::InvalidQuery));
    assert_eq!(select(&[("State", "x")]), Err(Status::InvalidQuery));
}

#[test]
fn modify_checks_names_types_and_access() {
    let (broker, _) = from_provider();
    let modify = |access, changes: &[(&str, Value)]| {
        let changes: Vec<_> = changes.iter().map(|(name, value)| (name.to_string(), value.clone())).collect();
        let changed = broker.modify(&context(access), NAMESPACE, &path("T_Base='d1'"), &changes);
        changed.map(|row| row.get("Name").unwrap().to_string()).map_err(|error| error.status)
    };
    let full = Access::Full;
    assert_eq!(modify(full, &[("name", "new".into()), ("State", Value::Uint16(5))]), Ok("new".into()));
    assert_eq!(modify(full, &[("Name", Value::Null)]), Ok(String::new()));
    assert_eq!(modify(full, &[("State", Value::Uint16(6))]), Err(Status::ReadOnly));
    assert_eq!(modify(full, &[("Id", "other".into())]), Err(Status::ReadOnly));
    assert_eq!(modify(full, &[("Name", Value::Uint16(6))]), Err(Status::TypeMismatch));
    assert_eq!(modify(full, &[("Nope", Value::Null)]), Err(Status::InvalidProperty));
    assert_eq!(modify(Access::Read, &[("Name", "x".into())]), Err(Status::AccessDenied));
}

#[test]
fn create_and_delete() {
    let (broker, _) = from_provider();
    let class = broker.repository().class(NAMESPACE, "T_Box").unwrap();
    let mut instance = Instance::new(class);
    assert_eq!(broker.create(&context(Access::Full), &instance).unwrap_err().status, Status::IllegalNull);
    instance.set("Id", "x3");
    let path = broker.create(&context(Access::Full), &instance).unwrap();
    assert!(broker.get(&context(Access::Read), NAMESPACE, &path).is_ok());
    assert_eq!(broker.delete(&context(Access::Read), NAMESPACE, &path).unwrap_err().status, Status::AccessDenied);
    broker.delete(&context(Access::Full), NAMESPACE, &path).unwrap();
    let gone = broker.delete(&context(Access::Full), NAMESPACE, &path).unwrap_err();
    assert_eq!(gone.status, Status::NotFound);
    let fixed = from_mof().delete(&context(Access::Full), NAMESPACE, &ObjectPath::parse("T_Box='x1'").unwrap());
    assert_eq!(fixed.unwrap_err().status, Status::NotSupported);
}

#[test]
fn invoke_orders_inputs_and_checks_them() {
    let (broker, _) = from_provider();
    let invoke = |method: &str, inputs: &[(&str, Value)]| {
        let inputs: Vec<_> = inputs.iter().map(|(name, value)| (name.to_string(), value.clone())).collect();
        let output = broker.invoke(&context(Access::Full), NAMESPACE, &path("T_Base='s1'"), method, &inputs);
        output.map(|output| output.result.to_string()).map_err(|error| error.status)
    };
    let called = "T_Ssd Reset root\\test:T_Ssd.Id=\"s1\" {2, }";
    assert_eq!(invoke("reset", &[("MODE", Value::Uint16(2))]), Ok(called.into()));
    assert_eq!(invoke("Nope", &[]), Err(Status::InvalidMethod));
    assert_eq!(invoke("Reset", &[("Done", true.into())]), Err(Status::InvalidMethodParameters));
    assert_eq!(invoke("Reset", &[("Mode", Value::Null), ("mode", Value::Null)]), Err(Status::InvalidMethodParameters));
    assert_eq!(invoke("Reset", &[("Mode", "2".into())]), Err(Status::TypeMismatch));
    let denied = broker.invoke(&context(Access::Read), NAMESPACE, &path("T_Base='s1'"), "Reset", &[]).unwrap_err();
    assert_eq!(denied.status, Status::AccessDenied);
}

#[test]
fn a_deadline_in_the_past_times_out() {
    let (broker, _) = from_provider();
    let late = OperationContext { deadline: Some(Clock::now() - Duration::from_secs(1)), ..context(Access::Read) };
    let status = broker.query(&late, NAMESPACE, "SELECT * FROM T_Base").unwrap_err().status;
    assert_eq!(status, Status::TimedOut);
    assert_eq!(broker.get(&late, NAMESPACE, &path("T_Base='b1'")).unwrap_err().status, Status::TimedOut);
    assert_eq!(broker.query(&late, NAMESPACE, "SELECT * FROM meta_class").unwrap_err().status, Status::TimedOut);
}

#[test]
fn providers_register_known_free_classes_only() {
    let (mut broker, provider) = from_provider();
    assert_eq!(broker.register(provider.clone()).unwrap_err().status, Status::AlreadyExists);
    let mut empty = cim::Broker::new(repository("class T_Base {};"));
    assert_eq!(empty.register(provider).unwrap_err().status, Status::InvalidClass);
}

#[test]
fn event_classes_take_no_data_query() {
    let text =
        "class __Event {}; class __ExtrinsicEvent : __Event {}; class T_Alert : __ExtrinsicEvent { string Source; };";
    let broker = cim::Broker::new(repository(text));
    for query in [
        "SELECT * FROM T_Alert",
        "SELECT * FROM __InstanceCreationEvent",
        "SELECT * FROM __InstanceCreationEvent WITHIN 5 WHERE TargetInstance ISA 'T'",
        "SELECT * FROM T_Alert GROUP WITHIN 300",
    ] {
        let error = broker.query(&context(Access::Read), NAMESPACE, query).unwrap_err();
        assert_eq!(error.status, Status::InvalidQuery, "{query}");
    }
}
