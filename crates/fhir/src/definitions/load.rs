use super::pack::{Pack, PackElement, PackKind, PackSearchParameter, PackType, PackValueSet};
use super::structure::choice_property;
use super::{
    Compartment, Component, Definitions, ElementDefinition, Kind, ParameterType, Property,
    ResourceType, SearchParameter, TypeDefinition, TypeId, ValueSet, ValueSetId,
};
use std::collections::HashMap;

impl Definitions {
    /// Links a pack's names to places.
    ///
    /// # Panics
    /// On a pack that refers to a type it doesn't have; the tool that makes packs loads each one.
    pub fn load(pack: Pack) -> Self {
        let by_name: HashMap<String, TypeId> = pack
            .types
            .iter()
            .enumerate()
            .map(|(n, t)| (t.name.clone(), TypeId::from_index(n)))
            .collect();
        let resource_types = numbered_resource_types(&pack, &by_name);
        let linker = Linker {
            numbers: resource_types
                .iter()
                .enumerate()
                .map(|(n, id)| (*id, ResourceType::from_index(n)))
                .collect(),
            value_sets: pack
                .value_sets
                .iter()
                .enumerate()
                .map(|(n, v)| (v.url.clone(), ValueSetId::from_index(n)))
                .collect(),
            by_name,
        };
        let types: Vec<_> = pack.types.iter().map(|t| linker.type_definition(t)).collect();
        let compartments = pack.compartments.iter().map(|c| Compartment {
            resource_type: linker.resource_type(&c.code),
            members: c
                .resource
                .iter()
                .map(|m| (linker.resource_type(&m.code), m.param.clone()))
                .collect(),
        });
        Self {
            fhir_version: pack.fhir_version,
            compartments: compartments.collect(),
            search_parameters: pack
                .search_parameters
                .into_iter()
                .map(|p| linker.search_parameter(p))
                .collect(),
            value_sets: pack.value_sets.into_iter().map(value_set).collect(),
            types,
            resource_types,
            by_name: linker.by_name,
        }
    }
}

fn numbered_resource_types(pack: &Pack, by_name: &HashMap<String, TypeId>) -> Vec<TypeId> {
    let resources = pack.types.iter().filter(|t| t.kind == PackKind::Resource);
    let mut names: Vec<&str> = resources.map(|t| t.name.as_str()).collect();
    names.sort_unstable();
    names.into_iter().map(|name| by_name[name]).collect()
}

fn value_set(pack: PackValueSet) -> ValueSet {
    let systems = pack.systems.into_iter();
    ValueSet {
        url: pack.url,
        systems: systems.map(|c| (c.system, c.codes.into_iter().collect())).collect(),
    }
}

struct Linker {
    by_name: HashMap<String, TypeId>,
    numbers: HashMap<TypeId, ResourceType>,
    value_sets: HashMap<String, ValueSetId>,
}

impl Linker {
    fn type_id(&self, name: &str) -> TypeId {
        *self.by_name.get(name).unwrap_or_else(|| panic!("the pack lacks type {name}"))
    }

    fn resource_type(&self, name: &str) -> ResourceType {
        self.numbers[&self.type_id(name)]
    }

    fn type_definition(&self, pack: &PackType) -> TypeDefinition {
        let elements: Vec<_> = pack.elements.iter().map(|e| self.element(e)).collect();
        TypeDefinition {
            name: pack.name.clone(),
            kind: match pack.kind {
                PackKind::Resource => Kind::Resource,
                PackKind::Complex => Kind::Complex,
                PackKind::Primitive => Kind::Primitive,
                PackKind::Backbone => Kind::Backbone,
            },
            base: pack.base.as_deref().map(|name| self.type_id(name)),
            is_abstract: pack.is_abstract,
            resource_type: self.numbers.get(&self.type_id(&pack.name)).copied(),
            properties: self.properties(&pack.elements),
            elements,
        }
    }

    fn element(&self, pack: &PackElement) -> ElementDefinition {
        ElementDefinition {
            name: pack.name.clone(),
            is_choice: pack.choice,
            types: pack.types.iter().map(|name| self.type_id(name)).collect(),
            min: pack.min,
            max: pack.max,
            is_array: pack.array,
            targets: pack.targets.iter().map(|name| self.resource_type(name)).collect(),
            required: pack.required.as_ref().map(|url| self.value_sets[url]),
            is_summary: pack.summary,
            is_modifier: pack.modifier,
        }
    }

    fn properties(&self, elements: &[PackElement]) -> Vec<Property> {
        let mut properties = Vec::new();
        for (index, element) in elements.iter().enumerate() {
            for type_name in &element.types {
                let name = match element.choice {
                    true => choice_property(&element.name, type_name),
                    false => element.name.clone(),
                };
                let element = u16::try_from(index).expect("a type has fewer than 65,536 elements");
                properties.push(Property { name, element, type_id: self.type_id(type_name) });
            }
        }
        properties.sort_by(|a, b| a.name.cmp(&b.name));
        properties
    }

    fn search_parameter(&self, pack: PackSearchParameter) -> SearchParameter {
        let components = pack.component.into_iter();
        SearchParameter {
            parameter_type: ParameterType::from_code(&pack.kind)
                .unwrap_or_else(|| panic!("the pack has a parameter of type {}", pack.kind)),
            code: pack.code,
            url: pack.url,
            base: pack.base,
            expression: pack.expression,
            target: pack.target.iter().map(|name| self.resource_type(name)).collect(),
            components: components
                .map(|c| Component { definition: c.definition, expression: c.expression })
                .collect(),
        }
    }
}
