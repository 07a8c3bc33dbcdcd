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

#[test]
fn the_start_and_the_end_are_of_the_same_period() {
    let encounter = |id: &str, periods: [(&str, &str); 2]| {
        let location = periods.map(|(start, end)| {
            format!(
                r#"{{"location": {{"display": "x"}},
                "period": {{"start": "{start}", "end": "{end}"}}}}"#
            )
        });
        format!(
            r#"{{"resourceType": "Encounter", "id": "{id}", "status": "finished",
            "class": {{"code": "x"}}, "location": [{}]}}"#,
            location.join(",")
        )
    };
    let server = Server::new();
    let around = [("2015", "2016"), ("2023", "2024")];
    let within = [("2015", "2016"), ("2020-02", "2020-03")];
    let across = [("2015", "2016"), ("2019", "2021")];
    for (id, periods) in [("around", around), ("within", within), ("across", across)] {
        server.put(&encounter(id, periods));
    }
    for (date, ids) in [
        ("2020", "within"),
        ("2019", ""),
        ("ap2020-06", "within across"),
        ("ge2022", "around"),
        ("le2015", ""),
        ("le2016", "around within across"),
        ("ne2020", "around within across"),
        ("sa2022", "around"),
        ("eb2017", "around within across"),
        ("2015,2023", ""),
        ("2019-01,2020", "within"),
    ] {
        assert_eq!(server.find(&format!("Encounter?location-period={date}")), ids, "{date}");
    }
}

#[test]
fn timings_count_by_their_outer_limits() {
    let request = |id: &str, timing: &str| {
        format!(
            r#"{{"resourceType": "ServiceRequest", "id": "{id}", "status": "active",
            "intent": "order", "subject": {{"display": "x"}}, "occurrenceTiming": {{{timing}}}}}"#
        )
    };
    let server = Server::new();
    for (id, timing) in [
        ("events", r#""event": ["2018-03-01", "2018-01-01"]"#),
        ("bounds", r#""repeat": {"boundsPeriod": {"start": "2020", "end": "2020-06"}}"#),
        ("open", r#""repeat": {"boundsPeriod": {"start": "2020"}}"#),
        ("both", r#""event": ["2019-05-05"], "repeat": {"boundsPeriod": {"end": "2020-01-31"}}"#),
        ("none", r#""repeat": {"frequency": 1, "period": 1, "periodUnit": "d"}"#),
    ] {
        server.put(&request(id, timing));
    }
    for (date, ids) in [
        ("2018", "events"),
        ("2018-01", ""),
        ("2020", "bounds"),
        ("gt2020-06", "open"),
        ("ge2020-02", "bounds open"),
        ("lt2018", "both"),
        ("eb2018-04", "events"),
        ("sa2019", "bounds open"),
    ] {
        assert_eq!(server.find(&format!("ServiceRequest?occurrence={date}")), ids, "{date}");
    }
    assert_eq!(server.find("ServiceRequest?occurrence:missing=true"), "none");
}
