//! A place in a resource, with the FHIR type of what's there.

use cresset_fhir::definitions::{Definitions, TypeId};
use cresset_fhir::json::Json;

/// An element or resource: its JSON and its type.
///
/// A primitive can have a value, an id and extensions (in the JSON sibling `_name`), or both; one
/// of `json` and `sibling` is always there. Nodes are cheap to copy, and where one is in its
/// resource is found out only when asked: see [`places`](crate::places).
#[derive(Debug, Clone, Copy)]
pub struct Node<'a> {
    pub(crate) json: Option<&'a Json>,
    pub(crate) sibling: Option<&'a Json>,
    pub(crate) type_id: Option<TypeId>,
}

impl<'a> Node<'a> {
    /// A whole resource, whose type its `resourceType` tells.
    pub fn resource(json: &'a Json, definitions: &Definitions) -> Node<'a> {
        let name = json.get("resourceType").and_then(Json::as_str);
        Node {
            json: Some(json),
            sibling: None,
            type_id: name.and_then(|name| definitions.type_named(name)),
        }
    }

    /// An element of a known type.
    pub fn typed(json: &'a Json, type_id: TypeId) -> Node<'a> {
        Node { json: Some(json), sibling: None, type_id: Some(type_id) }
    }

    /// This element with a primitive's id and extensions.
    #[must_use]
    pub fn with_sibling(self, sibling: Option<&'a Json>) -> Node<'a> {
        Node { sibling, ..self }
    }

    /// The value; a primitive may have none.
    pub fn json(&self) -> Option<&'a Json> {
        self.json
    }

    /// The object with a primitive's id and extensions.
    pub fn sibling(&self) -> Option<&'a Json> {
        self.sibling
    }

    /// The type; none when the definitions don't know it.
    pub fn type_id(&self) -> Option<TypeId> {
        self.type_id
    }

    /// Whether the two are the same place, not only equal.
    pub fn is_same(&self, other: &Node<'_>) -> bool {
        let same = |left: Option<&Json>, right: Option<&Json>| match (left, right) {
            (Some(left), Some(right)) => std::ptr::eq(left, right),
            (None, None) => true,
            _ => false,
        };
        same(self.json, other.json) && same(self.sibling, other.sibling)
    }
}
