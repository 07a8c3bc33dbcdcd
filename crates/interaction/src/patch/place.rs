//! Where an element is, in terms that outlive a change of the resource.

use std::fmt::Write;

use compact_str::CompactString;
use cresset_fhir::definitions::{Definitions, Kind, TypeId};
use cresset_fhir::json::{Json, Object};
use cresset_fhirpath::{Place, PlaceStep};

/// A step down: the evaluator's [`PlaceStep`] with a name of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Name(CompactString),
    Index(usize),
}

/// An element by the object that holds it: the property (without `_`), and which item of it when
/// JSON has it as an array.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Slot {
    pub(super) holder: Vec<Step>,
    pub(super) property: CompactString,
    pub(super) index: Option<usize>,
}

pub(super) fn owned_steps(place: &Place<'_>) -> Vec<Step> {
    let own = |step: &PlaceStep<'_>| match step {
        PlaceStep::Name(name) => Step::Name((*name).into()),
        PlaceStep::Index(index) => Step::Index(*index),
    };
    place.steps().iter().map(own).collect()
}

impl Slot {
    /// None for the resource itself, which nothing holds.
    pub(super) fn of(steps: &[Step]) -> Option<Slot> {
        let (index, steps) = match steps {
            [steps @ .., Step::Index(index)] => (Some(*index), steps),
            _ => (None, steps),
        };
        match steps {
            [holder @ .., Step::Name(name)] => {
                Some(Slot { holder: holder.to_vec(), property: name.clone(), index })
            }
            _ => None,
        }
    }
}

/// The object at the end of these steps, for changing it.
pub(super) fn object_at<'j>(root: &'j mut Json, steps: &[Step]) -> Option<&'j mut Object> {
    let end = steps.iter().try_fold(root, |json, step| match (step, json) {
        (Step::Name(name), Json::Object(object)) => object.get_mut(name),
        (Step::Index(index), Json::Array(items)) => items.get_mut(*index),
        _ => None,
    });
    end?.as_object_mut()
}

/// The type of the element at the end of these steps.
pub(super) fn type_at(root: &Json, steps: &[Step], definitions: &Definitions) -> Option<TypeId> {
    let mut json = root;
    let mut type_id = stated_type(json, definitions)?;
    for step in steps {
        match step {
            Step::Name(name) => {
                let property = name.strip_prefix('_').unwrap_or(name);
                type_id = definitions[type_id].property(property)?.type_id;
                json = json.get(name)?;
            }
            Step::Index(index) => json = json.as_array()?.get(*index)?,
        }
        if definitions[type_id].kind == Kind::Resource && json.as_object().is_some() {
            type_id = stated_type(json, definitions)?;
        }
    }
    Some(type_id)
}

/// What a resource says that it is.
pub(super) fn stated_type(resource: &Json, definitions: &Definitions) -> Option<TypeId> {
    let name = resource.get("resourceType").and_then(Json::as_str)?;
    let type_id = definitions.type_named(name)?;
    (definitions[type_id].kind == Kind::Resource).then_some(type_id)
}

/// The place as an expression: `Patient.name[0].given[1]`.
pub(super) fn expression(root: &Json, steps: &[Step], definitions: &Definitions) -> String {
    let type_id = stated_type(root, definitions);
    let mut text = type_id.map_or_else(String::new, |id| definitions[id].name.clone());
    for step in steps {
        match step {
            Step::Name(name) => {
                let dot = if text.is_empty() { "" } else { "." };
                text.push_str(dot);
                text.push_str(name.strip_prefix('_').unwrap_or(name));
            }
            Step::Index(index) => {
                let _ = write!(text, "[{index}]");
            }
        }
    }
    text
}
