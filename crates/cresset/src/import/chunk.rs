//! What travels from the reader to the workers and on to the loader.

use cresset_interaction::Prepared;
use cresset_store::ResourceId;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

/// What `urn:uuid:…` full URLs of a Bundle stand for: `Type/id`.
pub(crate) type Names = HashMap<String, String>;

/// Entries of one document, still as text.
pub(crate) struct Chunk {
    /// Its place in the order of all chunks.
    pub(crate) number: u64,
    /// The document, for messages.
    pub(crate) source: Arc<str>,
    pub(crate) text: Arc<Vec<u8>>,
    pub(crate) names: Arc<Names>,
    pub(crate) entries: Vec<Entry>,
}

/// One entry.
pub(crate) struct Entry {
    /// Its number in the document, from 1: the line of NDJSON, the entry of a Bundle.
    pub(crate) number: u64,
    /// Where its resource stands in the text; or why it can't be taken.
    pub(crate) resource: Result<Range<usize>, String>,
    /// The id that its full URL or request gives it; else it is the resource's own.
    pub(crate) id: Option<ResourceId>,
}

/// A chunk whose entries are ready to be written.
pub(crate) struct PreparedChunk {
    pub(crate) number: u64,
    pub(crate) source: Arc<str>,
    pub(crate) entries: Vec<PreparedEntry>,
}

/// An entry, ready or refused.
pub(crate) struct PreparedEntry {
    pub(crate) number: u64,
    pub(crate) outcome: Result<Prepared, Vec<String>>,
}
