//! What a search's Bundle must be, besides what a step says of it.

use crate::answer::Answer;
use crate::outcome;
use crate::step::Step;
use serde_json::Value;
use std::collections::BTreeSet;

/// Problems of the pages of one search, the first of them being `pages[0]`.
pub(crate) fn check(step: &Step, pages: &[Answer]) -> Vec<String> {
    let mut problems = Vec::new();
    for page in pages {
        if page.json["resourceType"] != "Bundle" {
            return vec!["expected a Bundle".to_owned()];
        }
        problems.extend(page.entries().iter().filter_map(entry_problem));
        if page.json["type"] == "searchset" && page.link("self").is_none() {
            problems.push("a searchset has a link self (3.1.1.1.3)".to_owned());
        }
    }
    if step.outcome.is_none() {
        problems.extend(pages.iter().filter_map(complaint));
    }
    let matches = of_mode(pages, "match");
    let expected = step.ordered.as_ref().or(step.ids.as_ref());
    if let Some(expected) = expected {
        problems.extend(compare("matches", expected, &matches, step.ordered.is_some()));
    }
    if let Some(expected) = &step.includes {
        let included = of_mode(pages, "include");
        problems.extend(compare("includes", expected, &included, false));
    }
    problems.extend(total(step, pages, matches.len()));
    if let Some(expected) = step.pages.filter(|expected| *expected != pages.len()) {
        problems.push(format!("expected {expected} pages, there are {}", pages.len()));
    }
    problems
}

/// Whether the server says that it ignored a part of the request: then what it found means nothing.
fn complaint(page: &Answer) -> Option<String> {
    let issues = outcome::issues(page);
    let issue = issues.iter().find(|issue| issue["severity"] != "information")?;
    Some(format!("the server answers with an issue: {issue}"))
}

fn entry_problem(entry: &Value) -> Option<String> {
    let mode = entry["search"]["mode"].as_str().unwrap_or("match");
    // A deletion in a history has no resource.
    if !matches!(mode, "match" | "include") || entry["resource"].is_null() {
        return None;
    }
    let name = name(entry);
    let url = entry["fullUrl"].as_str().unwrap_or_default();
    // A contained resource that is returned by itself has the URL of its container (search.html#contained).
    let inner = url.split_once('#').map(|(_, inner)| Value::from(inner));
    let is_contained = inner.is_some_and(|inner| entry["resource"]["id"] == inner);
    let is_named = is_contained || (!name.is_empty() && url.ends_with(&format!("/{name}")));
    (!is_named).then(|| format!("the fullUrl {url:?} is not that of {name:?}"))
}

/// `Type/id` of an entry's resource.
fn name(entry: &Value) -> String {
    let part = |member: &str| entry["resource"][member].as_str();
    match (part("resourceType"), part("id")) {
        (Some(resource_type), Some(id)) => format!("{resource_type}/{id}"),
        _ => String::new(),
    }
}

fn of_mode(pages: &[Answer], mode: &str) -> Vec<String> {
    let entries = pages.iter().flat_map(Answer::entries);
    let of_mode = |e: &&Value| e["search"]["mode"].as_str().unwrap_or("match") == mode;
    entries.filter(of_mode).map(name).collect()
}

/// Expected names may leave out the type.
fn compare(what: &str, expected: &[String], found: &[String], in_order: bool) -> Option<String> {
    let short = |name: &String| match expected.iter().any(|e| e.contains('/')) {
        true => name.clone(),
        false => name.rsplit('/').next().unwrap_or_default().to_owned(),
    };
    let found: Vec<String> = found.iter().map(short).collect();
    if in_order {
        let differ = found != expected;
        return differ.then(|| format!("expected {what} in order {expected:?}, found {found:?}"));
    }
    let (want, have) = (set(expected), set(&found));
    if want == have && found.len() == have.len() {
        return None;
    }
    let missing: Vec<_> = want.difference(&have).collect();
    let extra: Vec<_> = have.difference(&want).collect();
    let repeated = found.len() - have.len();
    Some(format!(
        "expected {what} {expected:?}, found {found:?}: missing {missing:?}, \
         too many {extra:?}, repeated {repeated}"
    ))
}

fn set(names: &[String]) -> BTreeSet<&String> {
    names.iter().collect()
}

/// The total as expected, and, where all pages are there, as many as there are matches.
fn total(step: &Step, pages: &[Answer], matches: usize) -> Vec<String> {
    let found = pages.first().and_then(|page| page.json["total"].as_u64());
    let mut problems = Vec::new();
    if let Some(expected) = step.total.filter(|expected| found != Some(*expected)) {
        problems.push(format!("expected the total {expected}, found {found:?}"));
    }
    let first_is_all = step.total.is_none() && pages.iter().all(|p| p.link("next").is_none());
    let is_whole = step.pages.is_some() || first_is_all;
    let lists = matches > 0 || step.ids.is_some() || step.ordered.is_some();
    if let Some(found) = found.filter(|n| is_whole && lists && *n != matches as u64) {
        problems.push(format!("the total is {found}, the pages have {matches} matches"));
    }
    problems
}
