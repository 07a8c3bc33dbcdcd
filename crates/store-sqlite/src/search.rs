//! Answering a [`Query`] from one snapshot.
//!
//! Each filter becomes a set of surrogates; sets are combined; the page is cut from the sorted
//! result, and only its resources are fetched.

mod filter;
mod range;
mod sort;

use crate::error::Outcome;
use crate::read::of_surrogates;
use crate::vocabulary::Vocabulary;
use cresset_store::*;
use filter::Evaluator;
pub(crate) use range::Known;
use roaring::RoaringTreemap;
use rusqlite::Connection;

/// The page that a query asks for. The connection must be inside a transaction.
pub(crate) fn search(
    connection: &Connection,
    vocabulary: &mut Vocabulary,
    scope: &Scope,
    query: &Query,
) -> Outcome<Matches> {
    let found = matching(connection, vocabulary, scope, query)?;
    let total = query.total.then_some(found.len());
    let page = sort::page(connection, vocabulary, &found, query)?;
    let resources = of_surrogates(connection, &page.resources)?;
    Ok(Matches { resources, next: page.next, previous: page.previous, total })
}

/// The keys of the first `limit` resources that match: what a guard compares.
pub(crate) fn keys(
    connection: &Connection,
    vocabulary: &mut Vocabulary,
    scope: &Scope,
    query: &Query,
) -> Outcome<Vec<Key>> {
    let found = matching(connection, vocabulary, scope, query)?;
    let page = sort::page(connection, vocabulary, &found, query)?;
    Ok(of_surrogates(connection, &page.resources)?.into_iter().map(|stored| stored.key).collect())
}

fn matching(
    connection: &Connection,
    vocabulary: &mut Vocabulary,
    scope: &Scope,
    query: &Query,
) -> Outcome<RoaringTreemap> {
    for of in &query.types {
        scope.may_read(*of)?;
    }
    let mut evaluator = Evaluator { connection, vocabulary, scope };
    evaluator.of_types(&query.types, &query.filter)
}

/// What [`search`] would do.
pub(crate) fn explain(
    connection: &Connection,
    vocabulary: &mut Vocabulary,
    scope: &Scope,
    query: &Query,
) -> Outcome<Vec<PlanStep>> {
    let found = matching(connection, vocabulary, scope, query)?;
    let what = "combine the sets of all filters".to_owned();
    Ok(vec![PlanStep { depth: 0, what, estimate: Some(found.len()) }])
}
