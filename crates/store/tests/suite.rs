//! No case of the conformance suite is forgotten in the list that backends run.

use std::fs;
use std::path::Path;

#[test]
fn every_case_is_in_the_suite() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/conformance");
    let suite = fs::read_to_string(folder.join("suite.rs")).expect("the list of cases");
    let listed: Vec<&str> = suite.lines().map(str::trim).collect();
    for file in fs::read_dir(folder.join("cases")).expect("the cases") {
        let path = file.expect("a file").path();
        let theme = path.file_stem().and_then(|s| s.to_str()).expect("a name");
        assert!(listed.contains(&format!("{theme} {{").as_str()), "theme {theme} is not listed");
        let source = fs::read_to_string(&path).expect("a theme's cases");
        for line in source.lines().filter_map(|line| line.strip_prefix("pub async fn ")) {
            let case = line.split('(').next().expect("a name");
            assert!(listed.contains(&format!("{case},").as_str()), "{theme}::{case} is not listed");
        }
    }
}
