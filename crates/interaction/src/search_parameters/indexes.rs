//! Which indexes of custom parameters have all their rows, and which are on the way.
//!
//! An index goes from waiting over passing to settled. A walk over its type turns those that wait
//! into passing when it begins, and settles them when it ends; whatever changes in between waits for
//! the next walk.

use crate::record::{Record, number, text, unreadable};
use cresset_fhir::json::{Json, Object};
use cresset_search::CustomIndex;
use cresset_store::{Scope, Store, StoreError, TypeNumber};
use std::collections::{BTreeMap, HashSet};

/// The bookmark that holds them.
pub(super) const BOOKMARK: &str = "search-parameter-indexes";

/// The indexes, by name: the name decides what is in one.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Indexes(BTreeMap<String, Entry>);

#[derive(Clone, Debug, PartialEq)]
struct Entry {
    resource_type: TypeNumber,
    /// Whether a parameter uses it; else its rows are to go.
    is_wanted: bool,
    phase: Phase,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// No walk over its type has begun since it was last wanted, or unwanted.
    Waiting,
    /// One is under way.
    Passing,
    /// All resources are indexed by it.
    Settled,
}

impl Indexes {
    pub(super) async fn load(store: &dyn Store, scope: &Scope) -> Result<Self, StoreError> {
        match store.bookmark(scope, BOOKMARK).await? {
            None => Ok(Self::default()),
            Some(bytes) => Self::decode(&bytes).ok_or_else(|| unreadable(BOOKMARK)),
        }
    }

    /// From here on these are wanted and no others; whether that changes anything.
    pub(super) fn want(&mut self, wanted: &[CustomIndex]) -> bool {
        let mut differs = false;
        let names: HashSet<&str> = wanted.iter().map(|index| index.name.as_str()).collect();
        for (name, entry) in &mut self.0 {
            let is_wanted = names.contains(name.as_str());
            if entry.is_wanted != is_wanted {
                (entry.is_wanted, entry.phase) = (is_wanted, Phase::Waiting);
                differs = true;
            }
        }
        for index in wanted {
            if !self.0.contains_key(&index.name) {
                let resource_type = TypeNumber(index.resource_type.number());
                let entry = Entry { resource_type, is_wanted: true, phase: Phase::Waiting };
                self.0.insert(index.name.clone(), entry);
                differs = true;
            }
        }
        differs
    }

    /// Resources were written that have rows in these and in no others: what differs from that needs a
    /// walk, whether it had one or not. Returns whether anything differs.
    pub(super) fn doubt(&mut self, written: &[CustomIndex]) -> bool {
        let mut differs = false;
        let names: HashSet<&str> = written.iter().map(|index| index.name.as_str()).collect();
        for (name, entry) in &mut self.0 {
            if entry.is_wanted && !names.contains(name.as_str()) {
                entry.phase = Phase::Waiting;
                differs = true;
            }
        }
        let gone: Vec<_> = written.iter().filter(|index| !self.is_wanted(&index.name)).collect();
        for index in gone {
            let resource_type = TypeNumber(index.resource_type.number());
            let entry = Entry { resource_type, is_wanted: false, phase: Phase::Waiting };
            self.0.insert(index.name.clone(), entry);
            differs = true;
        }
        differs
    }

    fn is_wanted(&self, name: &str) -> bool {
        self.0.get(name).is_some_and(|entry| entry.is_wanted)
    }

    /// Whether every resource is found by it.
    pub(super) fn is_complete(&self, name: &str) -> bool {
        self.0.get(name).is_some_and(|entry| entry.is_wanted && entry.phase == Phase::Settled)
    }

    /// Types with indexes that wait or pass, each once.
    pub(super) fn unsettled(&self) -> Vec<TypeNumber> {
        let entries = self.0.values().filter(|entry| entry.phase != Phase::Settled);
        let mut types: Vec<_> = entries.map(|entry| entry.resource_type).collect();
        types.sort_unstable();
        types.dedup();
        types
    }

    /// The type that a walk is under way over.
    pub(super) fn passing(&self) -> Option<TypeNumber> {
        let mut entries = self.0.values();
        entries.find(|entry| entry.phase == Phase::Passing).map(|entry| entry.resource_type)
    }

    /// A walk over a type begins.
    pub(super) fn begin(&mut self, resource_type: TypeNumber) {
        for entry in self.0.values_mut().filter(|e| e.resource_type == resource_type) {
            if entry.phase == Phase::Waiting {
                entry.phase = Phase::Passing;
            }
        }
    }

    /// A walk over a type has ended.
    pub(super) fn end(&mut self, resource_type: TypeNumber) {
        for entry in self.0.values_mut().filter(|e| e.resource_type == resource_type) {
            if entry.phase == Phase::Passing {
                entry.phase = Phase::Settled;
            }
        }
        // Rows that nobody wants are gone.
        self.0.retain(|_, entry| entry.is_wanted || entry.phase != Phase::Settled);
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        let item = |(name, entry): (&String, &Entry)| {
            let object = Object::new()
                .with("name", name.as_str())
                .with("type", u64::from(entry.resource_type.0))
                .with("wanted", entry.is_wanted)
                .with("phase", entry.phase.name());
            Json::from(object)
        };
        Record::encode("indexes", self.0.iter().map(item).collect())
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let item = |json: &Json| {
            let entry = Entry {
                resource_type: TypeNumber(u16::try_from(number(json, "type")?).ok()?),
                is_wanted: json.get("wanted")?.as_bool()?,
                phase: Phase::named(text(json, "phase")?)?,
            };
            Some((text(json, "name")?.to_owned(), entry))
        };
        Record::decode(bytes, "indexes")?.iter().map(item).collect::<Option<_>>().map(Self)
    }
}

impl Phase {
    fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Passing => "passing",
            Self::Settled => "settled",
        }
    }

    fn named(name: &str) -> Option<Self> {
        let all = [Self::Waiting, Self::Passing, Self::Settled];
        all.into_iter().find(|phase| phase.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OBSERVATION: TypeNumber = TypeNumber(97);

    fn indexes(entries: &[(&str, bool, Phase)]) -> Indexes {
        let entry = |(name, is_wanted, phase): &(&str, bool, Phase)| {
            let (is_wanted, phase) = (*is_wanted, *phase);
            ((*name).to_owned(), Entry { resource_type: OBSERVATION, is_wanted, phase })
        };
        Indexes(entries.iter().map(entry).collect())
    }

    #[test]
    fn they_are_kept_as_in_the_golden_file() {
        let all = indexes(&[
            ("Observation.a:token", true, Phase::Waiting),
            ("Observation.b:token", false, Phase::Passing),
            ("Observation.c('é'):string", true, Phase::Settled),
        ]);
        let golden = include_str!("../../tests/golden/search-parameter-indexes.json").trim_end();
        assert_eq!(String::from_utf8_lossy(&all.encode()), golden);
        assert_eq!(Indexes::decode(golden.as_bytes()), Some(all));
        assert_eq!(Indexes::decode(b"{\"format\":2,\"indexes\":[]}"), None);
    }

    #[test]
    fn what_changes_during_a_walk_waits_for_the_next() {
        let mut all = indexes(&[("a", true, Phase::Waiting), ("b", true, Phase::Waiting)]);
        all.begin(OBSERVATION);
        assert_eq!(all.passing(), Some(OBSERVATION));
        // `b` is no longer wanted: rows of it that the walk has written must go again.
        let entry = all.0.get_mut("b").expect("it is there");
        (entry.is_wanted, entry.phase) = (false, Phase::Waiting);
        all.end(OBSERVATION);
        assert!(all.is_complete("a") && !all.is_complete("b"));
        assert_eq!((all.passing(), all.unsettled()), (None, vec![OBSERVATION]));
        all.begin(OBSERVATION);
        all.end(OBSERVATION);
        assert_eq!(all, indexes(&[("a", true, Phase::Settled)]));
    }

    #[test]
    fn an_index_that_was_given_up_is_not_complete_when_it_is_wanted_again() {
        let mut all = indexes(&[("a", true, Phase::Settled)]);
        assert!(all.want(&[]), "nothing is wanted any more");
        let (registry, _) = cresset_search::Registry::r4(Vec::new()).with_custom(&[], &|_| true);
        assert!(!all.want(registry.custom_indexes()), "and still nothing");
        let entry = all.0.get_mut("a").expect("its rows are there still");
        assert_eq!((entry.is_wanted, entry.phase), (false, Phase::Waiting));
        entry.is_wanted = true;
        assert!(!all.is_complete("a"));
    }
}
