//! What a writer was told and what it had asked for when the server died, held against what is there.

use super::http::{Client, Response};
use serde_json::{Value, json};

/// The system of all identifiers.
pub(crate) const SYSTEM: &str = "urn:cresset:crash";

/// What one writer knows.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    pub(crate) resources: Vec<Tracked>,
    /// Identifiers of creates that weren't acknowledged.
    pub(crate) creates: Vec<String>,
    /// Identifiers given to conditional creates, and the ids that were answered.
    pub(crate) conditionals: Vec<(String, String)>,
    pub(crate) transactions: Vec<Posted>,
    /// Writes that were acknowledged.
    pub(crate) acknowledged: usize,
}

/// A Patient that nobody else writes.
#[derive(Debug)]
pub(crate) struct Tracked {
    pub(crate) id: String,
    /// The family name of each acknowledged version; none for a deletion.
    pub(crate) versions: Vec<Option<String>>,
    /// What was asked for and not answered.
    pub(crate) pending: Option<Option<String>>,
}

/// A transaction: a Patient put, a Patient posted, and an Observation that refers to the latter.
#[derive(Debug)]
pub(crate) struct Posted {
    pub(crate) name: String,
    pub(crate) acknowledged: bool,
}

impl Ledger {
    /// Checks everything after a restart; what wasn't acknowledged is known from then on.
    pub(crate) fn settle(&mut self, client: &mut Client) {
        for resource in &mut self.resources {
            resource.settle(client);
        }
        for name in std::mem::take(&mut self.creates) {
            let found = ids(client, "Patient", &name);
            assert!(found.len() <= 1, "create {name} is there {} times", found.len());
            for id in found {
                let pending = Some(Some(name.clone()));
                let mut created = Tracked { id, versions: Vec::new(), pending };
                created.settle(client);
                self.resources.push(created);
            }
        }
        for (name, id) in &self.conditionals {
            assert_eq!(
                &ids(client, "Patient", name),
                std::slice::from_ref(id),
                "conditional create {name}"
            );
        }
        for posted in &mut self.transactions {
            posted.check(client);
        }
    }
}

impl Tracked {
    pub(crate) fn is_live(&self) -> bool {
        self.versions.last().is_some_and(Option::is_some)
    }

    /// Compares the whole history, and every version by its own address.
    fn settle(&mut self, client: &mut Client) {
        let (id, known) = (&self.id, self.versions.len());
        let history = get(client, &format!("/fhir/Patient/{id}/_history?_count=1000"));
        let found = history["entry"].as_array().map_or(0, Vec::len);
        if let Some(pending) = self.pending.take()
            && found == known + 1
        {
            self.versions.push(pending);
        }
        let told = format!("Patient/{id}: {known} acknowledged, {found} found");
        assert_eq!(found, self.versions.len(), "{told}");
        for (number, version) in (1..).zip(&self.versions) {
            let response = client.get(&format!("/fhir/Patient/{id}/_history/{number}"));
            compare(&response.expect("an answer"), id, number, version.as_deref());
            let entry = &history["entry"][found - number as usize];
            let deleted = entry["request"]["method"] == "DELETE";
            assert_eq!(deleted, version.is_none(), "{told}: version {number} in the history");
            let stated = entry["resource"]["meta"]["versionId"].as_str();
            assert!(
                deleted || stated == Some(&number.to_string()),
                "{told}: {stated:?} at {number}"
            );
        }
        if let Some(last) = self.versions.last() {
            let response = client.get(&format!("/fhir/Patient/{id}")).expect("an answer");
            compare(&response, id, found as u64, last.as_deref());
        }
    }
}

impl Posted {
    fn check(&mut self, client: &mut Client) {
        let name = &self.name;
        let put = client.get(&format!("/fhir/Patient/{name}")).expect("an answer");
        let patients = ids(client, "Patient", name);
        let observations = ids(client, "Observation", name);
        let parts = (put.status == 200, patients.len(), observations.len());
        match parts {
            (true, 2, 1) => {
                let observation = get(client, &format!("/fhir/Observation/{}", observations[0]));
                let posted = patients.iter().find(|id| *id != name).expect("the other one");
                let subject = observation["subject"]["reference"].as_str();
                assert_eq!(subject, Some(&*format!("Patient/{posted}")), "transaction {name}");
                // From now on it must stay.
                self.acknowledged = true;
            }
            (false, 0, 0) if !self.acknowledged => {
                assert_eq!(put.status, 404, "transaction {name}")
            }
            _ => panic!("transaction {self:?} is there in part: {parts:?}"),
        }
    }
}

/// A Patient; without an id as a create takes it.
pub(crate) fn patient(id: Option<&str>, identifier: &str, family: &str) -> Value {
    let mut patient = json!({
        "resourceType": "Patient",
        "identifier": [{ "system": SYSTEM, "value": identifier }],
        "name": [{ "family": family }],
    });
    if let Some(id) = id {
        patient["id"] = id.into();
    }
    patient
}

/// The ids of what has the identifier.
pub(crate) fn ids(client: &mut Client, of: &str, identifier: &str) -> Vec<String> {
    let found = get(client, &format!("/fhir/{of}?identifier={SYSTEM}%7C{identifier}"));
    let entries = found["entry"].as_array().map(Vec::as_slice).unwrap_or_default();
    let id = |entry: &Value| entry["resource"]["id"].as_str().expect("an id").to_owned();
    entries.iter().map(id).collect()
}

/// What a read or a search must answer with 200.
pub(crate) fn get(client: &mut Client, path: &str) -> Value {
    let response = client.get(path).expect("an answer");
    assert_eq!(response.status, 200, "GET {path}: {}", response.text());
    response.json()
}

fn compare(response: &Response, id: &str, version: u64, family: Option<&str>) {
    let told = format!("Patient/{id}, version {version}: {}", response.text());
    let Some(family) = family else { return assert_eq!(response.status, 410, "{told}") };
    assert_eq!(response.status, 200, "{told}");
    assert_eq!(response.version(), Some(version), "{told}");
    let mut found = response.json();
    let meta = found.as_object_mut().and_then(|f| f.remove("meta")).expect("a meta");
    assert_eq!(meta["versionId"], version.to_string(), "{told}");
    // The identifier is the name of the first version.
    let identifier = found["identifier"][0]["value"].as_str().expect("an identifier").to_owned();
    assert_eq!(found, patient(Some(id), &identifier, family), "{told}");
}
