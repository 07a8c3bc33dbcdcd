//! Media types, codings, headers, statuses, addresses.

mod rig;
use cresset_http::Settings;
use rig::{PATIENT, Rig};
use std::io::{Read, Write};

#[tokio::test]
async fn the_table_of_accepted_forms() {
    let rig = Rig::new().await;
    rig.put("/fhir/Patient/a", PATIENT).await.is(201);
    let table = [
        ("application/fhir+json", 200, "application/fhir+json; charset=utf-8"),
        ("application/json", 200, "application/json; charset=utf-8"),
        ("text/json", 200, "text/json; charset=utf-8"),
        ("*/*", 200, "application/fhir+json; charset=utf-8"),
        ("text/html, */*;q=0.1", 200, "application/fhir+json; charset=utf-8"),
        ("application/fhir+json; fhirVersion=4.0", 200, "application/fhir+json; charset=utf-8"),
        ("application/fhir+json; fhirVersion=5.0", 406, "application/fhir+json; charset=utf-8"),
        ("application/fhir+xml", 406, "application/fhir+json; charset=utf-8"),
    ];
    for (accept, status, kind) in table {
        let answer =
            rig.request("GET", "/fhir/Patient/a", &[&format!("accept: {accept}")], "").await;
        assert_eq!(
            (answer.status.as_u16(), answer.header("content-type")),
            (status, kind),
            "{accept}"
        );
    }
    rig.request("GET", "/fhir/Patient/a?_format=json", &["accept: text/html"], "").await.is(200);
    rig.get("/fhir/Patient/a?_format=xml").await.fails(406, "not-supported");
    let pretty = rig.get("/fhir/Patient/a?_pretty=true").await;
    assert!(pretty.is(200).text().starts_with("{\n  \"resourceType\": \"Patient\",\n"));
}

#[tokio::test]
async fn the_table_of_sent_forms() {
    let rig = Rig::new().await;
    let table = [
        ("application/fhir+json", 200),
        ("application/json; charset=UTF-8", 200),
        ("text/json", 200),
        ("application/fhir+json; fhirVersion=4.0", 200),
        ("application/fhir+json; fhirVersion=3.0", 415),
        ("application/json; charset=latin1", 415),
        ("application/fhir+xml", 415),
        ("application/x-www-form-urlencoded", 415),
        ("application/json-patch+json", 415),
    ];
    rig.put("/fhir/Patient/a", PATIENT).await.is(201);
    for (kind, status) in table {
        let answer = rig
            .request("PUT", "/fhir/Patient/a", &[&format!("content-type: {kind}")], PATIENT)
            .await;
        assert_eq!(answer.status.as_u16(), status, "{kind}");
    }
}

#[tokio::test]
async fn bodies_are_compressed_both_ways() {
    let rig = Rig::new().await;
    let long = PATIENT.replace("Ohm", "Ohm ".repeat(1000).trim_end());
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(long.as_bytes()).unwrap();
    let packed =
        [("gzip", gzip.finish().unwrap()), ("zstd", zstd::encode_all(long.as_bytes(), 1).unwrap())];
    for (coding, bytes) in packed {
        let request = http::Request::put("/fhir/Patient/a")
            .header("content-type", "application/fhir+json")
            .header("content-encoding", coding)
            .body(bytes.into());
        rig.send(request.unwrap()).await;
        let answer = rig
            .request("GET", "/fhir/Patient/a", &[&format!("accept-encoding: {coding}")], "")
            .await;
        assert_eq!(answer.is(200).header("content-encoding"), coding);
        let mut text = String::new();
        match coding {
            "gzip" => {
                flate2::read::GzDecoder::new(&answer.bytes[..]).read_to_string(&mut text).unwrap()
            }
            _ => zstd::Decoder::new(&answer.bytes[..]).unwrap().read_to_string(&mut text).unwrap(),
        };
        assert!(text.contains("Ohm Ohm"));
    }
    rig.put("/fhir/Patient/b", &PATIENT.replace("\"a\"", "\"b\"")).await.is(201);
    let short = rig.request("GET", "/fhir/Patient/b", &["accept-encoding: gzip"], "").await;
    assert_eq!(short.header("content-encoding"), "");
    let unknown = rig.request("PUT", "/fhir/Patient/a", &["content-encoding: br"], PATIENT).await;
    unknown.fails(415, "not-supported");
}

#[tokio::test]
async fn errors_have_their_statuses() {
    let rig = Rig::new().await;
    rig.get("/fhir/Nonsense/1").await.fails(404, "not-supported");
    rig.get("/fhir/Patient/1/2/3/4").await.fails(404, "not-found");
    rig.get("/nonsense").await.fails(404, "not-found");
    rig.get("/views/x/fhir/Patient").await.fails(404, "not-found");
    let refused = rig.request("PUT", "/fhir/Patient/_history", &[], PATIENT).await;
    refused.fails(405, "not-supported");
    assert_eq!(refused.header("allow"), "GET");
    let refused = rig.request("TRACE", "/fhir/Patient/1", &[], "").await;
    refused.fails(405, "not-supported");
    assert_eq!(refused.header("allow"), "GET, PUT, PATCH, DELETE");
    rig.post("/fhir/Patient", "{").await.fails(400, "structure");
    rig.post("/fhir/Patient", "[]").await.fails(400, "structure");
    rig.post("/fhir/Patient", "").await.fails(400, "required");
    rig.post("/fhir/Patient", r#"{"resourceType":"Patient","active":1}"#).await.is(422);
    let strict =
        rig.request("GET", "/fhir/Patient/1?nonsense=1", &["prefer: handling=strict"], "").await;
    strict.fails(400, "not-supported");
}

#[tokio::test]
async fn requests_keep_their_ids() {
    let rig = Rig::new().await;
    let answer = rig.request("GET", "/fhir/Patient/1", &["x-request-id: mine-1"], "").await;
    assert_eq!(answer.header("x-request-id"), "mine-1");
    let answer = rig.request("GET", "/fhir/Patient/1", &["x-request-id: not a token"], "").await;
    assert_eq!(answer.header("x-request-id").len(), 36);
    assert!(answer.header("vary").contains("X-FHIR-TENANT-ID"));
}

#[tokio::test]
async fn tenants_see_only_themselves() {
    let rig = Rig::new().await;
    let other = ["x-fhir-tenant-id: other"];
    rig.request("PUT", "/fhir/Patient/a", &other, PATIENT).await.is(201);
    rig.get("/fhir/Patient/a").await.fails(404, "not-found");
    rig.request("GET", "/fhir/Patient/a", &other, "").await.is(200);
    rig.get("/tenants/other/default/fhir/Patient/a").await.is(200);
    rig.get("/tenants/none/default/fhir/Patient/a").await.fails(400, "not-found");
    rig.request("GET", "/fhir/Patient/a", &["x-fhir-dsid: ../x"], "").await.fails(400, "not-found");
    let created = rig.post("/tenants/other/default/fhir/Patient", PATIENT).await;
    assert!(
        created
            .header("location")
            .starts_with("http://localhost/tenants/other/default/fhir/Patient/")
    );
}

#[tokio::test]
async fn a_tenant_is_named_once_or_twice_alike() {
    let rig = Rig::new().await;
    let path = "/tenants/other/default/fhir/Patient/a";
    rig.put(path, PATIENT).await.is(201);
    rig.request("GET", path, &["x-fhir-tenant-id: other"], "").await.is(200);
    rig.request("GET", path, &["x-fhir-tenant-id: default"], "").await.fails(400, "invalid");
    rig.request("GET", path, &["x-fhir-dsid: trial"], "").await.fails(400, "invalid");
    let twice = ["x-fhir-tenant-id: default", "x-fhir-tenant-id: other"];
    rig.request("GET", "/fhir/Patient/a", &twice, "").await.fails(400, "value");
    rig.request("GET", "/fhir/Patient/a", &["x-fhir-tenant-id: "], "")
        .await
        .fails(400, "not-found");
    let explained = rig.get("/admin/explain?/tenants/other/default/fhir/Patient").await;
    assert_eq!(explained.is(200).json()["found"], 1);
    assert_eq!(rig.get("/admin/explain?Patient").await.is(200).json()["found"], 0);
    rig.get("/admin/explain?/tenants/none/default/fhir/Patient").await.fails(400, "not-found");
}

/// Clients refer to what is on the server under either of its bases.
#[tokio::test]
async fn both_of_a_tenants_bases_are_its_own() {
    let rig = Rig::new().await;
    let base = "/tenants/other/default/fhir";
    rig.put(&format!("{base}/Patient/a"), PATIENT).await.is(201);
    for (id, reference, is_own) in [
        ("relative", "Patient/a", true),
        ("headers", "http://localhost/fhir/Patient/a", true),
        ("path", "http://localhost/tenants/other/default/fhir/Patient/a", true),
        ("default", "http://localhost/tenants/default/default/fhir/Patient/a", false),
    ] {
        let observation = format!(
            r#"{{"resourceType":"Observation","id":"{id}","status":"final","code":{{"text":"x"}},"subject":{{"reference":"{reference}"}}}}"#
        );
        rig.put(&format!("{base}/Observation/{id}"), &observation).await.is(201);
        let found = rig.get(&format!("{base}/Observation?subject=Patient/a&_id={id}")).await;
        assert_eq!(!found.ids().is_empty(), is_own, "{reference}");
        let chained = rig.get(&format!("{base}/Observation?subject.name=ohm&_id={id}")).await;
        assert_eq!(!chained.ids().is_empty(), is_own, "{reference}");
        // An entry of a Bundle may name it so as well, whichever way the Bundle came.
        let batch = format!(
            r#"{{"resourceType":"Bundle","type":"batch","entry":[{{"request":{{"method":"GET","url":"{reference}"}}}}]}}"#
        );
        let by_header = rig.request("POST", "/fhir", &["x-fhir-tenant-id: other"], &batch).await;
        for answer in [rig.post(base, &batch).await, by_header] {
            let entry = &answer.is(200).json()["entry"][0];
            assert_eq!(entry["resource"]["id"] == "a", is_own, "{reference}: {entry}");
        }
    }
}

#[tokio::test]
async fn capabilities_come_from_the_tables() {
    let settings = Settings { base_url: Some("https://example.org".into()), ..Settings::default() };
    let rig = Rig::with(settings).await;
    let statement = rig.get("/fhir/metadata").await.is(200).json();
    assert_eq!(statement["fhirVersion"], "4.0.1");
    assert_eq!(statement["implementation"]["url"], "https://example.org/fhir");
    let resources = statement["rest"][0]["resource"].as_array().unwrap();
    assert!(resources.len() > 140);
    let patient = resources.iter().find(|r| r["type"] == "Patient").unwrap();
    assert!(patient["interaction"].as_array().unwrap().iter().any(|i| i["code"] == "vread"));
    assert!(patient["searchParam"].as_array().unwrap().iter().any(|p| p["name"] == "birthdate"));
    let options = rig.request("OPTIONS", "/fhir", &[], "").await;
    assert_eq!(options.is(200).json()["resourceType"], "CapabilityStatement");
    let checked = rig.post("/fhir/CapabilityStatement/$validate", &statement.to_string()).await;
    assert_eq!(checked.json()["issue"][0]["severity"], "information", "{}", checked.text());
}

#[tokio::test]
async fn health_is_told() {
    let rig = Rig::new().await;
    assert_eq!(rig.get("/health/live").await.is(200).json()["status"], "live");
    assert_eq!(rig.get("/health/ready").await.is(200).json()["status"], "ready");
    assert_eq!(rig.get("/admin/index").await.is(200).json()["state"], "ready");
    rig.server.drain();
    rig.get("/health/ready").await.is(503);
    rig.post("/health/live", "").await.fails(405, "not-supported");
}
