//! Searches across references (R4 search, sections 3.1.1.4.4 and 3.1.1.4.5): chains
//! (`subject.name`), and the reverse (`_has:Observation:patient:code`).

use super::criterion::{Criteria, Failure, Outcome, unknown};
use crate::contained;
use crate::form::Modifier;
use crate::index::{Slot, any};
use crate::registry::SearchableBy;
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
        self.follow(depth, types, link, wanted, &mut |criteria, depth, target| {
            criteria.filter_at(depth, &[target], rest, value)
        })
    }

    /// Resources that refer through `link` to those that `inner` makes a filter of, type by type.
    pub(super) fn follow(
        &mut self,
        depth: usize,
        types: &[ResourceType],
        link: &str,
        wanted: Option<ResourceType>,
        inner: &mut dyn FnMut(&mut Self, usize, ResourceType) -> Outcome<Filter>,
    ) -> Outcome<Filter> {
        check_depth(depth)?;
        let mut filters = Vec::new();
        let mut failure = None;
        for source_type in types {
            let parameter = self.link(*source_type, link)?;
            let targets = parameter.targets();
            for target in targets.into_iter().filter(|t| wanted.is_none_or(|wanted| *t == wanted)) {
                match inner(self, depth + 1, target) {
                    Ok(inner) => {
                        filters.extend(self.contained(parameter, target, &inner)?);
                        let indexes = self.indexes_to(parameter, target, Slot::Main);
                        let to = vec![TypeNumber(target.number())];
                        filters.push(Filter::RefersTo(indexes, to, Box::new(inner)));
                    }
                    Err(Failure::TooMuch(reason)) => return Err(Failure::TooMuch(reason)),
                    // Targets that can't be asked this are none that it is asked of; when none can,
                    // a wrong value says more than an unknown name.
                    Err(Failure::Invalid(reason)) => failure = Some(Failure::Invalid(reason)),
                    Err(ignored) => failure = failure.or(Some(ignored)),
                }
            }
        }
        if !filters.is_empty() {
            return Ok(any(filters));
        }
        Err(failure.unwrap_or_else(|| Failure::Ignored("leads to no such type".to_owned())))
    }

    /// Resources whose reference leads to a contained resource that `inner` finds; `None` where none
    /// can.
    fn contained(
        &mut self,
        parameter: &SearchableBy,
        target: ResourceType,
        inner: &Filter,
    ) -> Outcome<Option<Filter>> {
        let indexes = self.indexes_to(parameter, target, Slot::Contained);
        let Some(scans) = contained::scans(inner).filter(|_| !indexes.is_empty()) else {
            return Ok(None);
        };
        self.amount.ranges += usize::from(contained::MOST) * scans;
        self.count_ranges(&Filter::All)?;
        let name = self.registry.definitions().resource_type_name(target);
        Ok(Some(contained::referred_to(&indexes, name, inner)))
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
            types.iter().flat_map(|t| self.indexes_to(parameter, *t, Slot::Main)).collect();
        indexes.sort_unstable();
        indexes.dedup();
        if indexes.is_empty() {
            let reason = format!("{type_name} doesn't refer to this type by this parameter");
            return Err(Failure::Ignored(reason));
        }
        let from = vec![TypeNumber(source.number())];
        Ok(Filter::ReferredFrom(indexes, from, Box::new(inner)))
    }

    /// The reference parameter that a chain goes through.
    fn link(&self, resource_type: ResourceType, name: &str) -> Outcome<&'r SearchableBy> {
        let Some(parameter) = self.registry.parameter(resource_type, name) else {
            return Err(Failure::Ignored(unknown(self.registry, resource_type, name)));
        };
        if !parameter.is_usable() {
            return Err(Failure::Ignored("not supported yet".to_owned()));
        }
        if parameter.definition.parameter_type != ParameterType::Reference {
            return Err(Failure::Invalid("goes through what is no reference".to_owned()));
        }
        Ok(parameter)
    }

    /// The indexes of a link that can hold references to a type.
    fn indexes_to(
        &self,
        parameter: &SearchableBy,
        target: ResourceType,
        slot: Slot,
    ) -> Vec<Parameter> {
        let sources = parameter.sources.iter();
        let sources = sources.filter(|source| source.targets.contains(&target));
        let parts = sources.filter_map(|s| self.registry.index(s).part(slot));
        parts.cloned().collect()
    }
}

fn check_depth(depth: usize) -> Outcome<()> {
    if depth >= DEEPEST {
        let reason = format!("may follow {DEEPEST} references, not more");
        return Err(Failure::TooMuch(reason));
    }
    Ok(())
}
