//! Requests that wait for a writer, and which of them go into one transaction.

use super::Job;
use cresset_store::Key;
use std::collections::{HashSet, VecDeque};

/// Requests in one commit at most.
pub(super) const GROUP: usize = 512;
/// Writes in a group beyond which no further request is taken in.
const HEAVY: usize = 20_000;
/// Bytes of a group beyond which no further request is taken in.
const BULKY: usize = 64 << 20;
/// How often a group may write at most: whatever depends on what the group itself has written – a
/// resource again, a guard – needs that to be written first.
const ROUNDS: usize = 16;

/// Requests in the order in which they came.
#[derive(Debug, Default)]
pub(super) struct Waiting(VecDeque<Job>);

/// Requests for one transaction.
#[derive(Debug, Default)]
pub(super) struct Group {
    pub(super) jobs: Vec<Job>,
    pub(super) claim: Claim,
}

/// What no transaction beside it may do, too.
#[derive(Debug, Default)]
pub(super) struct Claim {
    /// The resources that it writes.
    keys: HashSet<Key>,
    /// Whether it enters index keys. Those of one transaction have everybody to wait for: two that
    /// refer to the same new resource would only get in each other's way.
    enters_keys: bool,
}

impl Waiting {
    pub(super) fn push(&mut self, job: Job) {
        self.0.push_back(job);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn is_full(&self) -> bool {
        self.0.len() >= GROUP
    }

    /// Takes those that go into one transaction beside others: none that one of those stands in the way
    /// of, nor, for the order's sake, one that writes what an earlier request waits to write.
    pub(super) fn take(&mut self, beside: &[&Claim]) -> Option<Group> {
        let (mut writes, mut bytes, mut rounds) = (0, 0, 0);
        let (mut group, mut left) = (Group::default(), VecDeque::new());
        let mut awaited: HashSet<Key> = HashSet::new();
        while let Some(job) = self.0.pop_front() {
            let request = &job.request;
            let stands_in_the_way = |claim: &&Claim| {
                claim.enters_keys && request.enters_keys()
                    || request.keys().any(|key| claim.keys.contains(key))
            };
            if beside.iter().any(stands_in_the_way) || request.keys().any(|k| awaited.contains(k)) {
                awaited.extend(request.keys().cloned());
                left.push_back(job);
                continue;
            }
            let (weight, size) = request.weight();
            let again = request.keys().any(|key| group.claim.keys.contains(key));
            rounds += usize::from(again || request.looks_back());
            let full = writes >= HEAVY || bytes + size > BULKY || rounds > ROUNDS;
            if full && !group.jobs.is_empty() {
                left.push_back(job);
                break;
            }
            writes += weight;
            bytes += size;
            group.claim.keys.extend(request.keys().cloned());
            group.claim.enters_keys |= request.enters_keys();
            group.jobs.push(job);
        }
        left.append(&mut self.0);
        self.0 = left;
        (!group.jobs.is_empty()).then_some(group)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::write::{Indexing, Request};
    use cresset_store::*;
    use std::sync::Arc;
    use tokio::sync::oneshot;

    fn job(id: &str, indexing: Indexing) -> Job {
        let catalogue = Catalogue::new();
        let name = CollectionName::new("a", "b", "c").unwrap();
        let (kind, fhir_version) = (CollectionKind::Fhir, "4.0.1".into());
        let collection = Collection { name: name.clone(), generation: 0, kind, fhir_version };
        catalogue.enter(collection).unwrap();
        let scope = catalogue.scope(&name, &Arc::new(Principal::unrestricted("test"))).unwrap();
        let key = Key::new(TypeNumber(1), ResourceId::new(id).unwrap());
        let write = Write { key, precondition: Precondition::None, action: Action::Delete };
        let batch = Arc::new(Batch { writes: vec![write], ..Batch::default() });
        Job { request: Request::Commit(scope, batch, indexing), answer: oneshot::channel().0 }
    }

    fn waiting(jobs: impl IntoIterator<Item = Job>) -> Waiting {
        Waiting(jobs.into_iter().collect())
    }

    fn ids<'a>(jobs: impl IntoIterator<Item = &'a Job>) -> Vec<String> {
        let keys = jobs.into_iter().flat_map(|job| job.request.keys());
        keys.map(|key| key.id.to_string()).collect()
    }

    use Indexing::{Announced, Entered};

    #[test]
    fn what_writes_a_resource_waits_for_what_writes_it_already() {
        let mut waiting = waiting(["a", "b", "a", "c"].map(|id| job(id, Announced)));
        let claim = Claim { keys: HashSet::from([key_of("a")]), enters_keys: false };
        let group = waiting.take(&[&claim]).unwrap();
        assert_eq!(ids(&group.jobs), ["b", "c"]);
        assert_eq!(ids(&waiting.0), ["a", "a"], "in their order");
        assert!(waiting.take(&[&claim]).is_none());
        assert_eq!(ids(&waiting.take(&[]).unwrap().jobs), ["a", "a"]);
    }

    #[test]
    fn what_enters_index_keys_waits_for_what_does_so_too() {
        let jobs = [job("a", Entered), job("b", Announced), job("c", Entered), job("a", Announced)];
        let mut waiting = waiting(jobs);
        let claim = Claim { keys: HashSet::new(), enters_keys: true };
        let group = waiting.take(&[&claim]).unwrap();
        assert_eq!(ids(&group.jobs), ["b"], "what writes what another one waits to write stays");
        assert_eq!(ids(&waiting.take(&[&group.claim]).unwrap().jobs), ["a", "c", "a"]);
    }

    fn key_of(id: &str) -> Key {
        Key::new(TypeNumber(1), ResourceId::new(id).unwrap())
    }
}
