//! Entering and removing keys, value by value.

use super::block::{Block, members};
use super::deltas::Deltas;
use crate::error::{Context, Outcome};
use rusqlite::{Connection, OptionalExtension};

/// Applies all of `deltas`, in key order, and empties it.
pub(crate) fn apply(connection: &Connection, deltas: &mut Deltas) -> Outcome<()> {
    let mut net: Vec<(u64, bool)> = Vec::new();
    deltas.drain_by_value(|parameter, value, changes| {
        net.clear();
        for (resource, add) in changes {
            match net.last_mut().filter(|(before, _)| *before == resource) {
                Some((_, last)) => *last = add,
                None => net.push((resource, add)),
            }
        }
        Value { connection, parameter, value }.apply(&net)
    })
}

/// The rows of one value.
struct Value<'a> {
    connection: &'a Connection,
    parameter: u32,
    value: &'a [u8],
}

impl Value<'_> {
    /// Applies changes in ascending order of resource.
    fn apply(&self, mut changes: &[(u64, bool)]) -> Outcome<()> {
        while let Some((resource, _)) = changes.first() {
            let block = match self.last_block()? {
                Some(last) if last.first > *resource => self.block_of(*resource)?,
                last => last,
            };
            let until = match &block {
                // Beyond the last block there is nothing to run into.
                Some(block) => self.next_first(block.first)?,
                None => self.next_first(*resource)?,
            };
            let reach = until.map_or(changes.len(), |until| {
                changes.partition_point(|(resource, _)| *resource < until)
            });
            let (here, beyond) = changes.split_at(reach);
            self.rewrite(block, here)?;
            changes = beyond;
        }
        Ok(())
    }

    /// Merges changes into a block, or makes new ones where there is none.
    fn rewrite(&self, block: Option<Block>, changes: &[(u64, bool)]) -> Outcome<()> {
        let old: Vec<u64> = block.iter().flat_map(|b| members(b.first, &b.more)).collect();
        let merged = merge(&old, changes);
        let new = Block::pack(merged);
        if let Some(old) = block {
            match new.first() {
                Some(first) if first.first == old.first => {
                    if first.more != old.more {
                        self.update(first)?;
                    }
                    return new[1..].iter().try_for_each(|block| self.insert(block));
                }
                _ => self.delete(old.first)?,
            }
        }
        new.iter().try_for_each(|block| self.insert(block))
    }

    fn last_block(&self) -> Outcome<Option<Block>> {
        self.block(
            "SELECT r, more FROM posting WHERE p = ?1 AND v = ?2 AND r <= ?3 ORDER BY r DESC LIMIT 1",
            u64::MAX >> 1,
        )
    }

    /// The block that `resource` is in, or would be.
    fn block_of(&self, resource: u64) -> Outcome<Option<Block>> {
        self.block(
            "SELECT r, more FROM posting WHERE p = ?1 AND v = ?2 AND r <= ?3 ORDER BY r DESC LIMIT 1",
            resource,
        )
    }

    fn block(&self, sql: &str, resource: u64) -> Outcome<Option<Block>> {
        self.connection
            .prepare_cached(sql)
            .and_then(|mut s| {
                s.query_row((self.parameter, self.value, resource as i64), |row| {
                    let more: Option<Vec<u8>> = row.get(1)?;
                    Ok(Block {
                        first: row.get::<_, i64>(0)? as u64,
                        more: more.unwrap_or_default(),
                    })
                })
                .optional()
            })
            .context("reading the index")
    }

    fn next_first(&self, after: u64) -> Outcome<Option<u64>> {
        self.connection
            .prepare_cached(
                "SELECT r FROM posting WHERE p = ?1 AND v = ?2 AND r > ?3 ORDER BY r LIMIT 1",
            )
            .and_then(|mut s| {
                s.query_row((self.parameter, self.value, after as i64), |row| row.get::<_, i64>(0))
                    .optional()
            })
            .map(|r| r.map(|r| r as u64))
            .context("reading the index")
    }

    fn insert(&self, block: &Block) -> Outcome<()> {
        let more = (!block.more.is_empty()).then_some(&block.more);
        self.connection
            .prepare_cached("INSERT INTO posting(p, v, r, more) VALUES(?1, ?2, ?3, ?4)")
            .and_then(|mut s| s.execute((self.parameter, self.value, block.first as i64, more)))
            .map(|_| ())
            .context("writing the index")
    }

    fn update(&self, block: &Block) -> Outcome<()> {
        let more = (!block.more.is_empty()).then_some(&block.more);
        self.connection
            .prepare_cached("UPDATE posting SET more = ?4 WHERE p = ?1 AND v = ?2 AND r = ?3")
            .and_then(|mut s| s.execute((self.parameter, self.value, block.first as i64, more)))
            .map(|_| ())
            .context("writing the index")
    }

    fn delete(&self, first: u64) -> Outcome<()> {
        self.connection
            .prepare_cached("DELETE FROM posting WHERE p = ?1 AND v = ?2 AND r = ?3")
            .and_then(|mut s| s.execute((self.parameter, self.value, first as i64)))
            .map(|_| ())
            .context("writing the index")
    }
}

/// Ascending members with changes applied.
fn merge(old: &[u64], changes: &[(u64, bool)]) -> Vec<u64> {
    let mut merged = Vec::with_capacity(old.len() + changes.len());
    let mut rest = old;
    for (resource, add) in changes {
        let before = rest.partition_point(|member| member < resource);
        merged.extend_from_slice(&rest[..before]);
        rest = &rest[before..];
        rest = rest.strip_prefix(&[*resource]).unwrap_or(rest);
        if *add {
            merged.push(*resource);
        }
    }
    merged.extend_from_slice(rest);
    merged
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_merged_in_order() {
        let changes = [(1, true), (3, false), (4, true), (9, true), (10, false)];
        assert_eq!(merge(&[3, 4, 5], &changes), [1, 4, 5, 9]);
    }
}
