//! Trains a compression dictionary on the sample population, and on nothing else.
//!
//! `cargo run --release -p cresset-store --example train_dictionary -- OUT [BYTES]`
//!
//! Dictionaries are numbered and only ever appended: give OUT the next free number under
//! `crates/store/dictionaries/`, and add it to the list in `payload/dictionary.rs`.

use cresset_sample::Population;
use std::collections::HashMap;
use std::error::Error;

/// Samples of one type at most, so that the many Observations don't crowd out the rest.
const PER_TYPE: usize = 3_000;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let out = arguments.next().ok_or("usage: train_dictionary OUT [BYTES]")?;
    let bytes = arguments.next().map_or(Ok(64 << 10), |n| n.parse())?;
    // A seed of its own: the populations that benchmarks load are others.
    let population = Population { patients: 1_500, seed: 0x5eed, ..Population::default() };
    let mut ndjson = Vec::new();
    population.write_ndjson(&mut ndjson)?;
    let mut samples: HashMap<String, Vec<Vec<u8>>> = HashMap::new();
    for line in ndjson.split(|b| *b == b'\n').filter(|line| !line.is_empty()) {
        let text = String::from_utf8(line.to_vec())?;
        let of = text.split('"').nth(3).unwrap_or_default().to_owned();
        let kept = samples.entry(of).or_default();
        if kept.len() < PER_TYPE {
            kept.push(as_kept(&text).into_bytes());
        }
    }
    let mut all: Vec<(String, Vec<Vec<u8>>)> = samples.into_iter().collect();
    all.sort();
    let all: Vec<Vec<u8>> = all.into_iter().flat_map(|(_, texts)| texts).collect();
    let dictionary = zstd::dict::from_samples(&all, bytes)?;
    eprintln!("{} samples, {} bytes", all.len(), dictionary.len());
    std::fs::write(out, dictionary)?;
    Ok(())
}

/// The form in which a store keeps a resource: with `meta` after `id`.
fn as_kept(text: &str) -> String {
    if text.contains("\"meta\":{") {
        return text.to_owned();
    }
    let id = text.find("\"id\":\"").map_or(0, |at| at + 6);
    let after = text[id..].find("\",").map_or(0, |length| id + length + 2);
    format!("{}\"meta\":{{}},{}", &text[..after], &text[after..])
}
