//! The target is found by the source's rules, whenever these change.

mod support;

use cresset_copy::{Copy, Side};
use cresset_interaction::{base_urls, search_parameters};
use cresset_search::Registry;
use cresset_store::*;
use std::sync::Arc;
use support::faulty::{Fault, Faulty};
use support::life::{Dice, live};
use support::*;

fn parameter(id: &str, path: &str, status: &str) -> Write {
    put(&format!(
        r#"{{"resourceType": "SearchParameter", "id": "{id}", "url": "http://example.org/{id}",
            "name": "{id}", "status": "{status}", "description": "d", "code": "{id}",
            "base": ["Patient"], "type": "string", "expression": "{path}"}}"#
    ))
}

fn first() -> Write {
    parameter("first", "Patient.name.given.first()", "active")
}

async fn urls(side: &Side, urls: &[&str]) {
    let urls: Vec<String> = urls.iter().map(|url| (*url).to_owned()).collect();
    let batch = Batch { bookmarks: vec![base_urls::bookmark(&urls)], ..Batch::default() };
    side.store.commit(&side.scope, batch).await.expect("they are kept");
}

/// The names of the indexes that a collection's own search parameters have.
async fn custom(side: &Side) -> Vec<String> {
    let base = Registry::r4(Vec::new());
    let registry = search_parameters::registry_of(&*side.store, &side.scope, base).await;
    let registry = registry.expect("its search parameters");
    registry.custom_indexes().iter().map(|index| index.name.to_string()).collect()
}

/// How many resources the target has under a custom index.
async fn found(side: &Side, parameter: &str) -> usize {
    let scan = Scan::starting(Parameter::new(parameter), Vec::new());
    let (sort, start) = (Vec::new(), Start::First);
    let filter = Filter::Scan(scan);
    let query = Query { types: Vec::new(), filter, sort, start, limit: 10_000, total: false };
    side.store.search(&side.scope, query).await.expect("it is searched").resources.len()
}

#[tokio::test(flavor = "multi_thread")]
async fn custom_search_parameters_that_were_there_are_followed_at_once() {
    let (from, to) = (memory("source").await, memory("target").await);
    live(&from, &mut Dice::seeded(1), 60).await;
    commit(&from, vec![first()]).await;
    live(&from, &mut Dice::seeded(2), 60).await;
    let standing = copy(&from, &to, small(11)).await.expect("it is copied");
    assert_eq!(standing.reindexed, 0, "nothing had to be done twice");
    assert_equal(&from, &to).await;
    let [index] = custom(&to).await.try_into().expect("one index");
    assert!(found(&to, &index).await > 0, "they are found by it");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_comes_goes_or_changes_meanwhile_is_right_in_the_end() {
    let (from, to) = (memory("source").await, memory("target").await);
    let mut dice = Dice::seeded(3);
    live(&from, &mut dice, 60).await;
    let mut going = Copy::begin(from.clone(), to.clone(), small(7)).await.expect("it begins");
    going.catch_up(&mut |_| {}).await.expect("it is copied");
    commit(&from, vec![first()]).await;
    live(&from, &mut dice, 10).await;
    let standing = going.catch_up(&mut |_| {}).await.expect("it is copied");
    assert!(standing.reindexed > 0, "what was there is indexed by it");
    assert_equal(&from, &to).await;
    let [index] = custom(&to).await.try_into().expect("one index");
    assert!(found(&to, &index).await > 0, "they are found by it");
    // Begun anew, as after a kill.
    commit(&from, vec![parameter("first", "Patient.name.family.first()", "active")]).await;
    live(&from, &mut dice, 10).await;
    copy(&from, &to, small(7)).await.expect("it is copied");
    assert_equal(&from, &to).await;
    assert_eq!(found(&to, &index).await, 0, "the old one's rows are gone");
    let [index] = custom(&to).await.try_into().expect("one index");
    assert!(found(&to, &index).await > 0, "they are found by the new one");
    let key = key("SearchParameter", "first");
    let delete = Write { key, precondition: Precondition::None, action: Action::Delete };
    commit(&from, vec![delete]).await;
    copy(&from, &to, small(7)).await.expect("it is copied");
    assert_equal(&from, &to).await;
    assert_eq!(found(&to, &index).await, 0, "and the new one's");
    assert_eq!(custom(&to).await, Vec::<String>::new(), "none is left");
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_while_parameters_change_it_is_right_in_the_end() {
    let mut dice = Dice::seeded(5);
    let from = memory("source").await;
    live(&from, &mut dice, 30).await;
    let mut killed = 0;
    for nth in (1..).step_by(3) {
        let to = memory("target").await;
        let source = memory("source of its own").await;
        copy(&from, &source, small(1000)).await.expect("a source to be changed");
        copy(&source, &to, small(1000)).await.expect("it is copied");
        commit(&source, vec![first()]).await;
        live(&source, &mut Dice::seeded(6), 10).await;
        let store = Arc::new(Faulty::new(&to.store, Fault::Before, nth));
        let dying = Side { store: store.clone(), ..to.clone() };
        let ended = copy(&source, &dying, small(4)).await;
        assert_eq!(ended.is_err(), store.has_failed(), "a failure is told");
        if ended.is_ok() {
            break;
        }
        killed += 1;
        // The parameter goes before the copy is begun again.
        if nth % 2 == 1 {
            let inactive = parameter("first", "Patient.name.given.first()", "retired");
            commit(&source, vec![inactive]).await;
        }
        copy(&source, &to, small(4)).await.expect("it goes on");
        assert_equal(&source, &to).await;
    }
    assert!(killed > 5, "it was killed on the way: {killed}");
}

#[tokio::test(flavor = "multi_thread")]
async fn base_urls_are_carried_and_counted() {
    let (from, to) = (memory("source").await, memory("target").await);
    urls(&from, &["http://fhir.example/r4"]).await;
    live(&from, &mut Dice::seeded(7), 60).await;
    let standing = copy(&from, &to, small(11)).await.expect("it is copied");
    assert_eq!(standing.reindexed, 0, "nothing had to be done twice");
    let kept = base_urls::kept(&*to.store, &to.scope).await.expect("they can be read");
    assert_eq!(kept, ["http://fhir.example/r4"], "they are carried");
    assert_equal(&from, &to).await;
    // A server is started under another one.
    urls(&from, &["http://fhir.example/r4", "https://new.example/fhir"]).await;
    live(&from, &mut Dice::seeded(8), 5).await;
    let standing = copy(&from, &to, small(11)).await.expect("it is copied");
    assert!(standing.reindexed > 0, "all is indexed by it");
    let kept = base_urls::kept(&*to.store, &to.scope).await.expect("they can be read");
    assert_eq!(kept.len(), 2, "it is carried as well");
    assert_equal(&from, &to).await;
}
