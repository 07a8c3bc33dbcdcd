//! What commits leave for another process to enter into the index.

use crate::collection::Shared;
use crate::error::{Context, Outcome};
use crate::lookup::Keys;
use crate::rows::{key, version};
use crate::transaction::Argument;
use cresset_store::{
    Announcement, Consistency, IndexKeys, Key, StoreError, Timestamp, Unindexed, Verdict, Version,
};
use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};
use tokio_postgres::types::Type;

/// How soon the list is looked at again, at first and at most.
const PAUSES: (Duration, Duration) = (Duration::from_millis(2), Duration::from_millis(50));

/// Resources that are counted at most.
const COUNTED: i64 = 1_000_000;

/// Waits until nothing that a search must find is on the list.
pub(crate) async fn wait(shared: &Shared, consistency: Consistency) -> Outcome<()> {
    let doing = "waiting for the index";
    if consistency == Consistency::Eventual || !shared.is_remote() {
        return Ok(());
    }
    let begun = Instant::now();
    let seq = match consistency {
        Consistency::Since(seq) => i64::try_from(seq.0).unwrap_or(i64::MAX),
        _ => {
            let client = shared.connections.reader().await?;
            let sql = shared.names.sql("SELECT seq FROM @setting");
            let rows = client.query_typed(&sql, &[]).await.context(doing)?;
            rows.first().map_or(Ok(0), |row| row.try_get(0)).context(doing)?
        }
    };
    let sql = shared.names.sql("SELECT 1 FROM @index_pending WHERE seq <= $1 LIMIT 1");
    let mut pause = PAUSES.0;
    loop {
        // Not kept while nothing is asked: there are few.
        let client = shared.connections.reader().await?;
        let rows = client.query_typed(&sql, &[(&seq, Type::INT8)]).await.context(doing)?;
        drop(client);
        if rows.is_empty() {
            metrics::histogram!("cresset_index_wait_seconds").record(begun.elapsed().as_secs_f64());
            return Ok(());
        }
        if begun.elapsed() > shared.connections.settings.search_timeout {
            return Err(StoreError::index_lags());
        }
        tokio::time::sleep(pause).await;
        pause = PAUSES.1.min(pause * 2);
    }
}

/// What is on the list.
pub(crate) async fn unindexed(shared: &Shared, age: Duration, limit: usize) -> Outcome<Unindexed> {
    let doing = "looking for what isn't indexed";
    if !shared.is_remote() {
        return Ok(Unindexed::default());
    }
    let client = shared.connections.reader().await?;
    let sql = "SELECT count(*), min(since), (extract(epoch FROM clock_timestamp()) * 1000)::bigint
               FROM (SELECT since FROM @index_pending LIMIT $1) p";
    let sql = shared.names.sql(sql);
    let row = client.query_typed(&sql, &[(&COUNTED, Type::INT8)]).await.context(doing)?;
    let Some(row) = row.first() else { return Ok(Unindexed::default()) };
    let count: i64 = row.try_get(0).context(doing)?;
    let (oldest, now): (Option<i64>, i64) =
        (row.try_get(1).context(doing)?, row.try_get(2).context(doing)?);
    let ago = |since: i64| Duration::from_millis(u64::try_from(now - since).unwrap_or(0));
    let mut resources = Vec::new();
    if limit > 0 && count > 0 {
        let before = now.saturating_sub(i64::try_from(age.as_millis()).unwrap_or(i64::MAX));
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let sql =
            "SELECT x.type, x.id, x.version FROM @index_pending p JOIN @resource x ON x.r = p.r
                   WHERE p.since <= $1 ORDER BY p.seq LIMIT $2";
        let arguments: [Argument<'_>; 2] = [(&before, Type::INT8), (&limit, Type::INT8)];
        let rows = client.query_typed(&shared.names.sql(sql), &arguments).await.context(doing)?;
        for row in &rows {
            resources.push((key(row, 0)?, version(row.try_get(2).context(doing)?)?));
        }
    }
    Ok(Unindexed { count: count.unsigned_abs(), oldest: oldest.map(ago), resources })
}

/// Announces versions again that are still current.
pub(crate) async fn announce(
    shared: &Shared,
    entries: &[(Key, Version, IndexKeys)],
) -> Outcome<u64> {
    let doing = "announcing versions again";
    let Some(announcer) = &shared.announcer else { return Ok(0) };
    let client = shared.connections.reader().await?;
    let asked = Keys::new(shared.schema_type, entries.iter().map(|(key, ..)| key));
    let sql = "SELECT x.type, x.id, x.version, x.r, x.updated FROM @resource x
               WHERE #keys AND x.kind IN (1, 2)";
    let sql = asked.sql(shared, sql);
    let mut current = HashMap::new();
    for row in client.query_typed(&sql, &asked.arguments()).await.context(doing)? {
        let found: (i64, i64) = (row.try_get(3).context(doing)?, row.try_get(4).context(doing)?);
        current.insert((key(&row, 0)?, version(row.try_get(2).context(doing)?)?), found);
    }
    drop(client);
    let announcements = entries.iter().filter_map(|(key, version, keys)| {
        let (number, updated) = *current.get(&(key.clone(), *version))?;
        Some(Announcement {
            key: key.clone(),
            number,
            version: *version,
            updated: Timestamp::from_milliseconds(updated),
            transaction: None,
            keys: keys.clone(),
        })
    });
    let announcements: Vec<_> = announcements.collect();
    announcer.announce(&shared.collection, &announcements).await?;
    Ok(announcements.len() as u64)
}

/// Tells those that came too early from those whose transaction was given up. Of one that the database
/// knows nothing of any more, or yet, nothing is told.
pub(crate) async fn settle_early(
    shared: &Shared,
    announcements: &[Announcement],
    verdicts: &mut [Verdict],
) -> Outcome<()> {
    let doing = "asking what became of transactions";
    let early = |(announced, verdict): (&Announcement, &Verdict)| {
        announced.transaction.filter(|_| *verdict == Verdict::Early)
    };
    let asked: HashSet<u64> = announcements.iter().zip(&*verdicts).filter_map(early).collect();
    if asked.is_empty() {
        return Ok(());
    }
    let numbers: Vec<String> = asked.iter().map(u64::to_string).collect();
    let sql = "SELECT n FROM unnest($1::text[]) AS t(n)
               WHERE CASE WHEN n::xid8 < pg_snapshot_xmax(pg_current_snapshot())
                          THEN pg_xact_status(n::xid8) = 'aborted' ELSE false END";
    let client = shared.connections.reader().await?;
    let rows = client.query_typed(sql, &[(&numbers, Type::TEXT_ARRAY)]).await.context(doing)?;
    let mut aborted = HashSet::new();
    for row in &rows {
        aborted.insert(row.try_get::<_, String>(0).context(doing)?);
    }
    for (announced, verdict) in announcements.iter().zip(verdicts) {
        let number = announced.transaction.map(|number| number.to_string());
        if *verdict == Verdict::Early && number.is_some_and(|number| aborted.contains(&number)) {
            *verdict = Verdict::Aborted;
        }
    }
    Ok(())
}
