//! What holds for every population.

use std::collections::{BTreeMap, HashMap, HashSet};

use cresset_sample::{Date, Population};
use serde_json::Value;

fn small() -> Population {
    Population { patients: 40, ..Population::default() }
}

fn ndjson(population: &Population) -> Vec<u8> {
    let mut out = Vec::new();
    let resources = population.write_ndjson(&mut out).unwrap();
    let lines = out.iter().filter(|byte| **byte == b'\n').count();
    assert_eq!(resources, lines as u64);
    out
}

fn resources(population: &Population) -> Vec<Value> {
    ndjson(population)
        .split_inclusive(|byte| *byte == b'\n')
        .map(|line| serde_json::from_slice(line).unwrap())
        .collect()
}

fn key(resource: &Value) -> String {
    let text = |name: &str| resource[name].as_str().unwrap();
    format!("{}/{}", text("resourceType"), text("id"))
}

/// Calls `visit` with the name and text of every string below a value.
fn strings<'a>(value: &'a Value, name: &'a str, visit: &mut impl FnMut(&'a str, &'a str)) {
    match value {
        Value::String(text) => visit(name, text),
        Value::Array(items) => items.iter().for_each(|item| strings(item, name, visit)),
        Value::Object(members) => {
            for (name, member) in members {
                strings(member, name, visit);
            }
        }
        _ => {}
    }
}

/// The FNV-1a hash, so that the golden value needs no dependency.
fn fnv(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xCBF2_9CE4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01B3)
    })
}

#[test]
fn the_same_population_has_the_same_bytes_everywhere() {
    let bytes = ndjson(&small());
    assert_eq!(bytes, ndjson(&small()));
    assert_eq!(format!("{:016x}", fnv(&bytes)), "a0bfc871a3326716");
}

#[test]
fn another_seed_is_another_population() {
    let other = Population { seed: 2, ..small() };
    assert_ne!(ndjson(&small()), ndjson(&other));
}

#[test]
fn a_bigger_population_begins_with_the_smaller_one() {
    let bigger = Population { patients: 55, ..small() };
    assert!(ndjson(&bigger).starts_with(&ndjson(&small())));
}

#[test]
fn a_patient_can_be_generated_alone() {
    let population = small();
    let mut pieces = Vec::new();
    let mut count = population.shared(&mut pieces);
    for index in 0..population.patients {
        let start = pieces.len();
        count += population.patient(index, &mut pieces);
        assert!(pieces[start..].starts_with(br#"{"resourceType":"Patient","#));
    }
    let whole = ndjson(&population);
    assert!(pieces == whole);
    assert_eq!(count, whole.split(|byte| *byte == b'\n').count() - 1);
}

#[test]
fn ids_are_unique_and_shaped_like_uuids() {
    let mut seen = HashSet::new();
    for resource in resources(&small()) {
        let id = resource["id"].as_str().unwrap().to_owned();
        let dashes: Vec<usize> = id.match_indices('-').map(|(at, _)| at).collect();
        assert_eq!((id.len(), dashes), (36, vec![8, 13, 18, 23]));
        assert_eq!(id.as_bytes()[14], b'4');
        assert!(seen.insert(id));
    }
}

#[test]
fn references_lead_to_shared_resources_or_to_the_same_patient() {
    let population = small();
    let mut shared = Vec::new();
    population.shared(&mut shared);
    let shared: HashSet<String> = keys(&shared);
    for index in 0..population.patients {
        let mut own = Vec::new();
        population.patient(index, &mut own);
        let inside = keys(&own);
        for line in own.split_inclusive(|byte| *byte == b'\n') {
            let resource: Value = serde_json::from_slice(line).unwrap();
            strings(&resource, "", &mut |name, text| {
                if name == "reference" && !text.starts_with('#') {
                    assert!(inside.contains(text) || shared.contains(text), "{text}");
                }
            });
        }
    }
}

fn keys(ndjson: &[u8]) -> HashSet<String> {
    ndjson
        .split_inclusive(|byte| *byte == b'\n')
        .map(|line| key(&serde_json::from_slice(line).unwrap()))
        .collect()
}

#[test]
fn the_mix_of_types_is_that_of_a_health_record() {
    let population = Population { patients: 300, ..Population::default() };
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for resource in resources(&population) {
        let resource_type = resource["resourceType"].as_str().unwrap();
        *counts.entry(resource_type.to_owned()).or_default() += 1;
    }
    let total: usize = counts.values().sum();
    let per_patient = total as u64 / population.patients;
    assert!((250..=330).contains(&per_patient), "{per_patient}");
    let share = |name: &str| counts[name] * 1000 / total;
    for (name, low, high) in [
        ("Observation", 430, 550),
        ("Claim", 80, 140),
        ("ExplanationOfBenefit", 70, 120),
        ("Encounter", 70, 120),
        ("Procedure", 60, 110),
        ("Immunization", 25, 60),
        ("DiagnosticReport", 20, 45),
        ("MedicationRequest", 20, 45),
        ("Condition", 18, 45),
    ] {
        assert!((low..=high).contains(&share(name)), "{name}: {}", share(name));
    }
    assert_eq!(counts.len(), 20, "{counts:?}");
}

/// Dates that may lie ahead of the record: plans, shelf lives, and orders.
const AHEAD: [&str; 2] = ["expirationDate", "valueDateTime"];

#[test]
fn nothing_is_dated_after_today_before_birth_or_after_death() {
    let population = small();
    let mut lives: HashMap<String, (String, String)> = HashMap::new();
    for resource in resources(&population) {
        let of = |name: &str| resource[name]["reference"].as_str().map(str::to_owned);
        if resource["resourceType"] == "Patient" {
            let birth = resource["birthDate"].as_str().unwrap().to_owned();
            let death = resource["deceasedDateTime"].as_str().unwrap_or("2026-01-01");
            lives.insert(key(&resource), (birth, death[..10].to_owned()));
        }
        let owner = of("subject").or_else(|| of("patient"));
        let Some((birth, end)) = owner.and_then(|owner| lives.get(&owner)) else {
            continue;
        };
        let device = resource["resourceType"] == "Device";
        strings(&resource, "", &mut |name, text| {
            let bytes = text.as_bytes();
            let date = bytes.len() >= 10 && bytes[4] == b'-' && bytes[7] == b'-';
            if date && bytes[0].is_ascii_digit() && !AHEAD.contains(&name) && !device {
                assert!(&text[..10] <= end.as_str(), "{name} {text} after {end}");
                assert!(&text[..10] >= birth.as_str(), "{name} {text} before {birth}");
            }
        });
    }
}

#[test]
fn today_moves_the_population() {
    let earlier = Population { today: Date::new(2001, 9, 1), ..small() };
    let mut latest = String::new();
    for resource in resources(&earlier) {
        if let Some(start) = resource["period"]["start"].as_str() {
            latest = latest.max(start[..10].to_owned());
        }
    }
    assert!(latest.as_str() > "2001-01-01" && latest.as_str() < "2001-09-01", "{latest}");
}

#[test]
fn visits_hold_what_happens_in_them() {
    let mut ends: HashMap<String, String> = HashMap::new();
    for resource in resources(&small()) {
        let end = |name: &str| resource[name]["end"].as_str().map(str::to_owned);
        if resource["resourceType"] == "Encounter" {
            ends.insert(key(&resource), end("period").unwrap());
        }
        if let Some(performed) = end("performedPeriod") {
            let visit = &ends[resource["encounter"]["reference"].as_str().unwrap()];
            assert!(performed <= *visit, "{performed} after {visit}");
        }
    }
}

#[test]
fn decimals_keep_their_trailing_zeros() {
    let text = String::from_utf8(ndjson(&small())).unwrap();
    assert!(text.contains(r#""value":136.50,"#) || text.contains(r#".0,"unit":"#));
}
