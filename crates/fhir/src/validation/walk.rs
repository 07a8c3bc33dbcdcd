use super::issue::{IssueCode, Issues, quoted};
use super::path::Step;
use super::plan::{Plan, PropertyPlan, Rules, Shape, TypePlan};
use super::resource::Scope;
use super::{Options, Visitor};
use crate::definitions::TypeId;
use crate::json::{Json, Limits, Object};

/// The state of a walk.
pub(super) struct Walk<'v, 'd, V> {
    pub(super) plan: &'v Plan<'d>,
    pub(super) options: &'v Options,
    pub(super) visitor: &'v mut V,
    pub(super) issues: Issues,
}

/// An object whose properties are walked.
pub(super) struct Frame<'f, 'a, P> {
    pub(super) type_id: TypeId,
    pub(super) standing: Standing,
    pub(super) object: &'a Object,
    pub(super) step: &'f Step<'f>,
    pub(super) scope: &'f Scope<'a>,
    pub(super) position: P,
}

/// What an object is within its document.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    Resource,
    Contained,
    Element,
    /// The `_name` of a primitive.
    Sibling,
}

/// A property of a [`Frame`].
pub(super) struct Place<'f, 'a, P> {
    pub(super) frame: &'f Frame<'f, 'a, P>,
    pub(super) index: usize,
    pub(super) property: &'f PropertyPlan<'f>,
}

impl<'a, V: Visitor<'a>> Walk<'_, '_, V> {
    pub(super) fn object(&mut self, frame: &Frame<'_, 'a, V::Position>) {
        // The parser has this limit too; a resource built in memory has met none.
        if frame.step.depth > Limits::default().depth {
            let text = "the nesting is too deep: flatten it";
            return self.issues.push(IssueCode::Structure, frame.step, text);
        }
        if frame.object.is_empty() {
            let text = "an object must not be empty: leave the property out (R4 JSON, 2.6.2)";
            return self.issues.push(IssueCode::Structure, frame.step, text);
        }
        let type_plan = self.plan.type_plan(frame.type_id);
        let has_siblings = frame.object.iter().any(|(name, _)| name.starts_with('_'));
        let mut seen = 0;
        for (name, value) in frame.object.iter() {
            if self.issues.is_full() {
                return;
            }
            match name.strip_prefix('_') {
                Some(base) => self.sibling(frame, type_plan, &mut seen, base, name, value),
                None => self.property(frame, type_plan, &mut seen, name, value, has_siblings),
            }
        }
        self.report_missing(frame, type_plan.required & !seen);
    }

    fn property(
        &mut self,
        frame: &Frame<'_, 'a, V::Position>,
        type_plan: &TypePlan,
        seen: &mut u128,
        name: &str,
        value: &'a Json,
        has_siblings: bool,
    ) {
        let Some(index) = type_plan.find(name) else {
            return self.unknown(frame, name);
        };
        let property = &type_plan.properties[index];
        self.count(frame, property, seen);
        let place = Place { frame, index, property };
        let Shape::Primitive(primitive) = property.shape else {
            return self.complex_property(&place, value);
        };
        let sibling = (has_siblings && property.has_sibling)
            .then(|| sibling_of(frame.object, name))
            .flatten();
        self.primitive_property(&place, primitive, Some(value), sibling);
    }

    /// `_name`, which belongs to `name` when that is there.
    fn sibling(
        &mut self,
        frame: &Frame<'_, 'a, V::Position>,
        type_plan: &TypePlan,
        seen: &mut u128,
        base: &str,
        name: &str,
        value: &'a Json,
    ) {
        let Some(index) = type_plan.find(base) else {
            return self.unknown(frame, name);
        };
        let property = &type_plan.properties[index];
        match property.shape {
            Shape::Primitive(primitive) if property.has_sibling => {
                if frame.object.get(base).is_none() {
                    self.count(frame, property, seen);
                    let place = Place { frame, index, property };
                    self.primitive_property(&place, primitive, None, Some(value));
                }
            }
            _ => {
                let at = frame.step.unknown_child(name);
                let text = "only elements with a primitive type can have a `_` property";
                self.issues.push(IssueCode::Structure, &at, text);
            }
        }
    }

    fn unknown(&mut self, frame: &Frame<'_, 'a, V::Position>, name: &str) {
        let is_resource = matches!(frame.standing, Standing::Resource | Standing::Contained);
        if is_resource && name == "resourceType" {
            return;
        }
        let type_name = &self.plan.definitions[frame.type_id].name;
        let text = match name {
            "fhir_comments" => "FHIR's JSON has no comments since DSTU2: remove them".to_owned(),
            _ => format!("{type_name} has no property {}", quoted(name)),
        };
        let at = frame.step.unknown_child(name);
        self.issues.push(IssueCode::Structure, &at, text);
    }

    fn complex_property(&mut self, place: &Place<'_, 'a, V::Position>, value: &'a Json) {
        let name = place.property.element_name;
        let step = place.frame.step;
        match value {
            Json::Array(items) if !place.property.is_array => {
                self.not_single(&step.child(name), items);
            }
            Json::Array(items) if items.is_empty() => self.empty_array(&step.child(name)),
            Json::Array(items) => {
                for (n, item) in items.iter().enumerate() {
                    if self.issues.is_full() {
                        return;
                    }
                    self.complex(place, &step.item(name, n), item);
                }
            }
            other => {
                let step = step.child(name);
                if place.property.is_array {
                    self.not_array(&step, other);
                }
                self.complex(place, &step, other);
            }
        }
    }

    fn complex(&mut self, place: &Place<'_, 'a, V::Position>, step: &Step, value: &'a Json) {
        let rules = match place.property.shape {
            Shape::Contained => return self.nested(place, step, value, Standing::Contained),
            Shape::Resource => return self.nested(place, step, value, Standing::Resource),
            Shape::Complex(rules) => rules,
            Shape::Primitive(_) => return,
        };
        let Json::Object(object) = value else {
            let text = format!("must be an object, not {}", article(value));
            return self.issues.push(IssueCode::Structure, step, text);
        };
        let frame = Frame {
            type_id: place.property.type_id,
            standing: Standing::Element,
            object,
            step,
            scope: place.frame.scope,
            position: self.visit(place, place.property.type_id, value, None),
        };
        self.object(&frame);
        self.only_id(&frame);
        match rules {
            Rules::None => {}
            Rules::Extension => self.extension(&frame),
            Rules::Reference => self.reference(&frame, place.property),
            Rules::CodeableConcept => self.bound_concept(&frame, place.property),
            Rules::Coded => self.bound_coding(&frame, place.property),
        }
    }

    /// Shows the visitor a value. After an issue there is no use in that, and the place of the
    /// parent will do for children that it won't see either.
    pub(super) fn visit(
        &mut self,
        place: &Place<'_, 'a, V::Position>,
        type_id: TypeId,
        value: &'a Json,
        sibling: Option<&'a Json>,
    ) -> V::Position {
        let at = place.frame.position;
        if !self.issues.is_empty() {
            return at;
        }
        let parent_type = place.frame.type_id;
        self.visitor.element(at, parent_type, place.index, type_id, value, sibling)
    }
}

/// The value of `_name`.
fn sibling_of<'a>(object: &'a Object, name: &str) -> Option<&'a Json> {
    let is_sibling = |candidate: &str| candidate.strip_prefix('_') == Some(name);
    object.iter().find(|(n, _)| is_sibling(n)).map(|(_, v)| v)
}

/// `an array`, `null`: the kind of a value, to go on a sentence with.
pub(super) fn article(value: &Json) -> &'static str {
    match value {
        Json::Null => "null",
        Json::Bool(_) => "a boolean",
        Json::Number(_) => "a number",
        Json::String(_) => "a string",
        Json::Array(_) => "an array",
        Json::Object(_) => "an object",
    }
}
