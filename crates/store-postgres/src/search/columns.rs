//! Pages in the order of columns of `resource`, which the statement itself gives.

use super::compile::Compiler;
use super::sort::start;
use crate::error::Outcome;
use crate::rows::{limit, signed};
use cresset_store::position::Place;
use cresset_store::{Query, Sort, SortBy, StoreError};
use tokio_postgres::types::Type;

/// The statement for a page that is sorted by columns alone, `None` when something else decides.
pub(super) fn page(
    compiler: &mut Compiler<'_>,
    query: &Query,
    sort: &[Sort],
) -> Outcome<Option<String>> {
    let arrival = format!("x.{}", compiler.schema_type.arrival());
    let column = |key: &Sort| match key.by {
        SortBy::Updated => Some("x.updated".to_owned()),
        SortBy::Id => Some("x.id".to_owned()),
        SortBy::Arrival => Some(arrival.clone()),
        SortBy::Parameters(_) | SortBy::Texts(_) => None,
    };
    let Some(columns) = sort.iter().map(column).collect::<Option<Vec<_>>>() else {
        return Ok(None);
    };
    let (place, backwards) = start(query, sort)?;
    let mut condition = compiler.matching("x", &query.types, &query.filter)?;
    if let Some(place) = place {
        let beyond = beyond(compiler, &columns, &arrival, sort, &place, backwards)?;
        condition.push_str(&format!(" AND {beyond}"));
    }
    let mut order: Vec<String> = Vec::new();
    for (key, column) in sort.iter().zip(&columns) {
        let direction = if key.descending == backwards { "ASC" } else { "DESC" };
        order.push(format!("{column} {direction}"));
    }
    order.push(format!("{arrival}{}", if backwards { " DESC" } else { "" }));
    let selected: String = columns.iter().map(|column| format!(", {column}")).collect();
    let most = compiler.arguments.bind(limit(query.limit.saturating_add(1)), Type::INT8);
    Ok(Some(format!(
        "SELECT x.r, {arrival}{selected} FROM @resource x WHERE {condition} ORDER BY {} LIMIT {most}",
        order.join(", ")
    )))
}

/// "Stands after the place", or before it.
fn beyond(
    compiler: &mut Compiler<'_>,
    columns: &[String],
    arrival: &str,
    sort: &[Sort],
    place: &Place,
    backwards: bool,
) -> Outcome<String> {
    let mut alternatives = Vec::new();
    let mut equal = String::new();
    for ((key, column), value) in sort.iter().zip(columns).zip(&place.values) {
        let value = value.as_deref().ok_or(StoreError::Position)?;
        let value = bind(compiler, key, value)?;
        let order = if key.descending != backwards { "<" } else { ">" };
        alternatives.push(format!("{equal}{column} {order} {value}"));
        equal.push_str(&format!("{column} = {value} AND "));
    }
    let last = compiler.arguments.bind(signed(place.arrival), Type::INT8);
    let order = if backwards { "<" } else { ">" };
    alternatives.push(format!("{equal}{arrival} {order} {last}"));
    Ok(format!("({})", alternatives.join(" OR ")))
}

fn bind(compiler: &mut Compiler<'_>, key: &Sort, value: &[u8]) -> Outcome<String> {
    let number = || value.try_into().map(u64::from_be_bytes).map_err(|_| StoreError::Position);
    Ok(match key.by {
        SortBy::Id => {
            let text = std::str::from_utf8(value).map_err(|_| StoreError::Position)?;
            if text.contains('\0') {
                return Err(StoreError::Position);
            }
            compiler.arguments.bind(text.to_owned(), Type::TEXT)
        }
        SortBy::Updated => {
            let milliseconds = (number()? ^ 1 << 63).cast_signed();
            compiler.arguments.bind(milliseconds, Type::INT8)
        }
        _ => compiler.arguments.bind(number()?.cast_signed(), Type::INT8),
    })
}
