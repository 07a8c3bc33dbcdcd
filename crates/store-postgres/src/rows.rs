//! Values of columns, to and fro.

use crate::error::{Context, Outcome, corrupt};
use cresset_store::*;
use tokio_postgres::Row;

/// A type as a column: PostgreSQL has no unsigned numbers, and the order of types means nothing.
pub(crate) fn type_column(of: TypeNumber) -> i16 {
    of.0.cast_signed()
}

/// Keys as two columns.
pub(crate) fn key_columns<'k>(keys: impl Iterator<Item = &'k Key>) -> (Vec<i16>, Vec<&'k str>) {
    keys.map(|key| (type_column(key.resource_type), key.id.as_str())).unzip()
}

/// Kinds as numbers; a purged row keeps the last version's number under kind 4.
pub(crate) fn kind_number(kind: ChangeKind) -> i16 {
    match kind {
        ChangeKind::Create => 1,
        ChangeKind::Update => 2,
        ChangeKind::Delete => 3,
        ChangeKind::Purge => 4,
    }
}

/// Reads what [`kind_number`] made.
pub(crate) fn kind_numbered(number: i16) -> Option<ChangeKind> {
    [ChangeKind::Create, ChangeKind::Update, ChangeKind::Delete, ChangeKind::Purge]
        .into_iter()
        .find(|kind| kind_number(*kind) == number)
}

/// A number that is never negative as a column.
pub(crate) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A count as a `LIMIT`.
pub(crate) fn limit(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// The key in two columns, the first of which is `at`.
pub(crate) fn key(row: &Row, at: usize) -> Outcome<Key> {
    let doing = "reading a key";
    let of: i16 = row.try_get(at).context(doing)?;
    let id: &str = row.try_get(at + 1).context(doing)?;
    let id = ResourceId::new(id).map_err(|_| corrupt("a row's id"))?;
    Ok(Key::new(TypeNumber(of.cast_unsigned()), id))
}

/// A version.
pub(crate) fn version(number: i64) -> Outcome<Version> {
    let number = u64::try_from(number).ok().and_then(Version::new);
    number.ok_or_else(|| corrupt("a row's version"))
}

/// A version from the columns type, id, version, updated, kind, payload, the first of which is `at`.
pub(crate) fn stored(row: &Row, at: usize) -> Outcome<Stored> {
    let doing = "reading a version";
    let key = key(row, at)?;
    let version = version(row.try_get(at + 2).context(doing)?)?;
    let updated = Timestamp::from_milliseconds(row.try_get(at + 3).context(doing)?);
    let kind = kind_numbered(row.try_get(at + 4).context(doing)?);
    let kind = kind.ok_or_else(|| corrupt("a row's kind"))?;
    let payload: Option<Vec<u8>> = row.try_get(at + 5).context(doing)?;
    let state = match payload {
        Some(bytes) => State::Live(Payload::from_kept(bytes)),
        None if kind == ChangeKind::Delete => State::Deleted,
        None => return Err(corrupt("a version has no payload")),
    };
    Ok(Stored { key, version, updated, state, kind })
}
