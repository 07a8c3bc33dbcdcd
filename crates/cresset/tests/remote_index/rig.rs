//! What the tests of the remote index ask a server.

use crate::support::http::{Client, Response};
use crate::support::remote::Remote;
use cresset_kafka_server::Broker;
use cresset_postgres_server::Server as Postgres;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const JSON: (&str, &str) = ("content-type", "application/fhir+json");
const STRONG: (&str, &str) = ("x-cresset-consistency", "strong");

/// A database of a test's own, and a broker.
pub(crate) struct Rig {
    pub(crate) remote: Remote,
    pub(crate) postgres: Postgres,
    /// The test's own, if it does harm to it.
    pub(crate) broker: Option<Broker>,
}

impl Rig {
    /// On the broker that tests share; `None` where a service can't be had.
    pub(crate) fn new() -> Option<Self> {
        let (postgres, broker) = (Postgres::start()?, Broker::shared_if_there()?);
        let remote = Remote::new(broker, &postgres.url(), 4);
        Some(Self { remote, postgres, broker: None })
    }

    /// On a broker of its own.
    pub(crate) fn with_a_broker() -> Option<Self> {
        let (postgres, broker) = (Postgres::start()?, Broker::start()?);
        let remote = Remote::at(&broker.bootstrap(), &postgres.url());
        broker.create_topic(&remote.topic, 4);
        Some(Self { remote, postgres, broker: Some(broker) })
    }

    /// How many resources wait for being indexed.
    pub(crate) fn pending(&self) -> usize {
        let collection = self.remote.collection();
        let count = self.postgres.sql(&format!("SELECT count(*) FROM {collection}.index_pending"));
        count.trim().parse().expect("a number")
    }

    /// Rows of the tables of the index.
    pub(crate) fn index_rows(&self) -> Vec<usize> {
        let collection = self.remote.collection();
        let count = |table: &str| {
            let count = self.postgres.sql(&format!("SELECT count(*) FROM {collection}.{table}"));
            count.trim().parse().expect("a number")
        };
        ["value", "reference", "words"].map(count).to_vec()
    }

    pub(crate) fn await_index(&self, at_most: Duration) {
        until("everything is indexed", at_most, || self.pending() == 0);
    }

    /// `cresset verify` finds the index as extraction gives it, and there are no dead letters.
    pub(crate) fn assert_whole(&self) {
        let mut verify = crate::support::server::cresset(&["verify"]);
        let verify = verify.args(self.remote.place().options()).output().expect("it runs");
        let told = String::from_utf8_lossy(&verify.stdout).into_owned();
        assert!(verify.status.success(), "{told}{}", String::from_utf8_lossy(&verify.stderr));
        let table = format!("{}_remote_index.dead_letter", self.remote.schema);
        let is_there = self.postgres.sql(&format!("SELECT to_regclass('{table}') IS NOT NULL"));
        if is_there.trim() == "t" {
            let letters = self.postgres.sql(&format!("SELECT count(*) FROM {table}"));
            assert_eq!(letters.trim(), "0", "dead letters");
        }
    }
}

pub(crate) fn patient(id: &str, family: &str) -> Value {
    json!({ "resourceType": "Patient", "id": id, "name": [{ "family": family }] })
}

pub(crate) fn put(client: &mut Client, id: &str, family: &str) -> std::io::Result<Response> {
    let body = patient(id, family).to_string();
    client.request("PUT", &format!("/fhir/Patient/{id}"), &[JSON], body.as_bytes())
}

pub(crate) fn must_put(client: &mut Client, id: &str, family: &str) -> Response {
    let answer = put(client, id, family).expect("an answer");
    assert!(answer.status < 300, "{}: {}", answer.status, answer.text());
    answer
}

/// The ids of the patients of a family, as the index knows them now.
pub(crate) fn found(client: &mut Client, family: &str) -> Vec<String> {
    ids(&client.get(&search(family)).expect("an answer"))
}

/// The same, with all that was acknowledged before.
pub(crate) fn found_strongly(client: &mut Client, family: &str) -> Vec<String> {
    ids(&client.request("GET", &search(family), &[STRONG], b"").expect("an answer"))
}

fn search(family: &str) -> String {
    format!("/fhir/Patient?family:exact={family}&_sort=_id&_count=1000")
}

pub(crate) fn ids(answer: &Response) -> Vec<String> {
    assert_eq!(answer.status, 200, "{}", answer.text());
    let bundle = answer.json();
    let entries = bundle["entry"].as_array().cloned().unwrap_or_default();
    let ids = entries.iter().filter_map(|entry| entry["resource"]["id"].as_str());
    ids.map(str::to_owned).collect()
}

/// Waits until something holds.
pub(crate) fn until(what: &str, at_most: Duration, mut holds: impl FnMut() -> bool) {
    let end = Instant::now() + at_most;
    while !holds() {
        assert!(Instant::now() < end, "not within {at_most:?}: {what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

pub(crate) const SOON: Duration = Duration::from_secs(60);
