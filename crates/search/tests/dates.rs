//! Date parameters: every prefix on every precision (R4 search, sections 3.1.1.4.1 and 3.1.1.4.7).

mod server;

use server::Server;

fn observation(id: &str, effective: &str) -> String {
    format!(
        r#"{{"resourceType": "Observation", "id": "{id}", "status": "final", "code": {{"text": "x"}},
        {effective}}}"#
    )
}

fn server() -> Server {
    let server = Server::new();
    for (id, effective) in [
        ("year", r#""effectiveDateTime": "2020""#),
        ("month", r#""effectiveDateTime": "2020-05""#),
        ("day", r#""effectiveDateTime": "2020-05-10""#),
        ("second", r#""effectiveDateTime": "2020-05-10T12:00:00Z""#),
        ("zoned", r#""effectiveDateTime": "2020-05-11T01:00:00+02:00""#),
        ("milli", r#""effectiveInstant": "2020-05-10T12:00:00.250Z""#),
        ("period", r#""effectivePeriod": {"start": "2020-05-09", "end": "2020-05-10"}"#),
        ("open", r#""effectivePeriod": {"start": "2020-05-12"}"#),
        ("timing", r#""effectiveTiming": {"event": ["2020-05-20", "2020-05-01"]}"#),
    ] {
        server.put(&observation(id, effective));
    }
    server
}

#[test]
fn prefixes() {
    let server = server();
    for (date, ids) in [
        ("2020-05-10", "day second zoned milli"),
        ("eq2020-05-10T12:00:00Z", "second milli"),
        ("2020-05-10T12:00", "second milli"),
        ("2020-05-10T12:00:00.250Z", "milli"),
        ("2020-05", "month day second zoned milli period timing"),
        ("2020", "year month day second zoned milli period timing"),
        ("ne2020-05-10", "year month period open timing"),
        ("ne2020", "open"),
        ("gt2020-05-10", "year month open timing"),
        ("ge2020-05-10", "year month day second zoned milli open timing"),
        ("gt2020-05-10T12:00:00Z", "year month day zoned period open timing"),
        ("gt2020-12", "open"),
        ("lt2020-05-10", "year month period timing"),
        ("le2020-05-10", "year month day second zoned milli period timing"),
        ("sa2020-05-10", "open"),
        ("sa2020-05-10T12:00:00Z", "zoned open"),
        ("eb2020-05-11", "day second zoned milli period"),
        ("eb2020-06", "month day second zoned milli period timing"),
        ("eb2020-05-10T12:00:00.250Z", ""),
        ("lt2020-05-10T12:00:00.250Z", "year month day second period timing"),
    ] {
        assert_eq!(server.find(&format!("Observation?date={date}")), ids, "{date}");
    }
}

#[test]
fn approximately_is_a_tenth_of_the_distance_from_now() {
    let server = server();
    // At least half a year to each side.
    assert_eq!(
        server.find("Observation?date=ap2020-06-10"),
        server.find("Observation?_lastUpdated=ge2020")
    );
    assert_eq!(server.find("Observation?date=ap1900"), "");
}

#[test]
fn all_dates_are_sorted_by_their_start() {
    let server = server();
    let ascending = server.find("Observation?_sort=date");
    assert_eq!(ascending, "year timing month period day second milli zoned open");
    let descending = server.find("Observation?_sort=-date");
    assert!(descending.starts_with("open zoned milli second day period"), "{descending}");
}

#[test]
fn dates_without_a_time_and_missing_ones() {
    let server = Server::with(&[
        r#"{"resourceType": "Patient", "id": "a", "birthDate": "1970-01-01"}"#,
        r#"{"resourceType": "Patient", "id": "b", "birthDate": "1970"}"#,
        r#"{"resourceType": "Patient", "id": "c"}"#,
    ]);
    for (url, ids) in [
        ("Patient?birthdate=1970", "a b"),
        ("Patient?birthdate=1970-01-01", "a"),
        ("Patient?birthdate=lt1970-01-02", "a b"),
        ("Patient?birthdate=gt1970-01-01&birthdate=lt1971", "b"),
        ("Patient?birthdate:missing=true", "c"),
        ("Patient?birthdate:missing=false", "a b"),
        ("Patient?birthdate=1970-01-01,1970", "a b"),
    ] {
        assert_eq!(server.find(url), ids, "{url}");
    }
    assert!(server.refusal("Patient?birthdate=1970-13").contains("not a date"));
    assert!(server.refusal("Patient?birthdate:exact=1970").contains(":exact is no modifier"));
}

#[test]
fn last_updated_is_the_stores() {
    let server = Server::with(&[r#"{"resourceType": "Patient", "id": "a"}"#]);
    for (value, ids) in [
        ("gt2020", "a"),
        ("lt2020", ""),
        ("2020", ""),
        ("ne2020", "a"),
        ("sa2999", ""),
        ("eb2999", "a"),
        ("ge2020-01-01T00:00:00Z,le2019", "a"),
    ] {
        assert_eq!(server.find(&format!("Patient?_lastUpdated={value}")), ids, "{value}");
    }
}
