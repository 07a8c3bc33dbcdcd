//! Measures validation: `cargo run --release --example validate -- FOLDER`, a folder of Bundles.

use cresset_fhir::definitions::{ResourceType, TypeId};
use cresset_fhir::json::{Json, Limits, parse};
use cresset_fhir::validation::{Options, Validator, Visitor};
use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::{Duration, Instant};

/// Counts elements, as the least that an extractor does.
struct Count(usize);

impl<'a> Visitor<'a> for Count {
    type Position = u32;

    fn root(&mut self, _: ResourceType, _: &'a Json) -> u32 {
        0
    }

    fn element(
        &mut self,
        at: u32,
        _: TypeId,
        property_index: usize,
        _: TypeId,
        value: &'a Json,
        _: Option<&'a Json>,
    ) -> u32 {
        black_box(value);
        self.0 += 1;
        at.wrapping_mul(31).wrapping_add(property_index as u32)
    }
}

#[derive(Default)]
struct Line {
    resources: u32,
    bytes: usize,
    elements: usize,
    time: Duration,
}

#[expect(clippy::print_stdout, reason = "the result")]
fn main() {
    let folder = std::env::args().nth(1).expect("name a folder with *.json Bundles");
    let mut lines = BTreeMap::<String, Line>::new();
    for file in std::fs::read_dir(folder).expect("the folder can be read") {
        let bytes = std::fs::read(file.expect("an entry").path()).expect("the file can be read");
        let bundle = parse(&bytes, &Limits::default()).expect("the file is JSON");
        for resource in bundle.get("entry").map_or(&[][..], Json::items) {
            measure(resource.get("resource").expect("a resource"), &mut lines);
        }
    }
    println!("type                      resources  bytes  elements  µs");
    for (name, line) in lines {
        let of = |sum: usize| sum / line.resources as usize;
        let micros = line.time.as_secs_f64() * 1e6 / f64::from(line.resources);
        println!(
            "{name:25} {:9} {:6} {:9}  {micros:.2}",
            line.resources,
            of(line.bytes),
            of(line.elements)
        );
    }
}

fn measure(resource: &Json, lines: &mut BTreeMap<String, Line>) {
    const ROUNDS: u32 = 5;
    let validator = Validator::r4();
    let options = Options { conditional_references: true, ..Options::default() };
    let name = resource.get("resourceType").and_then(Json::as_str);
    let line = lines.entry(name.expect("a resourceType").to_owned()).or_default();
    let mut count = Count(0);
    let start = Instant::now();
    for _ in 0..ROUNDS {
        count.0 = 0;
        let result = validator.validate(black_box(resource), &options, &mut count);
        assert!(result.is_ok(), "{result:?}");
    }
    line.time += start.elapsed() / ROUNDS;
    line.resources += 1;
    line.bytes += resource.to_bytes().len();
    line.elements += count.0;
}
