use super::Snapshot;
use crate::collection::Shared;
use crate::error::{Context, Outcome};
use crate::lookup::Keys;
use crate::rows::{limit, signed, stored, type_column};
use crate::transaction::Argument;
use cresset_store::position::Place;
use cresset_store::*;
use tokio_postgres::types::Type;

/// The version that a change made, if it is there still: looked for by the resource, change by change.
const CHANGED: &str = "LATERAL (
  SELECT updated, kind, payload FROM @resource
  WHERE r = c.r AND version = c.version AND seq = c.seq AND kind IN (1, 2, 3)
  UNION ALL SELECT updated, kind, payload FROM @history
  WHERE r = c.r AND version = c.version AND seq = c.seq)";

/// The same of one resource, whose row is `x`; of those, by its key, that a statement is about.
const OF_ONE: &str = "(
  SELECT x.type, x.id, x.r, x.version, x.seq, x.updated, x.kind, x.payload FROM @resource x
  WHERE #keys AND x.kind IN (1, 2, 3)
  UNION ALL
  SELECT x.type, x.id, h.r, h.version, h.seq, h.updated, h.kind, h.payload
  FROM @resource x JOIN @history h ON h.r = x.r WHERE #keys)";

/// When the version after another came, if there is one.
fn until(row: &str, version: &str) -> String {
    format!(
        "(SELECT n.updated FROM (
            SELECT r, version, updated FROM @resource
            WHERE r = {row} AND version > {version} AND kind IN (1, 2, 3)
            UNION ALL SELECT r, version, updated FROM @history
            WHERE r = {row} AND version > {version}) n
          ORDER BY n.version LIMIT 1)"
    )
}

/// Versions, newest first: an instance's by version, others in the order of the change sequence.
pub(crate) async fn history(
    shared: &Shared,
    scope: &Scope,
    query: &HistoryQuery,
) -> Outcome<HistoryPage> {
    match &query.range {
        HistoryRange::Instance(key) => scope.may_read(key.resource_type)?,
        HistoryRange::Type(of) => scope.may_read(*of)?,
        HistoryRange::System => {}
    }
    let before = query.after.as_ref().map(|p| Place::decode(p, 0)).transpose()?;
    let before = before.map_or(i64::MAX, |place| signed(place.arrival));
    let snapshot = Snapshot::take(shared, shared.connections.settings.search_timeout).await?;
    let page = page(&snapshot, shared, scope, query, before).await;
    snapshot.end(page).await
}

async fn page(
    snapshot: &Snapshot,
    shared: &Shared,
    scope: &Scope,
    query: &HistoryQuery,
    before: i64,
) -> Outcome<HistoryPage> {
    let doing = "reading a history";
    let most = limit(query.limit.saturating_add(1));
    let since = query.since.map_or(i64::MIN, Timestamp::milliseconds);
    let instance = match &query.range {
        HistoryRange::Instance(key) => Some(key),
        _ => None,
    };
    let asked = Keys::new(shared.schema_type, instance.into_iter());
    let mut arguments = asked.arguments();
    arguments.extend::<[Argument<'_>; 3]>([
        (&before, Type::INT8),
        (&most, Type::INT8),
        (&since, Type::INT8),
    ]);
    let span = query.at.map(|(from, to)| (from.milliseconds(), to.milliseconds()));
    let mut conditions = "v.updated >= $6".to_owned();
    if let Some((from, to)) = &span {
        arguments.push((from, Type::INT8));
        arguments.push((to, Type::INT8));
        let until = match instance {
            Some(_) => until("v.r", "v.version"),
            None => until("c.r", "c.version"),
        };
        conditions.push_str(&format!(" AND v.updated < $8 AND coalesce({until} > $7, true)"));
    }
    let allowed: Option<Vec<i16>>;
    let sql = if instance.is_some() {
        format!(
            "SELECT v.version, v.type, v.id, v.version, v.updated, v.kind, v.payload
             FROM {OF_ONE} v WHERE v.version < $4 AND {conditions}
             ORDER BY v.version DESC LIMIT $5"
        )
    } else {
        allowed = match (&query.range, &scope.principal().read) {
            (HistoryRange::Type(wanted), _) => Some(vec![type_column(*wanted)]),
            (_, Access::Types(types)) => Some(types.iter().map(|t| type_column(*t)).collect()),
            (_, Access::Everything) => None,
        };
        let mut typed = String::new();
        if let Some(allowed) = &allowed {
            arguments.push((allowed, Type::INT2_ARRAY));
            typed = format!("AND c.type = ANY(${})", arguments.len());
        }
        // A version that was purged and taken over again has two changes: the last one counts.
        format!(
            "SELECT c.seq, x.type, x.id, c.version, v.updated, v.kind, v.payload
             FROM @change c JOIN @resource x ON x.r = c.r JOIN {CHANGED} v ON true
             WHERE c.seq < $4 AND c.kind < 4 {typed} AND {conditions}
             ORDER BY c.seq DESC LIMIT $5"
        )
    };
    let mut rows = snapshot.transaction.rows(doing, &asked.sql(shared, &sql), &arguments).await?;
    let more = rows.len() > query.limit;
    rows.truncate(query.limit);
    let last = rows.last().filter(|_| more).map(|row| row.try_get::<_, i64>(0));
    let last = last.transpose().context(doing)?;
    let place = |at: i64| Place { values: Vec::new(), arrival: at.unsigned_abs() };
    let versions = rows.iter().map(|row| stored(row, 1)).collect::<Outcome<_>>()?;
    let total = match &query.range {
        HistoryRange::Instance(key) => Some(total(snapshot, shared, key).await?),
        _ => None,
    };
    Ok(HistoryPage { versions, next: last.map(|at| place(at).encode()), total })
}

async fn total(snapshot: &Snapshot, shared: &Shared, key: &Key) -> Outcome<u64> {
    let doing = "counting versions";
    let sql = format!("SELECT count(*) FROM {OF_ONE} v");
    let asked = Keys::new(shared.schema_type, std::iter::once(key));
    let rows =
        snapshot.transaction.rows(doing, &asked.sql(shared, &sql), &asked.arguments()).await?;
    let count = rows.first().map(|row| row.try_get::<_, i64>(0)).transpose().context(doing)?;
    Ok(count.unwrap_or_default().unsigned_abs())
}
