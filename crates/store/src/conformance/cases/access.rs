//! What a principal may read and write.

use crate::conformance::resources::*;
use crate::conformance::{Client, Fixture};
use crate::*;

/// A person who refers to a note, and a note that refers to a person.
async fn populated(fixture: &Fixture) -> Client {
    let client = fixture.client();
    let writes = vec![
        put_linked(&person("referring"), "x", &note("secret")),
        put(&person("referred"), "secret"),
        put_linked(&note("secret"), "secret", &person("referred")),
    ];
    client.commit(writes).await;
    client
}

fn forbidden<T: std::fmt::Debug>(
    what: &str,
    resource_type: TypeNumber,
    outcome: Result<T, StoreError>,
) {
    match outcome {
        Err(StoreError::Forbidden(found)) => {
            assert_eq!(found, resource_type, "{what} names the type")
        }
        outcome => panic!("{what} of a forbidden type: {outcome:?}"),
    }
}

/// Asking for a type that the principal may not read is refused.
pub async fn reading_a_forbidden_type_is_refused(fixture: Fixture) {
    populated(&fixture).await;
    let Client { store, scope } = fixture.limited(&[PERSON], &[PERSON, NOTE]);
    let key = note("secret");
    forbidden("read", NOTE, store.read(&scope, &[person("referred"), key.clone()]).await);
    forbidden("read_version", NOTE, store.read_version(&scope, &key, Version::FIRST).await);
    for range in [HistoryRange::Instance(key), HistoryRange::Type(NOTE)] {
        forbidden("history", NOTE, store.history(&scope, whole_history(range)).await);
    }
    let unknown = HistoryRange::Instance(note("never"));
    forbidden("history", NOTE, store.history(&scope, whole_history(unknown)).await);
    forbidden(
        "history",
        PLACE,
        store.history(&scope, whole_history(HistoryRange::Type(PLACE))).await,
    );
    forbidden("search", NOTE, store.search(&scope, query(&[PERSON, NOTE], Filter::All, 9)).await);
    forbidden("list", NOTE, store.list(&scope, NOTE, None, 10).await);
}

/// Writing a type that the principal may not write is refused, and nothing of the batch is written.
pub async fn writing_a_forbidden_type_is_refused(fixture: Fixture) {
    let all = populated(&fixture).await;
    let before = all.changes().await;
    let Client { store, scope } = fixture.limited(&[PERSON, NOTE], &[PERSON]);
    for write in [put(&note("new"), "x"), delete(&note("secret"))] {
        let batch = Batch { writes: vec![put(&person("new"), "x"), write], ..Batch::default() };
        forbidden("commit", NOTE, store.commit(&scope, batch).await);
    }
    let replicas =
        vec![replica(&person("new"), 1, 0, Some("x")), replica(&note("new"), 1, 0, None)];
    let batch = ReplicaBatch { replicas, ..ReplicaBatch::default() };
    forbidden("replicate", NOTE, store.replicate(&scope, batch).await);
    forbidden(
        "purge",
        NOTE,
        store.purge(&scope, &note("secret"), None, Provenance::default()).await,
    );
    assert_eq!(all.changes().await, before, "a refused write changes nothing");
    assert_eq!(all.read(&person("new")).await, None, "nothing of a refused batch is written");
}

/// Searches and histories of all types leave forbidden ones out, of the total too.
pub async fn forbidden_types_are_not_seen(fixture: Fixture) {
    populated(&fixture).await;
    let client = fixture.limited(&[PERSON], &[]);
    let persons = [person("referring"), person("referred")];
    assert_eq!(client.find(Filter::All).await, persons, "a search of all types");
    assert_eq!(client.find(named("secret")).await, [person("referred")], "a search by value");
    assert_eq!(client.find(Filter::Keys(vec![note("secret")])).await, [], "a search by key");
    let not = Filter::Not(Box::new(named("secret")));
    assert_eq!(client.find(not).await, [person("referring")], "a search by what isn't");
    let history = client.history(whole_history(HistoryRange::System)).await;
    assert!(history.versions.iter().all(|v| v.key.resource_type == PERSON), "a system's history");
    assert_eq!(history.versions.len(), 2, "what is allowed is in it");
    let none = fixture.limited(&[], &[]);
    assert_eq!(none.find(Filter::All).await, [], "a principal without rights sees nothing");
}

/// Chains neither lead to forbidden types nor come from them.
pub async fn chains_do_not_cross_forbidden_types(fixture: Fixture) {
    let all = populated(&fixture).await;
    let limited = fixture.limited(&[PERSON], &[]);
    let link = || vec![Parameter::new("link")];
    let inner = || Box::new(named("secret"));
    let to = || Filter::RefersTo(link(), vec![NOTE, PERSON], inner());
    let from = || Filter::ReferredFrom(link(), vec![NOTE, PERSON], inner());
    assert_eq!(all.find(to()).await, [person("referring"), note("secret")], "allowed, it is found");
    assert_eq!(all.find(from()).await, [person("referred")], "allowed, it is found");
    assert_eq!(limited.find(to()).await, [], "no chain leads to a forbidden type");
    assert_eq!(limited.find(from()).await, [], "no chain comes from a forbidden type");
    let neither = Filter::Not(Box::new(Filter::Or(vec![to(), from()])));
    assert_eq!(limited.find(neither).await.len(), 2, "the opposite tells nothing either");
}
