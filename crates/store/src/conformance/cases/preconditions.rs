//! Each precondition against each state.

use crate::conformance::resources::*;
use crate::conformance::{Client, Fixture};
use crate::*;

/// A state that a resource can be in: how many writes make it, and what is current then.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Standing {
    Unknown,
    Created,
    Updated,
    Deleted,
    Recreated,
    Purged,
}

const STANDINGS: [Standing; 6] = [
    Standing::Unknown,
    Standing::Created,
    Standing::Updated,
    Standing::Deleted,
    Standing::Recreated,
    Standing::Purged,
];

async fn bring_about(client: &Client, key: &Key, standing: Standing) {
    let all = [put(key, "one"), put(key, "two"), delete(key), put(key, "four")];
    let writes = match standing {
        Standing::Unknown => 0,
        Standing::Created => 1,
        Standing::Updated => 2,
        Standing::Deleted => 3,
        Standing::Recreated | Standing::Purged => 4,
    };
    for write in all.into_iter().take(writes) {
        client.write(write).await;
    }
    if standing == Standing::Purged {
        client.purge(key, None).await;
    }
}

/// What the definition says, spelled out.
fn expected(precondition: Precondition, standing: Standing) -> Option<Conflict> {
    let version = |n| Version::new(n).expect("a version");
    let current = match standing {
        Standing::Unknown | Standing::Purged => None,
        Standing::Created => Some(version(1)),
        Standing::Updated => Some(version(2)),
        Standing::Deleted => Some(version(3)),
        Standing::Recreated => Some(version(4)),
    };
    let deleted = standing == Standing::Deleted;
    match (precondition, current) {
        (Precondition::None, _) => None,
        (Precondition::Absent, Some(version)) if !deleted => Some(Conflict::Exists(version)),
        (Precondition::Unknown, Some(version)) => Some(Conflict::Exists(version)),
        (Precondition::Absent | Precondition::Unknown, _) => None,
        (Precondition::Present | Precondition::Version(_), None) => Some(Conflict::Missing),
        (Precondition::Present, Some(version)) => deleted.then_some(Conflict::Deleted(version)),
        (Precondition::Version(wanted), Some(current)) if wanted == current => None,
        (Precondition::Version(expected), Some(current)) => {
            Some(Conflict::Version { expected, current })
        }
    }
}

/// Puts and deletions go ahead exactly when their precondition holds.
pub async fn each_precondition_meets_each_state(fixture: Fixture) {
    let client = fixture.client();
    let mut preconditions = vec![
        Precondition::None,
        Precondition::Absent,
        Precondition::Unknown,
        Precondition::Present,
    ];
    preconditions.extend((1..=5).filter_map(Version::new).map(Precondition::Version));
    let mut count = 0;
    for standing in STANDINGS {
        for precondition in &preconditions {
            for deletes in [false, true] {
                count += 1;
                let key = person(&format!("r{count}"));
                bring_about(&client, &key, standing).await;
                let write = if deletes { delete(&key) } else { put(&key, "new") };
                meets(&client, given(*precondition, write), standing).await;
            }
        }
    }
}

async fn meets(client: &Client, write: Write, standing: Standing) {
    let what = format!("{:?} on {standing:?}", write.precondition);
    let before = client.read(&write.key).await;
    let (key, conflict) = (write.key.clone(), expected(write.precondition, standing));
    let outcome = client.try_commit(Batch { writes: vec![write], ..Batch::default() }).await;
    match (outcome, conflict) {
        (Ok(_), None) => {}
        (Err(StoreError::Conflict { write: 0, conflict: found }), Some(wanted)) => {
            assert_eq!(found, wanted, "the conflict says what stands against it: {what}");
            assert_eq!(client.read(&key).await, before, "a refused write changes nothing: {what}");
        }
        (outcome, wanted) => panic!("{what}: wanted {wanted:?}, was {outcome:?}"),
    }
}

/// The error names the first write whose precondition failed.
pub async fn the_conflicting_write_is_named(fixture: Fixture) {
    let client = fixture.client();
    client.put(&person("there"), "there").await;
    let mut writes: Vec<Write> = (0..6).map(|n| put(&person(&format!("n{n}")), "new")).collect();
    writes[3] = given(Precondition::Unknown, put(&person("there"), "again"));
    writes[5] = given(Precondition::Present, put(&person("missing"), "again"));
    match client.try_commit(Batch { writes, ..Batch::default() }).await {
        Err(StoreError::Conflict { write: 3, conflict: Conflict::Exists(Version::FIRST) }) => {}
        outcome => panic!("the first conflicting write, number 3, is named: {outcome:?}"),
    }
}
