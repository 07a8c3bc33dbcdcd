//! `_include` and `_revinclude` (R4 search, section 3.1.1.5.4): resources that the matches of a page
//! refer to, and resources that refer to them; with `:iterate`, on from what was included.
//!
//! Each resource is in a Bundle once. A reference to a version includes that one, when it is still
//! kept. What doesn't exist, is deleted, or may not be read is left out. The work for one page is bounded; a page that
//! reaches a bound says so.

mod forward;
mod reverse;
#[cfg(test)]
mod tests;

pub(crate) use forward::Wanted;

use crate::context::Context;
use crate::failure::{Failure, OutcomeIssue, Severity};
use crate::service::Service;
use cresset_search::{Include, Registry};
use cresset_store::{Key, State, Stored, Version};
use std::collections::{HashMap, HashSet};

/// The most resources that one page includes.
pub(crate) const MOST_INCLUDED: usize = 10_000;
/// The most bytes of kept (compressed) bodies among them.
const MOST_BYTES: usize = 64 << 20;
/// How many references one after another `:iterate` follows.
const MOST_ROUNDS: usize = 32;
/// How many references one page looks up, whether they lead anywhere or not.
const MOST_LOOKUPS: usize = 50_000;
/// How many (index, resource) pairs one page asks for referring resources.
const MOST_SCANS: usize = 200_000;
/// References that are looked up at once.
const AT_ONCE: usize = 200;

/// What a page includes.
#[derive(Debug, Default)]
pub(crate) struct Included {
    pub(crate) resources: Vec<Stored>,
    cut: Option<String>,
}

impl Included {
    /// What the client should know about it.
    pub(crate) fn issues(&self) -> Vec<OutcomeIssue> {
        let warning = |text| OutcomeIssue::new(Severity::Warning, "too-costly", text);
        let mut issues = Vec::new();
        issues.extend(self.cut.as_ref().map(|why| {
            warning(format!(
                "not all included resources are here: {why}; ask for fewer with _count, or \
                 include less"
            ))
        }));
        issues
    }
}

impl Service {
    /// What these includes add to a page of matches.
    pub(crate) async fn included(
        &self,
        context: &Context,
        registry: &Registry,
        includes: &[Include],
        matches: &[Stored],
    ) -> Result<Included, Failure> {
        if includes.is_empty() || matches.is_empty() {
            return Ok(Included::default());
        }
        let mut gathering = Gathering {
            service: self,
            context,
            registry,
            seen: matches.iter().map(|stored| stored.key.clone()).collect(),
            versions: HashMap::new(),
            into: Included::default(),
            taken: 0,
            bytes: 0,
            lookups: 0,
            scans: 0,
        };
        let all: Vec<&Include> = includes.iter().collect();
        gathering.expand(matches, &all).await?;
        gathering.iterate(includes).await?;
        Ok(gathering.into)
    }
}

/// The work on one page.
struct Gathering<'a> {
    service: &'a Service,
    context: &'a Context,
    registry: &'a Registry,
    /// Matches, what is included, and references that led nowhere.
    seen: HashSet<Key>,
    /// Versions that references name.
    versions: HashMap<Key, Version>,
    into: Included,
    /// How many resources were found, and the bytes of their bodies as they are kept.
    taken: usize,
    bytes: usize,
    lookups: usize,
    scans: usize,
}

impl Gathering<'_> {
    /// Goes on from what was included until nothing new comes.
    async fn iterate(&mut self, includes: &[Include]) -> Result<(), Failure> {
        let again: Vec<&Include> = includes.iter().filter(|include| include.iterate).collect();
        let mut from = 0;
        for _ in 0..MOST_ROUNDS {
            let to = self.into.resources.len();
            if again.is_empty() || from == to || self.is_cut() {
                return Ok(());
            }
            // Taken out, since what is found now goes to the end of the same list.
            let before = std::mem::take(&mut self.into.resources);
            let outcome = self.expand(&before[from..], &again).await;
            let new = std::mem::replace(&mut self.into.resources, before);
            self.into.resources.extend(new);
            outcome?;
            from = to;
        }
        if from < self.into.resources.len() {
            self.cut(format!(":iterate follows {MOST_ROUNDS} references one after another"));
        }
        Ok(())
    }

    /// Follows the includes from these resources, once.
    async fn expand(&mut self, from: &[Stored], includes: &[&Include]) -> Result<(), Failure> {
        let referred = self.references(from, includes).await?;
        self.fetch(&referred).await?;
        self.referring(from, includes).await
    }

    /// The version that references name, when it is another one than the current.
    async fn as_named(&self, current: Stored) -> Result<Stored, Failure> {
        let named = self.versions.get(&current.key).filter(|named| **named != current.version);
        let Some(named) = named else { return Ok(current) };
        let scope = &self.context.scope;
        let found = self.service.store.read_version(scope, &current.key, *named).await?;
        Ok(found.unwrap_or(current))
    }

    /// Reads resources that were not seen before: the current versions, unless others are named.
    async fn fetch(&mut self, keys: &[Key]) -> Result<(), Failure> {
        for keys in keys.chunks(AT_ONCE) {
            self.lookups += keys.len();
            if self.lookups > MOST_LOOKUPS {
                self.cut(format!("they are more than {MOST_LOOKUPS} references"));
            }
            if self.is_cut() {
                break;
            }
            let found = self.service.store.read(&self.context.scope, keys).await?;
            for stored in found.into_iter().flatten() {
                let stored = self.as_named(stored).await?;
                if matches!(stored.state, State::Live(_)) {
                    self.take(stored);
                }
            }
        }
        Ok(())
    }

    /// Includes a resource, while there is room.
    fn take(&mut self, stored: Stored) {
        self.taken += 1;
        self.bytes += stored.payload().map_or(0, |payload| payload.as_kept().len());
        if self.taken > MOST_INCLUDED {
            self.cut(format!("a page includes at most {MOST_INCLUDED}"));
        } else if self.bytes > MOST_BYTES {
            self.cut("they are too large".to_owned());
        }
        if !self.is_cut() {
            self.into.resources.push(stored);
        }
    }

    fn cut(&mut self, why: String) {
        self.into.cut.get_or_insert(why);
    }

    fn is_cut(&self) -> bool {
        self.into.cut.is_some()
    }
}
