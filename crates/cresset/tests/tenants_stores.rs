//! Where tenants' stores are: on databases and in directories, and what the command line says of them.

mod support;

use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};
use support::place::Place;
use support::server::{Server, run};
use support::tenants::*;

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
fn a_key_that_is_none_is_refused_and_not_told() {
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
    assert!(refused.contains("AccountKey is not Base64"), "{refused}");
    assert!(!format!("{printed}{refused}").contains("ZZSECRETZZ"));
}

#[test]
fn an_outage_of_one_tenants_database_is_not_the_others() {
    let Some(database) = cresset_postgres_server::Server::start() else { return };
    let folder = Folder::new();
    folder.tenant("default", &json!({ "default": folder.sqlite("one") }));
    folder.tenant("acme", &json!({ "default": postgres(&database.url(), "outage") }));
    let all = [("default", "default"), ("acme", "default")];
    let server = folder.server(&[]);
    fill(&server, &all);
    let ready = || server.client().get("/health/ready").expect("an answer");
    assert_eq!(ready().status, 200);
    drop(database);
    let until = Instant::now() + Duration::from_secs(60);
    while ready().status != 503 {
        assert!(Instant::now() < until, "it stays ready");
        std::thread::sleep(Duration::from_millis(100));
    }
    assert_eq!(ready().json()["reason"], "1 of 2 datasources don't answer");
    let index = server.client().get("/admin/index").expect("an answer");
    assert_eq!(index.status, 503);
    let states: Vec<Value> = index.json()["datasources"].as_array().expect("a list").clone();
    assert_eq!(
        (&states[0]["tenant"], &states[0]["state"]),
        (&json!("acme"), &json!("unavailable"))
    );
    assert_eq!((&states[1]["tenant"], &states[1]["state"]), (&json!("default"), &json!("ready")));
    let jobs = server.client().get("/admin/jobs").expect("an answer").json();
    assert_eq!(jobs["unavailable"], json!([{ "tenant": "acme", "datasource": "default" }]));
    assert_eq!(Of::new(&server, all[1]).get("Patient/p").status, 503);
    let mut default = Of::new(&server, all[0]);
    assert_eq!(default.get("Patient/p").status, 200);
    assert_eq!(default.ids("Patient?family=family0"), ["p"]);
    default.put(&patient("meanwhile", "Roe"));
}

#[test]
fn a_database_that_the_command_line_gives_is_no_other_tenants() {
    let url = cresset_postgres_server::url();
    let schema = format!("given{}", std::process::id());
    let folder = Folder::new();
    folder.tenant("default", &json!({ "default": { "type": "derby", "currentSchema": "APP" } }));
    folder.tenant("acme", &json!({ "default": postgres(&url, &schema) }));
    let config = folder.config();
    let config = config.to_str().expect("UTF-8");
    let separator = if url.contains('?') { '&' } else { '?' };
    let same = format!("{url}{separator}schema={schema}");
    let serve = ["serve", "--listen", "127.0.0.1:0", "--fhir-config-dir", config];
    let refused = told(&[&serve[..], &["--store", &same]].concat(), 2);
    assert!(refused.contains("each needs its own"), "{refused}");
    assert!(told(&serve, 1).contains("datasources.default.type: there is no such store here"));
    // A file of another server starts as it is where it is said what its datasource stands for.
    let own = format!("{same}d");
    let server = folder.server(&["--store", &own]);
    let all = [("default", "default"), ("acme", "default")];
    fill(&server, &all);
    each_sees_itself_alone(&server, &all);
    server.stop_cleanly();
}
