//! Links that were taken before the server stopped.

use crate::page::Page;
use crate::support::http::Client;
use crate::support::server::Server;
use serde_json::json;

const PATIENTS: u64 = 40;

fn fill(client: &mut Client) {
    for n in 0..PATIENTS {
        let patient = json!({
            "resourceType": "Patient",
            "id": format!("p{n}"),
            "name": [{ "family": format!("Kin{}", n % 3) }],
            "birthDate": format!("19{:02}-05-01", (n * 37) % 50 + 20),
        });
        let path = format!("/fhir/Patient/p{n}");
        let answer = client.request("PUT", &path, &[], patient.to_string().as_bytes());
        assert_eq!(answer.expect("an answer").status, 201);
    }
}

/// The links of a second page, with what they lead to.
fn links(client: &mut Client) -> Vec<(String, Page)> {
    let mut links = Vec::new();
    for search in [
        "/fhir/Patient?_count=7",
        "/fhir/Patient?_count=7&_sort=birthdate",
        "/fhir/Patient?_count=7&_sort=-birthdate&_total=accurate",
        "/fhir/Patient?_count=7&_sort=family",
        "/fhir/Patient?_count=7&family=kin&_sort=-family,birthdate",
        "/fhir/Patient?_count=7&birthdate=ge1930&_sort=-_lastUpdated",
        "/fhir?_type=Patient,Group&_count=7&_sort=_id",
    ] {
        let second = Page::get(client, search).link("next").expect("a second page");
        let second = Page::get(client, &second);
        for relation in ["self", "first", "prev", "next"] {
            let link = second.link(relation).unwrap_or_else(|| panic!("{relation} of {search}"));
            let page = Page::get(client, &link);
            assert_eq!(page.ids().len(), 7, "{relation} of {search}");
            links.push((link, page));
        }
    }
    let history = "/fhir/Patient/_history?_count=7";
    let next = Page::get(client, history).link("next").expect("more of the history");
    let page = Page::get(client, &next);
    links.push((next, page));
    links
}

#[test]
fn links_lead_to_the_same_pages_after_a_restart() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("store");
    let server = Server::start(&data, &[], &[]);
    fill(&mut server.client());
    let links = links(&mut server.client());
    let listen = server.address.to_string();
    server.stop_cleanly();

    // On the same port, so that even the URLs in the pages are the same.
    let server = Server::listening(&listen, &data, &[], &[]);
    let client = &mut server.client();
    for (link, page) in &links {
        assert!(Page::get(client, link).is_as(page), "{link}");
    }
    server.kill9();

    // On any port, after a death: the links' hosts differ, the resources don't.
    let server = Server::start(&data, &[], &[]);
    let client = &mut server.client();
    for (link, page) in &links {
        assert_eq!(Page::get(client, link).resources(), page.resources(), "{link}");
    }
    // A link stays what it was when something before it has come and gone since.
    let deleted = client.request("DELETE", "/fhir/Patient/p0", &[], &[]).expect("an answer");
    assert_eq!(deleted.status, 204);
    let (next, page) = &links[3];
    assert_eq!(Page::get(client, next).ids(), page.ids());
    server.stop_cleanly();
}
