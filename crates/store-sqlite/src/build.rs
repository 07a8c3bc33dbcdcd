//! Building the index from the keys that rows keep: after a deferred import, and to mend it.

mod sorted;

use crate::error::{Context, Outcome, corrupt};
use crate::posting::Block;
use crate::schema::set_setting;
use crate::vocabulary::reserved;
use crate::write::own_keys;
use cresset_store::TypeNumber;
use cresset_store::physical::keys;
use rusqlite::Connection;
pub(crate) use sorted::{Entry, SortedEntries};
use std::path::Path;

/// Every key that must be in the index, sorted: computed from the rows, in bounded memory (runs on
/// disk beside the collection's file, merged).
pub(crate) fn entries(connection: &Connection, folder: &Path) -> Outcome<SortedEntries> {
    let mut sorted = SortedEntries::new(folder)?;
    let mut statement = connection
        .prepare("SELECT r, type, updated, kind, keys FROM resource WHERE version > 0 AND kind < 3")
        .context("reading index keys")?;
    let mut rows = statement.query([]).context("reading index keys")?;
    while let Some(row) = rows.next().context("reading index keys")? {
        let fields =
            || -> rusqlite::Result<(i64, u16, i64)> { Ok((row.get(0)?, row.get(1)?, row.get(2)?)) };
        let (resource, of, updated) = fields().context("reading index keys")?;
        let kept = row.get_ref(4).context("reading index keys")?;
        let kept = kept.as_blob_or_null().map_err(|_| corrupt("a row's index keys"))?;
        let kept =
            keys::decode(kept.unwrap_or_default()).ok_or_else(|| corrupt("a row's index keys"))?;
        for (parameter, value) in &own_keys(TypeNumber(of), updated) {
            sorted.push(*parameter, value, resource as u64)?;
        }
        for (parameter, value) in kept {
            sorted.push(parameter, value, resource as u64)?;
        }
    }
    changes(connection, &mut sorted)?;
    Ok(sorted)
}

/// The change sequence by type.
fn changes(connection: &Connection, sorted: &mut SortedEntries) -> Outcome<()> {
    let mut statement = connection
        .prepare("SELECT c.seq, r.type FROM change c JOIN resource r ON r.r = c.r ORDER BY c.seq")
        .context("reading changes")?;
    let mut rows = statement.query([]).context("reading changes")?;
    while let Some(row) = rows.next().context("reading changes")? {
        let fields = || -> rusqlite::Result<(i64, u16)> { Ok((row.get(0)?, row.get(1)?)) };
        let (seq, of) = fields().context("reading changes")?;
        sorted.push(reserved::HISTORY, &of.to_be_bytes(), seq as u64)?;
    }
    Ok(())
}

/// Replaces the whole index with what the rows' keys give. Inside a transaction.
pub(crate) fn rebuild(connection: &Connection, folder: &Path) -> Outcome<u64> {
    connection.execute_batch("DELETE FROM posting").context("emptying the index")?;
    let mut entries = entries(connection, folder)?;
    let mut insert = connection
        .prepare("INSERT INTO posting(p, v, r, more) VALUES(?1, ?2, ?3, ?4)")
        .context("filling the index")?;
    let mut count = 0;
    let mut value: Option<(u32, Vec<u8>, Vec<u64>)> = None;
    let mut write = |(parameter, value, resources): (u32, Vec<u8>, Vec<u64>)| -> Outcome<()> {
        for block in Block::pack(resources) {
            let more = (!block.more.is_empty()).then_some(&block.more);
            insert
                .execute((parameter, &value, block.first as i64, more))
                .context("filling the index")?;
        }
        Ok(())
    };
    entries.finish(|entry| {
        count += 1;
        match &mut value {
            Some((p, v, resources)) if *p == entry.parameter && v == entry.value => {
                resources.push(entry.resource);
            }
            _ => {
                let next = (entry.parameter, entry.value.to_vec(), vec![entry.resource]);
                if let Some(done) = value.replace(next) {
                    write(done)?;
                }
            }
        }
        Ok(())
    })?;
    if let Some(last) = value.take() {
        write(last)?;
    }
    set_setting(connection, "deferred", 0)?;
    Ok(count)
}

/// Resources that are current and not deleted.
pub(crate) fn live(connection: &Connection) -> Outcome<u64> {
    connection
        .query_row("SELECT count(*) FROM resource WHERE version > 0 AND kind < 3", [], |row| {
            row.get::<_, i64>(0)
        })
        .map(|n| n as u64)
        .context("counting resources")
}
