use crate::value_set::{Definition, Include};
use crate::{Canonical, ValueSet};

/// A resource that the expansion of a value set looks at.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Need {
    /// A code system.
    CodeSystem(Canonical),
    /// Another value set, which may need more.
    ValueSet(Canonical),
}

/// What must be at hand before this value set is expanded, each once.
pub fn needs(value_set: &ValueSet) -> Vec<Need> {
    let Definition::Compose(compose) = &value_set.definition else {
        return Vec::new();
    };
    let mut needs: Vec<Need> =
        compose.include.iter().chain(&compose.exclude).flat_map(of_include).collect();
    needs.sort_unstable();
    needs.dedup();
    needs
}

fn of_include(include: &Include) -> impl Iterator<Item = Need> {
    let value_sets = include.value_sets.iter().cloned().map(Need::ValueSet);
    value_sets.chain(include.system.clone().map(Need::CodeSystem))
}
