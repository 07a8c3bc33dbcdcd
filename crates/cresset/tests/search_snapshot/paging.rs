//! Paging through many results to the end and back, while others insert, change and delete.
//!
//! Of ten Patients that are there from the start, nine are never touched: whatever happens to the
//! others, each of the nine is on exactly one page on the way forth, and on one on the way back.

use crate::page::Page;
use crate::support::dose::{Dice, dose};
use crate::support::http::Client;
use crate::support::server::{Server, run};
use crate::support::store_commands::assert_verified;
use serde_json::{Value, json};
use std::collections::{BTreeSet, HashSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

const WRITERS: u64 = 3;
/// The orders to page in: by arrival, by texts that many share, by two keys of which the first is a
/// date that few share; and, in a larger dose, by that date alone.
const SORTS: [&str; 4] = ["", "&_sort=family", "&_sort=-birthdate,family", "&_sort=birthdate"];
/// One of so many is left to the writers.
const PREY: u64 = 10;

/// A Patient with a date and a name that many share.
fn patient(id: &str, value: u64) -> Value {
    json!({
        "resourceType": "Patient",
        "id": id,
        "birthDate": format!("{}-{:02}-{:02}", 1900 + value % 100, value / 100 % 12 + 1, value / 1_200 % 28 + 1),
        "name": [{ "family": format!("Tie{:02}", value % 37) }],
    })
}

fn imported(folder: &Path, count: u64) -> PathBuf {
    let (file, data) = (folder.join("patients.ndjson"), folder.join("store"));
    // Neighbours by arrival are far from each other by value.
    let line = |n: u64| format!("{}\n", patient(&format!("p{n}"), n.wrapping_mul(7_919) % 33_600));
    std::fs::write(&file, (0..count).map(line).collect::<String>()).expect("a file");
    let [file, store] = [&file, &data].map(|path| path.to_str().expect("UTF-8"));
    let imported = run(&["import", file, "--data", store]);
    assert!(imported.status.success(), "{}", String::from_utf8_lossy(&imported.stderr));
    data
}

/// What the writers did: so many inserted, changed, deleted.
type Done = [usize; 3];

/// Inserts, changes and deletes at random, until nobody pages any more.
fn write(
    client: &mut Client,
    writer: u64,
    mut dice: Dice,
    count: u64,
    pagers: &AtomicUsize,
) -> Done {
    let mut done = [0; 3];
    let mut own: Vec<String> = Vec::new();
    // Each writer has prey of its own, so it knows what is there.
    let prey = (0..count).step_by(PREY as usize).filter(|n| n / PREY % WRITERS == writer);
    own.extend(prey.map(|n| format!("p{n}")));
    let mut number = 0;
    while pagers.load(SeqCst) > 0 {
        let what = if own.is_empty() { 0 } else { dice.below(3) as usize };
        let at = dice.below(own.len() as u64) as usize;
        let (id, wanted) = match what {
            0 => (format!("new-{writer}-{number}"), 201),
            1 => (own[at].clone(), 200),
            _ => (own.swap_remove(at), 204),
        };
        let path = format!("/fhir/Patient/{id}");
        let answer = if what == 2 {
            client.request("DELETE", &path, &[], &[])
        } else {
            let body = patient(&id, dice.below(33_600)).to_string();
            client.request("PUT", &path, &[], body.as_bytes())
        };
        let answer = answer.expect("an answer");
        assert_eq!(answer.status, wanted, "{path}: {}", answer.text());
        if what == 0 {
            own.push(id);
            number += 1;
        }
        done[what] += 1;
    }
    done
}

/// One page's part of the Patients that nobody touches, with the values that they are sorted by.
fn unchanged(page: &Page) -> Vec<(u64, String, String)> {
    let resources = page.resources().into_iter();
    let text = |value: &Value| value.as_str().expect("a string").to_owned();
    let stays = resources.filter_map(|resource| {
        let number: u64 = resource["id"].as_str()?.strip_prefix('p')?.parse().ok()?;
        let values = (text(&resource["birthDate"]), text(&resource["name"][0]["family"]));
        (!number.is_multiple_of(PREY)).then_some((number, values.0, values.1))
    });
    stays.collect()
}

/// All pages from this one on, by links of one kind; none of them twice on the same page.
fn walk(client: &mut Client, from: Page, relation: &str) -> Vec<Page> {
    let mut pages = vec![from];
    while let Some(link) = pages.last().and_then(|page| page.link(relation)) {
        let page = Page::get(client, &link);
        let ids = page.ids();
        assert_eq!(ids.iter().collect::<HashSet<_>>().len(), ids.len(), "twice on {link}");
        pages.push(page);
        assert!(pages.len() < 10_000, "{relation} doesn't end");
    }
    pages
}

/// Pages forth to the end and back to the start, and checks both ways.
fn forth_and_back(client: &mut Client, sort: &str, count: u64, size: u64) -> usize {
    let first = Page::get(client, &format!("/fhir/Patient?_count={size}{sort}"));
    let mut forth = walk(client, first, "next");
    let pages = forth.len();
    let there: Vec<_> = forth.iter().flat_map(unchanged).collect();
    let last = forth.pop().expect("a last page");
    drop(forth);
    let mut back = walk(client, last, "prev");
    back.reverse();
    let back: Vec<_> = back.iter().flat_map(unchanged).collect();
    let wanted: BTreeSet<u64> = (0..count).filter(|n| !n.is_multiple_of(PREY)).collect();
    for (way, found) in [("forth", &there), ("back", &back)] {
        let mut missing = wanted.clone();
        let twice: Vec<u64> =
            found.iter().map(|(n, ..)| *n).filter(|n| !missing.remove(n)).collect();
        assert!(twice.is_empty(), "{way} by {sort:?}: repeated {}: {twice:?}", twice.len());
        assert!(missing.is_empty(), "{way} by {sort:?}: missed {}: {missing:?}", missing.len());
        let is_sorted = match sort {
            "&_sort=birthdate" => found.is_sorted_by(|a, b| a.1 <= b.1),
            "&_sort=family" => found.is_sorted_by(|a, b| a.2 <= b.2),
            "&_sort=-birthdate,family" => found.is_sorted_by(|a, b| (&b.1, &a.2) <= (&a.1, &b.2)),
            _ => found.is_sorted_by(|a, b| a.0 <= b.0),
        };
        assert!(is_sorted, "{way} by {sort:?}: out of order");
    }
    assert!(there == back, "{sort:?}: another order on the way back");
    pages
}

#[test]
fn paging_misses_and_repeats_nothing_that_stays_while_others_write() {
    let count = dose("CRESSET_PAGING_RESOURCES", 100_000) as u64;
    let size = dose("CRESSET_PAGING_COUNT", 1_000) as u64;
    let folder = tempfile::tempdir().expect("a folder");
    let data = imported(folder.path(), count);
    let server = Server::start(&data, &[], &[]);
    let mut dice = Dice::new("paging_misses_and_repeats_nothing_that_stays_while_others_write");
    let sorts = &SORTS[..dose("CRESSET_PAGING_ORDERS", 3).min(SORTS.len())];
    let pagers = AtomicUsize::new(sorts.len());
    let done: Done = std::thread::scope(|scope| {
        let writers: Vec<_> = (0..WRITERS)
            .map(|writer| {
                let (mut client, dice, pagers) = (server.client(), dice.split(), &pagers);
                scope.spawn(move || write(&mut client, writer, dice, count, pagers))
            })
            .collect();
        for &sort in sorts {
            let (mut client, pagers) = (server.client(), &pagers);
            scope.spawn(move || {
                let _ends = Leaves(pagers);
                let pages = forth_and_back(&mut client, sort, count, size);
                eprintln!("{sort:?}: {pages} pages forth");
            });
        }
        let each = writers.into_iter().map(|writer| writer.join().expect("no writer panicked"));
        each.fold([0; 3], |sum, done| [0, 1, 2].map(|what| sum[what] + done[what]))
    });
    let [inserted, changed, deleted] = done;
    eprintln!("beside {inserted} inserts, {changed} changes, {deleted} deletions");
    assert!(done.iter().all(|times| *times > 50), "the writers did too little: {done:?}");
    let total = Page::get(&mut server.client(), "/fhir/Patient?_summary=count").total();
    assert_eq!(total, Some(count + inserted as u64 - deleted as u64));
    server.stop_cleanly();
    assert_verified(&data, "after the writers");
}

/// One pager less, however it ends.
struct Leaves<'p>(&'p AtomicUsize);

impl Drop for Leaves<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, SeqCst);
    }
}
