//! Runs every test vector of the WQL reference against the sample data set, from MOF instances and through a provider.

use crate::sample::{NAMESPACE, context, from_mof, from_provider, label};
use cim::{Access, Broker, Class, Slot};

const VECTORS: &str = include_str!("wql_vectors.txt");

struct Vector {
    number: u32,
    query: String,
    expected: String,
}

fn vectors() -> Vec<Vector> {
    let lines = VECTORS.lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| {
            let mut fields = line.split('\t');
            let number = fields.next().unwrap().parse().unwrap();
            let mut query = fields.next().unwrap().to_owned();
            if number == 3 {
                query = query.replace("\\t", "\t").replace("\\n", "\n").replace("\\r", "\r");
            }
            let expected = fields.next().unwrap().trim_end_matches(" (keys only)").to_owned();
            Vector { number, query, expected }
        })
        .collect()
}

/// The answer in the form of the table.
fn answer(broker: &Broker, query: &str) -> String {
    match broker.query(&context(Access::Read), NAMESPACE, query) {
        Err(error) => format!("{:#010x}", error.status.hresult()),
        Ok(result) if !result.classes.is_empty() => {
            let names: Vec<_> = result.classes.iter().map(|class| class.name.to_string()).collect();
            format!("classes {}", names.join(", "))
        }
        Ok(result) if result.instances.is_empty() => "none".to_owned(),
        Ok(result) => {
            let mut labels: Vec<_> = result.instances.iter().map(label).collect();
            labels.sort();
            labels.join(", ")
        }
    }
}

/// Classes come in any order.
fn normal(text: &str) -> String {
    match text.strip_prefix("classes ") {
        Some(names) => {
            let mut names: Vec<_> = names.split(", ").collect();
            names.sort_unstable();
            format!("classes {}", names.join(", "))
        }
        None => text.to_lowercase(),
    }
}

fn check(broker: &Broker) {
    let vectors = vectors();
    assert_eq!(vectors.iter().filter(|vector| vector.number <= 200).count(), 200);
    let mut wrong = Vec::new();
    for Vector { number, query, expected } in &vectors {
        let found = answer(broker, query);
        if normal(&found) != normal(expected) {
            wrong.push(format!("{number}: {query}\n   expected {expected}, found {found}"));
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn all_vectors_from_mof_instances() {
    check(&from_mof());
}

#[test]
fn all_vectors_through_a_provider() {
    check(&from_provider().0);
}

#[test]
fn every_valid_query_can_be_explained_and_no_other() {
    let broker = from_mof();
    for Vector { query, expected, .. } in vectors() {
        let explained = broker.explain(NAMESPACE, &query).map_err(|error| error.status.hresult());
        match expected.strip_prefix("0x") {
            // Whether the source exists shows only when the query runs.
            Some("80041002") => assert!(explained.is_ok(), "{query}"),
            Some(code) => assert_eq!(explained, Err(u32::from_str_radix(code, 16).unwrap()), "{query}"),
            None => assert!(explained.unwrap().starts_with("query: "), "{query}"),
        }
    }
}

fn selected(query: &str) -> (Vec<String>, Vec<&'static str>) {
    let result = from_mof().query(&context(Access::Read), NAMESPACE, query).unwrap();
    let class = result.class.unwrap();
    let name = |slot: Slot| class.property(slot).unwrap().name.to_string();
    (result.projection.unwrap().into_iter().map(name).collect(), result.system.iter().map(|p| p.name()).collect())
}

#[test]
fn projections_keep_query_order_and_collapse_duplicates() {
    assert_eq!(selected("SELECT ID,id,Id FROM T_Box"), (vec!["Id".into()], vec![]));
    assert_eq!(
        selected("SELECT __class, Name, Id, __PATH FROM T_Ssd"),
        (vec!["Name".into(), "Id".into()], vec!["__CLASS", "__PATH"])
    );
    let all = from_mof().query(&context(Access::Read), NAMESPACE, "SELECT * FROM T_Base").unwrap();
    assert!(all.projection.is_none() && all.system.is_empty());
    // Subclass rows come with their own properties.
    assert!(all.instances.iter().any(|row| row.get("Wear").is_some_and(|wear| !wear.is_null())));
}

#[test]
fn embedded_projections_clear_the_rest_of_the_object() {
    let query = "SELECT Part.Id FROM T_Holder WHERE Part.Size = 100 AND Part.Wear = 3";
    let result = from_mof().query(&context(Access::Read), NAMESPACE, query).unwrap();
    let [row] = result.instances.as_slice() else { panic!("one row") };
    let Some(cim::Value::Instance(part)) = row.get("Part") else { panic!("a part") };
    assert_eq!(part.get("Id").unwrap().to_string(), "s1");
    assert!(part.get("Size").unwrap().is_null());
}

#[test]
fn keys_only_clears_everything_else() {
    let broker = from_mof();
    let query = "ASSOCIATORS OF {T_Box.Id=\"x1\"} WHERE KeysOnly";
    let result = broker.query(&context(Access::Read), NAMESPACE, query).unwrap();
    let keys = |class: &Class| class.keys().map(|(slot, _)| slot).collect::<Vec<_>>();
    for row in &result.instances {
        let keys = keys(row.class());
        for (index, value) in row.values().iter().enumerate() {
            assert_eq!(value.is_null(), !keys.contains(&Slot(index)));
        }
    }
}
