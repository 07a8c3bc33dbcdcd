use super::Snapshot;
use crate::collection::Shared;
use crate::error::{Context, Outcome, corrupt};
use crate::lookup::Keys;
use crate::rows::key;
use crate::vocabulary::Needed;
use cresset_store::{Key, Parameter, Reference};
use std::collections::HashMap;
use tokio_postgres::Row;
use tokio_postgres::types::Type;

/// What the current versions of these resources refer to: see
/// [`Store::references`](cresset_store::Store::references).
pub(crate) async fn references(
    shared: &Shared,
    keys: &[Key],
    parameters: &[Parameter],
) -> Outcome<Vec<Vec<Reference>>> {
    let snapshot = Snapshot::take(shared, shared.connections.settings.search_timeout).await?;
    let found = found(&snapshot, shared, keys, parameters).await;
    snapshot.end(found).await
}

async fn found(
    snapshot: &Snapshot,
    shared: &Shared,
    keys: &[Key],
    parameters: &[Parameter],
) -> Outcome<Vec<Vec<Reference>>> {
    let doing = "reading references";
    let mut needed = Needed::default();
    needed.parameters.extend(parameters.iter().cloned());
    let client = snapshot.transaction.client()?;
    let known = shared.vocabulary.look_up(client, &shared.names, &needed).await?;
    let numbered = parameters.iter().filter_map(|p| Some((known.parameter(p)?, p)));
    let numbered: HashMap<i32, &Parameter> = numbered.collect();
    let numbers: Vec<i32> = numbered.keys().copied().collect();
    let asked = Keys::new(shared.schema_type, keys.iter());
    let sql = asked.sql(
        shared,
        "SELECT x.type, x.id, f.target, f.p, f.more FROM @resource x
         JOIN @reference f ON f.r = x.r AND f.p = ANY($4)
         WHERE #keys AND x.kind IN (1, 2)",
    );
    let mut arguments = asked.arguments();
    arguments.push((&numbers, Type::INT4_ARRAY));
    let mut by_key: HashMap<Key, Vec<Reference>> = HashMap::new();
    let rows = snapshot.transaction.rows(doing, &sql, &arguments).await?;
    let targets = targets(snapshot, shared, &rows).await?;
    for row in &rows {
        let number: i32 = row.try_get(3).context(doing)?;
        let rest: Option<Vec<u8>> = row.try_get(4).context(doing)?;
        let Some(parameter) = numbered.get(&number) else { continue };
        let target = targets.get(&row.try_get(2).context(doing)?);
        let target = target.ok_or_else(|| corrupt("a reference to a resource without a row"))?;
        let (parameter, target) = (Parameter::clone(parameter), target.clone());
        let reference = Reference { parameter, target, rest: rest.unwrap_or_default() };
        by_key.entry(key(row, 0)?).or_default().push(reference);
    }
    for found in by_key.values_mut() {
        found.sort_by(|a, b| (&a.parameter, &a.target).cmp(&(&b.parameter, &b.target)));
    }
    Ok(keys.iter().map(|key| by_key.get(key).cloned().unwrap_or_default()).collect())
}

/// The keys of the resources that are referred to. They may be on other shards than what refers to them,
/// so they are asked for by themselves.
async fn targets(snapshot: &Snapshot, shared: &Shared, rows: &[Row]) -> Outcome<HashMap<i64, Key>> {
    let doing = "reading references";
    let numbers = rows.iter().map(|row| row.try_get(2).context(doing));
    let mut numbers: Vec<i64> = numbers.collect::<Outcome<_>>()?;
    numbers.sort_unstable();
    numbers.dedup();
    let sql = shared.names.sql("SELECT r, type, id FROM @resource WHERE r = ANY($1)");
    let found = snapshot.transaction.rows(doing, &sql, &[(&numbers, Type::INT8_ARRAY)]).await?;
    found.iter().map(|row| Ok((row.try_get(0).context(doing)?, key(row, 1)?))).collect()
}
