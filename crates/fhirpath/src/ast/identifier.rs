//! Names of elements.

use std::fmt;
use std::sync::atomic::{AtomicU32, Ordering};

use compact_str::CompactString;
use cresset_fhir::definitions::{Definitions, ElementDefinition, Property, TypeDefinition, TypeId};

/// The name of an element, together with the name of its JSON sibling for primitives (`_name`).
pub struct Identifier {
    sibling: CompactString,
    /// What the name last stood for: the type's place, then that of the property (even) or of the
    /// choice (odd). Most names meet one type only, and looking a name up costs more than all the
    /// rest of a step.
    last_found: AtomicU32,
}

impl Identifier {
    /// The identifier with this name.
    pub fn new(name: &str) -> Identifier {
        let mut sibling = CompactString::with_capacity(name.len() + 1);
        sibling.push('_');
        sibling.push_str(name);
        Identifier { sibling, last_found: AtomicU32::new(u32::MAX) }
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.sibling[1..]
    }

    /// `_name`, the property that holds a primitive's id and extensions.
    pub fn sibling_name(&self) -> &str {
        &self.sibling
    }

    /// What the name stands for in a type.
    pub(crate) fn meaning<'d>(
        &self,
        definitions: &'d Definitions,
        type_id: TypeId,
    ) -> Option<Meaning<'d>> {
        let definition = &definitions[type_id];
        if let Some(meaning) = self.last_meaning(definition, type_id) {
            return Some(meaning);
        }
        let by_name = |property: &Property| property.name.as_str().cmp(self.name());
        if let Ok(place) = definition.properties().binary_search_by(by_name) {
            let property = &definition.properties()[place];
            if definition.elements[usize::from(property.element)].is_choice {
                // `valueQuantity` is no element's name.
                return None;
            }
            self.found(type_id, place << 1);
            return Some(Meaning::Property(property));
        }
        let is_choice =
            |element: &ElementDefinition| element.is_choice && element.name == self.name();
        let place = definition.elements.iter().position(is_choice)?;
        self.found(type_id, place << 1 | 1);
        Some(Meaning::Choice(&definition.elements[place]))
    }

    /// The meaning that was found last, if the type is the same; names are compared, so that other
    /// definitions with the same places can't mislead.
    fn last_meaning<'d>(
        &self,
        definition: &'d TypeDefinition,
        type_id: TypeId,
    ) -> Option<Meaning<'d>> {
        let last = self.last_found.load(Ordering::Relaxed);
        let place = (last & 0xffff) as usize;
        if (last >> 16) as usize != type_id.index() {
            return None;
        }
        if place & 1 == 1 {
            let element = definition.elements.get(place >> 1)?;
            let is_same = element.is_choice && element.name == self.name();
            return is_same.then_some(Meaning::Choice(element));
        }
        let property = definition.properties().get(place >> 1)?;
        let is_choice = || definition.elements[usize::from(property.element)].is_choice;
        let is_same = property.name == self.name() && !is_choice();
        is_same.then_some(Meaning::Property(property))
    }

    fn found(&self, type_id: TypeId, place: usize) {
        if let (Ok(of_type), Ok(place)) = (u16::try_from(type_id.index()), u16::try_from(place)) {
            let found = u32::from(of_type) << 16 | u32::from(place);
            self.last_found.store(found, Ordering::Relaxed);
        }
    }
}

/// What a name stands for.
pub(crate) enum Meaning<'d> {
    /// A JSON property of the same name.
    Property(&'d Property),
    /// A choice, whose JSON properties go on with the type's name.
    Choice(&'d ElementDefinition),
}

impl Clone for Identifier {
    fn clone(&self) -> Identifier {
        Identifier { sibling: self.sibling.clone(), last_found: AtomicU32::new(u32::MAX) }
    }
}

impl PartialEq for Identifier {
    fn eq(&self, other: &Identifier) -> bool {
        self.sibling == other.sibling
    }
}

impl Eq for Identifier {}

impl fmt::Debug for Identifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Identifier({})", self.name())
    }
}
