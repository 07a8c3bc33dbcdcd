use crate::words::{self, Words};
use cresset_fhir::definitions::{Definitions, TypeId};
use cresset_fhir::json::Json;

/// Which texts of a resource.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Texts {
    /// The narrative: `_text`.
    Narrative = 0,
    /// All of them: `_content`.
    All = 1,
}

/// The types whose values are texts.
#[derive(Clone, Copy, Debug)]
pub(super) struct TextTypes {
    string: TypeId,
    markdown: TypeId,
    xhtml: TypeId,
    identifier: TypeId,
    reference: TypeId,
}

impl TextTypes {
    /// `None` when the definitions lack one of them.
    pub(super) fn of(definitions: &Definitions) -> Option<Self> {
        Some(Self {
            string: definitions.type_named("string")?,
            markdown: definitions.type_named("markdown")?,
            xhtml: definitions.type_named("xhtml")?,
            identifier: definitions.type_named("Identifier")?,
            reference: definitions.type_named("Reference")?,
        })
    }
}

/// The words that a walk comes by.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) narrative: Words,
    pub(super) all: Words,
}

impl Found {
    /// Takes the words of an element, if it is a text. Identifiers and references are no texts: they
    /// have parameters of their own, and each would be a word that nobody looks for.
    pub(super) fn take(
        &mut self,
        definitions: &Definitions,
        types: TextTypes,
        parent_type: TypeId,
        property_index: usize,
        type_id: TypeId,
        value: &Json,
    ) {
        let Some(text) = value.as_str() else {
            return;
        };
        if type_id == types.string {
            let name = &definitions[parent_type].properties()[property_index].name;
            let is_reference = parent_type == types.reference && name == "reference";
            if parent_type != types.identifier && !is_reference && name != "id" {
                self.all.take(text);
            }
        } else if type_id == types.markdown {
            self.all.take(text);
        } else if type_id == types.xhtml {
            words::of_xhtml(text, |part| {
                self.narrative.take(part);
                self.all.take(part);
            });
        }
    }
}
