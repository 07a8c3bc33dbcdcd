use super::collection::{Data, Resource};
use crate::position::Place;
use crate::query::SortBy;
use crate::*;
use std::collections::HashSet;

impl Data {
    pub(super) fn search(&self, scope: &Scope, query: &Query) -> Result<Matches, StoreError> {
        if self.deferred {
            return Err(StoreError::Indexing { done: 0, total: self.resources.len() as u64 });
        }
        for resource_type in &query.types {
            scope.may_read(*resource_type)?;
        }
        let mut found: Vec<(Place, &Resource)> = Vec::new();
        for (at, resource) in self.resources.iter().enumerate() {
            let typed = query.types.is_empty() || query.types.contains(&resource.key.resource_type);
            if typed
                && self.readable(scope, resource)
                && self.matches(scope, resource, &query.filter)
            {
                found.push((self.place(at, resource, &query.sort), resource));
            }
        }
        let total = query.total.then_some(found.len() as u64);
        found.sort_by(|(a, _), (b, _)| a.order(b, &query.sort));
        let place = |position: &Position| Place::decode(position, query.sort.len());
        let page = match &query.start {
            Start::First => 0..query.limit,
            Start::After(after) => {
                let after = place(after)?;
                let from = found.partition_point(|(p, _)| p.order(&after, &query.sort).is_le());
                from..from + query.limit
            }
            Start::Before(before) => {
                let before = place(before)?;
                let to = found.partition_point(|(p, _)| p.order(&before, &query.sort).is_lt());
                to.saturating_sub(query.limit)..to
            }
        };
        let page = page.start.min(found.len())..page.end.min(found.len());
        let edge = |at: usize, more: bool| found.get(at).filter(|_| more).map(|(p, _)| p.encode());
        let next = edge(page.end.wrapping_sub(1), !page.is_empty() && page.end < found.len());
        let previous = edge(page.start, !page.is_empty() && page.start > 0);
        let page = found[page].iter();
        let resources = page.filter_map(|(_, r)| r.live().cloned()).collect();
        Ok(Matches { resources, next, previous, total })
    }

    fn readable(&self, scope: &Scope, resource: &Resource) -> bool {
        resource.live().is_some() && scope.may_read(resource.key.resource_type).is_ok()
    }

    fn place(&self, at: usize, resource: &Resource, sort: &[Sort]) -> Place {
        let values = sort.iter().map(|key| sort_value(resource, at, key)).collect();
        Place { values, arrival: at as u64 + 1 }
    }

    fn matches(&self, scope: &Scope, resource: &Resource, filter: &Filter) -> bool {
        match filter {
            Filter::All => true,
            Filter::Keys(keys) => keys.contains(&resource.key),
            Filter::Scan(scan) => resource
                .index
                .iter()
                .any(|k| k.parameter == scan.parameter && in_range(&k.value, scan)),
            Filter::Updated(from, to) => resource.live().is_some_and(|v| {
                from.is_none_or(|from| v.updated >= from) && to.is_none_or(|to| v.updated < to)
            }),
            Filter::And(all) => all.iter().all(|f| self.matches(scope, resource, f)),
            Filter::Or(any) => any.iter().any(|f| self.matches(scope, resource, f)),
            Filter::Not(inner) => !self.matches(scope, resource, inner),
            Filter::RefersTo(parameters, types, inner) => {
                targets(resource, parameters).any(|key| {
                    let target = self.resource(key).filter(|_| types.contains(&key.resource_type));
                    target.is_some_and(|t| self.readable(scope, t) && self.matches(scope, t, inner))
                })
            }
            Filter::RefersToType(parameters, of) => {
                targets(resource, parameters).any(|key| key.resource_type == *of)
            }
            Filter::ReferredFrom(parameters, types, inner) => {
                let sources =
                    self.resources.iter().filter(|r| types.contains(&r.key.resource_type));
                let mut sources = sources.filter(|r| self.readable(scope, r));
                sources.any(|source| {
                    targets(source, parameters).any(|key| *key == resource.key)
                        && self.matches(scope, source, inner)
                })
            }
        }
    }
}

/// What a resource refers to through `parameters`.
fn targets<'a>(
    resource: &'a Resource,
    parameters: &'a [Parameter],
) -> impl Iterator<Item = &'a Key> {
    let keys = resource.index.iter().filter(|k| parameters.contains(&k.parameter));
    keys.filter_map(|k| match k.value.first() {
        Some(Segment::Resource(key)) => Some(key),
        _ => None,
    })
}

fn in_range(value: &[Segment], scan: &Scan) -> bool {
    let Some((head, tail)) = value.split_at_checked(scan.prefix.len()) else { return false };
    let is_followed = match tail {
        _ if scan.suffix.is_empty() => true,
        [Segment::Text(_), rest @ ..] => rest == scan.suffix,
        _ => false,
    };
    let starts = head.iter().zip(&scan.prefix).all(|(segment, pattern)| match pattern {
        Pattern::Is(wanted) => segment == wanted,
        Pattern::AnyTerm => matches!(segment, Segment::Term(_)),
        Pattern::TermEnding(end) => {
            matches!(segment, Segment::Term(t) if t.ends_with(end.as_str()))
        }
    });
    let contains = scan.contains.as_ref().is_none_or(|wanted| match tail.first() {
        Some(Segment::Text(text)) => wanted.is_in(text.as_bytes()),
        _ => false,
    });
    let tail = ordered(tail);
    starts
        && is_followed
        && contains
        && scan.within.as_ref().is_none_or(|within| within.admits(&tail))
        && scan.lower.as_ref().is_none_or(|lower| tail >= *lower)
        && scan.upper.as_ref().is_none_or(|upper| tail < *upper)
}

/// Segments as one run of bytes, in the order that [`Segment`] promises.
fn ordered(segments: &[Segment]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for segment in segments {
        match segment {
            Segment::Text(text) | Segment::Term(text) => {
                bytes.extend_from_slice(text.as_bytes());
                bytes.push(0);
            }
            Segment::Ordered(ordered) => bytes.extend_from_slice(ordered),
            Segment::Resource(key) => bytes.extend_from_slice(key.id.as_str().as_bytes()),
        }
    }
    bytes
}

fn sort_value(resource: &Resource, at: usize, sort: &Sort) -> Option<Vec<u8>> {
    match &sort.by {
        SortBy::Arrival => Some((at as u64).to_be_bytes().to_vec()),
        SortBy::Id => Some(resource.key.id.as_str().as_bytes().to_vec()),
        SortBy::Updated => {
            let milliseconds = resource.live()?.updated.milliseconds();
            Some((milliseconds as u64 ^ 1 << 63).to_be_bytes().to_vec())
        }
        SortBy::Parameters(parameters) => extreme(resource, parameters, usize::MAX, sort),
        SortBy::Texts(parameters) => extreme(resource, parameters, 1, sort),
    }
}

/// The first value in the order, by so many segments.
fn extreme(
    resource: &Resource,
    parameters: &[Parameter],
    segments: usize,
    sort: &Sort,
) -> Option<Vec<u8>> {
    let wanted: HashSet<_> = parameters.iter().collect();
    let keys = resource.index.iter().filter(|k| wanted.contains(&k.parameter));
    let values = keys.map(|k| ordered(&k.value[..k.value.len().min(segments)]));
    if sort.descending { values.max() } else { values.min() }
}
