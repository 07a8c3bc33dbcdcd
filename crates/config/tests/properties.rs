//! Java's properties format, by its rules and by what is written in it and read back.

use cresset_config::properties::{PropertiesError, parse};
use proptest::prelude::*;

fn read(bytes: &[u8]) -> Result<Vec<(String, String)>, PropertiesError> {
    let all = parse(bytes)?;
    Ok(all.into_iter().map(|p| (p.key, p.value.expose().to_owned())).collect())
}

#[track_caller]
fn is(text: &str, expected: &[(&str, &str)]) {
    let expected: Vec<_> = expected.iter().map(|(k, v)| ((*k).into(), (*v).into())).collect();
    assert_eq!(read(text.as_bytes()), Ok(expected), "{text:?}");
}

#[test]
fn keys_end_at_an_equals_sign_a_colon_or_a_blank() {
    is("a=1\nb:2\nc 3\nd\t4\ne", &[("a", "1"), ("b", "2"), ("c", "3"), ("d", "4"), ("e", "")]);
    is("a = 1\nb  :  2\nc \x0c 3", &[("a", "1"), ("b", "2"), ("c", "3")]);
    is("a==1\nb=:2\nc : = 3\nd=x=y:z", &[("a", "=1"), ("b", ":2"), ("c", "= 3"), ("d", "x=y:z")]);
    is("=nothing before", &[("", "nothing before")]);
    is(r"a\ b\=c\:d=e", &[("a b=c:d", "e")]);
}

#[test]
fn blanks_count_at_the_end_of_a_value_only() {
    is("  \t a=  1 2  \n", &[("a", "1 2  ")]);
    is(r"a=\  1", &[("a", "  1")]);
}

#[test]
fn comments_and_blank_lines_are_passed_over() {
    is("# one\n  ! two\n\n \t\x0c\na=1 # two\r\n#b=\\\nc=3", &[("a", "1 # two"), ("c", "3")]);
}

#[test]
fn lines_go_on_after_a_backslash() {
    is("a=1,\\\n   2,\\\r\n\t3\\\r4\nb=5", &[("a", "1,2,34"), ("b", "5")]);
    is("a=even\\\\\nb=odd\\\\\\\nend", &[("a", "even\\"), ("b", "odd\\end")]);
    is("a=x\\\n# no comment", &[("a", "x# no comment")]);
    is("a=x\\\n\nb=y", &[("a", "x"), ("b", "y")]);
    is("a=x\\", &[("a", "x")]);
    is("\\\n  a=x\n\\\n\nb=y", &[("a", "x"), ("b", "y")]);
}

#[test]
fn escapes_stand_for_characters() {
    is(r"a=\t\n\r\f\\\q\=\#\!\u00e9\u20AC", &[("a", "\t\n\r\x0c\\q=#!é€")]);
    is(r"a=\ud83d\ude00", &[("a", "😀")]);
    for broken in [
        r"x=1\u12",
        r"x=\u00g0",
        r"x=\u",
        r"x=\ud83d",
        r"x=\ud83dx",
        r"x=\ude00",
        r"x=\ud83d\u0041",
    ] {
        let error = read(format!("ok=1\n{broken}").as_bytes()).expect_err(broken);
        assert_eq!(error.line, 2, "{broken}");
    }
}

#[test]
fn a_file_is_utf_8_or_else_iso_8859_1() {
    is("\u{feff}a=é", &[("a", "é")]);
    assert_eq!(read(b"a=\xe9"), Ok(vec![("a".to_owned(), "é".to_owned())]));
}

#[test]
fn lines_are_counted_however_they_end() {
    let lines = |text: &str| parse(text.as_bytes()).map(|all| all.iter().map(|p| p.line).collect());
    assert_eq!(lines("a=1\r\n\rb=2\nc=\\\r\n3\r\nd=4"), Ok(vec![1, 3, 4, 6]));
}

/// Writes a property as one of the ways to write it; `choices` decides.
fn written(key: &str, value: &str, choices: &mut impl Iterator<Item = u8>) -> String {
    let mut choose = |of: u8| choices.next().unwrap_or_default() % of;
    let mut line = ["", " ", "\t \x0c"][usize::from(choose(3))].to_owned();
    for (text, is_key) in [(key, true), (value, false)] {
        for (at, c) in text.chars().enumerate() {
            if choose(8) == 0 {
                line.push_str(["\\\n  ", "\\\r\n", "\\\r\t"][usize::from(choose(3))]);
            }
            let blank = matches!(c, ' ' | '\t' | '\x0c');
            let special = matches!(c, '\\' | '\n' | '\r')
                || (is_key && matches!(c, '=' | ':' | '#' | '!'))
                || (blank && (is_key || at == 0))
                || (at == 0 && matches!(c, '=' | ':'))
                // A continued line may begin with them: its indentation is dropped.
                || blank;
            match (special, c) {
                (false, c) if choose(4) > 0 => line.push(c),
                (_, '\n') => line.push_str("\\n"),
                (_, '\r') => line.push_str("\\r"),
                (true, c) if choose(2) == 0 && !c.is_alphanumeric() => line.extend(['\\', c]),
                (_, c) => {
                    let mut halves = [0; 2];
                    for half in c.encode_utf16(&mut halves) {
                        line.push_str(&format!("\\u{half:04x}"));
                    }
                }
            }
        }
        if is_key {
            line.push_str(["=", " = ", ":", " :\t"][usize::from(choose(4))]);
        }
    }
    line + ["\n", "\r\n", "\r", "\n\n  # comment\n"][usize::from(choose(4))]
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(
        pairs in prop::collection::vec((".{0,8}", "(?s).{0,20}"), 0..6),
        choices in prop::collection::vec(any::<u8>(), 0..400),
    ) {
        let mut choices = choices.into_iter();
        let text: String =
            pairs.iter().map(|(key, value)| written(key, value, &mut choices)).collect();
        // At the beginning it is a byte order mark, which belongs to no key.
        prop_assume!(!text.starts_with('\u{feff}'));
        prop_assert_eq!(read(text.as_bytes()), Ok(pairs), "{:?}", text);
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = parse(&bytes);
    }

    #[test]
    fn no_text_of_its_own_characters_makes_it_panic(text in "[ab=: \\\\\\n\\r\\t\\x0cu0d8#!é]{0,60}") {
        if let Ok(all) = parse(text.as_bytes()) {
            let lines = text.split(['\n', '\r']).count();
            prop_assert!(all.iter().all(|property| (1..=lines).contains(&property.line)));
        }
    }
}
