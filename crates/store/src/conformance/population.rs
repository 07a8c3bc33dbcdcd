//! Random resources and random queries over them, to hold a store against the one that scans.

use super::random::Random;
use super::resources::*;
use crate::*;

pub(super) const TYPES: [TypeNumber; 3] = [PERSON, NOTE, PLACE];
const TEXTS: [&str; 12] = ["", "a", "ab", "abc", "abd", "b", "ba", "Z", "é", "日本", "~", "a b"];
const TERMS: [&str; 6] = ["kg", "ucum|kg", "ucum|g", "g", "loinc|1", ""];
const TEXT_PARAMETERS: [&str; 2] = ["name", "title"];
const LINKS: [&str; 2] = ["subject", "about"];

pub(super) fn any_key(random: &mut Random, ids: u64) -> Key {
    let resource_type = random.pick(&TYPES);
    key(resource_type, &random.below(ids).to_string())
}

fn any_text(random: &mut Random) -> Segment {
    text(random.pick(&TEXTS))
}

fn any_term(random: &mut Random) -> Segment {
    term(random.pick(&TERMS))
}

fn any_number(random: &mut Random) -> Segment {
    ordered(random.below(12) * 100)
}

/// One value of each form that indexes have, at random; `targets` are what it may refer to.
fn any_entry(random: &mut Random, targets: &[Key]) -> IndexKey {
    match random.below(7) {
        0 | 1 => {
            let parameter = random.pick(&TEXT_PARAMETERS);
            entry(parameter, vec![any_text(random)])
        }
        2 => entry("code", vec![any_term(random), any_text(random)]),
        3 => entry("amount", vec![any_number(random), any_term(random)]),
        4 => entry("dose", vec![any_term(random), any_number(random)]),
        5 => {
            let both = [random.below(6), random.below(9)].map(u64::to_be_bytes);
            entry("span", vec![Segment::Ordered(both.concat())])
        }
        _ if targets.is_empty() => entry("name", vec![any_text(random)]),
        _ => {
            let parameter = random.pick(&LINKS);
            entry(parameter, vec![Segment::Resource(random.pick(targets))])
        }
    }
}

pub(super) fn any_index(random: &mut Random, targets: &[Key]) -> IndexKeys {
    let count = random.below(9);
    IndexKeys::new((0..count).map(|_| any_entry(random, targets)).collect())
}

fn any_pattern(random: &mut Random) -> Pattern {
    match random.below(4) {
        0 => Pattern::AnyTerm,
        1 => Pattern::TermEnding(random.pick(&["g", "|kg", "1", "", "%"]).to_owned()),
        _ => Pattern::Is(any_term(random)),
    }
}

fn any_bounds(
    random: &mut Random,
    mut value: impl FnMut(&mut Random) -> Segment,
) -> [Option<Vec<u8>>; 2] {
    [(); 2].map(|()| match value(random) {
        _ if random.once_in(2) => None,
        Segment::Text(text) => Some(text.as_bytes().to_vec()),
        Segment::Ordered(bytes) => Some(bytes),
        Segment::Term(_) | Segment::Resource(_) => None,
    })
}

fn any_scan(random: &mut Random, ids: u64) -> Scan {
    let all = |parameter: &str| Scan::all(Parameter::new(parameter));
    let whole = |parameter: &str, value| Scan::starting(Parameter::new(parameter), value);
    match random.below(10) {
        9 => {
            let mut bounds = || any_bounds(random, |random| ordered(random.below(9)));
            let ([lower, upper], [from, to]) = (bounds(), bounds());
            let within = Some(Within { at: 8, lower: from, upper: to });
            Scan { lower, upper, within, ..all("span") }
        }
        8 => {
            let contains = match any_text(random) {
                Segment::Text(text) if random.once_in(3) => Some(TextPart::End(text)),
                Segment::Text(text) => Some(TextPart::Anywhere(text)),
                _ => None,
            };
            Scan { contains, ..all(random.pick(&TEXT_PARAMETERS)) }
        }
        0 => whole(random.pick(&TEXT_PARAMETERS), vec![any_text(random)]),
        1 => {
            let [lower, upper] = any_bounds(random, any_text);
            Scan { lower, upper, ..all(random.pick(&TEXT_PARAMETERS)) }
        }
        2 => whole("code", vec![any_term(random), any_text(random)]),
        3 => {
            let [lower, upper] = any_bounds(random, any_text);
            Scan { prefix: vec![any_pattern(random)], lower, upper, ..all("code") }
        }
        4 => {
            let [lower, upper] = any_bounds(random, any_number);
            let suffix = if random.once_in(2) { vec![any_term(random)] } else { Vec::new() };
            Scan { lower, upper, suffix, ..all("amount") }
        }
        5 => {
            let [lower, upper] = any_bounds(random, any_number);
            Scan { prefix: vec![any_pattern(random)], lower, upper, ..all("dose") }
        }
        6 => whole(random.pick(&LINKS), vec![Segment::Resource(any_key(random, ids))]),
        _ => all(random.pick(&["name", "title", "code", "amount", "subject"])),
    }
}

/// A filter of so many levels at most; times are asked for only when `timed`.
pub(super) fn any_filter(random: &mut Random, depth: u64, ids: u64, timed: bool) -> Filter {
    let forms = if depth == 0 { 5 } else { 12 };
    let several = |random: &mut Random| {
        let count = random.below(4);
        (0..count).map(|_| any_filter(random, depth - 1, ids, timed)).collect()
    };
    match random.below(forms) {
        0 if random.once_in(3) => Filter::All,
        0 => Filter::Keys((0..random.below(40)).map(|_| any_key(random, ids)).collect()),
        1 if timed => {
            let bound =
                |random: &mut Random| (!random.once_in(3)).then(|| moment(random.below(50) as i64));
            Filter::Updated(bound(random), bound(random))
        }
        1..=4 => Filter::Scan(any_scan(random, ids)),
        5 | 6 => Filter::And(several(random)),
        7 => Filter::Or(several(random)),
        8 => Filter::Not(Box::new(any_filter(random, depth - 1, ids, timed))),
        form => {
            let parameters =
                LINKS[..=random.below(2) as usize].iter().map(|p| Parameter::new(p)).collect();
            let types = TYPES[..=random.below(3) as usize].to_vec();
            let inner = Box::new(any_filter(random, depth - 1, ids, timed));
            match form {
                9 => Filter::RefersTo(parameters, types, inner),
                11 => Filter::RefersToType(parameters, random.pick(&TYPES)),
                _ => Filter::ReferredFrom(parameters, types, inner),
            }
        }
    }
}

/// No, one or two sort keys.
pub(super) fn any_sort(random: &mut Random, timed: bool) -> Vec<Sort> {
    let parameters =
        |names: &[&str]| SortBy::Parameters(names.iter().map(|n| Parameter::new(n)).collect());
    let any = |random: &mut Random| {
        let texts =
            |names: &[&str]| SortBy::Texts(names.iter().map(|n| Parameter::new(n)).collect());
        let by = match random.below(8) {
            0 => SortBy::Arrival,
            1 if timed => SortBy::Updated,
            2 => SortBy::Id,
            3 => parameters(&["name", "title"]),
            4 => parameters(&["title"]),
            5 => texts(&["name", "title"]),
            6 => texts(&["name"]),
            _ => parameters(&["name"]),
        };
        Sort { by, descending: random.once_in(2) }
    };
    (0..random.below(3)).map(|_| any(random)).collect()
}
