//! HL7's definitions as data: structures, search parameters, compartments, required value sets.
//!
//! A [`Pack`] is made from HL7's files by the `definitions-pack` tool and embedded; [`Definitions`]
//! is the form that programs ask. Another FHIR version is another pack.

mod element;
mod load;
pub mod pack;
mod search_parameter;
mod structure;

pub use element::{ElementDefinition, ValueSet, ValueSetId};
pub use pack::Pack;
pub use search_parameter::{Compartment, Component, ParameterType, SearchParameter};
pub use structure::{Kind, Property, ResourceType, TypeDefinition, TypeId, choice_property};

use std::collections::HashMap;
use std::ops::Index;
use std::sync::LazyLock;

static R4: LazyLock<Definitions> = LazyLock::new(|| {
    let pack = Pack::decode(include_bytes!("../pack/r4.json.zst"));
    Definitions::load(pack.expect("the embedded pack was checked when it was made"))
});

/// The definitions of one FHIR version.
#[derive(Debug)]
pub struct Definitions {
    fhir_version: String,
    types: Vec<TypeDefinition>,
    by_name: HashMap<String, TypeId>,
    resource_types: Vec<TypeId>,
    value_sets: Vec<ValueSet>,
    search_parameters: Vec<SearchParameter>,
    compartments: Vec<Compartment>,
}

impl Definitions {
    /// FHIR R4 (4.0.1).
    pub fn r4() -> &'static Definitions {
        &R4
    }

    /// The version of FHIR, such as `4.0.1`.
    pub fn fhir_version(&self) -> &str {
        &self.fhir_version
    }

    /// The type with this name: `Patient`, `HumanName`, `string`, or a backbone's path.
    pub fn type_named(&self, name: &str) -> Option<TypeId> {
        self.by_name.get(name).copied()
    }

    /// The resource type with this name; abstract ones do not count.
    pub fn resource_type(&self, name: &str) -> Option<ResourceType> {
        let number = self[self.type_named(name)?].resource_type?;
        (!self[self.resource_type_id(number)].is_abstract).then_some(number)
    }

    /// The structure of a resource type.
    pub fn resource_type_id(&self, resource_type: ResourceType) -> TypeId {
        self.resource_types[usize::from(resource_type.number()) - 1]
    }

    /// The name of a resource type.
    pub fn resource_type_name(&self, resource_type: ResourceType) -> &str {
        &self[self.resource_type_id(resource_type)].name
    }

    /// The resource type with this number, if there is one.
    pub fn resource_type_numbered(&self, number: u16) -> Option<ResourceType> {
        let index = usize::from(number).checked_sub(1)?;
        self[*self.resource_types.get(index)?].resource_type
    }

    /// All resource types that can have instances, by name.
    pub fn concrete_resource_types(&self) -> impl Iterator<Item = ResourceType> {
        let concrete = self.resource_types.iter().filter(|id| !self[**id].is_abstract);
        concrete.filter_map(|id| self[*id].resource_type)
    }

    /// All types, by [`TypeId`].
    pub fn types(&self) -> impl Iterator<Item = (TypeId, &TypeDefinition)> {
        self.types.iter().enumerate().map(|(n, t)| (TypeId::from_index(n), t))
    }

    /// Whether `descendant` is `ancestor` or specializes it.
    pub fn is_a(&self, descendant: TypeId, ancestor: TypeId) -> bool {
        let mut at = Some(descendant);
        while let Some(id) = at {
            if id == ancestor {
                return true;
            }
            at = self[id].base;
        }
        false
    }

    /// The codes of a required binding.
    pub fn value_set(&self, id: ValueSetId) -> &ValueSet {
        &self.value_sets[id.index()]
    }

    /// Every search parameter of the specification.
    pub fn search_parameters(&self) -> &[SearchParameter] {
        &self.search_parameters
    }

    /// The compartments: Patient, Encounter, Practitioner, RelatedPerson, Device.
    pub fn compartments(&self) -> &[Compartment] {
        &self.compartments
    }
}

impl Index<TypeId> for Definitions {
    type Output = TypeDefinition;

    fn index(&self, id: TypeId) -> &TypeDefinition {
        &self.types[id.index()]
    }
}
