//! What has to be looked up before a query can be made into a statement.

use super::ranges::ranges;
use crate::collection::Shared;
use crate::error::{Context, Outcome};
use crate::lookup;
use crate::schema_type::SchemaType;
use crate::transaction::{Argument, Transaction};
use crate::vocabulary::{Known, Needed, terms_ending};
use cresset_store::{Filter, Key, Pattern, Query, Scan, Segment, SortBy};
use std::collections::{BTreeSet, HashMap, HashSet};
use tokio_postgres::Row;
use tokio_postgres::types::Type;

/// Numbers of what a query names.
#[derive(Debug, Default)]
pub(super) struct Vocabulary {
    pub(super) known: Known,
    /// Terms by what they end with.
    pub(super) endings: HashMap<String, Vec<u64>>,
    /// The bounds of ranges that a scan stands for, one for each term, and that are empty.
    pub(super) empty: HashSet<(Vec<u8>, Vec<u8>)>,
}

/// What a query names.
#[derive(Default)]
struct Named<'q> {
    /// Scans that stand for a range for each of many terms.
    wide: Vec<&'q Scan>,
    needed: Needed,
    endings: BTreeSet<String>,
    resources: HashSet<Key>,
}

/// Looks everything up.
pub(super) async fn look_up(
    transaction: &Transaction,
    shared: &Shared,
    query: &Query,
) -> Outcome<Vocabulary> {
    let mut named = Named::default();
    named.filter(&query.filter);
    for sort in &query.sort {
        if let SortBy::Parameters(parameters) | SortBy::Texts(parameters) = &sort.by {
            named.needed.parameters.extend(parameters.iter().cloned());
        }
    }
    let client = transaction.client()?;
    let names = &shared.names;
    let mut known = shared.vocabulary.look_up(client, names, &named.needed).await?;
    let mut endings = HashMap::new();
    for ending in named.endings {
        let terms = terms_ending(client, names, &ending).await?;
        endings.insert(ending, terms);
    }
    known.resources = lookup::numbers(transaction, shared, &named.resources).await?;
    let mut vocabulary = Vocabulary { known, endings, empty: HashSet::new() };
    if shared.schema_type == SchemaType::Plain {
        vocabulary.empty = empty(transaction, shared, &vocabulary, &named.wide).await?;
    }
    Ok(vocabulary)
}

/// Which of the ranges that these scans stand for have nothing in them: all but a few, as a rule. One look
/// at the index for each is cheaper than the planner's thoughts about it.
async fn empty(
    transaction: &Transaction,
    shared: &Shared,
    vocabulary: &Vocabulary,
    scans: &[&Scan],
) -> Outcome<HashSet<(Vec<u8>, Vec<u8>)>> {
    let (mut lows, mut highs) = (Vec::new(), Vec::new());
    for scan in scans {
        let Some(p) = vocabulary.known.parameter(&scan.parameter) else { continue };
        for range in ranges(vocabulary, &scan.prefix, scan)? {
            let (low, high) = range.under(p).indexed_bounds();
            lows.push(low);
            highs.push(high);
        }
    }
    if lows.is_empty() {
        return Ok(HashSet::new());
    }
    let sql = shared.names.sql(
        "SELECT t.low, t.high FROM unnest($1::bytea[], $2::bytea[]) AS t(low, high)
         WHERE NOT EXISTS (SELECT 1 FROM @value v WHERE v.k >= t.low AND v.k <= t.high)",
    );
    let doing = "looking for values";
    let arguments: [Argument<'_>; 2] = [(&lows, Type::BYTEA_ARRAY), (&highs, Type::BYTEA_ARRAY)];
    let rows = transaction.rows(doing, &sql, &arguments).await?;
    let bounds = |row: &Row| Ok((row.try_get(0).context(doing)?, row.try_get(1).context(doing)?));
    rows.iter().map(bounds).collect()
}

impl<'q> Named<'q> {
    fn filter(&mut self, filter: &'q Filter) {
        match filter {
            Filter::All | Filter::Keys(_) | Filter::Updated(..) => {}
            Filter::Scan(scan) => self.scan(scan),
            Filter::And(filters) | Filter::Or(filters) => {
                filters.iter().for_each(|filter| self.filter(filter));
            }
            Filter::Not(inner) => self.filter(inner),
            Filter::RefersTo(parameters, _, inner) | Filter::ReferredFrom(parameters, _, inner) => {
                self.needed.parameters.extend(parameters.iter().cloned());
                self.filter(inner);
            }
            Filter::RefersToType(parameters, _) => {
                self.needed.parameters.extend(parameters.iter().cloned());
            }
        }
    }

    fn scan(&mut self, scan: &'q Scan) {
        if scan.prefix.iter().any(|p| matches!(p, Pattern::AnyTerm | Pattern::TermEnding(_))) {
            self.wide.push(scan);
        }
        self.needed.parameters.insert(scan.parameter.clone());
        for pattern in &scan.prefix {
            match pattern {
                Pattern::Is(segment) => self.segment(segment),
                Pattern::AnyTerm => {
                    self.endings.insert(String::new());
                }
                Pattern::TermEnding(ending) => {
                    self.endings.insert(ending.clone());
                }
            }
        }
        scan.suffix.iter().for_each(|segment| self.segment(segment));
    }

    fn segment(&mut self, segment: &Segment) {
        if let Segment::Resource(key) = segment {
            self.resources.insert(key.clone());
        }
        self.needed.add_segment(segment);
    }
}
