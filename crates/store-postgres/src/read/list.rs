use super::Snapshot;
use crate::collection::Shared;
use crate::error::{Context, Outcome};
use crate::rows::{limit, signed, stored, type_column};
use crate::transaction::Argument;
use cresset_store::position::Place;
use cresset_store::{Listing, Position, Scope, TypeNumber};
use tokio_postgres::types::Type;

/// Current resources of a type in order of arrival.
pub(crate) async fn list(
    shared: &Shared,
    scope: &Scope,
    of: TypeNumber,
    after: Option<Position>,
    count: usize,
) -> Outcome<Listing> {
    let doing = "listing a type";
    scope.may_read(of)?;
    let after = after.map(|p| Place::decode(&p, 0)).transpose()?.map_or(0, |p| p.arrival);
    let snapshot = Snapshot::take(shared, shared.connections.settings.search_timeout).await?;
    let arrival = shared.schema_type.arrival();
    let sql = shared.names.sql(&format!(
        "SELECT {arrival}, type, id, version, updated, kind, payload FROM @resource
         WHERE type = $1 AND kind IN (1, 2) AND {arrival} > $2 ORDER BY {arrival} LIMIT $3"
    ));
    let (of, after) = (type_column(of), signed(after));
    let most = limit(count.saturating_add(1));
    let arguments: [Argument<'_>; 3] =
        [(&of, Type::INT2), (&after, Type::INT8), (&most, Type::INT8)];
    let rows = snapshot.transaction.rows(doing, &sql, &arguments).await;
    let mut rows = snapshot.end(rows).await?;
    let more = rows.len() > count;
    rows.truncate(count);
    let last = rows.last().filter(|_| more).map(|row| row.try_get::<_, i64>(0));
    let last = last.transpose().context(doing)?;
    let place = |r: i64| Place { values: Vec::new(), arrival: r.unsigned_abs() };
    let resources = rows.iter().map(|row| stored(row, 1)).collect::<Outcome<_>>()?;
    Ok(Listing { resources, next: last.map(|r| place(r).encode()) })
}
