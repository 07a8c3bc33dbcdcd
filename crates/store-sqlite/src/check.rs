//! Looking for what must not be.

use crate::build::{self, Entry};
use crate::error::{Context, Outcome};
use crate::physical::read_id;
use crate::posting::members;
use crate::vocabulary::reserved;
use cresset_store::{Breach, Payload};
use rusqlite::Connection;
use std::path::Path;

/// Problems listed at most; the last one says that there are more.
const LISTED: usize = 1_000;

/// Compares the index with the keys that the rows keep, and looks at versions and payloads.
pub(crate) fn check(connection: &Connection, folder: &Path) -> Outcome<Vec<Breach>> {
    let mut breaches = Vec::new();
    engine(connection, &mut breaches)?;
    payloads(connection, &mut breaches)?;
    versions(connection, &mut breaches)?;
    index(connection, folder, &mut breaches)?;
    if breaches.len() > LISTED {
        breaches.truncate(LISTED);
        breaches.push(breach("the store", "there is more that is wrong"));
    }
    Ok(breaches)
}

fn breach(place: &str, problem: &str) -> Breach {
    Breach { place: place.to_owned(), problem: problem.to_owned(), mended: false }
}

/// What SQLite itself finds wrong with the file.
fn engine(connection: &Connection, breaches: &mut Vec<Breach>) -> Outcome<()> {
    let mut statement =
        connection.prepare("PRAGMA quick_check(10)").context("checking the file")?;
    let rows =
        statement.query_map([], |row| row.get::<_, String>(0)).context("checking the file")?;
    for row in rows {
        let said = row.context("checking the file")?;
        if said != "ok" {
            breaches.push(breach("the collection's file", &said));
        }
    }
    Ok(())
}

fn payloads(connection: &Connection, breaches: &mut Vec<Breach>) -> Outcome<()> {
    let mut statement = connection
        .prepare(
            "SELECT r, version, payload FROM resource WHERE version > 0 AND kind < 3
             UNION ALL SELECT r, version, payload FROM history WHERE kind < 3",
        )
        .context("checking payloads")?;
    let mut rows = statement.query([]).context("checking payloads")?;
    while let Some(row) = rows.next().context("checking payloads")? {
        let fields = || -> rusqlite::Result<(i64, i64, Option<Vec<u8>>)> {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        };
        let (resource, version, payload) = fields().context("checking payloads")?;
        let decodes = payload.is_some_and(|bytes| Payload::from_kept(bytes).check().is_ok());
        if !decodes && breaches.len() <= LISTED {
            let place = format!("{}, version {version}", name(connection, resource as u64)?);
            breaches.push(breach(&place, "its payload is missing or can't be decoded"));
        }
    }
    Ok(())
}

/// A resource by type number and id.
fn name(connection: &Connection, resource: u64) -> Outcome<String> {
    connection
        .prepare_cached("SELECT type, id FROM resource WHERE r = ?1")
        .and_then(|mut s| {
            s.query_row([resource as i64], |row| {
                let id = read_id(row.get_ref(1)?);
                let id = id.map_or_else(|| "?".to_owned(), |id| id.to_string());
                Ok(format!("{}/{id}", row.get::<_, i64>(0)?))
            })
        })
        .context("naming a resource")
}

/// Versions rise by one: each change but a purge says what it replaced.
fn versions(connection: &Connection, breaches: &mut Vec<Breach>) -> Outcome<()> {
    let checks = [
        (
            // A version that was purged and taken over again has two changes: the last one counts.
            "SELECT c.r, c.version FROM change c JOIN (
               SELECT r, version, seq FROM resource WHERE version > 0 AND kind < 4
               UNION ALL SELECT r, version, seq FROM history) v
               ON v.r = c.r AND v.version = c.version
             WHERE c.kind < 4 AND c.seq > v.seq",
            "a later change made the same version again",
        ),
        (
            "SELECT r.r, r.version FROM resource r WHERE r.version > 0 AND r.kind < 4 AND NOT EXISTS(
               SELECT 1 FROM change c WHERE c.seq = r.seq AND c.r = r.r AND c.version = r.version)",
            "the current version has no change",
        ),
        (
            "SELECT h.r, h.version FROM history h JOIN resource r ON r.r = h.r
             WHERE h.version >= r.version",
            "a version in history is not older than the current one",
        ),
    ];
    for (sql, problem) in checks {
        let mut statement = connection.prepare(sql).context("checking versions")?;
        let mut rows = statement.query([]).context("checking versions")?;
        while let Some(row) = rows.next().context("checking versions")? {
            let fields = || -> rusqlite::Result<(i64, i64)> { Ok((row.get(0)?, row.get(1)?)) };
            let (resource, version) = fields().context("checking versions")?;
            breaches.push(breach(&format!("resource {resource}, version {version}"), problem));
        }
    }
    Ok(())
}

/// Walks the index beside the sorted keys of all rows.
fn index(connection: &Connection, folder: &Path, breaches: &mut Vec<Breach>) -> Outcome<()> {
    let mut expected = build::entries(connection, folder)?;
    let mut statement = connection
        .prepare("SELECT p, v, r, more FROM posting ORDER BY p, v, r")
        .context("checking the index")?;
    let mut rows = statement.query([]).context("checking the index")?;
    let mut block: Option<(u32, Vec<u8>, std::vec::IntoIter<u64>)> = None;
    let mut wrong = 0_u64;
    let mut found = || -> Outcome<Option<(u32, Vec<u8>, u64)>> {
        loop {
            if let Some((p, v, rest)) = &mut block
                && let Some(resource) = rest.next()
            {
                return Ok(Some((*p, v.clone(), resource)));
            }
            let Some(row) = rows.next().context("checking the index")? else {
                return Ok(None);
            };
            let (p, v, all) = block_of(row).context("checking the index")?;
            block = Some((p, v, all.into_iter()));
        }
    };
    let mut next = found()?;
    expected.finish(|entry| {
        let wanted = (entry.parameter, entry.value, entry.resource);
        while let Some((p, v, r)) = &next {
            match (*p, v.as_slice(), *r).cmp(&wanted) {
                std::cmp::Ordering::Less => wrong += 1,
                std::cmp::Ordering::Equal => {
                    next = found()?;
                    return Ok(());
                }
                std::cmp::Ordering::Greater => break,
            }
            next = found()?;
        }
        note(connection, breaches, &entry)
    })?;
    while next.is_some() {
        wrong += 1;
        next = found()?;
    }
    if wrong > 0 {
        let problem = format!("{wrong} index keys belong to no current resource");
        breaches.push(breach("the index", &problem));
    }
    Ok(())
}

fn block_of(row: &rusqlite::Row<'_>) -> rusqlite::Result<(u32, Vec<u8>, Vec<u64>)> {
    let more = row.get_ref(3)?.as_blob_or_null()?.unwrap_or_default();
    let all = members(row.get::<_, i64>(2)? as u64, more).collect();
    Ok((row.get(0)?, row.get(1)?, all))
}

fn note(connection: &Connection, breaches: &mut Vec<Breach>, entry: &Entry<'_>) -> Outcome<()> {
    if breaches.len() <= LISTED {
        let place = match entry.parameter {
            reserved::HISTORY => format!("change {}", entry.resource),
            _ => name(connection, entry.resource)?,
        };
        let problem = format!("its key under parameter {} is not in the index", entry.parameter);
        breaches.push(Breach { place, problem, mended: false });
    }
    Ok(())
}
