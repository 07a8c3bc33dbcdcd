//! Filters as conditions on a row of `resource`, and as statements that give resources.
//!
//! Subqueries are uncorrelated, or correlated by the resource alone, so that they stay answerable
//! where resources are spread over several nodes.

use super::arguments::{Arguments, Ready};
use super::needed::Vocabulary;
use super::ranges::{Range, ranges};
use crate::collection::Shared;
use crate::error::Outcome;
use crate::names::Names;
use crate::rows::type_column;
use crate::schema_type::{SchemaType, distribution_key};
use cresset_store::*;
use std::collections::BTreeMap;
use tokio_postgres::types::Type;

/// Makes a filter into SQL.
pub(super) struct Compiler<'a> {
    pub(super) vocabulary: Vocabulary,
    pub(super) scope: &'a Scope,
    names: &'a Names,
    pub(super) arguments: Arguments,
    pub(super) schema_type: SchemaType,
    aliases: u32,
}

impl<'a> Compiler<'a> {
    pub(super) fn new(vocabulary: Vocabulary, scope: &'a Scope, shared: &'a Shared) -> Self {
        let (names, schema_type) = (&shared.names, shared.schema_type);
        Self { vocabulary, scope, names, arguments: Arguments::default(), schema_type, aliases: 0 }
    }

    /// A statement with the arguments that were bound for it; the next one begins anew.
    pub(super) fn ready(&mut self, sql: &str) -> Ready {
        Ready { sql: self.names.sql(sql), arguments: std::mem::take(&mut self.arguments) }
    }

    /// "It is current, not deleted, of one of these types – of any that may be read, when none is
    /// named – and matches."
    pub(super) fn matching(
        &mut self,
        row: &str,
        types: &[TypeNumber],
        filter: &Filter,
    ) -> Outcome<String> {
        let found = self.found(row, types, filter)?;
        Ok(found.unwrap_or_else(|| self.nothing(row)))
    }

    /// The same; `None` when nothing can match, so that whoever asks can leave a whole branch out: Citus
    /// would ask each shard about it.
    fn found(
        &mut self,
        row: &str,
        types: &[TypeNumber],
        filter: &Filter,
    ) -> Outcome<Option<String>> {
        let matches = match self.condition(row, types, filter)? {
            Condition::Never => return Ok(None),
            Condition::Always => None,
            Condition::Sql(sql) => Some(sql),
        };
        let live = format!("{row}.kind IN (1, 2)");
        let all = [Some(live), self.typed(row, types), matches];
        Ok(Some(all.into_iter().flatten().collect::<Vec<_>>().join(" AND ")))
    }

    fn typed(&mut self, row: &str, types: &[TypeNumber]) -> Option<String> {
        let mut columns: Vec<i16> = match (types, &self.scope.principal().read) {
            ([], Access::Everything) => return None,
            ([], Access::Types(allowed)) => allowed.iter().map(|of| type_column(*of)).collect(),
            (types, _) => types.iter().map(|of| type_column(*of)).collect(),
        };
        columns.sort_unstable();
        columns.dedup();
        // Of one type, an index gives resources in order.
        if let [only] = columns[..] {
            let only = self.arguments.bind(only, Type::INT2);
            return Some(format!("{row}.type = {only}"));
        }
        let columns = self.arguments.bind(columns, Type::INT2_ARRAY);
        Some(format!("{row}.type = ANY({columns})"))
    }

    fn condition(
        &mut self,
        row: &str,
        types: &[TypeNumber],
        filter: &Filter,
    ) -> Outcome<Condition> {
        Ok(match filter {
            Filter::All => Condition::Always,
            Filter::Keys(keys) => Condition::Sql(self.keys(row, keys)),
            Filter::Updated(from, to) => self.updated(row, *from, *to),
            Filter::And(filters) => {
                let all = filters.iter().map(|f| self.condition(row, types, f));
                Condition::all(all.collect::<Outcome<Vec<_>>>()?)
            }
            Filter::Or(filters) if filters.len() == 1 => self.condition(row, types, &filters[0])?,
            Filter::Not(inner) => self.negation(row, types, inner)?,
            Filter::Scan(_)
            | Filter::Or(_)
            | Filter::RefersTo(..)
            | Filter::RefersToType(..)
            | Filter::ReferredFrom(..) => {
                let selects = self.selects(types, filter)?;
                match selects.is_empty() {
                    true => Condition::Never,
                    false => {
                        Condition::Sql(format!("{row}.r IN ({})", selects.join(" UNION ALL ")))
                    }
                }
            }
        })
    }

    /// "It isn't one of those." An anti-join: `NOT IN` would be asked row by row once the others don't
    /// fit into memory.
    fn negation(&mut self, row: &str, types: &[TypeNumber], inner: &Filter) -> Outcome<Condition> {
        if let Filter::All | Filter::Keys(_) | Filter::Updated(..) | Filter::Not(_) = inner {
            return Ok(match self.condition(row, types, inner)? {
                Condition::Always => Condition::Never,
                Condition::Never => Condition::Always,
                Condition::Sql(condition) => Condition::Sql(format!("NOT ({condition})")),
            });
        }
        let selects = self.selects(types, inner)?;
        if selects.is_empty() {
            return Ok(Condition::Always);
        }
        let other = self.alias();
        let mut selects = selects.join(" UNION ALL ");
        if self.schema_type == SchemaType::Distributed {
            // Found first, wherever it is: Citus refuses a join that isn't by the resource's number.
            selects.push_str(" OFFSET 0");
        }
        let sql =
            format!("NOT EXISTS (SELECT 1 FROM ({selects}) {other} WHERE {other}.r = {row}.r)");
        Ok(Condition::Sql(sql))
    }

    /// Statements that together give the resources that a filter finds; none when nothing is found.
    fn selects(&mut self, types: &[TypeNumber], filter: &Filter) -> Outcome<Vec<String>> {
        match filter {
            Filter::Scan(scan) => self.scan(scan),
            Filter::Or(filters) => self.any(types, filters),
            Filter::RefersTo(parameters, of, inner) => {
                Ok(self.chain("f.r", "f.target", parameters, of, inner)?.into_iter().collect())
            }
            Filter::ReferredFrom(parameters, of, inner) => {
                let way = self.chain("f.target AS r", "f.r", parameters, of, inner)?;
                Ok(way.into_iter().collect())
            }
            Filter::RefersToType(parameters, of) => {
                let Some(p) = self.parameters(parameters) else { return Ok(Vec::new()) };
                let of = self.arguments.bind(type_column(*of), Type::INT2);
                Ok(vec![format!(
                    "SELECT f.r FROM @reference f WHERE f.p = ANY({p}) \
                     AND f.target IN (SELECT k.r FROM @resource k WHERE k.type = {of})"
                )])
            }
            Filter::All
            | Filter::Keys(_)
            | Filter::Updated(..)
            | Filter::And(_)
            | Filter::Not(_) => {
                let row = self.alias();
                let found = self.found(&row, types, filter)?;
                let select = |found| format!("SELECT {row}.r FROM @resource {row} WHERE {found}");
                Ok(found.map(select).into_iter().collect())
            }
        }
    }

    /// Alternatives. Ranges of one index become one statement: there may be thousands of them.
    fn any(&mut self, types: &[TypeNumber], filters: &[Filter]) -> Outcome<Vec<String>> {
        let mut selects = Vec::new();
        let mut values: Vec<Range> = Vec::new();
        let mut targets: BTreeMap<i32, (Vec<&Key>, &Scan)> = BTreeMap::new();
        for filter in flattened(filters) {
            let plain = match filter {
                Filter::Scan(scan) if is_plain(scan) && !self.is_behind_terms(scan) => Some(scan),
                _ => None,
            };
            let Some(scan) = plain else {
                selects.extend(self.selects(types, filter)?);
                continue;
            };
            let Some(p) = self.vocabulary.known.parameter(&scan.parameter) else { continue };
            match &scan.prefix[..] {
                [Pattern::Is(Segment::Resource(target))] => {
                    targets.entry(p).or_insert_with(|| (Vec::new(), scan)).0.push(target);
                }
                patterns => {
                    let ranges = ranges(&self.vocabulary, patterns, scan)?;
                    values.extend(ranges.into_iter().map(|range| range.under(p)));
                }
            }
        }
        selects.extend(self.values(&values, ""));
        for (p, (targets, scan)) in targets {
            selects.extend(self.references(p, &targets, &[], scan)?);
        }
        Ok(selects)
    }

    /// A way over references from or to what an inner search finds; types that the principal may not
    /// read are as if they were empty.
    fn chain(
        &mut self,
        given: &str,
        inner_end: &str,
        parameters: &[Parameter],
        types: &[TypeNumber],
        filter: &Filter,
    ) -> Outcome<Option<String>> {
        let allowed = types.iter().copied().filter(|of| self.scope.may_read(*of).is_ok());
        let allowed: Vec<_> = allowed.collect();
        let Some(p) = self.parameters(parameters).filter(|_| !allowed.is_empty()) else {
            return Ok(None);
        };
        let row = self.alias();
        let found = self.found(&row, &allowed, filter)?;
        let way = |found| {
            format!(
                "SELECT {given} FROM @reference f WHERE f.p = ANY({p}) \
                 AND {inner_end} IN (SELECT {row}.r FROM @resource {row} WHERE {found})"
            )
        };
        Ok(found.map(way))
    }

    /// The numbers of parameters as an argument, if anything was ever written to one of them.
    pub(super) fn parameters(&mut self, parameters: &[Parameter]) -> Option<String> {
        let numbers = self.numbers(parameters);
        (!numbers.is_empty()).then(|| self.arguments.numbers(numbers))
    }

    /// The numbers of parameters that anything was ever written to.
    pub(super) fn numbers(&self, parameters: &[Parameter]) -> Vec<i32> {
        let known = &self.vocabulary.known;
        parameters.iter().filter_map(|parameter| known.parameter(parameter)).collect()
    }

    fn keys(&mut self, row: &str, keys: &[Key]) -> String {
        let of: Vec<i16> = keys.iter().map(|key| type_column(key.resource_type)).collect();
        let ids: Vec<String> = keys.iter().map(|key| key.id.to_string()).collect();
        let of = self.arguments.bind(of, Type::INT2_ARRAY);
        let ids = self.arguments.bind(ids, Type::TEXT_ARRAY);
        let named = format!("({row}.type, {row}.id) IN (SELECT * FROM unnest({of}, {ids}))");
        match self.schema_type {
            SchemaType::Plain => named,
            SchemaType::Distributed => {
                let numbers: Vec<i64> = keys.iter().map(distribution_key).collect();
                let numbers = self.arguments.bind(numbers, Type::INT8_ARRAY);
                format!("({row}.r = ANY({numbers}) AND {named})")
            }
        }
    }

    fn updated(&mut self, row: &str, from: Option<Timestamp>, to: Option<Timestamp>) -> Condition {
        let mut conditions = Vec::new();
        for (bound, order) in [(from, ">="), (to, "<")] {
            if let Some(bound) = bound {
                let bound = self.arguments.bind(bound.milliseconds(), Type::INT8);
                conditions.push(Condition::Sql(format!("{row}.updated {order} {bound}")));
            }
        }
        Condition::all(conditions)
    }

    /// A condition that holds for no row: a constant, so that nothing is looked at, but where Citus doesn't
    /// take one beside outer joins.
    fn nothing(&self, row: &str) -> String {
        match self.schema_type {
            SchemaType::Plain => "false".to_owned(),
            SchemaType::Distributed => format!("{row}.kind < 0"),
        }
    }

    fn alias(&mut self) -> String {
        self.aliases += 1;
        format!("x{}", self.aliases)
    }
}

/// Alternatives of alternatives.
fn flattened(filters: &[Filter]) -> Vec<&Filter> {
    let mut flat = Vec::new();
    for filter in filters {
        match filter {
            Filter::Or(inner) => flat.extend(flattened(inner)),
            other => flat.push(other),
        }
    }
    flat
}

/// Whether a scan is nothing but ranges of values, or of references to one resource.
fn is_plain(scan: &Scan) -> bool {
    let simple = scan.suffix.is_empty() && scan.contains.is_none() && scan.within.is_none();
    let bounded = scan.lower.is_some() || scan.upper.is_some();
    simple
        && !scan.parameter.is_words()
        && match &scan.prefix[..] {
            [] => bounded,
            [Pattern::Is(Segment::Resource(_))] => !bounded,
            [Pattern::Is(Segment::Resource(_)), ..] => false,
            _ => true,
        }
}

/// What is asked of a row.
enum Condition {
    Always,
    Never,
    Sql(String),
}

impl Condition {
    /// All of them together.
    fn all(conditions: Vec<Self>) -> Self {
        let mut all = Vec::with_capacity(conditions.len());
        for condition in conditions {
            match condition {
                Self::Always => {}
                Self::Never => return Self::Never,
                Self::Sql(sql) => all.push(sql),
            }
        }
        match all.is_empty() {
            true => Self::Always,
            false => Self::Sql(format!("({})", all.join(" AND "))),
        }
    }
}
