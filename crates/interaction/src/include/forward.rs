use super::Gathering;
use crate::Failure;
use crate::compartment::number;
use cresset_fhir::definitions::ResourceType;
use cresset_search::{Include, Registry};
use cresset_store::{Key, Parameter, Reference, Stored, TypeNumber, Version};
use std::collections::{HashMap, HashSet};

/// The references that are to be followed.
#[derive(Debug, Default)]
pub(crate) struct Wanted {
    /// For each index the types that count.
    targets: HashMap<Parameter, HashSet<TypeNumber>>,
    /// The indexes of those that name a version.
    versions: HashSet<Parameter>,
}

impl Wanted {
    /// Adds all references of a type that search parameters know.
    pub(crate) fn add_all(&mut self, registry: &Registry, from: ResourceType) {
        self.add(registry, from, None, None);
    }

    fn add_included(&mut self, registry: &Registry, from: ResourceType, includes: &[&Include]) {
        for include in includes {
            if !include.reverse && include.source.is_none_or(|source| source == from) {
                self.add(registry, from, include.parameter.as_deref(), include.target);
            }
        }
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
            self.versions.extend(link.versions.cloned());
        }
    }

    /// The indexes to ask.
    pub(crate) fn parameters(&self) -> Vec<Parameter> {
        self.targets.keys().chain(&self.versions).cloned().collect()
    }

    /// Whether a reference is to be followed.
    pub(crate) fn has(&self, reference: &Reference) -> bool {
        let targets = self.targets.get(&reference.parameter);
        targets.is_some_and(|targets| targets.contains(&reference.target.resource_type))
    }

    /// The version that a reference names.
    fn version(&self, reference: &Reference) -> Option<Version> {
        let bytes = reference.rest.as_slice().try_into().ok()?;
        let is_versioned = self.versions.contains(&reference.parameter);
        Version::new(u64::from_be_bytes(bytes)).filter(|_| is_versioned)
    }
}

impl Gathering<'_> {
    /// What the resources refer to and was not seen before, resource by resource.
    pub(super) async fn references(
        &mut self,
        from: &[Stored],
        includes: &[&Include],
    ) -> Result<Vec<Key>, Failure> {
        let types: HashSet<TypeNumber> = from.iter().map(|s| s.key.resource_type).collect();
        let definitions = self.service.definitions();
        let mut wanted = Wanted::default();
        for of in types.into_iter().filter_map(|of| definitions.resource_type_numbered(of.0)) {
            wanted.add_included(self.registry, of, includes);
        }
        if wanted.targets.is_empty() {
            return Ok(Vec::new());
        }
        let keys: Vec<Key> = from.iter().map(|stored| stored.key.clone()).collect();
        let scope = &self.context.scope;
        let found = self.service.store.references(scope, &keys, &wanted.parameters()).await?;
        let mut keys = Vec::new();
        for reference in found.into_iter().flatten() {
            if let Some(version) = wanted.version(&reference) {
                self.versions.insert(reference.target.clone(), version);
            }
            let may_read = scope.may_read(reference.target.resource_type).is_ok();
            if may_read && wanted.has(&reference) && self.seen.insert(reference.target.clone()) {
                keys.push(reference.target);
            }
        }
        Ok(keys)
    }
}
