//! From a path to the one element that it means.

use cresset_fhir::definitions::{Definitions, TypeId};
use cresset_fhir::json::{Json, Object};
use cresset_fhirpath::{Context, EvaluationError, Expression, Limits, places};

use super::entries::{Entries, sibling_name};
use super::error::{PatchError, Result};
use super::place::{Slot, Step, expression, object_at, owned_steps};

/// What paths are evaluated with.
#[derive(Clone, Copy)]
pub(super) struct Surroundings {
    pub(super) definitions: &'static Definitions,
    pub(super) limits: Limits,
}

/// An element of the resource.
#[derive(Debug)]
pub(super) struct Target {
    pub(super) steps: Vec<Step>,
    pub(super) type_id: TypeId,
}

impl Surroundings {
    /// All elements that the path gives, in its order.
    pub(super) fn targets(&self, resource: &Json, path: &Expression) -> Result<Vec<Target>> {
        let context =
            Context::new(resource).with_definitions(self.definitions).with_limits(self.limits);
        let found = path.evaluate(context.input(), &context).map_err(|e| not_evaluated(&e))?;
        let nodes: Vec<_> = found.nodes().collect();
        if nodes.len() < found.len() {
            return Err(PatchError::conflict(
                "the path gives a computed value; it must lead to an element",
            ));
        }
        let targets = places(resource, &nodes).into_iter().zip(&nodes);
        let targets = targets.map(|(place, node)| {
            let place = place.ok_or_else(|| {
                PatchError::conflict("the path leads out of the resource, which can't be changed")
            })?;
            let type_id = node.type_id().ok_or_else(|| {
                PatchError::conflict("the definitions don't know the element at the path")
            })?;
            Ok(Target { steps: owned_steps(&place), type_id })
        });
        targets.collect()
    }

    /// The only element that the path gives, if it gives one.
    pub(super) fn at_most_one(&self, resource: &Json, path: &Expression) -> Result<Option<Target>> {
        let mut targets = self.targets(resource, path)?;
        let target = targets.pop();
        match targets.len() {
            0 => Ok(target),
            others => Err(PatchError::conflict(format!(
                "the path gives {} elements; narrow it to one",
                others + 1
            ))),
        }
    }

    /// The only element that the path gives.
    pub(super) fn one(&self, resource: &Json, path: &Expression) -> Result<Target> {
        self.at_most_one(resource, path)?.ok_or_else(|| {
            PatchError::missing(
                "the path gives no element; read the resource and patch what it has",
            )
        })
    }

    /// The list that the path gives all items of; none when it gives nothing. The slot's index
    /// means nothing.
    pub(super) fn list(&self, resource: &mut Json, path: &Expression) -> Result<Option<Slot>> {
        let targets = self.targets(resource, path)?;
        let mut slots = targets.iter().map(|target| Slot::of(&target.steps));
        let Some(first) = slots.next() else {
            return Ok(None);
        };
        let not_a_list = || PatchError::conflict("the path must give all items of one list");
        let first = first.ok_or_else(not_a_list)?;
        let is_same = |other: Option<Slot>| {
            other.is_some_and(|other| {
                other.holder == first.holder && other.property == first.property
            })
        };
        let is_whole = first.index.is_some()
            && slots.all(is_same)
            && object_at(resource, &first.holder)
                .is_some_and(|holder| count(holder, &first.property) == targets.len());
        if !is_whole {
            let shown = || Some(expression(resource, &targets[0].steps, self.definitions));
            return Err(not_a_list().at(shown));
        }
        Ok(Some(first))
    }
}

/// The items of a list as FHIRPath sees them.
fn count(holder: &mut Object, property: &str) -> usize {
    let length = |name: &str| holder.get(name).map_or(0, |json| json.items().len());
    length(property).max(length(&sibling_name(property)))
}

/// The list's entries, taken out; see [`Entries::put`].
pub(super) fn take_entries<'j>(
    resource: &'j mut Json,
    slot: &Slot,
) -> Result<(&'j mut Object, Entries)> {
    let holder = object_at(resource, &slot.holder)
        .ok_or_else(|| PatchError::conflict("the element is not in an object"))?;
    let entries = Entries::take(holder, &slot.property);
    Ok((holder, entries))
}

/// The evaluator's message may quote what it has found.
fn not_evaluated(error: &EvaluationError) -> PatchError {
    match error {
        EvaluationError::TooMuchWork(_) | EvaluationError::TextTooLong(_) => {
            PatchError::too_large("the path needs too much work on this resource; make it simpler")
        }
        EvaluationError::NotSingle { .. } | EvaluationError::WrongType { .. } => {
            PatchError::conflict(
                "the path can't be evaluated on this resource: an operator or function was given \
                 several items, or an item of a type it can't take",
            )
        }
        EvaluationError::UnknownVariable(_)
        | EvaluationError::UnknownType(_)
        | EvaluationError::NotAvailable(_)
        | EvaluationError::Pattern(_) => PatchError::invalid(
            "the path uses a variable, type, function or pattern that is not known here",
        ),
    }
}
