use crate::error::{Context, Outcome, corrupt};
use crate::physical::read_id;
use crate::write::row_kind;
use cresset_store::*;
use rusqlite::{Connection, OptionalExtension, Row};
use std::sync::Arc;

/// Changes after a cursor, in commit order.
pub(crate) fn changes(
    connection: &Connection,
    incarnation: Incarnation,
    cursor: Cursor,
    limit: usize,
) -> Outcome<Changes> {
    if cursor.incarnation != incarnation {
        return Err(StoreError::Incarnation);
    }
    let mut changes = page(connection, cursor.seq, limit.saturating_add(1))?;
    let more = changes.len() > limit;
    changes.truncate(limit);
    let seq = changes.last().map_or(cursor.seq, |c| c.seq);
    Ok(Changes { changes, cursor: Cursor { incarnation, seq }, more })
}

fn page(connection: &Connection, after: Seq, limit: usize) -> Outcome<Vec<Change>> {
    let rows = || {
        let mut statement = connection.prepare_cached(
            "SELECT c.seq, r.type, r.id, c.version, c.previous, c.kind, c.time,
                    b.principal, b.request, b.origin
             FROM change c JOIN resource r ON r.r = c.r JOIN batch b ON b.batch = c.batch
             WHERE c.seq > ?1 ORDER BY c.seq LIMIT ?2",
        )?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let after = i64::try_from(after.0).unwrap_or(i64::MAX);
        let rows = statement.query_map((after, limit), change)?;
        rows.collect::<rusqlite::Result<Vec<_>>>()
    };
    let changes = rows().context("reading changes")?;
    changes.into_iter().map(|c| c.ok_or_else(|| corrupt("a change"))).collect()
}

fn change(row: &Row<'_>) -> rusqlite::Result<Option<Change>> {
    let text = |at: usize| row.get::<_, Option<String>>(at).map(|t| t.map(Arc::from));
    let (id, kind) = (read_id(row.get_ref(2)?), row_kind(row.get(5)?));
    let (version, previous): (i64, Option<i64>) = (row.get(3)?, row.get(4)?);
    let provenance = Provenance { principal: text(7)?, request: text(8)?, origin: text(9)? };
    let of = TypeNumber(row.get(1)?);
    let (seq, time): (i64, i64) = (row.get(0)?, row.get(6)?);
    let (Some(id), Some(kind), Some(version)) = (id, kind, Version::new(version as u64)) else {
        return Ok(None);
    };
    Ok(Some(Change {
        seq: Seq(seq as u64),
        key: Key::new(of, id),
        version,
        previous: previous.and_then(|v| Version::new(v as u64)),
        kind,
        time: Timestamp::from_milliseconds(time),
        provenance,
    }))
}

/// The end of the change sequence.
pub(crate) fn horizon(connection: &Connection, incarnation: Incarnation) -> Outcome<Cursor> {
    let last = connection
        .prepare_cached("SELECT coalesce(max(seq), 0) FROM change")
        .and_then(|mut s| s.query_row([], |row| row.get::<_, i64>(0)))
        .context("reading changes")?;
    Ok(Cursor { incarnation, seq: Seq(last as u64) })
}

/// A named cursor.
pub(crate) fn bookmark(connection: &Connection, name: &str) -> Outcome<Option<Vec<u8>>> {
    connection
        .prepare_cached("SELECT value FROM bookmark WHERE name = ?1")
        .and_then(|mut s| s.query_row([name], |row| row.get(0)).optional())
        .context("reading a bookmark")
}
