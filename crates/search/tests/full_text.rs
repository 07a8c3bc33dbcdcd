//! `_text`, `_content`, and positions: what has no expression of its own.

mod server;

use server::Server;

#[test]
fn words_of_narrative_and_of_all_texts() {
    let div = |text: &str| {
        format!(
            r#""text": {{"status": "generated", "div": "<div xmlns=\"http://www.w3.org/1999/xhtml\">{text}</div>"}}"#
        )
    };
    let patient =
        |id: &str, rest: &str| format!(r#"{{"resourceType": "Patient", "id": "{id}", {rest}}}"#);
    let server = Server::new();
    for (id, rest) in [
        ("a", div("Jos\u{e9} has <b>Crohn's</b>&nbsp;disease<br/>since 2019")),
        ("b", format!(r#"{}, "name": [{{"family": "Crohn", "given": ["Anna"]}}]"#, div("a disease"))),
        ("c", r#""identifier": [{"value": "anna"}], "maritalStatus": {"coding": [{"display": "Never Married"}],
            "text": "single"}, "managingOrganization": {"reference": "Organization/anna", "display": "Clinic B12"}"#.to_owned()),
        ("d", r##""contained": [{"resourceType": "Organization", "id": "o", "name": "Inner Clinic"}],
            "managingOrganization": {"reference": "#o"}"##.to_owned()),
    ] {
        server.put(&patient(id, &rest));
    }
    for (url, ids) in [
        ("Patient?_text=disease", "a b"),
        ("Patient?_text=jose", "a"),
        ("Patient?_text=Crohn's DISEASE", "a"),
        ("Patient?_text=crohn", "a"),
        ("Patient?_content=crohn", "a b"),
        ("Patient?_content=crohn disease", "a b"),
        ("Patient?_content=crohn anna", "b"),
        ("Patient?_content=single,anna", "b c"),
        ("Patient?_content=never&_content=b12", "c"),
        ("Patient?_content=clin", ""),
        ("Patient?_content=clin*", "c d"),
        ("Patient?_content=organization", ""),
        ("Patient?_content=since 2019", "a"),
        ("Patient?_text=br", ""),
        ("?_content=inner", "d"),
        ("Patient?_text:missing=true", "c d"),
    ] {
        assert_eq!(server.find(url), ids, "{url}");
    }
    assert!(server.refusal("Patient?_text=2019 -").contains("needs a word"));
    assert!(server.refusal("Patient?_content:exact=anna").contains(":exact is no modifier"));
    assert!(
        server.refusal(&format!("Patient?_content={}", "word ".repeat(51))).contains("50 words")
    );
}

#[test]
fn locations_near_a_place() {
    let location = |id: &str, latitude: &str, longitude: &str| {
        format!(
            r#"{{"resourceType": "Location", "id": "{id}",
            "position": {{"latitude": {latitude}, "longitude": {longitude}}}}}"#
        )
    };
    let server = Server::with(&[r#"{"resourceType": "Location", "id": "nowhere"}"#]);
    for (id, latitude, longitude) in [
        ("boston", "42.3601", "-71.0589"),
        ("cambridge", "42.3736", "-71.1097"),
        ("fiji", "-17.7134", "178.065"),
        ("samoa", "-13.759", "-172.1046"),
        ("pole", "89.99", "12"),
    ] {
        server.put(&location(id, latitude, longitude));
    }
    for (near, ids) in [
        ("42.3601|-71.0589", "boston cambridge"),
        ("42.3601|-71.0589|1|km", "boston"),
        ("42.3601|-71.0589|4.3", "boston"),
        ("42.3601|-71.0589|4.5", "boston cambridge"),
        ("42.3601|-71.0589|2.6|[mi_us]", "boston"),
        ("42.3601|-71.0589|2.8|mi", "boston cambridge"),
        ("42.3601|-71.0589|0|km", "boston"),
        ("42.3601|-71.0589|4500|m,0|0|1", "boston cambridge"),
        ("-16|-180|1200|km", "fiji samoa"),
        ("89.99|-168|3|km", "pole"),
        ("0|0|30000|km", "boston cambridge fiji samoa pole"),
    ] {
        assert_eq!(server.find(&format!("Location?near={near}")), ids, "{near}");
    }
    assert_eq!(server.find("Location?near:missing=true"), "nowhere");
    for near in ["42", "x|1", "91|0", "0|181", "0|0|-1", "0|0|1|g", "0|0|1|km|2", "0|0|NaN"] {
        assert!(server.refusal(&format!("Location?near={near}")).contains("near"), "{near}");
    }
}
