//! Resources that all workers update, each naming the version that it has seen.

use crate::support::dose::Dice;
use crate::support::http::Client;
use crate::support::ledger::{get, patient};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Mutex;

const RESOURCES: usize = 4;

/// The outcomes of all races.
#[derive(Default)]
pub(crate) struct Races {
    entries: Mutex<Vec<Entry>>,
}

struct Entry {
    resource: usize,
    family: String,
    outcome: Outcome,
}

enum Outcome {
    Unknown,
    Lost,
    Won(u64),
}

impl Races {
    pub(crate) fn any(&self, dice: &mut Dice) -> usize {
        dice.below(RESOURCES as u64) as usize
    }

    pub(crate) fn path(at: usize) -> String {
        format!("/fhir/Patient/race-{at}")
    }

    pub(crate) fn body(at: usize, family: &str) -> Value {
        let id = format!("race-{at}");
        patient(Some(&id), &id, family)
    }

    /// Writes the first version of each.
    pub(crate) fn prepare(client: &mut Client) {
        for at in 0..RESOURCES {
            let body = Self::body(at, "first").to_string();
            let response = client.request("PUT", &Self::path(at), &[], body.as_bytes());
            assert_eq!(response.expect("an answer").status, 201);
        }
    }

    /// Notes a race before it begins.
    pub(crate) fn enter(&self, resource: usize, family: &str) -> usize {
        let mut entries = self.entries.lock().expect("no worker panicked");
        entries.push(Entry { resource, family: family.to_owned(), outcome: Outcome::Unknown });
        entries.len() - 1
    }

    pub(crate) fn win(&self, entry: usize, version: u64) {
        self.entries.lock().expect("no worker panicked")[entry].outcome = Outcome::Won(version);
    }

    pub(crate) fn lose(&self, entry: usize) {
        self.entries.lock().expect("no worker panicked")[entry].outcome = Outcome::Lost;
    }

    /// Compares all with the histories: each version is there, and has one winner.
    pub(crate) fn settle(&self, client: &mut Client) {
        let entries = self.entries.lock().expect("no worker panicked");
        for at in 0..RESOURCES {
            let versions = history(client, at);
            let numbers = versions.keys().copied();
            assert!(numbers.eq(1..=versions.len() as u64), "race-{at} has gaps: {versions:?}");
            let mut written = BTreeMap::new();
            for (version, family) in &versions {
                let other = written.insert(family.as_str(), *version);
                assert_eq!(other, None, "race-{at}: {family} was written twice");
            }
            let (mut acknowledged, mut silent) = (1, 0);
            for entry in entries.iter().filter(|entry| entry.resource == at) {
                let found = written.get(entry.family.as_str()).copied();
                match entry.outcome {
                    Outcome::Won(version) => {
                        assert_eq!(found, Some(version), "race-{at}: {} won", entry.family);
                        acknowledged += 1;
                    }
                    Outcome::Lost => assert_eq!(found, None, "race-{at}: {} lost", entry.family),
                    Outcome::Unknown => silent += usize::from(found.is_some()),
                }
            }
            assert_eq!(acknowledged + silent, versions.len(), "race-{at} was written by nobody");
        }
    }
}

/// The families of all versions.
fn history(client: &mut Client, at: usize) -> BTreeMap<u64, String> {
    let mut versions = BTreeMap::new();
    let mut next = Some(format!("{}/_history?_count=200", Races::path(at)));
    while let Some(path) = next {
        let page = get(client, &path);
        for entry in page["entry"].as_array().expect("entries") {
            let resource = &entry["resource"];
            let version = resource["meta"]["versionId"].as_str().and_then(|v| v.parse().ok());
            let family = resource["name"][0]["family"].as_str().expect("a name").to_owned();
            versions.insert(version.expect("a version"), family);
        }
        let links = page["link"].as_array().expect("links");
        let link = links.iter().find(|l| l["relation"] == "next").and_then(|l| l["url"].as_str());
        next = link.map(|url| url[url.find("/fhir/").expect("a URL of ours")..].to_owned());
    }
    versions
}
