use crate::collection::Shared;
use crate::error::{Context, Outcome};
use crate::rows::{key_columns, limit, signed, stored};
use crate::schema_type::SchemaType;
use crate::transaction::Argument;
use cresset_store::{Gathered, Key, Scope, Stored, Version};
use tokio_postgres::types::Type;

/// How long contents are is known without reading them, so those for which there is no room stay in
/// the database.
const VERSIONS: &str = "
SELECT w.type, w.id, w.version, w.updated, w.kind, w.payload FROM (
  SELECT g.type, g.id, v.version, v.updated, v.kind, v.payload, g.place,
         sum(coalesce(octet_length(v.payload), 0)) OVER (ORDER BY g.place) AS size
  FROM unnest($1::smallint[], $2::text[], $3::bigint[]) WITH ORDINALITY AS g(type, id, version, place)
  LEFT JOIN @resource x ON x.type = g.type AND x.id = g.id
  LEFT JOIN LATERAL (
    SELECT x.version, x.updated, x.kind, x.payload
    WHERE x.version = g.version AND x.kind IN (1, 2, 3)
    UNION ALL
    SELECT h.version, h.updated, h.kind, h.payload FROM @history h
    WHERE h.r = x.r AND h.version = g.version) v ON true) w
WHERE w.size <= $4 OR w.place = 1 ORDER BY w.place";

/// Versions in the order asked, as many as `bytes` of contents have room for, but at least one.
pub(crate) async fn versions(
    shared: &Shared,
    scope: &Scope,
    asked: &[(Key, Version)],
    bytes: usize,
) -> Outcome<Vec<Option<Stored>>> {
    if shared.schema_type == SchemaType::Distributed {
        return one_by_one(shared, scope, asked, bytes).await;
    }
    let doing = "reading versions";
    asked.iter().try_for_each(|(key, _)| scope.may_read(key.resource_type))?;
    let (types, ids) = key_columns(asked.iter().map(|(key, _)| key));
    let numbers: Vec<i64> = asked.iter().map(|(_, version)| signed(version.number())).collect();
    let bytes = limit(bytes);
    let arguments: [Argument<'_>; 4] = [
        (&types, Type::INT2_ARRAY),
        (&ids, Type::TEXT_ARRAY),
        (&numbers, Type::INT8_ARRAY),
        (&bytes, Type::INT8),
    ];
    let client = shared.connections.reader().await?;
    let rows = client.query_typed(&shared.names.sql(VERSIONS), &arguments).await.context(doing)?;
    let version = |row| -> Outcome<Option<Stored>> {
        let number: Option<i64> = tokio_postgres::Row::try_get(row, 2).context(doing)?;
        number.map(|_| stored(row, 0)).transpose()
    };
    rows.iter().map(version).collect()
}

/// The same in a distributed schema, where a statement takes a resource at a time.
async fn one_by_one(
    shared: &Shared,
    scope: &Scope,
    asked: &[(Key, Version)],
    bytes: usize,
) -> Outcome<Vec<Option<Stored>>> {
    let mut found = Gathered::up_to(bytes);
    for (key, number) in asked {
        if !found.takes(super::version(shared, scope, key, *number).await?) {
            break;
        }
    }
    Ok(found.versions())
}
