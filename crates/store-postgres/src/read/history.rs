use super::Snapshot;
use crate::collection::Shared;
use crate::error::{Context, Outcome};
use crate::rows::{limit, signed, stored, type_column};
use crate::transaction::Argument;
use cresset_store::position::Place;
use cresset_store::*;
use tokio_postgres::types::Type;

/// Every version that is there: current ones and past ones.
const VERSIONS: &str = "(
  SELECT r, version, seq, updated, kind, payload FROM @resource WHERE kind IN (1, 2, 3)
  UNION ALL SELECT r, version, seq, updated, kind, payload FROM @history)";

/// When the version after `v` came, if there is one.
const UNTIL: &str = "(
  SELECT n.updated FROM (
    SELECT r, version, updated FROM @resource WHERE kind IN (1, 2, 3)
    UNION ALL SELECT r, version, updated FROM @history) n
  WHERE n.r = v.r AND n.version > v.version ORDER BY n.version LIMIT 1)";

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
    let mut arguments: Vec<Argument<'_>> =
        vec![(&before, Type::INT8), (&most, Type::INT8), (&since, Type::INT8)];
    let span = query.at.map(|(from, to)| (from.milliseconds(), to.milliseconds()));
    let mut conditions = "v.updated >= $3".to_owned();
    if let Some((from, to)) = &span {
        arguments.push((from, Type::INT8));
        arguments.push((to, Type::INT8));
        conditions.push_str(&format!(" AND v.updated < $5 AND coalesce({UNTIL} > $4, true)"));
    }
    let next = arguments.len() + 1;
    let (mut of, mut id) = (Vec::new(), "");
    let by_version = if let HistoryRange::Instance(key) = &query.range {
        of.push(type_column(key.resource_type));
        id = key.id.as_str();
        true
    } else {
        false
    };
    let sql = if by_version {
        format!(
            "SELECT v.version, x.type, x.id, v.version, v.updated, v.kind, v.payload
             FROM @resource x JOIN {VERSIONS} v ON v.r = x.r
             WHERE x.type = ($@0)[1] AND x.id = $@1 AND v.version < $1 AND {conditions}
             ORDER BY v.version DESC LIMIT $2"
        )
    } else {
        let allowed = match (&query.range, &scope.principal().read) {
            (HistoryRange::Type(wanted), _) => Some(vec![type_column(*wanted)]),
            (_, Access::Types(types)) => Some(types.iter().map(|t| type_column(*t)).collect()),
            (_, Access::Everything) => None,
        };
        let typed = if allowed.is_some() { "AND c.type = ANY($@0)" } else { "" };
        of = allowed.unwrap_or_default();
        // A version that was purged and taken over again has two changes: the last one counts.
        format!(
            "SELECT c.seq, x.type, x.id, v.version, v.updated, v.kind, v.payload
             FROM @change c JOIN @resource x ON x.r = c.r
             JOIN {VERSIONS} v ON v.r = c.r AND v.version = c.version AND v.seq = c.seq
             WHERE c.seq < $1 AND c.kind < 4 {typed} AND {conditions}
             ORDER BY c.seq DESC LIMIT $2"
        )
    };
    let sql = sql.replace("$@0", &format!("${next}")).replace("$@1", &format!("${}", next + 1));
    if sql.contains(&format!("${next}")) {
        arguments.push((&of, Type::INT2_ARRAY));
    }
    if by_version {
        arguments.push((&id, Type::TEXT));
    }
    let mut rows = snapshot.transaction.rows(doing, &shared.names.sql(&sql), &arguments).await?;
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
    let sql = format!(
        "SELECT count(*) FROM @resource x JOIN {VERSIONS} v ON v.r = x.r
         WHERE x.type = $1 AND x.id = $2"
    );
    let (of, id) = (type_column(key.resource_type), key.id.as_str());
    let arguments: [Argument<'_>; 2] = [(&of, Type::INT2), (&id, Type::TEXT)];
    let rows = snapshot.transaction.rows(doing, &shared.names.sql(&sql), &arguments).await?;
    let count = rows.first().map(|row| row.try_get::<_, i64>(0)).transpose().context(doing)?;
    Ok(count.unwrap_or_default().unsigned_abs())
}
