//! Contents come back byte for byte.

use crate::conformance::random::Random;
use crate::conformance::resources::*;
use crate::conformance::{Client, Fixture};
use crate::*;

const LARGE: usize = 8 << 20;

async fn comes_back(client: &Client, key: &Key, payload: Payload, what: &str) -> Stored {
    let action = Action::Put { payload: payload.clone(), index: IndexKeys::default() };
    let write = Write { key: key.clone(), precondition: Precondition::None, action };
    let version = client.write(write).await.version.expect("a version");
    let current = client.read(key).await.expect("it is there");
    assert!(current.payload() == Some(&payload), "{what} comes back as it was");
    client.put(key, "next").await;
    let past = client.version(key, version.number()).await.expect("it is in the history");
    assert!(past.payload() == Some(&payload), "{what} comes back from the history");
    current
}

/// Eight megabytes, compressible or not.
pub async fn large_contents_come_back(fixture: Fixture) {
    let client = fixture.client();
    let noise = Random(1).bytes(LARGE);
    let repeated: Vec<u8> =
        b"{\"resourceType\":\"Binary\"}".iter().copied().cycle().take(LARGE).collect();
    for (what, text) in [("noise", noise), ("repetition", repeated)] {
        let payload = Payload::encode(&text, None);
        let stored = comes_back(&client, &person(what), payload, what).await;
        let body = stored.body().expect("it decodes").expect("it isn't deleted");
        assert!(body == text, "{what} decodes to what it was");
    }
    client.is_sound().await;
}

/// Empty, tiny and incompressible contents.
pub async fn small_contents_come_back(fixture: Fixture) {
    let client = fixture.client();
    for length in [0, 1, 2, 100, 4095, 4096, 4097, 70_000] {
        let payload = Payload::encode(&Random(length as u64).bytes(length), None);
        comes_back(&client, &person("a"), payload, &format!("{length} bytes")).await;
    }
}

/// A body goes out with the version and the time that the commit gave it.
pub async fn a_body_has_its_version_and_time(fixture: Fixture) {
    let (client, key) = (fixture.client(), person("a"));
    for (version, text, rest) in
        [(1, "{\"meta\":{}}", "}}"), (2, "{\"meta\":{\"tag\":[]}}", ",\"tag\":[]}}")]
    {
        let payload = Payload::encode(text.as_bytes(), Some(9));
        let action = Action::Put { payload, index: IndexKeys::default() };
        let write = Write { key: key.clone(), precondition: Precondition::None, action };
        let updated = client.write(write).await.updated;
        let body = client.read(&key).await.expect("it is there").body().expect("it decodes");
        let expected =
            format!("{{\"meta\":{{\"versionId\":\"{version}\",\"lastUpdated\":\"{updated}\"{rest}");
        assert_eq!(body, Some(expected.into_bytes()), "version and time are in meta");
    }
    client.write(delete(&key)).await;
    let body = client.read(&key).await.expect("a deletion is read").body().expect("it decodes");
    assert_eq!(body, None, "a deletion has no body");
}
