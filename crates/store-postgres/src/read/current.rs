//! Reads by key: one statement each.

use crate::collection::Shared;
use crate::error::{Context, Outcome, corrupt};
use crate::lookup::Keys;
use crate::rows::{key, signed, stored};
use crate::transaction::Transaction;
use cresset_store::{Key, Scope, Stored, Version};
use std::collections::HashMap;
use tokio_postgres::types::Type;

/// The current version of each key, deletions included.
pub(crate) async fn current(
    shared: &Shared,
    scope: &Scope,
    keys: &[Key],
) -> Outcome<Vec<Option<Stored>>> {
    let doing = "reading resources";
    let client = shared.connections.reader().await?;
    keys.iter().try_for_each(|key| scope.may_read(key.resource_type))?;
    let asked = Keys::new(shared.schema_type, keys.iter());
    let sql = asked.sql(
        shared,
        "SELECT x.type, x.id, x.version, x.updated, x.kind, x.payload FROM @resource x
         WHERE #keys AND x.kind IN (1, 2, 3)",
    );
    let rows = client.query_typed(&sql, &asked.arguments()).await.context(doing)?;
    let mut found: HashMap<Key, Stored> = HashMap::with_capacity(keys.len());
    for row in &rows {
        let stored = stored(row, 0)?;
        found.insert(stored.key.clone(), stored);
    }
    Ok(keys.iter().map(|key| found.get(key).cloned()).collect())
}

/// The numbers of the next versions.
pub(crate) async fn next_versions(
    shared: &Shared,
    scope: &Scope,
    keys: &[Key],
) -> Outcome<Vec<Version>> {
    let doing = "numbering versions";
    let client = shared.connections.reader().await?;
    keys.iter().try_for_each(|key| scope.may_write(key.resource_type))?;
    let asked = Keys::new(shared.schema_type, keys.iter());
    let sql = asked.sql(
        shared,
        "SELECT x.type, x.id, greatest(x.version, x.highest) FROM @resource x WHERE #keys",
    );
    let rows = client.query_typed(&sql, &asked.arguments()).await.context(doing)?;
    let mut last: HashMap<Key, i64> = HashMap::with_capacity(rows.len());
    for row in &rows {
        last.insert(key(row, 0)?, row.try_get(2).context(doing)?);
    }
    let next = |key: &Key| Version::new(last.get(key).map_or(1, |last| last.unsigned_abs() + 1));
    keys.iter().map(|key| next(key).ok_or_else(|| corrupt("versions have run out"))).collect()
}

/// One version of a resource.
pub(crate) async fn version(
    shared: &Shared,
    scope: &Scope,
    key: &Key,
    version: Version,
) -> Outcome<Option<Stored>> {
    let client = shared.connections.reader().await?;
    scope.may_read(key.resource_type)?;
    let asked = Keys::new(shared.schema_type, std::iter::once(key));
    let sql = asked.sql(
        shared,
        "SELECT x.type, x.id, x.version, x.updated, x.kind, x.payload FROM @resource x
         WHERE #keys AND x.version = $4 AND x.kind IN (1, 2, 3)
         UNION ALL
         SELECT x.type, x.id, h.version, h.updated, h.kind, h.payload
         FROM @resource x JOIN @history h ON h.r = x.r
         WHERE #keys AND h.version = $4",
    );
    let number = signed(version.number());
    let mut arguments = asked.arguments();
    arguments.push((&number, Type::INT8));
    let rows = client.query_typed(&sql, &arguments).await.context("reading a version")?;
    rows.first().map(|row| stored(row, 0)).transpose()
}

/// Current versions by surrogate, in the order given.
pub(crate) async fn of_surrogates(
    transaction: &Transaction,
    shared: &Shared,
    resources: &[i64],
) -> Outcome<Vec<Stored>> {
    if resources.is_empty() {
        return Ok(Vec::new());
    }
    let doing = "reading resources";
    let sql = shared.names.sql(
        "SELECT r, type, id, version, updated, kind, payload FROM @resource WHERE r = ANY($1)",
    );
    let rows = transaction.rows(doing, &sql, &[(&resources, Type::INT8_ARRAY)]).await?;
    let mut found = HashMap::with_capacity(rows.len());
    for row in &rows {
        found.insert(row.try_get::<_, i64>(0).context(doing)?, stored(row, 1)?);
    }
    let lost = || corrupt("the index names a resource without a row");
    resources.iter().map(|r| found.remove(r).ok_or_else(lost)).collect()
}
