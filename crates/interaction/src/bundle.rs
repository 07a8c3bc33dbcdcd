//! Bundles written out piece by piece around the stored bytes of resources.

use crate::Failure;
use cresset_fhir::json::Json;
use cresset_store::Stored;
use std::collections::VecDeque;

/// Pieces are about this long, so that neither a page of large resources nor one of many small ones
/// costs much.
const PIECE_BYTES: usize = 64 << 10;

/// How a stored version becomes an entry.
pub(crate) type WriteEntry = Box<dyn Fn(&Stored, &mut Vec<u8>) -> Result<(), Failure> + Send>;

/// A Bundle in pieces: an iterator that decodes resources as it goes.
pub struct BundleParts {
    head: Vec<u8>,
    resources: VecDeque<Stored>,
    /// Entries that are no stored resources; they come last.
    extra: Vec<Json>,
    write: WriteEntry,
    stage: Stage,
    entries: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Head,
    Entries,
    Done,
}

impl std::fmt::Debug for BundleParts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BundleParts").field("left", &self.resources.len()).finish_non_exhaustive()
    }
}

/// What stands before a Bundle's entries.
#[derive(Debug)]
pub(crate) struct Head<'a> {
    pub(crate) bundle_type: &'static str,
    pub(crate) total: Option<u64>,
    pub(crate) links: &'a [(&'static str, String)],
}

impl Head<'_> {
    pub(crate) fn write(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(512);
        out.extend_from_slice(b"{\"resourceType\":\"Bundle\",\"type\":\"");
        out.extend_from_slice(self.bundle_type.as_bytes());
        out.push(b'"');
        if let Some(total) = self.total {
            out.extend_from_slice(format!(",\"total\":{total}").as_bytes());
        }
        for (index, (relation, url)) in self.links.iter().enumerate() {
            out.extend_from_slice(if index == 0 { b",\"link\":[" } else { b"," });
            out.extend_from_slice(format!("{{\"relation\":\"{relation}\",\"url\":").as_bytes());
            string(url, &mut out);
            out.push(b'}');
        }
        if !self.links.is_empty() {
            out.push(b']');
        }
        out
    }
}

impl BundleParts {
    pub(crate) fn new(
        head: &Head<'_>,
        resources: Vec<Stored>,
        extra: Vec<Json>,
        write: WriteEntry,
    ) -> Self {
        let stage = Stage::Head;
        Self { head: head.write(), resources: resources.into(), extra, write, stage, entries: 0 }
    }

    fn separator(&mut self, out: &mut Vec<u8>) {
        out.extend_from_slice(if self.entries == 0 { b",\"entry\":[" } else { b"," });
        self.entries += 1;
    }

    fn fill(&mut self, out: &mut Vec<u8>) -> Result<(), Failure> {
        if self.stage == Stage::Head {
            out.append(&mut self.head);
            self.stage = Stage::Entries;
        }
        while out.len() < PIECE_BYTES {
            let Some(stored) = self.resources.pop_front() else {
                self.finish(out);
                return Ok(());
            };
            self.separator(out);
            (self.write)(&stored, out)?;
        }
        Ok(())
    }

    fn finish(&mut self, out: &mut Vec<u8>) {
        for entry in std::mem::take(&mut self.extra) {
            self.separator(out);
            entry.write(out);
        }
        out.extend_from_slice(if self.entries > 0 { b"]}" } else { b"}" });
        self.stage = Stage::Done;
    }
}

impl Iterator for BundleParts {
    type Item = Result<Vec<u8>, Failure>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.stage == Stage::Done {
            return None;
        }
        let mut out = Vec::with_capacity(PIECE_BYTES / 4);
        match self.fill(&mut out) {
            Ok(()) => Some(Ok(out)),
            Err(failure) => {
                self.stage = Stage::Done;
                Some(Err(failure))
            }
        }
    }
}

/// Appends a JSON string.
pub(crate) fn string(text: &str, out: &mut Vec<u8>) {
    Json::from(text).write(out);
}
