//! A query that needs no reading causes no reading: the provider of the sample data counts how often it reads `Temp`.

use crate::sample::{NAMESPACE, context, from_provider, label};
use cim::Access;

/// Runs a query and returns the rows found and the rows whose `Temp` was read.
fn run(query: &str) -> (Vec<String>, Vec<String>) {
    let (broker, provider) = from_provider();
    let result = broker.query(&context(Access::Read), NAMESPACE, query).unwrap();
    let mut rows: Vec<_> = result.instances.iter().map(label).collect();
    rows.sort();
    (rows, provider.reads())
}

#[test]
fn only_rows_that_can_still_match_are_read() {
    for (query, rows, reads) in [
        // Nobody looks at Temp.
        ("SELECT Id, Name FROM T_Base", "b1 d1 d2 s1 s2", ""),
        ("SELECT Id FROM T_Base WHERE Size >= 100", "d1 d2 s1", ""),
        // Everybody's Temp is looked at.
        ("SELECT * FROM T_Base", "b1 d1 d2 s1 s2", "b1 d1 d2 s1 s2"),
        ("SELECT Id FROM T_Base WHERE Temp > 0", "d2 s1", "b1 d1 d2 s1 s2"),
        // A cheap term decides first, on either side of AND.
        ("SELECT Id, Temp FROM T_Base WHERE State = 2 AND Temp > 0", "s1", "b1 s1"),
        ("SELECT Id, Temp FROM T_Base WHERE Temp > 0 AND State = 2", "s1", "b1 s1"),
        ("SELECT Temp FROM T_Base WHERE Name LIKE 'disk%'", "d1 d2", "d1 d2"),
        ("SELECT * FROM T_Base WHERE Id = 'b1'", "b1", "b1"),
        ("SELECT * FROM T_Base WHERE __CLASS = 'T_Ssd'", "s1 s2", "s1 s2"),
        ("SELECT * FROM T_Base WHERE NOT (Temp > 0 OR State = 2)", "d1 s2", "d1 d2 s2"),
        ("SELECT * FROM T_Base WHERE Id = 'none' AND NOT Temp = 1", "", ""),
        // An OR with an unknown side stays open.
        ("SELECT Id FROM T_Base WHERE Id = 'b1' OR Temp = 41", "b1 s1", "b1 d1 d2 s1 s2"),
    ] {
        let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(run(query), (words(rows), words(reads)), "{query}");
    }
}

#[test]
fn explanations_name_what_is_wanted_and_what_decides_early() {
    let (broker, _) = from_provider();
    let query = "SELECT Id,\n Temp FROM T_Disk WHERE State = 2 AND (Temp > 0 OR Name LIKE 'x%')";
    let expected = "\
query: SELECT Id, Temp FROM T_Disk WHERE State = 2 AND (Temp > 0 OR Name LIKE 'x%')
class: root/test:T_Disk
asks: T_Disk (a provider)
  wanted: Id, Name, Temp, State
asks: T_Ssd (a provider)
  wanted: Id, Name, Temp, State
filter: all of these; each can drop a row as soon as what it needs is known
  State = 2 (needs State)
  (Temp > 0 OR Name LIKE \"x%\") (needs Name, Temp)
";
    assert_eq!(broker.explain(NAMESPACE, query).unwrap(), expected);
}
