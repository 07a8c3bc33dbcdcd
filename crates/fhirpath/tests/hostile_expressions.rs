//! No expression makes the engine panic, overflow the stack or work without end.

use cresset_fhir::json::{self, Json};
use cresset_fhirpath::{Context, EvaluationError, Expression, Limits};
use proptest::prelude::*;

fn patient() -> Json {
    let text = br#"{"resourceType": "Patient", "birthDate": "1974-12-25", "active": true,
        "name": [{"family": "Chalmers", "given": ["Peter", "James"]}, {"given": ["Jim"]}]}"#;
    json::parse(text, &json::Limits::default()).unwrap()
}

fn evaluate(text: &str) -> Result<usize, EvaluationError> {
    let patient = patient();
    let context =
        Context::new(&patient).with_limits(Limits { steps: 100_000, ..Limits::default() });
    let expression = Expression::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    expression.evaluate(context.input(), &context).map(|items| items.len())
}

#[test]
fn deep_nesting_is_an_error() {
    for (open, middle, close) in [
        ("(", "1", ")"),
        ("-", "1", ""),
        ("a.where(", "1", ")"),
        ("a[", "1", "]"),
        ("1 + (", "1", ")"),
        ("true implies ", "true", ""),
        ("1", "", " + 1"),
        ("1", "", " is Integer"),
    ] {
        for count in [1_000, 5_000, 100_000] {
            let text = format!("{}{middle}{}", open.repeat(count), close.repeat(count));
            assert!(Expression::parse(&text).is_err(), "{open}{middle}{close} × {count}");
        }
    }
}

/// Three quarters of what threads have; optimised code needs a third of it.
const SMALL_STACK: usize = 1536 * 1024;

#[test]
fn the_deepest_expression_that_compiles_fits_a_small_stack() {
    for (open, middle, close) in [
        ("$this.where(", "true", ")"),
        ("$this.select(iif(true, ", "$this", "))"),
        ("$this.all(true and (", "true", "))"),
        ("$this.repeat(", "{}", ")"),
        ("(1 | 2).aggregate(", "1", ")"),
        ("$this.trace('x', ", "1", ")"),
        ("descendants().first()[", "0", "]"),
        ("1 + (", "1", ")"),
        ("-", "1", ""),
    ] {
        let text = |count: usize| format!("{}{middle}{}", open.repeat(count), close.repeat(count));
        let count = (1..200).rev().find(|count| Expression::parse(&text(*count)).is_ok());
        let text = text(count.unwrap());
        let thread = std::thread::Builder::new().stack_size(SMALL_STACK);
        let _ = thread.spawn(move || evaluate(&text)).unwrap().join().unwrap();
    }
}

#[test]
fn a_long_chain_of_steps_is_fine() {
    let text = format!("name{}", ".first()".repeat(5_000));
    assert_eq!(evaluate(&text), Ok(1));
    let text = format!("a{}", ".a".repeat(30_000));
    assert_eq!(evaluate(&text), Ok(0));
    assert!(Expression::parse(&"a.".repeat(100_000)).is_err());
}

#[test]
fn work_is_bounded() {
    let doubling = |body: &str| {
        format!("name.given.combine(name.given).combine(name.given).aggregate({body}, 'aaaaaaaa')")
    };
    let nested = "name.given.select(%resource.name.given)".to_owned()
        + &".select(%resource.name.given)".repeat(40);
    for text in [
        nested,
        "name.repeat($this)".to_owned() + &".select(%resource.descendants())".repeat(20),
        "name.repeat(now() | name)".to_owned()
            + &".combine(descendants()).select(%resource.descendants())".repeat(20),
        doubling("$total.replace('a', $total)"),
        doubling("$total.replace('', $total)"),
        doubling("$total.replaceMatches('', $total)"),
        doubling("$total & $total & $total & $total & $total & $total & $total & $total"),
        doubling("$total.combine($total).combine($total).combine($total).combine($total)")
            .replace("'aaaaaaaa'", "name.given.combine(name.given).combine(name.given)"),
        "1.repeat($this + 1)".to_owned(),
    ] {
        let error = evaluate(&text).unwrap_err();
        let is_limit =
            matches!(error, EvaluationError::TooMuchWork(_) | EvaluationError::TextTooLong(_));
        assert!(is_limit, "{text}: {error}");
    }
}

#[test]
fn impossible_arithmetic_is_empty() {
    for text in [
        "2147483647 + 1",
        "-2147483647 - 2",
        "2147483647 * 2",
        "(-2147483647 - 1) div -1",
        "1 mod 0",
        "79228162514264337593543950335.0 + 1",
        "79228162514264337593543950335.0 * 10",
        "0.ln()",
        "10.log(1)",
        "1000.exp()",
        "2.power(100000)",
        "10.5.power(100000.5)",
        "(-8).power(0.5)",
        "(-1).sqrt()",
        "1.5.power(-100000000000.0)",
        "0.power(-1)",
        "@9999-12-31 + 1 day",
        "@0001-01-01 - 1 day",
        "@T10:00 + 100000000000000000000.0 seconds",
        "@2020-01-01T00:00:00Z + 99999999999999999999.0 hours",
        "1e400",
    ] {
        // What doesn't parse is fine as well: only a panic isn't.
        if let Ok(expression) = Expression::parse(text) {
            let patient = patient();
            let context = Context::new(&patient);
            let found = expression.evaluate(context.input(), &context);
            assert_eq!(found.map(|items| items.len()), Ok(0), "{text}");
        }
    }
}

/// Pieces that make expressions which often parse.
const PIECES: [&str; 48] = [
    "name",
    "given",
    "Patient",
    ".",
    ".",
    ".",
    "(",
    ")",
    "[",
    "]",
    "{}",
    "'a'",
    "'P'",
    "1",
    "0",
    "2.5",
    "@2015",
    "@2015-02-04T10:00:00Z",
    "@T10:30",
    "4 days",
    "5 'mg'",
    "%resource",
    "$this",
    "$index",
    "$total",
    "where(",
    "select(",
    "exists()",
    "first()",
    "children()",
    "count()",
    "toString()",
    "substring(1, 2)",
    "matches('a+')",
    "repeat(",
    "power(2)",
    "round(40)",
    "iif(",
    " + ",
    " - ",
    " * ",
    " / ",
    " | ",
    " = ",
    " ~ ",
    " is Integer",
    " and ",
    ", ",
];

proptest! {
    #[test]
    fn any_text_parses_or_is_refused(text in "\\PC{0,200}") {
        let _ = Expression::parse(&text);
    }

    #[test]
    fn any_symbols_parse_or_are_refused(text in "[-+*/()\\[\\]{}.,'`\"@%$\\\\a-c0-9T:|&<>=~! ]{0,60}") {
        let _ = Expression::parse(&text);
    }

    #[test]
    fn whatever_parses_evaluates(pieces in prop::collection::vec(prop::sample::select(&PIECES[..]), 1..14)) {
        let text = pieces.concat();
        if let Ok(expression) = Expression::parse(&text) {
            let patient = patient();
            let context = Context::new(&patient)
                .with_limits(Limits { steps: 20_000, ..Limits::default() });
            let _ = expression.evaluate(context.input(), &context);
        }
    }

    #[test]
    fn mathematics_never_panics(
        left in "-?[0-9]{1,20}(\\.[0-9]{1,10})?",
        right in "-?[0-9]{1,12}(\\.[0-9]{1,10})?",
    ) {
        for call in ["exp()", "ln()", "sqrt()", "round(3)", "ceiling()", "log(RIGHT)", "power(RIGHT)"] {
            let text = format!("({left}).{}", call.replace("RIGHT", &right));
            if let Ok(expression) = Expression::parse(&text) {
                let patient = patient();
                let context = Context::new(&patient);
                let _ = expression.evaluate(context.input(), &context);
            }
        }
    }

    #[test]
    fn any_number_in_a_resource_can_be_used(
        number in "-?(0|[1-9][0-9]{0,40})(\\.[0-9]{1,40})?([eE][+-]?[0-9]{1,20})?",
    ) {
        let text = format!(r#"{{"resourceType": "Observation", "valueQuantity": {{"value": {number},
            "system": "http://unitsofmeasure.org", "code": "ug/dL"}}}}"#);
        let observation = json::parse(text.as_bytes(), &json::Limits::default()).unwrap();
        let context = Context::new(&observation);
        for text in ["value > 1 'mg/L'", "value.value + 1", "value * 2 'L'", "value ~ value + value",
            "value.value.exp()", "value.value.toString()", "value.value.toInteger()"]
        {
            let expression = Expression::parse(text).unwrap();
            let _ = expression.evaluate(context.input(), &context);
        }
    }

    #[test]
    fn any_unit_has_a_canonical_form_or_none(unit in "[a-zA-Z0-9*^./(){}\\[\\]'+-]{0,20}") {
        let _ = cresset_fhirpath::ucum::canonical(12345.into(), &unit);
    }
}
