//! The first step of a commit: identity rows, locks, and what is there.

use super::plan::NewRow;
use super::request::Request;
use super::row_state::RowState;
use crate::collection::Shared;
use crate::error::{Context, Outcome, corrupt};
use crate::lookup::Keys;
use crate::rows::{key, kind_number, type_column, version};
use crate::schema_type::{SchemaType, distribution_key};
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
    /// Its place in the order of arrival.
    pub(super) arrival: i64,
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
    /// Of the resources whose keys were announced those that wait for them.
    pub(super) pending: HashSet<i64>,
    /// Whether something may wait for another process to index it.
    pub(super) remote: bool,
    /// The transaction's number.
    pub(super) transaction: String,
    /// The time by the database's clock, not before any that was committed.
    pub(super) now: i64,
}

impl Prepared {
    /// Those that need a row without a version, because another resource refers to them or a change is
    /// about them: in the order in which everybody enters them.
    pub(super) fn stubs(
        &self,
        written: &[&NewRow<'_>],
        touched: &HashSet<&Key>,
    ) -> Vec<(Key, Fresh)> {
        let written: HashSet<&Key> = written.iter().map(|row| row.version.key).collect();
        let referred = self.fresh.iter().filter(|(key, fresh)| {
            (fresh.referred || touched.contains(key)) && !written.contains(key)
        });
        let mut stubs: Vec<_> = referred.map(|(key, fresh)| (key.clone(), *fresh)).collect();
        stubs.sort_unstable_by(|a, b| a.0.cmp(&b.0));
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
    let kind = shared.schema_type;
    let written = Keys::new(kind, written.iter().copied());
    let others = Keys::new(kind, referred.iter());
    let past: HashSet<&Key> = requests.iter().flat_map(|r| r.keys_with_history()).collect();
    let past = Keys::new(kind, past.iter().copied());
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
    let lock = match kind {
        SchemaType::Plain => LOCK,
        SchemaType::Distributed => LOOK,
    };
    statements.push(with_keys(shared, "locking resources", lock, &written));
    statements.push(with_keys(shared, "looking up resources", REFERRED, &others));
    statements.push(with_keys(shared, "reading past versions", PAST, &past));
    let mut answers = transaction.pipeline(Some(&begin(shared)), &statements).await?;
    let mut prepared = settings(shared, &answers[0])?;
    if kind == SchemaType::Distributed {
        answers[at] = lock_each(transaction, shared, &answers[at]).await?;
        // What was looked up before the locks were there may be older than they are.
        let again = [with_keys(shared, "reading past versions", PAST, &past)];
        if !past.numbers().is_empty() && !answers[at].is_empty() {
            answers[at + 2] = transaction.pipeline(None, &again).await?.remove(0);
        }
        require_names(&written, &answers[at])?;
        require_names(&others, &answers[at + 1])?;
    }
    for row in &answers[at] {
        let (key, state) = (key(row, 0)?, RowState::read(row, 2)?);
        known.resources.insert(key.clone(), state.r);
        prepared.rows.insert(key, state);
    }
    for row in &answers[at + 1] {
        known.resources.insert(key(row, 0)?, row.try_get(2).context("looking up resources")?);
    }
    if requests.iter().any(|request| matches!(request, Request::Index(_))) {
        // By now nobody else strikes them off.
        let locked: Vec<i64> = prepared.rows.values().map(|state| state.r).collect();
        let doing = "looking for what isn't indexed";
        let sql = shared.names.sql("SELECT r FROM @index_pending WHERE r = ANY($1)");
        for row in transaction.rows(doing, &sql, &[(&locked, Type::INT8_ARRAY)]).await? {
            prepared.pending.insert(row.try_get(0).context(doing)?);
        }
    }
    number(kind, &mut prepared, &new, referred, known, &answers[at - 1])?;
    add_history(&mut prepared, requests, &answers[at + 2])?;
    Ok(prepared)
}

const SETTING: &str = "
SELECT incarnation, deferred, build, pg_current_xact_id()::text, form, remote,
       greatest(time, (extract(epoch FROM clock_timestamp()) * 1000)::bigint)
FROM @setting";

/// For as many resources as may be new; what isn't needed is left out.
const NUMBERS: &str = "SELECT nextval('@arrival') FROM generate_series(1, $1)";

const LOCK: &str = "
SELECT x.type, x.id, x.r, x.version, x.updated, x.kind, x.keys, x.highest
FROM @resource x WHERE #keys ORDER BY x.type, x.id FOR NO KEY UPDATE OF x";

/// In a distributed schema: which rows there are. Each is locked by a statement of its own, since Citus
/// locks rows of one shard at a time; rows that aren't there yet need none.
const LOOK: &str = "
SELECT x.type, x.id, x.r FROM @resource x WHERE x.r = ANY($3::bigint[]) ORDER BY x.r";

const LOCK_ONE: &str = "
SELECT x.type, x.id, x.r, x.version, x.updated, x.kind, x.keys, x.highest
FROM @resource x WHERE x.r = $1 FOR NO KEY UPDATE";

const REFERRED: &str = "SELECT x.type, x.id, x.r FROM @resource x WHERE #number";

const PAST: &str = "
SELECT x.type, x.id, h.version, h.kind FROM @resource x JOIN @history h ON h.r = x.r WHERE #keys";

fn begin(shared: &Shared) -> String {
    let settings = &shared.connections.settings;
    format!(
        "BEGIN ISOLATION LEVEL READ COMMITTED, READ WRITE; SET LOCAL statement_timeout = {}; \
         SET LOCAL lock_timeout = {}; SET LOCAL jit = off; SET LOCAL idle_in_transaction_session_timeout = 60000",
        milliseconds(settings.write_timeout),
        milliseconds(settings.lock_timeout)
    )
}

fn with_keys<'a>(
    shared: &Shared,
    doing: &'static str,
    sql: &str,
    keys: &'a Keys<'a>,
) -> Statement<'a> {
    // By number alone in a distributed schema, so that a number of two resources is noticed.
    let by_number = match shared.schema_type {
        SchemaType::Plain => "#keys",
        SchemaType::Distributed => "x.r = ANY($3::bigint[])",
    };
    let sql = keys.sql(shared, &sql.replace("#number", by_number));
    Statement { doing, sql, arguments: keys.arguments() }
}

/// Locks the rows that were found, all in the same order.
async fn lock_each(transaction: &Transaction, shared: &Shared, found: &[Row]) -> Outcome<Vec<Row>> {
    let doing = "locking resources";
    let numbers = found.iter().map(|row| row.try_get(2).context(doing));
    let numbers: Vec<i64> = numbers.collect::<Outcome<_>>()?;
    let statements: Vec<Statement<'_>> = numbers
        .iter()
        .map(|r| Statement {
            doing,
            sql: shared.names.sql(LOCK_ONE),
            arguments: vec![(r, Type::INT8)],
        })
        .collect();
    let answers = transaction.pipeline(None, &statements).await?;
    Ok(answers.into_iter().flatten().collect())
}

/// Refuses what would give two resources one number: there are 2^63 of them, so this is one write in
/// billions, and another id will do.
fn require_names(asked: &Keys<'_>, found: &[Row]) -> Outcome<()> {
    let asked = asked.names();
    for row in found {
        let key = key(row, 0)?;
        if !asked.contains(&(type_column(key.resource_type), key.id.as_str())) {
            return Err(StoreError::Backend {
                context: "numbering resources",
                source: "the number of a resource to be written or referred to is taken by another one: use another id".into(),
            });
        }
    }
    Ok(())
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
    shared.is_still(incarnation, row.try_get(4).context(doing)?)?;
    Ok(Prepared {
        rows: HashMap::new(),
        pending: HashSet::new(),
        fresh: HashMap::new(),
        deferred: row.try_get(1).context(doing)?,
        build: row.try_get(2).context(doing)?,
        remote: row.try_get(5).context(doing)?,
        transaction: row.try_get(3).context(doing)?,
        now: row.try_get(6).context(doing)?,
    })
}

/// Gives numbers, in order, to those of `new` that have no row. The rows are entered with the writes:
/// whoever else enters one meanwhile makes this commit begin again.
fn number(
    kind: SchemaType,
    prepared: &mut Prepared,
    new: &[&Key],
    referred: &HashSet<Key>,
    known: &mut Known,
    numbers: &[Row],
) -> Outcome<()> {
    let unknown = new.iter().filter(|key| !known.resources.contains_key(**key));
    let unknown: Vec<&Key> = unknown.copied().collect();
    for (key, row) in unknown.into_iter().zip(numbers) {
        let arrival = row.try_get(0).context("numbering resources")?;
        let r = match kind {
            SchemaType::Plain => arrival,
            SchemaType::Distributed => distribution_key(key),
        };
        known.resources.insert(key.clone(), r);
        let fresh = Fresh { r, arrival, referred: referred.contains(key) };
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
