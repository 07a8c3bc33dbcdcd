use super::property::{Meaning, Meanings, value};
use super::{CodeSystem, Concept, Content, Designation};
use crate::{Canonical, Problem};
use compact_str::CompactString;
use cresset_fhir::json::Json;
use std::collections::HashMap;
use std::sync::Arc;

impl CodeSystem {
    /// Reads a CodeSystem resource.
    ///
    /// # Errors
    /// [`Problem::Unusable`] when it has no URL, or says a code twice.
    pub fn read(resource: &Json) -> Result<Self, Problem> {
        let text = |name: &str| resource.get(name).and_then(Json::as_str);
        let version = text("version");
        let system = Canonical::new(text("url").unwrap_or_default(), version);
        let unusable = |reason| Problem::Unusable { system: system.clone(), reason };
        if system.url.is_empty() {
            return Err(unusable("it has no url"));
        }
        let content = text("content").and_then(Content::from_code);
        let mut reader = Reader { meanings: Meanings::of(resource), ..Reader::default() };
        reader.concepts(resource, None);
        let mut read = Self {
            url: system.url.as_str().into(),
            version: version.map(Into::into),
            content: content.ok_or_else(|| unusable("its content is missing or unknown"))?,
            // Without a statement, codes are taken as they are written.
            case_sensitive: resource.get("caseSensitive").and_then(Json::as_bool) != Some(false),
            subsumes: !matches!(text("hierarchyMeaning"), Some("grouped-by" | "part-of")),
            concepts: reader.concepts,
            by_code: HashMap::new(),
        };
        let indexed = read.index().or_else(|twice| {
            if read.case_sensitive {
                return Err(twice);
            }
            // Codes that differ in case alone: then case does matter, whatever the resource says.
            read.case_sensitive = true;
            read.index()
        });
        indexed.map_err(unusable)?;
        read.link(&reader.links);
        Ok(read)
    }

    fn index(&mut self) -> Result<(), &'static str> {
        let mut by_code = HashMap::with_capacity(self.concepts.len());
        for (place, concept) in self.concepts.iter().enumerate() {
            let place = u32::try_from(place).map_err(|_| "it has too many concepts")?;
            if by_code.insert(self.folded(&concept.code), place).is_some() {
                return Err("it has a code twice");
            }
        }
        self.by_code = by_code;
        Ok(())
    }

    /// Enters links that are stated by code; one to a code that isn't there is left out.
    fn link(&mut self, links: &[(u32, Meaning, CompactString)]) {
        for (place, meaning, code) in links {
            let Some(other) = self.place(code).and_then(|place| u32::try_from(place).ok()) else {
                continue;
            };
            let (parent, child) = match meaning {
                Meaning::Parent => (other, *place),
                _ => (*place, other),
            };
            self.concepts[parent as usize].children.push(child);
            self.concepts[child as usize].parents.push(parent);
        }
        for concept in &mut self.concepts {
            for linked in [&mut concept.parents, &mut concept.children] {
                linked.sort_unstable();
                linked.dedup();
            }
        }
    }
}

#[derive(Default)]
struct Reader {
    meanings: Meanings,
    concepts: Vec<Concept>,
    links: Vec<(u32, Meaning, CompactString)>,
}

impl Reader {
    /// The concepts nested in `of`, depth first. JSON's bound on depth is theirs.
    fn concepts(&mut self, of: &Json, parent: Option<u32>) {
        for json in of.get("concept").map_or(&[][..], Json::items) {
            let Some(code) = json.get("code").and_then(Json::as_str) else {
                continue;
            };
            let Ok(place) = u32::try_from(self.concepts.len()) else {
                return;
            };
            let concept = self.concept(json, code, place, parent);
            self.concepts.push(concept);
            if let Some(parent) = parent {
                self.concepts[parent as usize].children.push(place);
            }
            self.concepts(json, Some(place));
        }
    }

    fn concept(&mut self, json: &Json, code: &str, place: u32, parent: Option<u32>) -> Concept {
        let mut concept = Concept {
            code: code.into(),
            display: json.get("display").and_then(Json::as_str).map(Into::into),
            designations: designations(json),
            inactive: false,
            is_abstract: false,
            properties: Vec::new(),
            parents: parent.into_iter().collect(),
            children: Vec::new(),
        };
        for property in json.get("property").map_or(&[][..], Json::items) {
            let name = property.get("code").and_then(Json::as_str);
            if let (Some(name), Some(value)) = (name, value(property)) {
                let meaning = self.meanings.meaning(name);
                match (meaning, value.as_str()) {
                    (Meaning::Parent | Meaning::Child, code) => {
                        self.links.push((place, meaning, code.into()));
                    }
                    (Meaning::Status, "retired" | "inactive") | (Meaning::Inactive, "true") => {
                        concept.inactive = true;
                    }
                    (Meaning::NotSelectable, "true") => concept.is_abstract = true,
                    _ => {}
                }
                concept.properties.push((name.into(), value));
            }
        }
        concept
    }
}

/// `designation` of a concept, in a code system or a value set.
pub(crate) fn designations(concept: &Json) -> Arc<[Designation]> {
    let designation = |json: &Json| {
        let usage = json.get("use").and_then(|coding| {
            let part = |name| Some(CompactString::new(coding.get(name)?.as_str()?));
            Some((part("system")?, part("code")?))
        });
        Some(Designation {
            language: json.get("language").and_then(Json::as_str).map(Into::into),
            usage,
            value: json.get("value")?.as_str()?.into(),
        })
    };
    concept.get("designation").map_or(&[][..], Json::items).iter().filter_map(designation).collect()
}
