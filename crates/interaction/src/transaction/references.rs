//! Replaces what references stand for: `urn:uuid:…` and conditional ones (R4, section 3.1.0.11.2).
//!
//! Only values whose type says that they point somewhere are touched: `Reference.reference`, and
//! uri, url, canonical, oid, uuid, and links in narrative. An identifier whose *value* happens to be
//! a UUID stays as it is.

use cresset_fhir::definitions::{Definitions, TypeId};
use cresset_fhir::json::{Json, Object};
use std::collections::HashMap;

/// What a value of a type means to this walk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    /// A pointer.
    Pointer,
    /// Narrative.
    Xhtml,
    /// `Reference`.
    Reference,
    /// A resource inside a resource: its own `resourceType` says which.
    Resource,
    /// Another primitive.
    Value,
    /// Another structure.
    Structure,
}

/// Knows which values point somewhere, by their type.
#[derive(Debug)]
pub struct Roles {
    definitions: &'static Definitions,
    roles: Vec<Role>,
    element: Option<TypeId>,
}

impl Roles {
    /// For the types of these definitions.
    pub fn new(definitions: &'static Definitions) -> Self {
        let roles = definitions.types().map(|(_, definition)| match definition.name.as_str() {
            "uri" | "url" | "canonical" | "oid" | "uuid" => Role::Pointer,
            "xhtml" => Role::Xhtml,
            "Reference" => Role::Reference,
            "Resource" | "DomainResource" => Role::Resource,
            _ if definition.is_primitive() => Role::Value,
            _ => Role::Structure,
        });
        Self { definitions, roles: roles.collect(), element: definitions.type_named("Element") }
    }

    /// Replaces all that `names` knows.
    pub fn rewrite(&self, resource: &mut Json, names: &HashMap<String, String>) {
        if !names.is_empty() {
            Rewrite { roles: self, names }.resource(resource);
        }
    }
}

struct Rewrite<'a> {
    roles: &'a Roles,
    names: &'a HashMap<String, String>,
}

impl Rewrite<'_> {
    fn resource(&self, value: &mut Json) {
        let Json::Object(object) = value else { return };
        let name = object.get("resourceType").and_then(Json::as_str);
        if let Some(type_id) = name.and_then(|n| self.roles.definitions.type_named(n)) {
            self.object(type_id, object);
        }
    }

    fn object(&self, type_id: TypeId, object: &mut Object) {
        let definition = &self.roles.definitions[type_id];
        for (name, value) in object.iter_mut() {
            if let Some((_, value_type)) = definition.element(name) {
                self.value(value_type, value);
            } else if name.starts_with('_')
                && let Some(element) = self.roles.element
            {
                // The extensions of a primitive.
                self.value(element, value);
            }
        }
    }

    fn value(&self, type_id: TypeId, value: &mut Json) {
        if let Json::Array(items) = value {
            items.iter_mut().for_each(|item| self.value(type_id, item));
            return;
        }
        match (self.roles.roles[type_id.index()], value) {
            (Role::Pointer, value) => self.pointer(value),
            (Role::Xhtml, Json::String(text)) => {
                if let Some(changed) = self.narrative(text) {
                    *text = changed.into();
                }
            }
            (Role::Resource, value) => self.resource(value),
            (Role::Reference, Json::Object(object)) => {
                if let Some(reference) = object.get_mut("reference") {
                    self.pointer(reference);
                }
                self.object(type_id, object);
            }
            (Role::Structure, Json::Object(object)) => self.object(type_id, object),
            _ => {}
        }
    }

    fn pointer(&self, value: &mut Json) {
        if let Json::String(text) = value
            && let Some(name) = self.names.get(text.as_str())
        {
            *text = name.as_str().into();
        }
    }

    /// `href` and `src` whose whole value is a name.
    fn narrative(&self, text: &str) -> Option<String> {
        let mut changed = String::new();
        let mut rest = text;
        while let Some(at) = next_link(rest) {
            let (before, link) = rest.split_at(at);
            let end = link.find(['"', '\'']).unwrap_or(link.len());
            changed.push_str(before);
            changed.push_str(self.names.get(&link[..end]).map_or(&link[..end], String::as_str));
            rest = &link[end..];
        }
        changed.push_str(rest);
        (changed != text).then_some(changed)
    }
}

/// Where the next link's value begins.
fn next_link(text: &str) -> Option<usize> {
    let starts = ["href=\"", "href='", "src=\"", "src='"];
    starts.iter().filter_map(|s| text.find(s).map(|at| at + s.len())).min()
}

/// Collects references of the form `Type?criteria`.
pub(super) fn conditional_references<'a>(value: &'a Json, found: &mut Vec<&'a str>) {
    match value {
        Json::Array(items) => items.iter().for_each(|item| conditional_references(item, found)),
        Json::Object(object) => {
            for (name, value) in object.iter() {
                match value {
                    Json::String(text) if name == "reference" && is_conditional(text) => {
                        found.push(text)
                    }
                    value => conditional_references(value, found),
                }
            }
        }
        _ => {}
    }
}

fn is_conditional(reference: &str) -> bool {
    reference.split_once('?').is_some_and(|(name, criteria)| {
        !name.is_empty() && !criteria.is_empty() && name.bytes().all(|b| b.is_ascii_alphabetic())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use cresset_fhir::json::{Limits, parse};

    #[test]
    fn pointers_change_and_other_values_stay() {
        let text = br#"{"resourceType":"Observation","identifier":[{"system":"urn:ietf:rfc:3986","value":"urn:uuid:a"}],
            "text":{"status":"generated","div":"<div><a href=\"urn:uuid:a\">urn:uuid:a</a></div>"},
            "contained":[{"resourceType":"Patient","managingOrganization":{"reference":"urn:uuid:a"}}],
            "_status":{"extension":[{"url":"http://x","valueUri":"urn:uuid:a"}]},
            "subject":{"reference":"urn:uuid:a"},"performer":[{"reference":"Practitioner?identifier=1"}],
            "component":[{"extension":[{"url":"http://y","valueReference":{"reference":"urn:uuid:a"}}]}]}"#;
        let mut json = parse(text, &Limits::default()).unwrap();
        let mut found = Vec::new();
        conditional_references(&json, &mut found);
        assert_eq!(found, ["Practitioner?identifier=1"]);
        let names = HashMap::from([("urn:uuid:a".to_owned(), "Patient/1".to_owned())]);
        Roles::new(Definitions::r4()).rewrite(&mut json, &names);
        let after = String::from_utf8(json.to_bytes()).unwrap();
        assert_eq!(after.matches("urn:uuid:a").count(), 2, "{after}");
        assert!(after.contains(r#""value":"urn:uuid:a""#), "{after}");
        assert!(after.contains(r#"<a href=\"Patient/1\">urn:uuid:a</a>"#), "{after}");
    }
}
