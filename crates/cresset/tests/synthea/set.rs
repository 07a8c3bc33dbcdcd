//! What importing the set must give, found out from its files alone.

use super::json::Json;
use std::collections::{BTreeMap, HashMap};
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

/// What an import has to make of the set.
#[derive(Default)]
pub(crate) struct Expected {
    pub(crate) entries: usize,
    /// The first resource sent under each `Type/id`, in normal form.
    pub(crate) first: HashMap<String, String>,
    /// Later entries with the contents of the first.
    pub(crate) same: usize,
    /// How many later entries with other contents came, by `Type/id`.
    pub(crate) different: BTreeMap<String, usize>,
}

/// The folder or the archive that `CRESSET_SYNTHEA` names.
pub(crate) fn location() -> Option<PathBuf> {
    let location = std::env::var_os("CRESSET_SYNTHEA").map(PathBuf::from);
    if location.is_none() {
        eprintln!(
            "SKIPPED: set CRESSET_SYNTHEA to a folder of Synthea's R4 Bundles, or to their .tar.zst"
        );
    }
    location
}

impl Expected {
    pub(crate) fn of(location: &Path) -> Self {
        let mut expected = Self::default();
        if location.is_dir() {
            let entries = fs::read_dir(location).expect("the folder can be read");
            let mut files: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
            files.retain(|file| file.extension().is_some_and(|ending| ending == "json"));
            files.sort();
            for file in files {
                expected.bundle(&fs::read_to_string(file).expect("a file of UTF-8"));
            }
        } else {
            expected.archive(location);
        }
        assert!(expected.entries > 0, "CRESSET_SYNTHEA has no *.json");
        expected
    }

    pub(crate) fn recurring_with_other_contents(&self) -> usize {
        self.different.values().sum()
    }

    fn archive(&mut self, location: &Path) {
        let mut decoder =
            zstd::Decoder::new(File::open(location).expect("the archive")).expect("zstd");
        decoder.window_log_max(27).expect("a window");
        let mut archive = tar::Archive::new(decoder);
        for member in archive.entries().expect("a tar file") {
            let mut member = member.expect("a member");
            let name = member.path().expect("a name").into_owned();
            if name.extension().is_some_and(|ending| ending == "json") {
                let mut text = String::new();
                member.read_to_string(&mut text).expect("a file of UTF-8");
                self.bundle(&text);
            }
        }
    }

    fn bundle(&mut self, text: &str) {
        let bundle = Json::parse(text);
        let entries = bundle.get("entry").map(Json::items).unwrap_or_default();
        let resource =
            |entry: &Json| entry.get("resource").expect("each entry has a resource").clone();
        let names: HashMap<_, _> = entries
            .iter()
            .filter_map(|e| Some((e.text("fullUrl")?.to_owned(), resource(e).name())))
            .collect();
        for entry in entries {
            let mut resource = resource(entry);
            let name = resource.name();
            let id = name.split_once('/').expect("a type and an id").1;
            let request = entry.get("request").and_then(|request| request.text("method"));
            assert_eq!(request, Some("POST"), "{name}");
            assert_eq!(entry.text("fullUrl"), Some(&*format!("urn:uuid:{id}")), "{name}");
            resource.map_references(&|reference| names.get(reference).cloned());
            self.entry(name, resource.without_version().normal());
        }
    }

    fn entry(&mut self, name: String, contents: String) {
        self.entries += 1;
        match self.first.get(&name) {
            None => drop(self.first.insert(name, contents)),
            Some(first) if *first == contents => self.same += 1,
            Some(_) => *self.different.entry(name).or_default() += 1,
        }
    }
}
