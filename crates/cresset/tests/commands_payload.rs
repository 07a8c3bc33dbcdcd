//! `cresset payload`: its options, on stores whose bodies are in directories and in Azurite;
//! `offload_opening.rs` has what the other commands make of such stores.

mod support;

use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;
use support::offload::*;
use support::place::Place;
use support::server::{Server, cresset};
use support::tenants::{Folder, Of, observation, patient, postgres};

/// What a command says on standard output and on standard error, with the status that it should end
/// with. Azurite's key is in neither.
fn told(output: Output, status: i32) -> (String, String) {
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    let (said, log) = (text(output.stdout), text(output.stderr));
    assert_eq!(output.status.code(), Some(status), "{said}{log}");
    for secret in ["Eby8vdM02x", "AccountKey=", "sig="] {
        assert!(!said.contains(secret) && !log.contains(secret), "{said}{log}");
    }
    (said, log)
}

fn payload(config: &Path, args: &[&str], status: i32) -> (String, String) {
    told(payload_command(config, args).output().expect("it runs"), status)
}

/// Refused as wrong usage, with this in what is said.
fn refused(config: &Path, args: &[&str], why: &str) {
    let (said, log) = payload(config, args, 2);
    assert!(log.contains(why), "{args:?}: {said}{log}: not '{why}'");
    assert_eq!(said, "", "{args:?}");
}

/// The default tenant's store and directory of bodies, with a patient of two versions and one deleted
/// observation.
fn filled(folder: &Folder) -> PathBuf {
    let config = folder.config();
    let place = offloaded(&config, sqlite(&folder.path("data")), files(&folder.path("bodies")));
    fill(&place);
    config
}

fn fill(place: &Place) {
    let server = Server::on(place, &[], &[]);
    let mut of = Of::new(&server, ("default", "default"));
    of.put(&patient("p.1", "First"));
    of.put(&patient("p.1", "Second"));
    of.put(&observation("o", "Patient/p.1"));
    assert_eq!(of.ask("DELETE", "Observation/o", &Value::Null).status, 204);
    server.stop_cleanly();
}

/// The files below a folder, without those that hold owners.
fn bodies(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        match path.is_dir() {
            true => found.extend(bodies(&path)),
            false if path.ends_with("owner") => {}
            false => found.push(path),
        }
    }
    found.sort();
    found
}

fn name_of(body: &Path, bodies: &Path) -> String {
    body.strip_prefix(bodies).expect("below it").to_str().expect("UTF-8").to_owned()
}

/// Copies a body under the name of a version that isn't there.
fn add_orphan(body: &Path) -> PathBuf {
    let orphan = body.parent().and_then(Path::parent).expect("a folder").join("9");
    fs::create_dir(&orphan).expect("a folder");
    let orphan = orphan.join(body.file_name().expect("a name"));
    fs::copy(body, &orphan).expect("a copy");
    orphan
}

fn counted(config: &Path, args: &[&str]) -> Counted {
    Counted::of(&payload(config, &[&["--reconcile"], args].concat(), 0).0)
}

#[test]
fn a_container_is_made_once_and_found_from_then_on() {
    let folder = Folder::new();
    let azurite = cresset_blob_server::shared_if_there();
    let places = [Some(files(&folder.path("a/b/bodies"))), azurite.map(azure)];
    for place in places.into_iter().flatten() {
        let datasource = json!({ "default": folder.sqlite("data") });
        configure(&folder.config(), "default", &datasource, &json!({ "default": place }));
        let (said, _) = payload(&folder.config(), &["--create-container"], 0);
        assert!(said.ends_with(": made\n"), "{said}");
        for _ in 0..2 {
            let (said, _) = payload(&folder.config(), &["--create-container"], 0);
            assert!(said.ends_with(": there already\n"), "{said}");
        }
    }
    assert!(!folder.path("data").exists(), "no store is opened for that");
}

#[test]
fn it_is_asked_for_one_action_and_in_words_that_it_knows() {
    let folder = Folder::new();
    let config = filled(&folder);
    refused(&config, &[], "--create-container");
    refused(&config, &["--reconcile", "--create-container"], "cannot be used with");
    refused(&config, &["--reconcile", "--read", "97/a/1"], "cannot be used with");
    refused(&config, &["--read", "97/a/1", "--no-dry-run"], "--reconcile");
    refused(&config, &["--create-container", "--max-scan-seconds", "1"], "--reconcile");
    refused(&config, &["--reconcile", "--max-scan-seconds", "soon"], "invalid value");
    refused(&config, &["--reconcile", "--continuation-token", "e30"], "continuation token");
    refused(&config, &["--reconcile", "--db-type", "derby"], "invalid value");
    refused(&config, &["--reconcile", "--db-type", "postgresql"], "--db-properties");
    refused(&config, &["--reconcile", "--tenant-id", "nobody"], "no datasource nobody/default");
    refused(&config, &["--reconcile", "--ds-id", "none"], "no datasource default/none");
    for name in ["97/o", "97/o/1/x", "Nothing/o/1", "Observation/o/0"] {
        refused(&config, &["--read", name], "is none of");
    }
    let without = told(cresset(&["payload", "--reconcile"]).output().expect("it runs"), 2);
    assert!(without.1.contains("--fhir-config-dir"), "{}", without.1);
    let help = told(cresset(&["payload", "--help"]).output().expect("it runs"), 0);
    assert!(help.0.contains("cresset payload --fhir-config-dir ./fhir --reconcile"), "{}", help.0);
    let plain = json!({ "default": folder.sqlite("plain") });
    configure(&config, "default", &plain, &Value::Null);
    for action in ["--reconcile", "--create-container"] {
        refused(&config, &[action], "keeps bodies in its database");
    }
}

#[test]
fn orphans_are_taken_away_only_when_that_is_the_last_word() {
    let folder = Folder::new();
    let config = filled(&folder);
    let before = bodies(&folder.path("bodies"));
    assert_eq!(before.len(), 3);
    let orphan = add_orphan(&before[0]);
    fs::write(folder.path("bodies/97-notes"), "somebody's").expect("a file");
    for dry in [&[][..], &["--dry-run"], &["--no-dry-run", "--dry-run"]] {
        let found = counted(&config, dry);
        assert_eq!((found.orphaned, found.deleted, found.matched), (1, 0, 3), "{dry:?}");
        assert_eq!((found.foreign, found.young), (1, 0), "{dry:?}");
        assert!(orphan.exists(), "{dry:?}");
    }
    // With the usual grace it is too young.
    let mut usual = payload_command(&config, &["--reconcile", "--no-dry-run"]);
    let (said, _) = told(usual.env_remove("CRESSET_PAYLOAD_GRACE").output().expect("it runs"), 0);
    let found = Counted::of(&said);
    assert_eq!((found.orphaned, found.young), (0, 1), "{said}");
    assert!(orphan.exists());
    let found = counted(&config, &["--dry-run", "--no-dry-run"]);
    assert_eq!((found.orphaned, found.deleted), (1, 1));
    assert!(!orphan.exists() && folder.path("bodies/97-notes").exists());
    assert_eq!(counted(&config, &["--no-dry-run"]).orphaned, 0);
    // A body that is lost is told, and that is a failure.
    fs::remove_file(&before[1]).expect("it can be lost");
    let (said, _) = payload(&config, &["--reconcile", "--no-dry-run"], 1);
    let name = name_of(&before[1], &folder.path("bodies"));
    let version = name.rsplit_once('/').expect("a name").0.replace('*', ".");
    assert!(said.contains("3 looked at, 1 without a body"), "{said}");
    assert!(said.contains(&format!("missing   {version}\n")), "{said}: not {version}");
    let left = bodies(&folder.path("bodies"));
    assert!(left.contains(&before[0]) && left.contains(&before[2]), "the others stay");
}

#[test]
fn a_reconcile_that_was_cut_short_goes_on_from_its_token() {
    let folder = Folder::new();
    let config = filled(&folder);
    let orphan = add_orphan(&bodies(&folder.path("bodies"))[0]);
    let mut token: Option<String> = None;
    let (mut orphaned, mut versions, mut runs) = (0, 0, 0);
    loop {
        let mut args = vec!["--reconcile", "--no-dry-run", "--max-scan-seconds", "0"];
        if let Some(token) = &token {
            args.extend(["--continuation-token", token]);
        }
        let (said, log) = payload(&config, &args, 0);
        let found = Counted::of(&said);
        (orphaned, versions, runs) =
            (orphaned + found.orphaned, versions + found.versions, runs + 1);
        let printed = said.lines().find_map(|l| l.split_once("--continuation-token "));
        let Some((_, next)) = printed else { break };
        assert!(log.contains(&format!("__CONTINUATION_TOKEN__ = {next}\n")), "{log}");
        token = Some(next.to_owned());
    }
    assert_eq!((orphaned, versions), (1, 3), "each is looked at once");
    assert!(runs > 2 && !orphan.exists());
    // Of another container it is refused, as anything else is.
    let token = token.expect("there was one");
    let other = Folder::new();
    let other = filled(&other);
    for wrong in [token.as_str(), "nonsense", ""] {
        let args = ["--reconcile", "--continuation-token", wrong];
        refused(&other, &args, "is not one that a reconcile");
    }
}

#[test]
fn versions_are_read_by_each_of_their_names() {
    let folder = Folder::new();
    let config = filled(&folder);
    let read = |name: &str| -> Value {
        let (said, _) = payload(&config, &["--read", name], 0);
        serde_json::from_str(&said).expect("a resource")
    };
    for body in bodies(&folder.path("bodies")) {
        let name = name_of(&body, &folder.path("bodies"));
        let kept = read(&name);
        let bytes = fs::read(&body).expect("a file");
        assert_eq!(kept, serde_json::from_slice::<Value>(&bytes).expect("JSON"), "as it is");
        // By its version it is as the server gives it: with the time of its commit.
        let by_number = read(name.rsplit_once('/').expect("a name").0);
        let of = kept["resourceType"].as_str().expect("a type");
        let (id, version) = (kept["id"].as_str().expect("an id"), &kept["meta"]["versionId"]);
        let version = version.as_str().expect("a version");
        assert_eq!(read(&format!("{of}/{id}/{version}")), by_number);
        assert!(by_number["meta"]["lastUpdated"].is_string(), "{by_number}");
        assert_eq!(by_number["meta"]["versionId"], kept["meta"]["versionId"]);
        assert_eq!(by_number["name"], kept["name"]);
    }
    let unknown = "97/o/1/00000000-0000-4000-8000-000000000000";
    for name in ["Observation/o/2", "Observation/o/3", "Patient/nobody/1", unknown] {
        let (said, log) = payload(&config, &["--read", name], 1);
        assert!(said.is_empty() && log.contains(&format!("there is no {name}")), "{log}");
    }
}

#[test]
fn each_tenants_datasource_has_its_own() {
    let folder = Folder::new();
    let config = folder.config();
    let three = [("default", "default"), ("acme", "default"), ("acme", "trial")];
    for tenant in ["default", "acme"] {
        let (mut datasources, mut places) = (json!({}), json!({}));
        for (_, id) in three.iter().filter(|(of, _)| *of == tenant) {
            datasources[id] = folder.sqlite(&format!("{tenant}-{id}"));
            places[id] = files(&folder.path(&format!("bodies-{tenant}-{id}")));
        }
        configure(&config, tenant, &datasources, &places);
    }
    for (tenant, id) in three {
        let (said, _) =
            payload(&config, &["--create-container", "--tenant-id", tenant, "--ds-id", id], 0);
        assert!(said.contains(&format!("bodies-{tenant}-{id}: made")), "{said}");
    }
    let server = Server::on(&Place::Configured(config.clone()), &[], &[]);
    for (number, of) in three.into_iter().enumerate() {
        for version in 0..=number {
            Of::new(&server, of).put(&patient("p", &format!("Family{number}v{version}")));
        }
    }
    server.stop_cleanly();
    for (number, (tenant, id)) in three.into_iter().enumerate() {
        let named = ["--tenant-id", tenant, "--ds-id", id];
        let found = counted(&config, &named);
        let count = number as u64 + 1;
        assert_eq!((found.matched, found.versions, found.orphaned), (count, count, 0));
        let (said, _) = payload(&config, &[&["--read", "Patient/p/1"][..], &named].concat(), 0);
        assert!(said.contains(&format!("Family{number}v0")), "{said}");
    }
    assert_eq!(counted(&config, &[]).versions, 1, "the default ones when none is named");
}

#[test]
fn the_database_may_be_named_by_a_properties_file() {
    let folder = Folder::new();
    let config = filled(&folder);
    fs::rename(folder.path("data"), folder.path("moved")).expect("it moves");
    let properties = folder.path("database.properties");
    fs::write(&properties, format!("db.path={}\n", folder.path("moved").display()))
        .expect("a file");
    let file = properties.to_str().expect("UTF-8");
    for more in [&[][..], &["--db-type", "sqlite"]] {
        let args = [&["--db-properties", file], more].concat();
        assert_eq!(counted(&config, &args).matched, 3, "{more:?}");
    }
    let (said, _) = payload(&config, &["--read", "Patient/p.1/2", "--db-properties", file], 0);
    assert!(said.contains("Second"), "{said}");
    refused(&config, &["--reconcile"], "there is no store in");
    let args = ["--reconcile", "--db-properties", file, "--db-type", "postgresql"];
    let (_, log) = payload(&config, &args, 1);
    assert!(log.contains("db.path: unknown key"), "{log}");
    // Another database isn't taken for the one that the bodies belong to.
    let plain = Place::data(&folder.path("plain"));
    fill(&plain);
    fs::write(&properties, format!("db.path={}\n", folder.path("plain").display()))
        .expect("a file");
    let args = ["--reconcile", "--no-dry-run", "--db-properties", file];
    let (_, log) = payload(&config, &args, 1);
    assert!(log.contains("keeps its bodies inside the database"), "{log}");
    assert_eq!(bodies(&folder.path("bodies")).len(), 3, "nothing is taken away");
}

#[test]
fn it_looks_after_a_database_on_postgresql_with_bodies_in_azurite() {
    let Some(azurite) = cresset_blob_server::shared_if_there() else { return };
    let url = cresset_postgres_server::url();
    let (folder, schema) = (Folder::new(), schema());
    let datasource = postgres(&url, &schema);
    let place = offloaded(&folder.config(), datasource.clone(), azure(azurite));
    fill(&place);
    assert_eq!(assert_reconciled(&folder.config(), "on PostgreSQL"), 3);
    let (said, _) = payload(&folder.config(), &["--read", "Patient/p.1/1"], 0);
    assert!(said.contains("First"), "{said}");
    let keys = datasource["connectionProperties"].as_object().expect("an object");
    let lines: Vec<String> = keys
        .iter()
        .filter_map(|(key, value)| Some(format!("{key}={}\n", value.as_str()?)))
        .filter(|line| !line.starts_with("password=\n"))
        .collect();
    let properties = folder.path("database.properties");
    fs::write(&properties, lines.concat()).expect("a file");
    let file = properties.to_str().expect("UTF-8");
    let args = ["--db-properties", file, "--db-type", "postgresql", "--no-dry-run"];
    let found = counted(&folder.config(), &args);
    assert_eq!((found.matched, found.versions, found.orphaned), (3, 3, 0));
}
