//! Requests that wait for a writer, and which of them go into one transaction.

use super::Job;
use crate::write::Request;
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
pub(super) struct Waiting {
    jobs: VecDeque<Job>,
    /// How many of them enter index keys.
    entering: usize,
}

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
        self.entering += usize::from(job.request.enters_keys());
        self.jobs.push_back(job);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.jobs.is_empty()
    }

    pub(super) fn is_full(&self) -> bool {
        self.jobs.len() >= GROUP
    }

    /// Takes those that go into one transaction beside others: none that one of those stands in the way
    /// of, nor, for the order's sake, one that writes what an earlier request waits to write.
    pub(super) fn take(&mut self, beside: &[&Claim]) -> Option<Group> {
        let enters_keys = beside.iter().any(|claim| claim.enters_keys);
        if enters_keys && self.entering == self.jobs.len() {
            // Not looked at one by one whenever another one comes.
            return None;
        }
        let (mut group, mut load, mut left) = (Group::default(), Load::default(), VecDeque::new());
        let mut awaited: HashSet<Key> = HashSet::new();
        while let Some(job) = self.jobs.pop_front() {
            let request = &job.request;
            let claimed = |key| beside.iter().any(|claim| claim.keys.contains(key));
            let mut stand_in_the_way =
                request.keys().filter(|k| claimed(k) || awaited.contains(*k));
            let waits = enters_keys && request.enters_keys() || stand_in_the_way.next().is_some();
            drop(stand_in_the_way);
            if waits {
                awaited.extend(request.keys().cloned());
                left.push_back(job);
                continue;
            }
            if !load.takes(request, &group.claim) {
                left.push_back(job);
                break;
            }
            group.claim.keys.extend(request.keys().cloned());
            group.claim.enters_keys |= request.enters_keys();
            self.entering -= usize::from(request.enters_keys());
            group.jobs.push(job);
        }
        left.append(&mut self.jobs);
        self.jobs = left;
        (!group.jobs.is_empty()).then_some(group)
    }
}

/// How much there is in a group.
#[derive(Debug, Default)]
struct Load {
    requests: usize,
    writes: usize,
    bytes: usize,
    rounds: usize,
}

impl Load {
    /// Adds a request to those that claim this, unless it is too much; one is never too much.
    fn takes(&mut self, request: &Request, claim: &Claim) -> bool {
        let (weight, size) = request.weight();
        let again = request.keys().any(|key| claim.keys.contains(key));
        self.rounds += usize::from(again || request.looks_back());
        let is_full = self.writes >= HEAVY || self.bytes + size > BULKY || self.rounds > ROUNDS;
        if is_full && self.requests > 0 {
            return false;
        }
        self.requests += 1;
        self.writes += weight;
        self.bytes += size;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::write::Indexing;
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
        let mut waiting = Waiting::default();
        jobs.into_iter().for_each(|job| waiting.push(job));
        waiting
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
        assert_eq!(ids(&waiting.jobs), ["a", "a"], "in their order");
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
        let group = waiting.take(&[&group.claim]).unwrap();
        assert_eq!(ids(&group.jobs), ["a", "c", "a"]);
        assert!(waiting.take(&[]).is_none(), "nothing waits");
        waiting.push(job("d", Entered));
        assert!(waiting.take(&[&group.claim]).is_none());
        assert_eq!(ids(&waiting.take(&[]).unwrap().jobs), ["d"]);
    }

    fn key_of(id: &str) -> Key {
        Key::new(TypeNumber(1), ResourceId::new(id).unwrap())
    }
}
