use crate::error::{Context, Outcome, corrupt};
use crate::physical::{id_value, read_id};
use crate::write::row_kind;
use cresset_store::*;
use rusqlite::{Connection, OptionalExtension, Row};

/// The current version of a resource, deletions included.
pub(crate) fn current(connection: &Connection, key: &Key) -> Outcome<Option<Stored>> {
    let row = connection
        .prepare_cached(
            "SELECT version, updated, kind, payload FROM resource
             WHERE type = ?1 AND id = ?2 AND version > 0 AND kind < 4",
        )
        .and_then(|mut s| {
            s.query_row((key.resource_type.0, id_value(&key.id)), |row| Ok(version_of(key, row)))
                .optional()
        })
        .context("reading a resource")?;
    row.transpose()
}

fn version_of(key: &Key, row: &Row<'_>) -> Outcome<Stored> {
    let fields = || -> rusqlite::Result<_> {
        Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?, row.get::<_, i64>(2)?, row.get(3)?))
    };
    let (version, updated, kind, payload) = fields().context("reading a resource")?;
    make(key.clone(), version, updated, kind, payload)
}

/// The number of a resource's next version.
pub(crate) fn next_version(connection: &Connection, key: &Key) -> Outcome<Version> {
    let last: Option<i64> = connection
        .prepare_cached(
            "SELECT max(version, coalesce(highest, 0)) FROM resource WHERE type = ?1 AND id = ?2",
        )
        .and_then(|mut s| {
            s.query_row((key.resource_type.0, id_value(&key.id)), |row| row.get(0)).optional()
        })
        .context("numbering a version")?;
    let next = Version::new(last.map_or(1, |last| last as u64 + 1));
    next.ok_or_else(|| corrupt("versions have run out"))
}

/// One version of a resource.
pub(crate) fn version(
    connection: &Connection,
    key: &Key,
    version: Version,
) -> Outcome<Option<Stored>> {
    let row = connection
        .prepare_cached(
            "SELECT version, updated, kind, payload FROM resource
             WHERE type = ?1 AND id = ?2 AND version = ?3 AND kind < 4
             UNION ALL
             SELECT h.version, h.updated, h.kind, h.payload FROM resource r JOIN history h ON h.r = r.r
             WHERE r.type = ?1 AND r.id = ?2 AND h.version = ?3",
        )
        .and_then(|mut s| {
            let arguments = (key.resource_type.0, id_value(&key.id), version.number() as i64);
            s.query_row(arguments, |row| Ok(version_of(key, row))).optional()
        })
        .context("reading a version")?;
    row.transpose()
}

/// Versions in the order asked, as many as `bytes` of contents have room for, but at least one.
pub(crate) fn versions(
    connection: &Connection,
    asked: &[(Key, Version)],
    bytes: usize,
) -> Outcome<Vec<Option<Stored>>> {
    let mut found = Gathered::up_to(bytes);
    for (key, number) in asked {
        if !found.takes(version(connection, key, *number)?) {
            break;
        }
    }
    Ok(found.versions())
}

/// Current versions by surrogate, in the order given.
pub(crate) fn of_surrogates(connection: &Connection, resources: &[u64]) -> Outcome<Vec<Stored>> {
    let sql = "SELECT type, id, version, updated, kind, payload FROM resource WHERE r = ?1";
    let mut statement = connection.prepare_cached(sql).context("reading resources")?;
    let mut found = Vec::with_capacity(resources.len());
    for resource in resources {
        let row = statement
            .query_row([*resource as i64], |row| Ok(stored(row)))
            .optional()
            .context("reading resources")?;
        found
            .push(row.unwrap_or_else(|| Err(corrupt("the index names a resource without a row")))?);
    }
    Ok(found)
}

/// A version from a row of type, id, version, updated, kind, payload.
pub(crate) fn stored(row: &Row<'_>) -> Outcome<Stored> {
    let fields = || -> rusqlite::Result<_> {
        let id = read_id(row.get_ref(1)?);
        Ok((TypeNumber(row.get(0)?), id, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?))
    };
    let (of, id, version, updated, kind, payload) = fields().context("reading a version")?;
    let id = id.ok_or_else(|| corrupt("a row's id"))?;
    make(Key::new(of, id), version, updated, kind, payload)
}

fn make(
    key: Key,
    version: i64,
    updated: i64,
    kind: i64,
    payload: Option<Vec<u8>>,
) -> Outcome<Stored> {
    let version = Version::new(version as u64).ok_or_else(|| corrupt("a row's version"))?;
    let kind = row_kind(kind).ok_or_else(|| corrupt("a row's kind"))?;
    let state = match payload {
        Some(bytes) => State::Live(Payload::from_kept(bytes)),
        None if kind == ChangeKind::Delete => State::Deleted,
        None => return Err(corrupt("a version has no payload")),
    };
    Ok(Stored { key, version, updated: Timestamp::from_milliseconds(updated), state, kind })
}
