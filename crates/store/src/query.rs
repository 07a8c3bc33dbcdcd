//! What a search asks of a store: a small algebra over index keys.

use crate::{Key, Parameter, Segment, Stored, Timestamp, TypeNumber};
use compact_str::CompactString;

/// A search: which resources, in which order, which page of them.
#[derive(Clone, Debug)]
pub struct Query {
    /// Types of the resources wanted; empty for all that the principal may read.
    pub types: Vec<TypeNumber>,
    /// What they must match.
    pub filter: Filter,
    /// Sort keys, the most significant first; the order of arrival decides among equals.
    pub sort: Vec<Sort>,
    /// Where the page starts.
    pub start: Start,
    /// At most so many; 0 for the total alone.
    pub limit: usize,
    /// Whether to count all that match.
    pub total: bool,
}

/// Where a page of a listing starts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Start {
    /// At the first resource.
    #[default]
    First,
    /// After this place.
    After(Position),
    /// As far before this place as the page is long; in the same order.
    Before(Position),
}

/// What a resource must match.
#[derive(Clone, Debug)]
pub enum Filter {
    /// Nothing more than its type.
    All,
    /// It is one of these.
    Keys(Vec<Key>),
    /// One of its index keys is in this range.
    Scan(Scan),
    /// Its current version was committed in this span: from the first moment up to, but without,
    /// the second.
    Updated(Option<Timestamp>, Option<Timestamp>),
    /// All of these.
    And(Vec<Filter>),
    /// Any of these.
    Or(Vec<Filter>),
    /// Not this.
    Not(Box<Filter>),
    /// It refers, through one of the parameters, to a resource that the inner search finds (chains).
    RefersTo(Vec<Parameter>, Vec<TypeNumber>, Box<Filter>),
    /// It refers, through one of the parameters, to a resource of this type, whether that exists or
    /// not.
    RefersToType(Vec<Parameter>, TypeNumber),
    /// A resource that the inner search finds refers to it through one of the parameters (`_has`).
    ReferredFrom(Vec<Parameter>, Vec<TypeNumber>, Box<Filter>),
}

/// A range of one index: values that start with `prefix` and go on within the bounds.
#[derive(Clone, Debug, PartialEq)]
pub struct Scan {
    /// The index.
    pub parameter: Parameter,
    /// What the value starts with.
    pub prefix: Vec<Pattern>,
    /// What follows the prefix is not below this; compared as bytes.
    pub lower: Option<Vec<u8>>,
    /// What follows the prefix is below this.
    pub upper: Option<Vec<u8>>,
    /// What follows the text after the prefix, to the end of the value. Empty for anything.
    pub suffix: Vec<Segment>,
    /// What the text after the prefix has in it.
    pub contains: Option<TextPart>,
    /// A second range, behind the bytes that `lower` and `upper` are about: periods by their start
    /// whose end is bounded, too.
    pub within: Option<Within>,
}

/// A part of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TextPart {
    /// Stands somewhere in it (`:contains`).
    Anywhere(CompactString),
    /// Stands at its end (`ew` in a `_filter`).
    End(CompactString),
}

impl TextPart {
    /// Whether a text, as UTF-8, has it.
    pub fn is_in(&self, text: &[u8]) -> bool {
        match self {
            Self::Anywhere(part) => memchr::memmem::find(text, part.as_bytes()).is_some(),
            Self::End(part) => text.ends_with(part.as_bytes()),
        }
    }
}

/// A range of the bytes that stand a fixed way behind a scan's prefix. All that is between must be
/// [`Segment::Ordered`], whose bytes are the same in every store.
#[derive(Clone, Debug, PartialEq)]
pub struct Within {
    /// How many bytes after the prefix it begins; a shorter value isn't in range.
    pub at: usize,
    /// What follows is not below this; compared as bytes.
    pub lower: Option<Vec<u8>>,
    /// What follows is below this.
    pub upper: Option<Vec<u8>>,
}

impl Within {
    /// Whether the bytes that follow a scan's prefix are in range.
    pub fn admits(&self, after_prefix: &[u8]) -> bool {
        after_prefix.get(self.at..).is_some_and(|bytes| {
            self.lower.as_deref().is_none_or(|lower| bytes >= lower)
                && self.upper.as_deref().is_none_or(|upper| bytes < upper)
        })
    }
}

impl Scan {
    /// Every value of the index.
    pub fn all(parameter: Parameter) -> Self {
        Self {
            parameter,
            prefix: Vec::new(),
            lower: None,
            upper: None,
            suffix: Vec::new(),
            contains: None,
            within: None,
        }
    }

    /// Exactly this value, if it is whole, or all values that start with it.
    pub fn starting(parameter: Parameter, value: Vec<Segment>) -> Self {
        let prefix = value.into_iter().map(Pattern::Is).collect();
        Self { prefix, ..Self::all(parameter) }
    }
}

/// What a segment of a value must be.
#[derive(Clone, Debug, PartialEq)]
pub enum Pattern {
    /// This.
    Is(Segment),
    /// Any term.
    AnyTerm,
    /// A term that ends with this text: a unit's code whatever its system.
    TermEnding(String),
}

/// A sort key. Resources without a value come last, ascending and descending alike.
#[derive(Clone, Debug, PartialEq)]
pub struct Sort {
    /// What it sorts by.
    pub by: SortBy,
    /// Largest first.
    pub descending: bool,
}

/// What a sort key looks at.
#[derive(Clone, Debug, PartialEq)]
pub enum SortBy {
    /// The time of the current version.
    Updated,
    /// The order of arrival.
    Arrival,
    /// The id, byte by byte.
    Id,
    /// The smallest value under these indexes (the largest, when descending).
    Parameters(Vec<Parameter>),
    /// The same, of values that begin with a text, by that text alone: what follows tells equal texts
    /// apart and has no order of its own.
    Texts(Vec<Parameter>),
}

/// A place in a listing, made and read by one store; goes into page links.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Position(pub Vec<u8>);

/// A page of what a search found.
#[derive(Clone, Debug)]
pub struct Matches {
    /// The resources, in order.
    pub resources: Vec<Stored>,
    /// The place after which the next page starts; `None` on the last.
    pub next: Option<Position>,
    /// The place before which the previous page ends; `None` on the first.
    pub previous: Option<Position>,
    /// How many match in all, when asked for.
    pub total: Option<u64>,
}
