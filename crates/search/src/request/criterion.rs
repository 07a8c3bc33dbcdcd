//! Parameters that say what resources must be like: a name with its modifier, values with `,`
//! between them of which one must match (R4 search, sections 3.1.1.3 and 3.1.1.4).

use super::bounds::Amount;
use super::{hierarchy, kept_by_store};
use crate::Expansions;
use crate::escape::{is_legal, split, split_once, unescape};
use crate::form::{Asked, Modifier};
use crate::index::{Slot, all, any};
use crate::registry::{Registry, SearchableBy, Source};
use cresset_fhir::definitions::{ParameterType, ResourceType};
use cresset_store::{Filter, Parameter, Scan, TextPart, TypeNumber};

/// Said of a custom parameter while resources are indexed by it.
pub(super) const NOT_YET: &str =
    "not searchable yet: resources are being indexed by it; /admin/jobs says how far that is";

/// What became of a parameter.
pub(super) type Outcome<T> = Result<T, Failure>;

/// Why a parameter has no effect.
#[derive(Debug)]
pub(super) enum Failure {
    /// The search may go on without it.
    Ignored(String),
    /// The search makes no sense with it.
    Invalid(String),
    /// It asks for more than one search may.
    TooMuch(String),
}

/// Compiles criteria, counting what they ask for.
pub(super) struct Criteria<'r> {
    pub(super) registry: &'r Registry,
    pub(super) expansions: &'r Expansions,
    pub(super) amount: Amount,
}

impl<'r> Criteria<'r> {
    pub(super) fn new(registry: &'r Registry, expansions: &'r Expansions) -> Self {
        Self { registry, expansions, amount: Amount::default() }
    }

    /// The filter of one parameter on resources of these types (none for all).
    pub(super) fn filter(
        &mut self,
        types: &[ResourceType],
        name: &str,
        value: &str,
    ) -> Outcome<Filter> {
        let types = self.registry.types_or_all(types);
        if name == "_filter" {
            return self.filter_parameter(&types, value);
        }
        self.count_values(split(value, ',').len())?;
        self.filter_at(0, &types, name, value)
    }

    /// The filter of a parameter behind `depth` links.
    pub(super) fn filter_at(
        &mut self,
        depth: usize,
        types: &[ResourceType],
        name: &str,
        value: &str,
    ) -> Outcome<Filter> {
        self.count_way()?;
        if let Some(rest) = name.strip_prefix("_has:") {
            return self.has(depth, types, rest, value);
        }
        if let Some((link, rest)) = name.split_once('.') {
            return self.chain(depth, types, link, rest, value);
        }
        let (name, modifier) = match name.split_once(':') {
            Some((name, modifier)) => (name, Some(modifier)),
            None => (name, None),
        };
        let modifier = modifier.map(|text| self.modifier(text)).transpose()?;
        match types {
            _ if name == "_list" => match modifier {
                None => self.list(value),
                Some(_) => Err(Failure::Invalid("takes no modifier".to_owned())),
            },
            [] => Ok(any([])),
            [only] => self.of_type(*only, types, name, modifier.as_ref(), value),
            _ => self.of_types(types, name, modifier.as_ref(), value),
        }
    }

    pub(super) fn modifier(&self, text: &str) -> Outcome<Modifier> {
        let found = Modifier::named(text, self.registry.definitions());
        found.ok_or_else(|| Failure::Invalid("has a modifier that doesn't exist".to_owned()))
    }

    /// Over several types a parameter must be one of each (section 3.1.1.1.4).
    fn of_types(
        &mut self,
        types: &[ResourceType],
        name: &str,
        modifier: Option<&Modifier>,
        value: &str,
    ) -> Outcome<Filter> {
        let missing = value == "true" && modifier == Some(&Modifier::Missing);
        let is_negative = missing || modifier.is_some_and(Modifier::is_negative);
        if matches!(name, "_id" | "_lastUpdated") {
            return self.of_type(types[0], types, name, modifier, value);
        }
        let mut filters = Vec::new();
        for resource_type in types {
            filters.push(self.of_type(*resource_type, types, name, modifier, value)?);
        }
        // Rows of one type say nothing of another's resources: each negation must hold.
        Ok(if is_negative { all(filters) } else { any(filters) })
    }

    pub(super) fn of_type(
        &mut self,
        resource_type: ResourceType,
        all_types: &[ResourceType],
        name: &str,
        modifier: Option<&Modifier>,
        value: &str,
    ) -> Outcome<Filter> {
        let registry = self.registry;
        let Some(parameter) = registry.parameter(resource_type, name) else {
            return Err(Failure::Ignored(unknown(registry, resource_type, name)));
        };
        if !parameter.is_usable() {
            return Err(Failure::Ignored("not supported yet".to_owned()));
        }
        match (modifier, name) {
            (Some(Modifier::Missing), "_id" | "_lastUpdated") => {
                return Ok(if is_true(value)? { any([]) } else { Filter::All });
            }
            (Some(Modifier::Missing), _) => return missing(registry, parameter, value),
            _ => {}
        }
        self.count_bytes(value)?;
        if !is_legal(value) {
            let reason = r"has a backslash that escapes nothing: write it as \\";
            return Err(Failure::Invalid(reason.to_owned()));
        }
        let mut filters = Vec::new();
        for value in split(value, ',').into_iter().filter(|v| !v.is_empty()) {
            filters.push(match name {
                "_id" if modifier.is_none_or(|m| *m == Modifier::Not) => {
                    let found = kept_by_store::id(all_types, value);
                    self.count_ranges(&found)?;
                    found
                }
                "_lastUpdated" if modifier.is_none() => kept_by_store::last_updated(value)?,
                "_id" | "_lastUpdated" => {
                    return Err(Failure::Invalid("doesn't have this modifier".to_owned()));
                }
                "url" if modifier.is_none() => self.canonical(resource_type, parameter, value)?,
                _ => self.value(parameter, modifier, value)?,
            });
        }
        if filters.is_empty() {
            return Err(Failure::Ignored("has no value".to_owned()));
        }
        let filter = any(filters);
        Ok(match modifier {
            // Resources without any value match, too (section 3.1.1.4.10).
            Some(modifier) if modifier.is_negative() => Filter::Not(Box::new(filter)),
            _ => filter,
        })
    }

    /// The URL of a conformance resource: as it stands, or with its version after a `|`.
    fn canonical(
        &mut self,
        resource_type: ResourceType,
        parameter: &SearchableBy,
        value: &str,
    ) -> Outcome<Filter> {
        let whole = self.value(parameter, None, value)?;
        let by_version = self.registry.parameter(resource_type, "version");
        let (Some((url, version)), Some(by_version)) = (split_once(value, '|'), by_version) else {
            return Ok(whole);
        };
        let apart = [self.value(parameter, None, url)?, self.value(by_version, None, version)?];
        Ok(any([whole, all(apart)]))
    }

    /// One value, on every branch of the parameter.
    fn value(
        &mut self,
        parameter: &SearchableBy,
        modifier: Option<&Modifier>,
        value: &str,
    ) -> Outcome<Filter> {
        let registry = self.registry;
        let kind = parameter.definition.parameter_type;
        if matches!(modifier, Some(Modifier::Not)) && kind != ParameterType::Token {
            return Err(Failure::Invalid(Modifier::Not.unsupported(kind.code())));
        }
        if let (Some(Modifier::Type(named)), ParameterType::Reference) = (modifier, kind)
            && !parameter.sources.iter().any(|source| source.targets.contains(named))
        {
            return Err(Failure::Invalid("doesn't refer to this type".to_owned()));
        }
        if kind == ParameterType::Reference
            && let Some(key) = hierarchy::resource(registry, parameter, modifier, value)?
        {
            let filter = hierarchy::filter(registry, parameter, modifier, &key)?;
            self.amount.ranges += hierarchy::RANGES;
            self.count_ranges(&filter)?;
            return Ok(filter);
        }
        let mut filters = Vec::new();
        for source in &parameter.sources {
            let asked = Asked { modifier, ..registry.asked(&source.targets, self.expansions) };
            let found = parameter.matches(value, &asked).map_err(Failure::Invalid)?;
            let filter = found.filter(registry.index(source));
            self.count_ranges(&filter)?;
            filters.push(filter);
        }
        Ok(any(filters))
    }
}

/// `:missing` (section 3.1.1.4.2): whether any branch has a value.
fn missing(registry: &Registry, parameter: &SearchableBy, value: &str) -> Outcome<Filter> {
    let present = any(parameter.sources.iter().map(|source| present(registry, source)));
    Ok(if is_true(value)? { Filter::Not(Box::new(present)) } else { present })
}

/// Resources that have a value on this branch.
fn present(registry: &Registry, source: &Source) -> Filter {
    let index = registry.index(source);
    let Some(only) = source.only else {
        return any(index.present().map(|part| Filter::Scan(Scan::all(part.clone()))));
    };
    // References to one type alone: those of this server, and URLs that tell it.
    let own = index.part(Slot::Main).cloned().into_iter().collect();
    let own = Filter::RefersToType(own, TypeNumber(only.number()));
    let name = registry.definitions().resource_type_name(only);
    let named = |part: &Parameter| {
        let contains = Some(TextPart::Anywhere(format!("/{name}/").into()));
        Filter::Scan(Scan { contains, ..Scan::all(part.clone()) })
    };
    any([own].into_iter().chain(index.part(Slot::Url).map(named)))
}

fn is_true(value: &str) -> Outcome<bool> {
    match unescape(value).as_ref() {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(Failure::Invalid("with :missing must be true or false".to_owned())),
    }
}

pub(super) fn unknown(registry: &Registry, resource_type: ResourceType, name: &str) -> String {
    let type_name = registry.definitions().resource_type_name(resource_type);
    match name {
        _ if registry.is_pending(resource_type, name) => NOT_YET.to_owned(),
        "_filter" => "can't stand behind a reference".to_owned(),
        "_has" => "write _has:Type:reference:parameter".to_owned(),
        _ => format!("{type_name} has no such parameter"),
    }
}
