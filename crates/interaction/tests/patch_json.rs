//! JSON Patch: the cases of RFC 6902's appendix A, and what a server adds to them.

use cresset_fhir::json::{Json, Limits, parse};
use cresset_interaction::patch::{PatchError, PatchErrorKind, json_patch};

fn json(text: &str) -> Json {
    parse(text.as_bytes(), &Limits::default()).unwrap()
}

fn patched(document: &str, patch: &str) -> Result<String, PatchError> {
    let result = json_patch(&json(document), &json(patch))?;
    Ok(String::from_utf8(result.to_bytes()).unwrap())
}

#[track_caller]
fn gives(document: &str, patch: &str, expected: &str) {
    assert_eq!(patched(document, patch).unwrap(), expected);
}

#[track_caller]
fn fails(document: &str, patch: &str, kind: PatchErrorKind) -> PatchError {
    let error = patched(document, patch).unwrap_err();
    assert_eq!(error.kind(), kind, "{error}");
    error
}

#[test]
fn a1_adds_a_member() {
    gives(
        r#"{"foo":"bar"}"#,
        r#"[{"op":"add","path":"/baz","value":"qux"}]"#,
        r#"{"foo":"bar","baz":"qux"}"#,
    );
}

#[test]
fn a2_adds_an_item() {
    gives(
        r#"{"foo":["bar","baz"]}"#,
        r#"[{"op":"add","path":"/foo/1","value":"qux"}]"#,
        r#"{"foo":["bar","qux","baz"]}"#,
    );
}

#[test]
fn a3_and_a4_remove() {
    gives(r#"{"baz":"qux","foo":"bar"}"#, r#"[{"op":"remove","path":"/baz"}]"#, r#"{"foo":"bar"}"#);
    gives(
        r#"{"foo":["bar","qux","baz"]}"#,
        r#"[{"op":"remove","path":"/foo/1"}]"#,
        r#"{"foo":["bar","baz"]}"#,
    );
}

#[test]
fn a5_replaces_in_place() {
    gives(
        r#"{"baz":"qux","foo":"bar"}"#,
        r#"[{"op":"replace","path":"/baz","value":"boo"}]"#,
        r#"{"baz":"boo","foo":"bar"}"#,
    );
}

#[test]
fn a6_and_a7_move() {
    gives(
        r#"{"foo":{"bar":"baz","waldo":"fred"},"qux":{"corge":"grault"}}"#,
        r#"[{"op":"move","from":"/foo/waldo","path":"/qux/thud"}]"#,
        r#"{"foo":{"bar":"baz"},"qux":{"corge":"grault","thud":"fred"}}"#,
    );
    gives(
        r#"{"foo":["all","grass","cows","eat"]}"#,
        r#"[{"op":"move","from":"/foo/1","path":"/foo/3"}]"#,
        r#"{"foo":["all","cows","eat","grass"]}"#,
    );
}

#[test]
fn a8_and_a9_test() {
    let document = r#"{"baz":"qux","foo":["a",2,"c"]}"#;
    gives(
        document,
        r#"[{"op":"test","path":"/baz","value":"qux"},{"op":"test","path":"/foo/1","value":2}]"#,
        document,
    );
    let patch = r#"[{"op":"test","path":"/baz","value":"bar"}]"#;
    let error = fails(document, patch, PatchErrorKind::TestFailed);
    assert_eq!(error.expression().as_deref(), Some("baz"));
}

#[test]
fn a10_adds_an_object() {
    gives(
        r#"{"foo":"bar"}"#,
        r#"[{"op":"add","path":"/child","value":{"grandchild":{}}}]"#,
        r#"{"foo":"bar","child":{"grandchild":{}}}"#,
    );
}

#[test]
fn a11_ignores_members_it_does_not_know() {
    gives(
        r#"{"foo":"bar"}"#,
        r#"[{"op":"add","path":"/baz","value":"qux","xyz":123}]"#,
        r#"{"foo":"bar","baz":"qux"}"#,
    );
}

#[test]
fn a12_adds_nothing_to_what_is_not_there() {
    let patch = r#"[{"op":"add","path":"/baz/bat","value":"qux"}]"#;
    fails(r#"{"foo":"bar"}"#, patch, PatchErrorKind::TargetMissing);
}

#[test]
fn a14_and_a15_unescape_pointers_and_tell_strings_from_numbers() {
    let document = r#"{"/":9,"~1":10}"#;
    gives(document, r#"[{"op":"test","path":"/~01","value":10}]"#, document);
    gives(document, r#"[{"op":"test","path":"/~1","value":9}]"#, document);
    let patch = r#"[{"op":"test","path":"/~01","value":"10"}]"#;
    fails(document, patch, PatchErrorKind::TestFailed);
}

#[test]
fn a16_appends_an_array_as_one_item() {
    gives(
        r#"{"foo":["bar"]}"#,
        r#"[{"op":"add","path":"/foo/-","value":["abc","def"]}]"#,
        r#"{"foo":["bar",["abc","def"]]}"#,
    );
}

#[test]
fn add_replaces_a_member_where_it_stands() {
    gives(r#"{"a":1,"b":2}"#, r#"[{"op":"add","path":"/a","value":null}]"#, r#"{"a":null,"b":2}"#);
}

#[test]
fn copies_and_whole_documents() {
    gives(
        r#"{"a":{"b":[1]}}"#,
        r#"[{"op":"copy","from":"/a","path":"/c"},{"op":"add","path":"/c/b/0","value":0}]"#,
        r#"{"a":{"b":[1]},"c":{"b":[0,1]}}"#,
    );
    gives(
        r#"{"a":1}"#,
        r#"[{"op":"replace","path":"","value":{"b":2}},{"op":"test","path":"","value":{"b":2}}]"#,
        r#"{"b":2}"#,
    );
    gives(r#"{"a":1,"b":2}"#, r#"[{"op":"move","from":"/a","path":"/a"}]"#, r#"{"a":1,"b":2}"#);
}

#[test]
fn test_compares_by_value() {
    let document = r#"{"v":{"value":1.50,"unit":"mg"},"n":[1e2,null]}"#;
    gives(
        document,
        r#"[{"op":"test","path":"/v","value":{"unit":"mg","value":1.5}},
            {"op":"test","path":"/n","value":[100.0,null]}]"#,
        document,
    );
    let patch = r#"[{"op":"test","path":"/v","value":{"unit":"mg","value":1.5,"code":"mg"}}]"#;
    fails(document, patch, PatchErrorKind::TestFailed);
    let patch = r#"[{"op":"test","path":"/n","value":[null,100]}]"#;
    fails(document, patch, PatchErrorKind::TestFailed);
}

#[test]
fn places_that_are_not_there() {
    let document = r#"{"a":[1,2],"s":"x"}"#;
    for path in ["/a/2", "/a/-", "/a/01", "/a/x", "/s/0", "/b", "/a/99999999999999999999"] {
        for rest in [r#""op":"remove""#, r#""op":"replace","value":0"#, r#""op":"test","value":0"#]
        {
            let patch = format!(r#"[{{"path":"{path}",{rest}}}]"#);
            fails(document, &patch, PatchErrorKind::TargetMissing);
        }
    }
    for path in ["/a/3", "/a/00", "/s/0", "/b/c"] {
        let patch = format!(r#"[{{"op":"add","path":"{path}","value":0}}]"#);
        fails(document, &patch, PatchErrorKind::TargetMissing);
    }
}

#[test]
fn documents_that_are_no_patches() {
    for patch in [
        r#"{"op":"remove","path":"/a"}"#,
        r#"["remove"]"#,
        r#"[{"op":"drop","path":"/a"}]"#,
        r#"[{"path":"/a"}]"#,
        r#"[{"op":"remove"}]"#,
        r#"[{"op":"remove","path":1}]"#,
        r#"[{"op":"remove","path":"a"}]"#,
        r#"[{"op":"remove","path":"/~"}]"#,
        r#"[{"op":"add","path":"/a"}]"#,
        r#"[{"op":"test","path":"/a"}]"#,
        r#"[{"op":"copy","path":"/a"}]"#,
        r#"[{"op":"move","from":"/a","path":"/a/b"}]"#,
    ] {
        fails(r#"{"a":{}}"#, patch, PatchErrorKind::Invalid);
    }
}

#[test]
fn an_error_names_the_operation_and_the_place_but_no_values() {
    let patch = r#"[
        {"op":"replace","path":"/name/0/family","value":"Secret"},
        {"op":"test","path":"/name/0/family","value":"Hidden"}]"#;
    let document = r#"{"resourceType":"Patient","id":"1","name":[{"family":"Known"}]}"#;
    let error = fails(document, patch, PatchErrorKind::TestFailed);
    assert_eq!(error.operation(), Some(1));
    assert_eq!(error.expression().as_deref(), Some("Patient.name[0].family"));
    let message = error.to_string();
    assert!(message.starts_with("operation[1]: "), "{message}");
    for value in ["Secret", "Hidden", "Known"] {
        assert!(!message.contains(value), "{message}");
    }
}

#[test]
fn a_resource_stays_the_same_resource() {
    let document = r#"{"resourceType":"Patient","id":"1"}"#;
    for patch in [
        r#"[{"op":"replace","path":"/id","value":"2"}]"#,
        r#"[{"op":"remove","path":"/id"}]"#,
        r#"[{"op":"move","from":"/id","path":"/resourceType"}]"#,
        r#"[{"op":"replace","path":"/resourceType","value":"Person"}]"#,
        r#"[{"op":"replace","path":"","value":{"resourceType":"Patient"}}]"#,
        r#"[{"op":"add","path":"","value":[]}]"#,
        r#"[{"op":"remove","path":""}]"#,
    ] {
        fails(document, patch, PatchErrorKind::Conflict);
    }
    gives(
        document,
        r#"[{"op":"replace","path":"","value":{"resourceType":"Patient","id":"1","active":true}}]"#,
        r#"{"resourceType":"Patient","id":"1","active":true}"#,
    );
}

#[test]
fn copies_cannot_exhaust_memory() {
    let grow = r#"{"op":"copy","from":"/a","path":"/a/-"}"#;
    let patch = format!("[{}]", vec![grow; 60].join(","));
    fails(r#"{"a":["x"]}"#, &patch, PatchErrorKind::TooLarge);
    let double = r#"{"op":"copy","from":"/a","path":"/b"},{"op":"copy","from":"/b","path":"/a/-"}"#;
    let patch = format!("[{}]", vec![double; 60].join(","));
    fails(r#"{"a":["x"]}"#, &patch, PatchErrorKind::TooLarge);
    // Without becoming deeper.
    let wide = r#"{"op":"copy","from":"/a","path":"/b/-"}"#;
    let patch = format!("[{}]", vec![wide; 9_000].join(","));
    let document = format!(r#"{{"a":"{}","b":[]}}"#, "x".repeat(10_000));
    fails(&document, &patch, PatchErrorKind::TooLarge);
}

#[test]
fn operations_are_counted() {
    let patch =
        |count| format!("[{}]", vec![r#"{"op":"test","path":"","value":{}}"#; count].join(","));
    gives("{}", &patch(10_000), "{}");
    fails("{}", &patch(10_001), PatchErrorKind::TooLarge);
}

#[test]
fn nothing_becomes_deeper_than_a_document_may_be() {
    let mut operations = Vec::new();
    let mut path = String::new();
    for _ in 0..200 {
        path.push_str("/a");
        operations.push(format!(r#"{{"op":"add","path":"{path}","value":{{}}}}"#));
    }
    let patch = format!("[{}]", operations.join(","));
    let error = fails("{}", &patch, PatchErrorKind::TooLarge);
    assert_eq!(error.operation(), Some(99));
}
