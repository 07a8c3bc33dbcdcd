//! Composite parameters (R4 search, section 3.1.1.4.11): values that one element has together.
//!
//! A value is the values of the parts one after another. A search may have a range in the last
//! part only; in earlier ones a number stands for itself, and a token needs its code.

use crate::escape::split;
use crate::form::{self, Asked, Extraction, Form};
use crate::index::{Leaf, Match, Slot, Values};
use crate::number;
use crate::prefix::Prefix;
use cresset_fhir::definitions::ParameterType;
use cresset_fhir::json::Json;
use cresset_store::{Pattern, Segment};

/// How many values one element may have; a hostile resource could multiply its parts.
const MOST_VALUES: usize = 1_000;

/// The parts of a composite.
#[derive(Clone, Debug)]
pub(crate) struct Composite {
    parts: Vec<Part>,
    slots: Vec<Slot>,
}

/// One part: where its values are, seen from the composite's element or from the resource.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    pub(crate) is_from_resource: bool,
    pub(crate) ways: Vec<(Vec<&'static str>, Form)>,
}

impl Composite {
    /// `None` when a part has no values.
    pub(crate) fn new(parts: Vec<Part>) -> Option<Self> {
        if parts.iter().any(|part| part.ways.is_empty()) {
            return None;
        }
        let mut slots = Vec::new();
        for (_, form) in parts.last().map_or(&[][..], |part| &part.ways) {
            for slot in form.slots() {
                // A composite has no modifiers.
                if !slots.contains(slot) && !slot.is_for_modifiers() {
                    slots.push(*slot);
                }
            }
        }
        Some(Self { parts, slots })
    }

    pub(crate) fn slots(&self) -> &[Slot] {
        &self.slots
    }

    pub(crate) fn extract(&self, from: &Extraction<'_>, value: &Json, into: &mut Values) {
        let from = &Extraction { is_part: true, ..*from };
        let mut heads: Vec<Vec<Segment>> = vec![Vec::new()];
        let mut found = Values::new();
        for (n, part) in self.parts.iter().enumerate() {
            found.clear();
            part.extract(from, value, &mut found);
            let is_last = n + 1 == self.parts.len();
            found.retain(|(slot, _)| match is_last {
                true => self.slots.contains(slot),
                false => *slot == Slot::Main,
            });
            let mut next = Vec::new();
            for head in &heads {
                for (slot, segments) in &found {
                    if next.len() + into.len() >= MOST_VALUES {
                        break;
                    }
                    let joined = [head.as_slice(), segments].concat();
                    if is_last {
                        into.push((*slot, joined));
                    } else {
                        next.push(joined);
                    }
                }
            }
            heads = next;
        }
    }
}

impl Part {
    fn extract(&self, from: &Extraction<'_>, value: &Json, into: &mut Values) {
        let start = if self.is_from_resource { from.root } else { value };
        for (names, form) in &self.ways {
            follow(start, names, &mut |value| form.extract(from, value, into));
        }
    }
}

/// Shows `visit` each value at the end of a chain of properties.
pub(crate) fn follow<'a>(value: &'a Json, names: &[&str], visit: &mut impl FnMut(&'a Json)) {
    let Some((name, rest)) = names.split_first() else {
        return visit(value);
    };
    for item in value.get(name).map_or(&[][..], Json::items) {
        follow(item, rest, visit);
    }
}

/// The values of the parts, with `$` between them.
pub(crate) fn matches(
    components: &[ParameterType],
    value: &str,
    asked: &Asked<'_>,
) -> Result<Match, String> {
    if let Some(modifier) = asked.modifier {
        return Err(modifier.unsupported("composite"));
    }
    let values = split(value, '$');
    if values.len() != components.len() {
        let count = components.len();
        return Err(format!("write {count} values with $ between them"));
    }
    let mut heads = vec![Vec::new()];
    let last = components.len() - 1;
    for (kind, value) in components.iter().zip(&values).take(last) {
        let found = patterns(*kind, value, asked)?;
        let joined = |head: &Vec<Pattern>| {
            let head = head.clone();
            found.iter().map(move |tail| [head.as_slice(), tail].concat())
        };
        heads = heads.iter().flat_map(joined).collect();
    }
    // In an earlier part a quantity counts as it is written.
    let tail = form::matches(components[last], &[], values[last], asked)?;
    Ok(Match::Any(heads.iter().map(|head| after(head, &tail)).collect()))
}

/// What a part that isn't the last must be: whole segments.
fn patterns(
    kind: ParameterType,
    value: &str,
    asked: &Asked<'_>,
) -> Result<Vec<Vec<Pattern>>, String> {
    if kind == ParameterType::Number {
        return match number::parse(value)? {
            (Prefix::Equal, number) => {
                Ok(vec![vec![Pattern::Is(Segment::Ordered(number.encode()))]])
            }
            _ => Err("only the last part may have a prefix".to_owned()),
        };
    }
    let mut all = Vec::new();
    collect(form::matches(kind, &[], value, asked)?, kind, &mut all)?;
    Ok(all)
}

fn collect(found: Match, kind: ParameterType, into: &mut Vec<Vec<Pattern>>) -> Result<(), String> {
    match found {
        Match::Leaf(leaf) if leaf.slot != Slot::Main => Ok(()),
        Match::Leaf(Leaf {
            mut prefix, lower: None, upper: None, suffix, within: None, ..
        }) if suffix.is_empty() => {
            if kind == ParameterType::Token && prefix.len() == 1 {
                prefix.push(Pattern::AnyTerm);
            }
            into.push(prefix);
            Ok(())
        }
        Match::Any(matches) => matches.into_iter().try_for_each(|m| collect(m, kind, into)),
        Match::Leaf(_) | Match::All(_) => {
            Err("only the last part may be a range; a token there needs its code".to_owned())
        }
    }
}

/// `tail`, with `head` before it.
fn after(head: &[Pattern], tail: &Match) -> Match {
    let each = |matches: &[Match]| matches.iter().map(|m| after(head, m)).collect();
    match tail {
        Match::Leaf(leaf) => {
            Match::Leaf(Leaf { prefix: [head, &leaf.prefix].concat(), ..leaf.clone() })
        }
        Match::Any(matches) => Match::Any(each(matches)),
        Match::All(matches) => Match::All(each(matches)),
    }
}
