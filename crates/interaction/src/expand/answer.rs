//! A ValueSet with its expansion (R4, `ValueSet.expansion`).

use super::{MOST_CODES, Wanted};
use cresset_fhir::json::{Json, Object};
use cresset_store::Timestamp;
use cresset_terminology::{Content, Designation, Entry, Expansion, Used, ValueSet};

/// The page that is wanted of the chosen entries.
pub(super) fn answer(
    value_set: &ValueSet,
    expansion: &Expansion,
    chosen: &[&Entry],
    wanted: &Wanted<'_>,
) -> Json {
    let count = wanted.count.unwrap_or(MOST_CODES).min(MOST_CODES);
    let page = chosen.iter().skip(wanted.offset).take(count);
    let contains: Vec<Json> = page.map(|entry| contains(entry, wanted)).collect();
    let mut body = Object::new()
        .with("identifier", format!("urn:uuid:{}", uuid::Uuid::new_v4()))
        .with("timestamp", Timestamp::now().to_string())
        .with("total", chosen.len() as u64);
    if wanted.count.is_some() || wanted.offset > 0 {
        body.insert("offset", wanted.offset as u64);
    }
    let parameters = parameters(expansion, wanted);
    if !parameters.is_empty() {
        body.insert("parameter", parameters);
    }
    if !contains.is_empty() {
        body.insert("contains", contains);
    }
    let mut answer = Object::new().with("resourceType", "ValueSet");
    if !value_set.url.is_empty() {
        answer.insert("url", value_set.url.as_str());
    }
    if let Some(version) = &value_set.version {
        answer.insert("version", version.as_str());
    }
    let status = value_set.status.as_deref().unwrap_or("unknown");
    answer.with("status", status).with("expansion", body).into()
}

/// What the expansion depended on: the parameters of the request, and the code systems used.
fn parameters(expansion: &Expansion, wanted: &Wanted<'_>) -> Vec<Json> {
    let named = |name: &str, kind: &str, value: Json| {
        Json::from(Object::new().with("name", name).with(kind, value))
    };
    let mut all = Vec::new();
    if let Some(filter) = wanted.filter {
        all.push(named("filter", "valueString", filter.into()));
    }
    if let Some(count) = wanted.count {
        all.push(named("offset", "valueInteger", (wanted.offset as u64).into()));
        all.push(named("count", "valueInteger", (count.min(MOST_CODES) as u64).into()));
    }
    for (name, value) in [
        ("includeDesignations", wanted.include_designations),
        ("activeOnly", wanted.active_only),
        ("excludeNotForUI", wanted.without_abstract),
    ] {
        if value {
            all.push(named(name, "valueBoolean", true.into()));
        }
    }
    if let Some(language) = wanted.language {
        all.push(named("displayLanguage", "valueCode", language.into()));
    }
    for Used { system, content } in &expansion.used {
        if system.version.is_some() {
            all.push(named("version", "valueUri", system.to_string().into()));
        }
        // Whoever reads this must know that there are codes that it doesn't have.
        if *content != Content::Complete {
            all.push(named(content.code(), "valueUri", system.to_string().into()));
        }
    }
    all
}

fn contains(entry: &Entry, wanted: &Wanted<'_>) -> Json {
    let mut object = Object::new().with("system", &*entry.system);
    if entry.is_abstract {
        object.insert("abstract", true);
    }
    if entry.inactive {
        object.insert("inactive", true);
    }
    if let Some(version) = &entry.version {
        object.insert("version", &**version);
    }
    object.insert("code", entry.code.as_str());
    let translated = wanted.language.and_then(|language| in_language(entry, language));
    if let Some(display) = translated.or(entry.display.as_deref()) {
        object.insert("display", display);
    }
    if wanted.include_designations && !entry.designations.is_empty() {
        let designations: Vec<Json> = entry.designations.iter().map(designation).collect();
        object.insert("designation", designations);
    }
    object.into()
}

/// The designation in a language: `de` also for `de-CH`, where there is none closer.
fn in_language<'e>(entry: &'e Entry, wanted: &str) -> Option<&'e str> {
    let of = |language: &str| {
        let is = |d: &&Designation| {
            d.language.as_deref().is_some_and(|known| known.eq_ignore_ascii_case(language))
        };
        entry.designations.iter().find(is).map(|d| d.value.as_str())
    };
    of(wanted).or_else(|| of(wanted.split('-').next()?))
}

fn designation(designation: &Designation) -> Json {
    let mut object = Object::new();
    if let Some(language) = &designation.language {
        object.insert("language", language.as_str());
    }
    if let Some((system, code)) = &designation.usage {
        let usage = Object::new().with("system", system.as_str()).with("code", code.as_str());
        object.insert("use", usage);
    }
    object.with("value", designation.value.as_str()).into()
}
