use super::Registry;
use crate::index::Slot;
use cresset_fhir::definitions::ResourceType;
use cresset_store::Parameter;

/// A branch of a reference parameter: an index that holds references, and where they may lead.
#[derive(Clone, Debug)]
pub struct Link<'r> {
    /// The index; its values are `[Segment::Resource(key)]`.
    pub parameter: &'r Parameter,
    /// The index of those that name a version: `[Segment::Resource(key), Segment::Ordered(version)]`,
    /// eight bytes.
    pub versions: Option<&'r Parameter>,
    /// The types that count: `Observation.subject` also holds Groups, which `patient` doesn't mean.
    pub targets: &'r [ResourceType],
}

impl Registry {
    /// What `_include` and `_revinclude` follow from a type: one reference parameter, or all of them
    /// (R4 search, section 3.1.1.5.4). Empty where there is no such parameter.
    pub fn links(&self, from: ResourceType, name: Option<&str>) -> Vec<Link<'_>> {
        let Some(table) = self.table(from) else {
            return Vec::new();
        };
        let named = table.iter().filter(|(code, _)| name.is_none_or(|name| name == **code));
        let sources = named.flat_map(|(_, parameter)| &parameter.sources);
        let links = sources.filter(|source| !source.targets.is_empty()).filter_map(|source| {
            let index = self.index(source);
            let parameter = index.part(Slot::Main)?;
            let versions = index.part(Slot::Version);
            Some(Link { parameter, versions, targets: &source.targets })
        });
        links.collect()
    }

    /// The indexes by which resources of type `member` are in compartments of type `centre`
    /// (R4 compartmentdefinition); empty for those that never are.
    pub fn compartment_links(&self, centre: ResourceType, member: ResourceType) -> Vec<&Parameter> {
        let mut compartments = self.definitions.compartments().iter();
        let members = compartments.find(|c| c.resource_type == centre).map(|c| &c.members);
        let entry = members.and_then(|m| m.iter().find(|(of, _)| *of == member));
        let names = entry.map_or(&[][..], |(_, names)| names);
        let links = names.iter().flat_map(|name| self.links(member, Some(name)));
        links.filter(|link| link.targets.contains(&centre)).map(|link| link.parameter).collect()
    }

    /// The types that can be in a compartment of type `centre`; empty when there is none.
    pub fn compartment_members(&self, centre: ResourceType) -> Vec<ResourceType> {
        let mut compartments = self.definitions.compartments().iter();
        let members = compartments.find(|c| c.resource_type == centre).map(|c| &c.members);
        let members = members.into_iter().flatten().filter(|(_, names)| !names.is_empty());
        members.map(|(member, _)| *member).collect()
    }
}
