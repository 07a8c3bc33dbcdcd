//! Transactions that keep something true, and searches that must never see it broken.
//!
//! Of each pair of Patients one carries the tag `baton`, and the pair's Observation is about that one.
//! All Patients of a group have the same family name and birth date. Every transaction writes a whole
//! pair or a whole group, so every moment between two transactions shows both rules kept.

use crate::page::Page;
use crate::support::dose::{Dice, dose};
use crate::support::http::Client;
use crate::support::server::Server;
use crate::support::store_commands::assert_verified;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::time::{Duration, Instant};

const PAIRS: u64 = 24;
const GROUPS: u64 = 12;
const MEMBERS: u64 = 10;
const WRITERS: usize = 3;
const SEARCHERS: usize = 8;
/// How many different values the markers take: few, so that groups meet at the same one.
const MARKERS: u64 = 40;

/// A Patient of a pair, or of a group.
fn patient(id: &str, of: &str, marker: u64, tagged: bool) -> Value {
    let mut patient = json!({
        "resourceType": "Patient",
        "id": id,
        "identifier": [{ "system": "urn:of", "value": of }],
        "name": [{ "family": format!("marker{marker:02}") }],
        "birthDate": format!("1990-01-{:02}", marker % 28 + 1),
    });
    if tagged {
        patient["meta"] = json!({ "tag": [{ "system": "urn:tag", "code": "baton" }] });
    }
    patient
}

/// The pair's three resources, with the baton on one side.
fn pair(number: u64, on_left: bool, marker: u64) -> Vec<Value> {
    let name = |side: &str| format!("p{number}-{side}");
    let holder = name(if on_left { "left" } else { "right" });
    vec![
        patient(&name("left"), "pair", marker, on_left),
        patient(&name("right"), "pair", marker, !on_left),
        json!({
            "resourceType": "Observation",
            "id": format!("p{number}"),
            "status": "final",
            "code": { "coding": [{ "system": "urn:code", "code": "holder" }] },
            "subject": { "reference": format!("Patient/{holder}") },
        }),
    ]
}

fn group(number: u64, marker: u64) -> Vec<Value> {
    let member = |n| patient(&format!("g{number}-{n}"), &format!("g{number}"), marker, false);
    (0..MEMBERS).map(member).collect()
}

/// Puts all of them in one transaction.
fn put_together(client: &mut Client, resources: Vec<Value>) {
    let entry = |resource: Value| {
        let url = format!("{}/{}", text(&resource["resourceType"]), text(&resource["id"]));
        json!({ "resource": resource, "request": { "method": "PUT", "url": url } })
    };
    let entries: Vec<Value> = resources.into_iter().map(entry).collect();
    let bundle = json!({ "resourceType": "Bundle", "type": "transaction", "entry": entries });
    let answer = client.request("POST", "/fhir", &[], bundle.to_string().as_bytes());
    let answer = answer.expect("an answer");
    assert_eq!(answer.status, 200, "{}", answer.text());
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a string")
}

fn write_one(client: &mut Client, dice: &mut Dice) {
    let marker = dice.below(MARKERS);
    match dice.below(2) {
        0 => put_together(client, pair(dice.below(PAIRS), dice.below(2) == 0, marker)),
        _ => put_together(client, group(dice.below(GROUPS), marker)),
    }
}

/// One of each pair has the baton, and the total counts them.
fn batons(page: &Page, limit: usize, path: &str) {
    let pair_of = |id: &str| id.split('-').next().unwrap_or(id).to_owned();
    let ids = page.ids();
    assert_eq!(page.total(), Some(PAIRS), "{path} of {ids:?}");
    assert_eq!(ids.len(), limit.min(PAIRS as usize), "{path}: {ids:?}");
    let pairs: BTreeSet<String> = ids.iter().map(|id| pair_of(id)).collect();
    assert_eq!(pairs.len(), ids.len(), "{path}: both sides of a pair: {ids:?}");
}

/// All that is shown of a group has the same marker; whole groups, if all of them are on the page.
fn markers(page: &Page, path: &str) {
    let mut seen: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let resources = page.resources();
    for resource in &resources {
        let of = text(&resource["identifier"][0]["value"]);
        if of != "pair" {
            seen.entry(of).or_default().insert(text(&resource["name"][0]["family"]));
        }
    }
    for (of, families) in &seen {
        assert_eq!(families.len(), 1, "{path}: group {of} is torn: {families:?}");
    }
    if let Some(total) = page.total() {
        let is_whole = page.link("next").is_none();
        assert!(resources.len() as u64 == total || !is_whole, "{path}: {total} in all");
        assert!(resources.len() as u64 <= total, "{path}: {total} in all");
    }
}

/// The order agrees with what the page itself shows.
fn ordered(page: &Page, key: impl Fn(&Value) -> String, path: &str) {
    let values: Vec<String> = page.resources().into_iter().map(key).collect();
    assert!(values.is_sorted(), "{path}: {values:?}");
}

fn family(resource: &Value) -> String {
    text(&resource["name"][0]["family"]).to_owned()
}

fn birth_date(resource: &Value) -> String {
    text(&resource["birthDate"]).to_owned()
}

/// Searches whose every answer has one baton a pair.
const BATONS: [&str; 8] = [
    "Patient?_tag=urn:tag|baton",
    "Patient?_tag=urn:tag|baton&_sort=family",
    "Patient?_tag=urn:tag|baton&_sort=-birthdate",
    "Patient?_has:Observation:subject:code=urn:code|holder",
    "Patient?_tag=urn:tag|baton&_has:Observation:patient:code=holder&_sort=birthdate",
    "Observation?subject:Patient._tag=urn:tag|baton",
    "Observation?patient._tag=baton&code=holder&_sort=-_lastUpdated",
    "Patient?identifier=urn:of|pair&_tag:not=urn:tag|baton&_sort=_lastUpdated",
];

fn search_batons(client: &mut Client, dice: &mut Dice) {
    let search = BATONS[dice.below(BATONS.len() as u64) as usize];
    let counted = format!("/fhir/{search}&_summary=count");
    assert_eq!(Page::get(client, &counted).total(), Some(PAIRS), "{counted}");
    let limit = [1, 7, 1_000][dice.below(3) as usize];
    let path = format!("/fhir/{search}&_total=accurate&_count={limit}");
    batons(&Page::get(client, &path), limit, &path);
}

fn search_markers(client: &mut Client, dice: &mut Dice) {
    let marker = dice.below(MARKERS);
    let count = [7, 50, 1_000][dice.below(3) as usize];
    let totals = ["", "&_total=accurate"][dice.below(2) as usize];
    let rest = format!("_count={count}{totals}");
    let by_group = format!("/fhir/Patient?identifier=urn:of|g{}&{rest}", dice.below(GROUPS));
    markers(&Page::get(client, &by_group), &by_group);
    let by_family = format!("/fhir/Patient?_sort=family&{rest}");
    let page = Page::get(client, &by_family);
    markers(&page, &by_family);
    ordered(&page, family, &by_family);
    let by_date = format!("/fhir/Patient?birthdate=ge1990-01-10&_sort=birthdate,family&{rest}");
    let page = Page::get(client, &by_date);
    markers(&page, &by_date);
    ordered(&page, |r| format!("{} {}", birth_date(r), family(r)), &by_date);
    // Whole groups have a value, or nobody in them.
    let valued = format!("/fhir/Patient?family=marker{marker:02}&identifier:not=urn:of|pair");
    let total = Page::get(client, &format!("{valued}&_summary=count")).total();
    assert!(total.is_some_and(|total| total % MEMBERS == 0), "{valued}: {total:?}");
}

#[test]
fn a_search_under_write_load_is_of_one_moment() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("store");
    let server = Server::start(&data, &[], &[]);
    let mut dice = Dice::new("a_search_under_write_load_is_of_one_moment");
    let client = &mut server.client();
    (0..PAIRS).for_each(|number| put_together(client, pair(number, true, number % MARKERS)));
    (0..GROUPS).for_each(|number| put_together(client, group(number, number % MARKERS)));
    let until = Instant::now() + Duration::from_secs(dose("CRESSET_SNAPSHOT_SECONDS", 10) as u64);
    let (written, searched, failed) =
        (AtomicUsize::new(0), AtomicUsize::new(0), AtomicBool::new(false));
    std::thread::scope(|scope| {
        let goes_on = || Instant::now() < until && !failed.load(SeqCst);
        for number in 0..WRITERS + SEARCHERS {
            let (mut dice, mut client) = (dice.split(), server.client());
            let (written, searched, failed) = (&written, &searched, &failed);
            scope.spawn(move || {
                // Whoever panics ends the others' work, too.
                let ends = EndsAll(failed);
                while goes_on() {
                    if number < WRITERS {
                        write_one(&mut client, &mut dice);
                        written.fetch_add(1, SeqCst);
                    } else {
                        search_batons(&mut client, &mut dice);
                        search_markers(&mut client, &mut dice);
                        searched.fetch_add(6, SeqCst);
                    }
                }
                drop(ends);
            });
        }
    });
    let (written, searched) = (written.into_inner(), searched.into_inner());
    eprintln!("{searched} searches beside {written} transactions");
    assert!(written > 100 && searched > 100, "{searched} searches, {written} transactions");
    server.stop_cleanly();
    assert_verified(&data, "after the writers");
}

/// Raises the flag when its thread panics.
struct EndsAll<'f>(&'f AtomicBool);

impl Drop for EndsAll<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.store(true, SeqCst);
        }
    }
}
