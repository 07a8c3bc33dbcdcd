//! The terminology pack: code systems and value sets with what an expansion looks at.
//!
//! Definitions, narrative and translations are left out, and so is whatever isn't HL7's to give.

use crate::source::resources;
use serde_json::{Map, Value, json};
use std::error::Error;
use std::path::Path;

/// Where HL7 has its own resources.
const OWN: [&str; 3] =
    ["http://hl7.org/fhir/", "http://terminology.hl7.org/", "http://cds-hooks.hl7.org/"];
/// Systems of others that HL7's value sets may list codes of: standards that are free to use, and
/// LOINC, which NOTICE names.
const FREE: [&str; 6] = [
    "http://unitsofmeasure.org",
    "http://loinc.org",
    "urn:iso:std:iso:3166",
    "urn:ietf:bcp:47",
    "urn:ietf:bcp:13",
    "urn:ietf:rfc:3986",
];

/// The compressed pack of a folder with HL7's files; the same files give the same bytes.
pub(crate) fn pack(folder: &Path, fhir_version: &str) -> Result<Vec<u8>, Box<dyn Error>> {
    let mut all = Vec::new();
    for file in ["valuesets.json", "v3-codesystems.json", "v2-tables.json"] {
        all.extend(resources(&folder.join(file))?);
    }
    all.retain(|resource| {
        let kept = is_taken(resource, fhir_version);
        if !kept {
            eprintln!("left out: {} {}", text(resource, "resourceType"), text(resource, "url"));
        }
        kept
    });
    all.sort_by(|a, b| text(a, "url").cmp(text(b, "url")));
    let of_type = |name: &str, slim: fn(&Value) -> Value| -> Vec<Value> {
        all.iter().filter(|r| r["resourceType"] == name).map(slim).collect()
    };
    let pack = json!({
        "format": cresset_terminology::FORMAT,
        "fhirVersion": fhir_version,
        "codeSystems": of_type("CodeSystem", code_system),
        "valueSets": of_type("ValueSet", value_set),
    });
    Ok(cresset_terminology::compress(&serde_json::to_vec(&pack)?)?)
}

fn is_taken(resource: &Value, fhir_version: &str) -> bool {
    let url = text(resource, "url");
    let is_own = OWN.iter().any(|own| url.starts_with(own));
    // A copy that is passed on can hold resources of later versions.
    let later = text(resource, "version") > fhir_version
        && text(resource, "version").split('.').count() == 3
        && url.starts_with("http://hl7.org/fhir/");
    is_own && !later && includes(resource).all(is_free)
}

/// Every `include` and `exclude` of a value set.
fn includes(value_set: &Value) -> impl Iterator<Item = &Value> {
    let compose = &value_set["compose"];
    [&compose["include"], &compose["exclude"]].into_iter().filter_map(Value::as_array).flatten()
}

/// Whether the codes that it lists may be passed on.
fn is_free(include: &Value) -> bool {
    let system = text(include, "system");
    let is_own = OWN.iter().any(|own| system.starts_with(own));
    include["concept"].is_null() || is_own || FREE.contains(&system)
}

fn code_system(resource: &Value) -> Value {
    let kept = ["url", "version", "content", "caseSensitive", "hierarchyMeaning"];
    let mut slim = only(resource, &kept);
    if let Some(properties) = resource["property"].as_array() {
        slim["property"] = properties.iter().map(|p| only(p, &["code", "uri"])).collect();
    }
    slim["concept"] = concepts(resource);
    slim
}

fn concepts(of: &Value) -> Value {
    let all = of["concept"].as_array().map(Vec::as_slice).unwrap_or_default();
    let slim = |concept: &Value| {
        let mut slim = only(concept, &["code", "display", "property"]);
        if concept["concept"].is_array() {
            slim["concept"] = concepts(concept);
        }
        slim
    };
    all.iter().map(slim).collect()
}

fn value_set(resource: &Value) -> Value {
    let mut slim = only(resource, &["url", "version", "status"]);
    slim["compose"] = only(&resource["compose"], &["inactive"]);
    for name in ["include", "exclude"] {
        if let Some(sets) = resource["compose"][name].as_array() {
            slim["compose"][name] = sets.iter().map(include).collect();
        }
    }
    slim
}

fn include(set: &Value) -> Value {
    let mut slim = only(set, &["system", "version", "valueSet"]);
    if let Some(concepts) = set["concept"].as_array() {
        slim["concept"] = concepts.iter().map(|c| only(c, &["code", "display"])).collect();
    }
    if let Some(filters) = set["filter"].as_array() {
        slim["filter"] = filters.iter().map(|f| only(f, &["property", "op", "value"])).collect();
    }
    slim
}

/// The properties with these names, in this order.
fn only(object: &Value, names: &[&str]) -> Value {
    let mut slim = Map::new();
    for name in names {
        if let Some(value) = object.get(name) {
            slim.insert((*name).to_owned(), value.clone());
        }
    }
    Value::Object(slim)
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_default()
}
