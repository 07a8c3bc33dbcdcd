//! Value sets (R4, section 4.9): which codes of which systems, as they are defined or as they were
//! expanded.

use crate::Canonical;
use crate::code_system::Designation;
use crate::code_system::read::designations;
use compact_str::CompactString;
use cresset_fhir::json::Json;
use std::sync::Arc;

/// A ValueSet resource.
#[derive(Debug)]
pub struct ValueSet {
    /// `ValueSet.url`; one that is sent to be expanded may have none.
    pub url: String,
    /// `ValueSet.version`
    pub version: Option<String>,
    /// `ValueSet.status`
    pub status: Option<String>,
    pub(crate) definition: Definition,
}

/// Where its codes are.
#[derive(Debug)]
pub(crate) enum Definition {
    Compose(Compose),
    Expansion(Vec<Listed>),
    /// Nowhere; why.
    None(&'static str),
}

/// `ValueSet.compose`
#[derive(Debug)]
pub(crate) struct Compose {
    pub(crate) include: Vec<Include>,
    pub(crate) exclude: Vec<Include>,
    /// `false` to leave inactive codes out.
    pub(crate) inactive: bool,
}

/// `ValueSet.compose.include`, or `exclude`.
#[derive(Debug)]
pub(crate) struct Include {
    pub(crate) system: Option<Canonical>,
    pub(crate) concepts: Vec<Listed>,
    pub(crate) filters: Vec<Filter>,
    pub(crate) value_sets: Vec<Canonical>,
}

/// A code that a value set lists.
#[derive(Debug)]
pub(crate) struct Listed {
    /// Its system, in an expansion.
    pub(crate) system: Option<Arc<str>>,
    pub(crate) version: Option<Arc<str>>,
    pub(crate) code: CompactString,
    pub(crate) display: Option<CompactString>,
    pub(crate) designations: Arc<[Designation]>,
    pub(crate) inactive: bool,
    pub(crate) is_abstract: bool,
}

/// `ValueSet.compose.include.filter`
#[derive(Debug)]
pub(crate) struct Filter {
    pub(crate) property: String,
    pub(crate) op: String,
    pub(crate) value: String,
}

impl ValueSet {
    /// Reads a ValueSet resource. One that doesn't say which codes it has can't be expanded; it can
    /// be an older version of one that does.
    pub fn read(resource: &Json) -> Self {
        let definition = match (resource.get("compose"), resource.get("expansion")) {
            (Some(compose), _) => Definition::Compose(read_compose(compose)),
            (None, Some(expansion)) => {
                read_expansion(expansion).map_or_else(Definition::None, Definition::Expansion)
            }
            (None, None) => Definition::None("has neither compose nor expansion"),
        };
        let owned = |name| text(resource, name).map(ToOwned::to_owned);
        Self {
            url: owned("url").unwrap_or_default(),
            version: owned("version"),
            status: owned("status"),
            definition,
        }
    }

    /// URL and version.
    pub fn canonical(&self) -> Canonical {
        Canonical::new(&self.url, self.version.as_deref())
    }
}

fn read_compose(compose: &Json) -> Compose {
    let sets = |name| compose.get(name).map_or(&[][..], Json::items).iter().map(include).collect();
    Compose {
        include: sets("include"),
        exclude: sets("exclude"),
        inactive: compose.get("inactive").and_then(Json::as_bool) != Some(false),
    }
}

fn include(json: &Json) -> Include {
    let all = |name| json.get(name).map_or(&[][..], Json::items).iter();
    let filter = |json: &Json| Filter {
        property: text(json, "property").unwrap_or_default().to_owned(),
        op: text(json, "op").unwrap_or_default().to_owned(),
        value: text(json, "value").unwrap_or_default().to_owned(),
    };
    Include {
        system: text(json, "system").map(|url| Canonical::new(url, text(json, "version"))),
        concepts: all("concept").filter_map(listed).collect(),
        filters: all("filter").map(filter).collect(),
        value_sets: all("valueSet").filter_map(|v| v.as_str().map(Canonical::parse)).collect(),
    }
}

fn listed(json: &Json) -> Option<Listed> {
    let is = |name| json.get(name).and_then(Json::as_bool) == Some(true);
    Some(Listed {
        system: text(json, "system").map(Into::into),
        version: text(json, "version").map(Into::into),
        code: text(json, "code")?.into(),
        display: text(json, "display").map(Into::into),
        designations: designations(json),
        inactive: is("inactive"),
        is_abstract: is("abstract"),
    })
}

/// `expansion.contains`, flattened: entries without a code are there for navigation only.
fn read_expansion(expansion: &Json) -> Result<Vec<Listed>, &'static str> {
    let mut codes = Vec::new();
    let mut entries = 0;
    contains(expansion, &mut codes, &mut entries);
    let total = expansion.get("total").and_then(Json::as_number).and_then(|n| n.as_i64());
    // The total counts entries of one kind or another, depending on who made the expansion.
    if total.is_some_and(|total| total > entries && total > 0) {
        return Err("has only a page of its expansion, and no compose");
    }
    Ok(codes)
}

fn contains(of: &Json, codes: &mut Vec<Listed>, entries: &mut i64) {
    for entry in of.get("contains").map_or(&[][..], Json::items) {
        *entries += 1;
        codes.extend(listed(entry));
        contains(entry, codes, entries);
    }
}

fn text<'a>(json: &'a Json, name: &str) -> Option<&'a str> {
    json.get(name)?.as_str()
}
