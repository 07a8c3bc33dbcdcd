//! Finding rows of `resource` by key.

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

    /// A statement that has `#keys` where it says that row `x` is one of them.
    pub(crate) fn sql(kind: SchemaType, template: &str) -> String {
        const NAMED: &str = "(x.type, x.id) IN (SELECT g.type, g.id FROM unnest($1::smallint[], $2::text[]) AS g(type, id))";
        match kind {
            SchemaType::Plain => template.replace("#keys", NAMED),
            SchemaType::Distributed => {
                template.replace("#keys", &format!("x.r = ANY($3::bigint[]) AND {NAMED}"))
            }
        }
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
