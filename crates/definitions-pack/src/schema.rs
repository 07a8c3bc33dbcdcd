//! HL7's JSON schema as the witness of what belongs to a version.
//!
//! A redistributed copy of the structure definitions can hold elements that were added to them; the
//! schema beside it lists the JSON properties that the version really has.

use serde_json::Value;
use std::collections::{HashMap, HashSet};

/// JSON properties by the structure that holds them, its backbones included.
pub(crate) struct Schema {
    properties: HashMap<String, HashSet<String>>,
}

impl Schema {
    /// Reads `fhir.schema.json`.
    pub(crate) fn new(schema: &Value) -> Self {
        let mut properties: HashMap<String, HashSet<String>> = HashMap::new();
        let definitions = schema["definitions"].as_object().into_iter().flatten();
        for (name, definition) in definitions {
            let structure = name.split('_').next().unwrap_or(name);
            let names = definition["properties"].as_object().into_iter().flatten();
            let known = properties.entry(structure.to_owned()).or_default();
            known.extend(names.map(|(name, _)| name.clone()));
        }
        Self { properties }
    }

    /// Whether `structure` has the JSON property somewhere. Primitive datatypes have none in the
    /// schema, and pass.
    pub(crate) fn has(&self, structure: &str, property: &str) -> bool {
        self.properties.get(structure).is_none_or(|p| p.is_empty() || p.contains(property))
    }
}
