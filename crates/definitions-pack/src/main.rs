#![doc = include_str!("../README.md")]

mod schema;
mod search_parameters;
mod source;
mod structures;
mod terminology;
mod value_sets;

use clap::Parser;
use cresset_fhir::definitions::Definitions;
use cresset_fhir::definitions::pack::{FORMAT, Pack};
use source::Source;
use std::collections::BTreeSet;
use std::error::Error;
use std::path::PathBuf;

/// Makes a definitions pack from HL7's files.
#[derive(Parser)]
struct Arguments {
    /// The folder with HL7's bundles (`profiles-resources.json` and its siblings).
    definitions: PathBuf,
    /// The file to write.
    pack: PathBuf,
    /// The FHIR version to take; definitions of others are left out.
    #[arg(long, default_value = "4.0.1")]
    fhir_version: String,
    /// The file to write a terminology pack to.
    #[arg(long)]
    terminology: Option<PathBuf>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments = Arguments::parse();
    if let Some(file) = &arguments.terminology {
        let bytes = terminology::pack(&arguments.definitions, &arguments.fhir_version)?;
        let (code_systems, concepts, value_sets) = cresset_terminology::pack(&bytes)?.counts();
        eprintln!(
            "{code_systems} code systems, {concepts} concepts, {value_sets} value sets, {} bytes",
            bytes.len()
        );
        std::fs::write(file, bytes)?;
    }
    let source = Source::read(&arguments.definitions, &arguments.fhir_version)?;
    let types = structures::types(&source);
    let required: BTreeSet<String> =
        types.iter().flat_map(|t| &t.elements).filter_map(|e| e.required.clone()).collect();
    let pack = Pack {
        format: FORMAT,
        fhir_version: arguments.fhir_version,
        search_parameters: search_parameters::search_parameters(&source),
        compartments: search_parameters::compartments(&source),
        value_sets: value_sets::expanded(&source, &required),
        types,
    };
    let bytes = pack.encode()?;
    eprintln!(
        "{} types, {} search parameters, {} value sets, {} bytes",
        pack.types.len(),
        pack.search_parameters.len(),
        pack.value_sets.len(),
        bytes.len()
    );
    Definitions::load(Pack::decode(&bytes)?);
    std::fs::write(arguments.pack, bytes)?;
    Ok(())
}
