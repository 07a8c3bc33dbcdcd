use crate::collection::Reader;
use crate::error::{Context, Outcome};
use crate::physical::id_value;
use crate::search::Known;
use cresset_store::physical::keys;
use cresset_store::physical::write_value;
use cresset_store::{IndexKeys, Key, Version};
use rusqlite::OptionalExtension;

/// The resources whose row keeps other index keys than those given for its current version.
pub(crate) fn compare_index(
    reader: &mut Reader,
    entries: &[(Key, Version, IndexKeys)],
) -> Outcome<Vec<Key>> {
    let mut differing = Vec::new();
    for (key, version, index) in entries {
        let kept = reader
            .connection
            .prepare_cached(
                "SELECT keys FROM resource WHERE type = ?1 AND id = ?2 AND version = ?3 AND kind < 3",
            )
            .and_then(|mut s| {
                let arguments = (key.resource_type.0, id_value(&key.id), version.number() as i64);
                s.query_row(arguments, |row| row.get::<_, Option<Vec<u8>>>(0)).optional()
            })
            .context("reading a resource's index keys")?;
        let Some(kept) = kept else { continue };
        if expected(reader, index)?.as_deref() != Some(kept.unwrap_or_default().as_slice()) {
            differing.push(key.clone());
        }
    }
    Ok(differing)
}

/// The keys as a row keeps them; `None` when one has a part that was never written.
fn expected(reader: &mut Reader, index: &IndexKeys) -> Outcome<Option<Vec<u8>>> {
    let mut physical = Vec::with_capacity(index.len());
    for key in index.iter() {
        let found = reader.vocabulary.parameter(&reader.connection, &key.parameter)?;
        let Some(parameter) = found else {
            return Ok(None);
        };
        let mut value = Vec::new();
        let mut numbers =
            Known { connection: &reader.connection, vocabulary: &mut reader.vocabulary };
        if !write_value(&key.value, &mut numbers, &mut value)? {
            return Ok(None);
        }
        physical.push((parameter.number, value));
    }
    physical.sort_unstable();
    physical.dedup();
    Ok(Some(keys::encode(&physical)))
}
