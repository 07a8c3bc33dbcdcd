use super::Gathering;
use crate::compartment::number;
use crate::heavy::heavy;
use crate::request::parsed;
use crate::service::Service;
use cresset_fhir::definitions::ResourceType;
use cresset_fhir::json::Json;
use cresset_search::{Include, Registry};
use cresset_store::{IndexKeys, Key, Parameter, Segment, Stored, TypeNumber, Version};
use std::collections::{HashMap, HashSet};

/// The references of one resource type that are to be followed.
#[derive(Debug, Default)]
pub(crate) struct Wanted {
    /// For each index the types that count.
    targets: HashMap<Parameter, HashSet<TypeNumber>>,
}

impl Wanted {
    /// All references of a type that search parameters know.
    pub(crate) fn all(registry: &Registry, from: ResourceType) -> Self {
        let mut wanted = Self::default();
        wanted.add(registry, from, None, None);
        wanted
    }

    fn of(registry: &Registry, from: ResourceType, includes: &[&Include]) -> Self {
        let mut wanted = Self::default();
        for include in includes {
            if !include.reverse && include.source.is_none_or(|source| source == from) {
                wanted.add(registry, from, include.parameter.as_deref(), include.target);
            }
        }
        wanted
    }

    fn add(
        &mut self,
        registry: &Registry,
        from: ResourceType,
        name: Option<&str>,
        target: Option<ResourceType>,
    ) {
        for link in registry.links(from, name) {
            let targets = link.targets.iter().filter(|t| target.is_none_or(|only| only == **t));
            let of = self.targets.entry(link.parameter.clone()).or_default();
            of.extend(targets.map(|t| number(*t)));
        }
    }

    /// What a resource with these index keys refers to.
    pub(crate) fn in_index(&self, index: &IndexKeys) -> impl Iterator<Item = Key> {
        index.iter().filter_map(|entry| {
            let targets = self.targets.get(&entry.parameter)?;
            match entry.value.into_iter().next() {
                Some(Segment::Resource(key)) => targets.contains(&key.resource_type).then_some(key),
                _ => None,
            }
        })
    }
}

impl Service {
    /// The index keys of a stored resource; `None` when it doesn't conform to the definitions in
    /// force.
    pub(crate) fn index_of(&self, registry: &Registry, stored: &Stored) -> Option<IndexKeys> {
        Some(registry.analyze(&self.resource_of(stored)?).ok()?.index)
    }

    fn resource_of(&self, stored: &Stored) -> Option<Json> {
        parsed(&stored.body().ok()??, &self.limits).ok()
    }
}

/// Notes which versions a resource's references name: these are included, not the current ones (R4
/// search, section 3.1.1.5.4).
fn note_versions(registry: &Registry, resource: &Json, versions: &mut HashMap<Key, Version>) {
    each_reference(resource, &mut |text| {
        if text.contains("/_history/")
            && let Some((key, Some(version))) = registry.referred(text)
        {
            versions.insert(key, version);
        }
    });
}

/// Calls `visit` with each text that a `reference` in the resource has.
fn each_reference(json: &Json, visit: &mut impl FnMut(&str)) {
    match json {
        Json::Object(object) => {
            for (name, value) in object.iter() {
                match value {
                    Json::String(text) if name == "reference" => visit(text),
                    value => each_reference(value, visit),
                }
            }
        }
        Json::Array(items) => items.iter().for_each(|item| each_reference(item, visit)),
        _ => {}
    }
}

impl Gathering<'_> {
    /// What the resources refer to and was not seen before, resource by resource.
    pub(super) fn references(&mut self, from: &[Stored], includes: &[&Include]) -> Vec<Key> {
        let mut wanted: HashMap<TypeNumber, Wanted> = HashMap::new();
        let mut keys = Vec::new();
        let (registry, definitions) = (self.registry, self.service.definitions());
        let bytes = from.iter().filter_map(Stored::payload).map(|p| p.as_kept().len()).sum();
        heavy(bytes, || {
            for stored in from {
                let of = stored.key.resource_type;
                let Some(source) = definitions.resource_type_numbered(of.0) else { continue };
                let wanted =
                    wanted.entry(of).or_insert_with(|| Wanted::of(registry, source, includes));
                if wanted.targets.is_empty() {
                    continue;
                }
                let resource = self.service.resource_of(stored);
                let analyzed = resource.as_ref().and_then(|json| registry.analyze(json).ok());
                let (Some(resource), Some(analyzed)) = (&resource, analyzed) else {
                    self.into.unreadable += 1;
                    continue;
                };
                note_versions(registry, resource, &mut self.versions);
                for key in wanted.in_index(&analyzed.index) {
                    let may_read = self.context.scope.may_read(key.resource_type).is_ok();
                    if may_read && self.seen.insert(key.clone()) {
                        keys.push(key);
                    }
                }
            }
        });
        keys
    }
}
