//! The commands that look at a store from outside.

use super::place::Place;
use super::server::cresset;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;

/// Fails unless `cresset verify` finds nothing.
pub(crate) fn assert_verified(data: &Path, when: &str) {
    assert_sound(&Place::data(data), when);
}

/// The same on any kind of store.
pub(crate) fn assert_sound(place: &Place, when: &str) {
    let output = cresset(&["verify"]).args(place.options()).output().expect("verify runs");
    let said = String::from_utf8_lossy(&output.stdout);
    let log = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "verify {when}: {}\n{said}{log}", output.status);
}

/// What a store holds, by type and id, without when it was written.
pub(crate) type Contents = BTreeMap<String, Value>;

/// The output of `cresset export`, apart from `meta.lastUpdated`.
pub(crate) fn exported(data: &Path) -> Contents {
    exported_from(&Place::data(data))
}

/// The same from any kind of store.
pub(crate) fn exported_from(place: &Place) -> Contents {
    let out = tempfile::tempdir().expect("a directory");
    let mut export = cresset(&["export", "--out"]);
    export.arg(out.path()).args(place.options());
    let output = export.output().expect("export runs");
    assert!(output.status.success(), "export: {}", String::from_utf8_lossy(&output.stderr));
    let mut contents = Contents::new();
    for file in std::fs::read_dir(out.path()).expect("the directory is there") {
        let file = file.expect("a file").path();
        assert_eq!(file.extension().and_then(|e| e.to_str()), Some("ndjson"), "{}", file.display());
        for line in std::fs::read_to_string(&file).expect("UTF-8").lines() {
            let mut resource: Value = serde_json::from_str(line).expect("a line of JSON");
            let name = format!("{}/{}", string(&resource, "resourceType"), string(&resource, "id"));
            let meta = resource["meta"].as_object_mut().expect("every resource has a meta");
            assert!(meta.remove("lastUpdated").is_some(), "{name} has no lastUpdated");
            assert!(contents.insert(name.clone(), resource).is_none(), "{name} is exported twice");
        }
    }
    contents
}

/// Fails with the names of what differs, not with all contents.
pub(crate) fn assert_same(found: &Contents, wanted: &Contents, when: &str) {
    let missing = wanted.keys().filter(|k| !found.contains_key(*k));
    let added = found.keys().filter(|k| !wanted.contains_key(*k));
    let other =
        wanted.iter().filter(|(k, v)| found.get(*k).is_some_and(|f| f != *v)).map(|(k, _)| k);
    let (missing, added, other): (Vec<_>, Vec<_>, Vec<_>) =
        (missing.collect(), added.collect(), other.collect());
    assert!(
        missing.is_empty() && added.is_empty() && other.is_empty(),
        "{when}: missing {missing:?}, added {added:?}, with other contents {other:?}"
    );
}

fn string<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().expect("a string")
}
