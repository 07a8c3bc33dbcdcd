//! Finding rows of `resource` by key.

use crate::collection::Shared;
use crate::error::{Context, Outcome};
use crate::rows::{key, key_columns};
use crate::schema_type::{SchemaType, distribution_key};
use crate::transaction::{Argument, Transaction};
use cresset_store::Key;
use std::collections::{HashMap, HashSet};
use tokio_postgres::types::Type;

/// The numbers of those of these resources that have a row.
pub(crate) async fn numbers(
    transaction: &Transaction,
    shared: &Shared,
    keys: &HashSet<Key>,
) -> Outcome<HashMap<Key, i64>> {
    let doing = "looking up resources";
    if keys.is_empty() {
        return Ok(HashMap::new());
    }
    let asked = Keys::new(shared.schema_type, keys.iter());
    let sql = asked.sql(shared, "SELECT x.type, x.id, x.r FROM @resource x WHERE #keys");
    let rows = transaction.rows(doing, &sql, &asked.arguments()).await?;
    rows.iter().map(|row| Ok((key(row, 0)?, row.try_get(2).context(doing)?))).collect()
}

/// Keys that are asked for: the first three arguments of a statement.
#[derive(Debug)]
pub(crate) struct Keys<'k> {
    types: Vec<i16>,
    ids: Vec<&'k str>,
    /// In a distributed schema, where they are; else none.
    numbers: Vec<i64>,
}

impl<'k> Keys<'k> {
    pub(crate) fn new(kind: SchemaType, keys: impl Iterator<Item = &'k Key> + Clone) -> Self {
        let numbers = match kind {
            SchemaType::Plain => Vec::new(),
            SchemaType::Distributed => keys.clone().map(distribution_key).collect(),
        };
        let (types, ids) = key_columns(keys);
        Self { types, ids, numbers }
    }

    /// A statement with the collection's names that has `#keys` where it says that row `x` is one of
    /// these. One key is the common case, and a third of the planning.
    pub(crate) fn sql(&self, shared: &Shared, template: &str) -> String {
        let named = match self.ids.len() {
            1 => "x.type = ($1::smallint[])[1] AND x.id = ($2::text[])[1]",
            _ => {
                "(x.type, x.id) IN (SELECT g.type, g.id FROM unnest($1::smallint[], $2::text[]) AS g(type, id))"
            }
        };
        shared.names.sql(&match (shared.schema_type, self.ids.len()) {
            (SchemaType::Plain, _) => template.replace("#keys", named),
            (SchemaType::Distributed, 1) => {
                template.replace("#keys", &format!("x.r = ($3::bigint[])[1] AND {named}"))
            }
            (SchemaType::Distributed, _) => {
                template.replace("#keys", &format!("x.r = ANY($3::bigint[]) AND {named}"))
            }
        })
    }

    pub(crate) fn arguments(&self) -> Vec<Argument<'_>> {
        vec![
            (&self.types, Type::INT2_ARRAY),
            (&self.ids, Type::TEXT_ARRAY),
            (&self.numbers, Type::INT8_ARRAY),
        ]
    }

    /// The keys as columns have them.
    pub(crate) fn names(&self) -> HashSet<(i16, &'k str)> {
        self.types.iter().copied().zip(self.ids.iter().copied()).collect()
    }

    /// The numbers of the shards' rows, in a distributed schema.
    pub(crate) fn numbers(&self) -> &[i64] {
        &self.numbers
    }
}
