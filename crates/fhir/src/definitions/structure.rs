use super::{Definitions, ElementDefinition};

/// A type of a FHIR version: the place of its [`TypeDefinition`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TypeId(u16);

impl TypeId {
    pub(crate) fn from_index(index: usize) -> Self {
        Self(u16::try_from(index).expect("a pack has fewer than 65,536 types"))
    }

    /// The place among all types, for tables by type.
    pub fn index(self) -> usize {
        usize::from(self.0)
    }
}

/// The number of a resource type: its 1-based place among the version's resource definitions
/// sorted by name, abstract ones included. A golden file holds them; stores and blob names use them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ResourceType(u16);

impl ResourceType {
    pub(super) fn from_index(index: usize) -> Self {
        Self(u16::try_from(index + 1).expect("there are fewer than 65,535 resource types"))
    }

    /// The number: Observation is 97 in R4.
    pub fn number(self) -> u16 {
        self.0
    }
}

/// What a type is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A resource.
    Resource,
    /// A datatype with elements.
    Complex,
    /// A datatype with a value: `string`, `dateTime`.
    Primitive,
    /// A group of elements inside a structure: `Observation.component`.
    Backbone,
}

/// A structure: resource, datatype, or a backbone inside one.
#[derive(Debug)]
pub struct TypeDefinition {
    /// `Observation`, `HumanName`, `string`, `Observation.component`.
    pub name: String,
    /// What it is.
    pub kind: Kind,
    /// The type that it specializes.
    pub base: Option<TypeId>,
    /// Without instances of its own.
    pub is_abstract: bool,
    /// The number, for resources.
    pub resource_type: Option<ResourceType>,
    /// Elements in order, inherited ones included.
    pub elements: Vec<ElementDefinition>,
    /// JSON properties, sorted by name, choices by each of their types.
    pub(super) properties: Vec<Property>,
}

/// A JSON property of a type: an element with one of its types.
#[derive(Debug)]
pub struct Property {
    /// The name in JSON: `valueQuantity`.
    pub name: String,
    /// The place in [`TypeDefinition::elements`].
    pub element: u16,
    /// The type of its value.
    pub type_id: TypeId,
}

impl TypeDefinition {
    /// The JSON property `name` (without the `_` of primitive extensions).
    pub fn property(&self, name: &str) -> Option<&Property> {
        let at = self.properties.binary_search_by(|p| p.name.as_str().cmp(name)).ok()?;
        Some(&self.properties[at])
    }

    /// The element that the JSON property `name` stands for, and the type of its value.
    pub fn element(&self, name: &str) -> Option<(&ElementDefinition, TypeId)> {
        let property = self.property(name)?;
        Some((&self.elements[usize::from(property.element)], property.type_id))
    }

    /// The element `name`, a choice's without its type: `value`.
    pub fn element_named(&self, name: &str) -> Option<&ElementDefinition> {
        self.elements.iter().find(|e| e.name == name)
    }

    /// The choice element `name`: `value` for `value[x]`.
    pub fn choice(&self, name: &str) -> Option<&ElementDefinition> {
        self.element_named(name).filter(|e| e.is_choice)
    }

    /// All JSON properties, sorted by name.
    pub fn properties(&self) -> &[Property] {
        &self.properties
    }

    /// Whether values are JSON primitives with an optional `_name` sibling.
    pub fn is_primitive(&self) -> bool {
        self.kind == Kind::Primitive
    }
}

impl ElementDefinition {
    /// The JSON property of this element with a value of `type_id`: `valueQuantity`.
    pub fn json_name(&self, type_id: TypeId, definitions: &Definitions) -> String {
        if !self.is_choice {
            return self.name.clone();
        }
        choice_property(&self.name, &definitions[type_id].name)
    }
}

/// The JSON property of a choice: `value` and `dateTime` give `valueDateTime`.
pub fn choice_property(element: &str, type_name: &str) -> String {
    let mut name = String::with_capacity(element.len() + type_name.len());
    name.push_str(element);
    let mut letters = type_name.chars();
    name.extend(letters.next().map(|first| first.to_ascii_uppercase()));
    name.push_str(letters.as_str());
    name
}
