//! What has to be looked up before a query can be made into a statement.

use crate::collection::Shared;
use crate::error::{Context, Outcome};
use crate::lookup::Keys;
use crate::rows::key;
use crate::transaction::Transaction;
use crate::vocabulary::{Known, Needed, terms_ending};
use cresset_store::{Filter, Key, Pattern, Query, Scan, Segment, SortBy};
use std::collections::{BTreeSet, HashMap, HashSet};

/// Numbers of what a query names.
#[derive(Debug, Default)]
pub(super) struct Vocabulary {
    pub(super) known: Known,
    /// Terms by what they end with.
    pub(super) endings: HashMap<String, Vec<u64>>,
}

/// What a query names.
#[derive(Default)]
struct Named {
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
    if !named.resources.is_empty() {
        let doing = "looking up resources";
        let asked = Keys::new(shared.schema_type, named.resources.iter());
        let sql = shared.keyed_sql("SELECT x.type, x.id, x.r FROM @resource x WHERE #keys");
        for row in transaction.rows(doing, &sql, &asked.arguments()).await? {
            known.resources.insert(key(&row, 0)?, row.try_get(2).context(doing)?);
        }
    }
    Ok(Vocabulary { known, endings })
}

impl Named {
    fn filter(&mut self, filter: &Filter) {
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

    fn scan(&mut self, scan: &Scan) {
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
