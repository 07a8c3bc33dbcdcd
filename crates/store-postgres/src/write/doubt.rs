//! A commit whose answer didn't come: was it written?

use super::plan::Plan;
use crate::collection::Shared;
use crate::dial::timeline;
use crate::error::{Context, Outcome};
use crate::transaction::pause;
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
    /// Its number, which is its own on one timeline.
    pub(super) number: String,
    /// That of the server on which it began.
    pub(super) timeline: Option<u32>,
    /// One of its changes.
    pub(super) change: Option<Mark>,
}

/// A change: nobody else writes the same version at the same place and time.
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
    let fate = match (identity.timeline, timeline(&client).await) {
        (then, now) if then == now => by_number(&client, &identity.number).await?,
        (Some(then), Some(now)) if then < now => by_change(shared, &client, identity).await?,
        _ => Fate::Unknown,
    };
    if fate == Fate::Committed {
        // Perhaps it was cut short while it waited for a standby. This waits for that, and has to come
        // behind it.
        one(&client, "SELECT pg_current_xact_id()::text", &[]).await?;
    }
    Ok(fate)
}

async fn by_number(client: &Client, number: &str) -> Outcome<Fate> {
    let sql = "SELECT pg_xact_status(($1::text)::xid8)";
    let row = one(client, sql, &[(&number, Type::TEXT)]).await?;
    let status: Option<&str> = row.try_get(0).context(DOING)?;
    Ok(match status {
        Some("committed") => Fate::Committed,
        Some("aborted") => Fate::Aborted,
        // Under way: the server hasn't noticed yet.
        _ => Fate::Unknown,
    })
}

/// After a fail-over: a transaction that the standby hadn't heard of has lent its number to another one.
async fn by_change(shared: &Shared, client: &Client, identity: &Identity) -> Outcome<Fate> {
    let Some(Mark { seq, r, version, time }) = identity.change else { return Ok(Fate::Unknown) };
    // Behind PgBouncer it may have begun on this server after all. One that this server never gave out
    // is an error.
    if by_number(client, &identity.number).await.is_ok_and(|fate| fate == Fate::Unknown) {
        return Ok(Fate::Unknown);
    }
    let sql = shared.names.sql(
        "SELECT EXISTS (
           SELECT FROM @change WHERE seq = $1 AND r = $2 AND version = $3 AND time = $4)",
    );
    let number = |value| (value as &(dyn tokio_postgres::types::ToSql + Sync), Type::INT8);
    let arguments = [number(&seq), number(&r), number(&version), number(&time)];
    let there: bool = one(client, &sql, &arguments).await?.try_get(0).context(DOING)?;
    Ok(if there { Fate::Committed } else { Fate::Aborted })
}

async fn one(
    client: &Client,
    sql: &str,
    arguments: &[crate::transaction::Argument<'_>],
) -> Outcome<Row> {
    let rows = client.query_typed(sql, arguments).await.context(DOING)?;
    let none = || StoreError::Backend { context: DOING, source: "there was no answer".into() };
    rows.into_iter().next().ok_or_else(none)
}
