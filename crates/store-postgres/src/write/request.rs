//! What a writer is asked for.

use cresset_store::*;
use std::sync::Arc;

/// Something to be written.
#[derive(Debug)]
pub(crate) enum Request {
    Commit(Scope, Arc<Batch>, Indexing),
    Replicate(Arc<ReplicaBatch>),
    Purge(Key, Option<Vec<Version>>, Provenance),
    Reindex(Arc<Vec<(Key, Version, IndexKeys)>>),
    Index(Arc<Vec<Announcement>>),
}

/// Who enters the index keys of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Indexing {
    /// Its commit.
    Entered,
    /// Another process, which is told of them.
    Announced,
}

/// What became of it.
#[derive(Debug)]
pub(crate) enum Answer {
    Committed(Committed),
    /// How many versions were removed, or resources got other keys.
    Count(u64),
    Verdicts(Vec<Verdict>),
}

impl Request {
    /// The resources that it writes, which have to be locked.
    pub(crate) fn keys(&self) -> Box<dyn Iterator<Item = &Key> + Send + '_> {
        match self {
            Self::Commit(_, batch, _) => Box::new(batch.writes.iter().map(|write| &write.key)),
            Self::Replicate(batch) => Box::new(batch.replicas.iter().map(|replica| &replica.key)),
            Self::Purge(key, ..) => Box::new(std::iter::once(key)),
            Self::Reindex(entries) => Box::new(entries.iter().map(|(key, ..)| key)),
            Self::Index(announced) => Box::new(announced.iter().map(|announced| &announced.key)),
        }
    }

    /// Those of them that may come to be.
    pub(crate) fn new_keys(&self) -> Box<dyn Iterator<Item = &Key> + Send + '_> {
        match self {
            Self::Commit(_, batch, _) => {
                let puts = batch.writes.iter().filter(|w| matches!(w.action, Action::Put { .. }));
                Box::new(puts.map(|write| &write.key))
            }
            Self::Replicate(_) => self.keys(),
            Self::Purge(..) | Self::Reindex(_) | Self::Index(_) => Box::new(std::iter::empty()),
        }
    }

    /// Those of them whose past versions matter.
    pub(crate) fn keys_with_history(&self) -> Box<dyn Iterator<Item = &Key> + Send + '_> {
        match self {
            Self::Replicate(_) | Self::Purge(..) => self.keys(),
            Self::Commit(..) | Self::Reindex(_) | Self::Index(_) => Box::new(std::iter::empty()),
        }
    }

    /// The index keys that it brings.
    pub(crate) fn indexes(&self) -> Box<dyn Iterator<Item = &IndexKeys> + Send + '_> {
        match self {
            Self::Commit(.., Indexing::Announced) => Box::new(std::iter::empty()),
            Self::Commit(_, batch, Indexing::Entered) => {
                Box::new(batch.writes.iter().filter_map(|write| match &write.action {
                    Action::Put { index, .. } => Some(index),
                    Action::Delete => None,
                }))
            }
            Self::Replicate(batch) => Box::new(batch.replicas.iter().map(|r| &r.index)),
            Self::Purge(..) => Box::new(std::iter::empty()),
            Self::Reindex(entries) => Box::new(entries.iter().map(|(.., index)| index)),
            Self::Index(announced) => Box::new(announced.iter().map(|announced| &announced.keys)),
        }
    }

    /// Whether it enters index keys itself.
    pub(crate) fn enters_keys(&self) -> bool {
        !matches!(self, Self::Commit(.., Indexing::Announced))
    }

    /// Whether it asks what was there before it, beside the rows that it writes.
    pub(crate) fn looks_back(&self) -> bool {
        match self {
            Self::Commit(_, batch, _) => !batch.guards.is_empty() || !batch.expected.is_empty(),
            _ => false,
        }
    }

    /// How many resources it writes, and how many bytes of contents, about.
    pub(crate) fn weight(&self) -> (usize, usize) {
        let length = |payload: &Payload| payload.as_kept().len();
        let bytes = match self {
            Self::Commit(_, batch, _) => batch
                .writes
                .iter()
                .map(|write| match &write.action {
                    Action::Put { payload, index } => length(payload) + index.size(),
                    Action::Delete => 0,
                })
                .sum(),
            Self::Replicate(batch) => batch.replicas.iter().map(Replica::size).sum(),
            Self::Purge(..) => 0,
            Self::Reindex(entries) => entries.iter().map(|(.., index)| index.size()).sum(),
            Self::Index(announced) => announced.iter().map(|announced| announced.keys.size()).sum(),
        };
        (self.keys().count() + 1, bytes)
    }
}
