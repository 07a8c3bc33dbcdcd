use crate::collection::Reader;
use crate::error::{Context, Outcome};
use crate::physical::{id_value, read_id};
use cresset_store::physical::keys;
use cresset_store::physical::read_number;
use cresset_store::{Key, Parameter, Reference, TypeNumber};
use rusqlite::{Connection, OptionalExtension};
use std::collections::HashMap;

/// What the current versions of these resources refer to: see
/// [`Store::references`](cresset_store::Store::references).
pub(crate) fn references(
    reader: &mut Reader,
    keys: &[Key],
    parameters: &[Parameter],
) -> Outcome<Vec<Vec<Reference>>> {
    let Reader { connection, vocabulary, .. } = reader;
    let mut numbers = HashMap::new();
    for parameter in parameters {
        if let Some(index) = vocabulary.parameter(connection, parameter)? {
            numbers.insert(index.number, parameter);
        }
    }
    let mut known = HashMap::new();
    let mut all = Vec::with_capacity(keys.len());
    for key in keys {
        let kept = kept(connection, key)?.unwrap_or_default();
        let mut found = Vec::new();
        for (number, value) in keys::decode(&kept).unwrap_or_default() {
            let Some(parameter) = numbers.get(&number) else { continue };
            let Some((target, rest)) = read_number(value) else { continue };
            if let Some(target) = target_of(connection, &mut known, target)? {
                let parameter = Parameter::clone(parameter);
                found.push(Reference { parameter, target, rest: rest.to_vec() });
            }
        }
        found.sort_by(|a, b| (&a.parameter, &a.target).cmp(&(&b.parameter, &b.target)));
        all.push(found);
    }
    Ok(all)
}

fn kept(connection: &Connection, key: &Key) -> Outcome<Option<Vec<u8>>> {
    let found = connection
        .prepare_cached(
            "SELECT keys FROM resource WHERE type = ?1 AND id = ?2 AND version > 0 AND kind < 3",
        )
        .and_then(|mut s| {
            s.query_row((key.resource_type.0, id_value(&key.id)), |row| row.get(0)).optional()
        })
        .context("reading a resource's references")?;
    Ok(found.flatten())
}

/// The resource with a surrogate.
fn target_of(
    connection: &Connection,
    known: &mut HashMap<u64, Option<Key>>,
    surrogate: u64,
) -> Outcome<Option<Key>> {
    if let Some(key) = known.get(&surrogate) {
        return Ok(key.clone());
    }
    let key = connection
        .prepare_cached("SELECT type, id FROM resource WHERE r = ?1")
        .and_then(|mut s| {
            s.query_row([surrogate as i64], |row| {
                let of = TypeNumber(row.get(0)?);
                Ok(read_id(row.get_ref(1)?).map(|id| Key::new(of, id)))
            })
            .optional()
        })
        .context("reading a reference's target")?
        .flatten();
    known.insert(surrogate, key.clone());
    Ok(key)
}
