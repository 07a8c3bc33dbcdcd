//! Pages in any other order: all that the filter finds is looked at, row by row, with the index keys that
//! rows keep, and the best are kept. Memory is bounded by the page.

use super::arguments::Ready;
use super::sort::{column_value, start};
use crate::error::{Context, Outcome, corrupt};
use crate::transaction::Transaction;
use crate::write::value_of;
use cresset_store::physical::keys;
use cresset_store::position::Place;
use cresset_store::{Query, Sort, SortBy};
use futures::TryStreamExt;
use std::pin::pin;
use tokio_postgres::Row;

const DOING: &str = "searching";

/// The numbers of the parameters of each sort key.
pub(super) type Numbers = Vec<Vec<i32>>;

/// The best of what the statement finds, in the order of the way that the page is walked, up to one more
/// than the page takes.
pub(super) async fn best(
    transaction: &Transaction,
    ready: &Ready,
    query: &Query,
    sort: &[Sort],
    numbers: &Numbers,
) -> Outcome<Vec<(i64, Place)>> {
    let (from, backwards) = start(query, sort)?;
    let order = |a: &Place, b: &Place| match backwards {
        false => a.order(b, sort),
        true => b.order(a, sort),
    };
    let statement = ready.statement(DOING);
    let arguments = statement.arguments.iter().map(|(value, of)| (*value, of.clone()));
    let client = transaction.client()?;
    let rows = client.query_typed_raw(&statement.sql, arguments).await.context(DOING)?;
    let mut rows = pin!(rows);
    let most = query.limit.saturating_add(1);
    let mut best: Vec<(i64, Place)> = Vec::new();
    while let Some(row) = rows.try_next().await.context(DOING)? {
        let place = place(&row, sort, numbers)?;
        if from.as_ref().is_some_and(|from| order(&place, from).is_le()) {
            continue;
        }
        best.push((row.try_get(0).context(DOING)?, place));
        // Cut when it is twice too long: a sort for as many rows as fit.
        if best.len() >= most.saturating_mul(2).max(64) {
            best.sort_by(|a, b| order(&a.1, &b.1));
            best.truncate(most);
        }
    }
    best.sort_by(|a, b| order(&a.1, &b.1));
    best.truncate(most);
    Ok(best)
}

/// From the columns r, arrival, updated, id, keys.
fn place(row: &Row, sort: &[Sort], numbers: &Numbers) -> Outcome<Place> {
    let arrival: i64 = row.try_get(1).context(DOING)?;
    let kept: Option<&[u8]> = row.try_get(4).context(DOING)?;
    let kept = keys::decode(kept.unwrap_or_default());
    let kept = kept.ok_or_else(|| corrupt("a row's index keys"))?;
    let mut values = Vec::with_capacity(sort.len());
    for (key, numbers) in sort.iter().zip(numbers) {
        values.push(match &key.by {
            SortBy::Parameters(_) | SortBy::Texts(_) => {
                let all =
                    kept.iter().filter_map(|(number, value)| value_of(*number, value, numbers));
                let texts = matches!(key.by, SortBy::Texts(_));
                let all = all.map(|value| if texts { text_of(value) } else { value });
                let value = if key.descending { all.max() } else { all.min() };
                value.map(<[u8]>::to_vec)
            }
            SortBy::Updated => column_value(row, 2, key)?,
            SortBy::Id => column_value(row, 3, key)?,
            SortBy::Arrival => column_value(row, 1, key)?,
        });
    }
    Ok(Place { values, arrival: arrival.unsigned_abs() })
}

/// Up to the NUL that ends it.
fn text_of(value: &[u8]) -> &[u8] {
    value.split(|byte| *byte == 0).next().unwrap_or_default()
}
