use super::Snapshot;
use crate::collection::Shared;
use crate::error::{Context, Outcome};
use crate::lookup::{self, Keys};
use crate::rows::{key, version};
use crate::vocabulary::Needed;
use crate::write::physical;
use cresset_store::physical::keys;
use cresset_store::{IndexKeys, Key, Version};
use std::collections::{HashMap, HashSet};

/// The resources whose row keeps other index keys than those given for its current version.
pub(crate) async fn compare_index(
    shared: &Shared,
    entries: &[(Key, Version, IndexKeys)],
) -> Outcome<Vec<Key>> {
    let snapshot = Snapshot::take(shared, shared.connections.settings.write_timeout).await?;
    let compared = compare(&snapshot, shared, entries).await;
    snapshot.end(compared).await
}

async fn compare(
    snapshot: &Snapshot,
    shared: &Shared,
    entries: &[(Key, Version, IndexKeys)],
) -> Outcome<Vec<Key>> {
    let (mut needed, mut referred) = (Needed::default(), HashSet::new());
    for (.., index) in entries {
        needed.add_keys(index, |key| {
            referred.insert(key);
        });
    }
    let client = snapshot.transaction.client()?;
    let mut known = shared.vocabulary.look_up(client, &shared.names, &needed).await?;
    known.resources = lookup::numbers(&snapshot.transaction, shared, &referred).await?;
    let doing = "reading resources' index keys";
    let asked = Keys::new(shared.schema_type, entries.iter().map(|(key, ..)| key));
    let sql = asked.sql(
        shared,
        "SELECT x.type, x.id, x.version, x.keys FROM @resource x
         WHERE #keys AND x.kind IN (1, 2)",
    );
    let mut kept = HashMap::new();
    for row in snapshot.transaction.rows(doing, &sql, &asked.arguments()).await? {
        let number = version(row.try_get(2).context(doing)?)?;
        let bytes: Option<Vec<u8>> = row.try_get(3).context(doing)?;
        kept.insert(key(&row, 0)?, (number, bytes.unwrap_or_default()));
    }
    let mut differing = Vec::new();
    for (key, version, index) in entries {
        let Some((_, kept)) = kept.get(key).filter(|(current, _)| current == version) else {
            continue;
        };
        let expected = physical(index, &known)?.map(|keys| keys::encode(&keys));
        if expected.as_ref() != Some(kept) {
            differing.push(key.clone());
        }
    }
    Ok(differing)
}
