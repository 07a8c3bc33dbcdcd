//! Pages in the order of one parameter: along its index, from the place on, which ends as soon as the
//! page is full; or from what the filter finds, when the planner takes that to be less. Resources
//! without a value come last, from a statement of their own that is only sent when it is their turn.

use super::arguments::Ready;
use super::compile::Compiler;
use super::sort::start;
use crate::error::Outcome;
use crate::rows::{limit, signed};
use crate::write::index_prefix;
use cresset_store::physical::after;
use cresset_store::position::Place;
use cresset_store::{Query, Sort, SortBy};
use tokio_postgres::types::Type;

/// Which way to go, and from where.
struct Walk<'q> {
    query: &'q Query,
    numbers: Vec<i32>,
    /// Whether a resource's largest value counts.
    largest: bool,
    backwards: bool,
    place: Option<Place>,
    /// Further columns: the order of arrival, where the sort names it.
    rest: String,
}

/// The statements that give the page, one after another until it is full; `None` when the order is
/// another one.
pub(super) fn legs(
    compiler: &mut Compiler<'_>,
    query: &Query,
    sort: &[Sort],
) -> Outcome<Option<Vec<Ready>>> {
    let (key, rest) = match sort {
        [key] => (key, String::new()),
        [key, Sort { by: SortBy::Arrival, descending: false }] => {
            (key, format!(", x.{}", compiler.schema_type.arrival()))
        }
        _ => return Ok(None),
    };
    let SortBy::Parameters(parameters) = &key.by else { return Ok(None) };
    let numbers = compiler.numbers(parameters);
    let (place, backwards) = start(query, sort)?;
    let walk = Walk { query, numbers, largest: key.descending, backwards, place, rest };
    // Where the place is among those without a value, those with one are all before it.
    let at_none = walk.place.as_ref().is_some_and(|place| place.values[0].is_none());
    let order = match (walk.backwards, at_none) {
        (false, false) => &[Leg::Valued, Leg::Unvalued][..],
        (false, true) => &[Leg::Unvalued],
        (true, false) => &[Leg::Valued],
        (true, true) => &[Leg::Unvalued, Leg::Valued],
    };
    let legs = order.iter().map(|leg| {
        let sql = match leg {
            Leg::Valued => walk.valued(compiler, at_none)?,
            Leg::Unvalued => walk.unvalued(compiler, at_none)?,
        };
        Ok(compiler.ready(&sql))
    });
    legs.collect::<Outcome<_>>().map(Some)
}

#[derive(Clone, Copy)]
enum Leg {
    Valued,
    Unvalued,
}

impl Walk<'_> {
    /// Whether values rise along the way.
    fn rises(&self) -> bool {
        self.largest == self.backwards
    }

    fn direction(&self) -> (&'static str, &'static str) {
        (if self.rises() { "ASC" } else { "DESC" }, if self.backwards { "DESC" } else { "ASC" })
    }

    /// Those with a value, after the place unless that is among those without one.
    fn valued(&self, compiler: &mut Compiler<'_>, at_none: bool) -> Outcome<String> {
        let place = self.place.as_ref().filter(|_| !at_none);
        let mut legs = Vec::new();
        for (at, p) in self.numbers.iter().enumerate() {
            legs.push(self.by_value(compiler, at, *p, place)?);
        }
        legs.push(self.by_reference(compiler, place)?);
        let (values, arrivals) = self.direction();
        let most = self.most(compiler);
        let rest = if self.rest.is_empty() { "" } else { ", u.a" };
        Ok(format!(
            "SELECT u.r, u.a, u.v{rest} FROM ({}) u ORDER BY u.v {values}, u.a {arrivals} LIMIT {most}",
            legs.iter().map(|leg| format!("({leg})")).collect::<Vec<_>>().join(" UNION ALL ")
        ))
    }

    fn by_value(
        &self,
        compiler: &mut Compiler<'_>,
        at: usize,
        p: i32,
        place: Option<&Place>,
    ) -> Outcome<String> {
        let prefix = index_prefix(p);
        let value = |row: &str| format!("substr({row}.k, {})", prefix.len() + 1);
        let (low, high) = bounds(compiler, p);
        let mut conditions = format!("v.k >= {low} AND v.k < {high}");
        if let Some(place) = place {
            let from = place.values[0].as_deref().unwrap_or_default();
            let from = compiler.arguments.bytes([prefix.as_slice(), from].concat());
            let (order, beyond) = (if self.rises() { ">=" } else { "<=" }, self.arrives());
            let last = compiler.arguments.bind(signed(place.arrival), Type::INT8);
            let arrival = compiler.schema_type.arrival();
            conditions.push_str(&format!(
                " AND v.k {order} {from} AND (v.k <> {from} OR x.{arrival} {beyond} {last})"
            ));
        }
        let further = if self.largest { ">" } else { "<" };
        let better = format!("w.k >= {low} AND w.k < {high} AND w.k {further} v.k");
        let mut others = vec![better];
        for (place, other) in self.numbers.iter().enumerate().filter(|(_, other)| **other != p) {
            let (low, high) = bounds(compiler, *other);
            let theirs = format!("substr(w.k, {})", index_prefix(*other).len() + 1);
            // Of equal ones under two parameters, the first counts.
            let or_equal = if place < at { "=" } else { "" };
            others.push(format!(
                "w.k >= {low} AND w.k < {high} AND {theirs} {further}{or_equal} {}",
                value("v")
            ));
        }
        let better =
            others.iter().map(|other| format!("({other})")).collect::<Vec<_>>().join(" OR ");
        let matching = compiler.matching("x", &self.query.types, &self.query.filter)?;
        let (values, arrivals) = self.direction();
        let (arrival, most) = (compiler.schema_type.arrival(), self.most(compiler));
        Ok(format!(
            "SELECT x.r, x.{arrival} AS a, {} AS v FROM @value v JOIN @resource x ON x.r = v.r \
             WHERE {conditions} AND {matching} \
             AND NOT EXISTS (SELECT 1 FROM @value w WHERE w.r = v.r AND ({better})) \
             ORDER BY v.k {values}, x.{arrival} {arrivals} LIMIT {most}",
            value("v")
        ))
    }

    fn by_reference(&self, compiler: &mut Compiler<'_>, place: Option<&Place>) -> Outcome<String> {
        let p = compiler.arguments.numbers(self.numbers.clone());
        let arrival = compiler.schema_type.arrival();
        let mut conditions = format!("f.p = ANY({p})");
        if let Some(place) = place {
            let from = place.values[0].as_deref().unwrap_or_default();
            let from = <[u8; 8]>::try_from(from).map_or(i64::MAX, i64::from_be_bytes);
            let from = compiler.arguments.bind(from, Type::INT8);
            let (order, beyond) = (if self.rises() { ">=" } else { "<=" }, self.arrives());
            let last = compiler.arguments.bind(signed(place.arrival), Type::INT8);
            conditions.push_str(&format!(
                " AND f.target {order} {from} AND (f.target <> {from} OR x.{arrival} {beyond} {last})"
            ));
        }
        let further = if self.largest { ">" } else { "<" };
        let matching = compiler.matching("x", &self.query.types, &self.query.filter)?;
        let (values, arrivals) = self.direction();
        let most = self.most(compiler);
        Ok(format!(
            "SELECT x.r, x.{arrival} AS a, int8send(f.target) AS v \
             FROM @reference f JOIN @resource x ON x.r = f.r WHERE {conditions} AND {matching} \
             AND NOT EXISTS (SELECT 1 FROM @reference g WHERE g.r = f.r AND g.p = ANY({p}) \
             AND g.target {further} f.target) \
             ORDER BY f.target {values}, x.{arrival} {arrivals} LIMIT {most}"
        ))
    }

    /// Those without a value, after the place if that is among them.
    fn unvalued(&self, compiler: &mut Compiler<'_>, at_none: bool) -> Outcome<String> {
        let mut conditions = compiler.matching("x", &self.query.types, &self.query.filter)?;
        let arrival = compiler.schema_type.arrival();
        if let Some(place) = self.place.as_ref().filter(|_| at_none) {
            let last = compiler.arguments.bind(signed(place.arrival), Type::INT8);
            conditions.push_str(&format!(" AND x.{arrival} {} {last}", self.arrives()));
        }
        for p in &self.numbers {
            let (low, high) = bounds(compiler, *p);
            conditions.push_str(&format!(
                " AND NOT EXISTS (SELECT 1 FROM @value w WHERE w.r = x.r AND w.k >= {low} AND w.k < {high})"
            ));
        }
        let p = compiler.arguments.numbers(self.numbers.clone());
        let (_, arrivals) = self.direction();
        let (rest, most) = (&self.rest, self.most(compiler));
        Ok(format!(
            "SELECT x.r, x.{arrival}, NULL::bytea{rest} FROM @resource x WHERE {conditions} \
             AND NOT EXISTS (SELECT 1 FROM @reference g WHERE g.r = x.r AND g.p = ANY({p})) \
             ORDER BY x.{arrival} {arrivals} LIMIT {most}"
        ))
    }

    fn arrives(&self) -> &'static str {
        if self.backwards { "<" } else { ">" }
    }

    fn most(&self, compiler: &mut Compiler<'_>) -> String {
        compiler.arguments.bind(limit(self.query.limit.saturating_add(1)), Type::INT8)
    }
}

/// Between which all values of a parameter are.
fn bounds(compiler: &mut Compiler<'_>, p: i32) -> (String, String) {
    let prefix = index_prefix(p);
    let high = compiler.arguments.bytes(after(&prefix).unwrap_or_default());
    (compiler.arguments.bytes(prefix), high)
}
