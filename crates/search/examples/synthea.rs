//! Index keys and time per resource: `cargo run --release -p cresset-search --example synthea FOLDER`
//! with a folder of Synthea's Bundles.

use cresset_fhir::json::{self, Json};
use cresset_fhir::validation::{Options, Validator};
use cresset_search::Registry;
use std::collections::BTreeMap;
use std::io::Write;
use std::time::{Duration, Instant};

#[derive(Default)]
struct Tally {
    resources: u32,
    bytes: usize,
    keys: usize,
    time: Duration,
    validation: Duration,
}

fn main() -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    let Some(folder) = std::env::args_os().nth(1) else {
        writeln!(out, "give a folder of Bundles")?;
        return Ok(());
    };
    let start = Instant::now();
    let registry = Registry::r4(Vec::new());
    writeln!(out, "the registry is made in {:?}", start.elapsed())?;
    let mut tallies: BTreeMap<String, Tally> = BTreeMap::new();
    let mut refused = 0;
    for file in std::fs::read_dir(folder)? {
        let bytes = std::fs::read(file?.path())?;
        let bundle = json::parse(&bytes, &json::Limits::default()).expect("JSON");
        for entry in bundle.get("entry").map_or(&[][..], Json::items) {
            let resource = entry.get("resource").expect("a resource");
            // Once before: what a bundle's first resources wait for is memory.
            let _ = registry.analyze(resource);
            let start = Instant::now();
            let _ = Validator::r4().validate(resource, &Options::default(), &mut ());
            let validation = start.elapsed();
            let start = Instant::now();
            let Ok(analyzed) = registry.analyze(resource) else {
                refused += 1;
                continue;
            };
            let time = start.elapsed();
            let name = registry.definitions().resource_type_name(analyzed.resource_type);
            let tally = tallies.entry(name.to_owned()).or_default();
            tally.resources += 1;
            tally.bytes += resource.to_bytes().len();
            tally.keys += analyzed.index.len();
            tally.time += time;
            tally.validation += validation;
        }
    }
    let mut total = Tally::default();
    for tally in tallies.values() {
        total.resources += tally.resources;
        total.bytes += tally.bytes;
        total.keys += tally.keys;
        total.time += tally.time;
        total.validation += tally.validation;
    }
    tallies.insert("in all".to_owned(), total);
    writeln!(
        out,
        "{:24} {:>9} {:>7} {:>6} {:>6} {:>10}",
        "", "resources", "bytes", "keys", "µs", "validation"
    )?;
    for (name, tally) in &tallies {
        let count = f64::from(tally.resources);
        let per = |time: Duration| time.as_secs_f64() * 1e6 / count;
        let (time, validation) = (per(tally.time), per(tally.validation));
        let (bytes, keys) = (tally.bytes as f64 / count, tally.keys as f64 / count);
        writeln!(
            out,
            "{name:24} {count:>9} {bytes:>7.0} {keys:>6.1} {time:>6.1} {validation:>10.1}"
        )?;
    }
    writeln!(out, "{refused} refused")
}
