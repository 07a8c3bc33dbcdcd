//! Value sets of required bindings, expanded from the code systems that HL7's files hold.

use crate::source::Source;
use cresset_fhir::definitions::pack::{PackCodes, PackValueSet};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, HashMap};

type Codes = BTreeMap<String, BTreeSet<String>>;

/// The value sets named in `urls`. One that can't be enumerated is empty, and is named on
/// standard error: its codes are defined outside HL7's files.
pub(crate) fn expanded(source: &Source, urls: &BTreeSet<String>) -> Vec<PackValueSet> {
    let expander = Expander {
        value_sets: by_url(&source.value_sets),
        code_systems: by_url(&source.code_systems),
    };
    urls.iter()
        .map(|url| {
            let codes = expander.value_set(url, 0).unwrap_or_else(|| {
                eprintln!("not enumerated: {url}");
                Codes::new()
            });
            PackValueSet { url: url.clone(), systems: codes.into_iter().map(pack_codes).collect() }
        })
        .collect()
}

fn pack_codes((system, codes): (String, BTreeSet<String>)) -> PackCodes {
    PackCodes { system, codes: codes.into_iter().collect() }
}

fn by_url(resources: &[Value]) -> HashMap<&str, &Value> {
    resources.iter().filter_map(|r| Some((r["url"].as_str()?, r))).collect()
}

struct Expander<'a> {
    value_sets: HashMap<&'a str, &'a Value>,
    code_systems: HashMap<&'a str, &'a Value>,
}

impl Expander<'_> {
    fn value_set(&self, url: &str, depth: usize) -> Option<Codes> {
        let compose = &self.value_sets.get(without_version(url))?["compose"];
        if depth > 10 {
            return None;
        }
        let mut codes = Codes::new();
        for include in compose["include"].as_array()? {
            for (system, more) in self.set(include, depth)? {
                codes.entry(system).or_default().extend(more);
            }
        }
        for exclude in compose["exclude"].as_array().map(Vec::as_slice).unwrap_or_default() {
            for (system, less) in self.set(exclude, depth)? {
                codes.entry(system).or_default().retain(|code| !less.contains(code));
            }
        }
        (!codes.is_empty()).then_some(codes)
    }

    /// One `include` or `exclude`: concepts of a system, or other value sets.
    fn set(&self, set: &Value, depth: usize) -> Option<Codes> {
        if let Some(others) = set["valueSet"].as_array() {
            let mut codes = Codes::new();
            for other in others {
                codes.extend(self.value_set(other.as_str()?, depth + 1)?);
            }
            return Some(codes);
        }
        let system = set["system"].as_str()?;
        let codes = match set["concept"].as_array() {
            Some(concepts) => {
                concepts.iter().filter_map(|c| c["code"].as_str()).map(Into::into).collect()
            }
            None => self.filtered(self.code_systems.get(system)?, &set["filter"])?,
        };
        Some(Codes::from([(system.to_owned(), codes)]))
    }

    fn filtered(&self, code_system: &Value, filters: &Value) -> Option<BTreeSet<String>> {
        let concepts = code_system["concept"].as_array()?;
        let mut codes = BTreeSet::new();
        collect(concepts, &mut codes);
        for filter in filters.as_array().map(Vec::as_slice).unwrap_or_default() {
            let root = filter["value"].as_str()?;
            let mut below = BTreeSet::new();
            match filter["op"].as_str()? {
                "is-a" => {
                    below.insert(root.to_owned());
                    collect_below(concepts, root, &mut below);
                }
                "descendent-of" => collect_below(concepts, root, &mut below),
                _ => return None,
            }
            codes.retain(|code| below.contains(code));
        }
        Some(codes)
    }
}

fn collect(concepts: &[Value], codes: &mut BTreeSet<String>) {
    for concept in concepts {
        codes.extend(concept["code"].as_str().map(ToOwned::to_owned));
        collect(children(concept), codes);
    }
}

/// Codes under `root`, by nesting or by the property `subsumedBy`.
fn collect_below(concepts: &[Value], root: &str, below: &mut BTreeSet<String>) {
    for concept in concepts {
        if concept["code"] == root {
            collect(children(concept), below);
        }
        let properties = concept["property"].as_array().map(Vec::as_slice).unwrap_or_default();
        if properties.iter().any(|p| p["code"] == "subsumedBy" && p["valueCode"] == root) {
            below.extend(concept["code"].as_str().map(ToOwned::to_owned));
        }
        collect_below(children(concept), root, below);
    }
}

fn children(concept: &Value) -> &[Value] {
    concept["concept"].as_array().map(Vec::as_slice).unwrap_or_default()
}

fn without_version(url: &str) -> &str {
    url.split('|').next().unwrap_or(url)
}
