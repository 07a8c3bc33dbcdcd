use crate::contained;
use cresset_store::{Filter, Parameter, Pattern, Scan, Segment, TextPart, Within};

/// The parts of an index. Most have the first only; dates are kept apart by their precision, since
/// only then is every prefix one range of bytes; references by what they name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Slot {
    /// The index itself; for dates those to the second.
    Main,
    /// Moments to the millisecond.
    Millisecond,
    /// Days.
    Day,
    /// Months.
    Month,
    /// Years.
    Year,
    /// Spans with an end of their own, by their start.
    Period,
    /// The same spans by their end.
    PeriodEnd,
    /// References to this server's resources that name a version.
    Version,
    /// References to contained resources, by the number of each.
    Contained,
    /// References and canonicals that name no resource of this server.
    Url,
    /// References by `Reference.identifier`.
    Identifier,
    /// The texts that stand beside a code.
    Text,
    /// Identifiers by their type.
    OfType,
    /// Codes that are no codes but texts, in small letters.
    Folded,
    /// Quantities in canonical units.
    Canonical,
}

impl Slot {
    fn suffix(self) -> &'static str {
        match self {
            Self::Main => "",
            Self::Millisecond => "-millisecond",
            Self::Day => "-day",
            Self::Month => "-month",
            Self::Year => "-year",
            Self::Period => "-period",
            Self::PeriodEnd => "-period-end",
            Self::Version => "-version",
            Self::Contained => "-contained",
            Self::Url => "-url",
            Self::Identifier => "-identifier",
            Self::Text => "-text",
            Self::OfType => "-of-type",
            Self::Folded => "-folded",
            Self::Canonical => "-canonical",
        }
    }

    /// Whether only a search with a modifier asks it.
    pub(crate) fn is_for_modifiers(self) -> bool {
        matches!(self, Self::Identifier | Self::Text | Self::OfType | Self::Version)
    }

    /// Whether its values are in another part, too, in another form.
    fn repeats_another(self) -> bool {
        matches!(self, Self::PeriodEnd | Self::OfType | Self::Canonical | Self::Version)
    }
}

/// Values extracted from one element, each for a part of the index.
pub(crate) type Values = Vec<(Slot, Vec<Segment>)>;

/// Rows of one branch of an expression: shared by all parameters that have this branch.
#[derive(Debug)]
pub(crate) struct Index {
    parts: Vec<(Slot, Parameter)>,
    /// The same parts for values of contained resources; none when these aren't indexed.
    contained: Vec<Parameter>,
    /// Whether a resource has at most one value in it.
    pub(crate) is_single: bool,
}

impl Index {
    /// `name` is path and type: `Observation.code:token`.
    pub(crate) fn new(name: &str, slots: &[Slot]) -> Self {
        let part = |slot: &Slot| (*slot, Parameter::new(&format!("{name}{}", slot.suffix())));
        let parts: Vec<_> = slots.iter().map(part).collect();
        let contained = parts.iter().map(|(_, part)| contained::parameter(part)).collect();
        Self { parts, contained, is_single: false }
    }

    /// The part for values of a contained resource.
    pub(crate) fn contained_part(&self, slot: Slot) -> Option<&Parameter> {
        let at = self.parts.iter().position(|(s, _)| *s == slot)?;
        self.contained.get(at)
    }

    /// From here on values of contained resources aren't indexed.
    pub(crate) fn leave_contained_out(&mut self) {
        self.contained.clear();
    }

    /// Which part a parameter is.
    pub(crate) fn slot_of(&self, parameter: &Parameter) -> Option<Slot> {
        let mut parts = self.parts.iter();
        parts.find(|(_, p)| p == parameter).map(|(slot, _)| *slot)
    }

    pub(crate) fn part(&self, slot: Slot) -> Option<&Parameter> {
        let mut parts = self.parts.iter();
        parts.find(|(s, _)| *s == slot).map(|(_, p)| p)
    }

    #[cfg(test)]
    pub(crate) fn parts(&self) -> impl Iterator<Item = &Parameter> {
        self.parts.iter().map(|(_, parameter)| parameter)
    }

    /// What `:missing` looks at: the parts that together hold each value once.
    pub(crate) fn present(&self) -> impl Iterator<Item = &Parameter> {
        let parts = self.parts.iter().filter(|(slot, _)| !slot.repeats_another());
        parts.map(|(_, parameter)| parameter)
    }

    /// What `_sort` looks at: the parts that hold each value once, in its own order. Quantities are
    /// compared in canonical units.
    pub(crate) fn sortable(&self) -> impl Iterator<Item = &Parameter> {
        let is_converted = self.part(Slot::Canonical).is_some();
        let kept = move |slot: Slot| match slot {
            Slot::Main => !is_converted,
            Slot::PeriodEnd | Slot::OfType | Slot::Text => false,
            Slot::Url | Slot::Version | Slot::Contained | Slot::Identifier => false,
            _ => true,
        };
        let parts = self.parts.iter().filter(move |(slot, _)| kept(*slot));
        parts.map(|(_, parameter)| parameter)
    }
}

/// A range in one part of an index.
#[derive(Clone, Debug)]
pub(crate) struct Leaf {
    pub(crate) slot: Slot,
    pub(crate) prefix: Vec<Pattern>,
    pub(crate) lower: Option<Vec<u8>>,
    pub(crate) upper: Option<Vec<u8>>,
    pub(crate) suffix: Vec<Segment>,
    /// Stands in the text after the prefix.
    pub(crate) contains: Option<TextPart>,
    /// A second range, further into the same value.
    pub(crate) within: Option<Within>,
}

impl Leaf {
    pub(crate) fn starting(slot: Slot, prefix: Vec<Pattern>) -> Self {
        Self {
            slot,
            prefix,
            lower: None,
            upper: None,
            suffix: Vec::new(),
            contains: None,
            within: None,
        }
    }

    pub(crate) fn between(slot: Slot, lower: Option<Vec<u8>>, upper: Option<Vec<u8>>) -> Self {
        Self { lower, upper, ..Self::starting(slot, Vec::new()) }
    }

    fn is_void(&self) -> bool {
        matches!((&self.lower, &self.upper), (Some(lower), Some(upper)) if lower >= upper)
    }

    fn filter(&self, index: &Index) -> Filter {
        match index.part(self.slot) {
            Some(parameter) if !self.is_void() => Filter::Scan(Scan {
                parameter: parameter.clone(),
                prefix: self.prefix.clone(),
                lower: self.lower.clone(),
                upper: self.upper.clone(),
                suffix: self.suffix.clone(),
                contains: self.contains.clone(),
                within: self.within.clone(),
            }),
            _ => Filter::Or(Vec::new()),
        }
    }
}

/// What one value of a search asks of an index.
#[derive(Clone, Debug)]
pub(crate) enum Match {
    Leaf(Leaf),
    Any(Vec<Match>),
    All(Vec<Match>),
}

impl Match {
    pub(crate) fn starting(slot: Slot, prefix: Vec<Pattern>) -> Self {
        Self::Leaf(Leaf::starting(slot, prefix))
    }

    pub(crate) fn filter(&self, index: &Index) -> Filter {
        match self {
            Self::Leaf(leaf) => leaf.filter(index),
            Self::Any(matches) => any(matches.iter().map(|m| m.filter(index))),
            Self::All(matches) => all(matches.iter().map(|m| m.filter(index))),
        }
    }
}

/// Any of the filters; one that matches nothing is left out.
pub(crate) fn any(filters: impl IntoIterator<Item = Filter>) -> Filter {
    let mut kept = Vec::new();
    for filter in filters {
        match filter {
            Filter::Or(inner) => kept.extend(inner),
            Filter::Keys(keys) => match kept.last_mut() {
                Some(Filter::Keys(before)) => before.extend(keys),
                _ => kept.push(Filter::Keys(keys)),
            },
            other => kept.push(other),
        }
    }
    if kept.len() == 1 {
        return kept.remove(0);
    }
    Filter::Or(kept)
}

/// All of the filters.
pub(crate) fn all(filters: impl IntoIterator<Item = Filter>) -> Filter {
    let mut kept = Vec::new();
    for filter in filters {
        match filter {
            Filter::All => {}
            Filter::And(inner) => kept.extend(inner),
            other => kept.push(other),
        }
    }
    match kept.len() {
        0 => Filter::All,
        1 => kept.remove(0),
        _ => Filter::And(kept),
    }
}

/// The least bytes that are above everything that starts with `bytes`; `None` when nothing is.
pub(crate) fn after_prefix(mut bytes: Vec<u8>) -> Option<Vec<u8>> {
    while let Some(last) = bytes.last_mut() {
        if *last < 0xFF {
            *last += 1;
            return Some(bytes);
        }
        bytes.pop();
    }
    None
}

/// Text as it goes into an index: cut to `most` bytes, on a character's boundary. What is cut off
/// isn't compared; queries are cut alike.
pub(crate) fn bounded(text: &str, most: usize) -> &str {
    &text[..text.floor_char_boundary(most)]
}
