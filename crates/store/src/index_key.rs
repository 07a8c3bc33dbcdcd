use crate::Key;
use compact_str::CompactString;
use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

/// The name of an index: which values of which resources it holds, such as `Observation.code:token`.
/// A store keeps a number for it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Parameter(Arc<str>);

impl Parameter {
    /// A parameter with this name.
    pub fn new(name: &str) -> Self {
        Self(name.into())
    }

    /// Whether it holds the words of texts: values of one [`Segment::Text`], asked for whole or by their
    /// start, and never sorted by. A store may keep these in another way than other values.
    pub fn is_words(&self) -> bool {
        self.0.ends_with(":words")
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.0
    }
}

/// By name. A resource has dozens of keys of the same few parameters, sorted for each write, so that
/// a look at the pointers pays.
impl Ord for Parameter {
    fn cmp(&self, other: &Self) -> Ordering {
        if Arc::ptr_eq(&self.0, &other.0) { Ordering::Equal } else { self.0.cmp(&other.0) }
    }
}

impl PartialOrd for Parameter {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Parameter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A part of an index value. A store lays the segments of a value one after another, so that values
/// are ordered by their first segment, then their second, and a range on the last is one scan.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Segment {
    /// Text of any length, ordered by its UTF-8 bytes; ends itself, so more may follow.
    Text(CompactString),
    /// Bytes in an order of their own: numbers, times. Last, or of a form that ends itself.
    Ordered(Vec<u8>),
    /// A text out of a small set – a code system, a unit –, kept as a number; its order is arbitrary.
    Term(CompactString),
    /// A resource that is referred to, whether it exists or not.
    Resource(Key),
}

/// One way in which a resource is found. All values of one index have the same form: the same kinds
/// of segments, one after another, and some may have fewer of them.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct IndexKey {
    /// The index.
    pub parameter: Parameter,
    /// The value in it.
    pub value: Vec<Segment>,
}
