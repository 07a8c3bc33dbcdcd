//! That each expectation can fail: a server of canned answers, and steps that are right and wrong.

use super::run;
use crate::{Answer, Exchange, Report, Request, ScenarioFile};

/// Answers by URL, whatever the method.
struct Canned(Vec<(&'static str, u16, String)>);

impl Exchange for Canned {
    fn exchange(&mut self, request: &Request) -> Result<Answer, String> {
        let found = self.0.iter().find(|(url, ..)| *url == request.url);
        let (_, status, body) = found.ok_or("nobody answers")?;
        let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let headers = vec![header("etag", "W/\"3\""), header("x-method", &request.method)];
        Ok(Answer::new(*status, headers, body.replace("BODY", &request.body)))
    }
}

fn entry(id: &str, mode: &str) -> String {
    format!(
        r#"{{"fullUrl":"http://h/Patient/{id}","resource":{{"resourceType":"Patient","id":"{id}","n":1.0}},
            "search":{{"mode":"{mode}"}}}}"#
    )
}

fn bundle(entries: &[String], total: &str, next: &str) -> String {
    let next = match next {
        "" => String::new(),
        next => format!(r#",{{"relation":"next","url":"{next}"}}"#),
    };
    format!(
        r#"{{"resourceType":"Bundle","type":"searchset",{total}"link":[{{"relation":"self","url":"s"}}{next}],
            "entry":[{}]}}"#,
        entries.join(",")
    )
}

fn server() -> Canned {
    let warning = r#"{"resource":{"resourceType":"OperationOutcome","issue":[{"severity":"warning",
        "code":"not-supported","diagnostics":"Shoe-size ignored","expression":["http.x"]}]},
        "search":{"mode":"outcome"}}"#;
    let [a, b] = ["a", "b"].map(|id| entry(id, "match"));
    let found = [a.clone(), b.clone(), entry("c", "include")];
    Canned(vec![
        ("/found", 200, bundle(&found, "\"total\":2,", "")),
        ("/two", 200, bundle(std::slice::from_ref(&a), "\"total\":2,", "/second")),
        ("/second", 200, bundle(&[b], "", "")),
        ("/endless", 200, bundle(std::slice::from_ref(&a), "", "/endless")),
        ("/twice", 200, bundle(&[a.clone(), a.clone()], "", "")),
        ("/miscounted", 200, bundle(std::slice::from_ref(&a), "\"total\":5,", "")),
        ("/misnamed", 200, bundle(&[a.replace("Patient/a", "Patient/z")], "", "")),
        ("/warned", 200, bundle(&[a, warning.to_owned()], "", "")),
        ("/echo", 200, "BODY".to_owned()),
        ("/gone", 410, r#"{"resourceType":"OperationOutcome","issue":[]}"#.to_owned()),
        ("/Patient/p", 201, String::new()),
    ])
}

fn report(case: &str) -> Report {
    let yaml = format!("title: t\nsection: s\ncases:\n- {{title: c, {case}}}");
    run(&ScenarioFile::parse(&yaml).unwrap(), "http://h", &mut server())
}

#[track_caller]
fn holds(case: &str) {
    let report = report(case);
    assert!(report.failures.is_empty(), "{case}: {}", report.failures[0]);
}

#[track_caller]
fn fails(case: &str, because: &str) {
    let report = report(case);
    assert_eq!(report.failures.len(), 1, "{case} must fail");
    let shown = report.failures[0].to_string();
    assert!(shown.contains(because), "{case}: {shown}");
}

#[test]
fn statuses_and_headers_are_compared() {
    holds("get: /gone, status: 410");
    holds("delete: /gone, status: [404, 410], header: {X-Method: DELETE, Location: null}");
    holds("get: /gone, status: 410, header: {etag: '/^W/'}");
    fails("get: /gone", "expected the status [200], got 410");
    fails("get: /found, header: {etag: W/\"2\"}", "expected the header etag");
    fails("get: /found, header: {etag: '/^V/'}", "expected the header etag");
    fails("get: /found, header: {etag: null}", "expected the header etag");
    fails("get: /found, header: {etag: '/(/'}", "no regular expression");
    fails("get: /nowhere", "nobody answers");
}

#[test]
fn matches_and_includes_are_compared() {
    holds("get: /found, ids: [b, a], includes: [Patient/c], total: 2");
    holds("get: /found, ordered: [a, b]");
    fails("get: /found, ids: [a]", "too many [\"b\"]");
    fails("get: /found, ids: [a, b, c]", "missing [\"c\"]");
    fails("get: /found, ordered: [b, a]", "in order");
    fails("get: /found, includes: []", "expected includes");
    fails("get: /found, total: 3", "expected the total 3");
    fails("get: /twice, ids: [a]", "repeated 1");
    fails("get: /gone, status: 410, ids: []", "expected a Bundle");
}

#[test]
fn a_searchset_must_agree_with_itself() {
    fails("get: /miscounted, ids: [a]", "the total is 5, the pages have 1 matches");
    fails("get: /misnamed, ids: [a]", "is not that of");
    fails("get: /warned, ids: [a]", "answers with an issue");
    holds(
        "get: /warned, ids: [a], outcome: {severity: warning, text: shoe-size, expression: http.x}",
    );
}

#[test]
fn pages_are_followed_to_the_end() {
    holds("get: /two, pages: 2, ordered: [a, b]");
    holds("get: /two, ids: [a], links: {next: true, prev: false}");
    fails("get: /two, pages: 1, ids: [a, b]", "expected 1 pages, there are 2");
    fails("get: /two, pages: 2, ids: [a]", "too many");
    fails("get: /two, links: {next: false}", "expected no link next");
    fails("get: /endless, pages: 1, ids: [a]", "there are 101");
}

#[test]
fn issues_are_compared() {
    fails("get: /warned, outcome: {severity: error}", "expected an issue");
    fails("get: /warned, outcome: {text: hat}", "expected an issue");
    fails("get: /warned, outcome: {code: [value, invalid]}", "expected an issue");
    fails("get: /warned, outcome: {expression: y}", "expected an issue");
    fails("get: /gone, status: 410, outcome: {}", "expected an issue");
}

#[test]
fn values_are_compared() {
    holds("get: /found, json: {/type: searchset, '/entry/*/resource/id': [a, b, c]}");
    holds("get: /found, any: {'/entry/*/resource/id': b}, absent: [/nothing], text: ['1.0']");
    holds("get: /found, matches: {'/entry/*/resource/id': '/^[abc]$/'}, count: {'/entry/*': 3}");
    fails("get: /found, json: {/type: batch}", "expected \"batch\" at /type");
    fails("get: /found, json: {'/entry/*/resource/id': [a, b]}", "expected");
    fails("get: /found, any: {'/entry/*/resource/id': z}", "among");
    fails("get: /found, matches: {'/entry/*/resource/id': '/^[ab]$/'}", "expected");
    fails("get: /found, matches: {/nothing: '/x/'}", "expected");
    fails("get: /found, matches: {/type: '/(/'}", "expected");
    fails("get: /found, absent: [/type]", "expected nothing");
    fails("get: /found, count: {'/entry/*': 2}", "expected 2 values");
    fails("get: /found, text: ['1.00']", "expected the body");
}

#[test]
fn bodies_are_sent_with_their_digits_and_forms_encoded() {
    holds("post: /echo, body: {v: 1.50}, text: ['{\"v\":1.50}']");
    holds("post: /echo, body: 'plain', text: [plain]");
    holds("post: /echo, form: 'a=b|c', text: ['a=b%7Cc']");
}

#[test]
fn steps_hand_on_what_they_captured() {
    let first = "{get: /found, capture: {id: {json: /entry/1/resource/id}, \
                 v: {header: ETag, pattern: '\"(.+)\"'}}}";
    holds(&format!(
        "steps: [{first}, {{post: /echo, body: '${{id}}${{v}} ${{base}}', text: ['b3 http://h']}}]"
    ));
    fails(&format!("steps: [{first}, {{get: '/${{other}}'}}]"), "never captured");
    fails("get: /found, capture: {x: {link: next}}", "nothing to capture");
}

#[test]
fn a_setup_that_is_refused_is_a_failure() {
    let yaml = "title: t\nsection: s\nsetup:\n- {resourceType: Patient, id: ID}\n\
                cases: [{title: c, get: /found}]";
    let failures = |id: &str| {
        let file = ScenarioFile::parse(&yaml.replace("ID", id)).unwrap();
        run(&file, "http://h", &mut server()).failures.len()
    };
    assert_eq!(failures("p"), 0);
    assert_eq!(failures("q"), 1);
}
