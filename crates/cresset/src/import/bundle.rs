//! Taking a Bundle apart without building it.

use super::chunk::{Entry, Names};
use cresset_fhir::json::scan::{self, ScanError};
use cresset_store::ResourceId;
use std::ops::Range;

/// A Bundle's entries, and what its full URLs stand for.
pub(crate) struct Parts {
    pub(crate) entries: Vec<Entry>,
    pub(crate) names: Names,
}

/// What a document is.
pub(crate) enum Document {
    /// A Bundle, and the place of its `entry` array, if it has one.
    Bundle(Option<usize>),
    /// One resource.
    Resource,
}

/// Looks at a document's outermost properties.
pub(crate) fn document(text: &[u8]) -> Result<Document, ScanError> {
    let members = scan::members(text, 0)?;
    let of =
        |name: &str| members.iter().find(|(n, _)| *n == name.as_bytes()).map(|(_, r)| r.clone());
    match of("resourceType") {
        Some(extent) if &text[extent.clone()] == b"\"Bundle\"" => {
            Ok(Document::Bundle(of("entry").map(|extent| extent.start)))
        }
        _ => Ok(Document::Resource),
    }
}

/// Takes the entries of a Bundle.
pub(crate) fn parts(text: &[u8], entries_at: usize) -> Result<Parts, ScanError> {
    let mut parts = Parts { entries: Vec::new(), names: Names::new() };
    for (index, extent) in scan::items(text, entries_at).enumerate() {
        let raw = RawEntry::read(text, extent?.start)?;
        let id = raw.id();
        if let (Some(full_url), Some(id), Some(of)) = (&raw.full_url, &id, &raw.resource_type)
            && full_url.starts_with("urn:")
        {
            parts.names.insert(full_url.clone(), format!("{of}/{id}"));
        }
        parts.entries.push(Entry { number: index as u64 + 1, resource: raw.resource(), id });
    }
    Ok(parts)
}

/// An entry's properties as they stand in the text.
#[derive(Default)]
struct RawEntry {
    full_url: Option<String>,
    resource: Option<Range<usize>>,
    resource_type: Option<String>,
    resource_id: Option<String>,
    method: Option<String>,
    url: Option<String>,
}

impl RawEntry {
    fn read(text: &[u8], at: usize) -> Result<Self, ScanError> {
        let mut entry = Self::default();
        for (name, extent) in scan::members(text, at)? {
            match name {
                b"fullUrl" => entry.full_url = plain(&text[extent]),
                b"resource" => {
                    for (name, inner) in scan::members(text, extent.start)? {
                        match name {
                            b"resourceType" => entry.resource_type = plain(&text[inner]),
                            b"id" => entry.resource_id = plain(&text[inner]),
                            _ => {}
                        }
                    }
                    entry.resource = Some(extent);
                }
                b"request" => {
                    for (name, inner) in scan::members(text, extent.start)? {
                        match name {
                            b"method" => entry.method = plain(&text[inner]),
                            b"url" => entry.url = plain(&text[inner]),
                            _ => {}
                        }
                    }
                }
                _ => {}
            }
        }
        Ok(entry)
    }

    /// The UUID of a `urn:uuid` full URL; else the id of the request's URL, or the resource's own.
    fn id(&self) -> Option<ResourceId> {
        let posted = self.method.as_deref().is_none_or(|method| method == "POST");
        let uuid = self.full_url.as_deref().and_then(|url| url.strip_prefix("urn:uuid:"));
        let from_url = || match self.url.as_deref()?.split_once('/')? {
            (of, id) if Some(of) == self.resource_type.as_deref() => Some(id),
            _ => None,
        };
        let id = if posted { uuid } else { from_url() };
        ResourceId::new(id.or(self.resource_id.as_deref())?).ok()
    }

    fn resource(&self) -> Result<Range<usize>, String> {
        match self.method.as_deref() {
            None | Some("POST" | "PUT") => {
                self.resource.clone().ok_or_else(|| "the entry has no resource".to_owned())
            }
            Some(_) => Err("an import takes only entries with POST or PUT".to_owned()),
        }
    }
}

/// A string without escapes, as URLs, codes and ids are.
fn plain(text: &[u8]) -> Option<String> {
    let inner = text.strip_prefix(b"\"")?.strip_suffix(b"\"")?;
    let text = std::str::from_utf8(inner).ok()?;
    (!text.contains('\\')).then(|| text.to_owned())
}
