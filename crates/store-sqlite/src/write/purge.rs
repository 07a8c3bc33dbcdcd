//! Removing versions for good.

use super::commit::NewVersion;
use super::row::Row;
use super::{Transaction, own_keys};
use crate::error::{Context, Outcome, corrupt};
use cresset_store::physical::keys;
use cresset_store::*;

impl Transaction<'_> {
    /// Removes versions, all of them when the current one is among them: what an older version was
    /// found by isn't kept. Returns how many are gone. The row stays, with the number of the last
    /// version, so that versions never go back.
    pub(crate) fn purge(
        &mut self,
        scope: &Scope,
        key: &Key,
        versions: Option<&[Version]>,
        provenance: &Provenance,
    ) -> Outcome<u64> {
        scope.may_write(key.resource_type)?;
        let Some(row) = self.row(key)? else { return Ok(0) };
        let Some(current) = row.current else { return Ok(0) };
        let stays = |v: &Version| versions.is_some_and(|list| !list.contains(v));
        let removed = self.keep(&row, key.resource_type, stays)?;
        if removed > 0 {
            let none = IndexKeys::default();
            let (version, updated, kind) =
                (current.version, self.now.milliseconds(), ChangeKind::Purge);
            let new = NewVersion { key, version, updated, kind, payload: None, index: &none };
            let batch = self.enter_batch(provenance)?;
            self.enter_change(row.resource, key.resource_type, &new, None, batch)?;
        }
        Ok(removed)
    }

    /// Removes all versions but those that stay; all, when the current one doesn't.
    pub(super) fn keep(
        &mut self,
        row: &Row,
        of: TypeNumber,
        stays: impl Fn(&Version) -> bool,
    ) -> Outcome<u64> {
        let Some(current) = row.current else { return Ok(0) };
        let mut removed = 0;
        if stays(&current.version) {
            for version in self.past(row.resource)?.iter().filter(|v| !stays(v)) {
                removed += self.delete_history(row.resource, Some(*version))?;
            }
        } else {
            removed += self.delete_history(row.resource, None)? + 1;
            let own = row.live().map(|live| own_keys(of, live.updated));
            let kept = keys::decode(&row.keys).ok_or_else(|| corrupt("a row's index keys"))?;
            let own = own.iter().flatten().map(|(p, v)| (*p, v.as_slice()));
            let old: Vec<_> = own.chain(kept).collect();
            self.difference(row.resource, &old, &[])?;
            self.connection
                .prepare_cached(
                    "UPDATE resource SET kind = 4, keys = NULL, payload = NULL WHERE r = ?1",
                )
                .and_then(|mut s| s.execute([row.resource as i64]))
                .context("purging a resource")?;
        }
        Ok(removed)
    }

    /// The numbers of the versions in history.
    fn past(&self, resource: u64) -> Outcome<Vec<Version>> {
        let rows = || {
            let sql = "SELECT version FROM history WHERE r = ?1";
            let mut statement = self.connection.prepare_cached(sql)?;
            let rows = statement.query_map([resource as i64], |row| row.get::<_, i64>(0))?;
            rows.collect::<rusqlite::Result<Vec<_>>>()
        };
        let numbers = rows().context("reading a resource's versions")?;
        let version = |n| Version::new(n as u64).ok_or_else(|| corrupt("a version in history"));
        numbers.into_iter().map(version).collect()
    }

    fn delete_history(&mut self, resource: u64, version: Option<Version>) -> Outcome<u64> {
        self.connection
            .prepare_cached("DELETE FROM history WHERE r = ?1 AND (?2 IS NULL OR version = ?2)")
            .and_then(|mut s| s.execute((resource as i64, version.map(|v| v.number() as i64))))
            .map(|count| count as u64)
            .context("purging versions")
    }
}
