use super::Registry;
use crate::index::{Leaf, Slot, any};
use cresset_fhir::definitions::ResourceType;
use cresset_store::{Filter, Key, Parameter, Pattern, Segment};

impl Registry {
    /// What resources of type `member` must match to be in the compartment of `centre` (R4
    /// compartmentdefinition). `None` when there is no such compartment, or the type is never in it.
    pub fn compartment(&self, centre: &Key, member: ResourceType) -> Option<Filter> {
        let mut compartments = self.definitions.compartments().iter();
        let of_centre = |t: ResourceType| t.number() == centre.resource_type.0;
        let compartment = compartments.find(|c| of_centre(c.resource_type))?;
        let mut members = compartment.members.iter();
        let (_, names) = members.find(|(t, _)| *t == member)?;
        let mut ways = Vec::new();
        for name in names {
            if name == "{def}" {
                ways.push(Filter::Keys(vec![centre.clone()]));
                continue;
            }
            let parameter = self.parameter(member, name);
            for source in parameter.map_or(&[][..], |p| &p.sources) {
                let is_target = source.targets.iter().any(|t| of_centre(*t));
                let prefix = vec![Pattern::Is(Segment::Resource(centre.clone()))];
                let leaf = crate::index::Match::Leaf(Leaf::starting(Slot::Main, prefix));
                ways.extend(is_target.then(|| leaf.filter(self.index(source))));
            }
        }
        (!names.is_empty()).then(|| any(ways))
    }

    /// The indexes that hold what resources of a type refer to through a parameter.
    pub fn references(&self, resource_type: ResourceType, name: &str) -> Option<Vec<Parameter>> {
        let parameter = self.parameter(resource_type, name)?;
        let sources = parameter.sources.iter().filter(|s| !s.targets.is_empty());
        let parts = sources.filter_map(|s| self.index(s).part(Slot::Main).cloned());
        Some(parts.collect())
    }
}
