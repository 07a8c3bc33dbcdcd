//! The first step of a commit: identity rows, locks, and what is there.

use super::request::Request;
use super::row_state::RowState;
use crate::collection::Shared;
use crate::error::{Context, Outcome, corrupt};
use crate::rows::{key, key_columns, kind_number, version};
use crate::transaction::{Statement, Transaction, milliseconds};
use crate::vocabulary::Known;
use cresset_store::{ChangeKind, Key, StoreError};
use std::collections::{HashMap, HashSet};
use tokio_postgres::Row;
use tokio_postgres::types::Type;

/// What a commit has to know before it writes. All resources that it writes are locked.
#[derive(Debug)]
pub(super) struct Prepared {
    pub(super) rows: HashMap<Key, RowState>,
    /// Whether index keys are kept only, and not entered.
    pub(super) deferred: bool,
    /// How often the index was deferred or built so far.
    pub(super) build: i64,
    /// The transaction's number.
    pub(super) transaction: String,
}

/// Begins the transaction, enters and locks. `known` gets the surrogates of `referred`.
pub(super) async fn prepare(
    transaction: &Transaction,
    shared: &Shared,
    requests: &[&Request],
    referred: &HashSet<Key>,
    known: &mut Known,
) -> Outcome<Prepared> {
    let mut seen = HashSet::new();
    // In the order of the requests, which is that of arrival; what is only referred to comes last.
    let new = requests.iter().flat_map(|request| request.new_keys()).chain(sorted(referred));
    let new = key_columns(new.filter(|key| seen.insert(*key)));
    let written: HashSet<&Key> = requests.iter().flat_map(|request| request.keys()).collect();
    let written = key_columns(written.into_iter());
    let others = key_columns(referred.iter());
    let past: HashSet<&Key> = requests.iter().flat_map(|r| r.keys_with_history()).collect();
    let past = key_columns(past.into_iter());
    let with_keys = |doing, sql: &str, keys| with_keys(shared, doing, sql, keys);
    let mut statements = vec![Statement {
        doing: "reading a collection's settings",
        sql: shared.names.sql(SETTING),
        arguments: Vec::new(),
    }];
    // The others ask about the same keys, and must come after it.
    if !new.0.is_empty() {
        statements.push(with_keys("entering resources", ENTER, &new));
    }
    let at = statements.len();
    statements.push(with_keys("locking resources", LOCK, &written));
    statements.push(with_keys("looking up resources", REFERRED, &others));
    statements.push(with_keys("reading past versions", PAST, &past));
    let answers = transaction.pipeline(Some(&begin(shared)), &statements).await?;
    let mut prepared = settings(shared, &answers[0])?;
    for row in &answers[at] {
        let (key, state) = (key(row, 0)?, RowState::read(row, 2)?);
        known.resources.insert(key.clone(), state.r);
        prepared.rows.insert(key, state);
    }
    for row in &answers[at + 1] {
        known.resources.insert(key(row, 0)?, row.try_get(2).context("looking up resources")?);
    }
    add_history(&mut prepared, requests, &answers[at + 2])?;
    Ok(prepared)
}

const SETTING: &str =
    "SELECT incarnation, deferred, build, pg_current_xact_id()::text FROM @setting";

/// Numbers go up in the order given; rows are entered in one order by everybody, so that nobody
/// waits in a circle.
const ENTER: &str = "
INSERT INTO @resource(r, type, id, version, seq, updated, kind)
SELECT n.r, n.type, n.id, 0, 0, 0, 0 FROM (
  SELECT nextval('@arrival') AS r, m.type, m.id FROM (
    SELECT g.type, g.id
    FROM unnest($1::smallint[], $2::text[]) WITH ORDINALITY AS g(type, id, place)
    LEFT JOIN @resource e ON e.type = g.type AND e.id = g.id
    WHERE e.r IS NULL ORDER BY g.place OFFSET 0) m
  OFFSET 0) n
ORDER BY n.type, n.id COLLATE \"C\"
ON CONFLICT (type, id) DO NOTHING";

const LOCK: &str = "
SELECT x.type, x.id, x.r, x.version, x.updated, x.kind, x.keys, x.highest
FROM @resource x
WHERE (x.type, x.id) IN (SELECT g.type, g.id FROM unnest($1::smallint[], $2::text[]) AS g(type, id))
ORDER BY x.type, x.id FOR NO KEY UPDATE OF x";

const REFERRED: &str = "
SELECT x.type, x.id, x.r FROM @resource x
WHERE (x.type, x.id) IN (SELECT g.type, g.id FROM unnest($1::smallint[], $2::text[]) AS g(type, id))";

const PAST: &str = "
SELECT x.type, x.id, h.version, h.kind FROM @resource x JOIN @history h ON h.r = x.r
WHERE (x.type, x.id) IN (SELECT g.type, g.id FROM unnest($1::smallint[], $2::text[]) AS g(type, id))";

fn begin(shared: &Shared) -> String {
    let settings = &shared.connections.settings;
    format!(
        "BEGIN ISOLATION LEVEL READ COMMITTED, READ WRITE; SET LOCAL statement_timeout = {}; \
         SET LOCAL lock_timeout = {}; SET LOCAL idle_in_transaction_session_timeout = 60000",
        milliseconds(settings.write_timeout),
        milliseconds(settings.lock_timeout)
    )
}

fn with_keys<'a>(
    shared: &Shared,
    doing: &'static str,
    sql: &str,
    keys: &'a (Vec<i16>, Vec<&'a str>),
) -> Statement<'a> {
    let arguments: Vec<crate::transaction::Argument<'a>> =
        vec![(&keys.0, Type::INT2_ARRAY), (&keys.1, Type::TEXT_ARRAY)];
    Statement { doing, sql: shared.names.sql(sql), arguments }
}

fn sorted(keys: &HashSet<Key>) -> impl Iterator<Item = &Key> {
    let mut keys: Vec<&Key> = keys.iter().collect();
    keys.sort_unstable();
    keys.into_iter()
}

fn settings(shared: &Shared, rows: &[Row]) -> Outcome<Prepared> {
    let doing = "reading a collection's settings";
    let row = rows.first().ok_or_else(|| corrupt("the collection has no settings"))?;
    let incarnation: i64 = row.try_get(0).context(doing)?;
    // Removed and made again by another process: what is remembered of it isn't true any more.
    if incarnation.unsigned_abs() != shared.incarnation.0 {
        return Err(StoreError::UnknownCollection(shared.name.clone()));
    }
    Ok(Prepared {
        rows: HashMap::new(),
        deferred: row.try_get(1).context(doing)?,
        build: row.try_get(2).context(doing)?,
        transaction: row.try_get(3).context(doing)?,
    })
}

fn add_history(prepared: &mut Prepared, requests: &[&Request], rows: &[Row]) -> Outcome<()> {
    for key in requests.iter().flat_map(|request| request.keys_with_history()) {
        if let Some(state) = prepared.rows.get_mut(key) {
            state.history.get_or_insert_default();
        }
    }
    for row in rows {
        let doing = "reading past versions";
        let number = version(row.try_get(2).context(doing)?)?;
        let kind: i16 = row.try_get(3).context(doing)?;
        let history = prepared.rows.get_mut(&key(row, 0)?).and_then(|s| s.history.as_mut());
        if let Some(history) = history {
            history.insert(number, kind != kind_number(ChangeKind::Delete));
        }
    }
    Ok(())
}
