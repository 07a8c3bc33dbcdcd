//! One server for several tenants and datasources, of which none sees anything of another.

mod support;

use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use support::http::{Client, Response};
use support::place::Place;
use support::server::{Server, run};

/// A configuration directory, beside the stores that it names.
struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn config(&self) -> PathBuf {
        self.path("conf")
    }

    fn tenant(&self, tenant: &str, datasources: &Value) -> &Self {
        let folder = self.config().join("config").join(tenant);
        fs::create_dir_all(&folder).expect("a folder");
        let file = json!({ "fhirServer": { "persistence": { "datasources": datasources } } });
        fs::write(folder.join("fhir-server-config.json"), file.to_string()).expect("a file");
        self
    }

    fn sqlite(&self, name: &str) -> Value {
        json!({ "type": "sqlite", "connectionProperties": { "db.path": self.path(name) } })
    }

    /// Two datasources of the default tenant, and another tenant with one.
    fn three() -> Self {
        let folder = Self::new();
        let own = json!({ "default": folder.sqlite("one"), "trial": folder.sqlite("two") });
        folder.tenant("default", &own);
        folder.tenant("acme", &json!({ "default": folder.sqlite("three") }));
        folder
    }

    fn server(&self, args: &[&str]) -> Server {
        Server::on(&Place::Configured(self.config()), args, &[])
    }
}

const THREE: [(&str, &str); 3] =
    [("default", "default"), ("default", "trial"), ("acme", "default")];

/// A client of one datasource.
struct Of<'a> {
    client: Client,
    tenant: &'a str,
    datasource: &'a str,
}

impl<'a> Of<'a> {
    fn new(server: &Server, (tenant, datasource): (&'a str, &'a str)) -> Self {
        Self { client: server.client(), tenant, datasource }
    }

    /// Asks below `/fhir`, with headers.
    fn ask(&mut self, method: &str, path: &str, body: &Value) -> Response {
        let body = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
        self.send(method, path, "handling=lenient", &body)
    }

    /// Asks so that parameters that aren't known are errors.
    fn strictly(&mut self, path: &str) -> Response {
        self.send("GET", path, "handling=strict", b"")
    }

    fn send(&mut self, method: &str, path: &str, prefer: &str, body: &[u8]) -> Response {
        let (tenant, datasource) = (self.tenant, self.datasource);
        let headers =
            [("X-FHIR-TENANT-ID", tenant), ("x-fhir-dsid", datasource), ("Prefer", prefer)];
        self.client.request(method, &format!("/fhir/{path}"), &headers, body).expect("an answer")
    }

    fn get(&mut self, path: &str) -> Response {
        self.ask("GET", path, &Value::Null)
    }

    /// The base for clients that can't set a header.
    fn base(&self) -> String {
        format!("/tenants/{}/{}/fhir", self.tenant, self.datasource)
    }

    fn get_by_path(&mut self, path: &str) -> Response {
        let path = format!("{}/{path}", self.base());
        self.client.get(&path).expect("an answer")
    }

    fn put(&mut self, resource: &Value) {
        let (of, id) = (&resource["resourceType"], &resource["id"]);
        let path = format!("{}/{}", of.as_str().expect("a type"), id.as_str().expect("an id"));
        let answer = self.ask("PUT", &path, resource);
        assert!(matches!(answer.status, 200 | 201), "{}", answer.text());
    }

    fn ids(&mut self, search: &str) -> Vec<String> {
        let answer = self.get(search);
        assert_eq!(answer.status, 200, "{search}: {}", answer.text());
        ids(&answer.json())
    }
}

fn ids(bundle: &Value) -> Vec<String> {
    let entries = bundle["entry"].as_array().cloned().unwrap_or_default();
    let id = |entry: &Value| entry["resource"]["id"].as_str().map(str::to_owned);
    let mut ids: Vec<String> = entries.iter().filter_map(id).collect();
    ids.sort();
    ids
}

fn link(bundle: &Value, relation: &str) -> Option<String> {
    let links = bundle["link"].as_array()?;
    let link = links.iter().find(|link| link["relation"] == relation)?;
    link["url"].as_str().map(str::to_owned)
}

fn patient(id: &str, family: &str) -> Value {
    json!({ "resourceType": "Patient", "id": id, "name": [{ "family": family, "given": ["Ada"] }] })
}

fn observation(id: &str, subject: &str) -> Value {
    json!({ "resourceType": "Observation", "id": id, "status": "final", "code": { "text": "x" },
        "subject": { "reference": subject } })
}

/// Fills each datasource with resources of the same ids and other contents.
fn fill(server: &Server, all: &[(&str, &str)]) {
    for (number, of) in all.iter().enumerate() {
        let mut of = Of::new(server, *of);
        of.put(&patient("p", "Common"));
        of.put(&patient("p", &format!("Family{number}")));
        of.put(&observation("o", "Patient/p"));
        of.put(&patient(&format!("only{number}"), "Rare"));
    }
}

/// Reads, searches, histories and `$everything` of each give its own resources and no others.
fn each_sees_itself_alone(server: &Server, all: &[(&str, &str)]) {
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

#[test]
fn tenants_and_their_datasources_see_themselves_alone() {
    let folder = Folder::three();
    let server = folder.server(&[]);
    fill(&server, &THREE);
    each_sees_itself_alone(&server, &THREE);
    // What one deletes stays with the others.
    let mut trial = Of::new(&server, THREE[1]);
    assert_eq!(trial.ask("DELETE", "Patient/only1", &Value::Null).status, 204);
    assert_eq!(trial.get("Patient/only1").status, 410);
    assert_eq!(Of::new(&server, THREE[0]).get("Patient/only0").status, 200);
    let plain = server.client().get("/fhir/Patient/p").expect("an answer");
    assert_eq!(plain.json()["name"][0]["family"], "Family0", "the default of the default tenant");
    assert!(plain.header("vary").is_some_and(|v| v.contains("X-FHIR-TENANT-ID, X-FHIR-DSID")));
    server.stop_cleanly();
    for file in
        ["one/default/default/fhir.db", "two/default/trial/fhir.db", "three/acme/default/fhir.db"]
    {
        assert!(folder.path(file).is_file(), "{file}");
    }
    // A restart finds it all.
    let server = folder.server(&[]);
    assert_eq!(Of::new(&server, THREE[2]).ids("Patient"), ["only2", "p"]);
    server.stop_cleanly();
}

#[test]
fn unknown_tenants_and_datasources_are_refused_alike() {
    let folder = Folder::three();
    let server = folder.server(&[]);
    let mut told = Vec::new();
    for of in [
        ("none", "default"),
        ("acme", "trial"),
        ("default", "none"),
        ("ACME", "default"),
        ("..", "x"),
    ] {
        let mut of = Of::new(&server, of);
        for answer in [of.get("Patient"), of.get("metadata"), of.get_by_path("Patient")] {
            assert_eq!(answer.status, 400, "{}", answer.text());
            assert_eq!(answer.json()["resourceType"], "OperationOutcome");
            told.push(answer.json()["issue"].to_string());
        }
        let answer = of.ask("PUT", "Patient/p", &patient("p", "Nobody"));
        assert_eq!(answer.status, 400, "{}", answer.text());
    }
    told.dedup();
    assert_eq!(told.len(), 1, "an error doesn't tell which names there are: {told:?}");
    for of in THREE {
        assert_eq!(Of::new(&server, of).ids("Patient"), [] as [&str; 0]);
    }
}

#[test]
fn links_stay_with_their_tenant() {
    let folder = Folder::three();
    let server = folder.server(&[]);
    for of in THREE {
        for number in 0..5 {
            Of::new(&server, of).put(&patient(&format!("{}{number}", of.1), "Many"));
        }
    }
    let origin = server.base.trim_end_matches("/fhir").to_owned();
    let mut acme = Of::new(&server, THREE[2]);
    // Through the URL, links lead on without a header.
    let first = acme.get_by_path("Patient?family=many&_count=2").json();
    let next = link(&first, "next").expect("a next page");
    assert!(next.starts_with(&format!("{origin}/tenants/acme/default/fhir/Patient?")), "{next}");
    assert!(first["entry"][0]["fullUrl"].as_str().expect("a URL").starts_with(&origin));
    let (mut page, mut seen) = (first, Vec::new());
    loop {
        seen.extend(ids(&page));
        let Some(next) = link(&page, "next") else { break };
        let answer =
            server.client().get(next.strip_prefix(&origin).expect("own")).expect("an answer");
        page = answer.json();
    }
    assert_eq!(seen, (0..5).map(|n| format!("default{n}")).collect::<Vec<_>>());
    // By headers, they lead on with the same headers, and to nobody else.
    let first = acme.get("Patient?family=many&_count=2").json();
    let next = link(&first, "next").expect("a next page");
    let path = next.strip_prefix(&format!("{}/", server.base)).expect("below /fhir").to_owned();
    assert_eq!(ids(&acme.get(&path).json()).len(), 2);
    for other in &THREE[..2] {
        let answer = Of::new(&server, *other).get(&path);
        assert_eq!(answer.status, 400, "a page is of one collection: {}", answer.text());
    }
    let created = acme.ask("POST", "Patient", &patient("x", "New"));
    assert!(
        created.header("location").is_some_and(|l| l.starts_with(&format!("{}/", server.base)))
    );
}

#[test]
fn references_to_either_base_are_to_the_tenants_own_resources() {
    let folder = Folder::three();
    let server = folder.server(&[]);
    let origin = server.base.trim_end_matches("/fhir").to_owned();
    for of in THREE {
        let mut of = Of::new(&server, of);
        of.put(&patient("p", "Roe"));
        of.put(&observation("header", &format!("{origin}/fhir/Patient/p")));
        of.put(&observation("path", &format!("{origin}{}/Patient/p", of.base())));
        of.put(&observation("foreign", &format!("{origin}/tenants/else/default/fhir/Patient/p")));
        assert_eq!(of.ids("Observation?subject.family=roe"), ["header", "path"]);
        assert_eq!(of.ids("Patient/p/$everything"), ["header", "p", "path"]);
    }
}

fn nickname() -> Value {
    json!({ "resourceType": "SearchParameter", "id": "nickname", "status": "active",
        "url": "http://example.org/nickname", "name": "nickname", "description": "x",
        "code": "nickname", "base": ["Patient"], "type": "string",
        "expression": "Patient.name.where(use='nickname').given" })
}

#[test]
fn a_tenants_search_parameters_are_its_own() {
    let folder = Folder::three();
    let server = folder.server(&[]);
    let named = json!({ "resourceType": "Patient", "id": "n",
        "name": [{ "use": "nickname", "given": ["Bill"] }] });
    for of in THREE {
        Of::new(&server, of).put(&named);
    }
    let mut acme = Of::new(&server, THREE[2]);
    assert_eq!(acme.strictly("Patient?nickname=bill").status, 400);
    acme.put(&nickname());
    let until = Instant::now() + Duration::from_secs(60);
    while acme.strictly("Patient?nickname=bill").status != 200 {
        assert!(Instant::now() < until, "it doesn't come in force");
        std::thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(acme.ids("Patient?nickname=bill"), ["n"]);
    let jobs = server.client().get("/admin/jobs").expect("an answer").json();
    let owners: Vec<_> =
        jobs["jobs"].as_array().expect("jobs").iter().map(|job| &job["tenant"]).collect();
    assert_eq!(owners, ["acme"], "{jobs}");
    let path = format!("/admin/jobs/{}", jobs["jobs"][0]["id"].as_str().expect("an id"));
    assert_eq!(server.client().get(&path).expect("an answer").status, 200);
    for other in &THREE[..2] {
        let answer = Of::new(&server, *other).strictly("Patient?nickname=bill");
        assert_eq!(answer.status, 400, "{other:?} doesn't know it: {}", answer.text());
    }
}

#[test]
fn every_datasource_is_asked_whether_it_is_ready() {
    let folder = Folder::three();
    let server = folder.server(&[]);
    let ready = server.client().get("/health/ready").expect("an answer");
    assert_eq!((ready.status, ready.json()), (200, json!({ "status": "ready" })));
    let index = server.client().get("/admin/index").expect("an answer").json();
    let names: Vec<_> = index["datasources"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|d| (d["tenant"].as_str().expect("x"), d["datasource"].as_str().expect("x")))
        .collect();
    assert_eq!(names, [THREE[2], THREE[0], THREE[1]]);
}

/// A directory that PostgreSQL's server of the tests can be told of in a configuration.
fn postgres(url: &str, schema: &str) -> Value {
    let address = url.strip_prefix("postgres://").or_else(|| url.strip_prefix("postgresql://"));
    let (user, rest) = address.and_then(|a| a.split_once('@')).expect("a user");
    let (user, password) = user.split_once(':').unwrap_or((user, ""));
    let (host, database) = rest.split_once('/').expect("a database");
    let (host, port) = host.split_once(':').unwrap_or((host, "5432"));
    let database = database.split('?').next().expect("a name");
    json!({ "type": "postgresql", "connectionProperties": { "db.host": host, "db.port": port,
        "db.database": database, "user": user, "password": password, "currentSchema": schema } })
}

#[test]
fn one_tenant_is_on_postgresql_and_one_in_files() {
    let url = cresset_postgres_server::url();
    let schema = format!("tenants{}", std::process::id());
    let folder = Folder::new();
    folder.tenant("default", &json!({ "default": folder.sqlite("one") }));
    folder.tenant(
        "acme",
        &json!({ "default": postgres(&url, &schema),
        "trial": postgres(&url, &format!("{schema}b")) }),
    );
    let all = [("default", "default"), ("acme", "default"), ("acme", "trial")];
    let server = folder.server(&[]);
    fill(&server, &all);
    each_sees_itself_alone(&server, &all);
    server.stop_cleanly();
    let config = folder.config();
    let verify = |more: &[&str], status| {
        let config = config.to_str().expect("UTF-8");
        told(&[&["verify", "--fhir-config-dir", config], more].concat(), status)
    };
    assert!(verify(&[], 0).contains("one: 0 breaches"));
    assert!(verify(&["--tenant-id", "acme"], 0).contains(&format!("schema={schema}: 0 breaches")));
    let trial = verify(&["--tenant-id", "acme", "--ds-id", "trial"], 0);
    assert!(trial.contains(&format!("schema={schema}b: 0 breaches")), "{trial}");
    let migrated =
        told(&["config", "migrate", "--fhir-config-dir", config.to_str().expect("UTF-8")], 0);
    assert_eq!(migrated.matches("nothing to do").count(), 2, "{migrated}");
}

fn told(args: &[&str], status: i32) -> String {
    let output = run(args);
    let text = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert_eq!(output.status.code(), Some(status), "{args:?}: {text}");
    text
}

#[test]
fn commands_work_on_the_datasource_that_is_named() {
    let folder = Folder::three();
    let config = folder.config();
    let config = config.to_str().expect("UTF-8");
    let file = folder.path("one.ndjson");
    fs::write(&file, patient("imported", "Roe").to_string()).expect("a file");
    let (file, out) = (file.to_str().expect("UTF-8"), folder.path("out"));
    let refusals = folder.path("refusals");
    let acme = ["--fhir-config-dir", config, "--tenant-id", "acme"];
    let refusals = refusals.to_str().expect("UTF-8");
    told(&[&["import", file, "--refusals", refusals], &acme[..]].concat(), 0);
    assert!(folder.path("three/acme/default/fhir.db").is_file());
    assert!(!folder.path("one").exists(), "only the one that is named is opened");
    let out = out.to_str().expect("UTF-8");
    let exported = told(&[&["export", "--out", out], &acme[..]].concat(), 0);
    assert!(exported.contains("Patient: 1"), "{exported}");
    assert!(told(&[&["reindex"], &acme[..]].concat(), 0).contains("1 resources reindexed"));
    assert!(told(&[&["verify"], &acme[..]].concat(), 0).contains("0 breaches"));
    let unknown = told(&["verify", "--fhir-config-dir", config, "--ds-id", "none"], 2);
    assert!(unknown.contains("acme/default, default/default, default/trial"), "{unknown}");
    let data = folder.path("else");
    let data = data.to_str().expect("UTF-8");
    told(&["verify", "--data", data, "--tenant-id", "acme"], 2);
    // What is given instead of the default one is no other tenant's.
    told(&[&["reindex", "--data", data], &acme[..]].concat(), 2);
    assert!(!Path::new(data).exists());
    told(&["reindex", "--data", data, "--fhir-config-dir", config], 0);
    assert!(Path::new(data).join("default/default/fhir.db").is_file());
    assert!(!folder.path("one").exists());
}

#[test]
fn the_command_line_overrides_the_default_datasource_alone() {
    let folder = Folder::three();
    let data = folder.path("else");
    let server = folder.server(&["--data", data.to_str().expect("UTF-8")]);
    fill(&server, &THREE);
    each_sees_itself_alone(&server, &THREE);
    server.stop_cleanly();
    assert!(data.join("default/default/fhir.db").is_file());
    assert!(!folder.path("one").exists() && folder.path("three/acme").is_dir());
    // Into a directory that is another tenant's it doesn't go.
    let third = folder.path("three");
    let place = Place::Configured(folder.config());
    let args = ["--data", third.to_str().expect("UTF-8")];
    let refused = Server::try_listening_on("127.0.0.1:0", &place, &args, &[]);
    assert!(refused.is_err_and(|told| told.contains("acme/default")));
}

#[test]
fn payload_offload_is_refused_until_it_is_there() {
    let folder = Folder::three();
    for (tenant, ids) in [("default", vec!["default", "trial"]), ("acme", vec!["default"])] {
        let file = folder.config().join("config").join(tenant).join("fhir-server-config.json");
        let mut config: Value =
            serde_json::from_slice(&fs::read(&file).expect("a file")).expect("JSON");
        for id in ids {
            let container = format!("{tenant}-{id}");
            config["fhirServer"]["persistence"]["payload"][id] = json!({ "type": "azure.blob",
                "connectionProperties": { "connectionString": "AccountName=a;AccountKey=ZZSECRETZZ",
                    "containerName": container } });
        }
        fs::write(file, config.to_string()).expect("a file");
    }
    let config = folder.config();
    let config = config.to_str().expect("UTF-8");
    told(&["config", "check", "--fhir-config-dir", config], 0);
    let printed = told(&["config", "print", "--fhir-config-dir", config], 0);
    assert!(
        printed.contains("acme/default: bodies in azure.blob, container acme-default"),
        "{printed}"
    );
    let refused = told(&["serve", "--listen", "127.0.0.1:0", "--fhir-config-dir", config], 2);
    assert!(refused.contains("this version has no payload offload"), "{refused}");
    assert!(!format!("{printed}{refused}").contains("ZZSECRETZZ"));
    assert!(!folder.path("one").exists() && !folder.path("three").exists());
}
