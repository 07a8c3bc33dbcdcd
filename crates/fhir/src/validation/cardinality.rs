//! How often elements occur (R4 conformance rules, section 2.1.0.4; JSON, section 2.6.2).

use super::Visitor;
use super::issue::{IssueCode, quoted};
use super::path::Step;
use super::plan::PropertyPlan;
use super::walk::{Frame, Walk, article};
use crate::json::Json;

impl<'a, V: Visitor<'a>> Walk<'_, '_, V> {
    /// Notes that an element is there. JSON names are unique, so a second time is a second type of
    /// a choice.
    pub(super) fn count(
        &mut self,
        frame: &Frame<'_, 'a, V::Position>,
        property: &PropertyPlan,
        seen: &mut u128,
    ) {
        if *seen & property.element_bit != 0 {
            let at = frame.step.child(property.element_name);
            let name = quoted(property.name);
            let text = format!("can have one type only: remove {name} or the other");
            self.issues.push(IssueCode::Structure, &at, text);
        }
        if property.is_prohibited {
            let at = frame.step.child(property.element_name);
            self.issues.push(IssueCode::Structure, &at, "is not allowed here: remove it");
        }
        *seen |= property.element_bit;
    }

    /// Reports the elements whose bits are in `missing`.
    pub(super) fn report_missing(&mut self, frame: &Frame<'_, 'a, V::Position>, mut missing: u128) {
        while missing != 0 {
            let definition = &self.plan.definitions[frame.type_id];
            let element = &definition.elements[missing.trailing_zeros() as usize];
            missing &= missing - 1;
            let choice = if element.is_choice { "[x]" } else { "" };
            let text = format!("{} must have `{}{choice}`", definition.name, element.name);
            let at = frame.step.child(&element.name);
            self.issues.push(IssueCode::Required, &at, text);
        }
    }

    pub(super) fn not_single(&mut self, at: &Step, items: &[Json]) {
        let text = match items.len() {
            0 | 1 => "must be a single value, not an array: remove the brackets",
            _ => "must not repeat: send one value, without an array",
        };
        self.issues.push(IssueCode::Structure, at, text);
    }

    pub(super) fn not_array(&mut self, at: &Step, value: &Json) {
        let text = format!("must be an array, not {}, even with one value", article(value));
        self.issues.push(IssueCode::Structure, at, text);
    }

    pub(super) fn empty_array(&mut self, at: &Step) {
        let text = "an array must not be empty: leave the property out";
        self.issues.push(IssueCode::Structure, at, text);
    }
}
