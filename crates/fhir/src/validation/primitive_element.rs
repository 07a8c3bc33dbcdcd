//! Elements with a primitive type: the value, and `_name` beside it (R4 JSON, section 2.6.2.3).

use super::Visitor;
use super::issue::IssueCode;
use super::path::Step;
use super::primitive::Primitive;
use super::walk::{Frame, Place, Standing, Walk, article};
use crate::json::Json;

/// The value of a primitive that has extensions only.
static ABSENT: Json = Json::Null;

impl<'a, V: Visitor<'a>> Walk<'_, '_, V> {
    pub(super) fn primitive_property(
        &mut self,
        place: &Place<'_, 'a, V::Position>,
        primitive: Primitive,
        value: Option<&'a Json>,
        sibling: Option<&'a Json>,
    ) {
        let step = place.frame.step.child(place.property.element_name);
        if !place.property.is_array {
            return self.primitive(place, primitive, &step, value, sibling);
        }
        let values = self.items(&step, value);
        let siblings = self.items(&step, sibling);
        if value.is_some() && sibling.is_some() && values.len() != siblings.len() {
            let text = "the array and its `_` array must have the same length: fill up with null";
            self.issues.push(IssueCode::Structure, &step, text);
        }
        for n in 0..values.len().max(siblings.len()) {
            if self.issues.is_full() {
                return;
            }
            let step = place.frame.step.item(place.property.element_name, n);
            let present = |items: &'a [Json]| items.get(n).filter(|v| **v != Json::Null);
            match (present(values), present(siblings)) {
                (None, None) => {
                    let text = "null stands only where the other of the array and its `_` array has a value";
                    self.issues.push(IssueCode::Structure, &step, text);
                }
                (value, sibling) => self.primitive(place, primitive, &step, value, sibling),
            }
        }
    }

    fn items(&mut self, step: &Step, value: Option<&'a Json>) -> &'a [Json] {
        match value {
            None => &[],
            Some(Json::Array(items)) => {
                if items.is_empty() {
                    self.empty_array(step);
                }
                items
            }
            Some(other) => {
                self.not_array(step, other);
                other.items()
            }
        }
    }

    /// One value, its sibling, or both.
    fn primitive(
        &mut self,
        place: &Place<'_, 'a, V::Position>,
        primitive: Primitive,
        step: &Step,
        value: Option<&'a Json>,
        sibling: Option<&'a Json>,
    ) {
        match value {
            Some(Json::Array(items)) => self.not_single(step, items),
            Some(value) => match primitive.check(value) {
                Ok(()) => self.bound_code(step, place.property, value),
                Err(fault) => self.issues.push(fault.code, step, fault.text),
            },
            None => {}
        }
        let Some(sibling) = sibling else {
            if let Some(value) = value {
                self.visit(place, place.property.type_id, value, None);
            }
            return;
        };
        let Json::Object(object) = sibling else {
            let text = format!("its `_` property must be an object, not {}", article(sibling));
            return self.issues.push(IssueCode::Structure, step, text);
        };
        // ele-1: an id is not content.
        if value.is_none() && !object.is_empty() && object.get("extension").is_none() {
            let text = "must have a value or an extension";
            self.issues.push(IssueCode::Invariant, step, text);
        }
        let type_id = place.property.type_id;
        let position = self.visit(place, type_id, value.unwrap_or(&ABSENT), Some(sibling));
        self.object(&Frame {
            type_id,
            standing: Standing::Sibling,
            object,
            step,
            scope: place.frame.scope,
            position,
        });
    }
}
