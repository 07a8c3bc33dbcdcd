/// A named cursor that a commit sets together with its writes: how far a reader of another
/// collection has carried things over into this one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bookmark {
    /// Its name.
    pub name: String,
    /// Bytes that mean something to whoever set it.
    pub value: Vec<u8>,
}
