//! Required bindings (R4 terminologies.html, section 4.1.5). Value sets that HL7's files don't
//! enumerate take every code.

use super::Visitor;
use super::issue::IssueCode;
use super::path::Step;
use super::plan::PropertyPlan;
use super::walk::{Frame, Walk};
use crate::definitions::ValueSet;
use crate::json::{Json, Object};

impl<'a, V: Visitor<'a>> Walk<'_, '_, V> {
    pub(super) fn bound_code(&mut self, step: &Step, property: &PropertyPlan, value: &Json) {
        if let (Some(set), Some(code)) = (property.binding, value.as_str())
            && !set.has_code(code)
        {
            let text = format!("must be a code of {}", set.url);
            self.issues.push(IssueCode::CodeInvalid, step, text);
        }
    }

    /// One of a concept's codings must be from the set; the others may translate it.
    pub(super) fn bound_concept(
        &mut self,
        frame: &Frame<'_, 'a, V::Position>,
        property: &PropertyPlan,
    ) {
        let Some(set) = enumerated(property) else {
            return;
        };
        let codings = frame.object.get("coding").map_or(&[][..], Json::items);
        let objects = || codings.iter().filter_map(Json::as_object);
        if objects().any(|coding| is_in(set, coding)) {
            return;
        }
        let has_code = objects().any(|coding| coding.get("code").is_some());
        let has_extension = |object: &Object| object.get("extension").is_some();
        // Extensions such as data-absent-reason may say why there is no code.
        let is_excused = has_extension(frame.object) || objects().any(has_extension);
        if has_code || !is_excused {
            let text = format!("must have a coding (system and code) of {}", set.url);
            self.issues.push(IssueCode::CodeInvalid, frame.step, text);
        }
    }

    /// A Coding or a Quantity.
    pub(super) fn bound_coding(
        &mut self,
        frame: &Frame<'_, 'a, V::Position>,
        property: &PropertyPlan,
    ) {
        let Some(set) = enumerated(property) else {
            return;
        };
        if frame.object.get("code").is_some() && !is_in(set, frame.object) {
            let text = format!("must have a system and code of {}", set.url);
            self.issues.push(IssueCode::CodeInvalid, frame.step, text);
        }
    }
}

fn enumerated<'d>(property: &PropertyPlan<'d>) -> Option<&'d ValueSet> {
    property.binding.filter(|set| set.is_enumerated())
}

fn is_in(set: &ValueSet, coding: &Object) -> bool {
    let text = |name| coding.get(name).and_then(Json::as_str);
    text("code").is_some_and(|code| set.has_coding(text("system"), code))
}
