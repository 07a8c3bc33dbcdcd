//! A resource's row, as the writer sees it.

use super::Transaction;
use crate::error::{Context, Outcome, corrupt};
use crate::physical::id_value;
use cresset_store::{ChangeKind, Key, Version};
use rusqlite::{OptionalExtension, Row as SqlRow};

/// What a row says of a resource, payload aside.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) resource: u64,
    /// The current version; `None` when the resource is only referred to, or purged.
    pub(crate) current: Option<Current>,
    /// The keys that were written for the current version.
    pub(crate) keys: Vec<u8>,
    /// The highest number that a version ever had, purged ones included.
    pub(crate) last_version: u64,
}

/// The current version.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Current {
    pub(crate) version: Version,
    pub(crate) updated: i64,
    pub(crate) kind: ChangeKind,
}

impl Row {
    /// The current version and whether it is a deletion: what preconditions look at.
    pub(crate) fn state(&self) -> Option<(Version, bool)> {
        self.current.map(|c| (c.version, c.kind == ChangeKind::Delete))
    }

    /// The number of the next version.
    pub(crate) fn next_version(row: Option<&Self>) -> Option<Version> {
        Version::new(row.map_or(0, |row| row.last_version) + 1)
    }

    /// The current version when it isn't a deletion.
    pub(crate) fn live(&self) -> Option<Current> {
        self.current.filter(|c| c.kind != ChangeKind::Delete)
    }
}

/// Kinds as numbers; a purged row keeps the last version's number under kind 4.
pub(crate) fn kind_number(kind: ChangeKind) -> i64 {
    match kind {
        ChangeKind::Create => 1,
        ChangeKind::Update => 2,
        ChangeKind::Delete => 3,
        ChangeKind::Purge => 4,
    }
}

pub(crate) fn kind_numbered(number: i64) -> Option<ChangeKind> {
    [ChangeKind::Create, ChangeKind::Update, ChangeKind::Delete, ChangeKind::Purge]
        .into_iter()
        .find(|kind| kind_number(*kind) == number)
}

impl Transaction<'_> {
    /// The row of a resource, if it has one.
    pub(crate) fn row(&mut self, key: &Key) -> Outcome<Option<Row>> {
        let row = self
            .connection
            .prepare_cached(
                "SELECT r, version, updated, kind, keys, highest FROM resource WHERE type = ?1 AND id = ?2",
            )
            .and_then(|mut s| {
                s.query_row((key.resource_type.0, id_value(&key.id)), |row| Ok(read(row)))
                    .optional()
            })
            .context("reading a resource's row")?;
        row.map(|row| row.and_then(|r| r.ok_or_else(|| corrupt("a row has an unknown kind"))))
            .transpose()
    }
}

fn read(row: &SqlRow<'_>) -> Outcome<Option<Row>> {
    let number = |column: usize| row.get::<_, i64>(column).context("reading a resource's row");
    let (resource, version) = (number(0)? as u64, number(1)? as u64);
    let (updated, kind) = (number(2)?, number(3)?);
    let highest: Option<i64> = row.get(5).context("reading a resource's row")?;
    let last_version = highest.map_or(version, |highest| version.max(highest as u64));
    let keys: Option<Vec<u8>> = row.get(4).context("reading a resource's row")?;
    let current = match (Version::new(version), kind_numbered(kind)) {
        (None, _) | (Some(_), Some(ChangeKind::Purge)) => None,
        (Some(version), Some(kind)) => Some(Current { version, updated, kind }),
        (Some(_), None) => return Ok(None),
    };
    Ok(Some(Row { resource, current, keys: keys.unwrap_or_default(), last_version }))
}
