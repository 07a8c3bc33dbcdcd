//! Parameters of results (R4 search, section 3.1.1.5), and searches over several types.

mod server;

use cresset_search::TotalMode;
use server::Server;

#[test]
fn an_empty_value_is_ignored_by_name() {
    let server = Server::new();
    for name in [
        "_count",
        "_total",
        "_summary",
        "_elements",
        "_sort",
        "_include",
        "_revinclude",
        "_contained",
        "_containedType",
        "_id",
        "_lastUpdated",
        "_tag",
        "_profile",
        "_list",
        "_filter",
        "birthdate",
        "gender",
        "organization",
        "organization.name",
        "_has:Observation:patient:code",
        "family:exact",
    ] {
        assert_eq!(server.ignored(&format!("Patient?{name}=")), [name]);
        assert!(server.request(&format!("Patient?{name}=")).expect(name).used.is_empty());
    }
    assert_eq!(server.ignored("Patient?family=,,"), ["family"]);
    assert_eq!(server.ignored("Patient?_sort=,"), ["_sort"]);
    assert_eq!(server.ignored("?_type=,"), ["_type"]);
}

#[test]
fn counts_are_whole_numbers_of_any_size() {
    let server = Server::new();
    let count = |value: &str| server.request(&format!("Patient?_count={value}"));
    assert_eq!(count("7").expect("a number").count, Some(7));
    assert_eq!(count("99999999999999999999999").expect("a number").count, Some(usize::MAX));
    assert!(count("0").expect("a number").count_only);
    assert!(count("000").expect("a number").count_only);
    for wrong in ["-1", "+5", "1.0", "1e3", " 1", "٣", "all"] {
        assert!(count(wrong).is_err(), "{wrong}");
    }
    let twice = server.request("Patient?_count=5&_count=5").expect("the same");
    assert_eq!(twice.count, Some(5));
    assert!(server.refusal("Patient?_count=5&_count=6").contains("given twice"));
    assert!(server.refusal("Patient?_summary=true&_summary=count").contains("given twice"));
}

#[test]
fn summaries_and_totals() {
    let server = Server::new();
    let request = |query: &str| server.request(&format!("Patient?{query}")).expect("understood");
    for kind in ["true", "text", "data"] {
        let request = request(&format!("_summary={kind}"));
        assert_eq!((request.summary.as_deref(), request.count_only), (Some(kind), false));
        assert_eq!(request.total, TotalMode::None);
    }
    assert_eq!(request("_summary=false").summary, None);
    for order in ["_summary=count&_total=none", "_total=none&_summary=count", "_count=0"] {
        assert_eq!((request(order).total, request(order).count_only), (TotalMode::Accurate, true));
    }
    assert_eq!(request("_total=estimate").total, TotalMode::Estimate);
    assert_eq!(request("_elements=id,name&_elements=gender").elements, ["id", "name", "gender"]);
    let many = vec!["name"; 201].join(",");
    assert!(server.refusal(&format!("Patient?_elements={many}")).contains("200 elements"));
    let contained = request("_contained=false&_containedType=container");
    assert!(contained.ignored.is_empty() && contained.used.len() == 2);
}

#[test]
fn sorting_by_every_type_both_ways_with_missing_values_last_and_first() {
    let server = Server::with(&[
        r#"{"resourceType": "Patient", "id": "b"}"#,
        r#"{"resourceType": "Patient", "id": "c", "name": [{"family": "Ärp"}], "gender": "male",
            "birthDate": "1980", "managingOrganization": {"reference": "Organization/x"},
            "meta": {"source": "urn:b"}}"#,
        r#"{"resourceType": "Patient", "id": "a", "name": [{"family": "zed"}, {"family": "ARP"}],
            "gender": "female", "birthDate": "1980-06-01", "meta": {"source": "urn:a"}}"#,
        r#"{"resourceType": "Patient", "id": "d", "name": [{"family": "bee"}], "gender": "male",
            "birthDate": "1979-12-31"}"#,
    ]);
    for (keys, ids) in [
        ("_id", "a b c d"),
        ("-_id", "d c b a"),
        ("family", "c a d b"),
        ("-family", "a d c b"),
        ("gender", "a c d b"),
        ("-gender,_id", "c d a b"),
        ("birthdate", "d c a b"),
        ("-birthdate", "a c d b"),
        ("_source", "a c b d"),
        ("-_source", "c a b d"),
        ("organization,-birthdate", "c a d b"),
        ("gender,-birthdate,_id", "a c d b"),
        ("-active,-_id", "d c b a"),
        ("_lastUpdated", "b c a d"),
    ] {
        assert_eq!(server.find(&format!("Patient?_sort={keys}")), ids, "{keys}");
    }
    assert_eq!(server.find("Patient?_sort=gender&_sort=-birthdate"), "a c d b");
    assert_eq!(server.find("?_type=Patient,Group&_sort=-_id"), "d c b a");
}

#[test]
fn sorting_by_dates_of_all_precisions() {
    let server = Server::new();
    for (id, effective) in [
        ("second", r#""effectiveDateTime": "2020-05-10T12:00:00Z""#),
        ("year", r#""effectiveDateTime": "2020""#),
        ("month", r#""effectiveDateTime": "2020-05""#),
        ("milli", r#""effectiveInstant": "2020-05-10T11:59:59.999Z""#),
        ("day", r#""effectiveDateTime": "2020-05-10""#),
        ("period", r#""effectivePeriod": {"start": "2020-05-10T11:00:00Z", "end": "2021"}"#),
        ("zoned", r#""effectiveDateTime": "2020-05-10T01:30:00+02:00""#),
        ("begun", r#""effectivePeriod": {"end": "2019"}"#),
        ("old", r#""effectiveDateTime": "1850-01-01""#),
    ] {
        server.put(&format!(
            r#"{{"resourceType": "Observation", "id": "{id}", "status": "final",
            "code": {{"text": "x"}}, {effective}}}"#
        ));
    }
    let ascending = "begun old year month zoned day period milli second";
    assert_eq!(server.find("Observation?_sort=date"), ascending);
    let descending: Vec<&str> = ascending.split(' ').rev().collect();
    assert_eq!(server.find("Observation?_sort=-date"), descending.join(" "));
}

#[test]
fn sorting_by_numbers_and_quantities() {
    let server = Server::new();
    for (id, value) in
        [("ten", "10"), ("two", "2.0"), ("minus", "-3"), ("tiny", "0.001"), ("big", "1e2")]
    {
        server.put(&format!(
            r#"{{"resourceType": "Observation", "id": "{id}", "status": "final",
            "code": {{"text": "x"}}, "valueQuantity": {{"value": {value}, "unit": "m",
            "system": "http://unitsofmeasure.org", "code": "m"}}}}"#
        ));
        server.put(&format!(
            r#"{{"resourceType": "RiskAssessment", "id": "{id}", "status": "final",
            "subject": {{"reference": "Patient/x"}}, "prediction": [{{"probabilityDecimal": {value}}}]}}"#
        ));
    }
    for (url, ids) in [
        ("Observation?_sort=value-quantity", "minus tiny two ten big"),
        ("Observation?_sort=-value-quantity", "big ten two tiny minus"),
        ("RiskAssessment?_sort=probability", "minus tiny two ten big"),
        ("RiskAssessment?_sort=-probability", "big ten two tiny minus"),
    ] {
        assert_eq!(server.find(url), ids, "{url}");
    }
}

#[test]
fn what_has_no_order_is_not_sorted_by() {
    let server = Server::new();
    for (keys, reason) in [
        ("_score", "sorting by _score is not supported"),
        ("code-value-quantity", "sorting by code-value-quantity is not supported"),
        ("date,nonsense", "key 2 is no parameter of Observation"),
        ("date:missing", "key 1 is no parameter of Observation"),
    ] {
        let request = server.request(&format!("Observation?_sort={keys}")).expect("understood");
        assert_eq!(request.ignored[0].reason, reason, "{keys}");
        assert!(request.query.sort.is_empty() && request.used.is_empty());
    }
    assert!(server.refusal("Patient?_sort=a,b,c,d,e,f,g,h,i").contains("8 keys"));
    assert!(
        server
            .refusal("Patient?_sort=_id,_id,_id,_id,_id&_sort=_id,_id,_id,_id")
            .contains("8 keys")
    );
    // `birthdate` is no parameter of Observation: a search over both has it not.
    assert_eq!(server.ignored("?_type=Patient,Observation&_sort=birthdate"), ["_sort"]);
    assert_eq!(server.ignored("?_type=Condition,Observation&_sort=code,-_lastUpdated"), [""; 0]);
}

#[test]
fn parameters_and_values_add_up() {
    let server = Server::with(&[
        r#"{"resourceType": "Patient", "id": "a", "name": [{"given": ["Anna", "Bea"], "family": "x, y"}],
            "meta": {"tag": [{"system": "t", "code": "x"}, {"system": "t", "code": "y"}],
                "security": [{"system": "s", "code": "R"}], "profile": ["http://p"], "source": "urn:s"}}"#,
        r#"{"resourceType": "Patient", "id": "b", "name": [{"given": ["Anna"], "family": "x"}],
            "meta": {"tag": [{"system": "t", "code": "x"}]}}"#,
    ]);
    for (query, ids) in [
        ("given=anna&given=bea", "a"),
        ("given=bea,carl", "a"),
        (r"family=x\, y", "a"),
        ("family=x, y", "a b"),
        ("_tag=t|x&_tag=t|y", "a"),
        ("_tag=t|", "a b"),
        ("_tag:not=y", "b"),
        ("_security=s|R", "a"),
        ("_profile=http://p", "a"),
        ("_source=urn:s", "a"),
        ("_profile:missing=true", "b"),
    ] {
        assert_eq!(server.find(&format!("Patient?{query}")), ids, "{query}");
        if query.starts_with('_') {
            assert_eq!(server.find(&format!("?_type=Patient,Group&{query}")), ids, "{query}");
        }
    }
}
