//! Words of texts: indexes whose names end with `:words`, which a store may keep in its own way.

use crate::conformance::resources::*;
use crate::conformance::{Client, Fixture};
use crate::*;

const ALL: &str = "note.all:words";

fn words(parameter: &str, words: &[&str]) -> Vec<IndexKey> {
    words.iter().map(|word| entry(parameter, vec![text(word)])).collect()
}

fn whole(word: &str) -> Filter {
    holding(ALL, vec![text(word)])
}

fn range(lower: Option<&str>, upper: Option<&str>) -> Scan {
    let bytes = |text: &str| text.as_bytes().to_vec();
    let scan = Scan::all(Parameter::new(ALL));
    Scan { lower: lower.map(bytes), upper: upper.map(bytes), ..scan }
}

async fn finds(client: &Client, filter: Filter, expected: &[&str]) {
    let told = format!("{filter:?}");
    let found = client.find(filter).await;
    let found: Vec<&str> = found.iter().map(|key| key.id.as_str()).collect();
    assert_eq!(found, expected, "{told}");
}

/// A word is found whole, by its start, and by any range or part.
pub async fn words_are_found_whole_and_by_their_start(fixture: Fixture) {
    let client = fixture.client();
    let of = |id: &str, all: &[&str]| put_with(&person(id), "x", words(ALL, all));
    client
        .commit(vec![
            of("a", &["failure", "heart"]),
            of("b", &["heartburn", "o'neil", "back\\slash", "4:2"]),
            of("c", &["Failure", "é"]),
        ])
        .await;
    finds(&client, whole("heart"), &["a"]).await;
    for odd in ["o'neil", "back\\slash", "4:2"] {
        finds(&client, whole(odd), &["b"]).await;
    }
    finds(&client, whole("é"), &["c"]).await;
    finds(&client, whole("hear"), &[]).await;
    finds(&client, Filter::Scan(range(Some("heart"), Some("hearu"))), &["a", "b"]).await;
    finds(&client, Filter::Scan(range(Some("o'"), Some("o("))), &["b"]).await;
    finds(&client, Filter::Scan(range(Some("F"), Some("G"))), &["c"]).await;
    finds(&client, Filter::Scan(range(None, None)), &["a", "b", "c"]).await;
    let part = Some(TextPart::Anywhere("art".into()));
    finds(&client, Filter::Scan(Scan { contains: part, ..range(None, None) }), &["a", "b"]).await;
    finds(&client, Filter::And(vec![whole("failure"), whole("heart")]), &["a"]).await;
    finds(&client, Filter::Or(vec![whole("é"), whole("heart")]), &["a", "c"]).await;
    finds(&client, Filter::Not(Box::new(whole("heart"))), &["b", "c"]).await;
}

/// Words follow their resource, and those of one index aren't those of another.
pub async fn words_follow_their_resource(fixture: Fixture) {
    let client = fixture.client();
    let both = |all: &[&str], other: &[&str]| {
        let mut index = words(ALL, all);
        index.extend(words("note.text:words", other));
        put_with(&person("a"), "x", index)
    };
    client.commit(vec![both(&["heart", "rate"], &["slow"])]).await;
    finds(&client, whole("slow"), &[]).await;
    client.commit(vec![both(&["heart"], &["rate"])]).await;
    finds(&client, whole("rate"), &[]).await;
    finds(&client, whole("heart"), &["a"]).await;
    client.is_sound().await;
    client.commit(vec![both(&[], &[])]).await;
    finds(&client, whole("heart"), &[]).await;
    client.commit(vec![both(&["heart"], &[])]).await;
    client.commit(vec![delete(&person("a"))]).await;
    finds(&client, whole("heart"), &[]).await;
    client.is_sound().await;
}

/// Words that were deferred are found once the index is built.
pub async fn deferred_words_are_found_once_built(fixture: Fixture) {
    let client = fixture.client();
    client.store.defer_index(&client.scope).await.expect("indexing can be put off");
    client.commit(vec![put_with(&person("a"), "x", words(ALL, &["heart", "rate"]))]).await;
    client.store.build_index(&client.scope).await.expect("the index can be built");
    finds(&client, whole("rate"), &["a"]).await;
    client.is_sound().await;
}
