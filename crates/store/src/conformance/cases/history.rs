//! Histories: whose versions, and which of them.

use crate::conformance::resources::*;
use crate::conformance::{Client, Fixture};
use crate::*;
use std::time::Duration;

/// Five versions of one resource, the third a deletion, with distinct times.
async fn five_versions(client: &Client, key: &Key) -> Vec<Timestamp> {
    let mut times = Vec::new();
    for write in [put(key, "1"), put(key, "2"), delete(key), put(key, "4"), put(key, "5")] {
        times.push(client.write(write).await.updated);
        tokio::time::sleep(Duration::from_millis(3)).await;
    }
    assert!(times.is_sorted_by(|a, b| a < b), "commits 3 ms apart have different times");
    times
}

/// An instance's history has all its versions, deletions too, newest first, and none of another's.
pub async fn an_instance_has_all_its_versions(fixture: Fixture) {
    let (client, key) = (fixture.client(), person("a"));
    client.commit(vec![put(&person("b"), "other"), put(&note("a"), "other")]).await;
    five_versions(&client, &key).await;
    let page = client.history(whole_history(HistoryRange::Instance(key.clone()))).await;
    assert_eq!(numbers(&page.versions), [5, 4, 3, 2, 1], "newest first");
    assert!(page.versions.iter().all(|v| v.key == key), "only the instance's");
    assert_eq!(page.versions[2].state, State::Deleted, "deletions are there");
    let names: Vec<String> = page.versions.iter().map(name_of).collect();
    assert_eq!(names, ["5", "4", "", "2", "1"], "each version has its contents");
    assert!(page.next.is_none(), "there is no further page");
    assert!(page.total.is_none_or(|total| total == 5), "a total, if told, is right");
    let never = client.history(whole_history(HistoryRange::Instance(person("never")))).await;
    assert_eq!(never.versions, [], "what never was has no history");
}

/// A type's history has the versions of all its resources, the system's those of all types.
pub async fn types_and_the_system_have_theirs(fixture: Fixture) {
    let client = fixture.client();
    client.put(&person("a"), "1").await;
    client.put(&note("n"), "2").await;
    client.put(&person("b"), "3").await;
    client.put(&person("a"), "4").await;
    client.write(delete(&note("n"))).await;
    let names = |page: HistoryPage| page.versions.iter().map(name_of).collect::<Vec<_>>();
    let persons = client.history(whole_history(HistoryRange::Type(PERSON))).await;
    assert_eq!(names(persons), ["4", "3", "1"], "a type's versions, newest first");
    let notes = client.history(whole_history(HistoryRange::Type(NOTE))).await;
    assert_eq!(names(notes), ["", "2"], "a type's deletions too");
    let system = client.history(whole_history(HistoryRange::System)).await;
    assert_eq!(names(system), ["", "4", "3", "2", "1"], "the system's versions, newest first");
    let none = client.history(whole_history(HistoryRange::Type(PLACE))).await;
    assert_eq!(none.versions, [], "a type without resources has no history");
}

/// `since` takes versions committed at that moment or later.
pub async fn since_takes_versions_from_a_moment_on(fixture: Fixture) {
    let (client, key) = (fixture.client(), person("a"));
    let times = five_versions(&client, &key).await;
    let ranges = [HistoryRange::Instance(key), HistoryRange::Type(PERSON), HistoryRange::System];
    for range in ranges {
        for (index, time) in times.iter().enumerate() {
            let after = Timestamp::from_milliseconds(time.milliseconds() + 1);
            for (since, first) in [(*time, index as u64 + 1), (after, index as u64 + 2)] {
                let query = HistoryQuery { since: Some(since), ..whole_history(range.clone()) };
                let found = numbers(&client.history(query).await.versions);
                let expected: Vec<u64> = (first..=5).rev().collect();
                assert_eq!(found, expected, "since version {} of {range:?}", index + 1);
            }
        }
    }
}

/// `at` takes versions that were current at some time in the span.
pub async fn at_takes_versions_current_in_a_span(fixture: Fixture) {
    let (client, key) = (fixture.client(), person("a"));
    let times = five_versions(&client, &key).await;
    let later = |time: Timestamp, ms: i64| Timestamp::from_milliseconds(time.milliseconds() + ms);
    let spans: [(Timestamp, Timestamp, &[u64]); 7] = [
        (later(times[0], -10), times[0], &[]),
        (later(times[0], -10), later(times[0], 1), &[1]),
        (later(times[0], 1), later(times[0], 2), &[1]),
        (times[1], later(times[1], 1), &[2]),
        (later(times[0], 1), later(times[2], 1), &[3, 2, 1]),
        (times[2], times[4], &[4, 3]),
        (later(times[4], 60_000), later(times[4], 70_000), &[5]),
    ];
    for range in [HistoryRange::Instance(key), HistoryRange::Type(PERSON), HistoryRange::System] {
        for (from, to, expected) in spans {
            let query = HistoryQuery { at: Some((from, to)), ..whole_history(range.clone()) };
            let found = numbers(&client.history(query).await.versions);
            assert_eq!(found, expected, "current from {from} to {to}, of {range:?}");
        }
    }
}
