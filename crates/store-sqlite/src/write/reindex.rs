//! Other index keys for versions that stay as they are.

use super::Transaction;
use super::row::Row;
use crate::error::{Context, Outcome, corrupt};
use cresset_store::physical::keys;
use cresset_store::{IndexKeys, Key, Scope, Version};

impl Transaction<'_> {
    /// Replaces the keys of current versions; returns how many resources were concerned.
    pub(crate) fn reindex(
        &mut self,
        scope: &Scope,
        entries: &[(Key, Version, IndexKeys)],
    ) -> Outcome<u64> {
        let mut replaced = 0;
        for (key, version, index) in entries {
            scope.may_write(key.resource_type)?;
            let Some(row) = self.row(key)? else { continue };
            if row.live().is_none_or(|live| live.version != *version) {
                continue;
            }
            self.replace(&row, key, index)?;
            replaced += 1;
        }
        Ok(replaced)
    }

    fn replace(&mut self, row: &Row, key: &Key, index: &IndexKeys) -> Outcome<()> {
        let new = self.physical(key.resource_type, index)?;
        let kept = keys::encode(&new);
        if kept == row.keys {
            return Ok(());
        }
        self.connection
            .prepare_cached("UPDATE resource SET keys = ?2 WHERE r = ?1")
            .and_then(|mut s| s.execute((row.resource as i64, &kept)))
            .context("writing a resource's index keys")?;
        let old = keys::decode(&row.keys).ok_or_else(|| corrupt("a row's index keys"))?;
        let new: Vec<_> = new.iter().map(|(p, v)| (*p, v.as_slice())).collect();
        self.difference(row.resource, &old, &new)
    }
}
