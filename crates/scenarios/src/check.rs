use crate::answer::Answer;
use crate::step::{OneOrMore, Step};
use crate::variables::regex;
use crate::{outcome, pointer, searchset};
use serde_json::Value;

/// How the answer to a step differs from what was expected; `pages` has the pages that follow it, too.
pub(crate) fn check(step: &Step, pages: &[Answer]) -> Vec<String> {
    let Some(answer) = pages.first() else {
        return vec!["there is no answer".to_owned()];
    };
    let mut problems = Vec::new();
    problems.extend(status(step, answer));
    problems.extend(headers(step, answer));
    if step.is_search() {
        problems.extend(searchset::check(step, pages));
    }
    for (relation, expected) in &step.links {
        if answer.link(relation).is_some() != *expected {
            let wish = if *expected { "a" } else { "no" };
            problems.push(format!("expected {wish} link {relation}"));
        }
    }
    problems.extend(step.outcome.as_ref().and_then(|o| outcome::check(o, answer)));
    problems.extend(values(step, &answer.json));
    for text in step.text.iter().filter(|text| !answer.body.contains(text.as_str())) {
        problems.push(format!("expected the body to have {text:?}"));
    }
    problems
}

fn status(step: &Step, answer: &Answer) -> Option<String> {
    let ok = [200];
    let expected = step.status.as_ref().map_or(&ok[..], OneOrMore::as_slice);
    let is_expected = expected.contains(&answer.status);
    (!is_expected).then(|| format!("expected the status {expected:?}, got {}", answer.status))
}

fn headers(step: &Step, answer: &Answer) -> Vec<String> {
    let mut problems = Vec::new();
    for (name, expected) in &step.header {
        let found = answer.header(&name.to_ascii_lowercase());
        let is_expected = match (expected, found) {
            (None, None) => Ok(true),
            (Some(expected), Some(found)) => is_text(expected, found),
            _ => Ok(false),
        };
        match is_expected {
            Ok(true) => {}
            Ok(false) => {
                problems.push(format!("expected the header {name}: {expected:?}, got {found:?}"))
            }
            Err(problem) => problems.push(problem),
        }
    }
    problems
}

/// Whether a text is the expected one, or matches the expected `/expression/`.
fn is_text(expected: &str, found: &str) -> Result<bool, String> {
    match regex(expected) {
        Some(regex) => Ok(regex?.is_match(found)),
        None => Ok(expected == found),
    }
}

fn values(step: &Step, json: &Value) -> Vec<String> {
    let mut problems = Vec::new();
    for (at, expected) in &step.json {
        let found = pointer::at(json, at);
        let is_expected = match expected {
            Value::Array(items) if pointer::is_many(at) => found.iter().copied().eq(items),
            _ => found.len() == 1 && found[0] == expected,
        };
        if !is_expected {
            problems.push(format!("expected {expected} at {at}, found {found:?}"));
        }
    }
    for (at, expected) in &step.any {
        let found = pointer::at(json, at);
        if !found.contains(&expected) {
            problems.push(format!("expected {expected} among {at}, found {found:?}"));
        }
    }
    for (at, expected) in &step.matches {
        let found = pointer::at(json, at);
        let is_match = |v: &&Value| v.as_str().is_some_and(|v| is_text(expected, v) == Ok(true));
        if found.is_empty() || !found.iter().all(is_match) {
            problems.push(format!("expected {expected} at {at}, found {found:?}"));
        }
    }
    for at in step.absent.iter().filter(|at| !pointer::at(json, at).is_empty()) {
        problems.push(format!("expected nothing at {at}"));
    }
    for (at, expected) in &step.count {
        let found = pointer::at(json, at).len();
        if found != *expected {
            problems.push(format!("expected {expected} values at {at}, found {found}"));
        }
    }
    problems
}
