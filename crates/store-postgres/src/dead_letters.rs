//! Announcements that can't be read or entered, in a table beside the collections'.

use crate::connection::Connections;
use crate::error::{Context, Kind, Outcome, kind};
use crate::names::Names;
use crate::tables::locked;
use cresset_store::DeadLetter;
use tokio_postgres::types::Type;

const DOING: &str = "keeping a dead letter";

const TABLE: &str = "
CREATE TABLE IF NOT EXISTS @dead_letter(
  topic text NOT NULL, part int NOT NULL, place bigint NOT NULL, time timestamptz NOT NULL DEFAULT now(),
  problem text NOT NULL, message bytea NOT NULL, PRIMARY KEY (topic, part, place))";

/// The schema of what belongs to no collection.
fn names(base: &str) -> Names {
    Names::new(format!("{base}_remote_index"))
}

/// Keeps one; the table is made for the first.
pub(crate) async fn bury(connections: &Connections, base: &str, letter: DeadLetter) -> Outcome<()> {
    let names = names(base);
    match insert(connections, &names, &letter).await {
        Err(error) if kind(&error) == Kind::NoTables => {
            let transaction = locked(connections, &names).await?;
            let schema = format!("CREATE SCHEMA IF NOT EXISTS {}; ", names.schema());
            let made = transaction.client()?.batch_execute(&(schema + &names.sql(TABLE))).await;
            made.context(DOING)?;
            transaction.commit().await?;
            insert(connections, &names, &letter).await
        }
        outcome => outcome,
    }
}

async fn insert(connections: &Connections, names: &Names, letter: &DeadLetter) -> Outcome<()> {
    let client = connections.writer().await?;
    let sql = names.sql(
        "INSERT INTO @dead_letter(topic, part, place, problem, message) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT DO NOTHING",
    );
    let DeadLetter { topic, partition, offset, problem, message } = letter;
    let problem = problem.replace('\0', "\u{fffd}");
    client
        .query_typed(
            &sql,
            &[
                (topic, Type::TEXT),
                (partition, Type::INT4),
                (offset, Type::INT8),
                (&problem, Type::TEXT),
                (message, Type::BYTEA),
            ],
        )
        .await
        .context(DOING)
        .map(|_| ())
}

/// How many there are.
pub(crate) async fn count(connections: &Connections, base: &str) -> Outcome<u64> {
    let client = connections.reader().await?;
    let sql = names(base).sql("SELECT count(*) FROM @dead_letter");
    match client.query_typed(&sql, &[]).await.context("counting dead letters") {
        Err(error) if kind(&error) == Kind::NoTables => Ok(0),
        rows => {
            let count = rows?.first().map(|row| row.try_get::<_, i64>(0)).transpose();
            Ok(count.context("counting dead letters")?.unwrap_or_default().unsigned_abs())
        }
    }
}
