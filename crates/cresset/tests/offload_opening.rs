//! A store with payload offload is opened as it was filled, or not at all; what moves it is `copy`.

mod support;

use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use support::http::Client;
use support::offload::*;
use support::place::Place;
use support::server::{Server, run};
use support::store_commands::{assert_same, assert_sound, exported_from};
use support::tenants::{Folder, Of, patient};

/// Runs a command that must end so; what it says.
fn told(args: &[&str], status: i32) -> String {
    let output = run(args);
    let text = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert_eq!(output.status.code(), Some(status), "{args:?}: {text}");
    text
}

fn text(path: &Path) -> &str {
    path.to_str().expect("UTF-8")
}

fn default_payload(payload: Value) -> Value {
    json!({ "default": payload })
}

/// What a server says that doesn't start.
fn unstarted(place: &Place) -> String {
    Server::try_listening_on("127.0.0.1:0", place, &[], &[]).err().expect("it must not start")
}

/// Some patients, one of them changed and one deleted.
fn fill(place: &Place) {
    let server = Server::on(place, &[], &[]);
    let mut of = Of::new(&server, ("default", "default"));
    for number in 0..5 {
        of.put(&patient(&format!("p{number}"), &format!("Family{number}")));
    }
    of.put(&patient("p1", "Changed"));
    assert_eq!(of.ask("DELETE", "Patient/p2", &Value::Null).status, 204);
    server.stop_cleanly();
}

#[test]
fn a_server_whose_container_is_missing_says_what_makes_it_and_remembers_nothing() {
    let folder = Folder::new();
    let azurite = cresset_blob_server::shared_if_there();
    for wrong in [Some(files(&folder.path("missing"))), azurite.map(azure)].into_iter().flatten() {
        let data = json!({ "default": sqlite(&folder.path("data")) });
        configure(&folder.config(), "default", &data, &default_payload(wrong));
        let place = Place::Configured(folder.config());
        let said = unstarted(&place);
        assert!(said.contains("cresset payload --create-container"), "{said}");
        assert!(!said.contains("AccountKey"), "{said}");
    }
    // The store is still free for another one.
    let place =
        offloaded(&folder.config(), sqlite(&folder.path("data")), files(&folder.path("bodies")));
    fill(&place);
    assert_eq!(assert_reconciled(&folder.config(), "in the right one"), 6);
}

#[test]
fn a_container_of_another_store_is_refused_and_not_remembered() {
    let folder = Folder::new();
    let bodies = files(&folder.path("bodies"));
    let first = offloaded(&folder.path("one"), sqlite(&folder.path("data")), bodies.clone());
    fill(&first);
    let second = offloaded(&folder.path("two"), sqlite(&folder.path("other")), bodies);
    let said = unstarted(&second);
    assert!(said.contains("holds the bodies of another store"), "{said}");
    let own = files(&folder.path("own"));
    let second = offloaded(&folder.path("two"), sqlite(&folder.path("other")), own);
    fill(&second);
    for (of, config) in [("first", "one"), ("second", "two")] {
        assert_eq!(assert_reconciled(&folder.path(config), of), 6, "{of}");
    }
}

#[test]
fn without_its_container_a_store_is_not_opened() {
    let folder = Folder::new();
    let config = folder.config();
    let data = folder.path("data");
    fill(&offloaded(&config, sqlite(&data), files(&folder.path("bodies"))));
    let (data, out) = (text(&data), folder.path("out"));
    let file = folder.path("more.ndjson");
    fs::write(&file, patient("imported", "Roe").to_string()).expect("a file");
    let target = folder.path("target");
    let why = "the bodies of default/default/fhir are in file ";
    for args in [
        &["verify", "--data", data][..],
        &["export", "--data", data, "--out", text(&out)],
        &["import", text(&file), "--data", data],
        &["reindex", "--data", data],
        &["copy", "--from", data, "--to", text(&target)],
        &["serve", "--data", data, "--listen", "127.0.0.1:0"],
    ] {
        let said = told(args, 2);
        assert!(said.contains(why) && said.contains("--fhir-config-dir"), "{args:?}: {said}");
    }
    assert!(!target.exists() && !out.join("Patient.ndjson").exists());
    // Nor with another one.
    let other = folder.path("other");
    let other_place = offloaded(&other, sqlite(Path::new(data)), files(&folder.path("elsewhere")));
    let said = unstarted(&other_place);
    assert!(said.contains(why) && said.contains("elsewhere"), "{said}");
    assert_sound(&Place::Configured(config.clone()), "with its own");
    assert_eq!(assert_reconciled(&config, "with its own"), 6);
}

#[test]
fn a_store_with_its_bodies_inside_gets_no_container() {
    let folder = Folder::new();
    let data = folder.path("data");
    fill(&Place::data(&data));
    let config = folder.config();
    let place = offloaded(&config, sqlite(&data), files(&folder.path("bodies")));
    let said = unstarted(&place);
    assert!(said.contains("before the first resource") && said.contains("cresset copy"), "{said}");
    let (config, out) = (text(&config), folder.path("out"));
    let file = folder.path("more.ndjson");
    fs::write(&file, patient("imported", "Roe").to_string()).expect("a file");
    for args in [
        &["verify", "--fhir-config-dir", config][..],
        &["export", "--fhir-config-dir", config, "--out", text(&out)],
        &["import", text(&file), "--fhir-config-dir", config],
    ] {
        let said = told(args, 1);
        assert!(said.contains("before the first resource"), "{args:?}: {said}");
    }
    assert!(told(&["verify", "--data", text(&data)], 0).contains("0 breaches"));
}

#[test]
fn copies_carry_bodies_out_and_in_again() {
    let folder = Folder::new();
    let (inside, outside, back) = (folder.path("inside"), folder.path("out"), folder.path("back"));
    fill(&Place::data(&inside));
    let config = folder.config();
    let place = offloaded(&config, sqlite(&outside), files(&folder.path("bodies")));
    let (inside, outside, back) = (text(&inside), text(&outside), text(&back));
    let said = told(
        &["copy", "--from", inside, "--to", outside, "--to-fhir-config-dir", text(&config)],
        0,
    );
    assert!(said.contains("both are equal"), "{said}");
    assert_sound(&place, "copied out");
    assert_eq!(assert_reconciled(&config, "copied out"), 6, "each version has its body there");
    let said = told(
        &["copy", "--from", outside, "--to", back, "--from-fhir-config-dir", text(&config)],
        0,
    );
    assert!(said.contains("both are equal"), "{said}");
    assert_sound(&Place::data(Path::new(back)), "copied in");
    let wanted = exported_from(&Place::data(Path::new(inside)));
    assert_eq!(wanted.len(), 4);
    assert_same(&exported_from(&place), &wanted, "copied out");
    assert_same(&exported_from(&Place::data(Path::new(back))), &wanted, "copied in");
    // A target with offload that isn't said to have one is not written to.
    let said = told(&["copy", "--from", inside, "--to", outside], 2);
    assert!(said.contains("--fhir-config-dir"), "{said}");
}

fn binary(id: &str, data: &str) -> Value {
    json!({ "resourceType": "Binary", "id": id, "contentType": "text/plain", "data": data })
}

#[test]
fn a_resource_over_4_mib_is_too_large() {
    let folder = Folder::new();
    let config = folder.config();
    let place = offloaded(&config, sqlite(&folder.path("data")), files(&folder.path("bodies")));
    let server = Server::on(&place, &[], &[]);
    let mut client = Client::new(server.address);
    let mut answer = |bytes: usize| {
        let text = "A".repeat(bytes);
        let body = binary("big", &text);
        client
            .request("PUT", "/fhir/Binary/big", &[], body.to_string().as_bytes())
            .expect("an answer")
    };
    let refused = answer(4 << 20);
    assert_eq!(refused.status, 413, "{}", refused.text());
    let outcome = refused.json();
    assert_eq!(outcome["resourceType"], "OperationOutcome");
    assert_eq!(outcome["issue"][0]["code"], "too-long", "{outcome}");
    let taken = answer((4 << 20) - 200);
    assert_eq!(taken.status, 201, "{}", taken.text());
    // Nor does it come in by a Bundle, of which then nothing is written.
    let text = "A".repeat(4 << 20);
    let entry = |resource: Value, url: &str| json!({ "resource": resource, "request": { "method": "PUT", "url": url } });
    let bundle = json!({ "resourceType": "Bundle", "type": "transaction", "entry": [
        entry(patient("small", "Small"), "Patient/small"),
        entry(binary("two", &text), "Binary/two"),
    ] });
    let mut client = Client::new(server.address);
    let refused =
        client.request("POST", "/fhir", &[], bundle.to_string().as_bytes()).expect("an answer");
    assert_eq!(refused.status, 413, "{}", refused.text());
    assert_eq!(client.get("/fhir/Patient/small").expect("an answer").status, 404);
    server.stop_cleanly();
    assert_eq!(assert_reconciled(&config, "after refusals"), 1);
}

#[test]
fn bodies_that_are_lost_or_damaged_are_named_and_not_given_out() {
    let folder = Folder::new();
    let config = folder.config();
    let bodies = folder.path("bodies");
    let place = offloaded(&config, sqlite(&folder.path("data")), files(&bodies));
    fill(&place);
    let body = |id: &str, version: &str| {
        let folder = bodies.join(format!("104/{id}/{version}"));
        let mut entries = fs::read_dir(folder).expect("a folder");
        entries.next().expect("a body").expect("a body").path()
    };
    fs::remove_file(body("p3", "1")).expect("it can be lost");
    let damaged = fs::read_to_string(body("p4", "1")).expect("a body").replace("Family4", "Other");
    fs::write(body("p4", "1"), damaged).expect("it can be damaged");
    let said = told(&["verify", "--fhir-config-dir", text(&config)], 1);
    assert!(
        said.contains("104/p3 version 1: its body is missing from the payload store"),
        "{said}"
    );
    assert!(said.contains("104/p4 version 1: its body in the payload store is not what"), "{said}");
    assert!(said.contains("Patient: the index keys of some were not compared"), "{said}");
    let server = Server::on(&place, &[], &[]);
    let mut client = Client::new(server.address);
    for (id, status) in [("p0", 200), ("p1", 200), ("p2", 410), ("p3", 500), ("p4", 500)] {
        let answer = client.get(&format!("/fhir/Patient/{id}")).expect("an answer");
        assert_eq!(answer.status, status, "{id}: {}", answer.text());
        assert!(!answer.text().contains("Other"), "{id}");
    }
    let metrics = client.get("/metrics").expect("an answer").text();
    assert!(metrics.contains("cresset_payload_missing_total 1"), "{metrics}");
    server.stop_cleanly();
}

#[test]
fn the_key_of_a_container_is_in_no_log() {
    let Some(azurite) = cresset_blob_server::shared_if_there() else { return };
    let folder = Folder::new();
    let config = folder.config();
    let proxy = cresset_blob_server::Proxy::start(azurite.port());
    let mut payload = azure(azurite);
    payload["connectionProperties"]["connectionString"] =
        azurite.connection_string_through(proxy.port()).into();
    let place = offloaded(&config, sqlite(&folder.path("data")), payload);
    let server = Server::on(&place, &[], &[("RUST_LOG", "debug")]);
    let mut of = Of::new(&server, ("default", "default"));
    of.put(&patient("p", "Before"));
    let rule = cresset_blob_server::Rule::new(cresset_blob_server::Fault::Answer(403));
    proxy.add(rule.method("PUT").next(1));
    let refused = of.ask("PUT", "Patient/q", &patient("q", "After"));
    assert!(refused.status >= 500, "{}", refused.text());
    let config_text = text(&config);
    let said = [
        refused.text(),
        of.get("metadata").text(),
        Client::new(server.address).get("/metrics").expect("an answer").text(),
        server.log(),
        told(&["config", "print", "--fhir-config-dir", config_text], 0),
        told(&["verify", "--fhir-config-dir", config_text], 0),
    ];
    server.stop_cleanly();
    assert!(said[3].contains("the payload store failed"), "{}", said[3]);
    assert!(said[2].contains("cresset_payload_requests_total"), "{}", said[2]);
    for (number, said) in said.iter().enumerate() {
        for secret in [azurite.key(), "AccountKey", "SharedKey"] {
            assert!(!said.contains(secret), "{number}: {said}");
        }
    }
}
