//! HL7's bundles, read and sifted.

use crate::schema::Schema;
use serde_json::Value;
use std::error::Error;
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

/// The resources that a pack is made from.
pub(crate) struct Source {
    /// The properties that the version really has.
    pub(crate) schema: Schema,
    /// Structures of datatypes and resources.
    pub(crate) structures: Vec<Value>,
    /// HL7's own list of elements, one by one, to mend structures with.
    pub(crate) data_elements: Vec<Value>,
    /// Search parameters.
    pub(crate) search_parameters: Vec<Value>,
    /// Compartments.
    pub(crate) compartments: Vec<Value>,
    /// Value sets.
    pub(crate) value_sets: Vec<Value>,
    /// Code systems.
    pub(crate) code_systems: Vec<Value>,
}

impl Source {
    /// Reads the bundles of a folder.
    pub(crate) fn read(folder: &Path, fhir_version: &str) -> Result<Self, Box<dyn Error>> {
        let mut all = Vec::new();
        for file in [
            "profiles-types.json",
            "profiles-resources.json",
            "search-parameters.json",
            "valuesets.json",
            "v3-codesystems.json",
        ] {
            all.extend(resources(&folder.join(file))?);
        }
        let of_type = |name: &str| -> Vec<Value> {
            all.iter().filter(|r| r["resourceType"] == name).cloned().collect()
        };
        let mut structures = of_type("StructureDefinition");
        structures.retain(|s| is_a_structure(s, fhir_version));
        let schema = File::open(folder.join("fhir.schema.json"))?;
        Ok(Self {
            schema: Schema::new(&serde_json::from_reader(BufReader::new(schema))?),
            structures,
            data_elements: data_elements(folder)?,
            search_parameters: of_type("SearchParameter"),
            compartments: of_type("CompartmentDefinition"),
            value_sets: of_type("ValueSet"),
            code_systems: of_type("CodeSystem"),
        })
    }
}

/// The resources of a bundle.
pub(crate) fn resources(file: &Path) -> Result<Vec<Value>, Box<dyn Error>> {
    let open = File::open(file).map_err(|e| format!("{}: {e}", file.display()))?;
    let bundle: Value = serde_json::from_reader(BufReader::new(open))?;
    let entries = bundle["entry"].as_array().ok_or("a bundle without entries")?;
    Ok(entries.iter().map(|e| e["resource"].clone()).collect())
}

/// The elements of `dataelements.json`: each stands in a structure definition of its own.
fn data_elements(folder: &Path) -> Result<Vec<Value>, Box<dyn Error>> {
    let definitions = resources(&folder.join("dataelements.json"))?;
    let elements = definitions.iter().filter_map(|d| d["snapshot"]["element"].as_array());
    Ok(elements.flatten().cloned().collect())
}

/// Specializations (not profiles) of datatypes and resources of the version asked for.
fn is_a_structure(definition: &Value, fhir_version: &str) -> bool {
    let text = |name: &str| definition[name].as_str().unwrap_or_default();
    let taken = text("fhirVersion") == fhir_version
        && text("kind") != "logical"
        && text("derivation") != "constraint"
        && text("url").starts_with("http://hl7.org/fhir/StructureDefinition/");
    if !taken {
        eprintln!("left out: {} ({}, FHIR {})", text("url"), text("kind"), text("fhirVersion"));
    }
    taken
}
