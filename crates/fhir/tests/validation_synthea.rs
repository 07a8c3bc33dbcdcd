//! Every resource of a Synthea population is valid.
//!
//! `CRESSET_SYNTHEA` names a folder of its Bundles (`*.json`).

use cresset_fhir::json::{Json, Limits, parse};
use cresset_fhir::validation::{Options, Validator};
use std::path::PathBuf;

fn bundles() -> Vec<PathBuf> {
    let Some(folder) = std::env::var_os("CRESSET_SYNTHEA") else {
        eprintln!("SKIPPED: set CRESSET_SYNTHEA to a folder of Synthea's R4 Bundles");
        return Vec::new();
    };
    let entries = std::fs::read_dir(folder).expect("CRESSET_SYNTHEA is a folder");
    let paths: Vec<_> = entries
        .map(|e| e.expect("an entry").path())
        .filter(|p| p.extension().is_some_and(|e| e == "json"))
        .collect();
    assert!(!paths.is_empty(), "CRESSET_SYNTHEA has no *.json");
    paths
}

#[test]
fn synthea_is_valid() {
    let options = Options { conditional_references: true, ..Options::default() };
    for path in bundles() {
        let bytes = std::fs::read(&path).unwrap();
        let bundle = parse(&bytes, &Limits::default()).unwrap();
        let whole = Validator::r4().validate(&bundle, &options, &mut ());
        assert!(whole.is_ok(), "{}: {whole:#?}", path.display());
        for (n, entry) in bundle.get("entry").unwrap().items().iter().enumerate() {
            let resource: &Json = entry.get("resource").unwrap();
            let result = Validator::r4().validate(resource, &options, &mut ());
            assert!(result.is_ok(), "{} {n}: {result:#?}", path.display());
        }
    }
}
