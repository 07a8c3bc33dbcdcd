//! The order of what is found, and places in it.

use super::compile::Compiler;
use crate::error::{Context, Outcome};
use crate::rows::signed;
use crate::write::index_prefix;
use cresset_store::physical::after;
use cresset_store::position::Place;
use cresset_store::{Parameter, Sort, SortBy, StoreError};
use tokio_postgres::Row;
use tokio_postgres::types::Type;

/// Sort keys up to the one that leaves no two equal.
pub(super) fn deciding(sort: &[Sort]) -> &[Sort] {
    let arrival = sort.iter().position(|key| key.by == SortBy::Arrival);
    &sort[..arrival.map_or(sort.len(), |at| at + 1)]
}

/// The parts of a statement that order it.
#[derive(Debug, Default)]
pub(super) struct Order {
    /// Joins of the sort keys' values.
    pub(super) joins: String,
    /// The columns that they are in.
    pub(super) columns: Vec<String>,
    /// The column that decides among equals.
    arrival: String,
}

impl Order {
    pub(super) fn new(compiler: &mut Compiler<'_>, sort: &[Sort]) -> Self {
        let arrival = format!("x.{}", compiler.schema_type.arrival());
        let mut order = Self { arrival, ..Self::default() };
        for (at, key) in sort.iter().enumerate() {
            let column = match &key.by {
                SortBy::Updated => "x.updated".to_owned(),
                SortBy::Arrival => order.arrival.clone(),
                SortBy::Id => "x.id".to_owned(),
                SortBy::Parameters(parameters) | SortBy::Texts(parameters) => {
                    let direction = if key.descending { " DESC" } else { "" };
                    let values = values(compiler, parameters, matches!(key.by, SortBy::Texts(_)));
                    order.joins.push_str(&format!(
                        " LEFT JOIN (SELECT DISTINCT ON (w.r) w.r, w.v FROM ({values}) w \
                         ORDER BY w.r, w.v{direction}) s{at} ON s{at}.r = x.r"
                    ));
                    format!("s{at}.v")
                }
            };
            order.columns.push(column);
        }
        order
    }

    /// `ORDER BY`; backwards for the page before a place. Without a value last, whichever way.
    pub(super) fn by(&self, sort: &[Sort], backwards: bool) -> String {
        let mut keys: Vec<String> = Vec::new();
        for (key, column) in sort.iter().zip(&self.columns) {
            let direction = if key.descending == backwards { "ASC" } else { "DESC" };
            let nulls = if backwards { "FIRST" } else { "LAST" };
            // These always have a value, and an index can give their order.
            let nulls = match key.by {
                SortBy::Parameters(_) | SortBy::Texts(_) => format!(" NULLS {nulls}"),
                _ => String::new(),
            };
            keys.push(format!("{column} {direction}{nulls}"));
        }
        keys.push(format!("{}{}", self.arrival, if backwards { " DESC" } else { "" }));
        keys.join(", ")
    }

    /// "Stands after the place", or before it.
    pub(super) fn beyond(
        &self,
        compiler: &mut Compiler<'_>,
        sort: &[Sort],
        place: &Place,
        backwards: bool,
    ) -> Outcome<String> {
        let mut alternatives = Vec::new();
        let mut equal = String::new();
        for ((key, column), value) in sort.iter().zip(&self.columns).zip(&place.values) {
            let less = key.descending != backwards;
            let value = value.as_deref().map(|value| bind(compiler, key, value)).transpose()?;
            let further = match (&value, backwards) {
                (Some(value), false) => {
                    let order = if less { "<" } else { ">" };
                    Some(format!("({column} {order} {value} OR {column} IS NULL)"))
                }
                (Some(value), true) => {
                    let order = if less { "<" } else { ">" };
                    Some(format!("{column} {order} {value}"))
                }
                (None, false) => None,
                (None, true) => Some(format!("{column} IS NOT NULL")),
            };
            alternatives.extend(further.map(|further| format!("{equal}{further}")));
            match &value {
                Some(value) => equal.push_str(&format!("{column} = {value} AND ")),
                None => equal.push_str(&format!("{column} IS NULL AND ")),
            }
        }
        let arrival = compiler.arguments.bind(signed(place.arrival), Type::INT8);
        let order = if backwards { "<" } else { ">" };
        alternatives.push(format!("{equal}{} {order} {arrival}", self.arrival));
        Ok(format!("({})", alternatives.join(" OR ")))
    }
}

/// All values of these parameters, each with its resource; of texts, what stands before the NUL that
/// ends them.
fn values(compiler: &mut Compiler<'_>, parameters: &[Parameter], texts: bool) -> String {
    let numbers = compiler.numbers(parameters);
    let mut selects = Vec::with_capacity(numbers.len() + 1);
    for p in &numbers {
        let prefix = index_prefix(*p);
        let mut part = format!("substr(k, {})", prefix.len() + 1);
        if texts {
            let nul = format!("position('\\x00'::bytea IN {part})");
            part = format!("CASE WHEN {nul} > 0 THEN substr({part}, 1, {nul} - 1) ELSE {part} END");
        }
        let high = compiler.arguments.bytes(after(&prefix).unwrap_or_default());
        let low = compiler.arguments.bytes(prefix);
        selects.push(format!("SELECT r, {part} AS v FROM @value WHERE k >= {low} AND k < {high}"));
    }
    let p = compiler.arguments.numbers(numbers);
    selects.push(format!("SELECT r, int8send(target) AS v FROM @reference WHERE p = ANY({p})"));
    selects.join(" UNION ALL ")
}

fn bind(compiler: &mut Compiler<'_>, key: &Sort, value: &[u8]) -> Outcome<String> {
    let number = || value.try_into().map(u64::from_be_bytes).map_err(|_| StoreError::Position);
    Ok(match key.by {
        SortBy::Parameters(_) | SortBy::Texts(_) => compiler.arguments.bytes(value.to_vec()),
        SortBy::Id => {
            let text = std::str::from_utf8(value).map_err(|_| StoreError::Position)?;
            if text.contains('\0') {
                return Err(StoreError::Position);
            }
            compiler.arguments.bind(text.to_owned(), Type::TEXT)
        }
        SortBy::Arrival => compiler.arguments.bind(number()?.cast_signed(), Type::INT8),
        SortBy::Updated => {
            let milliseconds = (number()? ^ 1 << 63).cast_signed();
            compiler.arguments.bind(milliseconds, Type::INT8)
        }
    })
}

/// The place of a row – its number, that of its arrival, and the values of the sort keys.
pub(super) fn place(row: &Row, sort: &[Sort]) -> Outcome<Place> {
    let doing = "searching";
    let mut values = Vec::with_capacity(sort.len());
    for (at, key) in (2..).zip(sort) {
        values.push(match key.by {
            SortBy::Parameters(_) | SortBy::Texts(_) => row.try_get(at).context(doing)?,
            SortBy::Id => Some(row.try_get::<_, &str>(at).context(doing)?.as_bytes().to_vec()),
            SortBy::Arrival => {
                let r: i64 = row.try_get(at).context(doing)?;
                Some(r.to_be_bytes().to_vec())
            }
            SortBy::Updated => {
                let milliseconds: i64 = row.try_get(at).context(doing)?;
                Some((milliseconds.cast_unsigned() ^ 1 << 63).to_be_bytes().to_vec())
            }
        });
    }
    let arrival: i64 = row.try_get(1).context(doing)?;
    Ok(Place { values, arrival: arrival.unsigned_abs() })
}
