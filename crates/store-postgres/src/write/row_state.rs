//! Resources' rows, as a commit sees them.

use crate::error::{Context, Outcome, corrupt};
use crate::rows::{kind_numbered, version};
use cresset_store::{ChangeKind, Version};
use std::collections::BTreeMap;
use tokio_postgres::Row;

/// What a row says of a resource, payload aside; locked for this commit.
#[derive(Clone, Debug)]
pub(super) struct RowState {
    pub(super) r: i64,
    /// The current version; `None` when the resource is only referred to, or purged.
    pub(super) current: Option<Current>,
    /// The keys that were written for the current version, packed.
    pub(super) keys: Vec<u8>,
    /// The highest number that a version ever had, purged ones included.
    pub(super) last_version: u64,
    /// Past versions and whether each is live; read where they matter.
    pub(super) history: Option<BTreeMap<Version, bool>>,
}

/// The current version.
#[derive(Clone, Copy, Debug)]
pub(super) struct Current {
    pub(super) version: Version,
    pub(super) updated: i64,
    pub(super) kind: ChangeKind,
}

impl RowState {
    /// That of a resource that has never been written.
    pub(super) fn fresh(r: i64) -> Self {
        Self { r, current: None, keys: Vec::new(), last_version: 0, history: None }
    }

    /// From the columns r, version, updated, kind, keys, highest, the first of which is `at`.
    pub(super) fn read(row: &Row, at: usize) -> Outcome<Self> {
        let doing = "reading a resource's row";
        let number: i64 = row.try_get(at + 1).context(doing)?;
        let kind: i16 = row.try_get(at + 3).context(doing)?;
        let current = match kind_numbered(kind) {
            None if kind == 0 => None,
            None => return Err(corrupt("a row has an unknown kind")),
            Some(ChangeKind::Purge) => None,
            Some(kind) => {
                let updated = row.try_get(at + 2).context(doing)?;
                Some(Current { version: version(number)?, updated, kind })
            }
        };
        let highest: Option<i64> = row.try_get(at + 5).context(doing)?;
        let highest = highest.map_or(number, |highest| highest.max(number));
        let keys: Option<Vec<u8>> = row.try_get(at + 4).context(doing)?;
        Ok(Self {
            r: row.try_get(at).context(doing)?,
            current,
            keys: keys.unwrap_or_default(),
            last_version: u64::try_from(highest).map_err(|_| corrupt("a row's version"))?,
            history: None,
        })
    }

    /// The current version and whether it is a deletion: what preconditions look at.
    pub(super) fn state(&self) -> Option<(Version, bool)> {
        self.current.map(|c| (c.version, c.kind == ChangeKind::Delete))
    }

    /// The current version when it isn't a deletion.
    pub(super) fn live(&self) -> Option<Current> {
        self.current.filter(|c| c.kind != ChangeKind::Delete)
    }

    /// The number of a version that a commit makes.
    pub(super) fn next_version(&self) -> Outcome<Version> {
        let next = self.last_version.checked_add(1).and_then(Version::new);
        next.ok_or_else(|| corrupt("versions have run out"))
    }

    /// Makes a version the current one; the one before it is history.
    pub(super) fn advance(&mut self, next: Current, keys: Vec<u8>) {
        if let Some(history) = &mut self.history
            && let Some(past) = self.current
        {
            history.insert(past.version, past.kind != ChangeKind::Delete);
        }
        self.current = Some(next);
        self.last_version = self.last_version.max(next.version.number());
        self.keys = keys;
    }
}
