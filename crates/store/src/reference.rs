use crate::{Key, Parameter};

/// A reference of a resource, as its index keys have it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// The index.
    pub parameter: Parameter,
    /// The resource that is referred to, be it there or not.
    pub target: Key,
    /// What follows it in the value: the bytes of a [`Segment::Ordered`](crate::Segment::Ordered),
    /// or nothing.
    pub rest: Vec<u8>,
}
