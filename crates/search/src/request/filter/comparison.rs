//! What the operators of `_filter` mean for each parameter type (R4 search_filter, section
//! "Operators"). Most are what a modifier or a prefix says; the others are ranges of their own.

use super::named;
use super::operator::Operator;
use super::syntax::Comparison;
use crate::date;
use crate::form::{Asked, Modifier, matches};
use crate::index::{Leaf, Match, Slot, all, any};
use crate::registry::SearchableBy;
use crate::request::criterion::{Criteria, Failure, Outcome, unknown};
use crate::string;
use cresset_fhir::definitions::{ParameterType, ResourceType};
use cresset_store::{Filter, Pattern, Segment};

/// Names that may stand for their system (R4 search_filter, note on tokens).
const SYSTEMS: [(&str, &str); 4] = [
    ("loinc", "http://loinc.org"),
    ("snomed", "http://snomed.info/sct"),
    ("rxnorm", "http://www.nlm.nih.gov/research/umls/rxnorm"),
    ("ucum", "http://unitsofmeasure.org"),
];

impl Criteria<'_> {
    /// A comparison with a parameter that all of the types must have.
    pub(super) fn compare(
        &mut self,
        types: &[ResourceType],
        comparison: &Comparison,
    ) -> Outcome<Filter> {
        let name = comparison.name.as_str();
        // Of these the store needs to be asked once.
        let once = matches!(name, "_id" | "_lastUpdated") || types.is_empty();
        let asked = if once { &types[..types.len().min(1)] } else { types };
        let filters = asked.iter().map(|t| self.compare_in(*t, types, comparison));
        let filters: Outcome<Vec<Filter>> = filters.collect();
        let filters = filters.map_err(|failure| named(name, failure))?;
        // Rows of one type say nothing of another's resources: each negation must hold.
        Ok(match comparison.operator {
            Operator::Ni => all(filters),
            Operator::Pr if comparison.value == "false" => all(filters),
            _ => any(filters),
        })
    }

    fn compare_in(
        &mut self,
        resource_type: ResourceType,
        types: &[ResourceType],
        comparison: &Comparison,
    ) -> Outcome<Filter> {
        let Comparison { name, operator, value, .. } = comparison;
        let registry = self.registry;
        let parameter = registry.parameter(resource_type, name).filter(|p| p.is_usable());
        let Some(parameter) = parameter else {
            return Err(Failure::Ignored(unknown(registry, resource_type, name)));
        };
        let kind = parameter.definition.parameter_type;
        let mut plain = |modifier: Option<&Modifier>, value: &str| {
            self.of_type(resource_type, types, name, modifier, value)
        };
        match asked_of(name, kind, *operator) {
            Meaning::Present => plain(Some(&Modifier::Missing), is_missing(value)?),
            Meaning::Prefix(prefix) => plain(None, &format!("{prefix}{}", escaped(kind, value))),
            Meaning::Plain => plain(None, &escaped(kind, value)),
            Meaning::Not => plain(Some(&Modifier::Not), &escaped(kind, value)),
            Meaning::Modifier(modifier) => {
                let modifier = self.modifier(modifier)?;
                self.of_type(resource_type, types, name, Some(&modifier), &escaped(kind, value))
            }
            Meaning::Ranges => self.ranges_of(parameter, *operator, &escaped(kind, value)),
            Meaning::None => {
                let (operator, kind) = (operator.name(), kind.code());
                Err(Failure::Invalid(format!("{operator} can't be asked of a {kind} parameter")))
            }
        }
    }

    /// What no modifier and no prefix says, on every branch of a parameter.
    fn ranges_of(
        &mut self,
        parameter: &SearchableBy,
        operator: Operator,
        value: &str,
    ) -> Outcome<Filter> {
        if value.is_empty() {
            return Err(Failure::Invalid("needs a value".to_owned()));
        }
        let kind = parameter.definition.parameter_type;
        let registry = self.registry;
        let mut filters = Vec::new();
        for source in &parameter.sources {
            let asked = registry.asked(&source.targets, self.expansions);
            let found = ranges(kind, parameter, operator, value, &asked);
            let filter = found.map_err(Failure::Invalid)?.filter(registry.index(source));
            self.count_ranges(&filter)?;
            filters.push(filter);
        }
        Ok(any(filters))
    }
}

/// How an operator is asked of a parameter.
enum Meaning {
    /// By whether there is a value.
    Present,
    /// As the value stands, or with a prefix or a modifier.
    Plain,
    Prefix(&'static str),
    Modifier(&'static str),
    /// `:not`, where there is one value at most.
    Not,
    /// By ranges that only `_filter` knows.
    Ranges,
    /// Not at all.
    None,
}

fn asked_of(name: &str, kind: ParameterType, operator: Operator) -> Meaning {
    use Operator as O;
    use ParameterType as T;
    match (kind, operator) {
        (_, O::Pr) => Meaning::Present,
        // Words have no order, and the whole of a narrative is not kept.
        (_, O::Co) if matches!(name, "_text" | "_content") => Meaning::Plain,
        _ if matches!(name, "_text" | "_content") => Meaning::None,
        (T::Token, O::Ne) if name == "_id" => Meaning::Not,
        // A moment overlaps with what it lies in.
        (T::Date, O::Po) if name == "_lastUpdated" => Meaning::Prefix("eq"),
        (T::Date, O::Po) => Meaning::Ranges,
        (T::Number | T::Date | T::Quantity, _) => match operator {
            O::Eq | O::Ne | O::Gt | O::Lt | O::Ge | O::Le | O::Ap | O::Sa | O::Eb => {
                Meaning::Prefix(operator.name())
            }
            _ => Meaning::None,
        },
        (T::String, O::Sw) => Meaning::Plain,
        (T::String, O::Co) => Meaning::Modifier("contains"),
        (T::String, O::Eq | O::Ne | O::Ew | O::Gt | O::Lt | O::Ge | O::Le) => Meaning::Ranges,
        (T::Token | T::Uri | T::Reference | T::Composite, O::Eq) => Meaning::Plain,
        (T::Reference, O::Re) => Meaning::Plain,
        (T::Token | T::Uri, O::Ne) => Meaning::Ranges,
        (T::Token | T::Uri, O::Ss) => Meaning::Modifier("below"),
        (T::Token | T::Uri, O::Sb) => Meaning::Modifier("above"),
        (T::Token, O::In) => Meaning::Modifier("in"),
        (T::Token, O::Ni) => Meaning::Modifier("not-in"),
        _ => Meaning::None,
    }
}

/// `pr true` is `:missing=false`.
fn is_missing(value: &str) -> Outcome<&'static str> {
    match value {
        "true" => Ok("false"),
        "false" => Ok("true"),
        _ => Err(Failure::Invalid("pr must be followed by true or false".to_owned())),
    }
}

/// A value as it would stand in a parameter, where backslashes and commas mean something; with the
/// short name of a system made whole.
fn escaped(kind: ParameterType, value: &str) -> String {
    let escaped = value.replace('\\', r"\\").replace(',', r"\,");
    let mut parts: Vec<&str> = escaped.split('|').collect();
    let system = match (kind, parts.len()) {
        (ParameterType::Token, 2) => Some(0),
        (ParameterType::Quantity, 3) => Some(1),
        _ => None,
    };
    if let Some(part) = system.and_then(|at| parts.get_mut(at))
        && let Some((_, url)) = SYSTEMS.iter().find(|(short, _)| short == part)
    {
        *part = url;
    }
    parts.join("|")
}

fn ranges(
    kind: ParameterType,
    parameter: &SearchableBy,
    operator: Operator,
    value: &str,
    asked: &Asked<'_>,
) -> Result<Match, String> {
    if operator == Operator::Po {
        // Only `eq` stands for the date's own span.
        let (_, span) = date::parse(&format!("eq{value}"))?;
        return Ok(date::matches_span(crate::prefix::Prefix::Approximately, span));
    }
    if operator == Operator::Ew {
        return string::ending(value);
    }
    let found = matches(kind, &parameter.components, value, asked)?;
    let parts = if let Match::Any(parts) = found { parts } else { vec![found] };
    let each = parts.into_iter().map(|part| {
        let value = only_value(part);
        value.ok_or_else(|| format!("{} can't be asked with such a value", operator.name()))
    });
    let each: Vec<_> = each.collect::<Result<_, _>>()?;
    let ranges = each.into_iter().map(|value| range_of(operator, value));
    Ok(Match::Any(ranges.collect::<Result<_, _>>()?))
}

fn range_of(
    operator: Operator,
    (slot, from, to): (Slot, Vec<u8>, Vec<u8>),
) -> Result<Match, String> {
    let range = |lower, upper| Match::Leaf(Leaf::between(slot, lower, upper));
    Ok(match operator {
        Operator::Eq => range(Some(from), Some(to)),
        Operator::Ne => Match::Any(vec![range(None, Some(from)), range(Some(to), None)]),
        Operator::Gt => range(Some(to), None),
        Operator::Ge => range(Some(from), None),
        Operator::Lt => range(None, Some(from)),
        Operator::Le => range(None, Some(to)),
        _ => return Err(format!("{} is not an order", operator.name())),
    })
}

/// Where values lie whose first text is the one that was asked for: from, and up to but without.
fn only_value(found: Match) -> Option<(Slot, Vec<u8>, Vec<u8>)> {
    let Match::Leaf(leaf) = found else { return None };
    if !leaf.suffix.is_empty() || leaf.contains.is_some() {
        return None;
    }
    let text = match (leaf.prefix.as_slice(), leaf.lower) {
        ([Pattern::Is(Segment::Text(text))], None) => text.as_bytes().to_vec(),
        // A string's start: its bounds are the folded text and what comes after it.
        ([], Some(text)) => text,
        _ => return None,
    };
    // A text ends with 0, and has none in it.
    Some((leaf.slot, [&text[..], &[0]].concat(), [&text[..], &[1]].concat()))
}
