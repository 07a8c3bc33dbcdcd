use crate::answer::Answer;
use crate::step::Outcome;
use serde_json::Value;

/// The issues of an OperationOutcome: the body itself, or entries of mode `outcome` in a Bundle.
pub(crate) fn issues(answer: &Answer) -> Vec<&Value> {
    let entries = answer.entries().iter().map(|entry| &entry["resource"]);
    let outcomes = std::iter::once(&answer.json).chain(entries);
    let outcomes = outcomes.filter(|r| r["resourceType"] == "OperationOutcome");
    outcomes.filter_map(|r| r["issue"].as_array()).flatten().collect()
}

/// What is wrong when no single issue is as expected.
pub(crate) fn check(expected: &Outcome, answer: &Answer) -> Option<String> {
    let issues = issues(answer);
    if issues.iter().any(|issue| is_as(expected, issue)) {
        return None;
    }
    Some(format!("expected an issue like {expected:?}, there are {issues:?}"))
}

fn is_as(expected: &Outcome, issue: &Value) -> bool {
    let among = |wanted: &Option<crate::step::OneOrMore<String>>, member: &str| {
        wanted.as_ref().is_none_or(|w| w.as_slice().iter().any(|w| issue[member] == w.as_str()))
    };
    let texts = [&issue["diagnostics"], &issue["details"]["text"]];
    let says = |wanted: &String| texts.iter().any(|t| t.as_str().is_some_and(|t| holds(t, wanted)));
    let places = issue["expression"].as_array().map_or(&[][..], Vec::as_slice);
    among(&expected.severity, "severity")
        && among(&expected.code, "code")
        && expected.text.as_ref().is_none_or(says)
        && expected.expression.as_ref().is_none_or(|e| places.iter().any(|p| p == e.as_str()))
}

fn holds(text: &str, wanted: &str) -> bool {
    text.to_lowercase().contains(&wanted.to_lowercase())
}
