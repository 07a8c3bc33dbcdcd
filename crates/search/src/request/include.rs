//! `_include` and `_revinclude` (R4 search, section 3.1.1.5.4).

use super::criterion::{Failure, Outcome};
use crate::registry::{Registry, SearchableBy};
use cresset_fhir::definitions::{ParameterType, ResourceType};

/// How many a search may have: each costs a look-up for every page.
const MOST: usize = 50;

/// Resources that a search answers with beside its matches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Include {
    /// `_revinclude`: those that refer to a match; else those that a match refers to.
    pub reverse: bool,
    /// `:iterate`: also for resources that were themselves included.
    pub iterate: bool,
    /// The type that has the reference; `None` for `*`, any.
    pub source: Option<ResourceType>,
    /// The reference parameter; `None` for `*`, all of them.
    pub parameter: Option<String>,
    /// The only type of target that is wanted.
    pub target: Option<ResourceType>,
}

/// Whether a name is that of an include: its direction, and whether it iterates. `:recurse` is what
/// `:iterate` was called before R4.
///
/// # Errors
/// Another modifier.
fn directions(name: &str) -> Option<Outcome<(bool, bool)>> {
    let (name, modifier) = match name.split_once(':') {
        Some((name, modifier)) => (name, Some(modifier)),
        None => (name, None),
    };
    let reverse = match name {
        "_include" => false,
        "_revinclude" => true,
        _ => return None,
    };
    Some(match modifier {
        None => Ok((reverse, false)),
        Some("iterate" | "recurse") => Ok((reverse, true)),
        Some(_) => Err(Failure::Invalid("takes no modifier but :iterate".to_owned())),
    })
}

/// Adds the include that a parameter asks for; `None` when it is another parameter. `types` are
/// those searched, none for all.
pub(super) fn apply(
    registry: &Registry,
    types: &[ResourceType],
    includes: &mut Vec<Include>,
    name: &str,
    value: &str,
) -> Option<Outcome<()>> {
    let read = |directions: Outcome<(bool, bool)>| {
        let (reverse, iterate) = directions?;
        let include = parse(registry, reverse, iterate, value)?;
        check_reach(registry, types, &include)?;
        if !includes.contains(&include) {
            includes.push(include);
        }
        if includes.len() > MOST {
            return Err(Failure::TooMuch(format!("may be given {MOST} times")));
        }
        Ok(())
    };
    directions(name).map(read)
}

/// `*`, `Type:*`, `Type:parameter`, the latter two perhaps with the target's type behind them.
fn parse(registry: &Registry, reverse: bool, iterate: bool, value: &str) -> Outcome<Include> {
    let mut include = Include { reverse, iterate, source: None, parameter: None, target: None };
    if value == "*" {
        return Ok(include);
    }
    let parts: Vec<&str> = value.splitn(4, ':').collect();
    let (source, parameter, target) = match parts[..] {
        [""] => return Err(Failure::Ignored("has no value".to_owned())),
        [source, parameter] => (source, parameter, None),
        [source, parameter, target] => (source, parameter, Some(target)),
        _ => {
            let reason = "must be Type:parameter, Type:parameter:TargetType, Type:* or *";
            return Err(Failure::Invalid(reason.to_owned()));
        }
    };
    let type_named = |name: &str, what: &str| {
        let found = registry.definitions().resource_type(name);
        found.ok_or_else(|| Failure::Ignored(format!("its {what} is no resource type")))
    };
    let source = type_named(source, "source")?;
    include.source = Some(source);
    include.target = target.map(|name| type_named(name, "target")).transpose()?;
    if parameter != "*" {
        let found = reference(registry, source, parameter)?;
        include.parameter = Some(found.definition.code.to_string());
    }
    Ok(include)
}

/// The reference parameter with this name.
fn reference<'r>(
    registry: &'r Registry,
    source: ResourceType,
    name: &str,
) -> Outcome<&'r SearchableBy> {
    let type_name = registry.definitions().resource_type_name(source);
    let parameter = registry.parameter(source, name).filter(|parameter| parameter.is_usable());
    let Some(parameter) = parameter else {
        return Err(Failure::Ignored(format!("{type_name} has no such parameter")));
    };
    if parameter.definition.parameter_type != ParameterType::Reference {
        return Err(Failure::Ignored(format!("this parameter of {type_name} is no reference")));
    }
    Ok(parameter)
}

/// An include that can't add anything to what is searched for is a mistake: say so.
fn check_reach(registry: &Registry, types: &[ResourceType], include: &Include) -> Outcome<()> {
    let Some(source) = include.source else {
        return Ok(());
    };
    let definitions = registry.definitions();
    let is_searched = |t: &ResourceType| types.is_empty() || types.contains(t);
    let type_name = definitions.resource_type_name(source);
    if !include.reverse && !include.iterate && !is_searched(&source) {
        let reason = format!(
            "{type_name} is not searched for: use _include:iterate for resources that are included themselves"
        );
        return Err(Failure::Ignored(reason));
    }
    let targets = match &include.parameter {
        Some(name) => reference(registry, source, name)?.targets(),
        None => {
            let parameters = registry.parameters(source).into_iter();
            let found = parameters.filter_map(|p| registry.parameter(source, &p.code));
            found.flat_map(SearchableBy::targets).collect()
        }
    };
    let reaches = |target: &ResourceType| {
        let is_wanted = include.target.is_none_or(|wanted| wanted == *target);
        is_wanted && (!include.reverse || include.iterate || is_searched(target))
    };
    if !targets.iter().any(reaches) {
        let reason = format!("{type_name} has no reference of this kind to such a type");
        return Err(Failure::Ignored(reason));
    }
    Ok(())
}
