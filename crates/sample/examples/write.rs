//! Writes a population to standard output: `write [patients [seed]]`; the rate goes to
//! standard error.

use std::io::{Result, Write, stderr, stdout};
use std::time::Instant;

use cresset_sample::Population;

fn main() -> Result<()> {
    let mut numbers = std::env::args().skip(1).map_while(|text| text.parse().ok());
    let mut population = Population::default();
    population.patients = numbers.next().unwrap_or(population.patients);
    population.seed = numbers.next().unwrap_or(population.seed);
    let start = Instant::now();
    let resources = population.write_ndjson(&mut stdout().lock())?;
    let seconds = start.elapsed().as_secs_f64();
    let rate = resources as f64 / seconds;
    writeln!(stderr(), "{resources} resources in {seconds:.2} s, {rate:.0} a second")
}
