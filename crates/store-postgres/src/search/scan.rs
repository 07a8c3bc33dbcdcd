//! A range of one index as a statement that gives resources.

use super::compile::Compiler;
use super::ranges::{Range, indexed, ranges};
use crate::error::Outcome;
use crate::schema_type::SchemaType;
use cresset_store::physical::write_value;
use cresset_store::{Key, Pattern, Scan, Segment, TextPart};
use tokio_postgres::types::Type;

/// A value as a whole, where a row keeps more of it than the index.
const WHOLE: &str = "coalesce(v.k || v.more, v.k)";
/// What follows the resource that a reference's value begins with.
const REST: &str = "coalesce(f.more, ''::bytea)";

impl Compiler<'_> {
    /// The resources with a key in a range; several statements to be united.
    pub(super) fn scan(&mut self, scan: &Scan) -> Outcome<Vec<String>> {
        let Some(p) = self.vocabulary.known.parameter(&scan.parameter) else {
            return Ok(Vec::new());
        };
        if let Some((Pattern::Is(Segment::Resource(target)), rest)) = scan.prefix.split_first() {
            return self.references(p, std::slice::from_ref(&target), rest, scan);
        }
        if scan.parameter.is_words() {
            return self.words(p, scan);
        }
        let ranges = ranges(&self.vocabulary, &scan.prefix, scan)?;
        let Some(narrowed) = self.narrowed(scan, WHOLE, "t.at")? else { return Ok(Vec::new()) };
        if self.is_behind_terms(scan) && ranges.len() > FEW && narrowed.is_empty() {
            return self.behind_terms(p, scan);
        }
        let whole = ranges.len() == 1 && ranges[0].is_whole() && narrowed.is_empty();
        let ranges: Vec<Range> = ranges.into_iter().map(|range| range.under(p)).collect();
        let mut selects = self.values(&ranges, &narrowed);
        if whole {
            // Whether its values begin with resources can't be told from the scan.
            let p = self.arguments.bind(p, Type::INT4);
            selects.push(format!("SELECT f.r FROM @reference f WHERE f.p = {p}"));
        }
        Ok(selects)
    }

    /// Whether it is a range behind whatever term, to be answered from one look at all terms that may stand
    /// there: looking for each of thousands would be done on each shard, and which of them have values there
    /// can't be asked for beforehand.
    pub(super) fn is_behind_terms(&self, scan: &Scan) -> bool {
        self.schema_type == SchemaType::Distributed
            && matches!(scan.prefix.last(), Some(Pattern::AnyTerm))
            && (scan.lower.is_some() || scan.upper.is_some())
    }

    fn behind_terms(&mut self, p: i32, scan: &Scan) -> Outcome<Vec<String>> {
        let before = &scan.prefix[..scan.prefix.len() - 1];
        let all = Scan { lower: None, upper: None, ..scan.clone() };
        let ranges = ranges(&self.vocabulary, before, &all)?;
        let ranges: Vec<Range> = ranges.into_iter().map(|range| range.under(p)).collect();
        // As `write_number` has it.
        let length = format!(
            "CASE WHEN octet_length({WHOLE}) <= t.at THEN 0 \
             WHEN get_byte({WHOLE}, t.at) < 240 THEN 1 ELSE get_byte({WHOLE}, t.at) - 238 END"
        );
        let mut conditions = format!(" AND octet_length({WHOLE}) > t.at");
        let tail = format!("substr({WHOLE}, t.at + 1 + {length})");
        for (bound, order) in [(&scan.lower, ">="), (&scan.upper, "<")] {
            if let Some(bound) = bound {
                let bound = self.arguments.bytes(bound.clone());
                conditions.push_str(&format!(" AND {tail} {order} {bound}"));
            }
        }
        Ok(self.values(&ranges, &conditions))
    }

    /// The resources with a value in one of the ranges for which `narrowed` holds.
    pub(super) fn values(&mut self, ranges: &[Range], narrowed: &str) -> Vec<String> {
        let empty = &self.vocabulary.empty;
        let ranges: Vec<&Range> =
            ranges.iter().filter(|range| !empty.contains(&range.indexed_bounds())).collect();
        let few = ranges.len() <= FEW && ranges.iter().all(|range| !range.is_long());
        match &ranges[..] {
            [] => Vec::new(),
            [range] => {
                let mut conditions = self.bounds(range);
                conditions.push_str(&narrowed.replace("t.at", &range.at.to_string()));
                vec![format!("SELECT v.r FROM @value v WHERE true{conditions}")]
            }
            // Each by itself tells the planner how many rows to expect.
            ranges if few => {
                let each = ranges.iter().map(|range| {
                    let conditions = self.bounds(range);
                    let narrowed = narrowed.replace("t.at", &range.at.to_string());
                    format!("(true{conditions}{narrowed})")
                });
                let any = each.collect::<Vec<_>>().join(" OR ");
                vec![format!("SELECT v.r FROM @value v WHERE ({any})")]
            }
            ranges => {
                let long = ranges.iter().any(|range| range.is_long());
                let highs = || {
                    ranges.iter().map(|r| r.high.clone().unwrap_or_else(|| vec![0xff; INDEXED_END]))
                };
                let lows: Vec<Vec<u8>> = ranges.iter().map(|r| indexed(&r.low)).collect();
                let lows = self.arguments.bind(lows, Type::BYTEA_ARRAY);
                let cut: Vec<Vec<u8>> = highs().map(|high| indexed(&high)).collect();
                let cut = self.arguments.bind(cut, Type::BYTEA_ARRAY);
                let ats: Vec<i32> = ranges.iter().map(|r| r.at).collect();
                let ats = self.arguments.numbers(ats);
                let (mut columns, mut names) =
                    (format!("{lows}, {cut}, {ats}"), "low, high, at".to_owned());
                let mut conditions = "v.k >= t.low AND v.k < t.high".to_owned();
                if long {
                    let lows: Vec<Vec<u8>> = ranges.iter().map(|r| r.low.clone()).collect();
                    let lows = self.arguments.bind(lows, Type::BYTEA_ARRAY);
                    let highs: Vec<Vec<u8>> = highs().collect();
                    let highs = self.arguments.bind(highs, Type::BYTEA_ARRAY);
                    columns.push_str(&format!(", {lows}, {highs}"));
                    names.push_str(", whole_low, whole_high");
                    conditions = format!(
                        "v.k >= t.low AND v.k <= t.high AND {WHOLE} >= t.whole_low AND {WHOLE} < t.whole_high"
                    );
                }
                vec![format!(
                    "SELECT v.r FROM unnest({columns}) AS t({names}) \
                     JOIN @value v ON {conditions}{narrowed}"
                )]
            }
        }
    }

    fn bounds(&mut self, range: &Range) -> String {
        let mut conditions = String::new();
        if !range.low.is_empty() {
            let low = self.arguments.bytes(indexed(&range.low));
            conditions.push_str(&format!(" AND v.k >= {low}"));
        }
        if let Some(high) = &range.high {
            let below = if range.is_long() { "<=" } else { "<" };
            let high = self.arguments.bytes(indexed(high));
            conditions.push_str(&format!(" AND v.k {below} {high}"));
        }
        if range.is_long() {
            conditions.push_str(&self.whole_bounds(range, WHOLE));
        }
        conditions
    }

    fn whole_bounds(&mut self, range: &Range, value: &str) -> String {
        let low = self.arguments.bytes(range.low.clone());
        let mut conditions = format!(" AND {value} >= {low}");
        if let Some(high) = &range.high {
            let high = self.arguments.bytes(high.clone());
            conditions.push_str(&format!(" AND {value} < {high}"));
        }
        conditions
    }

    /// The resources that refer to one of `targets`, with what must follow in the value.
    pub(super) fn references(
        &mut self,
        p: i32,
        targets: &[&Key],
        rest: &[Pattern],
        scan: &Scan,
    ) -> Outcome<Vec<String>> {
        let ranges = ranges(&self.vocabulary, rest, scan)?;
        let Some(narrowed) = self.narrowed(scan, REST, "t.at")? else { return Ok(Vec::new()) };
        let known = &self.vocabulary.known.resources;
        let targets: Vec<i64> = targets.iter().filter_map(|key| known.get(*key).copied()).collect();
        let target = match targets[..] {
            [] => return Ok(Vec::new()),
            [only] => format!("= {}", self.arguments.bind(only, Type::INT8)),
            _ => format!("= ANY({})", self.arguments.bind(targets, Type::INT8_ARRAY)),
        };
        let p = self.arguments.bind(p, Type::INT4);
        let select = format!("SELECT f.r FROM @reference f WHERE f.p = {p} AND f.target {target}");
        let mut selects = Vec::new();
        for range in &ranges {
            let mut conditions = String::new();
            if !range.is_whole() {
                conditions = self.whole_bounds(range, REST);
            }
            conditions.push_str(&narrowed.replace("t.at", &range.at.to_string()));
            selects.push(format!("{select}{conditions}"));
        }
        Ok(selects)
    }

    /// What must hold besides the bounds; `None` when nothing can.
    pub(super) fn narrowed(
        &mut self,
        scan: &Scan,
        value: &str,
        at: &str,
    ) -> Outcome<Option<String>> {
        let mut conditions = String::new();
        let mut suffix = Vec::new();
        let mut numbers = &self.vocabulary.known;
        if !write_value(&scan.suffix, &mut numbers, &mut suffix)? {
            return Ok(None);
        }
        if !suffix.is_empty() {
            // By the text's end, since the bytes of one number may end another's.
            let tail = format!("substr({value}, {at} + 1)");
            let nul = format!("position('\\x00'::bytea IN {tail})");
            let suffix = self.arguments.bytes(suffix);
            conditions
                .push_str(&format!(" AND {nul} > 0 AND substr({tail}, {nul} + 1) = {suffix}"));
        }
        if let Some(part) = &scan.contains {
            // The text ends with a NUL.
            let tail = format!("substr({value}, {at} + 1)");
            let nul = format!("position('\\x00'::bytea IN {tail})");
            let text = format!("substr({tail}, 1, greatest({nul}, 1) - 1)");
            conditions.push_str(&format!(" AND {nul} > 0"));
            match part {
                TextPart::Anywhere(part) => {
                    let part = self.arguments.bytes(part.as_bytes().to_vec());
                    conditions.push_str(&format!(" AND position({part} IN {text}) > 0"));
                }
                TextPart::End(part) => {
                    conditions.push_str(&self.ends(&text, part.as_bytes().to_vec()));
                }
            }
        }
        if let Some(within) = &scan.within {
            let from = i32::try_from(within.at).unwrap_or(i32::MAX / 2);
            conditions.push_str(&format!(" AND octet_length({value}) >= {at} + {from}"));
            let tail = format!("substr({value}, {at} + {from} + 1)");
            for (bound, order) in [(&within.lower, ">="), (&within.upper, "<")] {
                if let Some(bound) = bound {
                    let bound = self.arguments.bytes(bound.clone());
                    conditions.push_str(&format!(" AND {tail} {order} {bound}"));
                }
            }
        }
        Ok(Some(conditions))
    }

    fn ends(&mut self, value: &str, end: Vec<u8>) -> String {
        let length = end.len();
        let end = self.arguments.bytes(end);
        format!(
            " AND octet_length({value}) >= {length} \
             AND substr({value}, octet_length({value}) - {length} + 1) = {end}"
        )
    }
}

/// Ranges that a statement names one by one.
const FEW: usize = 24;
/// Bytes of a bound that is above all values.
const INDEXED_END: usize = 16;
