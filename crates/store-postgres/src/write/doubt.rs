//! A commit whose answer didn't come: was it written?
//!
//! `pg_xact_status` alone doesn't say. After a crash PostgreSQL gives the numbers again of transactions whose
//! records hadn't reached the disk, and a standby that is promoted those that it hadn't heard of: then it
//! tells what became of somebody else. So it is asked only whether a transaction of that number is under way;
//! what counts is whether a change is there that nobody else makes.

use super::plan::Plan;
use crate::collection::Shared;
use crate::error::{Context, Outcome};
use crate::transaction::{Argument, pause};
use cresset_store::StoreError;
use std::time::Duration;
use tokio_postgres::types::Type;
use tokio_postgres::{Client, Row};

/// How long the database may take to come back; then the client is told that nobody knows.
const LIMIT: Duration = Duration::from_secs(30);

const DOING: &str = "asking what became of a commit";

/// What tells a transaction apart from all others.
#[derive(Debug)]
pub(super) struct Identity {
    /// Its number.
    pub(super) number: String,
    /// One of its changes.
    pub(super) change: Option<Mark>,
}

/// A change. Another transaction may take its place in the sequence, or write the same version, but not both
/// in the same millisecond: whoever comes after a crash comes later.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mark {
    seq: i64,
    r: i64,
    version: i64,
    time: i64,
}

/// What became of a commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    Committed,
    /// Nothing of it was written, and nothing will be.
    Aborted,
    Unknown,
}

impl Mark {
    /// The last change of a plan that was written up to `seq` at the time `now`.
    pub(super) fn of(plan: &Plan<'_>, seq: i64, now: i64) -> Option<Self> {
        let last = plan.changes.last()?;
        let version = crate::rows::signed(last.version.number());
        Some(Self { seq, r: last.r, version, time: last.moment.at(now) })
    }
}

/// Asks until the database says it, or for too long.
pub(super) async fn fate(shared: &Shared, identity: &Identity) -> Fate {
    let asking = async {
        for question in 1_u32.. {
            match ask(shared, identity).await {
                Ok(Fate::Unknown) => {}
                Ok(fate) => return fate,
                Err(error) => tracing::debug!(%error, "a commit in doubt"),
            }
            pause(question.min(4) + 2).await;
        }
        Fate::Unknown
    };
    let fate = tokio::time::timeout(LIMIT, asking).await.unwrap_or(Fate::Unknown);
    tracing::warn!(?fate, "a commit in doubt was looked for");
    fate
}

async fn ask(shared: &Shared, identity: &Identity) -> Outcome<Fate> {
    let client = shared.connections.writer().await?;
    // The server may not have noticed yet that nobody listens, or may wait for a standby.
    if is_under_way(&client, &identity.number).await {
        return Ok(Fate::Unknown);
    }
    // Bookmarks and index keys without a change can be written again.
    let Some(mark) = identity.change else { return Ok(Fate::Aborted) };
    if !is_there(shared, &client, mark).await? {
        return Ok(Fate::Aborted);
    }
    // Perhaps it was cut short while it waited for a standby. This waits for that, and has to come
    // behind it.
    one(&client, "SELECT pg_current_xact_id()::text", &[]).await?;
    Ok(Fate::Committed)
}

/// Whether a transaction has this number now. It's an error when there was none yet, after a crash, say;
/// a connection that is lost fails again in what follows.
async fn is_under_way(client: &Client, number: &str) -> bool {
    let sql = "SELECT pg_xact_status(($1::text)::xid8) = 'in progress'";
    let row = one(client, sql, &[(&number, Type::TEXT)]).await;
    row.is_ok_and(|row| row.try_get::<_, Option<bool>>(0).ok().flatten().unwrap_or(false))
}

async fn is_there(shared: &Shared, client: &Client, mark: Mark) -> Outcome<bool> {
    let Mark { seq, r, version, time } = mark;
    let sql = shared.names.sql(
        "SELECT EXISTS (
           SELECT FROM @change WHERE seq = $1 AND r = $2 AND version = $3 AND time = $4)",
    );
    let arguments: [Argument<'_>; 4] =
        [(&seq, Type::INT8), (&r, Type::INT8), (&version, Type::INT8), (&time, Type::INT8)];
    one(client, &sql, &arguments).await?.try_get(0).context(DOING)
}

async fn one(client: &Client, sql: &str, arguments: &[Argument<'_>]) -> Outcome<Row> {
    let rows = client.query_typed(sql, arguments).await.context(DOING)?;
    let none = || StoreError::Backend { context: DOING, source: "there was no answer".into() };
    rows.into_iter().next().ok_or_else(none)
}
