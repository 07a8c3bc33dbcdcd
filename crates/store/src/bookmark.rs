/// A named cursor that a commit sets together with its writes: how far a reader of another
/// collection has carried things over into this one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bookmark {
    /// Its name.
    pub name: String,
    /// Bytes that mean something to whoever set it.
    pub value: Vec<u8>,
}

/// A bookmark that must be as its reader saw it: two who move it from the same place don't both
/// succeed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expected {
    /// Its name.
    pub name: String,
    /// What it must hold; `None` when it must not be set.
    pub value: Option<Vec<u8>>,
}
