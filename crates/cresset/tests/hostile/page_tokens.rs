//! Page links that were tampered with.

use crate::target::{SMALL_MIB, Target, refused};

#[test]
fn a_link_with_any_byte_changed_is_refused() {
    let target = Target::start();
    for n in 0..10 {
        let patient = format!("{{\"resourceType\":\"Patient\",\"birthDate\":\"199{n}-01-01\"}}");
        assert_eq!(target.post("/fhir/Patient", patient).status, 201);
    }
    let page = target.get("/fhir/Patient?_count=3&_sort=birthdate").json();
    let links = page["link"].as_array().expect("links");
    let next = links.iter().find(|link| link["relation"] == "next").expect("a next page");
    let url = next["url"].as_str().expect("a URL");
    let path = &url[url.find("/fhir").expect("ours")..];
    assert_eq!(target.get(path).status, 200);
    let (before, token) = path.split_once("_page=").expect("a token");
    let mut client = target.client();
    for at in 0..token.len() {
        // The neighbour in the alphabet, an escaped bit flip, one left out, one put in.
        let mut other = token.as_bytes().to_vec();
        other[at] = if other[at] == b'A' { b'B' } else { b'A' };
        let other = String::from_utf8(other).expect("ASCII");
        let flipped = token.as_bytes()[at] ^ 0x80;
        let (left, right) = (&token[..at], &token[at + 1..]);
        for changed in [
            other,
            format!("{left}%{flipped:02X}{right}"),
            format!("{left}{right}"),
            format!("{left}A{}", &token[at..]),
            token[..at].to_owned() + "%00",
        ] {
            let answer = client.get(&format!("{before}_page={changed}")).expect("an answer");
            refused(&answer, 400, "value");
        }
    }
    for length in [1_000, 60_000, 1_000_000] {
        let mut client = target.client();
        let form = [("Content-Type", "application/x-www-form-urlencoded")];
        let body = format!("_count=3&_sort=birthdate&_page={}", "A".repeat(length));
        let answer = client.request("POST", "/fhir/Patient/_search", &form, body.as_bytes());
        refused(&answer.expect("an answer"), 400, "value");
    }
    target.goes_on(SMALL_MIB);
}
