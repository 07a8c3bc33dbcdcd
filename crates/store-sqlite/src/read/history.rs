use super::versions::stored;
use crate::error::{Context, Outcome};
use crate::physical::id_value;
use crate::posting::members;
use crate::vocabulary::reserved;
use cresset_store::position::Place;
use cresset_store::*;
use rusqlite::{Connection, OptionalExtension};

/// Versions, newest first: an instance's by version, others in the order of the change sequence.
pub(crate) fn history(
    connection: &Connection,
    scope: &Scope,
    query: &HistoryQuery,
) -> Outcome<HistoryPage> {
    let before = query.after.as_ref().map(|p| Place::decode(p, 0)).transpose()?;
    let before = before.map_or(u64::MAX >> 1, |place| place.arrival);
    let (mut places, total) = match &query.range {
        HistoryRange::Instance(key) => {
            scope.may_read(key.resource_type)?;
            (Places::instance(connection, key)?, instance_total(connection, key)?)
        }
        HistoryRange::Type(of) => {
            scope.may_read(*of)?;
            (Places::ByType(*of, before), None)
        }
        HistoryRange::System => (Places::All(before), None),
    };
    let by_version = matches!(query.range, HistoryRange::Instance(_));
    let mut found: Vec<(u64, Stored)> = Vec::new();
    'pages: loop {
        let page = places.next_page(connection)?;
        if page.is_empty() {
            break;
        }
        for seq in page {
            let Some(version) = version_at(connection, seq, query)? else { continue };
            let place = if by_version { version.version.number() } else { seq };
            if place < before && scope.may_read(version.key.resource_type).is_ok() {
                found.push((place, version));
            }
            if found.len() > query.limit {
                break 'pages;
            }
        }
    }
    let more = found.len() > query.limit;
    found.truncate(query.limit);
    let last = found.last().filter(|_| more);
    let next = last.map(|(place, _)| Place { values: Vec::new(), arrival: *place }.encode());
    Ok(HistoryPage { versions: found.into_iter().map(|(_, v)| v).collect(), next, total })
}

/// Places in the change sequence, from the newest back.
enum Places {
    These(Vec<u64>),
    ByType(TypeNumber, u64),
    All(u64),
}

const PAGE: usize = 256;

impl Places {
    fn instance(connection: &Connection, key: &Key) -> Outcome<Self> {
        let places = || {
            let mut statement = connection.prepare_cached(
                "SELECT seq FROM (
                   SELECT r.seq, r.version FROM resource r
                   WHERE r.type = ?1 AND r.id = ?2 AND r.version > 0
                   UNION ALL SELECT h.seq, h.version FROM resource r JOIN history h ON h.r = r.r
                   WHERE r.type = ?1 AND r.id = ?2) ORDER BY version DESC",
            )?;
            let arguments = (key.resource_type.0, id_value(&key.id));
            let rows = statement.query_map(arguments, |row| row.get::<_, i64>(0))?;
            rows.map(|seq| seq.map(|s| s as u64)).collect::<rusqlite::Result<Vec<_>>>()
        };
        places().map(Self::These).context("reading a history")
    }

    /// The next places; none at the end.
    fn next_page(&mut self, connection: &Connection) -> Outcome<Vec<u64>> {
        match self {
            Self::These(all) => Ok(std::mem::take(all)),
            Self::All(at) => {
                let from = (*at).min(newest(connection)? + 1);
                let low = from.saturating_sub(PAGE as u64).max(1);
                let page = (low..from).rev().collect();
                *at = low;
                Ok(page)
            }
            Self::ByType(of, at) => {
                let page = block_before(connection, *of, *at).context("reading a history")?;
                *at = page.last().copied().unwrap_or(0);
                Ok(page)
            }
        }
    }
}

fn newest(connection: &Connection) -> Outcome<u64> {
    connection
        .prepare_cached("SELECT coalesce(max(seq), 0) FROM change")
        .and_then(|mut s| s.query_row([], |row| row.get::<_, i64>(0)))
        .map(|seq| seq as u64)
        .context("reading a history")
}

/// The places before `at` in the nearest block of the type's own list.
fn block_before(connection: &Connection, of: TypeNumber, at: u64) -> rusqlite::Result<Vec<u64>> {
    let mut statement = connection.prepare_cached(
        "SELECT r, more FROM posting WHERE p = ?1 AND v = ?2 AND r < ?3 ORDER BY r DESC LIMIT 1",
    )?;
    let value = of.0.to_be_bytes();
    let mut rows = statement.query((reserved::HISTORY, value.as_slice(), at as i64))?;
    let Some(row) = rows.next()? else {
        return Ok(Vec::new());
    };
    let more = row.get_ref(1)?.as_blob_or_null()?.unwrap_or_default();
    let mut places: Vec<u64> = members(row.get::<_, i64>(0)? as u64, more).collect();
    places.retain(|seq| *seq < at);
    places.reverse();
    Ok(places)
}

/// The version that a change made, if it is still there and in the query's spans.
fn version_at(connection: &Connection, seq: u64, query: &HistoryQuery) -> Outcome<Option<Stored>> {
    let row = connection
        .prepare_cached(
            "SELECT r.type, r.id, v.version, v.updated, v.kind, v.payload,
               CASE WHEN ?2 THEN (SELECT min(n.updated) FROM (
                 SELECT version, updated FROM history WHERE r = c.r
                 UNION ALL SELECT version, updated FROM resource WHERE r = c.r) n
                 WHERE n.version = (SELECT min(version) FROM (
                   SELECT version FROM history WHERE r = c.r AND version > c.version
                   UNION ALL SELECT version FROM resource WHERE r = c.r AND version > c.version)))
               END
             FROM change c JOIN resource r ON r.r = c.r JOIN (
               SELECT r, version, seq, updated, kind, payload FROM resource
               UNION ALL SELECT r, version, seq, updated, kind, payload FROM history) v
               ON v.r = c.r AND v.version = c.version AND v.seq = c.seq
             WHERE c.seq = ?1 AND c.kind < 4 AND v.kind < 4",
        )
        .and_then(|mut s| {
            s.query_row((seq as i64, query.at.is_some()), |row| {
                Ok((stored(row), row.get::<_, Option<i64>>(6)?))
            })
            .optional()
        })
        .context("reading a history")?;
    let Some((version, until)) = row else {
        return Ok(None);
    };
    let version = version?;
    let until = until.map(Timestamp::from_milliseconds);
    let current = query
        .at
        .is_none_or(|(from, to)| version.updated < to && until.is_none_or(|until| until > from));
    let since = query.since.is_none_or(|since| version.updated >= since);
    Ok((current && since).then_some(version))
}

fn instance_total(connection: &Connection, key: &Key) -> Outcome<Option<u64>> {
    connection
        .prepare_cached(
            "SELECT (r.kind < 4) + (SELECT count(*) FROM history h WHERE h.r = r.r)
             FROM resource r WHERE r.type = ?1 AND r.id = ?2 AND r.version > 0",
        )
        .and_then(|mut s| {
            s.query_row((key.resource_type.0, id_value(&key.id)), |row| row.get::<_, i64>(0))
                .optional()
        })
        .map(|total| total.map(|t| t as u64))
        .context("counting versions")
}
