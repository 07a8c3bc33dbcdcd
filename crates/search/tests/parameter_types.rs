//! Each parameter type of the specification: what small resources are found by.

mod server;

use server::Server;

fn check(server: &Server, cases: &[(&str, &str)]) {
    for (url, ids) in cases {
        assert_eq!(server.find(url), *ids, "{url}");
    }
}

#[test]
fn tokens() {
    let server = Server::with(&[
        r#"{"resourceType": "Patient", "id": "a", "gender": "male", "active": true,
            "identifier": [{"system": "urn:mrn", "value": "1"}, {"value": "2"}],
            "telecom": [{"system": "phone", "value": "555,1"}]}"#,
        r#"{"resourceType": "Patient", "id": "b", "gender": "female",
            "identifier": [{"system": "urn:ssn", "value": "1"}],
            "telecom": [{"system": "email", "value": "a@b"}], "deceasedBoolean": true}"#,
        r#"{"resourceType": "Patient", "id": "c", "identifier": [{"system": "urn:x|y", "value": "$|"}],
            "deceasedDateTime": "2020", "meta": {"tag": [{"system": "t", "code": "x"}],
            "profile": ["http://p|1"]}}"#,
    ]);
    check(
        &server,
        &[
            ("Patient?identifier=1", "a b"),
            ("Patient?identifier=urn:mrn|1", "a"),
            ("Patient?identifier=|2", "a"),
            ("Patient?identifier=|1", ""),
            ("Patient?identifier=urn:ssn|", "b"),
            ("Patient?identifier=2,urn:ssn|1", "a b"),
            ("Patient?identifier=1&identifier=2", "a"),
            (r"Patient?identifier=urn:x\|y|\$\|", "c"),
            ("Patient?gender=male", "a"),
            ("Patient?gender=http://hl7.org/fhir/administrative-gender|female", "b"),
            ("Patient?gender:not=male", "b c"),
            ("Patient?gender:not=male,female", "c"),
            ("Patient?gender:missing=true", "c"),
            ("Patient?gender:missing=false", "a b"),
            ("Patient?active=true", "a"),
            (r"Patient?phone=555\,1", "a"),
            ("Patient?phone=a@b", ""),
            ("Patient?email=a@b", "b"),
            ("Patient?telecom=a@b", "b"),
            ("Patient?deceased=true", "b c"),
            ("Patient?deceased=false", "a"),
            ("Patient?_tag=t|x", "c"),
            ("Patient?_profile=http://p", "c"),
            ("Patient?_profile=http://p|1", "c"),
            ("Patient?_profile=http://p|2", ""),
            ("?_tag=x", "c"),
            ("Patient?_id=a,c,nobody", "a c"),
            ("?_id=b&_type=Patient,Group", "b"),
            ("Patient?_id:not=a", "b c"),
        ],
    );
}

#[test]
fn strings() {
    let server = Server::with(&[
        r#"{"resourceType": "Patient", "id": "a", "name": [{"family": "Núñez", "given": ["José", "Anna"]}],
            "address": [{"line": ["1 Main St"], "city": "Zürich"}]}"#,
        r#"{"resourceType": "Patient", "id": "b", "name": [{"family": "Nunezson", "text": "Bo  Nunezson"}]}"#,
        r#"{"resourceType": "Patient", "id": "c", "name": [{"family": "nunez, jr", "prefix": ["Dr."]}]}"#,
    ]);
    check(
        &server,
        &[
            ("Patient?family=NUNEZ", "a b c"),
            ("Patient?family=núñez", "a b c"),
            ("Patient?family:exact=Núñez", "a"),
            ("Patient?family:exact=Nunez", ""),
            (r"Patient?family=nunez\, j", "c"),
            ("Patient?family=unez", ""),
            ("Patient?name=jose", "a"),
            ("Patient?name=bo nun", "b"),
            ("Patient?name=dr", "c"),
            ("Patient?given=anna&given=jo", "a"),
            ("Patient?given=x,anna", "a"),
            ("Patient?address=zur", "a"),
            ("Patient?address-city:exact=Zürich", "a"),
            ("Patient?_sort=-family", "b c a"),
            ("Patient?_sort=family", "a c b"),
        ],
    );
    check(
        &server,
        &[
            ("Patient?family:contains=UNEZ", "a b c"),
            ("Patient?family:contains=zson", "b"),
            ("Patient?name:contains=nunez s", ""),
            (r"Patient?family:contains=z\, j", "c"),
            ("Patient?address:contains=rich,main", "a"),
            ("Patient?family:contains=Ünez&given:contains=os", "a"),
        ],
    );
    assert!(server.refusal("Patient?family:contains= ").contains("empty text"));
}

#[test]
fn references() {
    let server = Server::with(&[
        r#"{"resourceType": "Observation", "id": "a", "status": "final", "code": {"text": "x"},
            "subject": {"reference": "Patient/1"}, "performer": [{"reference": "Practitioner/9/_history/2"}]}"#,
        r#"{"resourceType": "Observation", "id": "b", "status": "final", "code": {"text": "x"},
            "subject": {"reference": "https://own.example/fhir/Patient/2"}}"#,
        r#"{"resourceType": "Observation", "id": "c", "status": "final", "code": {"text": "x"},
            "subject": {"reference": "https://other.example/Patient/1"}}"#,
        r#"{"resourceType": "Observation", "id": "d", "status": "final", "code": {"text": "x"},
            "subject": {"reference": "Group/1"}}"#,
        r#"{"resourceType": "Observation", "id": "e", "status": "final", "code": {"text": "x"},
            "subject": {"identifier": {"system": "urn:mrn", "value": "7"}}}"#,
        r#"{"resourceType": "Questionnaire", "id": "q", "status": "draft", "derivedFrom": ["http://x/Q|1"]}"#,
        r#"{"resourceType": "QuestionnaireResponse", "id": "r", "status": "completed",
            "questionnaire": "http://x/Q|1"}"#,
    ]);
    check(
        &server,
        &[
            ("Observation?subject=Patient/1", "a"),
            ("Observation?subject=1", "a d"),
            ("Observation?patient=1", "a"),
            ("Observation?subject:Group=1", "d"),
            ("Observation?subject:Patient=Group/1", ""),
            ("Observation?patient=Group/1", ""),
            ("Observation?subject=https://own.example/fhir/Patient/1", "a"),
            ("Observation?subject=Patient/2", "b"),
            ("Observation?subject=https://other.example/Patient/1", "c"),
            ("Observation?patient=https://other.example/Patient/1", "c"),
            ("Observation?subject:identifier=urn:mrn|7", "e"),
            ("Observation?subject:identifier=7", "e"),
            ("Observation?performer=Practitioner/9", "a"),
            ("Observation?performer:missing=true", "b c d e"),
            ("QuestionnaireResponse?questionnaire=http://x/Q", "r"),
            ("QuestionnaireResponse?questionnaire=http://x/Q|1", "r"),
            ("QuestionnaireResponse?questionnaire=http://x/Q|2", ""),
        ],
    );
    assert!(server.refusal("Observation?subject=a/b/c").contains("not a reference"));
}

#[test]
fn numbers_and_uris() {
    let risk = |id: &str, probability: &str| {
        format!(
            r#"{{"resourceType": "RiskAssessment", "id": "{id}", "status": "final",
            "subject": {{"reference": "Patient/1"}},
            "prediction": [{{"probabilityDecimal": {probability}}}]}}"#
        )
    };
    let server = Server::new();
    let values = ["0.1", "5.35", "5.40", "5.45", "99.5", "100", "-3"];
    for (id, value) in ["a", "b", "c", "d", "e", "f", "g"].iter().zip(values) {
        server.put(&risk(id, value));
    }
    server.put(
        r#"{"resourceType": "ValueSet", "id": "v", "status": "draft", "url": "http://x/a/b"}"#,
    );
    check(
        &server,
        &[
            ("RiskAssessment?probability=5.4", "b c"),
            ("RiskAssessment?probability=5.40", "c"),
            ("RiskAssessment?probability=ne5.4", "a d e f g"),
            ("RiskAssessment?probability=100", "e f"),
            ("RiskAssessment?probability=1e2", "e f"),
            ("RiskAssessment?probability=gt5.4", "d e f"),
            ("RiskAssessment?probability=ge5.40", "c d e f"),
            ("RiskAssessment?probability=lt5.4", "a b g"),
            ("RiskAssessment?probability=le5.4&probability=sa-3", "a b c"),
            ("RiskAssessment?probability=eb0", "g"),
            ("RiskAssessment?probability=ap5", "b c d"),
            ("RiskAssessment?probability=gt99.5,-3", "f g"),
            ("RiskAssessment?_sort=probability", "g a b c d e f"),
            ("ValueSet?url=http://x/a/b", "v"),
            ("ValueSet?url=http://x/a", ""),
            ("ValueSet?url:below=http://x/a", "v"),
            ("ValueSet?url:below=http://x/", "v"),
            ("ValueSet?url:above=http://x/a/b/c", "v"),
            ("ValueSet?url:above=http://x/a/b", "v"),
            ("ValueSet?url:above=http://x/a/bc", ""),
            ("ValueSet?url:below=http://x/a/b/c", ""),
        ],
    );
    assert!(server.refusal("RiskAssessment?probability=x").contains("not a number"));
}

#[test]
fn quantities() {
    let observation = |id: &str, value: &str| {
        format!(
            r#"{{"resourceType": "Observation", "id": "{id}", "status": "final",
            "code": {{"coding": [{{"system": "http://loinc.org", "code": "1"}}]}}, {value}}}"#
        )
    };
    let server = Server::new();
    let ucum = r#""system": "http://unitsofmeasure.org""#;
    for (id, value) in [
        (
            "a",
            format!(
                r#""valueQuantity": {{"value": 5.4, "unit": "milligram", {ucum}, "code": "mg"}}"#
            ),
        ),
        ("b", r#""valueQuantity": {"value": 5.40, "unit": "mg"}"#.to_owned()),
        ("c", r#""valueQuantity": {"value": 5.4}"#.to_owned()),
        ("d", format!(r#""valueQuantity": {{"value": 7, {ucum}, "code": "mg"}}"#)),
        (
            "e",
            format!(
                r#""component": [
            {{"code": {{"coding": [{{"code": "s"}}]}}, "valueQuantity": {{"value": 1, {ucum}, "code": "g"}}}},
            {{"code": {{"coding": [{{"code": "d"}}]}}, "valueQuantity": {{"value": 9, {ucum}, "code": "g"}}}}]"#
            ),
        ),
        ("f", r#""valueCodeableConcept": {"coding": [{"system": "v", "code": "w"}]}"#.to_owned()),
        ("g", r#""valueDateTime": "2020-05-01T10:00:00Z""#.to_owned()),
        ("h", r#""valueString": "Some words""#.to_owned()),
    ] {
        server.put(&observation(id, &value));
    }
    check(
        &server,
        &[
            ("Observation?value-quantity=5.4|http://unitsofmeasure.org|mg", "a"),
            ("Observation?value-quantity=5.4||mg", "a b"),
            ("Observation?value-quantity=5.4||milligram", "a"),
            ("Observation?value-quantity=5.4", "a b c"),
            ("Observation?value-quantity=gt5.4||mg", "d"),
            ("Observation?value-quantity=ge5.4||mg", "a b d"),
            ("Observation?component-value-quantity=9||g", "e"),
            ("Observation?combo-value-quantity=le7", "a b c d e"),
            ("Observation?value-concept=v|w", "f"),
            ("Observation?value-date=2020-05", "g"),
            ("Observation?value-string=some", "h"),
            // Values of one element together: 1 of `s`, 9 of `d`.
            ("Observation?component-code-value-quantity=s$lt5||g", "e"),
            ("Observation?component-code-value-quantity=d$lt5||g", ""),
            ("Observation?component-code-value-quantity=d$9", "e"),
            ("Observation?combo-code-value-quantity=http://loinc.org|1$5.4||mg,s$1", "a b e"),
            ("Observation?code-value-quantity=1$gt5", "a b c d"),
            ("Observation?code-value-quantity=other|1$gt5", ""),
            ("Observation?code-value-concept=1$w", "f"),
            ("Observation?code-value-concept=1$v|", "f"),
            ("Observation?code-value-date=http://loinc.org|1$ge2020-05-01", "g"),
            ("Observation?code-value-date=1$lt2020-05-01", ""),
            ("Observation?code-value-string=1$som", "h"),
            ("Observation?value-quantity:missing=true", "e f g h"),
        ],
    );
    assert!(server.refusal("Observation?code-value-quantity=1").contains("2 values"));
    assert!(server.refusal("Observation?code-value-quantity=x|$1").contains("last part"));
    assert!(server.refusal("Observation?value-quantity=5|a|b|c").contains("number||code"));
}

#[test]
fn composites_that_look_elsewhere() {
    let server = Server::with(&[
        r#"{"resourceType": "MolecularSequence", "id": "m", "coordinateSystem": 0,
            "referenceSeq": {"chromosome": {"coding": [{"code": "1"}]}, "windowStart": 5, "windowEnd": 9},
            "variant": [{"start": 6, "end": 7}]}"#,
        r#"{"resourceType": "DocumentReference", "id": "d", "status": "current",
            "content": [{"attachment": {"url": "http://x"}}],
            "relatesTo": [{"code": "replaces", "target": {"reference": "DocumentReference/o"}}]}"#,
    ]);
    check(
        &server,
        &[
            ("MolecularSequence?chromosome-variant-coordinate=1$6$lt8", "m"),
            ("MolecularSequence?chromosome-variant-coordinate=1$6$gt8", ""),
            ("MolecularSequence?chromosome-window-coordinate=1$5$9", "m"),
            ("DocumentReference?relationship=replaces$DocumentReference/o", "d"),
            ("DocumentReference?relationship=appends$o", ""),
        ],
    );
}

#[test]
fn quantities_in_canonical_units() {
    let observation = |id: &str, value: &str, code: &str| {
        let ucum = r#""system": "http://unitsofmeasure.org""#;
        format!(
            r#"{{"resourceType": "Observation", "id": "{id}", "status": "final",
            "code": {{"coding": [{{"code": "c"}}]}},
            "valueQuantity": {{"value": {value}, {ucum}, "code": "{code}"}}}}"#
        )
    };
    let server = Server::new();
    for (id, value, code) in [
        ("g", "1", "g"),
        ("mg", "1000", "mg"),
        ("less", "0.94", "g"),
        ("kg", "0.001", "kg"),
        ("celsius", "37", "Cel"),
        ("kelvin", "310.15", "K"),
        ("unknown", "1", "[foo]"),
        ("huge", "1e40", "g"),
        ("long", "1.00000000000000000000000000000000001", "g"),
    ] {
        server.put(&observation(id, value, code));
    }
    server.put(
        r#"{"resourceType": "Observation", "id": "plain", "status": "final",
            "code": {"text": "x"}, "valueQuantity": {"value": 1000, "unit": "mg"}}"#,
    );
    let unit = |number: &str, code: &str| format!("{number}|http://unitsofmeasure.org|{code}");
    for (value, ids) in [
        (unit("1", "g"), "g mg less kg long"),
        (unit("1.0", "g"), "g mg kg long"),
        (unit("1000", "mg"), "g mg kg long"),
        (unit("1e3", "mg"), "g mg kg long"),
        (unit("gt0.99", "g"), "g mg kg huge long"),
        (unit("gt1", "g"), "huge long"),
        (unit("le1000", "mg"), "g mg less kg"),
        (unit("ne1.00", "g"), "less huge"),
        (unit("ap1.03", "g"), "g mg less kg long"),
        (unit("98.60", "[degF]"), "celsius kelvin"),
        (unit("37", "Cel"), "celsius kelvin"),
        (unit("1", "[foo]"), "unknown"),
        (unit("1", "m"), ""),
        ("1000||mg".to_owned(), "mg plain"),
        ("1000".to_owned(), "mg plain"),
    ] {
        assert_eq!(server.find(&format!("Observation?value-quantity={value}")), ids, "{value}");
    }
    let composite = format!("Observation?code-value-quantity=c${}", unit("1", "g"));
    assert_eq!(server.find(&composite), "g mg less kg long");
    let grams = format!("Observation?value-quantity={}&_sort=value-quantity", unit("lt2", "g"));
    assert_eq!(server.find(&grams), "less g mg kg long");
}

#[test]
fn missing_is_about_what_the_parameter_sees() {
    let observation = |id: &str, subject: &str| {
        format!(
            r#"{{"resourceType": "Observation", "id": "{id}", "status": "final",
            "code": {{"text": "x"}}{subject}}}"#
        )
    };
    let server = Server::new();
    for (id, subject) in [
        ("none", ""),
        ("patient", r#", "subject": {"reference": "Patient/1"}"#),
        ("group", r#", "subject": {"reference": "Group/1"}"#),
        ("url", r#", "subject": {"reference": "https://other.example/Patient/1"}"#),
        ("other", r#", "subject": {"reference": "https://other.example/Group/1"}"#),
        ("identifier", r#", "subject": {"identifier": {"value": "1"}}"#),
    ] {
        server.put(&observation(id, subject));
    }
    for (url, ids) in [
        ("Observation?subject:missing=true", "none"),
        ("Observation?subject:missing=false", "patient group url other identifier"),
        ("Observation?patient:missing=false", "patient url"),
        ("Observation?patient:missing=true", "none group other identifier"),
        ("Observation?code:missing=true", ""),
        ("Observation?value-quantity:missing=false", ""),
        ("Observation?date:missing=true", "none patient group url other identifier"),
        ("Observation?code-value-quantity:missing=true&subject=Patient/1", "patient"),
        ("Observation?_profile:missing=true&subject=Patient/1", "patient"),
        ("Observation?_source:missing=true&subject=Patient/1", "patient"),
    ] {
        assert_eq!(server.find(url), ids, "{url}");
    }
}

#[test]
fn meta_is_searched() {
    let server = Server::with(&[
        r#"{"resourceType": "Patient", "id": "a", "meta": {"source": "http://lab/x#1",
            "profile": ["http://p|1"], "security": [{"system": "s", "code": "R"}],
            "tag": [{"system": "t", "code": "x", "display": "Imported"}]}}"#,
        r#"{"resourceType": "Patient", "id": "b"}"#,
    ]);
    check(
        &server,
        &[
            ("Patient?_source=http://lab/x#1", "a"),
            ("Patient?_source:below=http://lab", "a"),
            ("Patient?_security=s|R", "a"),
            ("Patient?_security:not=R", "b"),
            ("Patient?_tag:text=import", "a"),
            ("Patient?_profile=http://p", "a"),
            ("?_profile:below=http://p", "a"),
        ],
    );
}

#[test]
fn hierarchies_of_places_and_versions() {
    let place =
        |id: &str, whole: &str| format!(r#"{{"resourceType": "Location", "id": "{id}"{whole}}}"#);
    let part_of = |whole: &str| format!(r#", "partOf": {{"reference": "Location/{whole}"}}"#);
    let server = Server::new();
    server.put(&place("site", ""));
    server.put(&place("house", &part_of("site")));
    server.put(&place("ward", &part_of("house")));
    server.put(&place("elsewhere", &part_of("loop")));
    server.put(&place("loop", &part_of("elsewhere")));
    for location in ["site", "house", "ward", "elsewhere", "gone"] {
        server.put(&format!(
            r#"{{"resourceType": "Procedure", "id": "at-{location}", "status": "completed",
            "subject": {{"display": "x"}}, "location": {{"reference": "Location/{location}"}}}}"#
        ));
    }
    for (id, version) in [("1", "|2"), ("2", "|2.3"), ("3", "|2.3.1"), ("4", "|2.30"), ("5", "")] {
        server.put(&format!(
            r#"{{"resourceType": "QuestionnaireResponse", "id": "r{id}", "status": "completed",
            "questionnaire": "http://x/Q{version}"}}"#
        ));
    }
    check(
        &server,
        &[
            ("Procedure?location:below=Location/house", "at-house at-ward"),
            ("Procedure?location:below=site", "at-site at-house at-ward"),
            ("Procedure?location:below=https://own.example/fhir/Location/ward", "at-ward"),
            ("Procedure?location:above=ward", "at-site at-house at-ward"),
            ("Procedure?location:above=site,house", "at-site at-house"),
            ("Procedure?location:below=loop", "at-elsewhere"),
            ("Procedure?location:below=gone", "at-gone"),
            ("Location?partof:below=site", "house ward"),
            ("QuestionnaireResponse?questionnaire:below=http://x/Q|2.3", "r2 r3"),
            ("QuestionnaireResponse?questionnaire:above=http://x/Q|2.3.1", "r1 r2 r3"),
            ("QuestionnaireResponse?questionnaire:below=http://x/Q|2", "r1 r2 r3 r4"),
            ("QuestionnaireResponse?questionnaire:below=http://x/Q", "r1 r2 r3 r4 r5"),
        ],
    );
    let refusal = server.refusal("Observation?subject:below=Patient/1");
    assert!(refusal.contains("no part of one another"), "{refusal}");
}

/// Two criteria on a date that a resource has once are made into one range; in a `_filter` they are
/// asked apart.
#[test]
fn two_criteria_on_one_date_find_what_both_find() {
    let server = Server::new();
    let moments = ["2020", "2020-06", "2020-06-15", "2020-06-15T12:00:00Z", "2021-01-01"];
    let effective = |text: &str| format!(r#""effectiveDateTime": "{text}""#);
    let period = |(start, end): (&str, &str)| {
        let side = |name, at: &str| (!at.is_empty()).then(|| format!(r#""{name}": "{at}""#));
        let sides: Vec<_> =
            [side("start", start), side("end", end)].into_iter().flatten().collect();
        format!(r#""effectivePeriod": {{{}}}"#, sides.join(","))
    };
    let mut all: Vec<String> = moments.map(effective).to_vec();
    all.push(effective("2020-06-15T12:00:00.250Z"));
    let spans = [("2019", "2020-06"), ("2020-06-01", "2020-06-30"), ("2020-06", ""), ("", "2020")];
    all.extend(spans.map(period));
    for (at, effective) in all.iter().enumerate() {
        server.put(&format!(
            r#"{{"resourceType": "Observation", "id": "o{at}", "status": "final",
            "code": {{"text": "x"}}, {effective}}}"#
        ));
    }
    let mut with_hits = 0;
    let prefixes = ["eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap"];
    for (first, second) in prefixes.iter().flat_map(|a| prefixes.iter().map(move |b| (a, b))) {
        for (from, to) in moments.iter().flat_map(|a| moments.iter().map(move |b| (a, b))) {
            let both = server.find(&format!("Observation?date={first}{from}&date={second}{to}"));
            let filter = format!("date {first} {from} and date {second} {to}");
            let apart = server.find(&format!("Observation?_filter={filter}"));
            assert_eq!(both, apart, "{filter}");
            with_hits += usize::from(!both.is_empty());
        }
    }
    assert!(with_hits > 500, "{with_hits}");
}
