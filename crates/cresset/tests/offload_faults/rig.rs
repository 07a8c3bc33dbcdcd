//! A configured store with its bodies outside, and what is in its container.

use crate::support::http::{Client, Response};
use crate::support::ledger::{get, patient};
use crate::support::place::Place;
use crate::support::server::Server;
use crate::support::tenants::link;
use cresset_blob_server::{Azurite, Proxy};
use cresset_fhir::definitions::Definitions;
use cresset_payload::{Container, Secret};
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

/// Seconds from a commit's first put to its beginning; and those after which a blob without a row is an
/// orphan: twice that, and some for the end of a commit on a machine that is busy. There is one clock.
pub(crate) const DEADLINE: u64 = 2;
pub(crate) const GRACE: u64 = 10;
const ENVIRONMENT: [(&str, &str); 2] =
    [("CRESSET_PAYLOAD_DEADLINE", "2"), ("CRESSET_PAYLOAD_GRACE", "10")];

/// Which database has the rows.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Rows {
    Sqlite,
    Postgres,
}

/// Where the bodies go.
pub(crate) enum Bodies {
    /// Through a proxy that breaks what it is told to.
    Azurite {
        azurite: Box<Azurite>,
        proxy: Proxy,
        container: String,
    },
    Files(PathBuf),
}

/// A configuration directory, and what it names.
pub(crate) struct Rig {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) bodies: Bodies,
}

/// What was found wrong is looked into where it happened.
impl Drop for Rig {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.folder.disable_cleanup(true);
            eprintln!("kept: {}", self.folder.path().display());
        }
    }
}

impl Rig {
    /// On an Azurite of its own; `None` where there is none.
    pub(crate) fn on_azurite(rows: Rows) -> Option<Self> {
        let azurite = Box::new(Azurite::start()?);
        let proxy = Proxy::start(azurite.port());
        let container = format!("faults-{}", number());
        Some(Self::of(rows, Bodies::Azurite { azurite, proxy, container }))
    }

    /// In a directory.
    pub(crate) fn on_files(rows: Rows) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let bodies = Bodies::Files(folder.path().join("bodies"));
        Self::made(folder, rows, bodies)
    }

    fn of(rows: Rows, bodies: Bodies) -> Self {
        Self::made(tempfile::tempdir().expect("a folder"), rows, bodies)
    }

    fn made(folder: tempfile::TempDir, rows: Rows, bodies: Bodies) -> Self {
        let database = match rows {
            Rows::Sqlite => sqlite(&folder.path().join("store")),
            Rows::Postgres => postgres(&cresset_postgres_server::url()),
        };
        let rig = Self { folder, bodies };
        rig.configure(&database, &rig.payload());
        rig.run(Container::create(&rig.object_store())).expect("a container");
        rig
    }

    /// Writes the configuration.
    pub(crate) fn configure(&self, database: &Value, payload: &Value) {
        let folder = self.folder.path().join("conf/config/default");
        fs::create_dir_all(&folder).expect("a folder");
        let persistence =
            json!({ "datasources": { "default": database }, "payload": { "default": payload } });
        let file = json!({ "fhirServer": { "persistence": persistence } });
        fs::write(folder.join("fhir-server-config.json"), file.to_string()).expect("a file");
    }

    /// What the configuration says of the bodies.
    pub(crate) fn payload(&self) -> Value {
        match &self.bodies {
            Bodies::Azurite { azurite, proxy, container } => json!({
                "type": "azure.blob",
                "connectionProperties": { "containerName": container,
                    "connectionString": azurite.connection_string_through(proxy.port()) }
            }),
            Bodies::Files(path) => {
                json!({ "type": "file", "connectionProperties": { "path": path } })
            }
        }
    }

    pub(crate) fn place(&self) -> Place {
        Place::Configured(self.folder.path().join("conf"))
    }

    pub(crate) fn proxy(&self) -> &Proxy {
        match &self.bodies {
            Bodies::Azurite { proxy, .. } => proxy,
            Bodies::Files(_) => panic!("a directory has no proxy"),
        }
    }

    pub(crate) fn azurite(&self) -> &Azurite {
        match &self.bodies {
            Bodies::Azurite { azurite, .. } => azurite,
            Bodies::Files(_) => panic!("a directory is no Azurite"),
        }
    }

    pub(crate) fn server(&self) -> Server {
        self.server_with(&[])
    }

    /// With more in its environment.
    pub(crate) fn server_with(&self, more: &[(&str, &str)]) -> Server {
        self.try_server("127.0.0.1:0", &[], more).unwrap_or_else(|problem| panic!("{problem}"))
    }

    /// At an address, or what it says when it doesn't start.
    pub(crate) fn try_server(
        &self,
        address: &str,
        options: &[&str],
        more: &[(&str, &str)],
    ) -> Result<Server, String> {
        let environment = [&ENVIRONMENT, more].concat();
        Server::try_listening_on(address, &self.place(), options, &environment)
    }

    /// Every blob's name but the owner's, in order, as the object store itself tells it.
    pub(crate) fn blobs(&self) -> Vec<String> {
        let container = Container::open(&self.object_store()).expect("it can be opened");
        let mut names = Vec::new();
        let mut token = None;
        loop {
            let page = self.run(container.page("", token, 1000)).expect("a listing");
            names.extend(page.blobs.into_iter().map(|blob| blob.name));
            token = page.next;
            if token.is_none() {
                break;
            }
        }
        names.retain(|name| name != "owner");
        names.sort();
        names
    }

    fn object_store(&self) -> cresset_payload::Place {
        match &self.bodies {
            Bodies::Azurite { azurite, container, .. } => cresset_payload::Place::AzureBlob {
                connection_string: Secret::new(azurite.connection_string()),
                container: container.clone(),
            },
            Bodies::Files(path) => cresset_payload::Place::Directory(path.clone()),
        }
    }

    fn run<T>(&self, work: impl Future<Output = T>) -> T {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.expect("a runtime").block_on(work)
    }

    /// Whether there is exactly one blob for each version that has a body, and no other.
    pub(crate) fn disagreement(&self, client: &mut Client) -> Option<String> {
        let blobs = self.blobs();
        let version =
            |name: &String| name.rsplit_once('/').map_or("", |(version, _)| version).to_owned();
        let mut found: Vec<String> = blobs.iter().map(version).collect();
        found.sort();
        let wanted = versions(client);
        if found == wanted {
            return None;
        }
        let without: Vec<_> = wanted.iter().filter(|v| found.binary_search(v).is_err()).collect();
        let orphans: Vec<_> =
            blobs.iter().filter(|b| wanted.binary_search(&version(b)).is_err()).collect();
        let (found, wanted) = (found.len(), wanted.len());
        Some(format!(
            "{found} blobs, {wanted} versions; without a blob {without:?}, without a row {orphans:?}"
        ))
    }

    pub(crate) fn assert_agreement(&self, client: &mut Client, when: &str) {
        let problem = self.disagreement(client);
        assert_eq!(problem, None, "{when}");
    }
}

/// Versions with bodies, as the history of the whole system has them, in the form of blobs' names.
fn versions(client: &mut Client) -> Vec<String> {
    let mut versions = Vec::new();
    let mut path = "/fhir/_history?_count=500".to_owned();
    loop {
        let page = get(client, &path);
        for entry in page["entry"].as_array().into_iter().flatten() {
            let resource = &entry["resource"];
            let Some(of) = resource["resourceType"].as_str() else { continue };
            let number = Definitions::r4().resource_type(of).expect("a type").number();
            let text = |value: &Value| value.as_str().expect("a text").to_owned();
            let id = text(&resource["id"]).replace('.', "*");
            versions.push(format!("{number}/{id}/{}", text(&resource["meta"]["versionId"])));
        }
        let Some(next) = link(&page, "next") else { break };
        path = next[next.find("/fhir").expect("a base")..].to_owned();
    }
    versions.sort();
    versions
}

/// A Patient under an id, written without a condition or with one.
pub(crate) fn put(
    client: &mut Client,
    id: &str,
    family: &str,
    tag: Option<u64>,
) -> Option<Response> {
    let tag = tag.map(|version| format!("W/\"{version}\""));
    let headers: Vec<_> = tag.iter().map(|tag| ("If-Match", tag.as_str())).collect();
    let body = patient(Some(id), id, family).to_string();
    client.request("PUT", &format!("/fhir/Patient/{id}"), &headers, body.as_bytes()).ok()
}

/// 503, and when to come again.
#[track_caller]
pub(crate) fn assert_unavailable(response: &Response) {
    assert_eq!(response.status, 503, "{}", response.text());
    assert!(response.header("retry-after").is_some(), "503 without Retry-After");
}

/// Different in every test of every process.
fn number() -> String {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    format!("{}x{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed))
}

pub(crate) fn sqlite(path: &Path) -> Value {
    json!({ "type": "sqlite", "connectionProperties": { "db.path": path } })
}

/// The datasource of a server's database, in a schema that nobody else has.
fn postgres(url: &str) -> Value {
    let (_, rest) = url.split_once("://").expect("a URL");
    let (user, rest) = rest.split_once('@').expect("a user");
    let (user, password) = user.split_once(':').unwrap_or((user, ""));
    let (host, database) = rest.split_once('/').expect("a database");
    let (host, port) = host.split_once(':').unwrap_or((host, "5432"));
    let database = database.split('?').next().expect("a name");
    json!({ "type": "postgresql", "connectionProperties": { "db.host": host, "db.port": port,
        "db.database": database, "user": user, "password": password,
        "currentSchema": format!("offload{}", number()) } })
}
