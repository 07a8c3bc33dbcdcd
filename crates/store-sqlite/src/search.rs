//! Answering a [`Query`] from one snapshot.
//!
//! A filter is made ready ([`node`]), with an estimate for each part from a look at the index. Then
//! the cheaper of two ways is taken: to walk along an ordered list – of one value, of a type, of a
//! sort key – and look at what each resource is found by until the page is full; or to take the
//! whole set and cut the page from it. A walk that finds too little turns into the other.

mod evaluate;
mod explain;
mod lane;
mod leaf;
mod node;
mod page;
mod range;
mod sample;
mod snapshot;
mod sorted;
mod stream;

use crate::Settings;
use crate::error::Outcome;
use crate::read::of_surrogates;
use crate::vocabulary::Vocabulary;
use cresset_store::*;
pub(crate) use explain::explain;
use leaf::Leaf;
use node::{Compiler, Node};
use page::{Cut, Page};
pub(crate) use range::Known;
use rusqlite::Connection;
pub(crate) use snapshot::Snapshot;
use sorted::Key as SortKey;
use std::time::Duration;

/// How long a guard may search: it does so on the writer, and all others wait.
const GUARD: Duration = Duration::from_secs(2);

/// The page that a query asks for. The connection must be inside a transaction.
pub(crate) fn search(
    snapshot: &Snapshot<'_>,
    vocabulary: &mut Vocabulary,
    scope: &Scope,
    query: &Query,
) -> Outcome<Matches> {
    let ready = Ready::new(snapshot, vocabulary, scope, query)?;
    let (page, total) = ready.page(snapshot, query)?;
    let resources = of_surrogates(snapshot.connection, &page.resources)?;
    Ok(Matches { resources, next: page.next, previous: page.previous, total })
}

/// The keys of the first `limit` resources that match: what a guard compares.
pub(crate) fn keys(
    connection: &Connection,
    vocabulary: &mut Vocabulary,
    scope: &Scope,
    query: &Query,
) -> Outcome<Vec<Key>> {
    let settings = Settings { search_timeout: GUARD, ..Settings::default() };
    let snapshot = Snapshot::new(connection, &settings);
    let ready = Ready::new(&snapshot, vocabulary, scope, query)?;
    let (page, _) = ready.page(&snapshot, query)?;
    let found = of_surrogates(connection, &page.resources)?;
    Ok(found.into_iter().map(|stored| stored.key).collect())
}

/// A query made ready.
struct Ready<'q> {
    /// Every resource of the types.
    all: Leaf,
    node: Node,
    keys: Vec<SortKey>,
    sort: &'q [Sort],
}

impl<'q> Ready<'q> {
    fn new(
        snapshot: &Snapshot<'_>,
        vocabulary: &mut Vocabulary,
        scope: &Scope,
        query: &'q Query,
    ) -> Outcome<Self> {
        for of in &query.types {
            scope.may_read(*of)?;
        }
        let mut compiler = Compiler { snapshot, vocabulary, scope };
        let sort = sorted::deciding(&query.sort);
        let keys = sort.iter().map(|key| SortKey::ready(&mut compiler, &query.types, key));
        let keys = keys.collect::<Outcome<_>>()?;
        let all = compiler.all(&query.types)?;
        let node = compiler.of_types(&query.types, &query.filter)?;
        Ok(Self { all, node, keys, sort })
    }

    fn page(&self, snapshot: &Snapshot<'_>, query: &Query) -> Outcome<(Page, Option<u64>)> {
        let cut = Cut::of(&query.start, query.limit, self.sort.len())?;
        let (sort, keys) = (self.sort, &self.keys);
        if query.total {
            if let (0, Some(total)) = (query.limit, self.node.count(snapshot)?) {
                return Ok((Page::default(), Some(total)));
            }
            let found = self.node.set(snapshot)?;
            let page = match (query.limit, sort.is_empty()) {
                (0, _) => Page::default(),
                (_, true) => page::from_set(&found, &cut),
                (_, false) => sorted::of_set(snapshot, &found, keys, sort, &cut)?,
            };
            return Ok((page, Some(found.len())));
        }
        let page = match (query.limit, sort.is_empty()) {
            (0, _) => Page::default(),
            (_, true) => page::by_arrival(snapshot, &self.node, &self.all, &cut)?,
            (_, false) => sorted::page(snapshot, &self.node, &self.all, keys, sort, &cut)?,
        };
        Ok((page, None))
    }
}
