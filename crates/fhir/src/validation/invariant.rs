//! Rules that hold for every element or every extension (R4 element.html, extensibility.html).

use super::Visitor;
use super::issue::IssueCode;
use super::walk::{Frame, Walk};

impl<'a, V: Visitor<'a>> Walk<'_, '_, V> {
    /// ele-1: an element has content besides its id.
    pub(super) fn only_id(&mut self, frame: &Frame<'_, 'a, V::Position>) {
        if frame.object.len() == 1 && frame.object.get("id").is_some() {
            let text = "must have content besides its id (ele-1)";
            self.issues.push(IssueCode::Invariant, frame.step, text);
        }
    }

    /// ext-1: an extension has a value or extensions, not both.
    pub(super) fn extension(&mut self, frame: &Frame<'_, 'a, V::Position>) {
        let is_value = |name: &str| name.trim_start_matches('_').starts_with("value");
        let has_value = frame.object.iter().any(|(name, _)| is_value(name));
        let has_extensions = frame.object.get("extension").is_some();
        if has_value == has_extensions && !frame.object.is_empty() {
            let text = match has_value {
                true => "an extension must have a value or extensions, not both (ext-1)",
                false => "an extension must have a value or extensions (ext-1)",
            };
            self.issues.push(IssueCode::Invariant, frame.step, text);
        }
    }
}
