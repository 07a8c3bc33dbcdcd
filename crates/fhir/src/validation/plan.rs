//! The definitions in the form that the walk asks them in: properties found by one hash, what a
//! type demands as bits, what a value must be as one enum.

use super::primitive::Primitive;
use crate::definitions::{
    Definitions, ElementDefinition, Kind, Property, ResourceType, TypeDefinition, TypeId, ValueSet,
};

#[derive(Debug)]
pub(super) struct Plan<'d> {
    pub(super) definitions: &'d Definitions,
    types: Vec<TypePlan<'d>>,
}

#[derive(Debug)]
pub(super) struct TypePlan<'d> {
    /// Parallel to [`TypeDefinition::properties`].
    pub(super) properties: Box<[PropertyPlan<'d>]>,
    /// A bit for each element that must be there.
    pub(super) required: u128,
    /// Places in `properties` plus one, by hash; 0 is free.
    slots: Box<[u16]>,
    shift: u32,
}

#[derive(Debug)]
pub(super) struct PropertyPlan<'d> {
    /// `valueQuantity`.
    pub(super) name: &'d str,
    /// `value`.
    pub(super) element_name: &'d str,
    /// The element's bit in [`TypePlan::required`].
    pub(super) element_bit: u128,
    pub(super) type_id: TypeId,
    pub(super) shape: Shape,
    pub(super) is_array: bool,
    /// `max` is 0: inherited, and taken away again.
    pub(super) is_prohibited: bool,
    /// Whether `_name` may stand beside it.
    pub(super) has_sibling: bool,
    pub(super) binding: Option<&'d ValueSet>,
    /// Resource types that a reference may point at; empty for any.
    pub(super) targets: &'d [ResourceType],
}

/// What a value must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    Primitive(Primitive),
    Complex(Rules),
    /// A resource in `contained`: it shares the container's local ids.
    Contained,
    /// A resource of its own, in a Bundle or Parameters.
    Resource,
}

/// The rules of a datatype that its structure doesn't say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rules {
    None,
    Extension,
    Reference,
    CodeableConcept,
    /// A system and a code in one object: Coding, Quantity.
    Coded,
}

impl<'d> Plan<'d> {
    pub(super) fn new(definitions: &'d Definitions) -> Self {
        let types = definitions.types();
        Self { definitions, types: types.map(|(_, t)| TypePlan::new(definitions, t)).collect() }
    }

    pub(super) fn type_plan(&self, type_id: TypeId) -> &TypePlan<'d> {
        &self.types[type_id.index()]
    }
}

impl<'d> TypePlan<'d> {
    fn new(definitions: &'d Definitions, definition: &'d TypeDefinition) -> Self {
        assert!(
            definition.elements.len() <= 128,
            "{} has more elements than bits",
            definition.name
        );
        let properties = definition.properties().iter();
        let properties: Box<[_]> =
            properties.map(|p| PropertyPlan::new(definitions, definition, p)).collect();
        let elements = definition.elements.iter().enumerate();
        let required = elements.filter(|(_, e)| e.min > 0).fold(0, |bits, (n, _)| bits | 1 << n);
        let is_primitive = definition.is_primitive();
        let mut plan = Self {
            slots: vec![0; (properties.len() * 2).next_power_of_two().max(2)].into(),
            shift: 0,
            properties,
            // A primitive's `value` is the JSON value itself; only its siblings are walked as objects.
            required: if is_primitive { 0 } else { required },
        };
        plan.shift = u32::BITS - plan.slots.len().trailing_zeros();
        for index in 0..plan.properties.len() {
            let name = plan.properties[index].name;
            if !(is_primitive && name == "value") {
                plan.enter(name, index);
            }
        }
        plan
    }

    fn enter(&mut self, name: &str, index: usize) {
        let mut slot = self.slot(name);
        while self.slots[slot] != 0 {
            slot = (slot + 1) % self.slots.len();
        }
        self.slots[slot] =
            u16::try_from(index + 1).expect("a type has fewer than 65,535 properties");
    }

    /// The place of a JSON property.
    pub(super) fn find(&self, name: &str) -> Option<usize> {
        if name.is_empty() {
            return None;
        }
        let mut slot = self.slot(name);
        loop {
            let index = usize::from(self.slots[slot]).checked_sub(1)?;
            if self.properties[index].name == name {
                return Some(index);
            }
            slot = (slot + 1) % self.slots.len();
        }
    }

    /// Length and three characters tell nearly all properties of a type apart. The table is half
    /// empty and fixed, so that names chosen to collide cost a few comparisons at most.
    fn slot(&self, name: &str) -> usize {
        let bytes = name.as_bytes();
        let last = bytes.len() - 1;
        let key = [last as u8, bytes[0], bytes[last / 2], bytes[last]];
        (u32::from_le_bytes(key).wrapping_mul(0x9E37_79B1) >> self.shift) as usize
    }
}

impl<'d> PropertyPlan<'d> {
    fn new(
        definitions: &'d Definitions,
        parent: &'d TypeDefinition,
        property: &'d Property,
    ) -> Self {
        let element = &parent.elements[usize::from(property.element)];
        let shape = shape(definitions, parent, element, property.type_id);
        Self {
            name: &property.name,
            element_name: &element.name,
            element_bit: 1 << property.element,
            type_id: property.type_id,
            is_array: element.is_array,
            is_prohibited: element.max == Some(0),
            has_sibling: matches!(shape, Shape::Primitive(_)) && !is_attribute(parent, element),
            binding: element.required.map(|id| definitions.value_set(id)),
            targets: &element.targets,
            shape,
        }
    }
}

/// Element.id and Extension.url are attributes in XML, so they can't carry extensions.
fn is_attribute(parent: &TypeDefinition, element: &ElementDefinition) -> bool {
    match element.name.as_str() {
        "id" => parent.kind != Kind::Resource,
        "url" => parent.name == "Extension",
        _ => false,
    }
}

fn shape(
    definitions: &Definitions,
    parent: &TypeDefinition,
    element: &ElementDefinition,
    type_id: TypeId,
) -> Shape {
    let definition = &definitions[type_id];
    match definition.kind {
        Kind::Resource if element.name == "contained" => Shape::Contained,
        Kind::Resource => Shape::Resource,
        // R4's definition of Resource.id says string; the prose (resource.html#id) says id.
        Kind::Primitive if parent.kind == Kind::Resource && element.name == "id" => {
            Shape::Primitive(Primitive::Id)
        }
        Kind::Primitive => Shape::Primitive(Primitive::named(&definition.name)),
        Kind::Complex | Kind::Backbone => Shape::Complex(rules(definitions, type_id)),
    }
}

fn rules(definitions: &Definitions, type_id: TypeId) -> Rules {
    let is_a = |name| {
        let ancestor = definitions.type_named(name);
        ancestor.is_some_and(|ancestor| definitions.is_a(type_id, ancestor))
    };
    match definitions[type_id].name.as_str() {
        "Extension" => Rules::Extension,
        "Reference" => Rules::Reference,
        "CodeableConcept" => Rules::CodeableConcept,
        _ if is_a("Coding") || is_a("Quantity") => Rules::Coded,
        _ => Rules::None,
    }
}
