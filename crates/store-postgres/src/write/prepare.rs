//! The first step of a commit: identity rows, locks, and what is there.

use super::plan::NewRow;
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

/// A resource that has a number and no row yet.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fresh {
    pub(super) r: i64,
    /// Whether another resource refers to it, so that it needs a row in any case.
    pub(super) referred: bool,
}

/// What a commit has to know before it writes. All resources that it writes are locked.
#[derive(Debug)]
pub(super) struct Prepared {
    pub(super) rows: HashMap<Key, RowState>,
    pub(super) fresh: HashMap<Key, Fresh>,
    /// Whether index keys are kept only, and not entered.
    pub(super) deferred: bool,
    /// How often the index was deferred or built so far.
    pub(super) build: i64,
    /// The transaction's number.
    pub(super) transaction: String,
}

impl Prepared {
    /// Those that need a row because others refer to them, and aren't written themselves: in the order
    /// in which everybody enters them.
    pub(super) fn stubs(&self, written: &[&NewRow<'_>]) -> Vec<(Key, i64)> {
        let written: HashSet<&Key> = written.iter().map(|row| row.version.key).collect();
        let referred =
            self.fresh.iter().filter(|(key, fresh)| fresh.referred && !written.contains(key));
        let mut stubs: Vec<_> = referred.map(|(key, fresh)| (key.clone(), fresh.r)).collect();
        stubs.sort_unstable();
        stubs
    }
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
    let new: Vec<&Key> = new.filter(|key| seen.insert(*key)).collect();
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
    let count = new.len() as i64;
    statements.push(Statement {
        doing: "numbering resources",
        sql: shared.names.sql(NUMBERS),
        arguments: vec![(&count, Type::INT8)],
    });
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
    number(&mut prepared, &new, referred, known, &answers[at - 1])?;
    add_history(&mut prepared, requests, &answers[at + 2])?;
    Ok(prepared)
}

const SETTING: &str =
    "SELECT incarnation, deferred, build, pg_current_xact_id()::text FROM @setting";

/// For as many resources as may be new; what isn't needed is left out.
const NUMBERS: &str = "SELECT nextval('@arrival') FROM generate_series(1, $1)";

const LOCK: &str = "
SELECT x.type, x.id, x.r, x.version, x.updated, x.kind, x.keys FROM @resource x
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
        fresh: HashMap::new(),
        deferred: row.try_get(1).context(doing)?,
        build: row.try_get(2).context(doing)?,
        transaction: row.try_get(3).context(doing)?,
    })
}

/// Gives numbers, in order, to those of `new` that have no row. The rows are entered with the writes:
/// whoever else enters one meanwhile makes this commit begin again.
fn number(
    prepared: &mut Prepared,
    new: &[&Key],
    referred: &HashSet<Key>,
    known: &mut Known,
    numbers: &[Row],
) -> Outcome<()> {
    let unknown = new.iter().filter(|key| !known.resources.contains_key(**key));
    let unknown: Vec<&Key> = unknown.copied().collect();
    for (key, row) in unknown.into_iter().zip(numbers) {
        let r = row.try_get(0).context("numbering resources")?;
        known.resources.insert(key.clone(), r);
        let fresh = Fresh { r, referred: referred.contains(key) };
        prepared.fresh.insert(key.clone(), fresh);
        prepared.rows.insert(key.clone(), RowState::fresh(r));
    }
    Ok(())
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
