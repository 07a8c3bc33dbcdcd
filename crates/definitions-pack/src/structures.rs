//! Structure definitions to types: a snapshot's flat list becomes one type per backbone.

use crate::schema::Schema;
use crate::source::Source;
use cresset_fhir::definitions::choice_property;
use cresset_fhir::definitions::pack::{PackElement, PackKind, PackType};
use serde_json::Value;
use std::collections::HashSet;

const FHIR_TYPE: &str = "http://hl7.org/fhir/StructureDefinition/structuredefinition-fhir-type";
/// What every backbone element has.
const INHERITED: [&str; 3] = ["id", "extension", "modifierExtension"];
const STRUCTURE: &str = "http://hl7.org/fhir/StructureDefinition/";

/// The types of all structures, datatypes first, as HL7's files order them.
pub(crate) fn types(source: &Source) -> Vec<PackType> {
    let mut types: Vec<_> = source.structures.iter().flat_map(types_of).collect();
    for structure in &mut types {
        sift(structure, &source.schema);
        mend(structure, &source.data_elements);
        drop_unlisted(structure, &source.data_elements);
    }
    let used: HashSet<String> =
        types.iter().flat_map(|t| &t.elements).flat_map(|e| e.types.clone()).collect();
    types.retain(|t| t.kind != PackKind::Backbone || used.contains(&t.name));
    types
}

/// Takes out what the version's schema doesn't know.
fn sift(structure: &mut PackType, schema: &Schema) {
    let root = structure.name.split('.').next().unwrap_or(&structure.name).to_owned();
    for element in &mut structure.elements {
        if element.choice {
            element.types.retain(|t| schema.has(&root, &choice_property(&element.name, t)));
        } else if !schema.has(&root, &element.name) {
            element.types.clear();
        }
        if element.types.is_empty() {
            eprintln!("left out: {}.{}", structure.name, element.name);
        }
    }
    structure.elements.retain(|e| !e.types.is_empty());
}

/// Takes out direct, simple elements of a structure that HL7's list of data elements covers but
/// does not hold: additions that have found their way into the schema too.
fn drop_unlisted(structure: &mut PackType, data_elements: &[Value]) {
    let listed = children(&structure.name, data_elements);
    if structure.kind == PackKind::Backbone || listed.is_empty() {
        return;
    }
    let inherited = [
        "id",
        "extension",
        "modifierExtension",
        "meta",
        "implicitRules",
        "language",
        "text",
        "contained",
    ];
    let (name, of) = (structure.name.clone(), format!("{}.", structure.name));
    structure.elements.retain(|e| {
        let own = format!("{of}{}", e.name);
        let inner = format!("{own}.");
        let backbone = e.types.iter().any(|t| t.starts_with(&of))
            && (e.types != [own]
                || data_elements.iter().any(|d| text(d, "path").starts_with(&inner)));
        let kept = backbone
            || inherited.contains(&e.name.as_str())
            || listed.iter().any(|l| l.name == e.name);
        if !kept {
            eprintln!("left out: {name}.{}", e.name);
        }
        kept
    });
}

/// Puts HL7's elements back where a redistributed copy has replaced some of them.
fn mend(structure: &mut PackType, data_elements: &[Value]) {
    let listed = children(&structure.name, data_elements);
    let known: HashSet<&str> = structure.elements.iter().map(|e| e.name.as_str()).collect();
    let lost: Vec<_> = listed.iter().filter(|e| !known.contains(e.name.as_str())).collect();
    if !lost.is_empty() {
        eprintln!("mended: {} ({} elements)", structure.name, lost.len());
        structure.elements.retain(|e| INHERITED.contains(&e.name.as_str()));
        structure
            .elements
            .extend(listed.into_iter().filter(|e| !INHERITED.contains(&e.name.as_str())));
    }
}

fn types_of(definition: &Value) -> Vec<PackType> {
    let name = text(definition, "type").to_owned();
    let elements = definition["snapshot"]["element"].as_array().expect("a snapshot");
    let mut types = vec![PackType {
        kind: match text(definition, "kind") {
            "resource" => PackKind::Resource,
            "primitive-type" => PackKind::Primitive,
            _ => PackKind::Complex,
        },
        base: definition["baseDefinition"].as_str().map(last_segment),
        is_abstract: definition["abstract"] == true,
        elements: children(&name, elements),
        name,
    }];
    for element in elements.iter().skip(1) {
        let path = text(element, "path");
        if is_backbone(path, elements) {
            types.push(PackType {
                name: path.to_owned(),
                kind: PackKind::Backbone,
                base: Some(text(&element["type"][0], "code").to_owned()),
                is_abstract: false,
                elements: children(path, elements),
            });
        }
    }
    types
}

fn is_backbone(path: &str, elements: &[Value]) -> bool {
    let prefix = format!("{path}.");
    elements.iter().any(|e| text(e, "path").starts_with(&prefix))
}

fn children(path: &str, elements: &[Value]) -> Vec<PackElement> {
    let prefix = format!("{path}.");
    let own = elements
        .iter()
        .filter(|e| text(e, "path").strip_prefix(&prefix).is_some_and(|name| !name.contains('.')));
    own.map(|element| pack_element(element, elements)).collect()
}

fn pack_element(element: &Value, all: &[Value]) -> PackElement {
    let path = text(element, "path");
    let name = path.rsplit('.').next().expect("a path has a name");
    let base_max = text(&element["base"], "max");
    PackElement {
        name: name.trim_end_matches("[x]").to_owned(),
        choice: name.ends_with("[x]"),
        types: type_names(element, path, all),
        min: u32::try_from(element["min"].as_u64().unwrap_or(0)).expect("a small minimum"),
        max: text(element, "max").parse().ok(),
        array: base_max != "1" && base_max != "0",
        targets: targets(element),
        required: required(element),
        summary: element["isSummary"] == true,
        modifier: element["isModifier"] == true,
    }
}

fn type_names(element: &Value, path: &str, all: &[Value]) -> Vec<String> {
    if let Some(reference) = element["contentReference"].as_str() {
        return vec![reference.trim_start_matches('#').to_owned()];
    }
    if is_backbone(path, all) {
        return vec![path.to_owned()];
    }
    let types = element["type"].as_array().map(Vec::as_slice).unwrap_or_default();
    types.iter().map(type_name).collect()
}

fn type_name(of: &Value) -> String {
    let code = text(of, "code");
    if !code.starts_with("http://hl7.org/fhirpath/") {
        return code.to_owned();
    }
    let extensions = of["extension"].as_array().map(Vec::as_slice).unwrap_or_default();
    let fhir_type = extensions.iter().find(|e| e["url"] == FHIR_TYPE);
    let fhir_type = fhir_type.and_then(|e| e["valueUrl"].as_str());
    fhir_type.map_or_else(|| "string".to_owned(), ToOwned::to_owned)
}

fn targets(element: &Value) -> Vec<String> {
    let types = element["type"].as_array().map(Vec::as_slice).unwrap_or_default();
    let profiles = types.iter().filter(|t| t["code"] == "Reference");
    let profiles = profiles.filter_map(|t| t["targetProfile"].as_array()).flatten();
    let mut names: Vec<String> = profiles
        .filter_map(|p| p.as_str()?.strip_prefix(STRUCTURE).map(ToOwned::to_owned))
        .collect();
    names.retain(|name| name != "Resource");
    names
}

fn required(element: &Value) -> Option<String> {
    let binding = &element["binding"];
    (binding["strength"] == "required").then(|| text(binding, "valueSet").to_owned())
}

fn last_segment(url: &str) -> String {
    url.rsplit('/').next().unwrap_or(url).to_owned()
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_default()
}
