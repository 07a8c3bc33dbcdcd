//! The second step: what versions are found by, on as many threads as there are cores.

use crate::read::Chunk;
use cresset_interaction::extract;
use cresset_search::Registry;
use cresset_store::{
    Change, Cursor, IndexKeys, Key, Lineage, Provenance, Replica, ReplicaState, State, Stored,
    Version,
};
use std::collections::HashMap;
use std::sync::Arc;
use std::thread;

/// Changes that can be written.
#[derive(Debug)]
pub(crate) struct Prepared {
    pub(crate) replicas: Vec<Replica>,
    /// The last of them.
    pub(crate) cursor: Cursor,
    /// Versions that can't be read as valid resources.
    pub(crate) unindexed: u64,
}

/// Makes replicas of changes.
pub(crate) fn prepare(registry: &Registry, chunk: Chunk) -> Prepared {
    let current = current(&chunk);
    let mut by = Arc::new(Provenance::default());
    let replicas = chunk.changes.into_iter().map(|(change, state)| {
        if *by != change.provenance {
            by = Arc::new(change.provenance.clone());
        }
        replica(change, state, Arc::clone(&by))
    });
    let mut replicas: Vec<Replica> = replicas.collect();
    let cores = thread::available_parallelism().map_or(2, usize::from);
    let share = replicas.len().div_ceil(cores).max(1);
    let shares = replicas.chunks_mut(share);
    let unindexed = thread::scope(|scope| {
        let current = &current;
        let index = |replicas: &mut [Replica]| {
            let failed = |replica| u64::from(!index(registry, current, replica));
            replicas.iter_mut().map(failed).sum::<u64>()
        };
        let threads: Vec<_> = shares.map(|share| scope.spawn(move || index(share))).collect();
        let done = threads.into_iter().map(|thread| thread.join());
        // A panic goes on where it would have without threads.
        done.map(|count| count.unwrap_or_else(|panic| std::panic::resume_unwind(panic))).sum()
    });
    Prepared { replicas, cursor: chunk.cursor, unindexed }
}

/// The version of each resource that is current after these changes, of those that have contents.
fn current(chunk: &Chunk) -> HashMap<Key, Version> {
    let mut current: HashMap<Key, Version> = HashMap::with_capacity(chunk.changes.len());
    for (change, state) in &chunk.changes {
        if matches!(state, ReplicaState::Live(_) | ReplicaState::Deleted) {
            let newest = current.entry(change.key.clone()).or_insert(change.version);
            *newest = change.version.max(*newest);
        }
    }
    current
}

fn replica(change: Change, state: ReplicaState, provenance: Arc<Provenance>) -> Replica {
    let lineage = Some(Lineage::of(&change));
    let Change { key, version, time, .. } = change;
    let index = IndexKeys::default();
    Replica { key, version, updated: time, state, index, lineage, provenance }
}

/// Gives a replica its keys if it needs any; false when it needs some and can't have them.
fn index(registry: &Registry, current: &HashMap<Key, Version>, replica: &mut Replica) -> bool {
    let ReplicaState::Live(payload) = &mut replica.state else { return true };
    if current.get(&replica.key) != Some(&replica.version) {
        return true;
    }
    let stored = Stored {
        key: replica.key.clone(),
        version: replica.version,
        updated: replica.updated,
        state: State::Live(payload.clone()),
        kind: cresset_store::ChangeKind::Update,
    };
    match extract(registry, &stored) {
        Some((.., keys)) => {
            replica.index = keys;
            true
        }
        None => false,
    }
}
