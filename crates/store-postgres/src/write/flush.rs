//! Writing a plan: few statements, whatever its size, in one round trip.

use super::group::Group;
use super::plan::{NewRow, NewVersion, Plan};
use crate::error::{Context, Outcome, overtaken};
use crate::rows::{key_columns, kind_number, signed, type_column};
use crate::schema_type::SchemaType;
use crate::transaction::{Argument, Statement};
use cresset_store::{Payload, Provenance};
use tokio_postgres::Row;
use tokio_postgres::types::Type;

/// The place in the change sequence and the time, without taking a place.
const LOOK: &str = "
SELECT seq, greatest(time, (extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM @setting";

/// Takes places. From here to the end of the transaction nobody else does, so they are taken in the
/// order of commits; the clock doesn't go back, not even where the machine's does. The time may have been
/// promised.
const RAISE: &str = "
UPDATE @setting
SET seq = seq + $1, remote = remote OR $3,
    time = greatest(time, coalesce($4, (extract(epoch FROM clock_timestamp()) * 1000)::bigint))
WHERE build = $2 RETURNING seq, time";

/// What changes nothing but the index takes no place and keeps nobody waiting; only the index isn't
/// deferred or built meanwhile.
const STAY: &str = "
SELECT seq, greatest(time, (extract(epoch FROM clock_timestamp()) * 1000)::bigint)
FROM @setting WHERE build = $1 FOR KEY SHARE";

/// The first version that isn't indexed counts.
const LEAVE: &str = "
INSERT INTO @index_pending(r, seq, since)
SELECT d.r, s.seq - $1 + d.ordinal, s.time FROM unnest($2::bigint[], $3::bigint[]) AS d(r, ordinal), @setting s
ON CONFLICT (r) DO NOTHING";

const SETTLE: &str = "DELETE FROM @index_pending WHERE r = ANY($1)";

const RAISING: &str = "raising the change sequence";

const RETIRE: &str = "
INSERT INTO @history(r, version, seq, updated, kind, payload)
SELECT r, version, seq, updated, kind, payload FROM @resource WHERE r = ANY($1)";

const DELETE_VALUES: &str = "
DELETE FROM @value x
USING unnest($1::bigint[], $2::bytea[], $3::bytea[]) AS d(r, k, more)
WHERE x.k = d.k AND x.r = d.r AND x.more IS NOT DISTINCT FROM d.more";

const DELETE_REFERENCES: &str = "
DELETE FROM @reference x
USING unnest($1::int[], $2::bigint[], $3::bytea[], $4::bigint[]) AS d(p, target, more, r)
WHERE x.p = d.p AND x.target = d.target AND x.r = d.r AND x.more IS NOT DISTINCT FROM d.more";

const DELETE_WORDS: &str = "DELETE FROM @words WHERE r = ANY($1)";

/// All of a resource together: see `tables.rs`.
pub(crate) const INSERT_VALUES: &str = "
INSERT INTO @value(r, k, more)
SELECT d.r, d.k, d.more FROM unnest($1::bigint[], $2::bytea[], $3::bytea[]) AS d(r, k, more)
ORDER BY d.r";

pub(crate) const INSERT_WORDS: &str = "
INSERT INTO @words AS w (r, words)
SELECT d.r, d.words::tsvector FROM unnest($1::bigint[], $2::text[]) AS d(r, words)
ON CONFLICT (r) DO UPDATE SET words = excluded.words";

pub(crate) const INSERT_REFERENCES: &str = "
INSERT INTO @reference(p, target, more, r)
SELECT d.p, d.target, d.more, d.r
FROM unnest($1::int[], $2::bigint[], $3::bytea[], $4::bigint[]) AS d(p, target, more, r)
ORDER BY d.r";

/// Fails where somebody else has entered one of them.
const INSERT_STUBS: &str = "
INSERT INTO @resource(r, type, id, version, seq, updated, kind#arrival)
SELECT g.r, g.type, g.id, 0, 0, 0, 0#g.arrival
FROM unnest($1::bigint[], $2::smallint[], $3::text[], $4::bigint[]) AS g(r, type, id, arrival)";

const INSERT_ROWS: &str = "
INSERT INTO @resource(r, version, seq, kind, payload, updated, keys, type, id#arrival)
SELECT d.r, d.version, s.seq - $1 + d.ordinal, d.kind, d.payload,
       CASE WHEN d.given THEN d.moment ELSE greatest(d.moment, s.time) END, d.keys, d.type, d.id#d.arrival
FROM unnest($2::bigint[], $3::bigint[], $4::bigint[], $5::boolean[], $6::bigint[], $7::smallint[],
            $8::bytea[], $9::bytea[], $10::smallint[], $11::text[], $12::bigint[])
       AS d(r, version, ordinal, given, moment, kind, payload, keys, type, id, arrival), @setting s";

/// A statement that says of each resource when it arrived, where that isn't its number.
fn with_arrival(kind: SchemaType, sql: &str) -> String {
    let (column, of_g, of_d) = match kind {
        SchemaType::Plain => ("", "", ""),
        SchemaType::Distributed => (", arrival", ", g.arrival", ", d.arrival"),
    };
    sql.replace("#arrival", column).replace("#g.arrival", of_g).replace("#d.arrival", of_d)
}

const UPDATE_ROWS: &str = "
UPDATE @resource x
SET version = d.version, seq = s.seq - $1 + d.ordinal, kind = d.kind, payload = d.payload,
    updated = CASE WHEN d.given THEN d.moment ELSE greatest(d.moment, s.time) END, keys = d.keys
FROM unnest($2::bigint[], $3::bigint[], $4::bigint[], $5::boolean[], $6::bigint[], $7::smallint[],
            $8::bytea[], $9::bytea[])
       AS d(r, version, ordinal, given, moment, kind, payload, keys), @setting s
WHERE x.r = d.r";

const INSERT_PAST: &str = "
INSERT INTO @history(r, version, seq, updated, kind, payload)
SELECT d.r, d.version, s.seq - $1 + d.ordinal,
       CASE WHEN d.given THEN d.moment ELSE greatest(d.moment, s.time) END, d.kind, d.payload
FROM unnest($2::bigint[], $3::bigint[], $4::bigint[], $5::boolean[], $6::bigint[], $7::smallint[],
            $8::bytea[]) AS d(r, version, ordinal, given, moment, kind, payload), @setting s";

const INSERT_CHANGES: &str = "
INSERT INTO @change(seq, r, version, previous, time, batch, type, kind)
SELECT s.seq - $1 + d.ordinal, d.r, d.version, d.previous,
       CASE WHEN d.given THEN d.moment ELSE greatest(d.moment, s.time) END, s.seq - $1 + d.batch,
       d.type, d.kind
FROM unnest($2::bigint[], $3::bigint[], $4::bigint[], $5::boolean[], $6::bigint[], $7::bigint[],
            $8::smallint[], $9::smallint[])
       WITH ORDINALITY AS d(r, version, previous, given, moment, batch, type, kind, ordinal),
     @setting s";

const INSERT_BATCHES: &str = "
INSERT INTO @batch(batch, principal, request, origin)
SELECT s.seq - $1 + d.batch, d.principal, d.request, d.origin
FROM unnest($2::bigint[], $3::text[], $4::text[], $5::text[]) AS d(batch, principal, request, origin),
     @setting s";

const SET_BOOKMARKS: &str = "
INSERT INTO @bookmark(name, value)
SELECT d.name, d.value FROM unnest($1::text[], $2::bytea[]) AS d(name, value)
ON CONFLICT (name) DO UPDATE SET value = excluded.value";

const PURGE_ROWS: &str = "
UPDATE @resource SET kind = 4, keys = NULL, payload = NULL WHERE r = ANY($1)";
const PURGE_HISTORY: &str = "DELETE FROM @history WHERE r = ANY($1)";
const PURGE_VERSIONS: &str = "
DELETE FROM @history x USING unnest($1::bigint[], $2::bigint[]) AS d(r, version)
WHERE x.r = d.r AND x.version = d.version";
const RAISE_HIGHEST: &str = "
UPDATE @resource x SET highest = d.highest FROM unnest($1::bigint[], $2::bigint[]) AS d(r, highest)
WHERE x.r = d.r";
const REKEY: &str = "
UPDATE @resource x SET keys = d.keys FROM unnest($1::bigint[], $2::bytea[]) AS d(r, keys)
WHERE x.r = d.r";

/// Columns of versions.
struct Versions<'p> {
    r: Vec<i64>,
    version: Vec<i64>,
    ordinal: Vec<i64>,
    given: Vec<bool>,
    moment: Vec<i64>,
    kind: Vec<i16>,
    payload: Vec<Option<&'p [u8]>>,
}

impl<'p> Versions<'p> {
    fn of(versions: impl Iterator<Item = &'p NewVersion<'p>> + Clone) -> Self {
        Self {
            r: versions.clone().map(|v| v.r).collect(),
            version: versions.clone().map(|v| signed(v.version.number())).collect(),
            ordinal: versions.clone().map(|v| v.ordinal).collect(),
            given: versions.clone().map(|v| v.moment.columns().0).collect(),
            moment: versions.clone().map(|v| v.moment.columns().1).collect(),
            kind: versions.clone().map(|v| kind_number(v.kind)).collect(),
            payload: versions.map(|v| v.payload.map(Payload::as_kept)).collect(),
        }
    }

    fn arguments<'a>(&'a self, count: &'a i64) -> Vec<Argument<'a>> {
        vec![
            (count, Type::INT8),
            (&self.r, Type::INT8_ARRAY),
            (&self.version, Type::INT8_ARRAY),
            (&self.ordinal, Type::INT8_ARRAY),
            (&self.given, Type::BOOL_ARRAY),
            (&self.moment, Type::INT8_ARRAY),
            (&self.kind, Type::INT2_ARRAY),
            (&self.payload, Type::BYTEA_ARRAY),
        ]
    }
}

/// Columns of changes and of who made them.
struct Changes {
    r: Vec<i64>,
    version: Vec<i64>,
    previous: Vec<Option<i64>>,
    given: Vec<bool>,
    moment: Vec<i64>,
    batch: Vec<i64>,
    of: Vec<i16>,
    kind: Vec<i16>,
    batches: Vec<i64>,
    principal: Vec<Option<String>>,
    request: Vec<Option<String>>,
    origin: Vec<Option<String>>,
}

impl Changes {
    fn of(plan: &Plan<'_>) -> Self {
        let changes = plan.changes.iter();
        let text = |pick: fn(&Provenance) -> Option<&str>| -> Vec<Option<String>> {
            // PostgreSQL has no NUL in texts.
            let plain = |text: &str| text.replace('\0', "\u{fffd}");
            plan.batches.iter().map(|(_, by)| pick(by).map(plain)).collect()
        };
        Self {
            r: changes.clone().map(|c| c.r).collect(),
            version: changes.clone().map(|c| signed(c.version.number())).collect(),
            previous: changes.clone().map(|c| c.previous.map(|v| signed(v.number()))).collect(),
            given: changes.clone().map(|c| c.moment.columns().0).collect(),
            moment: changes.clone().map(|c| c.moment.columns().1).collect(),
            batch: changes.clone().map(|c| c.batch).collect(),
            of: changes.clone().map(|c| type_column(c.of)).collect(),
            kind: changes.map(|c| kind_number(c.kind)).collect(),
            batches: plan.batches.iter().map(|(batch, _)| *batch).collect(),
            principal: text(|by| by.principal.as_deref()),
            request: text(|by| by.request.as_deref()),
            origin: text(|by| by.origin.as_deref()),
        }
    }

    fn arguments<'a>(&'a self, count: &'a i64) -> Vec<Argument<'a>> {
        vec![
            (count, Type::INT8),
            (&self.r, Type::INT8_ARRAY),
            (&self.version, Type::INT8_ARRAY),
            (&self.previous, Type::INT8_ARRAY),
            (&self.given, Type::BOOL_ARRAY),
            (&self.moment, Type::INT8_ARRAY),
            (&self.batch, Type::INT8_ARRAY),
            (&self.of, Type::INT2_ARRAY),
            (&self.kind, Type::INT2_ARRAY),
        ]
    }

    fn batch_arguments<'a>(&'a self, count: &'a i64) -> Vec<Argument<'a>> {
        vec![
            (count, Type::INT8),
            (&self.batches, Type::INT8_ARRAY),
            (&self.principal, Type::TEXT_ARRAY),
            (&self.request, Type::TEXT_ARRAY),
            (&self.origin, Type::TEXT_ARRAY),
        ]
    }
}

impl Group<'_> {
    /// Writes a plan, at a time that was promised; returns the place in the sequence after it, and its
    /// time: a later one where somebody else has committed a later one.
    pub(super) async fn write_plan(
        &mut self,
        plan: &mut Plan<'_>,
        promised: Option<i64>,
    ) -> Outcome<(i64, i64)> {
        let names = &self.shared.names;
        let statement =
            |doing, sql: &str, arguments| Statement { doing, sql: names.sql(sql), arguments };
        if plan.is_empty() {
            let look = [statement("reading the change sequence", LOOK, Vec::new())];
            let answers = self.transaction.pipeline(None, &look).await?;
            return place(&answers[0]);
        }
        if !self.prepared.deferred {
            plan.add_differences()?;
        } else {
            plan.difference = super::entries::Difference::default();
        }
        let count = plan.changes.len() as i64;
        let (new_rows, changed): (Vec<&NewRow<'_>>, Vec<&NewRow<'_>>) =
            plan.rows.iter().partition(|row| self.prepared.fresh.contains_key(row.version.key));
        let rows = Versions::of(changed.iter().map(|row| &row.version));
        let keys = packed_keys(&changed);
        let first = Versions::of(new_rows.iter().map(|row| &row.version));
        let first_keys = packed_keys(&new_rows);
        let first_names = key_columns(new_rows.iter().map(|row| row.version.key));
        let stubs = self.prepared.stubs(&new_rows, &plan.touched);
        let stub_names = key_columns(stubs.iter().map(|(key, _)| key));
        let stub_numbers: Vec<i64> = stubs.iter().map(|(_, fresh)| fresh.r).collect();
        let stub_arrivals: Vec<i64> = stubs.iter().map(|(_, fresh)| fresh.arrival).collect();
        let fresh = &self.prepared.fresh;
        let arrivals = new_rows.iter().filter_map(|row| fresh.get(row.version.key));
        let arrivals: Vec<i64> = arrivals.map(|fresh| fresh.arrival).collect();
        let kind = self.shared.schema_type;
        let past = Versions::of(plan.past.iter());
        let changes = Changes::of(plan);
        let (gone, new) = (&plan.difference.gone, &plan.difference.new);
        let (bookmarks, marks): (Vec<&str>, Vec<&[u8]>) =
            plan.bookmarks.iter().map(|(name, value)| (*name, *value)).unzip();
        let (purged_r, purged_versions): (Vec<i64>, Vec<i64>) =
            plan.purged_versions.iter().map(|(r, v)| (*r, signed(v.number()))).unzip();
        let (raised, highest): (Vec<i64>, Vec<i64>) =
            plan.raised.iter().map(|(r, highest)| (*r, signed(*highest))).unzip();
        let (rekeyed, new_keys): (Vec<i64>, Vec<Option<&[u8]>>) = plan
            .rekeyed
            .iter()
            .map(|(r, (_, keys))| (*r, (!keys.is_empty()).then_some(keys.as_slice())))
            .unzip();
        let (left, left_ordinals): (Vec<i64>, Vec<i64>) =
            plan.left().map(|version| (version.r, version.ordinal)).unzip();
        let settled = plan.settled();
        let leaves = !left.is_empty();
        let stays = plan.changes.is_empty() && plan.bookmarks.is_empty();
        let mut statements = Vec::new();
        let mut add = |wanted: bool, doing, sql: &str, arguments| {
            if wanted {
                statements.push(statement(doing, sql, arguments));
            }
        };
        let doing = "entering resources";
        let named = vec![
            (&stub_numbers as _, Type::INT8_ARRAY),
            (&stub_names.0 as _, Type::INT2_ARRAY),
            (&stub_names.1 as _, Type::TEXT_ARRAY),
            (&stub_arrivals as _, Type::INT8_ARRAY),
        ];
        add(!stubs.is_empty(), doing, &with_arrival(kind, INSERT_STUBS), named);
        let retired = vec![(&plan.retired as _, Type::INT8_ARRAY)];
        add(!plan.retired.is_empty(), "moving versions to history", RETIRE, retired);
        let (any_value, any_reference) = (
            |e: &super::Entries| !e.values.r.is_empty(),
            |e: &super::Entries| !e.references.r.is_empty(),
        );
        let doing = "entering index keys";
        add(any_value(gone), doing, DELETE_VALUES, gone.value_arguments());
        add(any_reference(gone), doing, DELETE_REFERENCES, gone.reference_arguments());
        add(!gone.words.is_empty(), doing, DELETE_WORDS, gone.words.resources());
        add(!new.words.is_empty(), doing, INSERT_WORDS, new.words.arguments());
        add(any_value(new), doing, INSERT_VALUES, new.value_arguments());
        add(any_reference(new), doing, INSERT_REFERENCES, new.reference_arguments());
        let purged = || vec![(&plan.purged as _, Type::INT8_ARRAY)];
        add(!plan.purged.is_empty(), "purging a resource", PURGE_ROWS, purged());
        add(!plan.purged.is_empty(), "purging a resource", PURGE_HISTORY, purged());
        let pairs =
            vec![(&purged_r as _, Type::INT8_ARRAY), (&purged_versions as _, Type::INT8_ARRAY)];
        add(!purged_r.is_empty(), "purging versions", PURGE_VERSIONS, pairs);
        let pairs = vec![(&rekeyed as _, Type::INT8_ARRAY), (&new_keys as _, Type::BYTEA_ARRAY)];
        add(!rekeyed.is_empty(), "writing index keys", REKEY, pairs);
        add(stays, RAISING, STAY, vec![(&self.prepared.build as _, Type::INT8)]);
        let raise = vec![
            (&count as _, Type::INT8),
            (&self.prepared.build as _, Type::INT8),
            (&leaves as _, Type::BOOL),
            (&promised as _, Type::INT8),
        ];
        add(!stays, RAISING, RAISE, raise);
        let left = vec![
            (&count as _, Type::INT8),
            (&left as _, Type::INT8_ARRAY),
            (&left_ordinals as _, Type::INT8_ARRAY),
        ];
        add(leaves, "leaving resources to be indexed", LEAVE, left);
        let settles = self.prepared.remote && !settled.is_empty();
        add(
            settles,
            "striking off what is indexed",
            SETTLE,
            vec![(&settled as _, Type::INT8_ARRAY)],
        );
        let mut row_arguments = rows.arguments(&count);
        row_arguments.push((&keys, Type::BYTEA_ARRAY));
        add(!changed.is_empty(), "writing resources", UPDATE_ROWS, row_arguments);
        let mut first_arguments = first.arguments(&count);
        first_arguments.push((&first_keys, Type::BYTEA_ARRAY));
        first_arguments.push((&first_names.0, Type::INT2_ARRAY));
        first_arguments.push((&first_names.1, Type::TEXT_ARRAY));
        first_arguments.push((&arrivals, Type::INT8_ARRAY));
        add(!new_rows.is_empty(), doing, &with_arrival(kind, INSERT_ROWS), first_arguments);
        let pairs = vec![(&raised as _, Type::INT8_ARRAY), (&highest as _, Type::INT8_ARRAY)];
        add(!raised.is_empty(), "keeping numbers of purged versions", RAISE_HIGHEST, pairs);
        let doing = "writing versions to history";
        add(!plan.past.is_empty(), doing, INSERT_PAST, past.arguments(&count));
        let doing = "entering changes";
        add(!plan.changes.is_empty(), doing, INSERT_CHANGES, changes.arguments(&count));
        let batches = changes.batch_arguments(&count);
        add(!plan.batches.is_empty(), "entering a batch", INSERT_BATCHES, batches);
        let pairs = vec![(&bookmarks as _, Type::TEXT_ARRAY), (&marks as _, Type::BYTEA_ARRAY)];
        add(!bookmarks.is_empty(), "setting bookmarks", SET_BOOKMARKS, pairs);
        let answers = self.transaction.pipeline(None, &statements).await?;
        let raised = statements.iter().position(|s| s.doing == RAISING);
        self.sequence_locked |= !stays;
        for key in stubs.iter().map(|(key, _)| key).chain(plan.rows.iter().map(|r| r.version.key)) {
            self.prepared.fresh.remove(key);
        }
        place(raised.map_or(&[], |at| &answers[at]))
    }
}

fn packed_keys<'r>(rows: &[&'r NewRow<'_>]) -> Vec<Option<&'r [u8]>> {
    rows.iter().map(|row| (!row.keys.is_empty()).then_some(&*row.keys)).collect()
}

fn place(rows: &[Row]) -> Outcome<(i64, i64)> {
    let doing = RAISING;
    // No row: the index was deferred or built since this commit began.
    let row = rows.first().ok_or_else(overtaken)?;
    Ok((row.try_get(0).context(doing)?, row.try_get(1).context(doing)?))
}
