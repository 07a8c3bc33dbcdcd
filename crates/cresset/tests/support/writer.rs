//! A client that writes until the server dies, and keeps its ledger.

use super::dose::Dice;
use super::http::{Client, Response};
use super::ledger::{Ledger, Posted, SYSTEM, Tracked, patient};
use serde_json::{Value, json};
use std::io;

/// Identifiers that all writers create conditionally in a round.
const CONTESTED: u64 = 16;

/// One of the concurrent writers.
pub(crate) struct Writer<'l> {
    pub(crate) client: Client,
    pub(crate) ledger: &'l mut Ledger,
    pub(crate) dice: Dice,
    /// Begins the names of all that it writes, different in each round.
    pub(crate) name: String,
    /// The round, which the contested identifiers belong to.
    pub(crate) round: usize,
    pub(crate) made: usize,
}

impl Writer<'_> {
    /// Writes until an answer doesn't come.
    pub(crate) fn write_until_the_end(mut self) {
        while self.write().is_ok() {
            self.ledger.acknowledged += 1;
        }
    }

    /// One write; an error when the connection broke.
    pub(crate) fn write(&mut self) -> io::Result<()> {
        self.made += 1;
        let name = format!("{}-{}", self.name, self.made);
        match self.dice.below(10) {
            0..=2 => self.create(name),
            3..=5 => self.change(Some(name)),
            6 => self.change(None),
            7 => self.create_conditionally(),
            _ => self.transact(name),
        }
    }

    fn create(&mut self, name: String) -> io::Result<()> {
        let body = patient(None, &name, &name);
        // Noted first: the answer may not come.
        self.ledger.creates.push(name.clone());
        let response = self.send("POST", "/fhir/Patient", &[], &body)?;
        assert_eq!(response.status, 201, "{}", response.text());
        self.ledger.creates.pop();
        let id = id_of(&response);
        self.ledger.resources.push(Tracked { id, versions: vec![Some(name)], pending: None });
        Ok(())
    }

    /// Updates one of its own resources, or deletes it.
    fn change(&mut self, family: Option<String>) -> io::Result<()> {
        let own = self.dice.below(self.ledger.resources.len() as u64) as usize;
        let Some(resource) = self.ledger.resources.get_mut(own) else { return Ok(()) };
        if !resource.is_live() && family.is_none() {
            return Ok(());
        }
        let path = format!("/fhir/Patient/{}", resource.id);
        let version = format!("W/\"{}\"", resource.versions.len());
        let headers = [("If-Match", version.as_str())];
        // What was deleted is brought back without a condition.
        let headers = if resource.is_live() { &headers[..] } else { &[] };
        let first = resource.versions[0].clone().expect("the first version is no deletion");
        let (method, body) = match &family {
            Some(family) => ("PUT", patient(Some(&resource.id), &first, family).to_string()),
            None => ("DELETE", String::new()),
        };
        resource.pending = Some(family.clone());
        let response = self.client.request(method, &path, headers, body.as_bytes())?;
        assert!(matches!(response.status, 200 | 201 | 204), "{method} {path}: {}", response.text());
        let expected = resource.versions.len() as u64 + 1;
        assert_eq!(response.version().unwrap_or(expected), expected, "{method} {path}");
        resource.versions.push(family);
        resource.pending = None;
        Ok(())
    }

    fn create_conditionally(&mut self) -> io::Result<()> {
        let name = format!("contested-{}-{}", self.round, self.dice.below(CONTESTED));
        let condition = format!("identifier={SYSTEM}|{name}");
        let body = patient(None, &name, &name);
        let response =
            self.send("POST", "/fhir/Patient", &[("If-None-Exist", &condition)], &body)?;
        // After many attempts in vain it says so.
        if response.status == 409 {
            return Ok(());
        }
        assert!(matches!(response.status, 200 | 201), "{name}: {}", response.text());
        self.ledger.conditionals.push((name, id_of(&response)));
        Ok(())
    }

    fn transact(&mut self, name: String) -> io::Result<()> {
        let bundle = transaction(&name);
        self.ledger.transactions.push(Posted { name, acknowledged: false });
        let response = self.send("POST", "/fhir", &[], &bundle)?;
        assert_eq!(response.status, 200, "{}", response.text());
        if let Some(last) = self.ledger.transactions.last_mut() {
            last.acknowledged = true;
        }
        Ok(())
    }

    fn send(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &Value,
    ) -> io::Result<Response> {
        self.client.request(method, path, headers, body.to_string().as_bytes())
    }
}

/// A Patient put, a Patient posted, and an Observation that refers to the latter.
pub(crate) fn transaction(name: &str) -> Value {
    let posted = "urn:uuid:6a6e2a5c-8f2f-4f5b-9d6e-0c4f2f1d7a10";
    let observation = json!({
        "resourceType": "Observation",
        "identifier": [{ "system": SYSTEM, "value": name }],
        "status": "final",
        "code": { "text": "made together with its patient" },
        "subject": { "reference": posted },
    });
    let entry = |full_url: Option<&str>, resource: Value, method: &str, url: &str| {
        let mut entry =
            json!({ "resource": resource, "request": { "method": method, "url": url } });
        if let Some(full_url) = full_url {
            entry["fullUrl"] = full_url.into();
        }
        entry
    };
    json!({
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [
            entry(None, observation, "POST", "Observation"),
            entry(None, patient(Some(name), name, name), "PUT", &format!("Patient/{name}")),
            entry(Some(posted), patient(None, name, name), "POST", "Patient"),
        ],
    })
}

/// The id that an answer to a create names: of what was made, or of what was there.
pub(crate) fn id_of(response: &Response) -> String {
    let location = response.header("location").or_else(|| response.header("content-location"));
    let location = location.expect("a create says where");
    let path = location.split("/_history/").next().unwrap_or(location);
    path.rsplit('/').next().unwrap_or(path).to_owned()
}
