//! Index values are kept in stores: whoever changes them raises `EXTRACTOR_VERSION`, and then the
//! golden file.

use cresset_fhir::json;
use cresset_search::{EXTRACTOR_VERSION, Registry};
use cresset_store::Segment;
use std::fmt::Write;

fn written(segment: &Segment) -> String {
    match segment {
        Segment::Text(text) => format!("Text({text})"),
        Segment::Term(text) => format!("Term({text})"),
        Segment::Resource(key) => format!("Resource({}/{})", key.resource_type.0, key.id),
        Segment::Ordered(bytes) => {
            let hex: String = bytes.iter().map(|b| format!("{b:02x}")).collect();
            format!("Ordered({hex})")
        }
    }
}

#[test]
fn index_keys_are_those_of_the_golden_file() {
    let registry = Registry::r4(vec!["https://own.example/fhir".to_owned()]);
    let mut actual = format!("extractor version {EXTRACTOR_VERSION}\n");
    for line in include_str!("golden/resources.ndjson").lines() {
        let resource = json::parse(line.as_bytes(), &json::Limits::default()).expect("JSON");
        let analyzed = registry.analyze(&resource).expect("a valid resource");
        for key in analyzed.index.iter() {
            let value: Vec<_> = key.value.iter().map(written).collect();
            let _ = writeln!(actual, "{} = {}", key.parameter, value.join(" "));
        }
    }
    let golden = include_str!("golden/keys.txt");
    assert!(actual == golden, "the keys are now:\n{actual}");
}
