//! The order of what is found, and places in it.

use crate::error::{Context, Outcome};
use cresset_store::position::Place;
use cresset_store::{Query, Sort, SortBy, Start};
use tokio_postgres::Row;

/// Sort keys up to the one that leaves no two equal.
pub(super) fn deciding(sort: &[Sort]) -> &[Sort] {
    let arrival = sort.iter().position(|key| key.by == SortBy::Arrival);
    &sort[..arrival.map_or(sort.len(), |at| at + 1)]
}

/// Where a page starts, and whether it is walked backwards.
pub(super) fn start(query: &Query, sort: &[Sort]) -> Outcome<(Option<Place>, bool)> {
    Ok(match &query.start {
        Start::First => (None, false),
        Start::After(position) => (Some(Place::decode(position, sort.len())?), false),
        Start::Before(position) => (Some(Place::decode(position, sort.len())?), true),
    })
}

/// The place of a row that has its number, that of its arrival, and the values of the sort keys.
pub(super) fn place(row: &Row, sort: &[Sort]) -> Outcome<Place> {
    let mut values = Vec::with_capacity(sort.len());
    for (at, key) in (2..).zip(sort) {
        values.push(column_value(row, at, key)?);
    }
    let arrival: i64 = row.try_get(1).context(DOING)?;
    Ok(Place { values, arrival: arrival.unsigned_abs() })
}

const DOING: &str = "searching";

/// The value of a sort key, so that values are in order as bytes.
pub(super) fn column_value(row: &Row, at: usize, key: &Sort) -> Outcome<Option<Vec<u8>>> {
    Ok(match key.by {
        SortBy::Parameters(_) | SortBy::Texts(_) => row.try_get(at).context(DOING)?,
        SortBy::Id => Some(row.try_get::<_, &str>(at).context(DOING)?.as_bytes().to_vec()),
        SortBy::Arrival => {
            let arrival: i64 = row.try_get(at).context(DOING)?;
            Some(arrival.to_be_bytes().to_vec())
        }
        SortBy::Updated => {
            let milliseconds: i64 = row.try_get(at).context(DOING)?;
            Some((milliseconds.cast_unsigned() ^ 1 << 63).to_be_bytes().to_vec())
        }
    })
}
