//! What the JSON reader accepts, refuses and gives back.

use cresset_fhir::json::{Json, Limits, ParseErrorKind, parse};
use proptest::prelude::*;

fn kind(text: &[u8]) -> ParseErrorKind {
    parse(text, &Limits::default()).unwrap_err().kind
}

#[test]
fn order_and_digits_come_back_as_sent() {
    let text = r#"{"z":1.50,"a":[-0,1e5,123456789012345678901234567890.10],"é":"\"\\\n\u0001"}"#;
    let value = parse(text.as_bytes(), &Limits::default()).unwrap();
    assert_eq!(String::from_utf8(value.to_bytes()).unwrap(), text);
}

#[test]
fn escapes_and_surrogate_pairs_are_unescaped() {
    let value = parse(br#""\u00e9\ud83d\ude00\/""#, &Limits::default()).unwrap();
    assert_eq!(value.as_str(), Some("é😀/"));
}

#[test]
fn what_readers_could_disagree_on_is_refused() {
    assert_eq!(kind(br#"{"a":1,"b":2,"a":3}"#), ParseErrorKind::DuplicateKey("a".into()));
    assert_eq!(kind(b"\"\xff\""), ParseErrorKind::Utf8);
    assert_eq!(kind(b"NaN"), ParseErrorKind::Number);
    assert_eq!(kind(b"[01]"), ParseErrorKind::Number);
    assert_eq!(kind(b"[1.]"), ParseErrorKind::Number);
    assert_eq!(kind(br#""\ud800""#), ParseErrorKind::Escape);
    assert_eq!(kind(b"\"\n\""), ParseErrorKind::Control);
    assert_eq!(kind(b"{\"a\":1"), ParseErrorKind::End);
    assert_eq!(kind(b"1 2"), ParseErrorKind::Expected("the end of the document"));
    assert_eq!(kind(b"[1,]"), ParseErrorKind::Expected("a value"));
}

#[test]
fn a_duplicate_among_many_properties_is_found() {
    let many: Vec<String> = (0..100).map(|n| format!("\"p{n}\":{n}")).collect();
    let text = format!("{{{},\"p50\":1}}", many.join(","));
    assert_eq!(kind(text.as_bytes()), ParseErrorKind::DuplicateKey("p50".into()));
}

#[test]
fn nesting_beyond_the_limit_is_an_error_and_no_overflow() {
    let deep = "[".repeat(100_000);
    assert_eq!(kind(deep.as_bytes()), ParseErrorKind::TooDeep(100));
    let deep = "{\"a\":".repeat(100_000);
    assert_eq!(kind(deep.as_bytes()), ParseErrorKind::TooDeep(100));
}

#[test]
fn errors_say_where() {
    let error = parse(b"{\n  \"a\": tru\n}", &Limits::default()).unwrap_err();
    assert_eq!((error.line, error.column, error.offset), (2, 8, 9));
}

fn any_json() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::Bool),
        any::<u64>().prop_map(Json::from),
        ".*".prop_map(Json::from),
    ];
    leaf.prop_recursive(4, 64, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..8).prop_map(Json::Array),
            prop::collection::vec((".{0,8}", inner), 0..8).prop_map(|members| {
                Json::Object(members.iter().map(|(n, v)| (n.as_str(), v.clone())).collect())
            }),
        ]
    })
}

proptest! {
    #[test]
    fn what_is_written_reads_back_equal(value in any_json()) {
        prop_assert_eq!(&parse(&value.to_bytes(), &Limits::default()).unwrap(), &value);
        prop_assert_eq!(&parse(&value.to_pretty_bytes(), &Limits::default()).unwrap(), &value);
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..256)) {
        let _outcome = parse(&bytes, &Limits::default());
    }
}
