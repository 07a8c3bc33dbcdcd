//! Small code systems and value sets to expand.
#![allow(dead_code, unreachable_pub, reason = "each test file uses a part of it")]

use cresset_fhir::json::{Json, Limits, parse};
use cresset_terminology::{CodeSystem, Library, Problem, ValueSet, expand};
use std::sync::Arc;

/// Colours, by nesting: `warm` (abstract) holds red and orange, red holds crimson; grey is retired.
pub const COLOURS: &str = r#"{"resourceType":"CodeSystem","url":"http://test/colours","version":"1",
    "status":"active","content":"complete","caseSensitive":true,
    "property":[{"code":"hex","type":"string"},{"code":"status","type":"code",
        "uri":"http://hl7.org/fhir/concept-properties#status"}],
    "concept":[
      {"code":"warm","display":"Warm colours","property":[{"code":"notSelectable","valueBoolean":true}],
       "concept":[
        {"code":"red","display":"Red","property":[{"code":"hex","valueString":"ff0000"}],
         "designation":[{"language":"de","value":"Rot"}],
         "concept":[{"code":"crimson","display":"Crimson"}]},
        {"code":"orange","display":"Orange","property":[{"code":"hex","valueString":"ff8800"}]}]},
      {"code":"cold","display":"Cold colours","concept":[{"code":"blue","display":"Blue",
        "property":[{"code":"hex","valueString":"0000ff"}]}]},
      {"code":"grey","display":"Grey","property":[{"code":"status","valueCode":"retired"}]}]}"#;

/// Animals, by properties, with two ways up from `dog`, and a cycle between `x` and `y`.
pub const ANIMALS: &str = r#"{"resourceType":"CodeSystem","url":"http://test/animals","status":"active",
    "content":"complete","caseSensitive":false,
    "property":[{"code":"above","type":"code","uri":"http://hl7.org/fhir/concept-properties#parent"}],
    "concept":[{"code":"Animal","property":[{"code":"child","valueCode":"Pet"}]},
      {"code":"Mammal","property":[{"code":"above","valueCode":"Animal"}]},
      {"code":"Pet"},
      {"code":"Dog","property":[{"code":"above","valueCode":"Mammal"},{"code":"above","valueCode":"Pet"}]},
      {"code":"X","property":[{"code":"above","valueCode":"Y"}]},
      {"code":"Y","property":[{"code":"above","valueCode":"X"}]}]}"#;

pub fn json(text: &str) -> Json {
    parse(text.as_bytes(), &Limits::default()).unwrap()
}

pub fn code_system(text: &str) -> CodeSystem {
    CodeSystem::read(&json(text)).unwrap()
}

/// A library of these resources and nothing else.
pub fn library(resources: &[&str]) -> Library {
    let mut library = Library::empty();
    for text in resources {
        let resource = json(text);
        match resource.get("resourceType").and_then(Json::as_str) {
            Some("CodeSystem") => {
                library.add_code_system(Arc::new(CodeSystem::read(&resource).unwrap()));
            }
            _ => library.add_value_set(Arc::new(ValueSet::read(&resource))),
        }
    }
    library
}

/// A value set `http://test/{name}` with this compose.
pub fn value_set(name: &str, compose: &str) -> String {
    format!(
        r#"{{"resourceType":"ValueSet","url":"http://test/{name}","status":"active","compose":{compose}}}"#
    )
}

/// The codes of a value set over the colours, the animals and `more`.
pub fn codes(compose: &str, more: &[&str]) -> Result<Vec<String>, Problem> {
    let mut all = vec![COLOURS, ANIMALS];
    all.extend_from_slice(more);
    let asked = ValueSet::read(&json(&value_set("asked", compose)));
    let expansion = expand(&asked, &library(&all))?;
    Ok(expansion.entries.iter().map(|e| e.code.to_string()).collect())
}
