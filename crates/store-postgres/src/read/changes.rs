use super::Snapshot;
use crate::collection::Shared;
use crate::error::{Context, Outcome, corrupt};
use crate::rows::{key, kind_numbered, limit, signed, version};
use crate::transaction::Argument;
use cresset_store::*;
use std::sync::Arc;
use tokio_postgres::Row;
use tokio_postgres::types::Type;

/// Changes after a cursor, in commit order.
pub(crate) async fn changes(shared: &Shared, cursor: Cursor, count: usize) -> Outcome<Changes> {
    let snapshot = Snapshot::take(shared, shared.connections.settings.search_timeout).await?;
    if cursor.incarnation != snapshot.settled.incarnation {
        return snapshot.end(Err(StoreError::Incarnation)).await;
    }
    let sql = shared.names.sql(
        "SELECT x.type, x.id, c.seq, c.version, c.previous, c.kind, c.time,
                b.principal, b.request, b.origin
         FROM (SELECT * FROM @change WHERE seq > $1 ORDER BY seq LIMIT $2) c
         JOIN @resource x ON x.r = c.r JOIN @batch b ON b.batch = c.batch ORDER BY c.seq",
    );
    let (after, most) = (signed(cursor.seq.0), limit(count.saturating_add(1)));
    let arguments: [Argument<'_>; 2] = [(&after, Type::INT8), (&most, Type::INT8)];
    let rows = snapshot.transaction.rows(DOING, &sql, &arguments).await;
    let mut rows = snapshot.end(rows).await?;
    let mut more = rows.len() > count;
    rows.truncate(count);
    let mut changes = rows.iter().map(change).collect::<Outcome<Vec<_>>>()?;
    let read = without_gap(&changes, cursor.seq);
    if read < changes.len() {
        changes.truncate(read);
        more = false;
    }
    let seq = changes.last().map_or(cursor.seq, |c| c.seq);
    Ok(Changes { changes, cursor: Cursor { seq, ..cursor }, more })
}

const DOING: &str = "reading changes";

/// How many changes follow the cursor without a gap. Each number has its change, so where one is missing,
/// a node of a cluster has yet to finish a commit that the others have finished.
fn without_gap(changes: &[Change], after: Seq) -> usize {
    let expected = (after.0 + 1)..;
    changes.iter().zip(expected).take_while(|(change, seq)| change.seq.0 == *seq).count()
}

fn change(row: &Row) -> Outcome<Change> {
    let number = |at: usize| row.try_get::<_, i64>(at).context(DOING);
    let text = |at: usize| {
        let text: Option<&str> = row.try_get(at).context(DOING)?;
        Ok::<_, StoreError>(text.map(Arc::from))
    };
    let previous: Option<i64> = row.try_get(4).context(DOING)?;
    let kind = kind_numbered(row.try_get(5).context(DOING)?);
    Ok(Change {
        seq: Seq(number(2)?.unsigned_abs()),
        key: key(row, 0)?,
        version: version(number(3)?)?,
        previous: previous.map(version).transpose()?,
        kind: kind.ok_or_else(|| corrupt("a change"))?,
        time: Timestamp::from_milliseconds(number(6)?),
        provenance: Provenance { principal: text(7)?, request: text(8)?, origin: text(9)? },
    })
}

/// The end of the change sequence: places are taken in the order of commits.
pub(crate) async fn horizon(shared: &Shared) -> Outcome<Cursor> {
    let client = shared.connections.reader().await?;
    let sql = shared.names.sql("SELECT incarnation, seq FROM @setting");
    let rows = client.query_typed(&sql, &[]).await.context(DOING)?;
    let row = rows.first().ok_or_else(|| corrupt("the collection has no settings"))?;
    let number = |at: usize| row.try_get::<_, i64>(at).context(DOING).map(i64::unsigned_abs);
    let (incarnation, seq) = (Incarnation(number(0)?), Seq(number(1)?));
    if incarnation != shared.incarnation {
        return Err(StoreError::UnknownCollection(shared.name.clone()));
    }
    Ok(Cursor { incarnation, seq })
}

/// A named cursor.
pub(crate) async fn bookmark(shared: &Shared, name: &str) -> Outcome<Option<Vec<u8>>> {
    let doing = "reading a bookmark";
    let client = shared.connections.reader().await?;
    let sql = shared.names.sql("SELECT value FROM @bookmark WHERE name = $1");
    let rows = client.query_typed(&sql, &[(&name, Type::TEXT)]).await.context(doing)?;
    rows.first().map(|row| row.try_get(0).context(doing)).transpose()
}
