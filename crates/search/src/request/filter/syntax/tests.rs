use super::super::operator::Operator;
use super::{Comparison, DEEPEST, Expression};

fn parse(text: &str) -> Result<Expression, String> {
    super::parse(text).map(|(expression, _)| expression)
}

fn compare(name: &str, operator: Operator, value: &str) -> Expression {
    let (name, value) = (name.to_owned(), value.to_owned());
    Expression::Compare(Comparison { links: Vec::new(), name, operator, value })
}

fn a() -> Expression {
    compare("a", Operator::Eq, "1")
}

fn b() -> Expression {
    compare("b-c", Operator::Ge, "2014-10-10T10:00:00+01:00")
}

#[test]
fn and_and_or_are_taken_from_left_to_right() {
    let (b_text, a_text) = ("b-c ge 2014-10-10T10:00:00+01:00", "a eq 1");
    let read = |text: String| parse(&text).expect("an expression");
    let either = Expression::Any(vec![a(), b()]);
    assert_eq!(
        read(format!("{a_text} or {b_text} and {a_text}")),
        Expression::All(vec![either.clone(), a()])
    );
    assert_eq!(
        read(format!("{a_text} and ({a_text} or {b_text})")),
        Expression::All(vec![a(), either.clone()])
    );
    assert_eq!(
        read(format!(" not({a_text} or {b_text}) or {a_text} ")),
        Expression::Any(vec![Expression::Not(Box::new(either)), a()])
    );
}

#[test]
fn values_are_strings_or_tokens() {
    for (text, value) in [
        (r#"a eq "x y)] \"\\\/\n\u00e9\ud83d\ude00""#, "x y)] \"\\/\n\u{e9}\u{1f600}"),
        ("a eq http://loinc.org|1234-5", "http://loinc.org|1234-5"),
        ("(a eq x,y\\z)", "x,y\\z"),
        ("a eq \"\"", ""),
    ] {
        assert_eq!(parse(text), Ok(compare("a", Operator::Eq, value)), "{text}");
    }
}

#[test]
fn paths_have_links_with_conditions() {
    let Ok(Expression::Compare(found)) = parse("x[a eq 1].y.z pr true") else {
        panic!("a comparison");
    };
    let links: Vec<_> = found.links.iter().map(|link| (&*link.name, &link.condition)).collect();
    assert_eq!(links, [("x", &Some(Box::new(a()))), ("y", &None)]);
    assert_eq!((&*found.name, found.operator), ("z", Operator::Pr));
}

#[test]
fn what_is_wrong_is_told_by_place_and_without_the_text() {
    for (text, reason) in [
        ("", "after 0 characters there should be a parameter, 'not (' or '('"),
        ("secret", "after 6 characters there should be an operator such as eq, co or ge"),
        ("a is secret", "after 2 characters there should be an operator such as eq, co or ge"),
        ("a eq", "after 4 characters there should be a value"),
        ("a eq \"secret", "after 12 characters there should be '\"' at the string's end"),
        ("a eq \"\\x\"", "after 8 characters there should be one of JSON's escapes"),
        ("a eq \"\\udc00\"", "after 12 characters there should be one of JSON's escapes"),
        ("(a eq 1", "after 7 characters there should be 'and', 'or' or ')'"),
        ("a eq 1)", "after 6 characters there should be 'and', 'or' or the end"),
        ("a eq 1 xor a eq 1", "after 7 characters there should be 'and' or 'or'"),
        ("a[a eq 1] eq 1", "after 9 characters there should be '.' and a parameter behind ']'"),
        ("a. eq 1", "after 2 characters there should be a parameter behind '.'"),
        ("not a eq 1", "after 4 characters there should be an operator such as eq, co or ge"),
    ] {
        assert_eq!(parse(text), Err(reason.to_owned()), "{text}");
    }
}

#[test]
fn nesting_is_bounded_however_it_is_written() {
    let told = Err(format!("may nest {DEEPEST} deep, changes between 'and' and 'or' counted"));
    for deep in [
        "(".repeat(20_000),
        "not (".repeat(10_000),
        "a[".repeat(20_000),
        "a eq 1 and a eq 1 or ".repeat(3_000),
        format!("{}a eq 1", "(".repeat(DEEPEST + 1)),
    ] {
        assert_eq!(parse(&deep), told);
    }
    let nested = format!("{}a eq 1{}", "(".repeat(DEEPEST), ")".repeat(DEEPEST));
    assert_eq!(parse(&nested), Ok(a()));
    assert!(parse(&format!("{}a eq 1", "a.".repeat(60))).is_err());
    let Ok(Expression::All(parts)) = parse(&["a eq 1"; 5_000].join(" and ")) else {
        panic!("one conjunction, however long");
    };
    assert_eq!(parts.len(), 5_000);
    let counted = super::parse("a[a eq 1 or a eq 2].b eq 1 and not (a eq 1)");
    assert_eq!(counted.map(|(_, comparisons)| comparisons), Ok(4));
}

mod any_text {
    use super::*;
    use proptest::prelude::*;

    fn height(expression: &Expression) -> usize {
        match expression {
            Expression::All(parts) | Expression::Any(parts) => {
                1 + parts.iter().map(height).max().unwrap_or(0)
            }
            Expression::Not(inner) => 1 + height(inner),
            Expression::Compare(comparison) => {
                let conditions = comparison.links.iter().filter_map(|l| l.condition.as_deref());
                conditions.map(|condition| 1 + height(condition)).max().unwrap_or(0)
            }
        }
    }

    proptest! {
        #[test]
        fn is_read_or_refused(text in "\\PC{0,200}") {
            let _ = parse(&text);
        }

        /// What reads an expression may recurse into it.
        #[test]
        fn that_looks_like_an_expression_is_no_deeper_than_allowed(parts in prop::collection::vec(
            prop::sample::select(vec![
                "(", ")", "[", "].", "not (", " and ", " or ", "a eq 1", "a.", "a[", "b co \"x\"",
                "\"", "\\u12", "not", " ", "é",
            ]),
            0..200,
        )) {
            if let Ok(expression) = parse(&parts.concat()) {
                prop_assert!(height(&expression) <= DEEPEST + 1);
            }
        }
    }
}
