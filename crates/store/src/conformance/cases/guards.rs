//! Guards: a commit that relies on what a search finds.

use crate::conformance::resources::*;
use crate::conformance::{Client, Fixture};
use crate::*;
use std::collections::HashSet;

async fn guarded(client: &Client, id: &str, guards: Vec<Guard>) -> Result<Committed, StoreError> {
    let writes = vec![put(&note(id), "written")];
    client.try_commit(Batch { guards, writes, ..Batch::default() }).await
}

/// A guard holds when the search finds what it was told, in any order.
pub async fn a_guard_holds_when_it_finds_what_it_was_told(fixture: Fixture) {
    let client = fixture.client();
    let (a, b) = (person("a"), person("b"));
    client.commit(vec![put(&a, "both"), put(&b, "both")]).await;
    for found in [[a.clone(), b.clone()], [b.clone(), a.clone()]] {
        let guards = vec![guard(named("both"), &found), guard(named("none"), &[])];
        guarded(&client, "n", guards).await.expect("the search finds exactly these");
    }
}

/// A guard fails when the search finds fewer, more or others.
pub async fn a_guard_fails_when_it_finds_something_else(fixture: Fixture) {
    let client = fixture.client();
    let (a, b, c) = (person("a"), person("b"), person("c"));
    client.commit(vec![put(&a, "both"), put(&b, "both"), put(&c, "gone")]).await;
    client.write(delete(&c)).await;
    let wrong = [
        guard(named("both"), &[]),
        guard(named("both"), std::slice::from_ref(&a)),
        guard(named("both"), &[a.clone(), c.clone()]),
        guard(named("both"), &[a.clone(), b.clone(), c.clone()]),
        guard(named("gone"), std::slice::from_ref(&c)),
    ];
    for wrong in wrong {
        let told = format!("{:?}", wrong.found);
        let guards = vec![guard(named("both"), &[b.clone(), a.clone()]), wrong];
        match guarded(&client, "n", guards).await {
            Err(StoreError::Guard(1)) => {}
            outcome => panic!("guard 1 relies on {told}: {outcome:?}"),
        }
    }
    assert_eq!(client.read(&note("n")).await, None, "a failing guard lets nothing through");
}

/// A guard sees what was committed before its batch, and nothing of the batch itself.
pub async fn a_guard_sees_the_state_before_its_batch(fixture: Fixture) {
    let (client, a, b) = (fixture.client(), person("a"), person("b"));
    client.put(&a, "sought").await;
    let guards = vec![guard(named("sought"), std::slice::from_ref(&a))];
    let writes = vec![delete(&a), put(&b, "sought")];
    let batch = Batch { guards, writes, ..Batch::default() };
    client.try_commit(batch).await.expect("the guard holds before the batch");
    assert_eq!(client.find(named("sought")).await, [b], "the batch is written");
}

/// Many tasks create by the same few identifiers: each identifier gets one resource.
pub async fn conditional_creates_make_one_resource_each(fixture: Fixture) {
    let client = fixture.client();
    let mut tasks = Vec::new();
    for task in 0..64 {
        let client = client.clone();
        tasks.push(tokio::spawn(async move {
            let identifier = format!("identifier-{}", task % 16);
            create_unless_found(&client, &identifier, &person(&format!("task-{task}"))).await
        }));
    }
    let mut created = HashSet::new();
    for task in tasks {
        created.insert(task.await.expect("a task ends without a panic"));
    }
    assert_eq!(created.len(), 16, "all that ask for one identifier are told of one resource");
    assert_eq!(client.find(Filter::All).await.len(), 16, "one resource for each identifier");
    client.is_sound().await;
}

async fn create_unless_found(client: &Client, identifier: &str, key: &Key) -> Key {
    loop {
        if let Some(found) = client.find(named(identifier)).await.pop() {
            return found;
        }
        let guards = vec![guard(named(identifier), &[])];
        let writes = vec![given(Precondition::Unknown, put(key, identifier))];
        match client.try_commit(Batch { guards, writes, ..Batch::default() }).await {
            Ok(_) => return key.clone(),
            Err(StoreError::Guard(0)) => {}
            Err(error) => panic!("the guard alone can stand against it: {error:?}"),
        }
    }
}
