//! Configuration directories of several tenants, and what each tenant sees.

use super::http::{Client, Response};
use super::place::Place;
use super::server::Server;
use serde_json::{Value, json};
use std::fs;
use std::path::PathBuf;

/// A configuration directory, beside the stores that it names.
pub(crate) struct Folder(tempfile::TempDir);

impl Folder {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn config(&self) -> PathBuf {
        self.path("conf")
    }

    pub(crate) fn tenant(&self, tenant: &str, datasources: &Value) -> &Self {
        let folder = self.config().join("config").join(tenant);
        fs::create_dir_all(&folder).expect("a folder");
        let file = json!({ "fhirServer": { "persistence": { "datasources": datasources } } });
        fs::write(folder.join("fhir-server-config.json"), file.to_string()).expect("a file");
        self
    }

    pub(crate) fn sqlite(&self, name: &str) -> Value {
        json!({ "type": "sqlite", "connectionProperties": { "db.path": self.path(name) } })
    }

    /// Two datasources of the default tenant, and another tenant with one.
    pub(crate) fn three() -> Self {
        let folder = Self::new();
        let own = json!({ "default": folder.sqlite("one"), "trial": folder.sqlite("two") });
        folder.tenant("default", &own);
        folder.tenant("acme", &json!({ "default": folder.sqlite("three") }));
        folder
    }

    pub(crate) fn server(&self, args: &[&str]) -> Server {
        Server::on(&Place::Configured(self.config()), args, &[])
    }
}

pub(crate) const THREE: [(&str, &str); 3] =
    [("default", "default"), ("default", "trial"), ("acme", "default")];

/// A client of one datasource.
pub(crate) struct Of<'a> {
    client: Client,
    tenant: &'a str,
    datasource: &'a str,
}

impl<'a> Of<'a> {
    pub(crate) fn new(server: &Server, (tenant, datasource): (&'a str, &'a str)) -> Self {
        Self { client: server.client(), tenant, datasource }
    }

    /// Asks below `/fhir`, with headers.
    pub(crate) fn ask(&mut self, method: &str, path: &str, body: &Value) -> Response {
        let body = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
        self.send(method, path, "handling=lenient", &body)
    }

    /// Asks so that parameters that aren't known are errors.
    pub(crate) fn strictly(&mut self, path: &str) -> Response {
        self.send("GET", path, "handling=strict", b"")
    }

    pub(crate) fn send(&mut self, method: &str, path: &str, prefer: &str, body: &[u8]) -> Response {
        let (tenant, datasource) = (self.tenant, self.datasource);
        let headers =
            [("X-FHIR-TENANT-ID", tenant), ("x-fhir-dsid", datasource), ("Prefer", prefer)];
        self.client.request(method, &format!("/fhir/{path}"), &headers, body).expect("an answer")
    }

    pub(crate) fn get(&mut self, path: &str) -> Response {
        self.ask("GET", path, &Value::Null)
    }

    /// The base for clients that can't set a header.
    pub(crate) fn base(&self) -> String {
        format!("/tenants/{}/{}/fhir", self.tenant, self.datasource)
    }

    pub(crate) fn get_by_path(&mut self, path: &str) -> Response {
        let path = format!("{}/{path}", self.base());
        self.client.get(&path).expect("an answer")
    }

    pub(crate) fn put(&mut self, resource: &Value) {
        let (of, id) = (&resource["resourceType"], &resource["id"]);
        let path = format!("{}/{}", of.as_str().expect("a type"), id.as_str().expect("an id"));
        let answer = self.ask("PUT", &path, resource);
        assert!(matches!(answer.status, 200 | 201), "{}", answer.text());
    }

    pub(crate) fn ids(&mut self, search: &str) -> Vec<String> {
        let answer = self.get(search);
        assert_eq!(answer.status, 200, "{search}: {}", answer.text());
        ids(&answer.json())
    }
}

pub(crate) fn ids(bundle: &Value) -> Vec<String> {
    let entries = bundle["entry"].as_array().cloned().unwrap_or_default();
    let id = |entry: &Value| entry["resource"]["id"].as_str().map(str::to_owned);
    let mut ids: Vec<String> = entries.iter().filter_map(id).collect();
    ids.sort();
    ids
}

pub(crate) fn link(bundle: &Value, relation: &str) -> Option<String> {
    let links = bundle["link"].as_array()?;
    let link = links.iter().find(|link| link["relation"] == relation)?;
    link["url"].as_str().map(str::to_owned)
}

pub(crate) fn patient(id: &str, family: &str) -> Value {
    json!({ "resourceType": "Patient", "id": id, "name": [{ "family": family, "given": ["Ada"] }] })
}

pub(crate) fn observation(id: &str, subject: &str) -> Value {
    json!({ "resourceType": "Observation", "id": id, "status": "final", "code": { "text": "x" },
        "subject": { "reference": subject } })
}

/// Fills each datasource with resources of the same ids and other contents.
pub(crate) fn fill(server: &Server, all: &[(&str, &str)]) {
    for (number, of) in all.iter().enumerate() {
        let mut of = Of::new(server, *of);
        of.put(&patient("p", "Common"));
        of.put(&patient("p", &format!("Family{number}")));
        of.put(&observation("o", "Patient/p"));
        of.put(&patient(&format!("only{number}"), "Rare"));
    }
}

/// Reads, searches, histories and `$everything` of each give its own resources and no others.
pub(crate) fn each_sees_itself_alone(server: &Server, all: &[(&str, &str)]) {
    for (number, of) in all.iter().enumerate() {
        let mut of = Of::new(server, *of);
        let own = format!("only{number}");
        let read = of.get("Patient/p");
        assert_eq!(read.json()["name"][0]["family"], format!("Family{number}"));
        assert_eq!(of.get_by_path("Patient/p").json(), read.json());
        assert_eq!(of.ids("Patient"), [own.clone(), "p".to_owned()]);
        assert_eq!(of.ids("Patient?family=rare"), [own.as_str()]);
        assert_eq!(of.ids(&format!("Patient?family=family{number}")), ["p"]);
        assert_eq!(of.ids(&format!("Observation?subject.family=family{number}")), ["o"]);
        assert_eq!(of.ids("Observation?_include=Observation:subject"), ["o", "p"]);
        assert_eq!(of.ids("Patient/p/$everything"), ["o", "p"]);
        assert_eq!(of.get("Patient?_summary=count").json()["total"], 2);
        let history = of.get("Patient/p/_history").json();
        assert_eq!(history["entry"].as_array().map(Vec::len), Some(2), "{history}");
        assert_eq!(ids(&of.get("_history").json()).len(), 4);
        for other in (0..all.len()).filter(|other| *other != number) {
            let none: [String; 0] = [];
            assert_eq!(of.ids(&format!("Patient?family=family{other}")), none);
            assert_eq!(of.ids(&format!("Observation?subject.family=family{other}")), none);
            assert_eq!(of.get(&format!("Patient/only{other}")).status, 404);
            assert_eq!(of.get(&format!("Patient/only{other}/_history")).status, 404);
        }
    }
}

/// The datasource of a server's database, below a schema.
pub(crate) fn postgres(url: &str, schema: &str) -> Value {
    let address = url.strip_prefix("postgres://").or_else(|| url.strip_prefix("postgresql://"));
    let (user, rest) = address.and_then(|a| a.split_once('@')).expect("a user");
    let (user, password) = user.split_once(':').unwrap_or((user, ""));
    let (host, database) = rest.split_once('/').expect("a database");
    let (host, port) = host.split_once(':').unwrap_or((host, "5432"));
    let database = database.split('?').next().expect("a name");
    json!({ "type": "postgresql", "connectionProperties": { "db.host": host, "db.port": port,
        "db.database": database, "user": user, "password": password, "currentSchema": schema } })
}
