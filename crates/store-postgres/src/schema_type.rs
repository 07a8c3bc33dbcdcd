//! How the tables of a collection are spread: over nothing, or over the nodes of a Citus cluster.

use cresset_store::Key;
use sha2::{Digest, Sha256};

/// The kind of schema that a collection has, from its making on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SchemaType {
    /// Ordinary tables of one PostgreSQL.
    Plain,
    /// Tables that Citus distributes: everything of one resource is on one shard.
    Distributed,
}

impl SchemaType {
    /// Reads what the URL's `schema_type` says.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        [Self::Plain, Self::Distributed]
            .into_iter()
            .find(|kind| kind.name().eq_ignore_ascii_case(text))
    }

    /// As the URL says it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Plain => "PLAIN",
            Self::Distributed => "DISTRIBUTED",
        }
    }

    /// The column of `resource` that gives the order of arrival.
    pub(crate) fn arrival(self) -> &'static str {
        match self {
            Self::Plain => "r",
            Self::Distributed => "arrival",
        }
    }
}

/// The number of a resource in a distributed schema, from 1: known without asking, so that its shard
/// is, too. Two resources may share one; the second can't be written (see `write/prepare.rs`).
pub(crate) fn distribution_key(key: &Key) -> i64 {
    let mut hash = Sha256::new();
    hash.update(key.resource_type.0.to_be_bytes());
    hash.update(key.id.as_str().as_bytes());
    let number = hash.finalize().iter().take(8).fold(0_u64, |n, byte| n << 8 | u64::from(*byte));
    (number >> 1).max(1).cast_signed()
}
