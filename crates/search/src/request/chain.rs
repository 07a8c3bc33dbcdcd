//! Searches across references (R4 search, sections 3.1.1.4.4 and 3.1.1.4.5): chains
//! (`subject.name`), and the reverse (`_has:Observation:patient:code`).

use super::criterion::{Criteria, Failure, Outcome, unknown};
use crate::form::Modifier;
use crate::index::{Slot, any};
use crate::registry::{SearchableBy, Source};
use cresset_fhir::definitions::{ParameterType, ResourceType};
use cresset_store::{Filter, Parameter, TypeNumber};

/// How many references a search may follow one after another.
const DEEPEST: usize = 8;

impl<'r> Criteria<'r> {
    /// `link.rest`, the link a reference parameter, perhaps with a type: `subject:Patient`.
    pub(super) fn chain(
        &mut self,
        depth: usize,
        types: &[ResourceType],
        link: &str,
        rest: &str,
        value: &str,
    ) -> Outcome<Filter> {
        check_depth(depth)?;
        let (link, wanted) = match link.split_once(':') {
            Some((link, name)) => match self.modifier(name)? {
                Modifier::Type(wanted) => (link, Some(wanted)),
                _ => return Err(Failure::Invalid("a chain takes a type only".to_owned())),
            },
            None => (link, None),
        };
        let mut filters = Vec::new();
        let mut reason = None;
        for source_type in types {
            let parameter = self.link(*source_type, link)?;
            for target in targets(parameter, wanted) {
                match self.filter_at(depth + 1, &[target], rest, value) {
                    Ok(inner) => {
                        let indexes = self.indexes_to(parameter, target);
                        let to = vec![TypeNumber(target.number())];
                        filters.push(Filter::RefersTo(indexes, to, Box::new(inner)));
                    }
                    // Targets that don't have the parameter are none that it is asked of.
                    Err(Failure::Ignored(why)) => reason = Some(why),
                    Err(invalid) => return Err(invalid),
                }
            }
        }
        match reason {
            Some(reason) if filters.is_empty() => Err(Failure::Ignored(reason)),
            _ => Ok(any(filters)),
        }
    }

    /// `Type:reference:rest` of `_has`: resources that one of `Type`, which `rest` finds, refers to.
    pub(super) fn has(
        &mut self,
        depth: usize,
        types: &[ResourceType],
        name: &str,
        value: &str,
    ) -> Outcome<Filter> {
        check_depth(depth)?;
        let mut parts = name.splitn(3, ':');
        let (Some(type_name), Some(link), Some(rest)) = (parts.next(), parts.next(), parts.next())
        else {
            return Err(Failure::Invalid("write _has:Type:reference:parameter".to_owned()));
        };
        let source = self.registry.definitions().resource_type(type_name);
        let source = source.ok_or_else(|| {
            Failure::Invalid("names a resource type that doesn't exist".to_owned())
        })?;
        let parameter = self.link(source, link)?;
        let inner = self.filter_at(depth + 1, &[source], rest, value)?;
        let mut indexes: Vec<_> =
            types.iter().flat_map(|t| self.indexes_to(parameter, *t)).collect();
        indexes.sort_unstable();
        indexes.dedup();
        if indexes.is_empty() {
            return Ok(any([]));
        }
        let from = vec![TypeNumber(source.number())];
        Ok(Filter::ReferredFrom(indexes, from, Box::new(inner)))
    }

    /// The reference parameter that a chain goes through.
    fn link(&self, resource_type: ResourceType, name: &str) -> Outcome<&'r SearchableBy> {
        let Some(parameter) = self.registry.parameter(resource_type, name) else {
            return Err(Failure::Ignored(unknown(self.registry, resource_type, name)));
        };
        if parameter.definition.parameter_type != ParameterType::Reference {
            return Err(Failure::Invalid("goes through what is no reference".to_owned()));
        }
        Ok(parameter)
    }

    /// The indexes of a link that can hold references to a type.
    fn indexes_to(&self, parameter: &SearchableBy, target: ResourceType) -> Vec<Parameter> {
        let sources = parameter.sources.iter();
        let sources = sources.filter(|source| source.targets.contains(&target));
        let parts = sources.filter_map(|s| self.registry.index(s).part(Slot::Main));
        parts.cloned().collect()
    }
}

/// The types that a link can lead to, or the one that is wanted of them.
fn targets(parameter: &SearchableBy, wanted: Option<ResourceType>) -> Vec<ResourceType> {
    let all = |source: &Source| source.targets.clone();
    let mut targets: Vec<_> = parameter.sources.iter().flat_map(all).collect();
    targets.sort_unstable();
    targets.dedup();
    targets.retain(|target| wanted.is_none_or(|wanted| *target == wanted));
    targets
}

fn check_depth(depth: usize) -> Outcome<()> {
    if depth >= DEEPEST {
        let reason = format!("may follow {DEEPEST} references, not more");
        return Err(Failure::Invalid(reason));
    }
    Ok(())
}
