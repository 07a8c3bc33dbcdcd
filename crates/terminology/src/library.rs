use crate::{Canonical, CodeSystem, ValueSet, compare_versions, pack};
use std::cmp::Ordering;
use std::collections::HashMap;
use std::sync::Arc;

/// Where an expansion finds what it needs.
pub trait Lookup {
    /// The code system with this URL: in this version, or the newest.
    fn code_system(&self, canonical: &Canonical) -> Option<Arc<CodeSystem>>;

    /// The value set with this URL: in this version, or the newest.
    fn value_set(&self, canonical: &Canonical) -> Option<Arc<ValueSet>>;
}

/// Code systems and value sets at hand, by URL and version.
///
/// What was added comes before what the specification brings along: whoever has stored a value set
/// under one of HL7's URLs means that one.
#[derive(Debug, Default)]
pub struct Library {
    code_systems: HashMap<String, Vec<Arc<CodeSystem>>>,
    value_sets: HashMap<String, Vec<Arc<ValueSet>>>,
    below: Option<&'static Library>,
}

impl Library {
    /// With nothing in it.
    pub fn empty() -> Self {
        Self::default()
    }

    /// With R4's own code systems and value sets below what will be added.
    pub fn r4() -> Self {
        Self { below: Some(pack::r4()), ..Self::default() }
    }

    /// Adds a code system. Of two with the same version the one that was added last counts.
    pub fn add_code_system(&mut self, code_system: Arc<CodeSystem>) {
        let known = self.code_systems.entry(code_system.url.to_string()).or_default();
        known.push(code_system);
    }

    /// Adds a value set. Of two with the same version the one that was added last counts.
    pub fn add_value_set(&mut self, value_set: Arc<ValueSet>) {
        self.value_sets.entry(value_set.url.clone()).or_default().push(value_set);
    }

    /// How many code systems, concepts in them, and value sets it has of its own.
    pub fn counts(&self) -> (usize, usize, usize) {
        let code_systems = || self.code_systems.values().flatten();
        let concepts = code_systems().map(|c| c.concepts().len()).sum();
        (code_systems().count(), concepts, self.value_sets.values().flatten().count())
    }

    /// Every value set of its own.
    pub fn value_sets(&self) -> impl Iterator<Item = &Arc<ValueSet>> {
        self.value_sets.values().flatten()
    }

    /// Every code system of its own.
    pub fn code_systems(&self) -> impl Iterator<Item = &Arc<CodeSystem>> {
        self.code_systems.values().flatten()
    }
}

impl Lookup for Library {
    fn code_system(&self, canonical: &Canonical) -> Option<Arc<CodeSystem>> {
        let own = self.code_systems.get(&canonical.url);
        let found = own.and_then(|all| chosen(all, canonical, |c| c.version.as_deref()));
        found.or_else(|| self.below?.code_system(canonical))
    }

    fn value_set(&self, canonical: &Canonical) -> Option<Arc<ValueSet>> {
        let own = self.value_sets.get(&canonical.url);
        let found = own.and_then(|all| chosen(all, canonical, |v| v.version.as_deref()));
        found.or_else(|| self.below?.value_set(canonical))
    }
}

/// The one in the version asked for, or the newest; one without a version is older than any with.
fn chosen<T>(
    all: &[Arc<T>],
    canonical: &Canonical,
    version: impl Fn(&T) -> Option<&str>,
) -> Option<Arc<T>> {
    let newer = |a: &&Arc<T>, b: &&Arc<T>| match (version(a), version(b)) {
        (Some(a), Some(b)) => compare_versions(a, b),
        (None, None) => Ordering::Equal,
        (None, Some(_)) => Ordering::Less,
        (Some(_), None) => Ordering::Greater,
    };
    let wanted = canonical.version.as_deref();
    let fits = |item: &&Arc<T>| wanted.is_none() || version(item) == wanted;
    all.iter().filter(fits).max_by(newer).cloned()
}
