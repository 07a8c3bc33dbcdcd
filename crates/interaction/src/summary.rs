//! `_summary` and `_elements`: parts of resources (R4 search, sections 3.1.1.5.8 and 3.1.1.5.9).

use crate::Failure;
use crate::request::parsed;
use cresset_fhir::definitions::{Definitions, Kind, TypeId};
use cresset_fhir::json::{Json, Limits, Object};

/// Which part of each resource is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum View {
    /// `_summary=true`: the elements that the specification marks.
    Summary,
    /// `_summary=text`: narrative, id, meta and what is mandatory.
    Text,
    /// `_summary=data`: everything but the narrative.
    Data,
    /// `_elements`: these, and what is mandatory.
    Elements(Vec<String>),
}

impl View {
    /// What the parameters ask for; `None` for whole resources.
    pub(crate) fn of(parameters: &[(String, String)]) -> Result<Option<Self>, Failure> {
        let mut elements = Vec::new();
        for (name, value) in parameters {
            match (name.as_str(), value.as_str()) {
                ("_summary", "true") => return Ok(Some(Self::Summary)),
                ("_summary", "text") => return Ok(Some(Self::Text)),
                ("_summary", "data") => return Ok(Some(Self::Data)),
                // A search names one without a value among what it went on without.
                ("_summary", "false" | "count" | "") => {}
                ("_summary", _) => {
                    let problem = "_summary must be true, text, data, count or false";
                    return Err(Failure::bad_request("value", problem).at("http._summary"));
                }
                ("_elements", list) => {
                    elements.extend(
                        list.split(',').map(|e| e.trim().to_owned()).filter(|e| !e.is_empty()),
                    );
                }
                _ => {}
            }
        }
        Ok((!elements.is_empty()).then_some(Self::Elements(elements)))
    }

    /// The part, compact, tagged as a part.
    pub(crate) fn apply(
        &self,
        definitions: &Definitions,
        body: &[u8],
        limits: &Limits,
    ) -> Result<Vec<u8>, Failure> {
        let mut resource = parsed(body, limits)?;
        if let Some(object) = resource.as_object_mut() {
            let type_id = object
                .get("resourceType")
                .and_then(Json::as_str)
                .and_then(|n| definitions.type_named(n));
            if let Some(type_id) = type_id {
                self.keep(definitions, type_id, object);
            }
            tag(object);
        }
        Ok(resource.to_bytes())
    }

    fn keep(&self, definitions: &Definitions, type_id: TypeId, resource: &mut Object) {
        let type_name = definitions[type_id].name.clone();
        resource.retain(|name, value| {
            let element = name.strip_prefix('_').unwrap_or(name);
            if matches!(element, "resourceType" | "id" | "meta") {
                return true;
            }
            let Some((definition, value_type)) = definitions[type_id].element(element) else {
                return false;
            };
            match self {
                Self::Data => element != "text",
                Self::Text => element == "text" || definition.min > 0,
                Self::Elements(wanted) => {
                    let named = |w: &String| {
                        let w = w
                            .strip_prefix(type_name.as_str())
                            .and_then(|w| w.strip_prefix('.'))
                            .unwrap_or(w);
                        w == definition.name || w == element
                    };
                    definition.min > 0 || wanted.iter().any(named)
                }
                Self::Summary => {
                    summarize(definitions, value_type, value);
                    definition.is_summary
                }
            }
        });
    }
}

/// Inside a backbone, elements are marked one by one; datatypes are kept whole.
fn summarize(definitions: &Definitions, type_id: TypeId, value: &mut Json) {
    if definitions[type_id].kind != Kind::Backbone {
        return;
    }
    match value {
        Json::Array(items) => {
            items.iter_mut().for_each(|item| summarize(definitions, type_id, item))
        }
        Json::Object(object) => object.retain(|name, inner| {
            let element = name.strip_prefix('_').unwrap_or(name);
            let Some((definition, inner_type)) = definitions[type_id].element(element) else {
                return false;
            };
            summarize(definitions, inner_type, inner);
            definition.is_summary
        }),
        _ => {}
    }
}

/// A part must not be taken for the whole: R4 search, section 3.1.1.5.8, demands this tag.
fn tag(resource: &mut Object) {
    const SYSTEM: &str = "http://terminology.hl7.org/CodeSystem/v3-ObservationValue";
    let tag: Json = Object::new().with("system", SYSTEM).with("code", "SUBSETTED").into();
    if resource.get("meta").is_none() {
        let at = resource.position("id").map_or(1, |at| at + 1);
        resource.insert_at(at, "meta", Object::new());
    }
    let Some(meta) = resource.get_mut("meta").and_then(Json::as_object_mut) else {
        return;
    };
    match meta.get_mut("tag") {
        Some(Json::Array(tags)) => tags.push(tag),
        _ => meta.insert("tag", vec![tag]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(view: &View) -> String {
        let body = br#"{"resourceType":"Observation","id":"1","meta":{"versionId":"1"},"text":{"status":"generated"},"status":"final","code":{"text":"x"},"note":[{"text":"y"}],"valueQuantity":{"value":1.50}}"#;
        let bytes = view.apply(Definitions::r4(), body, &Limits::default()).unwrap();
        let json = parsed(&bytes, &Limits::default()).unwrap();
        let names: Vec<&str> = json.as_object().unwrap().iter().map(|(n, _)| n).collect();
        assert!(String::from_utf8(bytes.clone()).unwrap().contains("SUBSETTED"));
        names.join(" ")
    }

    #[test]
    fn parts_keep_what_is_mandatory() {
        assert_eq!(part(&View::Summary), "resourceType id meta status code valueQuantity");
        assert_eq!(part(&View::Text), "resourceType id meta text status code");
        assert_eq!(part(&View::Data), "resourceType id meta status code note valueQuantity");
        assert_eq!(
            part(&View::Elements(vec!["note".into()])),
            "resourceType id meta status code note"
        );
        assert_eq!(
            part(&View::Elements(vec!["Observation.value".into()])),
            "resourceType id meta status code valueQuantity"
        );
    }
}
