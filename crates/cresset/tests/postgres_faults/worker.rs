//! A client that writes through one front end and looks through another whether it's there.

use crate::races::Races;
use crate::support::dose::Dice;
use crate::support::http::{Client, Response};
use crate::support::ledger::{Ledger, Posted, SYSTEM, Tracked, patient};
use crate::support::writer::{id_of, transaction};
use serde_json::Value;
use std::sync::atomic::{AtomicUsize, Ordering};

/// So many workers in a row ask for the same conditional create.
const TOGETHER: usize = 6;

/// What all workers share.
#[derive(Default)]
pub(crate) struct Shared {
    pub(crate) races: Races,
    contested: AtomicUsize,
}

/// One of the concurrent clients.
pub(crate) struct Worker<'a> {
    /// A connection to each front end.
    pub(crate) doors: Vec<Client>,
    pub(crate) ledger: &'a mut Ledger,
    pub(crate) dice: Dice,
    /// Begins the names of all that it writes.
    pub(crate) name: String,
    pub(crate) shared: &'a Shared,
    pub(crate) made: usize,
}

impl Worker<'_> {
    /// One write, and a look.
    pub(crate) fn step(&mut self) {
        self.made += 1;
        let name = format!("{}-{}", self.name, self.made);
        match self.dice.below(12) {
            0..=1 => self.create(name),
            2..=4 => self.change(Some(name)),
            5 => self.change(None),
            6..=7 => self.create_conditionally(),
            8..=9 => self.race(&name),
            _ => self.transact(name),
        }
    }

    fn create(&mut self, name: String) {
        let body = patient(None, &name, &name);
        // Noted first: the answer may not come.
        self.ledger.creates.push(name.clone());
        let Some(response) = self.send("POST", "/fhir/Patient", &[], &body) else { return };
        assert_eq!(response.status, 201, "{}", response.text());
        self.ledger.creates.pop();
        let id = id_of(&response);
        self.look(&id, 1, Some(&name));
        self.ledger.resources.push(Tracked { id, versions: vec![Some(name)], pending: None });
        self.ledger.acknowledged += 1;
    }

    /// Updates one of its own resources, or deletes it. Nobody else writes these.
    fn change(&mut self, family: Option<String>) {
        let own = self.dice.below(self.ledger.resources.len() as u64) as usize;
        let Some(resource) = self.ledger.resources.get_mut(own) else { return };
        // What nobody knows stays as it is until the end.
        if resource.pending.is_some() || (!resource.is_live() && family.is_none()) {
            return;
        }
        let id = resource.id.clone();
        let path = format!("/fhir/Patient/{id}");
        let tag = format!("W/\"{}\"", resource.versions.len());
        let headers = [("If-Match", tag.as_str())];
        // What was deleted is brought back without a condition.
        let headers = if resource.is_live() { &headers[..] } else { &[] };
        let first = resource.versions[0].clone().expect("the first version is no deletion");
        resource.pending = Some(family.clone());
        let version = resource.versions.len() as u64 + 1;
        let (method, body) = match &family {
            Some(family) => ("PUT", patient(Some(&id), &first, family)),
            None => ("DELETE", Value::Null),
        };
        let Some(response) = self.send(method, &path, headers, &body) else { return };
        // 412 would be an answer to a write that was done twice.
        assert!(matches!(response.status, 200 | 201 | 204), "{method} {path}: {}", response.text());
        assert_eq!(response.version().unwrap_or(version), version, "{method} {path}");
        self.look(&id, version, family.as_deref());
        let resource = &mut self.ledger.resources[own];
        resource.versions.push(family);
        resource.pending = None;
        self.ledger.acknowledged += 1;
    }

    fn create_conditionally(&mut self) {
        let number = self.shared.contested.fetch_add(1, Ordering::Relaxed) / TOGETHER;
        let name = format!("contested-{number}");
        let condition = format!("identifier={SYSTEM}|{name}");
        let body = patient(None, &name, &name);
        let headers = [("If-None-Exist", condition.as_str())];
        let Some(response) = self.send("POST", "/fhir/Patient", &headers, &body) else { return };
        // After many attempts in vain it says so.
        if response.status == 409 {
            return;
        }
        assert!(matches!(response.status, 200 | 201), "{name}: {}", response.text());
        let id = id_of(&response);
        self.look(&id, 1, Some(&name));
        self.ledger.conditionals.push((name, id));
        self.ledger.acknowledged += 1;
    }

    fn race(&mut self, name: &str) {
        let (shared, at) = (self.shared, self.shared.races.any(&mut self.dice));
        let door = self.any_door();
        let path = Races::path(at);
        let read = answered(door.get(&path)).filter(|response| response.status == 200);
        let Some(seen) = read.and_then(|response| response.version()) else { return };
        let entry = shared.races.enter(at, name);
        let tag = format!("W/\"{seen}\"");
        let body = Races::body(at, name);
        let Some(response) = self.send("PUT", &path, &[("If-Match", &tag)], &body) else { return };
        match response.status {
            200 => {
                assert_eq!(response.version(), Some(seen + 1), "{path}");
                shared.races.win(entry, seen + 1);
                self.ledger.acknowledged += 1;
                // Others may have gone on.
                if let Some(read) = answered(self.any_door().get(&path)) {
                    let version = read.version().expect("a version");
                    assert!(version > seen, "{path}: {version} was read after {}", seen + 1);
                }
            }
            409 | 412 => shared.races.lose(entry),
            status => panic!("{path}: {status}: {}", response.text()),
        }
    }

    fn transact(&mut self, name: String) {
        let bundle = transaction(&name);
        self.ledger.transactions.push(Posted { name: name.clone(), acknowledged: false });
        let Some(response) = self.send("POST", "/fhir", &[], &bundle) else { return };
        assert_eq!(response.status, 200, "{}", response.text());
        if let Some(last) = self.ledger.transactions.last_mut() {
            last.acknowledged = true;
        }
        self.look(&name, 1, Some(&name));
        self.ledger.acknowledged += 1;
    }

    /// Reads and searches what was just acknowledged, through any front end that answers.
    fn look(&mut self, id: &str, version: u64, family: Option<&str>) {
        let path = format!("/fhir/Patient/{id}");
        let door = self.any_door();
        if let Some(read) = answered(door.get(&path)) {
            let found = (read.status, read.version(), read.json()["name"][0]["family"].clone());
            let wanted = match family {
                Some(family) => (200, Some(version), Value::from(family)),
                None => (410, read.version(), Value::Null),
            };
            assert_eq!(found, wanted, "a stale read of {path}");
        }
        let search = match family {
            Some(family) => format!("/fhir/Patient?_id={id}&family={family}"),
            None => format!("/fhir/Patient?_id={id}"),
        };
        if let Some(found) = answered(self.any_door().get(&search)) {
            assert_eq!(found.status, 200, "{search}: {}", found.text());
            let matches = found.json()["entry"].as_array().map_or(0, Vec::len);
            assert_eq!(matches, usize::from(family.is_some()), "a stale search: {search}");
        }
    }

    fn any_door(&mut self) -> &mut Client {
        let at = self.dice.below(self.doors.len() as u64) as usize;
        &mut self.doors[at]
    }

    /// None when nobody knows whether it was done.
    fn send(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &Value,
    ) -> Option<Response> {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        answered(self.any_door().request(method, path, headers, body.as_bytes()))
    }
}

/// An answer; not that of a front end that died or can't reach the database, which must say so.
fn answered(outcome: std::io::Result<Response>) -> Option<Response> {
    let Ok(response) = outcome else {
        // It is being started again.
        std::thread::sleep(std::time::Duration::from_millis(20));
        return None;
    };
    if response.status == 503 {
        assert!(response.header("retry-after").is_some(), "503 without Retry-After");
        return None;
    }
    assert_ne!(response.status, 500, "{}", response.text());
    Some(response)
}
