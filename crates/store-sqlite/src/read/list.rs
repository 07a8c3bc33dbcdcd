use super::of_surrogates;
use crate::error::{Context, Outcome};
use crate::posting::members;
use crate::vocabulary::reserved;
use cresset_store::position::Place;
use cresset_store::{Listing, Position, TypeNumber};
use rusqlite::Connection;

/// Current resources of a type in order of arrival: a walk along the type's own posting list.
pub(crate) fn list(
    connection: &Connection,
    resource_type: TypeNumber,
    after: Option<Position>,
    limit: usize,
) -> Outcome<Listing> {
    let after = after.map(|p| Place::decode(&p, 0)).transpose()?.map_or(0, |p| p.arrival);
    let mut page = page(connection, resource_type, after, limit + 1).context("listing a type")?;
    let more = page.len() > limit;
    page.truncate(limit);
    let next = page.last().filter(|_| more);
    let next = next.map(|last| Place { values: Vec::new(), arrival: *last }.encode());
    Ok(Listing { resources: of_surrogates(connection, &page)?, next })
}

fn page(
    connection: &Connection,
    resource_type: TypeNumber,
    after: u64,
    limit: usize,
) -> rusqlite::Result<Vec<u64>> {
    let value = resource_type.0.to_be_bytes();
    // The block that `after` is in, and those that follow it.
    let mut statement = connection.prepare_cached(
        "SELECT r, more FROM posting WHERE p = ?1 AND v = ?2 AND r >= coalesce(
           (SELECT r FROM posting WHERE p = ?1 AND v = ?2 AND r <= ?3 ORDER BY r DESC LIMIT 1), 0)
         ORDER BY r",
    )?;
    let mut rows = statement.query((reserved::TYPE, value.as_slice(), after as i64))?;
    let mut page = Vec::new();
    while let Some(row) = rows.next()? {
        let more = row.get_ref(1)?.as_blob_or_null()?.unwrap_or_default();
        let beyond = members(row.get::<_, i64>(0)? as u64, more).filter(|r| *r > after);
        page.extend(beyond.take(limit - page.len()));
        if page.len() >= limit {
            break;
        }
    }
    Ok(page)
}
