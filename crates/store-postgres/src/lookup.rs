//! Finding rows of `resource` by key.

use crate::collection::Shared;
use crate::rows::key_columns;
use crate::schema_type::{SchemaType, distribution_key};
use crate::transaction::Argument;
use cresset_store::Key;
use std::collections::HashSet;
use tokio_postgres::types::Type;

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
