//! A connection that dies during COMMIT: the client is told what became of it, and nothing is done twice.

use crate::proxy::{Cut, Proxy};
use crate::support::http::Client;
use crate::support::ledger::{SYSTEM, get, ids, patient};
use crate::support::place::Place;
use crate::support::server::Server as FrontEnd;
use crate::support::store_commands::assert_sound;
use crate::support::writer::{id_of, transaction};
use cresset_postgres_server::Server;
use std::time::Duration;

const CUTS: [Cut; 4] = [Cut::Before, Cut::After, Cut::While, Cut::Silently];

/// A server behind the proxy.
struct Rig {
    server: Server,
    folder: tempfile::TempDir,
    proxy: Proxy,
    place: Place,
}

impl Rig {
    fn start() -> Option<Self> {
        let server = Server::start()?;
        let folder = tempfile::tempdir().expect("a folder");
        let proxy = Proxy::start(server.port());
        let place = Place::database(&proxy.url(), folder.path());
        Some(Self { server, folder, proxy, place })
    }
}

#[test]
fn a_commit_in_doubt_is_settled() {
    let Some(rig) = Rig::start() else { return };
    let front_end = FrontEnd::on(&rig.place, &[], &[]);
    let mut client = front_end.client();
    for (turn, cut) in CUTS.into_iter().cycle().take(20).enumerate() {
        let name = format!("{cut:?}-{turn}");
        let cuts = rig.proxy.cuts();
        rig.proxy.arm(cut);
        match turn / CUTS.len() {
            0 => creates(&mut client, &name),
            1 => updates(&mut client, turn),
            2 => creates_conditionally(&mut client, &name),
            3 => transacts(&mut client, &name),
            _ => deletes(&mut client, &rig.proxy, cut, &name),
        }
        assert_eq!(rig.proxy.cuts(), cuts + 1, "{name}: no commit was cut");
    }
    front_end.stop_cleanly();
    assert_sound(&rig.place, "after commits in doubt");
    drop(rig.folder);
}

/// The server waits for a standby that isn't there, and the connection is lost meanwhile. Whoever asked then
/// would find neither the change nor an end.
#[test]
fn a_commit_that_waits_for_a_standby_is_waited_for_and_not_repeated() {
    let Some(rig) = Rig::start() else { return };
    let front_end = FrontEnd::on(&rig.place, &[], &[]);
    let mut client = front_end.client();
    let path = "/fhir/Patient/waits";
    let body = |family| patient(Some("waits"), "waits", family).to_string();
    assert_eq!(send(&mut client, "PUT", path, &body("first")), 201);
    let waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'";
    rig.server.set("synchronous_standby_names", "nobody");
    rig.server.reload();
    std::thread::sleep(Duration::from_millis(500));
    rig.proxy.arm(Cut::While);
    let asked = std::thread::spawn(move || {
        let headers = [("If-Match", "W/\"1\"")];
        let response = client.request("PUT", path, &headers, body("second").as_bytes());
        (client, response.expect("an answer"))
    });
    std::thread::sleep(Duration::from_secs(3));
    assert_eq!(rig.server.sql(waiting), "1", "one commit waits, and no second one");
    assert!(!asked.is_finished(), "nothing is told before it is known");
    rig.server.set("synchronous_standby_names", "");
    rig.server.reload();
    let (mut client, response) = asked.join().expect("an answer");
    assert_eq!((response.status, response.version()), (200, Some(2)), "{}", response.text());
    let history = get(&mut client, &format!("{path}/_history"));
    assert_eq!(history["entry"].as_array().map(Vec::len), Some(2), "{history}");
    assert_eq!(rig.proxy.cuts(), 1);
}

fn send(client: &mut Client, method: &str, path: &str, body: &str) -> u16 {
    client.request(method, path, &[], body.as_bytes()).expect("an answer").status
}

fn creates(client: &mut Client, name: &str) {
    let body = patient(None, name, name).to_string();
    assert_eq!(send(client, "POST", "/fhir/Patient", &body), 201, "{name}");
    assert_eq!(ids(client, "Patient", name).len(), 1, "{name} is written once");
}

/// Two versions with their conditions; the first one's commit is cut.
fn updates(client: &mut Client, turn: usize) {
    let id = format!("updated-{turn}");
    let path = format!("/fhir/Patient/{id}");
    for version in 1..=3_u64 {
        let body = patient(Some(&id), &id, &format!("v{version}")).to_string();
        let tag = format!("W/\"{}\"", version - 1);
        let condition = [("If-Match", tag.as_str())];
        let headers = if version == 1 { &[][..] } else { &condition };
        let response = client.request("PUT", &path, headers, body.as_bytes()).expect("an answer");
        let wanted = if version == 1 { 201 } else { 200 };
        assert_eq!(response.status, wanted, "{path}: {}", response.text());
        assert_eq!(response.version(), Some(version), "{path}");
    }
    let history = get(client, &format!("{path}/_history"));
    assert_eq!(history["entry"].as_array().map(Vec::len), Some(3), "{path}: {history}");
}

fn creates_conditionally(client: &mut Client, name: &str) {
    let body = patient(None, name, name).to_string();
    let condition = format!("identifier={SYSTEM}|{name}");
    let mut create = || {
        let headers = [("If-None-Exist", condition.as_str())];
        let response = client.request("POST", "/fhir/Patient", &headers, body.as_bytes());
        let response = response.expect("an answer");
        (response.status, id_of(&response))
    };
    let ((first, id), (second, again)) = (create(), create());
    assert_eq!((first, second, id), (201, 200, again), "{name}");
}

fn transacts(client: &mut Client, name: &str) {
    let bundle = transaction(name).to_string();
    assert_eq!(send(client, "POST", "/fhir", &bundle), 200, "{name}");
    assert_eq!(ids(client, "Patient", name).len(), 2, "{name} is written once");
    assert_eq!(ids(client, "Observation", name).len(), 1, "{name} is written once");
}

fn deletes(client: &mut Client, proxy: &Proxy, cut: Cut, name: &str) {
    let path = format!("/fhir/Patient/{name}");
    proxy.arm(Cut::Never);
    let body = patient(Some(name), name, name).to_string();
    assert_eq!(send(client, "PUT", &path, &body), 201, "{name}");
    proxy.arm(cut);
    let deleted = client.request("DELETE", &path, &[("If-Match", "W/\"1\"")], b"");
    let status = deleted.expect("an answer").status;
    assert!(matches!(status, 200 | 204), "{name}: {status}");
    assert_eq!(send(client, "GET", &path, ""), 410, "{name}");
    let history = get(client, &format!("{path}/_history"));
    assert_eq!(history["entry"].as_array().map(Vec::len), Some(2), "{name}: {history}");
}
