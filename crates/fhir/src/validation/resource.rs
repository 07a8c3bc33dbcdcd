//! Resources: the document itself, those in `contained`, and those in a Bundle or in Parameters.

use super::Visitor;
use super::issue::IssueCode;
use super::path::Step;
use super::walk::{Frame, Place, Standing, Walk, article};
use crate::definitions::{ResourceType, TypeId};
use crate::json::{Json, Object};
use std::cell::OnceCell;
use std::collections::HashMap;

/// The resource that local references (`#id`) are looked up in.
pub(super) struct Scope<'a> {
    /// The resource that contains the others.
    pub(super) container: &'a Object,
    pub(super) container_type: ResourceType,
    by_id: OnceCell<HashMap<&'a str, &'a Object>>,
}

impl<'a> Scope<'a> {
    /// Above this many contained resources they are found by hash: local references may be many too.
    const FEW: usize = 16;

    fn new(container: &'a Object, container_type: ResourceType) -> Self {
        Self { container, container_type, by_id: OnceCell::new() }
    }

    /// The contained resource with this id.
    pub(super) fn contained(&self, id: &str) -> Option<&'a Object> {
        let items = self.container.get("contained")?.items();
        let mut entries = items.iter().filter_map(|item| {
            let object = item.as_object()?;
            Some((object.get("id")?.as_str()?, object))
        });
        if items.len() <= Self::FEW {
            return entries.find(|(n, _)| *n == id).map(|(_, object)| object);
        }
        self.by_id.get_or_init(|| entries.collect()).get(id).copied()
    }
}

impl<'a, V: Visitor<'a>> Walk<'_, '_, V> {
    /// Walks the document; gives its type when that is clear.
    pub(super) fn root(&mut self, resource: &'a Json) -> Option<ResourceType> {
        let (resource_type, type_id, object) = self.concrete(&Step::root("Resource"), resource)?;
        let position = self.visitor.root(resource_type, resource);
        self.object(&Frame {
            type_id,
            standing: Standing::Resource,
            object,
            step: &Step::root(&self.plan.definitions[type_id].name),
            scope: &Scope::new(object, resource_type),
            position,
        });
        Some(resource_type)
    }

    /// A resource inside another one.
    pub(super) fn nested(
        &mut self,
        place: &Place<'_, 'a, V::Position>,
        step: &Step,
        value: &'a Json,
        standing: Standing,
    ) {
        let is_contained = standing == Standing::Contained;
        if is_contained && place.frame.standing == Standing::Contained {
            let text = "a contained resource must not contain others: move them to the outermost resource (dom-2)";
            self.issues.push(IssueCode::Invariant, step, text);
        }
        let Some((resource_type, type_id, object)) = self.concrete(step, value) else {
            return;
        };
        let own = Scope::new(object, resource_type);
        let position = self.visit(place, type_id, value, None);
        self.object(&Frame {
            type_id,
            standing,
            object,
            step,
            scope: if is_contained { place.frame.scope } else { &own },
            position,
        });
    }

    /// The type that a resource says it has.
    fn concrete(
        &mut self,
        step: &Step,
        value: &'a Json,
    ) -> Option<(ResourceType, TypeId, &'a Object)> {
        let Json::Object(object) = value else {
            let text = format!("a resource must be an object, not {}", article(value));
            self.issues.push(IssueCode::Structure, step, text);
            return None;
        };
        let definitions = self.plan.definitions;
        let (code, text) = match object.get("resourceType") {
            None => {
                let text = "a resource must say what it is in `resourceType`".to_owned();
                (IssueCode::Required, text)
            }
            Some(Json::String(name)) => match definitions.resource_type(name) {
                Some(found) => return Some((found, definitions.resource_type_id(found), object)),
                // The name itself is content: it stays out of the diagnostics.
                None => {
                    let version = definitions.fhir_version();
                    let text = format!(
                        "`resourceType` must name a type of FHIR {version} that can have instances"
                    );
                    (IssueCode::Structure, text)
                }
            },
            Some(other) => {
                let text = format!("`resourceType` must be a string, not {}", article(other));
                (IssueCode::Structure, text)
            }
        };
        self.issues.push(code, step, text);
        None
    }
}
