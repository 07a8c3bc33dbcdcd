//! How much is in a range, from a look at a few of its rows.

use super::range::Range;
use super::snapshot::Snapshot;
use crate::error::{Context, Outcome};

/// Rows that are looked at where a range begins.
const FIRST: usize = 16;
/// Further places that are looked at in a longer range, and rows there.
const PLACES: u64 = 8;
const AT_EACH: usize = 6;

/// The first rows of a range, and its last value.
pub(super) struct Sample<'r> {
    range: &'r Range,
    rows: Vec<Row>,
    is_complete: bool,
    last: Vec<u8>,
    /// The first resource of the last row.
    last_resource: u64,
}

struct Row {
    value: Vec<u8>,
    /// The first resource.
    resource: u64,
    /// How many resources, about.
    members: u64,
}

impl<'r> Sample<'r> {
    /// `None` when nothing is in the range.
    pub(super) fn take(snapshot: &Snapshot<'_>, range: &'r Range) -> Outcome<Option<Self>> {
        let rows = rows_from(snapshot, range, &range.low, FIRST)?;
        let Some(last) = rows.last() else { return Ok(None) };
        let is_complete = rows.len() < FIRST;
        let (last, last_resource) = match is_complete {
            true => (last.value.clone(), last.resource),
            false => last_row(snapshot, range)?,
        };
        Ok(Some(Self { range, rows, is_complete, last, last_resource }))
    }

    /// The first value.
    pub(super) fn first(&self) -> &[u8] {
        self.rows.first().map_or(&[], |row| &row.value)
    }

    /// Whether there is no other value.
    pub(super) fn is_single(&self) -> bool {
        self.first() == self.last
    }

    /// Rows and members of the whole range.
    pub(super) fn extrapolate(&self, snapshot: &Snapshot<'_>) -> Outcome<(u64, u64)> {
        let (rows, members) = (self.rows.len() as u64, total(&self.rows));
        if self.is_complete {
            return Ok((rows, members));
        }
        if self.is_single() {
            // The blocks of one value are spread over its resources.
            let (first, last) = (self.rows[0].resource, self.rows[self.rows.len() - 1].resource);
            let way = (self.last_resource - first).max(1) as f64;
            let part = ((last - first) as f64 / way).clamp(1e-6, 1.0);
            return Ok(((rows as f64 / part) as u64, (members as f64 / part) as u64));
        }
        self.by_density(snapshot)
    }

    /// Values are taken as numbers, and the way from the first to the last is cut into equal parts:
    /// what is seen at the beginning of each stands for that part.
    fn by_density(&self, snapshot: &Snapshot<'_>) -> Outcome<(u64, u64)> {
        let shared = self.first().iter().zip(&self.last).take_while(|(a, b)| a == b).count();
        let number = |value: &[u8]| {
            let bytes = value.iter().skip(shared).chain(std::iter::repeat(&0)).take(7);
            bytes.fold(0_u64, |n, b| n << 8 | u64::from(*b))
        };
        let (from, to) = (number(self.first()), number(&self.last));
        let width = ((to - from) / PLACES).max(1);
        let mut sum = (0.0, 0.0);
        for place in 0..PLACES {
            let start = from + place * width;
            let fetched;
            let seen = if place == 0 {
                &self.rows
            } else {
                let point = [&self.last[..shared], &start.to_be_bytes()[1..]].concat();
                fetched = rows_from(snapshot, self.range, &point, AT_EACH)?;
                &fetched
            };
            let end = start + width;
            let inside = seen.partition_point(|row| number(&row.value) < end);
            let (rows, members) = (inside as f64, total(&seen[..inside]) as f64);
            // All of this part was seen, or a piece of it.
            let piece = match seen.get(inside) {
                Some(_) => 1.0,
                None if seen.len() < AT_EACH => 1.0,
                None => {
                    let reached = seen.last().map_or(start, |row| number(&row.value));
                    ((reached - start) as f64 / width as f64).clamp(1.0 / 256.0, 1.0)
                }
            };
            sum = (sum.0 + rows / piece, sum.1 + members / piece);
        }
        Ok((sum.0 as u64, sum.1 as u64))
    }
}

fn total(rows: &[Row]) -> u64 {
    rows.iter().map(|row| row.members).sum()
}

/// The first rows of a range from a value on.
fn rows_from(
    snapshot: &Snapshot<'_>,
    range: &Range,
    from: &[u8],
    limit: usize,
) -> Outcome<Vec<Row>> {
    let sql = match range.high {
        Some(_) => {
            "SELECT v, r, coalesce(length(more), 0) FROM posting
             WHERE p = ?1 AND v >= ?2 AND v < ?3 ORDER BY p, v, r LIMIT ?4"
        }
        None => {
            "SELECT v, r, coalesce(length(more), 0) FROM posting
             WHERE p = ?1 AND v >= ?2 AND ?3 IS NULL ORDER BY p, v, r LIMIT ?4"
        }
    };
    snapshot.step()?;
    let rows = || -> rusqlite::Result<Vec<Row>> {
        let mut statement = snapshot.connection.prepare_cached(sql)?;
        let values = (range.parameter, from, range.high.as_deref(), limit as i64);
        let rows = statement.query_map(values, |row| {
            let resource = row.get::<_, i64>(1)? as u64;
            // A distance takes a byte or two.
            let members = 1 + row.get::<_, i64>(2)? as u64 * 2 / 3;
            Ok(Row { value: row.get(0)?, resource, members })
        })?;
        rows.collect()
    };
    rows().context("estimating a search")
}

/// Value and first resource of a range's last row.
fn last_row(snapshot: &Snapshot<'_>, range: &Range) -> Outcome<(Vec<u8>, u64)> {
    let sql = match range.high {
        Some(_) => {
            "SELECT v, r FROM posting WHERE p = ?1 AND v >= ?2 AND v < ?3
             ORDER BY p DESC, v DESC, r DESC LIMIT 1"
        }
        None => {
            "SELECT v, r FROM posting WHERE p = ?1 AND v >= ?2 AND ?3 IS NULL
             ORDER BY p DESC, v DESC, r DESC LIMIT 1"
        }
    };
    snapshot
        .connection
        .prepare_cached(sql)
        .and_then(|mut s| {
            s.query_row((range.parameter, &range.low, range.high.as_deref()), |row| {
                Ok((row.get(0)?, row.get::<_, i64>(1)? as u64))
            })
        })
        .context("estimating a search")
}
